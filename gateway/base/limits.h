/* Every limit on what comes from outside, with its reason. Sizes in bytes, times in microseconds.
 */
#ifndef FEDGATE_BASE_LIMITS_H
#define FEDGATE_BASE_LIMITS_H

#include "base/clock.h"

/* The wire */
#define LIMIT_MESSAGE                                                                              \
    (3u << 20) /* gRPC clients take 4 MiB at most by default; a Delivery wraps it */
#define LIMIT_VIDEO_FRAME (256u << 10) /* one of the contract; several fit a socket buffer */
#define LIMIT_REQUEST     (64u << 10)  /* any other request message of the contract */
#define LIMIT_WIRE_DEPTH  16u          /* nesting of messages; the contract's deepest is 6 */
#define LIMIT_WIRE_FIELDS                                                                          \
    8192u /* fields in one message, nested ones counted: bounds the work of the pre-scan */
#define LIMIT_ARENA                                                                                \
    (12u << 20) /* one decoded message with its transformed copy: 3 MiB, twice, and structures */
#define LIMIT_PHOTO (2u << 20) /* a JPEG in a message */
#define LIMIT_SIGNED_CAP                                                                           \
    (64u << 10)          /* a notice's signed original; Canada's, in two languages, has 23 KiB */
#define LIMIT_TEXT 2000u /* characters of a free text */
#define LIMIT_WORD 100u  /* a reference, code or word */

/* Times */
#define LIMIT_AHEAD (2 * US_PER_MINUTE) /* a sender's clock may be this far ahead */
#define LIMIT_URGENT_BYTES                                                                         \
    (64u << 10) /* a larger urgent message queues as normal: an alert never waits behind a photo   \
                 */
#define LIMIT_ID_WINDOW (7 * US_PER_DAY) /* (source, id) is unique for this long */

/* Messages under way at the edge (service/publisher.c) */
#define LIMIT_CALL_MESSAGES                                                                        \
    256u /* of one call, without a receipt yet; then its window stays shut: two commits' worth */
#define LIMIT_CALL_BYTES     (4u << 20) /* the same in bytes: one large photo, and the next */
#define LIMIT_PARTY_MESSAGES (16u << 10)
#define LIMIT_PARTY_BYTES                                                                          \
    (32u << 20) /* of one party in one lane; then each of its calls has one message at a time */
#define LIMIT_UNDER_WAY                                                                            \
    (256u << 20) /* of all, the last bound: whoever has a call's worth is ended */
#define LIMIT_REFUSALS                                                                             \
    500u /* of one unit's messages at once: each is on record, half a KiB on disk, and who writes  \
            a client against the gateway gets some dozens in a row, */
#define LIMIT_REFUSALS_A_SECOND                                                                    \
    50u /* and then; whoever sends more that nobody may have waits with all of it */
#define LIMIT_REPEATS                                                                              \
    2000u /* of one unit's messages, sent or asked for again, at once: each receipt is read in the \
             log again, some of it cold; more than all calls of a unit have without one, */
#define LIMIT_REPEATS_A_SECOND 100u /* and then */
#define LIMIT_WAYS                                                                                 \
    400000u /* of messages that a unit's questions what it may send and receive look at, at once:  \
               all of the largest set, once, */
#define LIMIT_WAYS_A_SECOND 20000u /* and then: a fiftieth of the deciding thread at most */
#define LIMIT_LEDGER_MESSAGES                                                                      \
    160u /* that the ledger has at once, alerts a quarter more: what the next alert waits for at   \
            most, twice; and two commits at a high rate, so that neither process waits for long */
#define LIMIT_LEDGER_BYTES (6u << 20) /* the same: two large photos */
#define LIMIT_OFFERED_MESSAGES                                                                     \
    160u /* deliveries that the edge has at once to decide again: the same, */
#define LIMIT_OFFERED_BYTES (6u << 20) /* the other way round */

#define LIMIT_DELIVERIES_UNSENT                                                                    \
    (256u << 10) /* bytes of deliveries in their call, not yet with TLS: what an alert may have to \
                    wait behind there, or one large one; a turn's worth */

/* Policy and configuration files */
#define LIMIT_YAML_BYTES  (4u << 20)
#define LIMIT_YAML_DEPTH  16u
#define LIMIT_YAML_KEYS   1024u /* keys of one map */
#define LIMIT_YAML_NODES  400000u
#define LIMIT_DIAGNOSTICS 100u /* errors told in one run */

/* XML documents of formats/: at an agency's edge as large as a message, and signed originals */
#define LIMIT_XML_DEPTH      24u /* of elements; the deepest, PIDF-LO with a civic address, has 10 */
#define LIMIT_XML_ELEMENTS   20000u /* a notice with its areas has some hundreds */
#define LIMIT_XML_ATTRIBUTES 32u    /* of one element */

/* Fields of messages */
#define LIMIT_LINE          200u  /* characters of one line: an address, a headline, a contact */
#define LIMIT_CAMERAS       64u   /* camera ids in one message; an incident's streams are fewer */
#define LIMIT_AREA_POINTS   256u  /* points of an area: a city district's outline needs about 100 */
#define LIMIT_ROAD_SEGMENTS 1000u /* segments in one traffic report: a city's main roads */
#define LIMIT_PARTICIPANTS  16u   /* units that take part in one incident */
#define LIMIT_REFERENCES    16u   /* earlier notices that a public notice names (CAP 1.2) */
#define LIMIT_STREAMS       64u   /* streams asked for at once */
#define LIMIT_DELIVERIES    64u   /* recipients that one receipt or outcome lists */
#define LIMIT_ORDER_ITEMS                                                                          \
    1000u /* deliveries that one order of destruction names, as the contract says */
#define LIMIT_CASE       60u      /* characters of a case's number: "2026고단12345" has eleven */
#define LIMIT_RETAINED   64u      /* of them, those that one receipt says are retained */
#define LIMIT_ACCURACY_M 100000.0 /* a cell of the countryside; worse says nothing */
#define LIMIT_RADIUS_M   100000.0 /* the radius of an area: a province */
#define LIMIT_SPEED_MPS  100.0    /* a person, in the fastest train */
#define LIMIT_SPEED_KMH  300.0    /* a road's mean speed */
#define LIMIT_HEIGHT_CM  300.0    /* a person */
#define LIMIT_CAMERA_FIX_AGE                                                                       \
    (10 * US_PER_S) /* a camera that moves is nowhere after that: a drone is 200 m on */
#define LIMIT_CAMERA_FIX_EVERY                                                                     \
    (US_PER_S / 10) /* its positions may come closer, and are passed over: each is a decision */
#define LIMIT_CAMERA_ACCURACY_M 100.0 /* of such a position; worse does not tell one street */
#define LIMIT_CAMERA_MPS        100.0 /* a drone or a vehicle; a position farther on is wrong */
#define LIMIT_SIGNATURE         1024u /* a camera's, over a picture: RSA-4096 in an envelope */
#define LIMIT_PHOTO_SIDE                                                                           \
    8192u /* pixels: 64 megapixels are the most that a phone takes by default */
#define LIMIT_PHOTO_SCANS                                                                          \
    100u /* of a progressive JPEG: encoders make about ten; each costs a decoder a whole pass */

/* TLS (net/) */
#define LIMIT_TLS_CERTIFICATES (16u << 10) /* a peer's chain: three certificates are 3 KiB */
#define LIMIT_TLS_DEPTH        3           /* intermediates between a certificate and its root */
#define LIMIT_KNOWN_CHAINS                                                                         \
    (16u << 10) /* of peers, remembered as verified: as many units may come back at once */
#define LIMIT_TLS_RECORDS                                                                          \
    (1u << 22) /* under one key; AES-GCM bears five times as many (RFC 8446, 5.5) */
#define LIMIT_TLS_KEY_AGE US_PER_HOUR
#define LIMIT_TLS_KEY_UPDATES                                                                      \
    8u /* by a peer in a minute: each costs two derivations; OpenSSL takes any number */
#define LIMIT_OUTGOING (2u << 20) /* ciphertext that waits for its socket: several turns' worth */

/* HTTP/2 (net/) */
#define LIMIT_CALLS 128u /* open calls a connection; a unit needs about ten */
#define LIMIT_UNIT_CONNECTIONS                                                                     \
    100u /* of one unit at once: each may keep tens of MiB; a unit needs a few */
#define LIMIT_CONSOLE_CONNECTIONS      256u /* of the console, of all units, */
#define LIMIT_CONSOLE_UNIT_CONNECTIONS 32u  /* and of one: a browser takes one */
#define LIMIT_HEADER_LIST              8192u /* bytes of a request's fields, as RFC 9113, 6.5.2 counts them */
#define LIMIT_HTTP_FIELD               4096u /* bytes of one field in plain HTTP, and of a path */
#define LIMIT_HEADER_BLOCK                                                                         \
    (64u << 10) /* what is larger than this, unpacked, ends the connection (HPACK bombs) */
#define LIMIT_STREAM_WINDOW                                                                        \
    (1u << 20) /* what a call may send ahead of us; at a quarter, video costs half as much again   \
                */
#define LIMIT_CONNECTION_WINDOW (4u << 20) /* the same for all calls of a connection */
#define LIMIT_KEPT                                                                                 \
    (32u << 20) /* of messages that are not whole, or held, on a connection: ten large photos */
#define LIMIT_POOLED                                                                               \
    (4u << 20) /* of buffers that a connection's messages left, to be used again: a window */
#define LIMIT_ADDRESSES                                                                            \
    8192u /* whose handshakes are counted: 200 KiB; of more, those who begin most */
#define LIMIT_UNITS_COUNTED 4096u /* the same of units */
#define LIMIT_FLOOD_SESSIONS                                                                       \
    25u /* of a unit that one of its connections costs when it is ended for a flood: whoever       \
           floods again and again soon waits for the next */
#define LIMIT_REFUSED_LINES          100u /* sessions that the diagnostics log tells one by one */
#define LIMIT_REFUSED_LINES_A_SECOND 10u  /* and then; the rest is counted */
#define LIMIT_CONTINUATIONS          8u   /* frames of one header block */
#define LIMIT_SETTINGS               32u  /* entries of one SETTINGS frame; six are defined */
#define LIMIT_ACKS                   500u /* answers to PING and SETTINGS that wait to be sent */
#define LIMIT_RESETS                 200u /* calls that a peer may reset at once (rapid reset, CVE-2023-44487) */
#define LIMIT_RESETS_A_SECOND        33u /* and then */
#define LIMIT_GLITCHES               1000u /* control frames at once; a busy client sends a few tens */
#define LIMIT_GLITCHES_A_SECOND      100u /* and then, */
#define LIMIT_GLITCHES_A_FRAME                                                                     \
    4u /* and for each DATA frame, either way: grpcio answers one with three frames, */
#define LIMIT_BYTES_A_GLITCH 1024u /* and one for this much data */
#define LIMIT_TURN_READ                                                                            \
    (256u << 10) /* bytes that a connection reads in one turn of the loop, at most, */
#define LIMIT_TURN_WRITE (256u << 10) /* and writes; then it is another's turn */
#define LIMIT_UNSENT                                                                               \
    (128u << 10) /* bytes in the kernel, not yet sent: what an alert may have to wait behind */
#define LIMIT_GRPC_TEXT 1024u /* bytes of a grpc-message */
#define LIMIT_GRPC_PATH 128u  /* bytes of a method's path; the contract's longest is 47 */

/* Patience with peers (net/) */
#define LIMIT_HANDSHAKE    (5 * US_PER_S) /* from the connection to the end of the handshake */
#define LIMIT_CONNECT      (5 * US_PER_S) /* a client's attempt at one address */
#define LIMIT_SETTINGS_ACK (5 * US_PER_S) /* from our SETTINGS to their acknowledgement */
#define LIMIT_HEADERS      (5 * US_PER_S) /* from the first to the last frame of a header block */
#define LIMIT_STALL                                                                                \
    (30 * US_PER_S) /* with something to send, and nothing moves; a look at a message's rate */
#define LIMIT_BODY_RATE                                                                            \
    512u /* bytes of a message in a second, at least: sixteen photos at once on 64 kbit/s */
#define LIMIT_LINGER                                                                               \
    (2 * US_PER_S) /* to let the last alert reach the peer before the socket is closed */
#define LIMIT_PING_AFTER   US_PER_MINUTE /* of silence on a client's connection with open calls */
#define LIMIT_PING_ANSWER  (20 * US_PER_S)
#define LIMIT_ACCEPT_PAUSE US_PER_S /* when the process has no descriptor left */

#endif

/*
 * The client library of fedgate: hands messages in, takes messages out, sends and watches video,
 * over one connection with mutual TLS 1.3. Installed as <fedgate/client.h>; link with what
 * `pkg-config --libs fedgate-client` says.
 *
 * A client has an event loop of its own: nothing happens, and no callback is called, outside of
 * fedgate_client_turn and fedgate_client_run. A client and all that belongs to it are used from one
 * thread. Everything but fedgate_client_free, fedgate_client_turn and fedgate_client_run may be
 * called from inside callbacks.
 *
 * Messages go in and come out encoded (protobuf, fedgate/v1/fedgate.proto), so that any protobuf
 * library can be used, or none: fedgate_json_read and fedgate_json_write convert them. What an
 * application has to look at - receipts, obligations, why a stream ended - comes as structures too.
 *
 * Memory is bounded: functions that send answer FEDGATE_WAIT when there is no room, and the `room`
 * callback says when to go on. Times are int64_t microseconds since 1970-01-01T00:00:00Z, and
 * lengths of time are microseconds. Texts are UTF-8. What a callback gets is valid until it
 * returns.
 */
#ifndef FEDGATE_CLIENT_H
#define FEDGATE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FEDGATE_MUST_USE __attribute__((warn_unused_result))
#else
#define FEDGATE_MUST_USE
#endif

enum fedgate_result {
    FEDGATE_OK = 0,
    FEDGATE_WAIT,     /* not taken: no room, or no connection right now; `room` says when */
    FEDGATE_CLOSED,   /* it has ended, or was finished */
    FEDGATE_WRONG,    /* an argument does not follow its contract */
    FEDGATE_TOO_LARGE /* larger than the contract allows */
};

/* Sizes in bytes, of encoded forms. */
enum {
    FEDGATE_MESSAGE_MAX = 3 << 20,
    FEDGATE_REQUEST_MAX = 64 << 10, /* VideoStart, WatchRequest */
    FEDGATE_VIDEO_MAX = 1394 * 188  /* payload of one VideoFrame: whole transport-stream packets */
};

struct fedgate_bytes {
    const uint8_t *p;
    size_t n;
};

/* An entry of the gateway's audit log; `origin` is "" when there is none. */
struct fedgate_record {
    const char *origin;
    uint64_t index;
};

/* ---------------------------------------------------------------- reasons */

enum fedgate_language { FEDGATE_ENGLISH, FEDGATE_KOREAN };

/* A Reason of the contract by its number: its word ("no-grant"), its meaning, and what to do about
 * it. Static; "unknown" or "" for a number that this library does not know. */
const char *fedgate_reason_word(unsigned reason);
const char *fedgate_reason_text(unsigned reason, enum fedgate_language language);
const char *fedgate_reason_advice(unsigned reason, enum fedgate_language language);

/* Why something was permitted or not, for one unit. */
struct fedgate_verdict {
    const char *to;       /* party/unit */
    unsigned reason;      /* Reason of the contract */
    const char *clause;   /* "mou#grant", with its file and line in the policy set */
    const char *failed;   /* the condition that did not hold */
    const unsigned *flag; /* Reasons: let through all the same, marked */
    size_t flags;
};

/* ---------------------------------------------------------------- the client */

struct fedgate_client;

enum fedgate_loss {
    FEDGATE_LOSS_UNREACHABLE,  /* no connection came about */
    FEDGATE_LOSS_UNTRUSTED,    /* the gateway's certificate does not hold under the root given */
    FEDGATE_LOSS_NOT_ACCEPTED, /* the gateway does not accept this certificate */
    FEDGATE_LOSS_ENDED         /* a connection that stood has ended */
};

struct fedgate_lost {
    enum fedgate_loss loss;
    const char *why;     /* what the network or TLS said, in English */
    const char *text[2]; /* what it means and what to do, by enum fedgate_language; or "" */
    int64_t retry_in_us; /* when it is tried again; -1: not */
};

struct fedgate_client_config {
    const char *gateway; /* "host:port" or "[address]:port" */
    /* Read again for each connection, so that a certificate that is renewed in its place is shown.
     */
    const char *certificate_file; /* PEM: the unit's own, then intermediates */
    const char *key_file;         /* PEM, without pass phrase */
    const char *root_file;        /* PEM: the root of the gateway's certificate, or two of them */
    const char *server_name;      /* what the gateway's certificate must name; NULL: the host */
    bool reconnect; /* tries again for ever, first after 0.1 to 0.2 s, at last every 15
                       to 30 s, and anew after a connection that brought an answer;
                       publishers and subscribers go on by themselves. A
                       gateway that asks to connect again (GOAWAY) is left a second
                       later, unless video or a question is under way */
    void *arg;
    /* May be NULL. The handshake is done on this side; a gateway that does not accept the
     * certificate says so right after (`lost`). */
    void (*connected)(void *arg);
    /* May be NULL. The connection failed or ended. What was open on it has heard of it before. */
    void (*lost)(void *arg, const struct fedgate_lost *lost);
};

/* Reads the files and begins to connect; looking a name up may block for a moment. NULL when a file
 * or the address is not usable: `why` (of n characters) then says which and why. */
struct fedgate_client *fedgate_client_new(const struct fedgate_client_config *config, char *why,
                                          size_t n);

/* Ends the connection and frees all publishers, subscribers, senders and watchers that are left,
 * without callbacks; watches and timers are freed before. Accepts NULL. Not from a callback. */
void fedgate_client_free(struct fedgate_client *c);

/* The unit that the certificate names, "party/unit"; "" when it names none. */
const char *fedgate_client_unit(const struct fedgate_client *c);

/* One turn: waits at most `most_us` for something to happen (0: not at all), and handles it. */
void fedgate_client_turn(struct fedgate_client *c, int64_t most_us);

/* Turns until fedgate_client_stop. */
void fedgate_client_run(struct fedgate_client *c);
void fedgate_client_stop(struct fedgate_client *c);

/* The statuses of gRPC that an application may want to tell apart. */
enum {
    FEDGATE_ENDED_WELL = 0,
    FEDGATE_INVALID_ARGUMENT = 3,
    FEDGATE_NOT_FOUND = 5,
    FEDGATE_PERMISSION_DENIED = 7,
    FEDGATE_ABORTED = 10,       /* another consumer took the queue */
    FEDGATE_UNIMPLEMENTED = 12, /* an older gateway, which has no such question */
    FEDGATE_UNAVAILABLE = 14    /* not now */
};

/* How a call ended: a status of gRPC (0: as it should), and the gateway's text. */
struct fedgate_end {
    int status;
    const char *text;
};

/* A status of gRPC as a word, "UNAVAILABLE"; static. */
const char *fedgate_status_name(int status);

/* ---- what is the application's own on the client's loop */

enum { FEDGATE_READ = 1, FEDGATE_WRITE = 2 };
struct fedgate_watch;

/* `ready` is called as long as one of `events` is ready. The descriptor (no regular file) stays the
 * caller's and outlives the watch. Begins with no events. */
struct fedgate_watch *fedgate_watch_new(struct fedgate_client *c, int fd,
                                        void (*ready)(void *arg, int events), void *arg);
void fedgate_watch_set(struct fedgate_watch *w, int events);
void fedgate_watch_free(struct fedgate_watch *w); /* accepts NULL */

struct fedgate_timer;

/* `due` is called once, `in_us` after fedgate_timer_set (0: in this or the next turn). */
struct fedgate_timer *fedgate_timer_new(struct fedgate_client *c, void (*due)(void *arg),
                                        void *arg);
void fedgate_timer_set(struct fedgate_timer *t, int64_t in_us);
void fedgate_timer_stop(struct fedgate_timer *t);
void fedgate_timer_free(struct fedgate_timer *t); /* accepts NULL */

/* ---------------------------------------------------------------- the audit log */

/* What the gateway answers about its log. `text` is a checkpoint (C2SP tlog-checkpoint), a proof
 * (C2SP tlog-proof) or the bytes of a tile (C2SP tlog-tiles); `entry` comes with a proof. Nothing
 * of it is checked here. */
struct fedgate_log_answer {
    struct fedgate_bytes text, entry;
};

/* Called once, unless the client is freed before: with the answer, or NULL and how the call ended
 * (FEDGATE_NOT_FOUND: there is no such thing, or not for this unit; FEDGATE_PERMISSION_DENIED: not
 * for this unit; FEDGATE_UNAVAILABLE). */
struct fedgate_log_events {
    void (*done)(void *arg, const struct fedgate_log_answer *answer, const struct fedgate_end *end);
};

/* The newest checkpoint, with what witnesses said of it. FEDGATE_WAIT without a connection, as all
 * of these. */
FEDGATE_MUST_USE enum fedgate_result fedgate_checkpoint_get(struct fedgate_client *c,
                                                            const struct fedgate_log_events *events,
                                                            void *arg);

/* The proof of an entry that this unit sent or got; it may take until the next checkpoint. */
FEDGATE_MUST_USE enum fedgate_result fedgate_proof_get(struct fedgate_client *c,
                                                       const struct fedgate_record *record,
                                                       const struct fedgate_log_events *events,
                                                       void *arg);

/* A tile by its path, such as "tile/0/x001/067"; bundles of entries are for auditors. */
FEDGATE_MUST_USE enum fedgate_result fedgate_tile_get(struct fedgate_client *c, const char *path,
                                                      const struct fedgate_log_events *events,
                                                      void *arg);

/* Hands in a checkpoint with a witness's cosignature; the answer is as fedgate_checkpoint_get.
 * `old_size` is that of the one that the witness signed before. */
FEDGATE_MUST_USE enum fedgate_result
fedgate_cosignature_add(struct fedgate_client *c, uint64_t old_size, const char *note,
                        const struct fedgate_log_events *events, void *arg);

/* ---------------------------------------------------------------- policy */

enum fedgate_way {
    FEDGATE_WAY_DIRECT = 1,
    FEDGATE_WAY_UNATTENDED, /* when nobody attends to it */
    FEDGATE_WAY_ONWARD      /* passed on by a recipient */
};

/* Bits of fedgate_grant.passes: of which messages may pass. */
enum {
    FEDGATE_PASSES_ACTUAL = 1 << 1,
    FEDGATE_PASSES_EXERCISE = 1 << 2,
    FEDGATE_PASSES_TEST = 1 << 3
};

/* A way of messages that begins or ends at this unit. Whether one passes also depends on what it
 * says. */
struct fedgate_grant {
    const char *from, *to; /* party/unit */
    const char *kind, *service, *purpose;
    const char *const *basis; /* codes; one of them */
    size_t bases;
    const char *clause; /* "mou#grant" */
    int way;            /* enum fedgate_way */
    unsigned passes;    /* now; 0: nothing, and */
    unsigned closed;    /* why not: a Reason, and */
    const char *failed; /* what does not hold */
};

struct fedgate_grants {
    struct fedgate_bytes encoded; /* the Grants */
    const char *unit;             /* whom the gateway takes this connection's certificate for */
    int64_t now_us;               /* the time that the gateway goes by */
    const char *policy;           /* the set in force, and */
    uint64_t serial;              /* its number */
    const struct fedgate_grant *grant;
    size_t grants;
    uint32_t next; /* where to ask on; 0: that was all */
};

/* Called once, unless the client is freed before: with the answer, valid until it returns, or NULL
 * and how the call ended (FEDGATE_UNIMPLEMENTED: an older gateway, which does not tell). */
struct fedgate_grants_events {
    void (*done)(void *arg, const struct fedgate_grants *grants, const struct fedgate_end *end);
};

/* What this unit may send and receive by the policy set in force, from 0 on, or from where the last
 * answer said. FEDGATE_WAIT without a connection. */
FEDGATE_MUST_USE enum fedgate_result fedgate_grants_get(struct fedgate_client *c, uint32_t from,
                                                        const struct fedgate_grants_events *events,
                                                        void *arg);

/* ---------------------------------------------------------------- publishing */

/* One call a lane, so that an alert never waits behind a photo. */
enum fedgate_lane { FEDGATE_URGENT, FEDGATE_NORMAL };

/* The lane of an encoded Message: that of its kind; above 64 KiB the normal one. */
enum fedgate_lane fedgate_lane_of(const void *message, size_t n);

enum fedgate_answer { FEDGATE_ACCEPTED = 1, FEDGATE_PARTLY, FEDGATE_REFUSED, FEDGATE_HELD };
enum fedgate_retry { FEDGATE_RETRY_NEVER = 1, FEDGATE_RETRY_SAME_ID, FEDGATE_RETRY_LATER };

/* A limit of a clause, and what this unit's messages of this status left of it. */
struct fedgate_quota {
    const char *clause, *limit; /* "mou#grant"; "messages_per_s" or "bytes_per_s" */
    uint64_t most, left;
    int64_t renewed_us; /* when there is all of it again, by the gateway's clock */
};

struct fedgate_receipt {
    struct fedgate_bytes encoded; /* the Receipt */
    const char *id;               /* of the message */
    int answer;                   /* enum fedgate_answer */
    const struct fedgate_verdict *recipient;
    size_t recipients;
    struct fedgate_record record;
    bool repeated; /* this id was seen before */
    int retry;     /* enum fedgate_retry; 0: nothing to be tried again */
    int64_t retry_after_us;
    const struct fedgate_quota *quota; /* as it was decided; none of a repeated one */
    size_t quotas;
};

struct fedgate_publisher;

/* Each may be NULL. `tag` is what fedgate_publish was given. */
struct fedgate_publisher_events {
    /* In the order of the messages. */
    void (*receipt)(void *arg, void *tag, const struct fedgate_receipt *receipt);
    /* The call ended before this message's receipt came: publish it again, with the same id, when
     * `room` says that there is a call again. In the order of the messages. */
    void (*unsent)(void *arg, void *tag, struct fedgate_bytes message);
    void (*room)(void *arg);                                 /* after FEDGATE_WAIT */
    void (*ended)(void *arg, const struct fedgate_end *end); /* last */
};

struct fedgate_publisher *fedgate_publisher_new(struct fedgate_client *c,
                                                const struct fedgate_publisher_events *events,
                                                void *arg);

/* Hands an encoded Message in; copied. FEDGATE_WAIT while messages of 8 MiB or more, or 1024, have
 * no receipt yet. */
FEDGATE_MUST_USE enum fedgate_result fedgate_publish(struct fedgate_publisher *p,
                                                     const void *message, size_t n, void *tag);

/* How many messages have no receipt yet. */
size_t fedgate_publisher_waiting(const struct fedgate_publisher *p);

/* No more messages: `ended` follows when the last receipt has come. */
void fedgate_publisher_finish(struct fedgate_publisher *p);
void fedgate_publisher_free(struct fedgate_publisher *p); /* accepts NULL; no more callbacks */

/* Asks for the current receipt of an earlier message of this unit's, by its id. `done` is called
 * once, unless the client is freed before: with a receipt, or NULL and how the call ended
 * (FEDGATE_NOT_FOUND: there is none). FEDGATE_WAIT without a connection. */
FEDGATE_MUST_USE enum fedgate_result fedgate_receipt_get(
    struct fedgate_client *c, const char *id,
    void (*done)(void *arg, const struct fedgate_receipt *receipt, const struct fedgate_end *end),
    void *arg);

/* ---------------------------------------------------------------- subscribing */

/* What the recipient owes for what it got. */
struct fedgate_obligations {
    const char *mou, *grant, *purpose;
    int64_t destroy_by_us; /* 0: not said */
    int64_t attend_by_us;  /* 0: not said */
    bool destruction_receipt_required, retransmission_allowed;
    uint32_t uses;          /* how often it may be opened; 0: as often as it is needed */
    int64_t offline_for_us; /* how long a vault may open it without the gateway; 0: not at all */
    const char *const *duty;
    size_t duties;
    const char *const *changed_field; /* dropped, masked or coarsened on the way */
    size_t changed_fields;
};

struct fedgate_delivery {
    struct fedgate_bytes encoded; /* the Delivery */
    struct fedgate_bytes message; /* the encoded Message in it */
    uint64_t seq; /* for fedgate_subscriber_ack; goes on over reconnections, unlike Delivery.seq */
    struct fedgate_obligations must;
    struct fedgate_record record; /* tells deliveries apart: the same at every redelivery */
    bool redelivery;
    const unsigned *flag; /* Reasons */
    size_t flags;
};

struct fedgate_subscriber;

/* Each may be NULL. */
struct fedgate_subscriber_events {
    void (*delivery)(void *arg, const struct fedgate_delivery *delivery);
    /* Last. Status 10: another consumer took the queue. */
    void (*ended)(void *arg, const struct fedgate_end *end);
};

struct fedgate_subscription {
    const char *queue;       /* NULL: "default" */
    const char *const *kind; /* kinds of the contract ("guardian_alert"); none: all */
    size_t kinds;
    const char *const *incident; /* party/unit:UUID; none: all */
    size_t incidents;
    uint32_t max_in_flight; /* unacknowledged deliveries, alerts a quarter beyond; 0: the gateway's
                               default */
};

/* NULL when the subscription is larger than a request may be. */
struct fedgate_subscriber *fedgate_subscriber_new(struct fedgate_client *c,
                                                  const struct fedgate_subscription *subscription,
                                                  const struct fedgate_subscriber_events *events,
                                                  void *arg);

/* AckRefusal of the contract: a refused delivery is set aside, recorded, and never sent again. */
enum fedgate_refusal { FEDGATE_TAKEN, FEDGATE_NOT_FOR_US, FEDGATE_UNREADABLE, FEDGATE_NO_PURPOSE };

/* Acknowledges a delivery. One of a connection that was lost cannot be acknowledged any more:
 * FEDGATE_CLOSED, and it comes again. */
enum fedgate_result fedgate_subscriber_ack(struct fedgate_subscriber *s, uint64_t seq,
                                           enum fedgate_refusal refusal);

/* Takes no more: `ended` follows when the gateway has taken all acknowledgements. */
void fedgate_subscriber_finish(struct fedgate_subscriber *s);
void fedgate_subscriber_free(struct fedgate_subscriber *s); /* accepts NULL; no more callbacks */

/* ---------------------------------------------------------------- vaults */

/*
 * What a unit keeps may be sealed under keys of two halves: its own, and one that the gateway gives
 * for each storing and each opening, on record, as long as the unit may have the item. Destroying
 * either half ends it. fedgate-agent vault is such a vault; these are for whoever builds one.
 */
struct fedgate_half {
    unsigned refused; /* Reason; 0: given */
    bool has_half;
    uint8_t half[32]; /* to be forgotten as soon as the item is sealed, or opened */
    bool not_needed;  /* nobody has to destroy this one: the gateway keeps no half of it */
    bool uses_limited;
    uint32_t uses_left;
    const char *clause;           /* that it was delivered under */
    struct fedgate_record record; /* the entry of this storing, opening or report */
};

/* Called once, unless the client is freed before: with the answer, or NULL and how the call ended
 * (FEDGATE_NOT_FOUND: this unit was not delivered such a record; FEDGATE_UNAVAILABLE). */
struct fedgate_half_events {
    void (*done)(void *arg, const struct fedgate_half *half, const struct fedgate_end *end);
};

/* A person, by the agency's own reference; texts may be NULL but `staff`. */
struct fedgate_actor {
    const char *staff, *role, *workstation, *authenticated_by;
};

/* The half for an item that is about to be stored, by the record of its delivery (or of the start
 * of a stream that is being watched). FEDGATE_WAIT without a connection, as all of these. */
FEDGATE_MUST_USE enum fedgate_result fedgate_half_to_store(struct fedgate_client *c,
                                                           const struct fedgate_record *record,
                                                           const struct fedgate_half_events *events,
                                                           void *arg);

/* The half for one opening, by a person, for a reason. It is on record and counted before it comes.
 */
FEDGATE_MUST_USE enum fedgate_result
fedgate_half_to_open(struct fedgate_client *c, const struct fedgate_record *record,
                     const struct fedgate_actor *who, const char *reason,
                     const struct fedgate_half_events *events, void *arg);

/* Tells of an opening that happened without the gateway; the answer has no half. */
FEDGATE_MUST_USE enum fedgate_result
fedgate_use_report(struct fedgate_client *c, const struct fedgate_record *record,
                   const struct fedgate_actor *who, const char *reason, int64_t used_at_us,
                   const struct fedgate_half_events *events, void *arg);

/* What an order of the Commission or a court keeps from destruction: kept past its time, unopened,
 * until it is held no more. */
struct fedgate_hold {
    const char *subject; /* "incident PARTY/UNIT:UUID", "record N" or "scope N" */
    int64_t since_us;
    const uint64_t *index; /* of records of the log `origin`; */
    size_t count;          /* so many */
};

/* Of the records from the one that was asked about on, these are held and no other: up to `next`,
 * where to ask on, or, with 0, all that follow. */
struct fedgate_held {
    const char *origin;
    const struct fedgate_hold *hold;
    size_t holds;
    uint64_t next;
};

/* Called once, unless the client is freed before: with the answer, valid until it returns, or NULL
 * and how the call ended (FEDGATE_UNIMPLEMENTED: an older gateway, which tells of no holds). */
struct fedgate_held_events {
    void (*done)(void *arg, const struct fedgate_held *held, const struct fedgate_end *end);
};

/* Which of what this unit was delivered is held, from record `from` on. To be asked every minute,
 * and before anything is destroyed at its deadline. */
FEDGATE_MUST_USE enum fedgate_result fedgate_vault_held(struct fedgate_client *c, uint64_t from,
                                                        const struct fedgate_held_events *events,
                                                        void *arg);

/* ---------------------------------------------------------------- video */

/* Why a stream ended, as the gateway says. */
struct fedgate_video_end {
    struct fedgate_bytes encoded; /* the VideoEnd */
    struct fedgate_verdict why;
    uint64_t bytes;              /* that passed */
    struct fedgate_bytes sha256; /* of them; may be empty */
    struct fedgate_record record;
};

struct fedgate_sender;

/* Each may be NULL. */
struct fedgate_sender_events {
    /* The gateway's answer to the VideoStart: accepted, or refused. */
    void (*opened)(void *arg, const struct fedgate_receipt *receipt);
    void (*watchers)(void *arg, uint32_t count);
    void (*room)(void *arg);                                         /* after FEDGATE_WAIT */
    void (*stopped)(void *arg, const struct fedgate_video_end *end); /* by the gateway */
    void (*ended)(void *arg, const struct fedgate_end *end);         /* last */
};

/* Opens a stream with an encoded VideoStart. A lost connection ends it, also of a client that
 * reconnects. NULL when it is larger than a request may be. */
struct fedgate_sender *fedgate_sender_new(struct fedgate_client *c, const void *video_start,
                                          size_t n, const struct fedgate_sender_events *events,
                                          void *arg);

/* Sends whole transport-stream packets, or of fragmented MP4 (container "fmp4") its next bytes,
 * wherever they are cut; at most FEDGATE_VIDEO_MAX; copied. FEDGATE_WAIT
 * before the stream was accepted, and while 512 KiB wait for the network. */
FEDGATE_MUST_USE enum fedgate_result fedgate_sender_data(struct fedgate_sender *s,
                                                         const void *packets, size_t n);

/* Tells the watchers that something is missing here. FEDGATE_WAIT as above. */
FEDGATE_MUST_USE enum fedgate_result fedgate_sender_gap(struct fedgate_sender *s, uint64_t bytes,
                                                        int64_t duration_us);

/* Tells where the stream's camera is, if it moves: an encoded Position with fixed_at. Not the
 * watchers, but the gateway, which judges distances by it: at least every ten seconds, and before
 * it answers the VideoStart, so this need not wait for that. Before there is a connection the last
 * one is kept. FEDGATE_WAIT while 512 KiB wait for the network: it is lost. */
FEDGATE_MUST_USE enum fedgate_result fedgate_sender_position(struct fedgate_sender *s,
                                                             const void *position, size_t n);

/* The stream is complete: `ended` follows. */
void fedgate_sender_finish(struct fedgate_sender *s);
void fedgate_sender_free(struct fedgate_sender *s); /* accepts NULL; no more callbacks */

struct fedgate_video_start {
    struct fedgate_bytes encoded; /* the VideoStart */
    const char *stream_id, *camera_id, *container, *codec;
    struct fedgate_obligations must;
    struct fedgate_record record;
};

struct fedgate_watcher;

/* Each may be NULL. */
struct fedgate_watcher_events {
    void (*opened)(void *arg, const struct fedgate_video_start *start);
    /* Whole packets, or pieces of fragmented MP4, in order. FEDGATE_WAIT: taken, but no more please
     * until fedgate_watcher_resume; what is on its way already (at most 2 MiB) still comes. */
    enum fedgate_result (*data)(void *arg, const void *packets, size_t n);
    /* Something is missing here: the watcher was too slow, or the sender said so. */
    void (*gap)(void *arg, uint64_t bytes, int64_t duration_us);
    void (*stopped)(void *arg, const struct fedgate_video_end *end);
    void (*ended)(void *arg, const struct fedgate_end *end); /* last */
};

/* Watches a stream, as an encoded WatchRequest asks. A lost connection ends it, also of a client
 * that reconnects. NULL when it is larger than a request may be. */
struct fedgate_watcher *fedgate_watcher_new(struct fedgate_client *c, const void *watch_request,
                                            size_t n, const struct fedgate_watcher_events *events,
                                            void *arg);
void fedgate_watcher_resume(struct fedgate_watcher *w);
void fedgate_watcher_free(struct fedgate_watcher *w); /* accepts NULL; no more callbacks */

/* ---------------------------------------------------------------- JSON, receipts of destruction */

/* Bytes with a NUL behind them that is not counted; fedgate_buffer_free wipes and frees them. */
struct fedgate_buffer {
    uint8_t *p;
    size_t n;
};

/* Encodes JSON (protobuf's mapping) as a message of the contract: `type` is its name, such as
 * "Message" or "VideoStart". FEDGATE_WRONG or FEDGATE_TOO_LARGE, with `why` (of why_n characters)
 * naming the field and what was expected. */
FEDGATE_MUST_USE enum fedgate_result fedgate_json_read(const char *type, const char *json, size_t n,
                                                       struct fedgate_buffer *out, char *why,
                                                       size_t why_n);

/* The opposite: JSON in one line, or with `indent` blanks a level. FEDGATE_WRONG when the bytes are
 * no such message. */
FEDGATE_MUST_USE enum fedgate_result fedgate_json_write(const char *type, const void *encoded,
                                                        size_t n, unsigned indent,
                                                        struct fedgate_buffer *out);

/*
 * A receipt of destruction is signed with a key of the unit's own, whose public half stands in the
 * gateway's inventory. `message` is an encoded Message with a destruction_receipt, whose header
 * names the unit. fedgate_destruction_text gives the text to sign, for who has the key elsewhere:
 * Ed25519 over it is `signature`, the key's id as minisign prints it `key_id`.
 * fedgate_destruction_sign gives the message signed; the key is the text of a secret key's file, as
 * minisign or `fedgatectl policy keygen` writes it, the password NULL for one that is not
 * encrypted. FEDGATE_WRONG, with `why` (of why_n characters), also for a wrong password.
 */
FEDGATE_MUST_USE enum fedgate_result fedgate_destruction_text(const void *message, size_t n,
                                                              struct fedgate_buffer *out);
FEDGATE_MUST_USE enum fedgate_result
fedgate_destruction_sign(const void *message, size_t n, const char *key, size_t key_n,
                         const char *password, struct fedgate_buffer *out, char *why, size_t why_n);
void fedgate_buffer_free(struct fedgate_buffer *b);

#ifdef __cplusplus
}
#endif

#endif

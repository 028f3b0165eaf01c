/*
 * Messages of the contract: bytes in, checked structure, bytes out. One file a kind in kind/, one
 * row a kind in kinds.def.
 *
 *   message_decode     wire bytes -> structure in an arena: nothing unknown, nothing twice, bounded
 *   message_check      ranges, sizes, times, places, photos; refused, or flagged if urgent
 *   message_transform  what a recipient may not have is dropped, masked or made coarse
 *   message_encode     structure -> the bytes that a recipient gets; never the sender's own
 *
 * No text that comes out of here holds payload: findings name a field and what was expected there.
 */
#ifndef FEDGATE_MESSAGE_MESSAGE_H
#define FEDGATE_MESSAGE_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "message/facts.h"
#include "message/reason.h"

/* protobuf-c's structures and descriptors, for kind/, JSON and transforms. */
struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;
struct Fedgate__V1__Message;

#define GATEWAY_UNIT "gateway/self" /* the unit of what the gateway itself sends */

enum { FINDING_TEXT = 160, FINDINGS_MAX = 8 };

/* One thing found wrong: why, and "field.path: what was expected", in English, without payload. */
struct finding {
    enum reason reason;
    char text[FINDING_TEXT];
};

/* What a check found: `refused` when anything must stop the message (finding[0] says the first
 * such), else flags. */
struct findings {
    bool refused;
    bool set_apart; /* a value is outside its range, and a person has to look at it first */
    size_t count;
    struct finding finding[FINDINGS_MAX];
};

struct type_rules; /* what each field of a type may hold: message/check.h */

/* A row of kinds.def with what its file in kind/ says about it. */
struct kind {
    enum kind_id id;
    const char *name;
    enum lane lane;
    bool from_gateway, changes_state;
    bool answers_order;    /* an order of the gateway permits it, and no grant */
    bool for_gateway_only; /* goes to gateway/self and nobody else */
    unsigned body_case;    /* the oneof's number in the contract; 0: "video" */
    const struct type_rules *rules;
    void (*facts)(const struct Fedgate__V1__Message *m, struct facts *f);
};

/* The kind with this id or this name ("video" too has a row, without rules and facts); NULL when
 * there is none. */
const struct kind *kind_row(enum kind_id id);
const struct kind *kind_named(struct bytes name);

/* The lane of an encoded Message, without decoding it: by its size and the number of the first
 * field behind the header. What is no Message has the normal one. */
enum lane message_lane(struct bytes encoded);

/* Whether there is a kind that answers this one (answers.def). */
bool kind_has_answer(enum kind_id id);

/* A decoded message; everything in it lives in the arena. */
struct message {
    struct arena *arena;
    struct Fedgate__V1__Message *pb;
    const struct kind *kind;
    struct facts facts;
};

/* The body of a decoded message: its kind's own structure. */
struct ProtobufCMessage *message_body(const struct message *m);

/* What a check compares with. */
struct check_limits {
    int64_t now_us;
    struct box service_area;
    int64_t id_window_us; /* created_at may lie this far back (STALE past it); ahead at most two
                             minutes */
    int64_t ahead_us; /* the time may be so much later in truth: what lies between is no fault */
};

/*
 * Any message type of the contract: `wire`, of at most `largest` bytes, into a structure in the
 * arena, which is never freed by itself. RESULT_OK; or RESULT_MALFORMED, RESULT_UNKNOWN,
 * RESULT_TOO_LARGE, RESULT_NO_MEMORY with `why` filled.
 */
MUST_USE enum result message_unpack(struct arena *arena,
                                    const struct ProtobufCMessageDescriptor *type,
                                    struct bytes wire, size_t largest,
                                    struct ProtobufCMessage **out, struct finding *why);

/* Appends the encoding of any structure of the contract; RESULT_TOO_LARGE past the buffer's
 * ceiling. */
MUST_USE enum result message_pack(const struct ProtobufCMessage *m, struct buf *out);

/*
 * Decodes one Message of at most LIMIT_MESSAGE bytes, answering as message_unpack. Even then
 * `facts` have the header's id and source as far as they could be read and are well-formed, else
 * empty; the other facts come with message_check.
 */
MUST_USE enum result message_decode(struct arena *arena, struct bytes wire, struct message *out,
                                    struct finding *why);

/*
 * Checks everything that needs no policy, drops bad optional fields in the urgent lane, strips
 * photos' metadata, and fills the facts: of a refused message only those parts that were found good
 * before the fault.
 */
void message_check(struct message *m, const struct check_limits *limits, struct findings *found);

/* Fills the facts anew from a checked structure: after transforms, when it is to be judged what a
 * recipient would get. */
void message_facts(struct message *m);

/* Appends the encoding of the structure as it stands now. */
MUST_USE enum result message_encode(const struct message *m, struct buf *out);

#endif

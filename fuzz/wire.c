/* Messages of the contract: what was decoded encodes, decodes again and reads the same as JSON; a
 * message that passed the check passes it again, unchanged. */
#include "fuzz.h"

#include "base/limits.h"
#include "message/destruction.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>

static const struct check_limits limits = FUZZ_LIMITS;

/* JSON has one text for all the numbers that are none. */
static bool has_nan(struct bytes json)
{
    return memmem(json.p, json.n, "\"NaN\"", 5) != NULL;
}

static void comes_back_from_json(const struct message *m, struct bytes wire)
{
    struct buf json = BUF_INIT(16 * LIMIT_MESSAGE), again = BUF_INIT(LIMIT_MESSAGE);
    char why[200];
    enum result r = message_to_json((const void *)m->pb, 2, &json);
    if (r == RESULT_OK) {
        HOLDS(message_from_json(message_type("fedgate.v1.Message"), buf_view(&json), &again, why,
                                sizeof why) == RESULT_OK);
        HOLDS(bytes_equal(buf_view(&again), wire) || has_nan(buf_view(&json)));
    } else {
        HOLDS(r == RESULT_RANGE); /* a time that has no text */
    }
    buf_free(&json);
    buf_free(&again);
}

/* Its own encoding, into `wire`, is read back as the same message. */
static void comes_back(const struct message *m, struct buf *wire)
{
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct buf second = BUF_INIT(LIMIT_MESSAGE);
    struct message again;
    struct finding why;
    HOLDS(message_encode(m, wire) == RESULT_OK);
    HOLDS(message_decode(arena, buf_view(wire), &again, &why) == RESULT_OK);
    HOLDS(message_encode(&again, &second) == RESULT_OK);
    HOLDS(again.kind == m->kind && bytes_equal(buf_view(wire), buf_view(&second)));
    comes_back_from_json(m, buf_view(wire));
    buf_free(&second);
    arena_free(arena);
}

/* What a unit signs is one text, whatever else stands in its receipt. */
static void is_signed_text(const struct message *m)
{
    struct buf text = BUF_INIT(LIMIT_MESSAGE);
    enum result r =
        destruction_text(m->pb->destruction_receipt, bytes_of_text(m->pb->header->source), &text);
    HOLDS(r == RESULT_OK || r == RESULT_MALFORMED);
    HOLDS(r != RESULT_OK || bytes_is_text(buf_view(&text)));
    buf_free(&text);
}

static void checks(struct message *m)
{
    struct buf first = BUF_INIT(LIMIT_MESSAGE), second = BUF_INIT(LIMIT_MESSAGE);
    struct findings found;
    message_check(m, &limits, &found);
    HOLDS(found.count <= FINDINGS_MAX && (!found.refused || found.count > 0));
    for (size_t i = 0; i < found.count; i++)
        HOLDS(reason_row(found.finding[i].reason) != NULL &&
              bytes_is_text(bytes_of_text(found.finding[i].text)));
    comes_back(m, &first);
    if (!found.refused && m->kind->id == KIND_DESTRUCTION_RECEIPT)
        is_signed_text(m);
    if (!found.refused && m->kind->id != KIND_SCENE_IMAGE) { /* whose digests the check sets */
        message_check(m, &limits, &found);
        HOLDS(!found.refused);
        comes_back(m, &second);
        HOLDS(bytes_equal(buf_view(&first), buf_view(&second)));
    }
    buf_free(&first);
    buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct buf wire = BUF_INIT(LIMIT_MESSAGE);
    struct message m;
    struct finding why;
    if (message_decode(arena, bytes_of(data, size), &m, &why) == RESULT_OK) {
        comes_back(&m, &wire);
        checks(&m);
    } else {
        HOLDS(reason_row(why.reason) != NULL && bytes_is_text(bytes_of_text(why.text)));
    }
    buf_free(&wire);
    arena_free(arena);
    return 0;
}

/* What a recipient gets instead of what was sent: still a message, and what was hidden once has
 * nothing more to hide. The input is a list of transforms, then the message. */
#include "fuzz.h"

#include "base/limits.h"
#include "crypto/mac.h"
#include "message/transform.h"

enum { TRANSFORMS_MAX = 7 };

static const uint8_t key[KEY_BYTES] = "the key of a recipient's tags...";
static const char *const cameras[] = {"c-1", "c-2", "d-1"};

struct step {
    uint8_t op, parameter;
    struct bytes path;
};

static size_t read_steps(struct cursor *in, struct step step[TRANSFORMS_MAX])
{
    size_t count = fuzz_byte(in) % (TRANSFORMS_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        step[i].op = fuzz_byte(in) % (TRANSFORM_TO_CAMERAS + 1);
        step[i].parameter = fuzz_byte(in);
        step[i].path = fuzz_piece(in);
    }
    return count;
}

static void encodes(const struct message *m, struct buf *out)
{
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct message again;
    struct finding why;
    HOLDS(message_encode(m, out) == RESULT_OK);
    HOLDS(message_decode(arena, buf_view(out), &again, &why) == RESULT_OK && again.kind == m->kind);
    arena_free(arena);
}

/* A second time it changes nothing that is there, but tags: those of tags are others. */
static void applies(struct message *m, const struct transform *t)
{
    struct buf once = BUF_INIT(LIMIT_MESSAGE), twice = BUF_INIT(LIMIT_MESSAGE);
    bool changed, again;
    HOLDS(message_transform(m, t, &changed) == RESULT_OK);
    encodes(m, &once);
    HOLDS(message_transform(m, t, &again) == RESULT_OK);
    encodes(m, &twice);
    HOLDS(!again || changed);
    HOLDS(t->op == TRANSFORM_PSEUDONYM || bytes_equal(buf_view(&once), buf_view(&twice)));
    HOLDS(!again || (t->op != TRANSFORM_DROP && t->op != TRANSFORM_TO_CAMERAS));
    buf_free(&once);
    buf_free(&twice);
}

static void transforms(struct message *m, const struct step *step)
{
    struct transform t = {.op = (enum transform_op)step->op,
                          .keep = step->parameter,
                          .grid_m = 1.0 + 10.0 * step->parameter,
                          .origin = {36.183, 127.246},
                          .key = key,
                          .camera = cameras,
                          .cameras = step->parameter % (ARRAY_LEN(cameras) + 1)};
    enum field_shape shape;
    const char *nearest;
    char text[256];
    if (field_path_resolve(m->kind, step->path, &t.path, &shape, &nearest) != RESULT_OK)
        return;
    field_path_text(m->kind, &t.path, text, sizeof text);
    HOLDS(bytes_is(step->path, text));
    applies(m, &t);
    message_facts(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct check_limits limits = FUZZ_LIMITS;
    struct cursor in = cursor_over(bytes_of(data, size));
    struct step step[TRANSFORMS_MAX];
    size_t steps = read_steps(&in, step);
    struct arena *arena = arena_new(LIMIT_ARENA);
    struct findings found;
    struct message m;
    struct finding why;
    if (message_decode(arena, bytes_of(in.at, in.left), &m, &why) == RESULT_OK) {
        message_check(&m, &limits, &found);
        for (size_t i = 0; !found.refused && i < steps; i++)
            transforms(&m, &step[i]);
    }
    arena_free(arena);
    return 0;
}

/*
 * What a gateway, or whoever is taken for one, answers the client library: a byte for the kind of
 * answer, then its bytes; and the address that the library is given. What is handed to the
 * application is text where it is text, and inside of what came.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "client/answer.h"
#include "client/files.h"

static void is_text(const char *text)
{
    HOLDS(text != NULL && bytes_is_text(bytes_of_text(text)));
}

static void is_verdict(const struct fedgate_verdict *v)
{
    is_text(v->to);
    is_text(v->clause);
    is_text(v->failed);
    HOLDS(v->flags == 0 || v->flag != NULL);
    for (size_t i = 0; i < v->flags; i++)
        HOLDS(fedgate_reason_word(v->flag[i]) != NULL);
}

static void is_receipt(const struct fedgate_receipt *r, struct bytes wire)
{
    is_text(r->id);
    is_text(r->record.origin);
    HOLDS(r->encoded.n <= wire.n);
    for (size_t i = 0; i < r->recipients; i++)
        is_verdict(&r->recipient[i]);
}

static void receipt(struct arena *a, struct bytes wire)
{
    struct fedgate_receipt r;
    if (answer_receipt(a, wire, &r) == RESULT_OK)
        is_receipt(&r, wire);
}

static void delivery(struct arena *a, struct bytes wire)
{
    struct fedgate_delivery d;
    if (answer_delivery(a, wire, &d) != RESULT_OK)
        return;
    is_text(d.record.origin);
    is_text(d.must.purpose);
    HOLDS(d.message.n <= wire.n);
}

static void control(struct arena *a, struct bytes wire)
{
    struct control c;
    if (answer_control(a, wire, &c) != RESULT_OK)
        return;
    if (c.step == CONTROL_OPENED)
        is_receipt(&c.opened, wire);
    if (c.step == CONTROL_STOP)
        is_verdict(&c.stop.why);
}

static void frame(struct arena *a, struct bytes wire)
{
    struct frame f;
    if (answer_frame(a, wire, &f) != RESULT_OK)
        return;
    if (f.part == FRAME_END)
        is_verdict(&f.end.why);
    if (f.part == FRAME_START)
        HOLDS(f.start.encoded.n <= wire.n);
}

static void address(struct arena *a, struct bytes text)
{
    char *copy = mem_text((const char *)text.p, text.n), *host;
    uint16_t port;
    (void)a;
    if (address_split(copy, &host, &port)) {
        HOLDS(port > 0 && host[0] != '\0' && strstr(copy, host) != NULL);
        mem_free(host);
    }
    mem_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const each[])(struct arena *, struct bytes) = {receipt, delivery, control, frame,
                                                                 address};
    struct cursor in = cursor_over(bytes_of(data, size));
    struct arena *a = arena_new(LIMIT_ARENA);
    size_t chosen = fuzz_byte(&in) % ARRAY_LEN(each);
    each[chosen](a, bytes_of(in.at, in.left));
    arena_free(a);
    return 0;
}

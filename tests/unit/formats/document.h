/* Documents of a format, and messages as JSON, for the tests of formats. */
#ifndef FEDGATE_TESTS_FORMATS_DOCUMENT_H
#define FEDGATE_TESTS_FORMATS_DOCUMENT_H

#include "formats/formats.h"

#include "base/limits.h"
#include "message/json.h"
#include "message/message.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* One try: what came of it lives until document_free. */
struct document {
    struct arena *arena;
    struct buf text; /* what was written, or the JSON of what was read */
    Fedgate__V1__Message *m;
    struct format_report report;
    enum result result;
};

static inline void document_free(struct document *d)
{
    arena_free(d->arena);
    buf_free(&d->text);
}

static inline void document_read(struct document *d, const char *format, struct bytes text)
{
    *d = (struct document){.arena = arena_new(LIMIT_ARENA), .text = BUF_INIT(16u << 20)};
    d->result = format_read(format_named(format), d->arena, text, &d->m, &d->report);
    if (d->result == RESULT_OK)
        assert_int_equal(message_to_json(&d->m->base, 0, &d->text), RESULT_OK);
}

/* The message that the JSON says, written in the format. */
static inline void document_write(struct document *d, const char *format, const char *json)
{
    const ProtobufCMessageDescriptor *type = &fedgate__v1__message__descriptor;
    struct buf wire = BUF_INIT(LIMIT_MESSAGE);
    struct ProtobufCMessage *m;
    struct finding found;
    char why[200];
    *d = (struct document){.arena = arena_new(LIMIT_ARENA), .text = BUF_INIT(16u << 20)};
    if (message_from_json(type, bytes_of_text(json), &wire, why, sizeof why) != RESULT_OK)
        fail_msg("%s", why);
    assert_int_equal(message_unpack(d->arena, type, buf_view(&wire), LIMIT_MESSAGE, &m, &found),
                     RESULT_OK);
    d->m = (void *)m;
    d->result = format_write(format_named(format), d->arena, d->m, &d->text, &d->report);
    buf_free(&wire);
}

static inline void assert_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* What is told as not carried, one place behind another. */
static inline void assert_losses(const struct document *d, const char *expected)
{
    char told[4096] = "";
    size_t n = 0;
    for (size_t i = 0; i < d->report.count; i++)
        n += (size_t)snprintf(told + n, sizeof told - n, "%s%s*%zu", i == 0 ? "" : " ",
                              d->report.loss[i].place, d->report.loss[i].count);
    assert_string_equal(told, expected);
}

/* The JSON is written in the format and read again: nothing is lost, and it is the same. */
static inline void assert_comes_back(const char *format, const char *json)
{
    struct document written, read;
    document_write(&written, format, json);
    assert_string_equal(written.report.why, "");
    assert_losses(&written, "");
    document_read(&read, format, buf_view(&written.text));
    assert_string_equal(read.report.why, "");
    assert_losses(&read, "");
    assert_string_equal(buf_c(&read.text), json);
    document_free(&read);
    document_free(&written);
}

/* A change of a document: `from`, which stands in it, becomes `to`. */
static inline struct bytes changed(struct buf *out, const char *text, const char *from,
                                   const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    buf_clear(out);
    buf_put(out, text, (size_t)(at - text));
    buf_text(out, to);
    buf_text(out, at + strlen(from));
    return buf_view(out);
}

static inline void sample(struct buf *out, const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "tests/data/formats/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    *out = BUF_INIT(1u << 20);
    uint8_t *room = buf_reserve(out, 1u << 16);
    (void)buf_extend(out, fread(room, 1, 1u << 16, f));
    (void)fclose(f);
}

#endif

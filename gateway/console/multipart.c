#include "console/multipart.h"

#include "base/cursor.h"

#include <string.h>
#include <strings.h>

/* ---- reading */

static struct bytes behind(struct bytes b, size_t n)
{
    return bytes_of(b.p + n, b.n - n);
}

static bool take(struct bytes *b, const char *text)
{
    if (!bytes_begins(*b, text))
        return false;
    *b = behind(*b, strlen(text));
    return true;
}

/* Names of headers and of their parameters know no case. */
static bool take_word(struct bytes *b, const char *word)
{
    const size_t n = strlen(word);
    if (b->n < n || strncasecmp((const char *)b->p, word, n) != 0)
        return false;
    *b = behind(*b, n);
    return true;
}

static void skip_blanks(struct bytes *b)
{
    while (b->n > 0 && (b->p[0] == ' ' || b->p[0] == '\t'))
        *b = behind(*b, 1);
}

/* Up to the first place of `mark`, which is skipped; false when there is none. */
static bool take_until(struct bytes *b, const void *mark, size_t n, struct bytes *out)
{
    const uint8_t *at = b->n == 0 ? NULL : memmem(b->p, b->n, mark, n);
    if (at == NULL)
        return false;
    *out = bytes_of(b->p, (size_t)(at - b->p));
    *b = behind(*b, out->n + n);
    return true;
}

/* "word" or word. */
static bool take_value(struct bytes *b, struct bytes *out)
{
    size_t n = 0;
    if (take(b, "\""))
        return take_until(b, "\"", 1, out);
    while (n < b->n && b->p[n] != ';' && b->p[n] != ' ' && b->p[n] != '\t')
        n++;
    *out = bytes_of(b->p, n);
    *b = behind(*b, n);
    return n > 0;
}

/* ---- the boundary */

/* The first mark stands at the very beginning: browsers write nothing in front of it. */
enum result multipart_begin(struct multipart *m, struct bytes body)
{
    struct bytes boundary;
    struct bytes rest = body;
    if (!take(&rest, "--") || !take_until(&rest, "\r\n", 2, &boundary) || boundary.n == 0 ||
        boundary.n > MULTIPART_BOUNDARY_MAX || bytes_printable_prefix(boundary) != boundary.n)
        return RESULT_MALFORMED;
    memcpy(m->mark, "\r\n--", 4);
    memcpy(m->mark + 4, boundary.p, boundary.n);
    m->n = 4 + boundary.n;
    m->rest = behind(body, m->n - 2);
    return RESULT_OK;
}

/* ---- parts */

/* form-data; name="facts"; filename="facts.jsonl" */
static enum result read_disposition(struct bytes line, struct multipart_part *out)
{
    skip_blanks(&line);
    if (!take_word(&line, "form-data"))
        return RESULT_MALFORMED;
    for (skip_blanks(&line); line.n > 0; skip_blanks(&line)) {
        struct bytes word, value;
        if (!take(&line, ";"))
            return RESULT_MALFORMED;
        skip_blanks(&line);
        if (!take_until(&line, "=", 1, &word) || !take_value(&line, &value))
            return RESULT_MALFORMED;
        if (bytes_is(word, "name"))
            out->name = value;
        else if (bytes_is(word, "filename"))
            out->file = value;
    }
    return RESULT_OK;
}

/* Of a part's headers only one counts. */
static enum result read_headers(struct multipart *m, struct multipart_part *out)
{
    struct bytes line;
    for (;;) {
        if (!take_until(&m->rest, "\r\n", 2, &line))
            return RESULT_MALFORMED;
        if (line.n == 0)
            return out->name.n > 0 ? RESULT_OK : RESULT_MALFORMED;
        if (take_word(&line, "content-disposition:"))
            TRY(read_disposition(line, out));
    }
}

enum result multipart_next(struct multipart *m, struct multipart_part *out)
{
    *out = (struct multipart_part){0};
    if (take(&m->rest, "--"))
        return RESULT_END;
    skip_blanks(&m->rest);
    if (!take(&m->rest, "\r\n"))
        return RESULT_MALFORMED;
    TRY(read_headers(m, out));
    /* an empty value's end is the end of the empty line, too: then the mark begins there */
    m->rest = bytes_of(m->rest.p - 2, m->rest.n + 2);
    struct bytes value;
    if (!take_until(&m->rest, m->mark, m->n, &value))
        return RESULT_MALFORMED;
    out->value = value.n < 2 ? bytes_of(NULL, 0) : behind(value, 2);
    return RESULT_OK;
}

enum result multipart_get(const struct multipart *m, const char *name, struct bytes *value)
{
    struct multipart at = *m;
    struct multipart_part part;
    enum result r;
    while ((r = multipart_next(&at, &part)) == RESULT_OK)
        if (bytes_is(part.name, name)) {
            *value = part.value;
            return RESULT_OK;
        }
    return r == RESULT_END ? RESULT_NOT_FOUND : r;
}

#include "net/plain_request.h"

#include "base/cursor.h"

#include <string.h>
#include <strings.h>

/* Up to CR LF, which are skipped. A CR or LF that stands alone belongs to no line. */
static bool take_line(struct cursor *in, struct bytes *line)
{
    if (cursor_until(in, '\n', line) != RESULT_OK || line->n == 0 || line->p[line->n - 1] != '\r')
        return false;
    line->n--;
    return line->n == 0 || memchr(line->p, '\r', line->n) == NULL;
}

static bool is_visible(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] <= ' ' || b.p[i] >= 0x7f)
            return false;
    return b.n > 0;
}

/* "GET /metrics HTTP/1.1" */
static bool read_first(struct bytes line, struct plain_request *out)
{
    struct cursor in = cursor_over(line);
    struct bytes target, version;
    if (cursor_until(&in, ' ', &out->method) != RESULT_OK ||
        cursor_until(&in, ' ', &target) != RESULT_OK ||
        cursor_take(&in, in.left, &version) != RESULT_OK)
        return false;
    const uint8_t *mark = target.n == 0 ? NULL : memchr(target.p, '?', target.n);
    out->path = mark == NULL ? target : bytes_of(target.p, (size_t)(mark - target.p));
    return is_visible(out->method) && is_visible(target) && target.p[0] == '/' &&
           (bytes_is(version, "HTTP/1.1") || bytes_is(version, "HTTP/1.0"));
}

static struct bytes trim(struct bytes b)
{
    while (b.n > 0 && (b.p[0] == ' ' || b.p[0] == '\t'))
        b = bytes_of(b.p + 1, b.n - 1);
    while (b.n > 0 && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t'))
        b.n--;
    return b;
}

/* "Host: localhost:9464" */
static bool read_field(struct bytes line, struct plain_request *out)
{
    struct cursor in = cursor_over(line);
    struct bytes name, value;
    if (cursor_until(&in, ':', &name) != RESULT_OK || !is_visible(name))
        return false;
    if (name.n != 4 || strncasecmp((const char *)name.p, "host", 4) != 0)
        return true;
    value = trim(bytes_of(in.at, in.left));
    if (out->host.n > 0 || !is_visible(value))
        return false;
    out->host = value;
    return true;
}

enum result plain_request_read(struct bytes text, struct plain_request *out)
{
    struct cursor in = cursor_over(text);
    struct bytes line;
    *out = (struct plain_request){0};
    if (text.n == 0 || memmem(text.p, text.n, "\r\n\r\n", 4) == NULL)
        return RESULT_AGAIN;
    bool good = take_line(&in, &line) && read_first(line, out);
    while (good && (good = take_line(&in, &line)) && line.n > 0)
        good = read_field(line, out);
    return good ? RESULT_OK : RESULT_MALFORMED;
}

bool plain_request_is_local(struct bytes host)
{
    static const char *const names[] = {"127.0.0.1", "[::1]", "localhost"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t n = strlen(names[i]);
        if (host.n >= n && strncasecmp((const char *)host.p, names[i], n) == 0 &&
            (host.n == n || host.p[n] == ':'))
            return true;
    }
    return host.n == 0;
}

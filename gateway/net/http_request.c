#include "net/http_request.h"

#include "base/attr.h"
#include "base/limits.h"
#include "base/mem.h"

enum kept { METHOD, PATH, AUTHORITY, HOST, COOKIE, ORIGIN, SITE, TYPE, LANGUAGE, LENGTH, KEPT };

static const char *const name_of[KEPT] = {[METHOD] = ":method",
                                          [PATH] = ":path",
                                          [AUTHORITY] = ":authority",
                                          [HOST] = "host",
                                          [COOKIE] = "cookie",
                                          [ORIGIN] = "origin",
                                          [SITE] = "sec-fetch-site",
                                          [TYPE] = "content-type",
                                          [LANGUAGE] = "accept-language",
                                          [LENGTH] = "content-length"};

struct http_fields {
    struct buf value[KEPT];
    bool has_nul;
};

struct http_fields *http_fields_new(void)
{
    struct http_fields *f = mem_new(sizeof *f);
    for (size_t i = 0; i < KEPT; i++)
        buf_init(&f->value[i], LIMIT_HTTP_FIELD);
    return f;
}

void http_fields_free(struct http_fields *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < KEPT; i++)
        buf_free(&f->value[i]);
    mem_free(f);
}

void http_fields_take(struct http_fields *f, struct bytes name, struct bytes value)
{
    size_t i = 0;
    while (i < KEPT && !bytes_is(name, name_of[i]))
        i++;
    if (i == KEPT)
        return;
    f->has_nul = f->has_nul || (value.n > 0 && memchr(value.p, 0, value.n) != NULL);
    if (f->value[i].n > 0)
        buf_text(&f->value[i], i == COOKIE ? "; " : ", ");
    buf_put(&f->value[i], value.p, value.n);
}

/* False for what is no number. */
static bool take_length(struct bytes text, struct http_request *out)
{
    out->has_length = text.n > 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || out->length > UINT64_MAX / 10 - 1)
            return false;
        out->length = out->length * 10 + (uint64_t)(text.p[i] - '0');
    }
    return true;
}

unsigned http_fields_show(struct http_fields *f, struct http_request *out)
{
    struct buf *v = f->value;
    if (f->has_nul)
        return 400;
    for (size_t i = 0; i < KEPT; i++)
        if (buf_status(&v[i]) != RESULT_OK)
            return i == PATH ? 414 : 431;
    *out = (struct http_request){
        .method = buf_c(&v[METHOD]),
        .path = buf_c(&v[PATH]),
        .authority = buf_c(&v[v[AUTHORITY].n > 0 ? AUTHORITY : HOST]), /* RFC 9113, 8.3.1 */
        .cookie = buf_c(&v[COOKIE]),
        .origin = buf_c(&v[ORIGIN]),
        .site = buf_c(&v[SITE]),
        .type = buf_c(&v[TYPE]),
        .language = buf_c(&v[LANGUAGE])};
    return take_length(buf_view(&v[LENGTH]), out) ? 0 : 400;
}

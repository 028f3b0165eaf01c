/* The head of a request in HTTP/1, as it comes to metrics_listen without TLS: it is waited for
 * until it is whole, what is taken lies in what came, and what comes behind it changes nothing. */
#include "fuzz.h"

#include "net/plain_request.h"

#include <string.h>

static bool lies_in(struct bytes part, struct bytes whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* How long the head is; 0: it has no end. */
static size_t head_of(struct bytes text)
{
    const uint8_t *at = text.n == 0 ? NULL : memmem(text.p, text.n, "\r\n\r\n", 4);
    return at == NULL ? 0 : (size_t)(at - text.p) + 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes text = bytes_of(data, size);
    const size_t n = head_of(text);
    const struct bytes head = bytes_of(data, n);
    struct plain_request r, again;
    enum result result = plain_request_read(text, &r);
    HOLDS((result == RESULT_AGAIN) == (n == 0));
    HOLDS(plain_request_read(head, &again) == result);
    if (result != RESULT_OK)
        return 0;
    HOLDS(plain_request_read(bytes_of(data, n - 1), &again) == RESULT_AGAIN);
    HOLDS(r.method.n > 0 && r.path.n > 0 && r.path.p[0] == '/');
    HOLDS(memchr(r.path.p, '?', r.path.n) == NULL && memchr(r.path.p, ' ', r.path.n) == NULL);
    HOLDS(lies_in(r.method, head) && lies_in(r.path, head) && lies_in(r.host, head));
    (void)plain_request_is_local(r.host);
    return 0;
}

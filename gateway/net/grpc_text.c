#include "net/grpc_text.h"

#include <nghttp2/nghttp2.h>

static const char *const status_name[] = {
    [GRPC_OK] = "OK",
    [GRPC_CANCELLED] = "CANCELLED",
    [GRPC_UNKNOWN] = "UNKNOWN",
    [GRPC_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
    [GRPC_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
    [GRPC_NOT_FOUND] = "NOT_FOUND",
    [GRPC_ALREADY_EXISTS] = "ALREADY_EXISTS",
    [GRPC_PERMISSION_DENIED] = "PERMISSION_DENIED",
    [GRPC_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
    [GRPC_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
    [GRPC_ABORTED] = "ABORTED",
    [GRPC_OUT_OF_RANGE] = "OUT_OF_RANGE",
    [GRPC_UNIMPLEMENTED] = "UNIMPLEMENTED",
    [GRPC_INTERNAL] = "INTERNAL",
    [GRPC_UNAVAILABLE] = "UNAVAILABLE",
    [GRPC_DATA_LOSS] = "DATA_LOSS",
    [GRPC_UNAUTHENTICATED] = "UNAUTHENTICATED",
};

const char *grpc_status_name(enum grpc_status s)
{
    return (unsigned)s < ARRAY_LEN(status_name) ? status_name[s] : "UNKNOWN";
}

void grpc_text_encode(struct bytes text, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c >= 0x20 && c <= 0x7e && c != '%')
            buf_u8(out, c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

void grpc_text_decode(struct bytes encoded, struct buf *out)
{
    for (size_t i = 0; i < encoded.n; i++) {
        uint8_t c = encoded.p[i];
        if (c == '%' && encoded.n - i > 2 && bytes_from_hex(bytes_of(encoded.p + i + 1, 2), &c, 1))
            i += 2;
        buf_u8(out, c);
    }
}

enum result grpc_timeout_parse(struct bytes value, int64_t *us)
{
    static const struct {
        char name;
        int64_t ns;
    } unit[] = {{'H', INT64_C(3600000000000)},
                {'M', INT64_C(60000000000)},
                {'S', 1000000000},
                {'m', 1000000},
                {'u', 1000},
                {'n', 1}};
    int64_t number = 0;
    if (value.n < 2 || value.n > 9)
        return RESULT_MALFORMED;
    for (size_t i = 0; i + 1 < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return RESULT_MALFORMED;
        number = number * 10 + (value.p[i] - '0');
    }
    for (size_t i = 0; i < ARRAY_LEN(unit); i++) {
        if (value.p[value.n - 1] != (uint8_t)unit[i].name)
            continue;
        /* Eight digits of hours are 3.6e17 us: in microseconds nothing overflows. */
        *us = unit[i].ns >= 1000 ? number * (unit[i].ns / 1000) : (number + 999) / 1000;
        return RESULT_OK;
    }
    return RESULT_MALFORMED;
}

bool grpc_is_content_type(struct bytes value)
{
    static const char *const type[] = {"application/grpc", "application/grpc+proto"};
    for (size_t i = 0; i < ARRAY_LEN(type); i++) {
        size_t n = strlen(type[i]);
        if (bytes_begins(value, type[i]) &&
            (value.n == n || value.p[n] == ';' || value.p[n] == ' '))
            return true;
    }
    return false;
}

enum grpc_status grpc_status_parse(struct bytes value)
{
    unsigned number = 0;
    if (value.n == 0 || value.n > 2)
        return GRPC_UNKNOWN;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return GRPC_UNKNOWN;
        number = number * 10 + (unsigned)(value.p[i] - '0');
    }
    return number < ARRAY_LEN(status_name) ? (enum grpc_status)number : GRPC_UNKNOWN;
}

enum grpc_status grpc_status_of_http(struct bytes http_status)
{
    static const struct {
        const char *http;
        enum grpc_status status;
    } table[] = {{"400", GRPC_INTERNAL},          {"401", GRPC_UNAUTHENTICATED},
                 {"403", GRPC_PERMISSION_DENIED}, {"404", GRPC_UNIMPLEMENTED},
                 {"429", GRPC_UNAVAILABLE},       {"502", GRPC_UNAVAILABLE},
                 {"503", GRPC_UNAVAILABLE},       {"504", GRPC_UNAVAILABLE}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (bytes_is(http_status, table[i].http))
            return table[i].status;
    return GRPC_UNKNOWN;
}

enum grpc_status grpc_status_of_reset(uint32_t http2_error)
{
    switch (http2_error) {
    case NGHTTP2_REFUSED_STREAM: return GRPC_UNAVAILABLE;
    case NGHTTP2_CANCEL: return GRPC_CANCELLED;
    case NGHTTP2_ENHANCE_YOUR_CALM: return GRPC_RESOURCE_EXHAUSTED;
    case NGHTTP2_INADEQUATE_SECURITY: return GRPC_PERMISSION_DENIED;
    default: return GRPC_INTERNAL;
    }
}

unsigned grpc_status_to_http(enum grpc_status s)
{
    switch (s) {
    case GRPC_INVALID_ARGUMENT: return 400;
    case GRPC_PERMISSION_DENIED: return 403;
    case GRPC_NOT_FOUND: return 404;
    case GRPC_DEADLINE_EXCEEDED: return 408;
    case GRPC_RESOURCE_EXHAUSTED: return 413;
    case GRPC_UNAVAILABLE: return 503;
    default: return 500;
    }
}

#include "hello.h"

#include "common.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

/* ---- a carrier opens its call Publish, as every gRPC client would, and has nothing to send yet */

#define FIELD(name, value)                                                                         \
    {                                                                                              \
        (uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), sizeof(name) - 1,             \
            sizeof(value) - 1, NGHTTP2_NV_FLAG_NONE                                                \
    }

static ssize_t nothing_yet(nghttp2_session *s, int32_t stream, uint8_t *out, size_t n,
                           uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    (void)s;
    (void)stream;
    (void)out;
    (void)n;
    (void)flags;
    (void)source;
    (void)arg;
    return NGHTTP2_ERR_DEFERRED;
}

static void put_call(struct buf *out, uint64_t number)
{
    static const nghttp2_nv field[] = {FIELD(":method", "POST"),
                                       FIELD(":scheme", "https"),
                                       FIELD(":path", "/fedgate.v1.MessageService/Publish"),
                                       FIELD(":authority", "localhost"),
                                       FIELD("te", "trailers"),
                                       FIELD("content-type", "application/grpc")};
    /* The server's SETTINGS are on their way when the handshake is over. */
    static const uint8_t acknowledged[] = {0, 0, 0, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, 0, 0, 0};
    const nghttp2_data_provider data = {.read_callback = nothing_yet};
    nghttp2_session_callbacks *none;
    nghttp2_session *s;
    const uint8_t *p;
    ssize_t n;
    (void)number;
    if (nghttp2_session_callbacks_new(&none) != 0 ||
        nghttp2_session_client_new(&s, none, NULL) != 0 ||
        nghttp2_submit_settings(s, NGHTTP2_FLAG_NONE, NULL, 0) != 0 ||
        nghttp2_submit_request(s, NULL, field, sizeof field / sizeof *field, &data, NULL) < 0)
        load_fail("nghttp2");
    while ((n = nghttp2_session_mem_send(s, &p)) > 0)
        buf_put(out, p, (size_t)n);
    buf_put(out, acknowledged, sizeof acknowledged);
    nghttp2_session_del(s);
    nghttp2_session_callbacks_del(none);
}

/* ---- MQTT 3.1.1, 3.1: CONNECT, without keep-alive */

static void put_connect(struct buf *out, uint64_t number)
{
    enum { CONNECT = 0x10, LEVEL = 4, CLEAN = 2, FIXED = 10 };
    struct buf id = BUF_INIT(32);
    buf_printf(&id, "bench-%llu", (unsigned long long)number);
    buf_u8(out, CONNECT);
    buf_varint(out, FIXED + 2 + id.n);
    buf_bytes16(out, bytes_of_text("MQTT"));
    buf_u8(out, LEVEL);
    buf_u8(out, CLEAN);
    buf_u16(out, 0);
    buf_bytes16(out, buf_view(&id));
    buf_free(&id);
}

const struct hello *hello_named(const char *kind)
{
    static const struct hello hellos[] = {{"fedgate", "h2", true, false, put_call},
                                          {"mosquitto", NULL, true, false, put_connect},
                                          {"tls-relay", NULL, false, true, NULL},
                                          {"tls-end", NULL, false, false, NULL}};
    for (size_t i = 0; i < ARRAY_LEN(hellos); i++)
        if (strcmp(hellos[i].kind, kind) == 0)
            return &hellos[i];
    load_fail("KIND: fedgate, mosquitto, tls-relay or tls-end");
}

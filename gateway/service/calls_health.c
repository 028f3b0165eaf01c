#include "service/calls_health.h"

#include "base/limits.h"
#include "base/mem.h"
#include "message/message.h"
#include "service/calls.h"

#include <grpc/health/v1/health.pb-c.h>

struct health_call {
    struct server_call *call;
    struct session *session;
    struct health_watch *watch; /* NULL: one answer, or not asked yet */
    bool watches, asked, over;
    int told; /* the status that was said last; 0: none */
};

static void *open_call(void *session, struct server_call *call, bool watches)
{
    struct health_call *c = mem_new(sizeof *c);
    *c = (struct health_call){.call = call, .session = session, .watches = watches};
    return c;
}

void *health_check_open(void *session, struct server_call *call)
{
    return open_call(session, call, false);
}

void *health_watching_open(void *session, struct server_call *call)
{
    return open_call(session, call, true);
}

static void finish(struct health_call *c, enum grpc_status status, const char *why)
{
    if (!c->over)
        server_call_finish(c->call, status, why);
    c->over = true;
}

/* The gateway as a whole, or a service that it has a method of: all of them stand and fall
 * together.
 */
static bool is_known(struct bytes service)
{
    size_t count;
    const struct server_method *method = calls_methods(&count);
    for (size_t i = 0; i < count && service.n > 0; i++) {
        const struct bytes path = bytes_of_text(method[i].path);
        if (path.n > service.n + 1 && path.p[service.n + 1] == '/' &&
            bytes_equal(service, bytes_of(path.p + 1, service.n)))
            return true;
    }
    return service.n == 0;
}

static void tell(struct health_call *c, Grpc__Health__V1__HealthCheckResponse__ServingStatus status)
{
    Grpc__Health__V1__HealthCheckResponse m = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    struct buf out = BUF_INIT(64);
    if (c->over || c->told == (int)status)
        return;
    c->told = (int)status;
    m.status = status;
    if (message_pack(&m.base, &out) != RESULT_OK ||
        server_call_send(c->call, buf_view(&out), NULL, bytes_of(NULL, 0)) != RESULT_OK)
        c->over = true; /* the call is closing; `closed` follows */
    buf_free(&out);
}

static void changed(void *arg, bool serves)
{
    tell(arg, serves ? GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
                     : GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING);
}

static void answer(struct health_call *c, struct bytes service)
{
    const bool known = is_known(service);
    if (!known && !c->watches) {
        finish(c, GRPC_NOT_FOUND, "the gateway has no such service");
        return;
    }
    if (known)
        changed(c, session_is_served(c->session));
    else
        tell(c, GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN);
    if (!c->watches)
        finish(c, GRPC_OK, "");
    else if (known)
        c->watch = health_watch_open(c->session, changed, c);
}

static enum result take(void *arg, struct shared *owner, struct bytes message)
{
    struct health_call *c = arg;
    struct arena *a = arena_new(LIMIT_REQUEST);
    struct ProtobufCMessage *m;
    struct finding why;
    (void)owner;
    enum result r = c->asked
                        ? RESULT_MALFORMED /* one request a call */
                        : message_unpack(a, &grpc__health__v1__health_check_request__descriptor,
                                         message, LIMIT_REQUEST, &m, &why);
    c->asked = true;
    if (r == RESULT_OK)
        answer(c,
               bytes_of_text(((const Grpc__Health__V1__HealthCheckRequest *)(void *)m)->service));
    arena_free(a);
    return r;
}

static void half_closed(void *arg)
{
    struct health_call *c = arg;
    if (!c->asked)
        finish(c, GRPC_INVALID_ARGUMENT, "a HealthCheckRequest is missing");
}

static void closed(void *arg, enum grpc_status status, const char *text)
{
    struct health_call *c = arg;
    (void)status;
    (void)text;
    health_watch_close(c->watch);
    mem_free(c);
}

const struct grpc_call_events health_call_events = {take, half_closed, NULL, closed, NULL};

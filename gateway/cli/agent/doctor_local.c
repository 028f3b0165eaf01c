/* What can be seen without the gateway: files, the certificate, the name, a connection. */
#include "cli/agent/doctor.h"

#include "base/clock.h"
#include "base/ident.h"
#include "base/mem.h"
#include "client/files.h"
#include "net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOON_DAYS = 30, NUMERIC = 64 };

/* ---------------------------------------------------------------- files */

struct files {
    struct buf certificate, key, root;
};

static bool read_files(const struct agent_options *o, struct files *f, char *why, size_t n)
{
    return pem_file_read(o->certificate, &f->certificate, why, n) &&
           pem_file_read(o->key, &f->key, why, n) && pem_file_read(o->root, &f->root, why, n);
}

/* As the client library will: certificate and key fit each other, and the root is one. */
static bool fit(struct doctor *d, const struct files *f, const char **why)
{
    const struct tls_client_config config = {.certificate_pem = buf_view(&f->certificate),
                                             .key_pem = buf_view(&f->key),
                                             .root_pem = buf_view(&f->root),
                                             .server_name = d->name};
    struct tls_context *context = NULL;
    bool good = tls_context_client(&config, &context, why) == RESULT_OK;
    tls_context_drop(context);
    return good;
}

bool doctor_files(struct doctor *d)
{
    const struct clock clock = clock_system();
    const struct agent_options *o = &d->agent.options;
    struct files f = {BUF_INIT(PEM_FILE_MAX), BUF_INIT(PEM_FILE_MAX), BUF_INIT(PEM_FILE_MAX)};
    const char *text = "";
    char why[400];
    bool good = false;
    if (!read_files(o, &f, why, sizeof why)) {
        doctor_say(d, DOCTOR_FILES, CLI_STEP_FAILED, "%s", why);
    } else if (certificate_facts(buf_view(&f.certificate), &d->own) != RESULT_OK) {
        doctor_say(
            d, DOCTOR_FILES, CLI_STEP_FAILED,
            DOCTOR_SAYS(d, "%s: no certificate in PEM is in it", "%s: PEM 인증서가 없습니다"),
            o->certificate);
    } else if (!fit(d, &f, &text)) {
        doctor_say(d, DOCTOR_FILES, CLI_STEP_FAILED, "%s, %s, %s: %s", o->certificate, o->key,
                   o->root, text);
    } else {
        doctor_say(d, DOCTOR_FILES, CLI_STEP_OK,
                   DOCTOR_SAYS(d, "certificate and key fit each other, and the root can be read",
                               "인증서와 키가 서로 맞고 루트를 읽을 수 있습니다"));
        good = true;
    }
    if (d->own.key[0] != '\0')
        doctor_certificate(d, buf_view(&f.certificate), clock_wall_us(&clock));
    buf_free(&f.certificate);
    buf_free(&f.key);
    buf_free(&f.root);
    return good;
}

/* ---------------------------------------------------------------- the unit's certificate */

/* What the gateway will not take it for; NULL: nothing that shows here. */
static const char *fault_of(const struct doctor *d, int64_t now_us)
{
    const struct certificate_facts *c = &d->own;
    if (now_us < c->begins_us)
        return DOCTOR_SAYS(d, "it is not valid yet: check this machine's clock, or wait",
                           "아직 유효하지 않습니다. 이 장비의 시각을 확인하십시오");
    if (now_us >= c->ends_us)
        return DOCTOR_SAYS(d, "it has expired: have a new one issued",
                           "만료되었습니다. 새로 발급받으십시오");
    if (!c->key_is_good)
        return DOCTOR_SAYS(d, "its key is too weak: EC P-256 or Ed25519, or RSA of 2048 bits",
                           "키가 약합니다. EC P-256, Ed25519 또는 RSA 2048비트 이상을 쓰십시오");
    if (!c->for_clients)
        return DOCTOR_SAYS(d,
                           "it is not meant for clients: it needs keyUsage digitalSignature and "
                           "extendedKeyUsage clientAuth",
                           "클라이언트용이 아닙니다. digitalSignature와 clientAuth가 필요합니다");
    if (d->unit[0] == '\0')
        return DOCTOR_SAYS(d,
                           "it names no unit: it needs exactly one URI among its alternative "
                           "names, fedgate://PARTY/UNIT",
                           "단위를 나타내는 URI(fedgate://기관/단위)가 정확히 하나 있어야 합니다");
    return NULL;
}

void doctor_certificate(struct doctor *d, struct bytes pem, int64_t now_us)
{
    struct buf der = BUF_INIT(PEM_FILE_MAX);
    char unit[IDENT_UNIT_MAX + 1] = "", until[TIME_TEXT];
    if (certificate_der_of_pem(pem, &der) != RESULT_OK || !certificate_unit(buf_view(&der), unit))
        unit[0] = '\0';
    buf_free(&der);
    (void)snprintf(d->unit, sizeof d->unit, "%s", unit);
    const char *fault = fault_of(d, now_us);
    time_text_s(d->own.ends_us, zone_named("Asia/Seoul"), until);
    doctor_say(d, DOCTOR_CERTIFICATE, fault == NULL ? CLI_STEP_OK : CLI_STEP_FAILED,
               DOCTOR_SAYS(d, "%s, key %s, until %s%s%s%s", "%s, 키 %s, %s까지%s%s%s"),
               d->unit[0] == '\0' ? d->own.subject : d->unit, d->own.key, until,
               fault == NULL ? "" : ": ", fault == NULL ? "" : fault,
               fault == NULL && d->own.ends_us - now_us < SOON_DAYS * US_PER_DAY
                   ? DOCTOR_SAYS(d, "; have the next one issued soon", "; 곧 새로 발급받으십시오")
                   : "");
}

/* ---------------------------------------------------------------- the name */

static struct addrinfo *look_up(const struct doctor *d, int *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)d->port);
    *error = getaddrinfo(d->host, port, &hints, &list);
    return *error == 0 ? list : NULL;
}

static void put_address(const struct addrinfo *a, struct buf *out)
{
    char text[NUMERIC];
    if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
        buf_printf(out, "%s%s", out->n == 0 ? "" : ", ", text);
}

bool doctor_name(struct doctor *d)
{
    struct buf text = BUF_INIT(1024);
    int error;
    struct addrinfo *list = look_up(d, &error);
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        put_address(a, &text);
    if (list != NULL)
        doctor_say(d, DOCTOR_NAME, CLI_STEP_OK, "%s: %s", d->host, buf_c(&text));
    else
        doctor_say(d, DOCTOR_NAME, CLI_STEP_FAILED,
                   DOCTOR_SAYS(d, "%s has no address here: %s", "%s의 주소를 찾지 못했습니다: %s"),
                   d->host, gai_strerror(error));
    if (list != NULL)
        freeaddrinfo(list);
    buf_free(&text);
    return list != NULL;
}

/* ---------------------------------------------------------------- a connection */

/* 0, or the error. */
static int finish_connecting(int fd, int64_t patience_us)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = 0, n;
    socklen_t size = sizeof error;
    do
        n = poll(&p, 1, (int)(patience_us / 1000));
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return ETIMEDOUT;
    if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    return error;
}

static int try_address(const struct addrinfo *a, int64_t patience_us)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0)
        return errno;
    int error = connect(fd, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS)
        error = finish_connecting(fd, patience_us);
    (void)close(fd);
    return error;
}

/* Every address is tried, so that one which does not answer shows; one that does is enough. */
bool doctor_tcp(struct doctor *d)
{
    struct buf good = BUF_INIT(1024), bad = BUF_INIT(2048);
    int error;
    struct addrinfo *list = look_up(d, &error);
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        error = try_address(a, d->patience_us);
        put_address(a, error == 0 ? &good : &bad);
        if (error != 0)
            buf_printf(&bad, " (%s)", strerrordesc_np(error));
    }
    bool connects = good.n > 0;
    if (connects)
        doctor_say(d, DOCTOR_TCP, CLI_STEP_OK,
                   DOCTOR_SAYS(d, "port %u answers at %s%s%s", "포트 %u 연결됨: %s%s%s"),
                   (unsigned)d->port, buf_c(&good),
                   bad.n == 0 ? "" : DOCTOR_SAYS(d, "; not at ", "; 연결 안 됨: "), buf_c(&bad));
    else
        doctor_say(d, DOCTOR_TCP, CLI_STEP_FAILED,
                   DOCTOR_SAYS(d,
                               "port %u does not answer: %s; the gateway is not running, or a "
                               "firewall stands between",
                               "포트 %u에 연결되지 않습니다: %s. 게이트웨이가 꺼져 있거나 방화벽이 "
                               "막고 있습니다"),
                   (unsigned)d->port, buf_c(&bad));
    if (list != NULL)
        freeaddrinfo(list);
    buf_free(&good);
    buf_free(&bad);
    return connects;
}

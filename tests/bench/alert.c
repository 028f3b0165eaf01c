#include "alert.h"

#include "base/clock.h"
#include "base/mem.h"
#include "contract.h"
#include "common.h"

#include <inttypes.h>
#include <stdio.h>

/* What differs from alert to alert: the id's last twelve digits, of which the first two are the
 * run's, and the beginning of a text. What differs from incident to incident: the last twelve of
 * the alert that opens it. */
#define ID_BEGIN    "0192a000-0000-7000-8000-"
#define ALERT_BEGIN "0192a000-0000-7000-9000-"
#define MARK        "no "
enum { ID_DIGITS = 12, NUMBER_DIGITS = 12, TIME_DIGITS = 16, RUN_SHIFT = 40 };
#define OPENINGS UINT64_C(0xff00000000) /* their ids */

struct alert {
    struct buf opening;
    uint64_t run; /* where it stands in an id */
    uint8_t sent[ALERT_BYTES], expected[ALERT_BYTES];
    size_t id, number, time;          /* offsets of the digits */
    size_t opening_id, opening_alert; /* in the opening */
};

static const char header[] =
    "{\"header\":{\"id\":\"" ID_BEGIN "%s\",\"source\":\"" ALERT_SENDER "\","
    "\"service\":\"vulnerable-persons\",\"purpose\":\"vulnerable-protection\","
    "\"basis\":{\"code\":\"kr/location/26\",\"evidence\":[{\"kind\":\"guardian-registration\","
    "\"value\":\"G-77\"}]},%s\"createdAt\":\"%s\",\"status\":\"STATUS_ACTUAL\"},"
    "\"guardianAlert\":{\"alertId\":\"" ALERT_BEGIN "%s\",\"sequence\":1,"
    "\"category\":[\"SUBJECT_CATEGORY_CHILD\"],\"ageBand\":\"AGE_BAND_UP_TO_8\","
    "\"trigger\":\"ALERT_TRIGGER_BUTTON\",\"consent\":{\"ref\":\"c-9\","
    "\"givenBy\":\"CONSENT_GIVER_LIA_26_GUARDIAN\",\"item\":[\"location\"],"
    "\"recipient\":[\"daejeon-city-center\"],\"purpose\":[\"vulnerable-protection\"]},";

static const char incident[] = "\"incidentId\":[\"" ALERT_RECEIVER ":" ALERT_BEGIN "%s\"],";

static const char person[] =
    "\"subject\":{\"party\":\"carrier-hana\",\"ref\":\"s-1001\"},\"position\":{"
    "\"latitude\":36.3504,\"longitude\":127.3845,\"accuracyM\":12,\"method\":"
    "\"POSITION_METHOD_GNSS\",\"origin\":\"POSITION_ORIGIN_LIA_CONSENT\",\"fixedAt\":\"%s\"},";

static struct buf encode(int64_t wall_us, uint64_t run, const char *phase, size_t filler)
{
    struct buf json = BUF_INIT(16384);
    char now[TIME_TEXT];
    char belongs[sizeof incident + ID_DIGITS] = "", digits[ID_DIGITS + 1];
    (void)snprintf(digits, sizeof digits, "%012" PRIx64, run);
    if (strcmp(phase, "NEW") != 0)
        (void)snprintf(belongs, sizeof belongs, incident, digits);
    time_text(wall_us, zone_named("UTC"), now);
    buf_printf(&json, header, digits, belongs, now, digits);
    buf_printf(&json, person, now);
    buf_printf(&json, "\"phase\":\"ALERT_PHASE_%s\",\"features\":\"" MARK "%0*d %0*d ", phase,
               NUMBER_DIGITS, 0, TIME_DIGITS, 0);
    for (size_t i = 0; i < filler; i++)
        buf_u8(&json, (uint8_t)('a' + i % 26));
    buf_text(&json, "\"}}");
    struct buf out = contract_encode("Message", buf_c(&json));
    buf_free(&json);
    return out;
}

/* Where what follows `text` stands. */
static size_t behind(struct bytes message, const char *text)
{
    const uint8_t *at = memmem(message.p, message.n, text, strlen(text));
    if (at == NULL)
        load_fail("alert: no \"%s\" in it", text);
    return (size_t)(at - message.p) + strlen(text);
}

struct alert *alert_new(int64_t wall_us, unsigned run)
{
    enum { SOME = 200 }; /* filler whose length takes as many bytes as the final one's */
    struct alert *a = mem_new(sizeof *a);
    a->run = (uint64_t)run << RUN_SHIFT;
    struct buf b = encode(wall_us, a->run, "UPDATE", SOME);
    size_t filler = SOME + ALERT_BYTES - b.n;
    buf_free(&b);
    b = encode(wall_us, a->run, "UPDATE", filler);
    if (b.n != ALERT_BYTES)
        load_fail("alert: %zu bytes instead of %d", b.n, ALERT_BYTES);
    memcpy(a->sent, b.p, ALERT_BYTES);
    memcpy(a->expected, b.p, ALERT_BYTES);
    buf_free(&b);
    const struct bytes sent = bytes_of(a->sent, ALERT_BYTES);
    a->id = behind(sent, ID_BEGIN);
    a->number = behind(sent, MARK);
    a->time = a->number + NUMBER_DIGITS + 1;
    a->opening = encode(wall_us, a->run, "NEW", 0);
    a->opening_id = behind(buf_view(&a->opening), ID_BEGIN);
    a->opening_alert = behind(buf_view(&a->opening), ALERT_BEGIN);
    return a;
}

struct alert *alert_copy(const struct alert *a)
{
    struct alert *copy = mem_new(sizeof *copy);
    *copy = *a;
    return copy;
}

/* ---- digits */

static void put_hex(uint8_t *out, size_t digits, uint64_t v)
{
    for (; digits > 0; digits--, v >>= 4)
        out[digits - 1] = (uint8_t) "0123456789abcdef"[v & 15];
}

static uint64_t read_hex(const uint8_t *p, size_t digits)
{
    uint64_t v = 0;
    for (size_t i = 0; i < digits; i++)
        v = v << 4 | (unsigned)(p[i] <= '9' ? p[i] - '0' : p[i] - 'a' + 10);
    return v;
}

struct bytes alert_opening(struct alert *a, uint32_t incident_number)
{
    put_hex(a->opening.p + a->opening_id, ID_DIGITS, a->run | OPENINGS | incident_number);
    put_hex(a->opening.p + a->opening_alert, ID_DIGITS, a->run | incident_number);
    return buf_view(&a->opening);
}

static void put(const struct alert *a, uint8_t *to, uint64_t number, int64_t sent_ns)
{
    put_hex(to + a->id, ID_DIGITS, a->run | number);
    put_hex(to + a->number, NUMBER_DIGITS, number);
    put_hex(to + a->time, TIME_DIGITS, (uint64_t)sent_ns);
}

struct bytes alert_make(struct alert *a, uint64_t number, int64_t sent_ns)
{
    put(a, a->sent, number, sent_ns);
    return bytes_of(a->sent, ALERT_BYTES);
}

bool alert_read(struct alert *a, struct bytes alert, uint64_t *number, int64_t *sent_ns)
{
    if (alert.n != ALERT_BYTES)
        return false;
    *number = read_hex(alert.p + a->number, NUMBER_DIGITS);
    *sent_ns = (int64_t)read_hex(alert.p + a->time, TIME_DIGITS);
    put(a, a->expected, *number, *sent_ns);
    return memcmp(alert.p, a->expected, ALERT_BYTES) == 0;
}

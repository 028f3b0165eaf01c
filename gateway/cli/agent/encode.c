/* Messages from documents. */
#include "cli/agent/message.h"

#include "base/clock.h"
#include "base/ident.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "message/message.h"
#include "message/times.h"

#include <fedgate/v1/fedgate.pb-c.h>
#include <stdio.h>

/* What a document says of its deadline, the options can only make earlier. */
static void narrow(struct Google__Protobuf__Timestamp *said, Fedgate__V1__Header *h)
{
    if (said != NULL && time_us(said) < time_us(h->destroy_by))
        h->destroy_by = said;
}

static bool finish(struct arena *a, const struct agent_addition *more, int64_t now_us,
                   Fedgate__V1__Message *m, struct Google__Protobuf__Timestamp *said,
                   struct buf *out, char *why, size_t n)
{
    Google__Protobuf__Timestamp taken = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    taken.seconds = more->taken_us / US_PER_S;
    if (more->photo.n > 0 && !agent_put_photo(m, more->photo, &taken)) {
        (void)snprintf(why, n, "--photo is for sceneImage, guardianAlert and dispatchRequest");
        return false;
    }
    m->header = agent_header_make(a, &more->header, more->unit, now_us, m->header);
    narrow(said, m->header);
    if (message_pack(&m->base, out) == RESULT_OK)
        return true;
    (void)snprintf(why, n, "an encoded message of at most %u bytes", LIMIT_MESSAGE);
    return false;
}

static bool read(const struct format *f, struct arena *a, struct bytes document,
                 struct format_report *report, Fedgate__V1__Message **m, char *why, size_t n)
{
    struct format_report own;
    if (agent_document_read(f, a, document, m, report == NULL ? &own : report))
        return true;
    (void)snprintf(why, n, "%s", (report == NULL ? &own : report)->why);
    return false;
}

bool agent_encode(struct bytes document, const struct agent_addition *more, int64_t now_us,
                  struct buf *out, char id[AGENT_ID], struct format_report *report, char *why,
                  size_t n)
{
    struct arena *a = arena_new(LIMIT_ARENA), *header = arena_new(AGENT_HEADER_MAX);
    Fedgate__V1__Message *m;
    bool ok = read(more->format, a, document, report, &m, why, n);
    if (ok) {
        struct Google__Protobuf__Timestamp *said =
            more->format == NULL || m->header == NULL ? NULL : m->header->destroy_by;
        ok = finish(header, more, now_us, m, said, out, why, n);
        (void)snprintf(id, AGENT_ID, "%s", m->header == NULL ? "" : m->header->id);
    }
    arena_free(header);
    arena_free(a);
    return ok;
}

bool agent_encode_test(const char *file, const char *unit, const char *as, struct buf *out,
                       char id[AGENT_ID], char *why, size_t n)
{
    const struct clock clock = clock_system();
    const int64_t now_us = clock_wall_us(&clock);
    const struct uuid new = random_uuid(now_us);
    char text[UUID_TEXT + 1];
    uuid_text(&new, text);
    const struct agent_addition more = {.header = {.id = as == NULL ? text : as,
                                                   .status = "test",
                                                   .sent_time = {.given = true, .from_now = true}},
                                        .unit = unit};
    struct buf json = BUF_INIT(AGENT_JSON_MAX + (1 << 16));
    (void)snprintf(why, n, "the file cannot be read");
    bool good = cli_read_file(file, AGENT_JSON_MAX, &json) &&
                agent_encode(buf_view(&json), &more, now_us, out, id, NULL, why, n);
    buf_free(&json);
    return good;
}

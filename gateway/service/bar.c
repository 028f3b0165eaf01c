/*
 * Who may not be connected: units of parties that officers suspended, units that the gateway itself
 * suspended (offences.c), whoever shows a certificate that officers revoked. What such a session
 * has open ends with that reason, then its connection; a new one is closed with it as soon as it
 * stands, so that its peer reads why. (A suspended unit or grant ends no session: its messages are
 * refused one by one.)
 */
#include "base/mem.h"
#include "ipc/control.h"
#include "service/stream.h"

#include <stdio.h>

static const char party_bar[] = "party-suspended: officers have suspended this agency",
                  offender_bar[] = "party-suspended: the gateway has suspended this unit for what "
                                   "it did again and again",
                  certificate_bar[] =
                      "certificate-revoked: an officer has revoked this certificate";

static bool is_certificate(struct bytes subject, const uint8_t fingerprint[SHA256_BYTES])
{
    static const char word[] = "certificate ";
    char text[sizeof word + 2 * SHA256_BYTES];
    memcpy(text, word, sizeof word - 1);
    bytes_to_hex(bytes_of(fingerprint, SHA256_BYTES), text + sizeof word - 1);
    return bytes_is(subject, text);
}

static bool is_revoked(const struct edge *e, const uint8_t fingerprint[SHA256_BYTES])
{
    struct cursor in = cursor_over(buf_view(&e->suspended));
    struct bytes subject;
    while (e->has_revoked && cursor_bytes16(&in, &subject) == RESULT_OK)
        if (is_certificate(subject, fingerprint))
            return true;
    return false;
}

bool edge_is_barred(const struct edge *e, const char *unit)
{
    const uint32_t number = policy_unit(e->policy, bytes_of_text(unit));
    return e->units_barred != NULL && number != POLICY_NONE &&
           (e->units_barred[number / 64] >> (number % 64) & 1) != 0;
}

static bool is_offender(const struct edge *e, const char *unit)
{
    struct cursor in = cursor_over(buf_view(&e->suspended));
    struct bytes subject;
    char text[CONTROL_SUBJECT_MAX + 1];
    (void)snprintf(text, sizeof text, "offender %s", unit);
    while (cursor_bytes16(&in, &subject) == RESULT_OK)
        if (bytes_is(subject, text))
            return true;
    return false;
}

enum reason session_bar(const struct session *s, const char **why)
{
    const struct edge *e = s->edge;
    if (edge_is_barred(e, s->name)) {
        *why = is_offender(e, s->name) ? offender_bar : party_bar;
        return REASON_PARTY_SUSPENDED;
    }
    if (is_revoked(e, s->certificate)) {
        *why = certificate_bar;
        return REASON_CERTIFICATE_REVOKED;
    }
    return REASON_NONE;
}

/* Who watches what it sends, and whom it sent, hear the reason; the rest has no words for one. */
static void end_all(struct session *s, enum reason reason, const char *why)
{
    struct watcher *w, *next_watcher;
    struct sender *x, *next_sender;
    for (w = TAILQ_FIRST(&s->watchers); w != NULL; w = next_watcher) {
        next_watcher = TAILQ_NEXT(w, next);
        if (w->state == WATCH_LIVE)
            watch_stop(w, reason, w->clause, "");
    }
    for (x = TAILQ_FIRST(&s->senders); x != NULL; x = next_sender) {
        next_sender = TAILQ_NEXT(x, next);
        if (x->state == STREAM_OPEN)
            stream_stop(x, reason, x->clause, "");
    }
    session_end_streams(s, why);
    session_end_calls(s, why);
    session_end_readers(s, why);
    session_end_vault_asks(s, why);
}

void sessions_bar(struct edge *e)
{
    struct session *s, *next;
    const char *why;
    for (s = TAILQ_FIRST(&e->sessions); s != NULL; s = next) {
        next = TAILQ_NEXT(s, next);
        const enum reason reason = session_bar(s, &why);
        if (reason == REASON_NONE)
            continue;
        end_all(s, reason, why);
        e->config.close_session(e->config.arg, s, why);
    }
}

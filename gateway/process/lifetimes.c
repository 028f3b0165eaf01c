#include "process/lifetimes.h"

#include "base/mem.h"
#include "crypto/certificate.h"

/* For what an agency or the operator renews by hand: roots, the gateway's certificate. */
#define CERTIFICATE_WARNING (30 * US_PER_DAY)

enum stage { LASTS, ENDS_SOON, IN_GRACE, OVER };

struct lifetime {
    const char *what, *party;
    int64_t ends_us, warning_us, grace_us;
    enum stage told;
};

struct lifetimes {
    struct lifetime *all;
    size_t count, room;
    int64_t looked_us; /* nothing changes within a second */
};

struct lifetimes *lifetimes_new(void)
{
    return mem_new(sizeof(struct lifetimes));
}

void lifetimes_free(struct lifetimes *l)
{
    if (l == NULL)
        return;
    mem_free(l->all);
    mem_free(l);
}

void lifetimes_add(struct lifetimes *l, const char *what, const char *party, int64_t ends_us,
                   int64_t warning_us, int64_t grace_us)
{
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 16 : 2 * l->room;
        l->all = mem_grow_array(l->all, l->count, room, sizeof *l->all);
        l->room = room;
    }
    l->all[l->count++] = (struct lifetime){what, party, ends_us, warning_us, grace_us, LASTS};
}

void lifetimes_add_set(struct lifetimes *l, const struct policy *p, const struct settings *s)
{
    struct bytes der;
    bool is_crl;
    for (size_t i = 0; policy_certificate(p, i, &is_crl, &der); i++) {
        const char *party = policy_certificate_party(p, i);
        if (is_crl)
            lifetimes_add(l, "revocation-list", party, certificate_crl_der_ends_us(der),
                          s->crl_warning, s->crl_grace);
        else
            lifetimes_add(l, "root", party, certificate_der_ends_us(der), CERTIFICATE_WARNING, 0);
    }
}

void lifetimes_add_own(struct lifetimes *l, const char *whose, struct bytes certificate_pem)
{
    struct buf own = BUF_INIT(certificate_pem.n);
    if (certificate_der_of_pem(certificate_pem, &own) == RESULT_OK)
        lifetimes_add(l, "certificate", whose, certificate_der_ends_us(buf_view(&own)),
                      CERTIFICATE_WARNING, 0);
    buf_free(&own);
}

static enum stage stage_of(const struct lifetime *l, int64_t now_us)
{
    if (now_us >= time_after(l->ends_us, l->grace_us))
        return OVER;
    if (now_us >= l->ends_us)
        return IN_GRACE;
    return now_us >= l->ends_us - l->warning_us ? ENDS_SOON : LASTS;
}

static void tell(const struct lifetime *l, const struct log *log)
{
    static const char *const event[] = {
        [ENDS_SOON] = "ends-soon", [IN_GRACE] = "ended-counts-on", [OVER] = "ended"};
    char ends[TIME_TEXT], until[TIME_TEXT];
    const struct zone *seoul = zone_named("Asia/Seoul");
    time_text_s(l->ends_us, seoul, ends);
    time_text_s(time_after(l->ends_us, l->grace_us), seoul, until);
    log_line(log, LOG_ALARM, event[l->told], "what=%s party=%s ends=%s counts_until=%s", l->what,
             l->party, ends, until);
}

void lifetimes_tick(struct lifetimes *l, const struct log *log)
{
    int64_t now_us = clock_wall_us(&log->clock);
    if (now_us >= l->looked_us && now_us < l->looked_us + US_PER_S)
        return;
    l->looked_us = now_us;
    for (size_t i = 0; i < l->count; i++) {
        struct lifetime *one = &l->all[i];
        enum stage stage = stage_of(one, now_us), before = one->told;
        one->told = stage;
        if (stage > before)
            tell(one, log);
    }
}

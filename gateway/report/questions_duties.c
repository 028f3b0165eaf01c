/* Questions about what somebody still owes: publication, review, notice, the end of an incident. */
#include "report/questions.h"

#define PUBLISH_WITHIN (30 * US_PER_DAY) /* PIPA 18(4) and its notice: thirty days, at most */

/* Three columns: who provided, to whom, on which basis. */
static void put_between(const struct report *r, const struct world_provision *p,
                        struct report_table *t, struct buf *cell)
{
    report_unit(r, p->policy, p->of->source, cell);
    table_take(t, cell);
    report_unit(r, p->policy, p->unit, cell);
    table_take(t, cell);
    names_put(r->names, p->policy, POLICY_NAME_BASIS, p->of->basis, cell);
    table_take(t, cell);
}

/* ---- publication under PIPA 18(4) */

static const struct report_column publications[] = {
    {"index", {"log index", "기록 번호"}},
    {"time", {"provided (+09:00)", "제공 일시 (+09:00)"}},
    {"clause", {"memorandum and clause", "협약과 조항"}},
    {"provider", {"provider", "제공한 기관·부서"}},
    {"recipient", {"recipient", "제공받은 기관·부서"}},
    {"basis", {"basis", "근거"}},
    {"due", {"to be published by (+09:00)", "공개 기한 (+09:00)"}},
    {"published", {"published (+09:00)", "공개 일시 (+09:00)"}},
    {"published_index", {"log index of the act", "공개 처분 기록 번호"}},
};

static struct bytes mou_of(struct bytes clause)
{
    const uint8_t *mark = clause.n == 0 ? NULL : memchr(clause.p, '#', clause.n);
    return bytes_of(clause.p, mark == NULL ? clause.n : (size_t)(mark - clause.p));
}

static bool is_public(const struct report *r, const struct world_provision *p)
{
    const struct policy *set = names_set(r->names, p->policy);
    struct bytes party;
    if (!ident_split_unit(p->of->source, &party, NULL))
        return false;
    /* Without a set nobody can be told from a private body: all are asked about. */
    return set == NULL ||
           (policy_party_is_public(set, party) && policy_basis_publishes(set, p->of->basis));
}

/* The bases of 18(2) that ask for it, where no set says which. */
static bool asks_for_publication(const struct report *r, const struct world_provision *p)
{
    struct bytes b = p->of->basis;
    if (names_set(r->names, p->policy) != NULL)
        return is_public(r, p);
    return bytes_begins(b, "kr/pipa/18-2-") && !bytes_is(b, "kr/pipa/18-2-1") &&
           !bytes_is(b, "kr/pipa/18-2-7");
}

/* The first act by which the provider's officer stated it, or NULL. */
static const struct world_published *published(const struct report *r,
                                               const struct world_provision *p)
{
    const struct world_published *first = NULL;
    struct bytes provider, officer;
    if (!ident_split_unit(p->of->source, &provider, NULL))
        return NULL;
    for (const struct world_published *x = r->world->published; x != NULL; x = x->next)
        if (p->index >= x->from && p->index < x->to && x->index > p->index &&
            bytes_equal(x->mou, mou_of(p->clause)) &&
            ident_split_unit(x->officer, &officer, NULL) && bytes_equal(officer, provider))
            first = x; /* the list begins with the last */
    return first;
}

/* The memorandum may promise it sooner than the law asks, in the set that decided. */
static int64_t publish_by(const struct report *r, const struct world_provision *p)
{
    const struct policy *set = names_set(r->names, p->policy);
    int64_t own = set == NULL ? 0 : policy_mou_publish_within_us(set, mou_of(p->clause));
    return time_after(p->time_us, own > 0 && own < PUBLISH_WITHIN ? own : PUBLISH_WITHIN);
}

static void add_publication(const struct report *r, const struct world_provision *p,
                            const struct world_published *x, struct report_table *t)
{
    struct buf cell = BUF_INIT(4096);
    table_number(t, p->index);
    table_time(t, p->time_us);
    table_put(t, p->clause);
    put_between(r, p, t, &cell);
    table_time(t, publish_by(r, p));
    table_time(t, x == NULL ? 0 : x->time_us);
    if (x == NULL)
        table_text(t, "");
    else
        table_number(t, x->index);
    buf_free(&cell);
}

struct report_table *question_publications(const struct report *r, struct bytes unused)
{
    static const char *const title[2] = {"Late publications under PIPA 18(4)",
                                         "18조 4항에 따른 공개가 늦은 제공"};
    struct report_table *t =
        table_new("publications", title, publications, ARRAY_LEN(publications), r->names->korean);
    (void)unused;
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next) {
        const struct world_published *x = published(r, p);
        int64_t due_us = publish_by(r, p);
        int64_t done_us = x == NULL ? r->now_us : x->time_us;
        if (report_is_within(r, p->time_us) && report_is_provision(p) && done_us > due_us &&
            asks_for_publication(r, p))
            add_publication(r, p, x, t);
    }
    report_notes(r, t);
    return t;
}

/* ---- emergencies */

static const struct report_column emergencies[] = {
    {"index", {"log index", "기록 번호"}},
    {"time", {"date and time (+09:00)", "일시 (+09:00)"}},
    {"kind", {"what", "내용"}},
    {"source", {"by", "이용한 부서"}},
    {"recipient", {"recipient", "제공받은 부서"}},
    {"clause", {"clause", "조항"}},
    {"failed", {"condition gone past", "넘어선 조건"}},
    {"review", {"review", "사후 검토"}},
    {"reviewed", {"reviewed (+09:00)", "검토 일시 (+09:00)"}},
    {"officers", {"officers", "담당관"}},
};

static void put_officers(const struct world_use *u, struct report_table *t, struct buf *cell)
{
    for (size_t i = 0; i < u->officers; i++)
        buf_printf(cell, "%s%.*s", i == 0 ? "" : ", ", (int)u->officer[i].n,
                   (const char *)u->officer[i].p);
    table_take(t, cell);
}

static void add_use(const struct report *r, const struct world_use *u, struct report_table *t)
{
    static const char *const states[][2] = {{"waits", "대기"},
                                            {"overdue", "기한 초과"},
                                            {"done", "완료"},
                                            {"done, late", "완료(지연)"}};
    struct buf cell = BUF_INIT(4096);
    table_number(t, u->index);
    table_time(t, u->time_us);
    names_put(r->names, 0, POLICY_NAME_KIND, u->kind, &cell);
    table_take(t, &cell);
    report_unit(r, 0, u->source, &cell);
    table_take(t, &cell);
    report_unit(r, 0, u->unit, &cell);
    table_take(t, &cell);
    table_put(t, u->clause);
    table_put(t, u->failed);
    table_text(t, states[(u->review != 0 ? 2 : 0) + u->is_overdue][r->names->korean]);
    table_time(t, u->review_us);
    put_officers(u, t, &cell);
    buf_free(&cell);
}

struct report_table *question_emergencies(const struct report *r, struct bytes unused)
{
    static const char *const title[2] = {"Uses in an emergency, and their reviews",
                                         "긴급 이용과 그 사후 검토"};
    struct report_table *t =
        table_new("emergencies", title, emergencies, ARRAY_LEN(emergencies), r->names->korean);
    (void)unused;
    for (const struct world_use *u = r->world->use; u != NULL; u = u->next)
        if (report_is_within(r, u->time_us))
            add_use(r, u, t);
    return t;
}

/* ---- notices */

static const struct report_column notices[] = {
    {"index", {"log index of the provision", "제공 기록 번호"}},
    {"time", {"provided (+09:00)", "제공 일시 (+09:00)"}},
    {"provider", {"to be told by", "통보할 기관"}},
    {"recipient", {"recipient", "제공받은 부서"}},
    {"basis", {"basis", "근거"}},
    {"state", {"state", "상태"}},
    {"until", {"deferred until (+09:00)", "유예 기한 (+09:00)"}},
    {"notice_index", {"log index of notice or deferral", "통보·유예 기록 번호"}},
};

enum notice_state { TOLD, NOT_SENT, SENT, DEFERRED, DEFERRAL_OVER };

static enum notice_state state_of(const struct report *r, const struct world_notice *n)
{
    if (n->told != 0)
        return TOLD;
    if (n->deferred != 0)
        return n->until_us != 0 && n->until_us <= r->now_us ? DEFERRAL_OVER : DEFERRED;
    return n->sent_us == 0 ? NOT_SENT : SENT;
}

static void add_notice(const struct report *r, const struct world_provision *p, enum notice_state s,
                       struct report_table *t)
{
    static const char *const states[][2] = {
        [NOT_SENT] = {"not sent to the carrier", "사업자에게 전달되지 않음"},
        [SENT] = {"sent, no receipt", "전달됨, 통보 확인 없음"},
        [DEFERRED] = {"deferred", "유예 중"},
        [DEFERRAL_OVER] = {"deferred, and its time is over", "유예 기한 지남"}};
    struct buf cell = BUF_INIT(4096);
    const struct world_notice *n = p->notice;
    table_number(t, p->index);
    table_time(t, p->time_us);
    put_between(r, p, t, &cell);
    table_text(t, states[s][r->names->korean]);
    table_time(t, n->until_us);
    table_number(t, n->deferred != 0 ? n->deferred : n->index);
    buf_free(&cell);
}

struct report_table *question_notices(const struct report *r, struct bytes unused)
{
    static const char *const title[2] = {"Notices to subjects that were not sent, or deferred",
                                         "발송되지 않았거나 유예된 통보"};
    struct report_table *t =
        table_new("notices", title, notices, ARRAY_LEN(notices), r->names->korean);
    (void)unused;
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next) {
        if (p->notice == NULL || !report_is_within(r, p->time_us))
            continue;
        enum notice_state s = state_of(r, p->notice);
        if (s != TOLD)
            add_notice(r, p, s, t);
    }
    report_notes(r, t);
    return t;
}

/* ---- incidents */

static const struct report_column incidents[] = {
    {"index", {"log index", "기록 번호"}}, {"time", {"opened (+09:00)", "개시 일시 (+09:00)"}},
    {"incident", {"incident", "사건"}},    {"unit", {"opened by", "개시한 부서"}},
    {"service", {"service", "서비스"}},    {"days", {"days open", "경과 일수"}},
};

static void add_incident(const struct report *r, const struct world_incident *i,
                         struct report_table *t)
{
    struct buf cell = BUF_INIT(4096);
    table_number(t, i->opened);
    table_time(t, i->opened_us);
    table_put(t, i->id);
    report_unit(r, 0, i->source, &cell);
    table_take(t, &cell);
    names_put(r->names, 0, POLICY_NAME_SERVICE, i->service, &cell);
    table_take(t, &cell);
    table_number(t, r->now_us > i->opened_us ? (uint64_t)((r->now_us - i->opened_us) / US_PER_DAY)
                                             : 0);
    buf_free(&cell);
}

struct report_table *question_incidents(const struct report *r, struct bytes unused)
{
    static const char *const title[2] = {"Incidents that were never closed", "종결되지 않은 사건"};
    struct report_table *t =
        table_new("incidents", title, incidents, ARRAY_LEN(incidents), r->names->korean);
    (void)unused;
    for (const struct world_incident *i = r->world->incident; i != NULL; i = i->next)
        if (i->ended == 0 && report_is_within(r, i->opened_us))
            add_incident(r, i, t);
    return t;
}

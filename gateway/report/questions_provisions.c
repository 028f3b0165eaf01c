/* Questions about what was provided to whom. */
#include "report/questions.h"

#include "base/map.h"
#include "base/mem.h"

static const struct report_column provisions[] = {
    {"index", {"log index", "기록 번호"}},
    {"time", {"date and time (+09:00)", "일시 (+09:00)"}},
    {"what", {"what", "내용"}},
    {"provider", {"provider", "제공한 부서"}},
    {"recipient", {"recipient", "제공받은 부서"}},
    {"staff", {"person", "담당자"}},
    {"purpose", {"purpose", "목적"}},
    {"basis", {"basis", "근거"}},
    {"incident", {"incident", "사건"}},
    {"destroyed", {"key destroyed (+09:00)", "키 파기 일시 (+09:00)"}},
};

static void put_period(const struct report *r, const struct world_provision *p,
                       struct report_table *t, struct buf *cell)
{
    report_period(r, p, cell);
    table_take(t, cell);
}

/* Who looked; of a delivery, who sent it. */
static void put_staff(const struct report *r, const struct world_provision *p,
                      struct report_table *t)
{
    struct fact f;
    world_fact(r->world, p->event == AUDIT_WATCH_OPENED ? p->index : p->of->index, &f);
    table_put(t, f.staff);
}

static void add_row(const struct report *r, const struct world_provision *p, struct report_table *t)
{
    struct buf cell = BUF_INIT(1 << 16);
    const struct world_erased *e = world_erased(r->world, p);
    table_number(t, p->index);
    put_period(r, p, t, &cell);
    report_file(r, p, &cell);
    table_take(t, &cell);
    report_unit(r, p->policy, p->of->source, &cell);
    table_take(t, &cell);
    report_unit(r, p->policy, p->unit, &cell);
    table_take(t, &cell);
    put_staff(r, p, t);
    names_put(r->names, p->policy, POLICY_NAME_PURPOSE, p->of->purpose, &cell);
    table_take(t, &cell);
    names_put(r->names, p->policy, POLICY_NAME_BASIS, p->of->basis, &cell);
    table_take(t, &cell);
    table_put(t, p->of->incident);
    table_time(t, e == NULL ? 0 : e->time_us);
    buf_free(&cell);
}

static struct report_table *table_of_provisions(const struct report *r, const char *word,
                                                const char *en, const char *ko)
{
    const char *const title[2] = {en, ko};
    return table_new(word, title, provisions, ARRAY_LEN(provisions), r->names->korean);
}

/* ---- camera: also one that began before the time, and went on into it */

static bool overlaps(const struct report *r, const struct world_provision *p)
{
    if (p->event != AUDIT_WATCH_OPENED)
        return report_is_within(r, p->time_us);
    return p->time_us < r->until_us && (p->ended_us == 0 || p->ended_us >= r->from_us);
}

static bool shows_camera(const struct report *r, const struct world_provision *p,
                         struct bytes camera)
{
    struct fact f;
    world_fact(r->world, p->index, &f);
    for (size_t i = 0; i < f.cameras; i++)
        if (bytes_equal(f.camera[i], camera))
            return true;
    return false;
}

struct report_table *question_camera(const struct report *r, struct bytes camera)
{
    struct report_table *t = table_of_provisions(r, "camera", "Who watched this camera",
                                                 "이 카메라를 열람하거나 제공받은 부서");
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next)
        if (overlaps(r, p) && shows_camera(r, p, camera))
            add_row(r, p, t);
    report_notes(r, t);
    return t;
}

/* ---- case: an incident, or a number that evidence or a letter names */

static bool names_case(const struct report *r, uint64_t index, struct bytes name)
{
    struct fact f;
    world_fact(r->world, index, &f);
    for (size_t i = 0; i < f.evidences; i++)
        if (bytes_equal(f.evidence[i].value, name))
            return true;
    return f.document.n > 0 && bytes_equal(f.document, name);
}

static bool is_incident(struct bytes incident, struct bytes name)
{
    return bytes_equal(incident, name) ||
           (incident.n > name.n && name.n == UUID_TEXT &&
            memcmp(incident.p + incident.n - name.n, name.p, name.n) == 0);
}

struct report_table *question_case(const struct report *r, struct bytes name)
{
    struct report_table *t =
        table_of_provisions(r, "case", "All provisions for this case", "이 사건에 관한 모든 제공");
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next)
        if (report_is_within(r, p->time_us) && !bytes_is(p->of->source, "gateway/self") &&
            (is_incident(p->of->incident, name) || names_case(r, p->index, name) ||
             names_case(r, p->of->index, name)))
            add_row(r, p, t);
    report_notes(r, t);
    return t;
}

/* ---- subject */

static bool is_of_subject(const struct report *r, const struct world_provision *p,
                          struct bytes subject)
{
    struct fact f;
    char tag[FACT_SUBJECT + 1];
    world_fact(r->world, p->index, &f);
    return f.subject.n > 0 && facts_subject(r->world->facts, p->index, subject, tag) &&
           bytes_is(f.subject, tag);
}

struct report_table *question_subject(const struct report *r, struct bytes subject)
{
    struct report_table *t = table_of_provisions(r, "subject", "Where this subject's data went",
                                                 "이 정보주체의 정보가 제공된 곳");
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next)
        if (report_is_within(r, p->time_us) && is_of_subject(r, p, subject))
            add_row(r, p, t);
    report_notes(r, t);
    return t;
}

/* ---- exposure: what each recipient got between two times */

static const struct report_column exposure[] = {
    {"index", {"first log index", "첫 기록 번호"}},
    {"last", {"last log index", "마지막 기록 번호"}},
    {"recipient", {"recipient", "제공받은 부서"}},
    {"deliveries", {"deliveries", "전달 건수"}},
    {"watches", {"watches", "열람 건수"}},
    {"seconds", {"seconds watched", "열람 시간(초)"}},
    {"bytes", {"bytes", "바이트"}},
    {"kept", {"of these, key not destroyed", "그중 키 미파기"}},
};

struct exposed {
    struct bytes unit;
    uint64_t first, last, policy, deliveries, watches, bytes, kept;
    int64_t watched_us;
    struct exposed *next;
};

static struct exposed *exposed_of(struct exposed **list, const struct world_provision *p)
{
    struct exposed **at = list;
    while (*at != NULL && !bytes_equal((*at)->unit, p->unit))
        at = &(*at)->next;
    if (*at == NULL) {
        *at = mem_new(sizeof **at);
        (*at)->unit = p->unit;
        (*at)->first = p->index;
        (*at)->policy = p->policy;
    }
    return *at;
}

/* Of a watch, the part that lies between the times: until now, when it goes on. */
static int64_t watched_us(const struct report *r, const struct world_provision *p)
{
    int64_t begin = p->time_us > r->from_us ? p->time_us : r->from_us;
    int64_t end = p->ended_us == 0 ? r->now_us : p->ended_us;
    end = end > r->until_us ? r->until_us : end;
    return end > begin ? end - begin : 0;
}

static void expose(const struct report *r, const struct world_provision *p, struct exposed *x)
{
    bool watch = p->event == AUDIT_WATCH_OPENED;
    x->last = p->index;
    x->deliveries += !watch;
    x->watches += watch;
    x->bytes += watch ? p->bytes : p->size;
    x->watched_us += watch ? watched_us(r, p) : 0;
    x->kept += !watch && world_erased(r->world, p) == NULL;
}

struct report_table *question_exposure(const struct report *r, struct bytes unused)
{
    static const char *const title[2] = {"What each recipient got", "수신 부서별 제공 내용"};
    struct report_table *t =
        table_new("exposure", title, exposure, ARRAY_LEN(exposure), r->names->korean);
    struct exposed *list = NULL, *x;
    struct buf cell = BUF_INIT(4096);
    (void)unused;
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next)
        if (overlaps(r, p) && report_is_provision(p))
            expose(r, p, exposed_of(&list, p));
    while ((x = list) != NULL) {
        table_number(t, x->first);
        table_number(t, x->last);
        report_unit(r, x->policy, x->unit, &cell);
        table_take(t, &cell);
        table_number(t, x->deliveries);
        table_number(t, x->watches);
        table_number(t, (uint64_t)(x->watched_us / US_PER_S));
        table_number(t, x->bytes);
        table_number(t, x->kept);
        list = x->next;
        mem_free(x);
    }
    buf_free(&cell);
    report_notes(r, t);
    return t;
}

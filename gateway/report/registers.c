#include "report/claims.h"

#include <stdio.h>

/* The columns of the forms, in their order, behind the leaf's index. */
static const struct report_column out_of_purpose[] = {
    {"index", {"log index", "기록 번호"}},
    {"file", {"file name", "개인정보파일의 명칭"}},
    {"provider", {"providing institution, unit", "제공하는 기관·부서"}},
    {"recipient", {"receiving institution, unit", "제공받는 기관·부서"}},
    {"purpose", {"purpose", "이용 또는 제공의 목적"}},
    {"ground", {"legal ground", "법적 근거"}},
    {"items", {"items", "개인정보의 항목"}},
    {"period", {"date, frequency or period (+09:00)", "날짜, 주기 또는 기간 (+09:00)"}},
    {"method", {"method", "이용 또는 제공의 형태"}},
    {"limits", {"limits and measures under 18(5)", "18조 5항에 따른 제한과 조치"}}};

static const struct report_column personal_video[] = {
    {"index", {"log index", "기록 번호"}},
    {"number", {"number", "번호"}},
    {"kind", {"kind", "구분"}},
    {"time", {"date and time (+09:00)", "일시 (+09:00)"}},
    {"file", {"file name and form", "파일명/형태"}},
    {"in_charge", {"person in charge", "담당자"}},
    {"purpose", {"purpose and reason", "목적/사유"}},
    {"recipient", {"recipient or requester", "이용·제공받는 제3자/열람 등 요구자"}},
    {"basis", {"basis", "이용·제공 근거"}},
    {"form", {"form", "이용·제공 형태"}},
    {"period", {"period (+09:00)", "기간 (+09:00)"}},
    {"document", {"document number", "문서 번호"}},
    {"destroy_by", {"destruction planned (+09:00)", "파기 예정 일시 (+09:00)"}},
    {"destroyed", {"destruction (+09:00)", "파기 일시 (+09:00)"}},
    {"ordered", {"recipient ordered to destroy (+09:00)", "수신자 파기 요구 일시 (+09:00)"}},
    {"received", {"receipt received (+09:00)", "파기 확인 접수 일시 (+09:00)"}},
    {"receipt", {"receipt, or retained under", "파기 확인 또는 보존 근거"}}};

static const struct report_column location[] = {
    {"index", {"log index", "기록 번호"}},
    {"recipient", {"requester or recipient", "요청인 또는 제공받는 자"}},
    {"path", {"acquisition path", "취득 경로"}},
    {"time", {"time (+09:00)", "일시 (+09:00)"}},
    {"method", {"method", "방법"}}};

/* ---- cells */

static void put_evidence(const struct report *r, uint64_t policy, const struct fact *f,
                         struct buf *out)
{
    for (size_t i = 0; i < f->evidences; i++) {
        const struct fact_evidence *e = &f->evidence[i];
        buf_text(out, out->n == 0 ? "" : "; ");
        names_put(r->names, policy, POLICY_NAME_EVIDENCE, e->kind, out);
        buf_printf(out, " %.*s", (int)e->value.n, (const char *)e->value.p);
    }
    if (f->document.n > 0)
        buf_printf(out, "%s%.*s", out->n == 0 ? "" : "; ", (int)f->document.n,
                   (const char *)f->document.p);
}

/* ---- 1: out-of-purpose use and provision to third parties */

/* PIPA 18 asks for this register; what rests on the Location Information Act stands in that of
 * LIA 16(2), and use within the purpose, or of what is about nobody, in none. */
static bool is_out_of_purpose(struct bytes basis)
{
    return !bytes_begins(basis, "kr/location/") && !bytes_is(basis, "kr/pipa/17-1-2") &&
           !bytes_is(basis, "kr/public");
}

static void put_method(const struct report *r, const struct world_provision *p, struct buf *out)
{
    bool ko = r->names->korean;
    if (p->event == AUDIT_WATCH_OPENED)
        buf_text(out, ko ? "게이트웨이를 통한 실시간 열람, 녹화 없음"
                         : "watched live through the gateway, not recorded there");
    else
        buf_text(out, ko ? "게이트웨이를 통한 암호화 전송(상호 TLS 1.3)"
                         : "sent through the gateway, encrypted (mutual TLS 1.3)");
}

static void put_limits(const struct report *r, const struct world_provision *p, struct buf *out)
{
    char text[TIME_TEXT];
    names_put_duties(r->names, p->policy, p->clause, out);
    if (p->deadline_us != 0) {
        table_time_text(p->deadline_us, text);
        buf_printf(out, r->names->korean ? "%s%s까지 파기" : "%sto be destroyed by %s",
                   out->n == 0 ? "" : "; ", text);
    }
    buf_printf(out, "%s%.*s", out->n == 0 ? "" : " — ", (int)p->clause.n,
               (const char *)p->clause.p);
}

static void row_out_of_purpose(const struct report *r, const struct world_provision *p,
                               struct report_table *t)
{
    struct buf cell = BUF_INIT(1 << 16);
    const struct world_message *m = p->of;
    table_number(t, p->index);
    report_file(r, p, &cell);
    table_take(t, &cell);
    report_unit(r, p->policy, m->source, &cell);
    table_take(t, &cell);
    report_unit(r, p->policy, p->unit, &cell);
    table_take(t, &cell);
    names_put(r->names, p->policy, POLICY_NAME_PURPOSE, m->purpose, &cell);
    table_take(t, &cell);
    names_put(r->names, p->policy, POLICY_NAME_BASIS, m->basis, &cell);
    table_take(t, &cell);
    report_items(r, p, &cell);
    table_take(t, &cell);
    report_period(r, p, &cell);
    table_take(t, &cell);
    put_method(r, p, &cell);
    table_take(t, &cell);
    put_limits(r, p, &cell);
    table_take(t, &cell);
    buf_free(&cell);
}

/* ---- 2: personal video */

static const char *const kinds[][2] = {
    {"use", "이용"}, {"provide", "제공"}, {"view", "열람"}, {"destroy", "파기"}};
enum { USE, PROVIDE, VIEW, DESTROY };

static bool is_video(const struct world_provision *p)
{
    return bytes_is(p->of->kind, "video") || bytes_is(p->of->kind, "scene_image") ||
           bytes_is(p->of->kind, "release_answer");
}

static bool same_party(struct bytes a, struct bytes b)
{
    struct bytes x, y;
    return ident_split_unit(a, &x, NULL) && ident_split_unit(b, &y, NULL) && bytes_equal(x, y);
}

/* A data subject who is let see a recording views it (PIPA 35); any other body is provided. */
static unsigned kind_of(const struct report *r, const struct world_provision *p)
{
    struct fact f;
    if (same_party(p->of->source, p->unit))
        return USE;
    if (!bytes_is(p->of->kind, "release_answer"))
        return PROVIDE;
    world_fact(r->world, p->of->index, &f);
    const struct world_provision *asked = f.has_about ? world_provision(r->world, f.about) : NULL;
    if (asked == NULL)
        return PROVIDE;
    world_fact(r->world, asked->of->index, &f);
    return bytes_is(f.result, "data-subject") || bytes_is(f.result, "representative") ? VIEW
                                                                                      : PROVIDE;
}

/* An answer that releases nothing is none of the register's. */
static bool gives_video(const struct report *r, const struct world_provision *p)
{
    struct fact f;
    if (!is_video(p) || !report_is_provision(p))
        return false;
    if (!bytes_is(p->of->kind, "release_answer"))
        return true;
    world_fact(r->world, p->of->index, &f);
    return f.result.n == 0 || bytes_is(f.result, "released");
}

static void put_form(const struct report *r, const struct world_provision *p, struct buf *out)
{
    struct fact f;
    bool ko = r->names->korean;
    world_fact(r->world, p->index, &f);
    if (p->event == AUDIT_WATCH_OPENED)
        buf_text(out, ko ? "실시간 열람" : "live view");
    else
        buf_text(out, ko ? "사본 제공" : "a copy");
    if (f.form.n > 0)
        buf_printf(out, " (%.*s)", (int)f.form.n, (const char *)f.form.p);
}

static void put_time(struct buf *out, const char *before, int64_t us, const char *behind)
{
    char text[TIME_TEXT];
    table_time_text(us, text);
    buf_printf(out, "%s%s%s", before, text, behind);
}

/* The case stands in the register alone. */
static void put_case(const struct report *r, const struct world_provision *p, struct buf *out)
{
    struct fact f;
    world_fact(r->world, p->owed->receipt, &f);
    for (size_t i = 0; i < f.retains; i++)
        if (f.retained[i].item == p->index)
            buf_printf(out, r->names->korean ? ", 사건 %.*s" : ", case %.*s",
                       (int)f.retained[i].case_ref.n, (const char *)f.retained[i].case_ref.p);
}

static void put_retained(const struct report *r, const struct world_provision *p, struct buf *out)
{
    bool ko = r->names->korean;
    buf_text(out, ko ? "보존: " : "retained under ");
    names_put(r->names, p->policy, POLICY_NAME_BASIS, p->owed->under, out);
    put_case(r, p, out);
    put_time(out, ko ? ", " : ", until ", p->owed->until_us, ko ? "까지" : "");
}

/* What its recipient says, which is no proof; a date that passed is never a destruction. */
static void put_answer(const struct report *r, const struct world_provision *p, struct buf *out)
{
    const struct owed *o = p->owed;
    bool ko = r->names->korean;
    switch (o->answer) {
    case OWED_DESTROYED:
        put_time(out, ko ? "수신자 파기 확인: " : "destroyed by the recipient, as it says, ",
                 o->stated_us, "");
        return;
    case OWED_NEVER_STORED:
        buf_text(out, ko ? "수신자가 저장하지 않음" : "never stored by the recipient, as it says");
        return;
    case OWED_RETAINED: put_retained(r, p, out); return;
    case OWED_UNANSWERED: break;
    }
    if (o->overdue != 0)
        buf_text(out, ko ? "파기 확인서 제출 기한 초과" : "no receipt in time: overdue");
    else if (o->receipt_by_us != 0)
        put_time(out, ko ? "파기 확인서 제출 기한: " : "receipt due by ", o->receipt_by_us, "");
    else
        buf_text(out, ko ? "파기 요구함, 확인서는 요구하지 않음"
                         : "ordered to destroy; no receipt is asked for");
}

static void put_receipt(const struct report *r, const struct world_provision *p,
                        struct report_table *t)
{
    struct buf cell = BUF_INIT(1 << 16);
    bool ko = r->names->korean, watched = p->event == AUDIT_WATCH_OPENED;
    if (watched)
        buf_text(&cell, ko ? "게이트웨이에 남은 사본 없음" : "no copy was kept at the gateway");
    if (p->owed != NULL) {
        buf_text(&cell, watched ? "; " : "");
        put_answer(r, p, &cell);
    } else if (!watched) {
        buf_text(&cell, ko ? "수신자 파기 확인 없음" : "no receipt of the recipient is on record");
    }
    table_take(t, &cell);
    buf_free(&cell);
}

/* Who answers for it: who sent, and for a watch who looked. */
static void put_in_charge(const struct report *r, const struct world_provision *p, struct buf *out)
{
    struct fact f;
    world_fact(r->world, p->of->index, &f);
    buf_put(out, f.staff.p, f.staff.n);
    if (p->event != AUDIT_WATCH_OPENED)
        return;
    world_fact(r->world, p->index, &f);
    if (f.staff.n > 0)
        buf_printf(out, "%s%.*s", out->n == 0 ? "" : " / ", (int)f.staff.n,
                   (const char *)f.staff.p);
}

static void put_destruction(const struct report *r, const struct world_provision *p,
                            struct report_table *t)
{
    const struct world_erased *e = world_erased(r->world, p);
    table_time(t, p->deadline_us);
    table_time(t, e == NULL ? 0 : e->time_us);
    table_time(t, p->owed == NULL ? 0 : p->owed->ordered_us);
    table_time(t, p->owed == NULL ? 0 : p->owed->answered_us);
    put_receipt(r, p, t);
}

static void row_video(const struct report *r, const struct world_provision *p, unsigned kind,
                      struct report_table *t)
{
    struct buf cell = BUF_INIT(1 << 16);
    struct fact f;
    const struct world_erased *e = world_erased(r->world, p);
    bool destroys = kind == DESTROY && e != NULL;
    table_number(t, destroys ? e->index : p->index);
    table_number(t, table_rows(t) + 1);
    table_text(t, kinds[kind][r->names->korean]);
    table_time(t, destroys ? e->time_us : p->time_us);
    report_file(r, p, &cell);
    table_take(t, &cell);
    put_in_charge(r, p, &cell);
    table_take(t, &cell);
    names_put(r->names, p->policy, POLICY_NAME_PURPOSE, p->of->purpose, &cell);
    if (p->of->incident.n > 0)
        buf_printf(&cell, "; %.*s", (int)p->of->incident.n, (const char *)p->of->incident.p);
    table_take(t, &cell);
    report_unit(r, p->policy, p->unit, &cell);
    table_take(t, &cell);
    names_put(r->names, p->policy, POLICY_NAME_BASIS, p->of->basis, &cell);
    table_take(t, &cell);
    put_form(r, p, &cell);
    table_take(t, &cell);
    report_period(r, p, &cell);
    table_take(t, &cell);
    world_fact(r->world, p->event == AUDIT_WATCH_OPENED ? p->index : p->of->index, &f);
    put_evidence(r, p->policy, &f, &cell);
    table_take(t, &cell);
    put_destruction(r, p, t);
    buf_free(&cell);
}

static void rows_video(const struct report *r, const struct world_provision *p,
                       struct report_table *t)
{
    const struct world_erased *e = world_erased(r->world, p);
    if (!gives_video(r, p))
        return;
    if (report_is_within(r, p->time_us))
        row_video(r, p, kind_of(r, p), t);
    if (e != NULL && report_is_within(r, e->time_us))
        row_video(r, p, DESTROY, t);
}

/* ---- 3: confirmation data of the Location Information Act, without the location */

/* What was opened says whether a position was among it; else the kind has to. */
static bool has_location(const struct report *r, const struct world_provision *p)
{
    struct fact f;
    bool asks = bytes_is(p->of->kind, "location_request");
    world_fact(r->world, p->index, &f);
    for (size_t i = 0; i < f.items; i++)
        if (bytes_is(f.item[i], "position"))
            return true;
    return asks || (f.items == 0 && (bytes_is(p->of->kind, "location_update") ||
                                     bytes_is(p->of->kind, "guardian_alert")));
}

static void put_path(const struct report *r, const struct world_provision *p, const struct fact *f,
                     struct buf *out)
{
    report_unit(r, p->policy, p->of->source, out);
    if (f->origin.n > 0) {
        buf_text(out, ", ");
        names_put(r->names, p->policy, POLICY_NAME_ORIGIN, f->origin, out);
    }
    buf_text(out, ", ");
    names_put(r->names, p->policy, POLICY_NAME_BASIS, p->of->basis, out);
}

static void row_location(const struct report *r, const struct world_provision *p,
                         struct report_table *t)
{
    struct buf cell = BUF_INIT(1 << 16);
    struct fact f;
    table_number(t, p->index);
    report_unit(r, p->policy, p->unit, &cell);
    table_take(t, &cell);
    world_fact(r->world, p->index, &f);
    put_path(r, p, &f, &cell);
    table_take(t, &cell);
    table_time(t, p->time_us);
    names_put(r->names, p->policy, POLICY_NAME_KIND, p->of->kind, &cell);
    if (f.method.n > 0) {
        buf_text(&cell, ", ");
        names_put_word(r->names, f.method, &cell);
    }
    table_take(t, &cell);
    buf_free(&cell);
}

/* ---- all */

static const struct {
    const char *word, *title[2];
    const struct report_column *column;
    size_t columns;
} registers[] = {
    {"out-of-purpose",
     {"Register of out-of-purpose use and third-party provision of personal data",
      "개인정보의 목적 외 이용 및 제3자 제공 대장"},
     out_of_purpose,
     ARRAY_LEN(out_of_purpose)},
    {"personal-video",
     {"Register of personal video", "개인영상정보 관리대장"},
     personal_video,
     ARRAY_LEN(personal_video)},
    {"location",
     {"Confirmation data on collection, use and provision of location information",
      "위치정보 수집·이용·제공사실 확인자료"},
     location,
     ARRAY_LEN(location)},
    {"requests",
     {"Register of requests for footage", "영상 열람·제공 청구 처리 대장"},
     claim_columns,
     CLAIM_COLUMNS},
};

const char *register_word(size_t i)
{
    return i < ARRAY_LEN(registers) ? registers[i].word : NULL;
}

const char *register_title(size_t i, bool korean)
{
    return i < ARRAY_LEN(registers) ? registers[i].title[korean] : NULL;
}

static void add_rows(size_t which, const struct report *r, const struct world_provision *p,
                     struct report_table *t)
{
    bool within = report_is_within(r, p->time_us) && report_is_provision(p);
    if (which == 1)
        rows_video(r, p, t);
    else if (which == 0 && within && is_out_of_purpose(p->of->basis))
        row_out_of_purpose(r, p, t);
    else if (which == 2 && within && has_location(r, p))
        row_location(r, p, t);
}

struct report_table *register_make(const char *which, const struct report *r)
{
    size_t i = 0;
    while (i < ARRAY_LEN(registers) && strcmp(registers[i].word, which) != 0)
        i++;
    if (i == ARRAY_LEN(registers))
        return NULL;
    struct report_table *t = table_new(registers[i].word, registers[i].title, registers[i].column,
                                       registers[i].columns, r->names->korean);
    for (const struct world_provision *p = r->world->provision; p != NULL; p = p->next)
        add_rows(i, r, p, t);
    if (registers[i].column == claim_columns)
        claim_rows(r, t);
    else
        report_notes(r, t);
    return t;
}

/* A chain for people: tables, and a sentence. */
#include "report/chain.h"

#include <inttypes.h>

static const struct report_column steps[] = {
    {"index", {"log index", "기록 번호"}},
    {"time", {"time (+09:00)", "일시 (+09:00)"}},
    {"step", {"step", "단계"}},
    {"unit", {"unit", "단위"}},
    {"what", {"what", "내용"}},
    {"destroy_by", {"destroy by (+09:00)", "파기 기한 (+09:00)"}}};

static const struct report_column keys[] = {
    {"index", {"log index of the destruction", "파기 기록 번호"}},
    {"scope", {"key scope", "키 번호"}},
    {"state", {"state", "상태"}},
    {"time", {"destroyed (+09:00)", "파기 일시 (+09:00)"}},
    {"cause", {"why", "사유"}},
    {"method", {"method", "방법"}},
    {"level", {"level", "수준"}},
    {"edge", {"forgotten by the edge too", "엣지 메모리에서 삭제"}}};

static const struct report_column recipients[] = {
    {"index", {"log index", "기록 번호"}},
    {"unit", {"recipient", "제공받은 기관·부서"}},
    {"time", {"given (+09:00)", "제공 일시 (+09:00)"}},
    {"clause", {"clause", "조항"}},
    {"taken", {"taken over, or watched until (+09:00)", "수신 확인·열람 종료 (+09:00)"}},
    {"destroy_by", {"to be destroyed by (+09:00)", "파기 기한 (+09:00)"}},
    {"ordered", {"ordered to (+09:00)", "파기 요구 (+09:00)"}},
    {"answered", {"receipt (+09:00)", "파기 확인서 (+09:00)"}},
    {"answer", {"what the recipient confirmed", "수신자의 확인 내용"}}};

static void put_view(struct buf *out, struct bytes text)
{
    buf_put(out, text.p, text.n);
}

/* ---- the chain */

/* "received" has rows for its recipients below its own. */
static void put_root(const struct report *r, const struct leaf *leaf, struct buf *out)
{
    struct bytes detail = leaf->detail, scopes;
    names_put(r->names, leaf->policy, POLICY_NAME_KIND, leaf->kind, out);
    if (leaf->size > 0)
        buf_printf(out, ", %" PRIu64 " B", leaf->size);
    if (leaf_detail(&detail, "scopes", &scopes)) {
        buf_text(out, r->names->korean ? ", 키 " : ", key scopes ");
        put_view(out, scopes);
    }
}

static void put_recipient(const struct report *r, const struct leaf_recipient *to, struct buf *out)
{
    names_put_reason(r->names, to->reason, out);
    buf_text(out, to->clause.n > 0 && to->reason.n > 0 ? ": " : "");
    put_view(out, to->clause);
    buf_text(out, to->failed.n > 0 ? " - " : "");
    put_view(out, to->failed);
}

/* Of all the scopes of a batch those of the record alone. */
static void put_destroyed(const struct report *r, const struct chain *c, const struct leaf *leaf,
                          struct buf *out)
{
    for (size_t i = 0; i < c->scopes; i++) {
        const struct chain_scope *s = &c->scope[i];
        if (s->destroyed != leaf->index)
            continue;
        buf_printf(out, "%s%s%.*s: ", out->n > 0 ? "; " : "",
                   r->names->korean ? "키 " : "key scope ", (int)s->number.n,
                   (const char *)s->number.p);
        names_put_word(r->names, s->method, out);
        buf_text(out, ", ");
        names_put_word(r->names, s->level, out);
        buf_text(out, s->cause.n > 0 ? ", " : "");
        names_put_word(r->names, s->cause, out);
    }
}

static void put_word(const struct report *r, const struct leaf *leaf, const char *key,
                     struct buf *out)
{
    struct bytes detail = leaf->detail, value;
    if (!leaf_detail(&detail, key, &value))
        return;
    buf_text(out, out->n > 0 ? ", " : "");
    names_put_word(r->names, value, out);
}

/* Why it was ordered; how it was destroyed; under which Act it is retained. */
static void put_owed(const struct report *r, const struct leaf *leaf, struct buf *out)
{
    put_view(out, leaf->recipients > 0 ? leaf->recipient[0].clause : bytes_of(NULL, 0));
    put_word(r, leaf, "cause", out);
    put_word(r, leaf, "method", out);
    put_word(r, leaf, "under", out);
}

static void put_what(const struct report *r, const struct chain *c, const struct leaf *leaf,
                     struct buf *out)
{
    if (chain_is_root(leaf))
        put_root(r, leaf, out);
    else if (leaf->event == AUDIT_DESTROYED)
        put_destroyed(r, c, leaf, out);
    else if (leaf->event == AUDIT_INCIDENT_ENDED || leaf->event == AUDIT_INCIDENT_CHANGED)
        put_view(out, leaf->incident[0]);
    else if (leaf->event == AUDIT_ORDERED || leaf->event == AUDIT_RETAINED ||
             leaf->event == AUDIT_RECIPIENT_DESTROYED)
        put_owed(r, leaf, out);
    else if (leaf->recipients > 0)
        put_recipient(r, &leaf->recipient[0], out);
    else if (leaf->event == AUDIT_ACT)
        put_view(out, leaf->detail);
}

static void add_decisions(const struct report *r, const struct leaf *leaf, struct report_table *t,
                          struct buf *cell)
{
    for (size_t i = 0; chain_is_root(leaf) && i < leaf->recipients; i++) {
        table_number(t, leaf->index);
        table_time(t, leaf->time_us);
        table_text(t, r->names->korean ? "판정" : "decided");
        report_unit(r, leaf->policy, leaf->recipient[i].unit, cell);
        table_take(t, cell);
        put_recipient(r, &leaf->recipient[i], cell);
        table_take(t, cell);
        table_time(t, leaf->recipient[i].deadline_us);
    }
}

static void add_step(const struct report *r, const struct chain *c, const struct leaf *leaf,
                     struct report_table *t, struct buf *cell)
{
    bool one = !chain_is_root(leaf) && leaf->recipients == 1;
    table_number(t, leaf->index);
    table_time(t, leaf->time_us);
    table_text(t, r->names->korean ? audit_event_text(leaf->event, true)
                                   : audit_event_word(leaf->event));
    report_unit(r, leaf->policy, one ? leaf->recipient[0].unit : leaf->source, cell);
    table_take(t, cell);
    put_what(r, c, leaf, cell);
    table_take(t, cell);
    table_time(t, one ? leaf->recipient[0].deadline_us : 0);
    add_decisions(r, leaf, t, cell);
}

static struct report_table *steps_table(const struct report *r, const struct chain *c)
{
    static const char *const title[2] = {"Chain of the record", "기록의 경과"};
    struct report_table *t = table_new("chain", title, steps, ARRAY_LEN(steps), r->names->korean);
    struct buf cell = BUF_INIT(1 << 20);
    for (const struct chain_link *l = c->link; l != NULL; l = l->next) {
        struct leaf leaf;
        struct leaf_room *room;
        if (leaf_read(l->entry, &leaf, &room) == RESULT_OK)
            add_step(r, c, &leaf, t, &cell);
        leaf_room_free(room);
    }
    if (c->is_full || c->is_cut)
        table_note(t, r->names->korean ? "기록이 너무 많아 일부만 표시함"
                                       : "There are more entries than are shown");
    buf_free(&cell);
    return t;
}

/* ---- here */

static void put_time(int64_t us, struct buf *out)
{
    char text[TIME_TEXT];
    table_time_text(us, text);
    buf_printf(out, "%s (+09:00)", text);
}

void chain_say(const struct chain *c, bool korean, struct buf *out)
{
    int64_t last_us = 0;
    for (size_t i = 0; i < c->scopes; i++)
        if (c->scope[i].destroyed_us > last_us)
            last_us = c->scope[i].destroyed_us;
    switch (chain_state(c)) {
    case CHAIN_ABSENT:
        buf_text(out, korean ? "기록에 없음" : "The log does not have this record");
        return;
    case CHAIN_UNSTORED:
        buf_text(out, korean ? "게이트웨이에 저장된 내용이 없음: 거부되었거나, 게이트웨이만 "
                               "받았거나, 실시간 영상임"
                             : "The gateway never stored its content: it was refused, for the "
                               "gateway alone, or live video");
        return;
    case CHAIN_STORED:
        buf_text(out, korean ? "파기되지 않음: 열 수 있는 사본의 키가 남아 있음"
                             : "Not destroyed: the key of a stored copy is still there");
        return;
    case CHAIN_DESTROYED: break;
    }
    buf_text(out, korean ? "게이트웨이에서 파기됨: 모든 사본의 키가 지워짐, "
                         : "Destroyed at the gateway: the keys of all stored copies were erased, "
                           "the last at ");
    put_time(last_us, out);
}

static const char *key_state(const struct chain_scope *s, bool ko)
{
    if (s->destroyed == 0)
        return ko ? "남아 있음" : "still there";
    return ko ? "파기됨" : "destroyed";
}

static void add_key(const struct report *r, const struct chain_scope *s, struct report_table *t,
                    struct buf *cell)
{
    bool ko = r->names->korean, gone = s->destroyed != 0;
    if (gone)
        table_number(t, s->destroyed);
    else
        table_text(t, "");
    table_put(t, s->number);
    table_text(t, key_state(s, ko));
    table_time(t, s->destroyed_us);
    names_put_word(r->names, s->cause, cell);
    table_take(t, cell);
    names_put_word(r->names, s->method, cell);
    table_take(t, cell);
    names_put_word(r->names, s->level, cell);
    table_take(t, cell);
    table_text(t, !gone                 ? ""
                  : s->edge_unconfirmed ? (ko ? "확인 없음" : "not confirmed")
                                        : (ko ? "예" : "yes"));
}

static struct report_table *keys_table(const struct report *r, const struct chain *c)
{
    static const char *const title[2] = {"At the gateway", "게이트웨이"};
    bool ko = r->names->korean;
    struct report_table *t = table_new("gateway", title, keys, ARRAY_LEN(keys), ko);
    struct buf text = BUF_INIT(4096);
    for (size_t i = 0; i < c->scopes; i++)
        add_key(r, &c->scope[i], t, &text);
    chain_say(c, ko, &text);
    table_note(t, buf_c(&text));
    if (chain_state(c) == CHAIN_DESTROYED)
        table_note(t, ko ? "수준 '파일': 키를 감싼 비밀값이 파일에 있었고 덮어써졌음. 블록 장치, "
                           "백업, 키 파일의 옛 "
                           "블록을 읽어도 열 수 없으나, 플래시 메모리 소자를 직접 읽는 경우까지 "
                           "막지는 못함(TPM은 "
                           "이후 단계)"
                         : "Level \"file\": the secret that wrapped the keys rested in a file and "
                           "was overwritten. Block devices, backups and old blocks of the key file "
                           "open nothing; memory cells of a flash drive that are read directly "
                           "are not excluded (a TPM is a later step)");
    buf_free(&text);
    return t;
}

/* ---- there */

static void put_unanswered(const struct owed *o, bool ko, struct buf *out)
{
    buf_text(out, ko ? "확인 없음" : "not confirmed");
    if (o->overdue != 0)
        buf_printf(out, ko ? ", 기한 초과(기록 %" PRIu64 ")" : ", overdue (entry %" PRIu64 ")",
                   o->overdue);
}

/* Its own statement, and no more than that. */
static void put_answer(const struct owed *o, bool ko, struct buf *out)
{
    switch (o->answer) {
    case OWED_UNANSWERED: put_unanswered(o, ko, out); return;
    case OWED_DESTROYED:
        buf_text(out, ko ? "파기함, " : "destroyed at ");
        put_time(o->stated_us, out);
        break;
    case OWED_NEVER_STORED: buf_text(out, ko ? "저장하지 않았음" : "never stored"); break;
    case OWED_RETAINED:
        buf_printf(out,
                   ko ? "파기하지 않고 보존: %.*s, " : "not destroyed: retained under %.*s until ",
                   (int)o->under.n, (const char *)o->under.p);
        put_time(o->until_us, out);
        buf_text(out, ko ? "까지" : "");
        break;
    }
    buf_printf(out, ko ? " (기록 %" PRIu64 ")" : " (entry %" PRIu64 ")", o->answered);
}

static struct report_table *recipients_table(const struct report *r, const struct chain *c)
{
    static const char *const title[2] = {"At the recipients", "제공받은 자"};
    bool ko = r->names->korean;
    struct report_table *t = table_new("recipients", title, recipients, ARRAY_LEN(recipients), ko);
    struct buf cell = BUF_INIT(4096);
    for (const struct chain_provision *p = c->provision; p != NULL; p = p->next) {
        table_number(t, p->index);
        report_unit(r, p->policy, p->unit, &cell);
        table_take(t, &cell);
        table_time(t, p->time_us);
        table_put(t, p->clause);
        table_time(t, p->taken_us);
        table_time(t, p->destroy_by_us);
        table_time(t, p->owed.ordered_us);
        table_time(t, p->owed.answered_us);
        put_answer(&p->owed, ko, &cell);
        table_take(t, &cell);
    }
    table_note(t, ko ? "기한이 지났다는 것만으로 파기된 것으로 보지 않음"
                     : "A date that passed is never taken for a destruction");
    buf_free(&cell);
    return t;
}

void chain_tables(const struct report *r, const struct chain *c,
                  struct report_table *out[CHAIN_TABLES])
{
    struct report_table *const made[CHAIN_TABLES] = {steps_table(r, c), keys_table(r, c),
                                                     recipients_table(r, c)};
    memcpy(out, made, sizeof made);
}

/* How old things are, on the page about now: what waits by lane, the checkpoint of the log, what
 * witnesses said of it. */
#include "console/now.h"

#include "audit/witness.h"
#include "console/index.h"
#include "console/state.h"
#include "console/tables.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- cells */

/* How long ago that was, as "26:03:12", which says the same in both languages; empty for 0. Never
 * less than nothing, whatever the clocks say. */
static void put_age(struct report_table *t, int64_t us, int64_t now_us)
{
    char text[32] = "";
    const int64_t s = us == 0 || now_us < us ? 0 : (now_us - us) / US_PER_S;
    if (us != 0)
        (void)snprintf(text, sizeof text, "%" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600,
                       s / 60 % 60, s % 60);
    table_text(t, text);
}

static void put_when(const struct web_call *w, struct report_table *t, int64_t us)
{
    table_time(t, us);
    put_age(t, us, console_wall(w->console));
}

static void put_text(const struct web_call *w, struct report_table *t, enum text what)
{
    table_text(t, text_of(what, w->korean));
}

/* ---- lanes */

static const struct report_column lane_columns[] = {
    {"lane", {"lane", "전달 등급"}},
    {"waiting", {"waiting", "대기"}},
    {"unacknowledged", {"unacknowledged", "수신 확인 전"}},
    {"oldest", {"oldest waiting, since (+09:00)", "가장 오래된 대기, 시작 (+09:00)"}},
    {"age", {"for (h:mm:ss)", "경과 (시:분:초)"}}};

void now_put_lanes(struct web_call *w, const struct live_ledger *l)
{
    static const char *const title[2] = {"Deliveries by lane", "전달 등급별 제공"};
    static const enum text name[ROAD_LANES] = {TEXT_LANE_URGENT, TEXT_LANE_NORMAL, TEXT_LANE_BULK};
    struct report_table *t =
        table_new("lanes", title, lane_columns, ARRAY_LEN(lane_columns), w->korean);
    for (size_t i = 0; i < ROAD_LANES; i++) {
        put_text(w, t, name[i]);
        table_number(t, l->lane[i].waiting);
        table_number(t, l->lane[i].unacknowledged);
        put_when(w, t, l->lane[i].oldest_us);
    }
    tables_put(w, t);
    table_free(t);
}

/* ---- the log: its newest entry, its checkpoint, its witnesses */

static const struct report_column log_columns[] = {
    {"what", {"what", "구분"}},
    {"at", {"last (+09:00)", "최근 (+09:00)"}},
    {"age", {"ago (h:mm:ss)", "경과 (시:분:초)"}},
    {"entries", {"entries up to it", "포함하는 기록 수"}},
    {"state", {"state", "상태"}}};

/* The signature of a checkpoint has no time: when it was made, the ledger alone can say. The file's
 * own time is that of the last copy, or of a witness's line that was put below. */
static void put_checkpoint(struct web_call *w, struct report_table *t, const struct live_ledger *l)
{
    const struct leaves_head *head = leaves_look(w->console->leaves, console_now(w->console));
    put_text(w, t, TEXT_CHECKPOINT_SIGNED);
    put_when(w, t, l->signed_us);
    table_number(t, l->published);
    if (l->signed_us == 0)
        put_text(w, t, TEXT_CHECKPOINT_NONE);
    else
        table_text(t, "");
    put_text(w, t, TEXT_CHECKPOINT_NEWEST);
    put_when(w, t, head->is_there ? head->last_us : 0);
    table_number(t, head->is_there ? head->checkpoint.size : 0);
    table_text(t, "");
}

static void put_witness(struct web_call *w, struct report_table *t, const struct note_key *key)
{
    const struct console_config *config = &w->console->config;
    struct buf name = BUF_INIT(NOTE_NAME_MAX + 64);
    struct witness_confirmed last = {0};
    const bool ever = witness_last(config->audit_folder, key, &last) == RESULT_OK;
    buf_printf(&name, "%s %s", text_of(TEXT_WITNESS, w->korean), key->name);
    table_take(t, &name);
    put_when(w, t, (int64_t)last.time_s * US_PER_S);
    table_number(t, last.size);
    if (config->search != NULL && now_witness_is_late(w, bytes_of_text(key->name)))
        put_text(w, t, TEXT_LATE);
    else if (!ever)
        put_text(w, t, TEXT_NEVER_YET);
    else if (!index_is_behind(w))
        put_text(w, t, TEXT_IN_TIME);
    else
        table_text(t, "");
    buf_free(&name);
}

void now_put_ages(struct web_call *w, const struct live_ledger *l)
{
    static const char *const title[2] = {"Checkpoint and witnesses of the log",
                                         "기록의 체크포인트와 외부 확인자"};
    const struct console_config *config = &w->console->config;
    struct report_table *t =
        table_new("ages", title, log_columns, ARRAY_LEN(log_columns), w->korean);
    put_checkpoint(w, t, l);
    for (size_t i = 0; i < config->witnesses; i++)
        put_witness(w, t, &config->witness[i]);
    if (config->witnesses == 0)
        table_note(t, text_of(TEXT_NO_WITNESS, w->korean));
    tables_put(w, t);
    table_free(t);
}

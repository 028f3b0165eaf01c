/* fedgatectl audit reconcile: what an agency says it sent and received, against the log. */
#include "cli/audit_list.h"

#include "base/map.h"
#include "base/mem.h"
#include "cli/audit_log.h"
#include "json/json.h"

#include <inttypes.h>
#include <string.h>

enum { LIST_MAX = 1 << 30, KEY_ROOM = 64 };

/* A leaf of the log that tells of a message which the party sent or got. */
struct logged {
    struct logged *same_id; /* the next one of the same message and direction */
    uint8_t index_key[9], id_key[KEY_ROOM];
    size_t id_key_n;
    bool sent, has_commitment, matched;
    uint64_t index;
    int64_t time_us;
    struct bytes id, kind, unit; /* unit: of the party */
    uint8_t commitment[LEAF_COMMITMENT];
};

struct reconcile {
    const char *party, *from, *until, *format, *language;
    int64_t from_us, until_us;
    bool korean, jsonl;
    struct said_list list;
    struct map *by_index, *by_id;
    struct logged **all; /* in the order of the log */
    size_t count, room;
    size_t missing_in_log, missing_in_list, differing;
    struct cli_table *table;
};

/* ---- the log's side */

static struct bytes index_key(const void *item)
{
    const struct logged *g = item;
    return bytes_of(g->index_key, sizeof g->index_key);
}

static struct bytes id_key(const void *item)
{
    const struct logged *g = item;
    return bytes_of(g->id_key, g->id_key_n);
}

static void make_index_key(bool sent, uint64_t index, uint8_t key[9])
{
    key[0] = sent;
    memcpy(key + 1, &index, sizeof index);
}

static size_t make_id_key(bool sent, struct bytes id, uint8_t key[KEY_ROOM])
{
    size_t n = id.n < KEY_ROOM - 1 ? id.n : KEY_ROOM - 1;
    key[0] = sent;
    if (n > 0)
        memcpy(key + 1, id.p, n);
    return n + 1;
}

static void add(struct reconcile *r, const struct leaf *leaf, bool sent, struct bytes unit)
{
    struct logged *g = arena_take(r->list.arena, sizeof *g);
    *g = (struct logged){.sent = sent,
                         .index = leaf->index,
                         .time_us = leaf->time_us,
                         .id = arena_copy(r->list.arena, leaf->id),
                         .kind = arena_copy(r->list.arena, leaf->kind),
                         .unit = arena_copy(r->list.arena, unit),
                         .has_commitment = leaf->commitment != NULL};
    if (g->has_commitment)
        memcpy(g->commitment, leaf->commitment, LEAF_COMMITMENT);
    make_index_key(sent, leaf->index, g->index_key);
    g->id_key_n = make_id_key(sent, leaf->id, g->id_key);
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 1024 : 2 * r->room;
        r->all = mem_grow_array(r->all, r->room, room, sizeof(struct logged *));
        r->room = room;
    }
    r->all[r->count++] = g;
    (void)map_add(r->by_index, g);
    struct logged *first = map_get(r->by_id, id_key(g));
    if (first == NULL) {
        (void)map_add(r->by_id, g);
    } else {
        g->same_id = first->same_id;
        first->same_id = g;
    }
}

/* Only what was recorded as handed over counts as received; the gateway's own words too. */
static void take_leaf(void *arg, const struct leaf *leaf)
{
    struct reconcile *r = arg;
    if (leaf->time_us < r->from_us || leaf->time_us >= r->until_us)
        return;
    if (leaf->event == AUDIT_RECEIVED && audit_is_of(leaf->source, r->party))
        add(r, leaf, true, leaf->source);
    else if (leaf->event == AUDIT_RELEASED && leaf->recipients == 1 &&
             audit_is_of(leaf->recipient[0].unit, r->party))
        add(r, leaf, false, leaf->recipient[0].unit);
}

/* ---- what differs, told */

enum finding { LOG_LACKS, LIST_LACKS, DIFFERS, FINDINGS };

static const struct {
    const char *word, *text[2];
} findings[FINDINGS] = {
    [LOG_LACKS] = {"log-lacks", {"not in the log", "기록에 없음"}},
    [LIST_LACKS] = {"list-lacks", {"not in the list", "목록에 없음"}},
    [DIFFERS] = {"differs", {"other content", "내용이 다름"}},
};

static void begin_table(struct reconcile *r)
{
    static const char *const heading[2][7] = {
        {"what", "direction", "message", "index", "time (Asia/Seoul)", "kind", "unit or line"},
        {"결과", "방향", "메시지", "번호", "시각 (Asia/Seoul)", "종류", "단위 또는 행"}};
    r->table = cli_table_new(7);
    for (size_t i = 0; i < 7; i++) {
        cli_table_cell(r->table, heading[r->korean][i]);
        cli_table_paint(r->table, CLI_FAINT);
    }
}

static const char *direction(const struct reconcile *r, bool sent)
{
    static const char *const words[2][2] = {{"received", "sent"}, {"수신", "발신"}};
    return words[r->korean && !r->jsonl][sent];
}

struct row {
    enum finding what;
    bool sent, has_index;
    struct bytes id, kind, where;
    uint64_t index;
    int64_t time_us;
};

static void cell(struct cli_table *t, struct bytes text)
{
    struct buf copy = BUF_INIT(4096);
    buf_put(&copy, text.p, text.n < 4000 ? text.n : 4000);
    cli_table_cell(t, buf_c(&copy));
    buf_free(&copy);
}

static void tell_row(struct reconcile *r, const struct row *row)
{
    char index[AUDIT_NUMBER] = "", when[TIME_TEXT];
    if (row->has_index)
        (void)snprintf(index, sizeof index, "%" PRIu64, row->index);
    audit_time(row->time_us, 0, when);
    cli_table_cell(r->table, findings[row->what].text[r->korean]);
    cli_table_paint(r->table, CLI_BAD);
    cli_table_cell(r->table, direction(r, row->sent));
    cell(r->table, row->id);
    cli_table_cell(r->table, index);
    cli_table_cell(r->table, when);
    cell(r->table, row->kind);
    cell(r->table, row->where);
}

static void tell_json(const struct reconcile *r, const struct row *row)
{
    struct buf out = BUF_INIT(1 << 16);
    buf_u8(&out, '{');
    json_put_member_text(&out, "direction", bytes_of_text(direction(r, row->sent)));
    json_put_member_text(&out, "id", row->id);
    if (row->has_index)
        json_put_member_integer(&out, "index", (int64_t)row->index);
    json_put_member_text(&out, "what", bytes_of_text(findings[row->what].word));
    buf_u8(&out, '}');
    (void)printf("%s\n", buf_c(&out));
    buf_free(&out);
}

static void tell(struct reconcile *r, const struct row *row)
{
    size_t *const counts[FINDINGS] = {&r->missing_in_log, &r->missing_in_list, &r->differing};
    ++*counts[row->what];
    if (r->jsonl)
        tell_json(r, row);
    else
        tell_row(r, row);
}

static void tell_said(struct reconcile *r, enum finding what, const struct said *s,
                      const struct logged *g)
{
    char line[40];
    (void)snprintf(line, sizeof line, r->korean ? "%zu행" : "line %zu", s->line);
    const struct row row = {.what = what,
                            .sent = s->sent,
                            .has_index = s->has_index || g != NULL,
                            .id = s->id.n > 0 || g == NULL ? s->id : g->id,
                            .index = g != NULL ? g->index : s->index,
                            .time_us = g != NULL ? g->time_us : 0,
                            .kind = g != NULL ? g->kind : bytes_of(NULL, 0),
                            .where = bytes_of_text(line)};
    tell(r, &row);
}

/* ---- comparing */

static struct logged *find(const struct reconcile *r, const struct said *s)
{
    uint8_t key[KEY_ROOM];
    if (s->has_index) {
        make_index_key(s->sent, s->index, key);
        return map_get(r->by_index, bytes_of(key, 9));
    }
    struct logged *first = map_get(r->by_id, bytes_of(key, make_id_key(s->sent, s->id, key)));
    for (struct logged *g = first; g != NULL; g = g->same_id)
        if (!g->matched &&
            (!s->has_commitment || memcmp(g->commitment, s->commitment, LEAF_COMMITMENT) == 0))
            return g;
    return first;
}

static void compare(struct reconcile *r, const struct said *s)
{
    struct logged *g = find(r, s);
    if (g == NULL) {
        tell_said(r, LOG_LACKS, s, NULL);
        return;
    }
    g->matched = true;
    if ((s->id.n > 0 && !bytes_equal(s->id, g->id)) ||
        (s->has_commitment &&
         (!g->has_commitment || memcmp(s->commitment, g->commitment, LEAF_COMMITMENT) != 0)))
        tell_said(r, DIFFERS, s, g);
}

static void tell_unlisted(struct reconcile *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct logged *g = r->all[i];
        const struct row row = {.what = LIST_LACKS,
                                .sent = g->sent,
                                .has_index = true,
                                .id = g->id,
                                .kind = g->kind,
                                .where = g->unit,
                                .index = g->index,
                                .time_us = g->time_us};
        if (!g->matched)
            tell(r, &row);
    }
}

static int compare_all(struct reconcile *r)
{
    begin_table(r);
    for (const struct said *s = r->list.first; s != NULL; s = s->next)
        compare(r, s);
    tell_unlisted(r);
    size_t wrong = r->missing_in_log + r->missing_in_list + r->differing;
    if (!r->jsonl && wrong > 0)
        cli_table_print(r->table, stdout);
    if (!r->jsonl)
        (void)printf(r->korean ? "목록 %zu건, 기록 %zu건: 기록에 없음 %zu, 목록에 없음 %zu, 내용이 "
                                 "다름 %zu\n"
                               : "%zu in the list, %zu in the log: %zu not in the log, %zu not in "
                                 "the list, %zu with other content\n",
                     r->list.count, r->count, r->missing_in_log, r->missing_in_list, r->differing);
    if (r->list.elsewhere > 0)
        cli_error("%zu lines are about other logs, and were passed over", r->list.elsewhere);
    cli_table_free(r->table);
    return wrong == 0 ? CLI_OK : CLI_NO;
}

/* ---- the command */

static bool read_lists(struct reconcile *r, int files, char **file)
{
    for (int i = 0; i < files; i++) {
        struct buf text = BUF_INIT(LIST_MAX);
        bool good = cli_read_file(file[i], LIST_MAX, &text) &&
                    said_read(buf_view(&text), file[i], &r->list);
        buf_free(&text);
        if (!good)
            return false;
    }
    return true;
}

static int run(struct reconcile *r, int files, char **file)
{
    struct audit_log log;
    if (!audit_log_open(file[0], &log))
        return CLI_FAILED;
    int code = CLI_FAILED;
    char *origin = audit_log_origin(&log);
    r->list = (struct said_list){.arena = arena_new(SIZE_MAX), .origin = origin};
    r->list.last = &r->list.first;
    r->by_index = map_new(index_key);
    r->by_id = map_new(id_key);
    if (read_lists(r, files - 1, file + 1) && audit_log_each(&log, take_leaf, r))
        code = compare_all(r);
    map_free(r->by_index);
    map_free(r->by_id);
    mem_free(r->all);
    mem_free(origin);
    arena_free(r->list.arena);
    audit_log_close(&log);
    return code;
}

int audit_reconcile_command(int argc, char **argv)
{
    struct reconcile r = {.from_us = INT64_MIN, .until_us = INT64_MAX};
    const struct cli_option options[] = {{"party", &r.party, NULL},   {"from", &r.from, NULL},
                                         {"until", &r.until, NULL},   {"format", &r.format, NULL},
                                         {"lang", &r.language, NULL}, {0}};
    int rest = cli_options(options, argc, argv);
    r.jsonl = r.format != NULL && strcmp(r.format, "jsonl") == 0;
    if (rest >= 0 && (rest < 2 || r.party == NULL))
        cli_error("reconcile needs --party P, the log's folder and a list");
    if (rest < 2 || r.party == NULL || !cli_language(r.language, &r.korean) ||
        !audit_read_time("--from", r.from, &r.from_us) ||
        !audit_read_time("--until", r.until, &r.until_us))
        return CLI_USAGE;
    if (r.format != NULL && !r.jsonl && strcmp(r.format, "table") != 0) {
        cli_error("--format is table or jsonl");
        return CLI_USAGE;
    }
    return run(&r, rest, argv + 1);
}

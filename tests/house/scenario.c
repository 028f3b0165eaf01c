#include "scenario.h"

#include "play.h"

#include "base/mem.h"
#include "crypto/base64.h"
#include "ledger/state.h"
#include "spool/queues.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLIP_MAX = 4 << 20 };

void play_fail(struct scenario *s, const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "%s:%u: %s\n", s->path, s->line, text);
    s->failed = true;
}

/* ---- names */

struct person *play_person(struct scenario *s, const char *name)
{
    for (size_t i = 0; i < s->persons; i++)
        if (strcmp(s->person[i]->name, name) == 0)
            return s->person[i];
    play_fail(s, "nobody is called '%s'", name);
    exit(1);
}

static const char *value_of(const struct scenario *s, const char *name, size_t n)
{
    for (size_t i = s->lets; i-- > 0;)
        if (strlen(s->let[i].name) == n && memcmp(s->let[i].name, name, n) == 0)
            return s->let[i].value;
    return NULL;
}

/* $name by its value, @photo by a picture in base64. */
static char *expand(struct scenario *s, const char *text)
{
    struct buf out = BUF_INIT(TEXT_MAX);
    while (*text != '\0') {
        size_t n = 0;
        if (*text == '$')
            while (isalnum((unsigned char)text[1 + n]) || text[1 + n] == '_')
                n++;
        const char *value = n > 0 ? value_of(s, text + 1, n) : NULL;
        if (strncmp(text, "@photo", 6) == 0) {
            base64_put(&out, buf_view(&s->photo));
            text += 6;
        } else if (value != NULL) {
            buf_text(&out, value);
            text += 1 + n;
        } else {
            buf_u8(&out, (uint8_t)*text++);
        }
    }
    char *copy = mem_text(out.p, out.n);
    buf_free(&out);
    return copy;
}

/* ---- statements */

static void do_let(struct scenario *s, const struct statement *t)
{
    char uuid[UUID_TEXT + 1];
    play_uuid(s, uuid);
    (void)snprintf(s->let[s->lets].name, sizeof s->let[0].name, "%s", t->word[1]);
    const char *value = t->word[2];
    const char *fresh = strstr(value, "new");
    if (fresh != NULL && fresh[3] == '\0') /* "new" or "unit:new" */
        (void)snprintf(s->let[s->lets].value, VALUE_MAX, "%.*s%s", (int)(fresh - value), value,
                       uuid);
    else
        (void)snprintf(s->let[s->lets].value, VALUE_MAX, "%s", value);
    s->lets++;
}

static void do_let_watch(struct scenario *s, const struct statement *t)
{
    (void)snprintf(s->let[s->lets].name, sizeof s->let[0].name, "%s", t->word[1]);
    (void)snprintf(s->let[s->lets++].value, VALUE_MAX, "%s",
                   play_person(s, t->word[2])->watch_record);
}

static void do_let_record(struct scenario *s, const struct statement *t)
{
    const struct person *p = play_person(s, t->word[2]);
    const bool order = strcmp(t->word[0], "let-order") == 0;
    (void)snprintf(s->let[s->lets].name, sizeof s->let[0].name, "%s", t->word[1]);
    play_text(p->delivery, order ? "message.destructionOrder.orderId" : "delivery.record.index",
              s->let[s->lets].value, VALUE_MAX);
    s->lets++;
}

static void do_clock(struct scenario *s, const struct statement *t)
{
    int64_t us;
    if (!time_parse(t->word[1], strlen(t->word[1]), zone_named("Asia/Seoul"), &us))
        play_fail(s, "'%s' is no time", t->word[1]);
    else
        house_set_clock(s->h, us);
}

static void do_advance(struct scenario *s, const struct statement *t)
{
    static const struct {
        const char *name;
        int64_t us;
    } unit[] = {{"second", US_PER_S},
                {"minute", US_PER_MINUTE},
                {"hour", US_PER_HOUR},
                {"day", US_PER_DAY}};
    for (size_t i = 0; i < ARRAY_LEN(unit); i++)
        if (strncmp(t->word[2], unit[i].name, strlen(unit[i].name)) == 0)
            house_advance(s->h, strtoll(t->word[1], NULL, 10) * unit[i].us);
}

static void do_connect(struct scenario *s, const struct statement *t)
{
    struct edge *e = house_edge(s->h);
    uint32_t unit = policy_unit(edge_policy(e), bytes_of_text(t->word[2]));
    struct person *p = NULL;
    if (unit == POLICY_NONE) {
        play_fail(s, "the policy set has no unit '%s'", t->word[2]);
        return;
    }
    for (size_t i = 0; i < s->persons; i++)
        if (strcmp(s->person[i]->name, t->word[1]) == 0)
            p = s->person[i];
    if (p == NULL) {
        p = s->person[s->persons++] = mem_new(sizeof *p);
        STAILQ_INIT(&p->receipts);
        STAILQ_INIT(&p->deliveries);
        p->sent = BUF_INIT(8 << 20);
        p->came = hasher_new();
    }
    (void)snprintf(p->name, sizeof p->name, "%s", t->word[1]);
    (void)snprintf(p->unit, sizeof p->unit, "%s", t->word[2]);
    p->session = session_open(e, unit, "test");
    house_settle(s->h);
}

static void forget_session(struct person *p)
{
    p->session = NULL;
    p->publisher = NULL;
    p->subscriber = NULL;
    p->sender = NULL;
    p->watcher = NULL;
}

static void do_disconnect(struct scenario *s, const struct statement *t)
{
    struct person *p = play_person(s, t->word[1]);
    session_close(p->session);
    forget_session(p);
    house_settle(s->h);
}

/* ---- the gateway itself */

static void do_scopes(struct scenario *s, const struct statement *t)
{
    const struct spool_scopes *scopes = house_ledger(s->h)->scopes;
    const struct spool_scope *x;
    size_t count = 0, at = 0;
    while ((x = spool_scopes_next(scopes, &at)) != NULL)
        count += x->starts != SPOOL_REGISTER; /* that one is always there */
    if (count != strtoul(t->word[1], NULL, 10))
        play_fail(s, "there are %zu scopes", count);
}

/* What is held stands in no queue. */
static size_t count_entries(const struct spool_queues *queues)
{
    struct spool_walk walk = {0};
    const struct spool_queue *q;
    const struct lanes_item *i;
    const struct lanes_flow *f;
    size_t count = 0;
    while ((q = spool_queues_next(queues, &walk)) != NULL) {
        TAILQ_FOREACH (i, &q->hand, next)
            count++;
        TAILQ_FOREACH (i, &q->parked, next)
            count++;
        for (size_t k = 0; k < LANES; k++)
            TAILQ_FOREACH (f, &q->lanes.lane[k].turns, in_turn)
                TAILQ_FOREACH (i, &f->waiting, next)
                    count++;
    }
    return count;
}

static void do_entries(struct scenario *s, const struct statement *t)
{
    size_t count = count_entries(house_ledger(s->h)->queues);
    if (count != strtoul(t->word[1], NULL, 10))
        play_fail(s, "there are %zu entries in queues", count);
}

static void do_leaves(struct scenario *s, const struct statement *t)
{
    size_t count = house_count_leaves(s->h, t->word[1]);
    if (count != strtoul(t->word[2], NULL, 10))
        play_fail(s, "the log has %zu leaves '%s'", count, t->word[1]);
}

static void do_verifies(struct scenario *s, const struct statement *t)
{
    (void)t;
    if (!house_log_verifies(s->h))
        play_fail(s, "the log does not verify");
}

static void do_restart(struct scenario *s, const struct statement *t)
{
    if (strcmp(t->word[1], "ledger") == 0)
        house_restart_ledger(s->h);
    else if (strcmp(t->word[1], "keeper") == 0)
        house_restart_keeper(s->h);
    else {
        for (size_t i = 0; i < s->persons; i++)
            forget_session(s->person[i]);
        house_restart_edge(s->h);
    }
}

static void do_kill(struct scenario *s, const struct statement *t)
{
    (void)t;
    house_kill_ledger(s->h);
}

/* A path beside the scenario. */
static void beside(const struct scenario *s, const char *name, char out[512])
{
    const char *slash = strrchr(s->path, '/');
    (void)snprintf(out, 512, "%.*s%s", slash == NULL ? 0 : (int)(slash - s->path) + 1, s->path,
                   name);
}

static void do_policy(struct scenario *s, const struct statement *t)
{
    char path[512];
    beside(s, t->word[1], path);
    house_set_policy(s->h, path);
}

static void do_memorandum(struct scenario *s, const struct statement *t)
{
    char path[512];
    beside(s, t->word[1], path);
    house_add_memorandum(s->h, path);
}

static const struct verb statements[] = {{"let", 3, do_let},
                                         {"let-record", 3, do_let_record},
                                         {"let-order", 3, do_let_record},
                                         {"let-watch", 3, do_let_watch},
                                         {"clock", 2, do_clock},
                                         {"advance", 3, do_advance},
                                         {"connect", 3, do_connect},
                                         {"disconnect", 2, do_disconnect},
                                         {"scopes", 2, do_scopes},
                                         {"entries", 2, do_entries},
                                         {"leaves", 3, do_leaves},
                                         {"verifies", 1, do_verifies},
                                         {"restart", 2, do_restart},
                                         {"kill", 2, do_kill},
                                         {"policy", 2, do_policy},
                                         {"memorandum", 2, do_memorandum},
                                         {0}};

static const struct verb *find(const struct verb *table, const char *name)
{
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    return table->name == NULL ? NULL : table;
}

static void run_statement(struct scenario *s, const struct statement *t)
{
    const struct verb *const tables[] = {statements, play_messages, play_video, play_receipts};
    const struct verb *verb = NULL;
    for (size_t i = 0; verb == NULL && i < ARRAY_LEN(tables); i++)
        verb = find(tables[i], t->word[0]);
    if (verb == NULL)
        play_fail(s, "there is no statement '%s'", t->word[0]);
    else if (t->words < verb->words)
        play_fail(s, "'%s' needs %zu words more", t->word[0], verb->words - t->words);
    else
        verb->run(s, t);
}

/* ---- reading */

/* Words are parted by blanks; "several words" in quotes are one. */
static void split(char *text, struct statement *t)
{
    t->words = 0;
    while (*(text += strspn(text, " \t")) != '\0' && t->words < WORDS_MAX) {
        char *end = *text == '"' ? strchr(text + 1, '"') : NULL;
        bool quoted = end != NULL && (end[1] == '\0' || end[1] == ' ');
        if (!quoted)
            end = text + strcspn(text, " \t");
        t->word[t->words++] = quoted ? text + 1 : text;
        text = *end == '\0' ? end : end + 1;
        *end = '\0';
    }
}

static int depth_of(const char *text)
{
    int depth = 0;
    bool quoted = false;
    for (; *text != '\0'; text++) {
        if (*text == '"' && text[-1] != '\\')
            quoted = !quoted;
        if (!quoted)
            depth += (*text == '{') - (*text == '}');
    }
    return depth;
}

/* One statement: a line, and the lines that its JSON goes on over. NULL at the end of the text. */
static char *next_statement(struct scenario *s, char **rest)
{
    struct buf out = BUF_INIT(TEXT_MAX);
    char *line;
    while ((line = strsep(rest, "\n")) != NULL) {
        s->line++;
        if (out.n == 0) {
            line += strspn(line, " \t");
            if (*line == '\0' || *line == '#')
                continue;
        }
        buf_printf(&out, "%s%s", out.n == 0 ? "" : " ", line);
        if (depth_of(buf_c(&out)) == 0)
            break;
    }
    char *text = out.n == 0 ? NULL : mem_text(out.p, out.n);
    buf_free(&out);
    return text;
}

static void run_text(struct scenario *s, char *text)
{
    char *line;
    while (!s->failed && (line = next_statement(s, &text)) != NULL) {
        char *expanded = expand(s, line), *brace = strchr(expanded, '{');
        struct statement t = {.json = brace == NULL ? NULL : mem_text(brace, strlen(brace))};
        if (brace != NULL)
            *brace = '\0';
        split(expanded, &t);
        run_statement(s, &t);
        mem_free(t.json);
        mem_free(expanded);
        mem_free(line);
    }
}

static void free_person(struct person *p)
{
    char *text;
    while ((text = play_next(&p->receipts)) != NULL)
        mem_free(text);
    while ((text = play_next(&p->deliveries)) != NULL)
        mem_free(text);
    mem_free(p->receipt);
    mem_free(p->delivery);
    hasher_free(p->came);
    buf_free(&p->sent);
    mem_free(p);
}

static bool read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;
    while (fd >= 0 && n > 0) {
        uint8_t *room = buf_reserve(out, 65536);
        n = room == NULL ? -1 : read(fd, room, 65536);
        if (n > 0)
            out->n += (size_t)n;
    }
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0 && n == 0;
}

bool scenario_run(const char *path)
{
    return scenario_run_and(path, NULL, NULL);
}

bool scenario_run_and(const char *path, void (*after)(struct house *h, void *arg), void *arg)
{
    struct scenario s = {.path = path, .clip = BUF_INIT(CLIP_MAX), .photo = BUF_INIT(CLIP_MAX)};
    struct buf text = BUF_INIT(TEXT_MAX);
    int64_t begin;
    if (!read_file(path, &text) || !read_file("tests/data/cctv-20s.ts", &s.clip) ||
        !read_file("tests/data/message/baseline.jpg", &s.photo)) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    (void)time_parse("2026-11-21T10:00:00+09:00", 25, zone_named("Asia/Seoul"), &begin);
    s.h = house_new("policy", begin);
    char *copy = mem_text(text.p, text.n);
    run_text(&s, copy);
    if (after != NULL)
        after(s.h, arg);
    house_free(s.h);
    for (size_t i = 0; i < s.persons; i++)
        free_person(s.person[i]);
    mem_free(copy);
    buf_free(&text);
    buf_free(&s.clip);
    buf_free(&s.photo);
    return !s.failed;
}

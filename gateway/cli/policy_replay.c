/* fedgatectl policy replay: which recorded decisions would change under another set? */
#include "cli/policy_replay.h"

#include "base/clock.h"
#include "base/mem.h"
#include "message/reason.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 16 << 20, EXAMPLES_OF_A_CHANGE = 5 };

struct arguments {
    const char *log, *folder, *then, *language, *since;
    int64_t since_us;
    bool json, korean;
};

struct replaying {
    const struct arguments *a;
    const struct policy *now;
    struct policy_replayer *replayer;
    struct replay_found found;
};

static bool parse(int argc, char **argv, struct arguments *a)
{
    const struct cli_option options[] = {{"json", NULL, &a->json},
                                         {"lang", &a->language, NULL},
                                         {"since", &a->since, NULL},
                                         {"then", &a->then, NULL},
                                         {NULL, NULL, NULL}};
    *a = (struct arguments){.since_us = INT64_MIN};
    const int count = cli_options(options, argc, argv);
    if (count < 0)
        return false;
    if (count != 2) {
        cli_error("policy replay takes two folders: the log and the new set");
        return false;
    }
    a->log = argv[1];
    a->folder = argv[2];
    if (a->since != NULL &&
        !time_parse(a->since, strlen(a->since), zone_named("Asia/Seoul"), &a->since_us)) {
        cli_error("--since is a day (2026-11-21) or a time (2026-11-21T10:00:00+09:00)");
        return false;
    }
    return cli_language(a->language, &a->korean);
}

/* ---- what was decided then */

/* False when something else than a set decided: the message's form, who sends it, a limit that is
 * counted, a suspension, a person. */
static bool verdict_of(struct bytes word, enum policy_verdict *out)
{
    const enum reason r = reason_of_word(word);
    *out = r == REASON_PERMITTED             ? POLICY_PERMITTED
           : r == REASON_PERMITTED_EMERGENCY ? POLICY_EMERGENCY
           : r == REASON_APPROVAL_PENDING    ? POLICY_HELD
                                             : POLICY_REFUSED;
    return *out != POLICY_REFUSED || r == REASON_PARTY_UNKNOWN || r == REASON_RECIPIENT_UNKNOWN ||
           r == REASON_ACTOR_MISSING ||
           (r >= REASON_NO_GRANT && r <= REASON_DISASTER_HQ_NOT_ACTIVE &&
            r != REASON_ONWARD_NOT_ALLOWED);
}

static struct replay_clause *clause_of(struct replay_found *f, struct bytes clause)
{
    for (size_t i = 0; i < f->clauses; i++)
        if (bytes_is(clause, f->clause[i].clause))
            return &f->clause[i];
    if (f->clauses == f->room) {
        const size_t room = f->room == 0 ? 16 : f->room * 2;
        f->clause = mem_grow_array(f->clause, f->room, room, sizeof *f->clause);
        f->room = room;
    }
    f->clause[f->clauses].clause = mem_text(clause.p, clause.n);
    return &f->clause[f->clauses++];
}

/* ---- what it comes to now */

static enum replay_change change_of(const struct policy_recorded *x,
                                    const struct policy_replayed *y)
{
    if (!y->settled)
        return REPLAY_OPEN;
    if (y->now.verdict == POLICY_REFUSED || x->verdict == POLICY_REFUSED)
        return y->now.verdict == x->verdict       ? REPLAY_SAME
               : y->now.verdict == POLICY_REFUSED ? REPLAY_REFUSED
                                                  : REPLAY_PERMITTED;
    return y->now.verdict == x->verdict && bytes_is(x->clause, y->now.clause) ? REPLAY_SAME
                                                                              : REPLAY_OTHER;
}

static char *outcome_text(const struct replaying *r, enum policy_verdict v, struct bytes clause)
{
    struct buf text = BUF_INIT(1024);
    buf_text(&text, policy_verdict_word(v, r->a->korean && !r->a->json));
    if (clause.n > 0)
        buf_u8(&text, ' ');
    buf_put(&text, clause.p, clause.n);
    char *copy = mem_text(text.p, text.n);
    buf_free(&text);
    return copy;
}

/* Some of each change, the first of the log. */
static void add_example(struct replaying *r, const struct leaf *leaf,
                        const struct policy_recorded *x, const struct policy_replayed *y,
                        enum replay_change change)
{
    struct replay_found *f = &r->found;
    if (change == REPLAY_SAME || change == REPLAY_OPEN || f->total[change] > EXAMPLES_OF_A_CHANGE ||
        f->examples == REPLAY_EXAMPLES_MAX)
        return;
    f->example[f->examples++] = (struct replay_example){
        .change = change,
        .index = leaf->index,
        .time_us = leaf->time_us,
        .kind = mem_text(x->kind.p, x->kind.n),
        .from = mem_text(x->from.p, x->from.n),
        .to = mem_text(x->to.p, x->to.n),
        .then = outcome_text(r, x->verdict, x->clause),
        .now = outcome_text(r, y->now.verdict, bytes_of_text(y->now.clause))};
}

static void count(struct replaying *r, const struct leaf *leaf, const struct policy_recorded *x)
{
    struct replay_found *f = &r->found;
    struct policy_replayed y;
    policy_replay(r->replayer, x, &y);
    const enum replay_change change = change_of(x, &y);
    clause_of(f, x->clause)->count[change]++;
    f->total[change]++;
    for (unsigned i = 0; change == REPLAY_OPEN && i < REPLAY_FACTS_MAX; i++)
        f->facts[i] += y.facts >> i & 1;
    f->withheld += change == REPLAY_OPEN && y.facts == 0;
    add_example(r, leaf, x, &y, change);
}

static void take_leaf(void *arg, const struct leaf *leaf)
{
    struct replaying *r = arg;
    if ((leaf->event != AUDIT_RECEIVED && leaf->event != AUDIT_RELEASED &&
         leaf->event != AUDIT_WITHHELD) ||
        leaf->time_us < r->a->since_us || bytes_is(leaf->source, "gateway/self"))
        return;
    for (size_t i = 0; i < leaf->recipients; i++) {
        const struct leaf_recipient *to = &leaf->recipient[i];
        struct policy_recorded x = {.kind = leaf->kind,
                                    .from = leaf->source,
                                    .to = to->unit,
                                    .service = leaf->service,
                                    .purpose = leaf->purpose,
                                    .basis = leaf->basis,
                                    .status = leaf->status,
                                    .incidents = leaf->incidents,
                                    .time_us = leaf->time_us,
                                    .serial = leaf->policy,
                                    .clause = to->clause};
        if (verdict_of(to->reason, &x.verdict))
            count(r, leaf, &x);
        else
            r->found.not_by_set++;
    }
}

/* ---- the command */

static void found_free(struct replay_found *f)
{
    for (size_t i = 0; i < f->clauses; i++)
        mem_free(f->clause[i].clause);
    for (size_t i = 0; i < f->examples; i++) {
        mem_free(f->example[i].kind);
        mem_free(f->example[i].from);
        mem_free(f->example[i].to);
        mem_free(f->example[i].then);
        mem_free(f->example[i].now);
    }
    mem_free(f->clause);
}

static int by_clause(const void *a, const void *b)
{
    const struct replay_clause *x = a, *y = b;
    return strcmp(x->clause, y->clause);
}

static int replay(const struct arguments *a, struct policy_set *now, struct policy_set *then)
{
    struct replaying r = {.a = a, .now = now->policy};
    struct audit_log log;
    struct buf out = BUF_INIT(TEXT_MAX);
    if (!audit_log_open(a->log, &log))
        return CLI_FAILED;
    r.replayer = policy_replayer_new(now->policy, then == NULL ? NULL : then->policy);
    int code = audit_log_each(&log, take_leaf, &r) ? CLI_OK : CLI_FAILED;
    if (r.found.clauses > 0)
        qsort(r.found.clause, r.found.clauses, sizeof *r.found.clause, by_clause);
    if (a->json)
        replay_print_json(&r.found, &out);
    else
        replay_print(&r.found, a->korean, &out);
    const int printed = policy_set_print(&out);
    buf_free(&out);
    found_free(&r.found);
    policy_replayer_free(r.replayer);
    audit_log_close(&log);
    return code == CLI_OK ? printed : code;
}

int policy_replay_run(int argc, char **argv)
{
    struct arguments a;
    struct policy_set now, then;
    if (!parse(argc, argv, &a))
        return CLI_USAGE;
    int code = policy_set_open(&now, a.folder, a.language);
    if (code == CLI_OK && a.then != NULL) {
        code = policy_set_open(&then, a.then, a.language);
        if (code == CLI_OK)
            code = replay(&a, &now, &then);
        policy_set_close(&then);
    } else if (code == CLI_OK) {
        code = replay(&a, &now, NULL);
    }
    policy_set_close(&now);
    return code;
}

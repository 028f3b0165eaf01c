#include "policy/expectation.h"

#include "base/limits.h"
#include "base/nearest.h"
#include "policy/builder.h"

#include <stdio.h>

enum { PATH_MAX_TEXT = 100 };

/* ---- reading */

static void read_to(struct reader *r, const struct node *n, void *target)
{
    request_line(r, n, "to", &((struct expectation *)target)->to);
}

static bool verdict_of(struct bytes word, enum policy_verdict *out)
{
    for (unsigned v = POLICY_PERMITTED; v <= POLICY_REFUSED; v++) {
        if (bytes_is(word, policy_verdict_word((enum policy_verdict)v, false))) {
            *out = (enum policy_verdict)v;
            return true;
        }
    }
    return false;
}

/* A word of the contract's Reason, without REASON_. */
static bool reason_of(struct bytes word, enum reason *out)
{
    const struct reason_row *row;
    for (size_t i = 0; (row = reason_at(i)) != NULL; i++) {
        if (bytes_is(word, row->name)) {
            *out = row->reason;
            return true;
        }
    }
    return false;
}

static void no_such_reason(struct reader *r, const struct node *n, struct bytes word)
{
    const struct reason_row *row;
    const char *nearest = NULL;
    char text[LIMIT_WORD];
    (void)snprintf(text, sizeof text, "%.*s", (int)word.n, (const char *)word.p);
    for (size_t i = 0; (row = reason_at(i)) != NULL; i++)
        nearest_offer(word, row->name, &nearest);
    read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, text, "reason", NULL);
    diagnose_hint(r->d, nearest, NULL);
}

static void read_verdict(struct reader *r, const struct node *n, void *target)
{
    struct expectation *x = target;
    x->has_verdict = verdict_of(node_text(n), &x->verdict);
    if (!x->has_verdict)
        read_fail(r, n, DIAGNOSE_NOT_AN_ANSWER, "verdict", NULL, NULL);
}

static void read_reason(struct reader *r, const struct node *n, void *target)
{
    if (read_is_text(r, n, "reason") &&
        !reason_of(node_text(n), &((struct expectation *)target)->reason))
        no_such_reason(r, n, node_text(n));
}

static void read_clause(struct reader *r, const struct node *n, void *target)
{
    request_line(r, n, "clause", &((struct expectation *)target)->clause);
}

static void read_failed(struct reader *r, const struct node *n, void *target)
{
    request_line(r, n, "failed", &((struct expectation *)target)->failed);
}

static void read_destroy_by(struct reader *r, const struct node *n, void *target)
{
    (void)request_moment(r, n, "destroy_by", &((struct expectation *)target)->destroy_by);
}

static void check_path(struct reader *r, const struct node *n, void *target)
{
    (void)target;
    (void)read_is_text(r, n, "changed");
}

static void read_changed(struct reader *r, const struct node *n, void *target)
{
    ((struct expectation *)target)->changed = n;
    source_each_text(r, n, "changed", check_path, target);
}

/* "refused OUTSIDE_RADIUS". An answer of its own: what a default said of reason and condition does
 * not hold. */
static void read_short(struct reader *r, const struct node *n, struct expectation *x)
{
    struct bytes text = node_text(n);
    const uint8_t *blank = memchr(text.p, ' ', text.n);
    struct bytes verdict = bytes_of(text.p, blank == NULL ? text.n : (size_t)(blank - text.p));
    x->reason = REASON_NONE;
    x->failed = bytes_of(NULL, 0);
    x->has_verdict = verdict_of(verdict, &x->verdict);
    if (!x->has_verdict) {
        read_fail(r, n, DIAGNOSE_NOT_AN_ANSWER, "expect", NULL, NULL);
        return;
    }
    if (x->verdict == POLICY_REFUSED)
        x->clause = bytes_of(NULL, 0);
    if (blank == NULL)
        return;
    struct bytes reason = bytes_of(blank + 1, text.n - verdict.n - 1);
    if (!reason_of(reason, &x->reason))
        no_such_reason(r, n, reason);
}

void expectation_read(struct reader *r, const struct node *n, struct expectation *out)
{
    static const struct read_key keys[] = {
        {"to", false, read_to},          {"verdict", false, read_verdict},
        {"reason", false, read_reason},  {"clause", false, read_clause},
        {"failed", false, read_failed},  {"destroy_by", false, read_destroy_by},
        {"changed", false, read_changed}};
    if (node_type(n) == NODE_TEXT)
        read_short(r, n, out);
    else
        (void)read_map(r, n, "an answer", keys, ARRAY_LEN(keys), out);
}

/* ---- comparing */

struct comparison {
    const struct policy *p;
    const struct answer *answer;
    bool korean, met;
    struct buf *out;
};

static void compare(struct comparison *c, const char *what, struct bytes expected,
                    const char *answered)
{
    if (bytes_is(expected, answered))
        return;
    c->met = false;
    buf_printf(c->out,
               c->korean ? "  %s: 기대 '%.*s', 답 '%s'\n"
                         : "  %s: expected '%.*s', answered '%s'\n",
               what, (int)expected.n, (const char *)expected.p, answered);
}

static const char *name_of(enum reason r)
{
    const struct reason_row *row = reason_row(r);
    return row == NULL ? "" : row->name;
}

/* Deadlines are rounded down, so an expected one is too. */
static void compare_deadline(struct comparison *c, const struct moment *expected, int64_t now_us)
{
    const struct policy_explanation *e = c->answer->explanation;
    const struct zone *zone = request_zone(c->p);
    char text[2][TIME_TEXT];
    time_text_s(policy_bucket(moment_us(expected, now_us), now_us), zone, text[0]);
    if (e == NULL || e->verdict == POLICY_REFUSED) {
        compare(c, "destroy_by", bytes_of_text(text[0]), "none");
        return;
    }
    time_text_s(e->obligations.destroy_by_us, zone, text[1]);
    compare(c, "destroy_by", bytes_of_text(text[0]), text[1]);
}

static void put_expected_paths(const struct node *n, struct buf *out)
{
    if (node_type(n) == NODE_TEXT)
        buf_text(out, request_is_none(n) ? "" : node_c(n));
    for (size_t i = 0; i < node_count(n); i++)
        buf_printf(out, "%s%s", i == 0 ? "" : ", ", node_c(node_item(n, i)));
}

static void compare_changed(struct comparison *c, const struct node *expected)
{
    const struct policy_explanation *e = c->answer->explanation;
    struct buf wanted = BUF_INIT(1 << 16), found = BUF_INIT(1 << 16);
    char path[PATH_MAX_TEXT];
    put_expected_paths(expected, &wanted);
    for (size_t i = 0; e != NULL && e->verdict != POLICY_REFUSED &&
                       policy_changed_field(c->p, e->decision.grant, i, path, sizeof path);
         i++)
        buf_printf(&found, "%s%s", i == 0 ? "" : ", ", path);
    compare(c, "changed", bytes_of_text(buf_c(&wanted)), buf_c(&found));
    buf_free(&wanted);
    buf_free(&found);
}

bool expectation_met(const struct expectation *x, const struct policy *p, int64_t now_us,
                     const struct answer *answer, bool korean, struct buf *out)
{
    const struct policy_explanation *e = answer->explanation;
    struct comparison c = {p, answer, korean, true, out};
    if (x->has_verdict)
        compare(&c, "verdict", bytes_of_text(policy_verdict_word(x->verdict, false)),
                policy_verdict_word(e == NULL ? POLICY_REFUSED : e->verdict, false));
    if (x->reason != REASON_NONE)
        compare(&c, "reason", bytes_of_text(name_of(x->reason)), name_of(answer->reason));
    if (x->clause.n > 0)
        compare(&c, "clause", x->clause, e == NULL ? "" : e->decision.clause);
    if (x->failed.n > 0)
        compare(&c, "failed", x->failed, answer->failed);
    if (x->destroy_by.given)
        compare_deadline(&c, &x->destroy_by, now_us);
    if (x->changed != NULL)
        compare_changed(&c, x->changed);
    return c.met;
}

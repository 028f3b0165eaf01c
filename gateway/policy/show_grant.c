/* One grant as an article: who, what for, on which law, if what, changed how, and with which
 * duties.
 */
#include "policy/show.h"

static const char *in(const struct show *s, const char *en, const char *ko)
{
    return s->korean ? ko : en;
}

/* "key" in a grant: says the rows of `place` about it. */
static void say_part(struct show *s, const struct node *grant, const char *key)
{
    (void)show_say(s, key, node_member(grant, key), "", false);
}

/* ---- the law; its text stands at the end, once */

static void say_bases(struct show *s, const struct node *n)
{
    const size_t count = node_type(n) == NODE_LIST ? node_count(n) : 1;
    show_add(s, SHOW_SENTENCE, node_line(n),
             count == 1 ? in(s, "It rests on this legal basis, and the sender brings its evidence:",
                             "제공의 법적 근거는 다음과 같으며, 보내는 자는 그 증빙을 제시한다:")
                        : in(s,
                             "It rests on one of these legal bases; the sender states which, and "
                             "brings its evidence:",
                             "제공의 법적 근거는 다음 중 하나이며, 보내는 자는 그 근거를 밝히고 "
                             "증빙을 제시한다:"),
             NULL);
    for (size_t i = 0; i < count; i++)
        (void)show_say(s, "basis", node_type(n) == NODE_LIST ? node_item(n, i) : n, "", false);
}

/* ---- conditions */

static void say_any(struct show *s, const struct node *n)
{
    show_add(s, SHOW_POINT, node_line(n),
             in(s, "one of these alternatives holds:", "다음 중 어느 하나에 해당할 것:"), NULL);
    for (size_t i = 0; i < node_count(n); i++) {
        struct buf text = BUF_INIT(1 << 16);
        show_join(s, "when", node_item(n, i), &text);
        show_add(s, SHOW_SUBPOINT, node_line(node_item(n, i)), buf_c(&text), NULL);
        buf_free(&text);
    }
}

static void say_when(struct show *s, const struct node *grant)
{
    const struct node *when = node_member(grant, "when");
    if (when == NULL) {
        show_add(s, SHOW_SENTENCE, node_line(grant),
                 in(s, "No further condition is to be met.", "그 밖의 조건은 없다."), NULL);
        return;
    }
    show_add(
        s, SHOW_SENTENCE, node_line(when),
        in(s, "It is given only if all of this holds:", "다음을 모두 충족하는 때에만 제공한다:"),
        NULL);
    (void)show_say(s, "when", when, "", false);
    if (node_member(when, "any") != NULL)
        say_any(s, node_member(when, "any"));
}

/* ---- what is changed on the way */

/* "the place asked about (around)"; a field in a field is told with what it is in. */
static void name_field(const struct show *s, struct bytes path, struct buf *out)
{
    struct bytes rest = path;
    buf_text(out, in(s, "the ", ""));
    while (rest.n > 0) {
        const uint8_t *dot = memchr(rest.p, '.', rest.n);
        size_t n = dot == NULL ? rest.n : (size_t)(dot - rest.p);
        const char *title = policy_title(s->p, TITLE_FIELD, bytes_of(rest.p, n), s->korean);
        if (rest.p != path.p)
            buf_text(out, ": ");
        if (title != NULL)
            buf_text(out, title);
        rest = dot == NULL ? bytes_of(NULL, 0) : bytes_of(dot + 1, rest.n - n - 1);
    }
    buf_printf(out, " (%.*s)", (int)path.n, (const char *)path.p);
}

static void say_transform(struct show *s, const struct node *n)
{
    show_add(s, SHOW_SENTENCE, node_line(n),
             in(s, "Before the recipient gets it, the gateway changes:",
                "게이트웨이는 제공하기 전에 다음을 바꾼다:"),
             NULL);
    for (size_t i = 0; i < node_count(n); i++) {
        struct buf field = BUF_INIT(4096);
        name_field(s, node_text(node_key(n, i)), &field);
        (void)show_say(s, "transform", node_value(n, i), buf_c(&field), false);
        buf_free(&field);
    }
}

/* ---- the whole */

static void say_limits(struct show *s, const struct node *n)
{
    show_add(s, SHOW_SENTENCE, node_line(n), in(s, "These limits hold:", "다음 한도에서 제공한다:"),
             NULL);
    (void)show_say(s, "limits", n, "", false);
}

static void say_title(struct show *s, const struct node *grant)
{
    const struct node *name = node_member(grant, "grant");
    struct buf title = BUF_INIT(4096);
    struct bytes kind = node_text(node_member(grant, "kind"));
    const char *text = policy_title(s->p, TITLE_KIND, kind, s->korean);
    buf_text(&title, text == NULL ? node_c(node_member(grant, "kind")) : text);
    if (title.n > 0 && title.p[0] >= 'a' && title.p[0] <= 'z')
        title.p[0] = (uint8_t)(title.p[0] - 'a' + 'A');
    show_mark(s, name);
    show_add(s, SHOW_ARTICLE, node_line(name), buf_c(&title), node_c(name));
    buf_free(&title);
}

void show_grant(struct show *s, const struct node *n)
{
    static const char *const duties[] = {"destroy", "keep",     "notify", "attend",
                                         "answer",  "approval", "onward", "offline"};
    say_title(s, n);
    (void)show_say(s, "grant", n, "", false);
    say_bases(s, node_member(n, "basis_any_of"));
    say_when(s, n);
    if (node_member(n, "transform") != NULL)
        say_transform(s, node_member(n, "transform"));
    if (node_member(n, "limits") != NULL)
        say_limits(s, node_member(n, "limits"));
    for (size_t i = 0; i < ARRAY_LEN(duties); i++)
        say_part(s, n, duties[i]);
}

/* A memorandum from its first article to its last. */
#include "policy/show.h"

static void chapter(struct show *s, const struct node *n, const char *en, const char *ko)
{
    show_add(s, SHOW_CHAPTER, node_line(n), s->korean ? ko : en, NULL);
}

static void article(struct show *s, const struct node *n, const char *en, const char *ko)
{
    show_add(s, SHOW_ARTICLE, node_line(n), s->korean ? ko : en, NULL);
}

/* A text or each of a list. */
static void say_each(struct show *s, const char *place, const struct node *n)
{
    if (n != NULL && node_type(n) != NODE_LIST)
        (void)show_say(s, place, n, "", false);
    for (size_t i = 0; n != NULL && node_type(n) == NODE_LIST && i < node_count(n); i++)
        (void)show_say(s, place, node_item(n, i), "", false);
}

static void say_paper(struct show *s, const struct node *root)
{
    const struct node *duties = node_member(root, "recipient_duties");
    chapter(s, root, "The memorandum", "총칙");
    article(s, node_member(root, "instrument"), "What it carries out", "시행하는 문서");
    (void)show_say(s, "instrument", node_member(root, "instrument"), "", false);
    say_each(s, "acknowledged", node_member(root, "acknowledged"));
    (void)show_say(s, "mou", root, "", false);
    article(s, node_member(root, "in_force"), "Time", "효력 기간");
    (void)show_say(s, "in_force", node_member(root, "in_force"), "", false);
    article(s, duties, "Duties of every recipient (PIPA 18(5))",
            "받는 자의 의무(개인정보 보호법 18조 5항)");
    show_add(s, SHOW_SENTENCE, node_line(duties),
             s->korean ? "받는 자는 다음을 지키며, 이 의무는 제공할 때마다 함께 전달한다:"
                       : "Whoever gets something under this memorandum keeps to this, which is "
                         "delivered with every message:",
             NULL);
    say_each(s, "recipient_duties", duties);
    article(s, node_member(root, "assessment"), "Assessment, publication, registers",
            "검토, 공표, 대장");
    (void)show_say(s, "assessment", node_member(root, "assessment"), "", false);
    (void)show_say(s, "publication", node_member(root, "publication"), "", false);
    const struct node *registers = node_member(root, "registers");
    if (node_type(registers) != NODE_LIST || node_count(registers) > 0)
        (void)show_say(s, "registers", registers, "", false);
}

static void say_prohibition(struct show *s, const struct node *n)
{
    const struct node *name = node_member(n, "prohibit");
    const char *place = node_member(n, "data_obtained_under") != NULL ? "prohibition"
                        : node_member(n, "kind") != NULL              ? "prohibition-of-kind"
                                                                      : "prohibition-of-all";
    show_mark(s, name);
    show_add(s, SHOW_ARTICLE, node_line(name), s->korean ? "금지" : "Prohibition", node_c(name));
    (void)show_say(s, place, n, "", false);
    (void)show_say(s, "because", n, "", false);
}

static void say_grants(struct show *s, const struct node *grants)
{
    chapter(s, grants, "What may be given", "제공할 수 있는 것");
    for (size_t i = 0; i < node_count(grants); i++)
        show_grant(s, node_item(grants, i));
}

static void say_prohibitions(struct show *s, const struct node *n)
{
    chapter(s, n, "What nobody may be given", "제공할 수 없는 것");
    for (size_t i = 0; i < node_count(n); i++)
        say_prohibition(s, node_item(n, i));
}

static void say_emergency(struct show *s, const struct node *n)
{
    chapter(s, n, "Emergencies", "긴급 예외");
    article(s, n, "Declaration and review", "선언과 검토");
    (void)show_say(s, "emergency", n, "", false);
}

/* ---- the law: what the catalogue says of each basis that a clause names */

static void add_words(const struct show *s, uint64_t mask, enum word_class class, struct buf *out)
{
    size_t said = 0;
    for (uint32_t i = 0; i < s->p->header->words_in[class]; i++) {
        const struct row_word *word = &s->p->words[s->p->header->word_first[class] + i];
        if (has_bit(mask, i))
            buf_printf(out, "%s%s",
                       said++ == 0 ? ""
                       : s->korean ? " 또는 "
                                   : " or ",
                       policy_text(s->p, s->korean ? word->ko : word->en));
    }
}

static void say_law(struct show *s, const struct row_basis *b)
{
    struct buf text = BUF_INIT(1 << 16);
    show_add(s, SHOW_ARTICLE, 0, policy_text(s->p, s->korean ? b->title_ko : b->title_en),
             policy_text(s->p, b->code));
    show_add(s, SHOW_QUOTE, 0, policy_text(s->p, s->korean ? b->text_ko : b->text_en), NULL);
    if (b->evidence != 0) {
        buf_text(&text, s->korean ? "증빙: " : "Evidence: ");
        add_words(s, b->evidence, WORD_EVIDENCE, &text);
        buf_text(&text, ".");
        show_add(s, SHOW_QUOTE, 0, buf_c(&text), NULL);
    }
    buf_free(&text);
}

/* Every basis that stands anywhere below, in the order of the catalogue. */
static uint64_t named_bases(const struct show *s, const struct node *n)
{
    uint64_t mask = 0;
    uint16_t basis = NO_WORD;
    if (node_type(n) == NODE_TEXT)
        basis = policy_basis(s->p, node_text(n));
    if (basis != NO_WORD)
        mask |= UINT64_C(1) << basis;
    for (size_t i = 0; i < node_count(n); i++)
        mask |= named_bases(s, node_type(n) == NODE_MAP ? node_value(n, i) : node_item(n, i));
    return mask;
}

static void say_laws(struct show *s, const struct node *root)
{
    const uint64_t named = named_bases(s, root);
    if (named == 0)
        return;
    show_add(s, SHOW_CHAPTER, 0, s->korean ? "법적 근거" : "The legal bases", NULL);
    for (size_t i = 0; i < s->p->bases_count; i++)
        if (has_bit(named, (unsigned)i))
            say_law(s, &s->p->bases[i]);
}

/* The title is the page's own (show_title). */
static void mark_title(struct show *s, const struct node *title)
{
    if (node_type(title) == NODE_TEXT)
        show_mark(s, title);
    for (size_t i = 0; i < node_count(title); i++)
        show_mark(s, node_value(title, i));
}

const char *show_title(const struct node *root, bool korean)
{
    const struct node *title = node_member(root, "title");
    return node_c(node_type(title) == NODE_MAP ? node_member(title, korean ? "ko" : "en") : title);
}

void show_memorandum(struct show *s, const struct node *root)
{
    mark_title(s, node_member(root, "title"));
    say_paper(s, root);
    say_grants(s, node_member(root, "grants"));
    if (node_member(root, "prohibitions") != NULL)
        say_prohibitions(s, node_member(root, "prohibitions"));
    if (node_member(root, "emergency") != NULL)
        say_emergency(s, node_member(root, "emergency"));
    say_laws(s, root);
}

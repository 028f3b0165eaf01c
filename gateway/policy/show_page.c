/* The sentences of a memorandum as text for a terminal, and as a page to sign. */
#include "base/mem.h"
#include "crypto/digest.h"
#include "policy/page.h"
#include "policy/show.h"

static const char closing[2][160] = {"What no clause of a memorandum permits is not given.",
                                     "어느 협약의 조항도 허용하지 않은 것은 제공하지 않는다."};

/* ---- text */

/* As wide as on a terminal: letters of East Asia take two columns. */
static size_t width_of(struct bytes text)
{
    size_t n = 0;
    while (text.n > 0)
        n += bytes_take_character(&text) >= 0x1100 ? 2 : 1;
    return n;
}

/* The text, broken at blanks; lines behind the first begin at `indent`. */
static void wrap(struct buf *out, const char *text, size_t indent, size_t width)
{
    size_t column = indent;
    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, " "), w = width_of(bytes_of(at, n));
        if (at != text && column + 1 + w > width) {
            buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (at != text) {
            buf_text(out, " ");
            column++;
        }
        buf_put(out, at, n);
        column += w;
        at += n + strspn(at + n, " ");
    }
    buf_text(out, "\n");
}

enum { MARGIN = 7 };

static size_t indent_of(enum show_style style)
{
    static const size_t indents[] = {[SHOW_CHAPTER] = 0, [SHOW_ARTICLE] = 0,   [SHOW_SENTENCE] = 2,
                                     [SHOW_POINT] = 6,   [SHOW_SUBPOINT] = 10, [SHOW_QUOTE] = 2};
    return MARGIN + indents[style];
}

static void put_line(struct buf *out, const struct show_line *l, size_t width)
{
    size_t indent = indent_of(l->style);
    if (l->style <= SHOW_ARTICLE)
        buf_text(out, "\n");
    if (l->line > 0 && l->style != SHOW_CHAPTER)
        buf_printf(out, "%5u%*s", l->line, (int)indent - 5, "");
    else
        buf_printf(out, "%*s", (int)indent, "");
    if (l->mark[0] != '\0') {
        buf_printf(out, "%s ", l->mark);
        indent += width_of(bytes_of_text(l->mark)) + 1;
    }
    struct buf text = BUF_INIT(1 << 20);
    buf_text(&text, l->text);
    if (l->name != NULL)
        buf_printf(&text, " [%s]", l->name);
    wrap(out, buf_c(&text), indent, width);
    buf_free(&text);
}

static void digest_text(struct bytes file, char out[2 * SHA256_BYTES + 1])
{
    uint8_t digest[SHA256_BYTES];
    struct hasher *h = hasher_new();
    hasher_sha256(h, &file, 1, digest);
    hasher_free(h);
    bytes_to_hex(bytes_of(digest, sizeof digest), out);
}

static void text_page(const struct show *s, const struct node *root, const char *file,
                      struct bytes text, size_t width, struct buf *out)
{
    char digest[2 * SHA256_BYTES + 1];
    digest_text(text, digest);
    buf_printf(out, "%s\n%s  %s\nSHA-256 %s\n", show_title(root, s->korean),
               node_c(node_member(root, "mou")), file, digest);
    for (size_t i = 0; i < s->count; i++)
        put_line(out, &s->line[i], width);
    buf_printf(out, "\n%*s%s\n", MARGIN, "", closing[s->korean]);
}

/* ---- HTML */

static const char *class_of(enum show_style style)
{
    static const char *const classes[] = {
        [SHOW_CHAPTER] = "chapter", [SHOW_ARTICLE] = "clause",    [SHOW_SENTENCE] = "sentence",
        [SHOW_POINT] = "point",     [SHOW_SUBPOINT] = "subpoint", [SHOW_QUOTE] = "quote"};
    return classes[style];
}

static void put_row(struct buf *out, const struct show_line *l)
{
    const char *tag = l->style == SHOW_CHAPTER ? "h2" : l->style == SHOW_ARTICLE ? "h3" : "div";
    buf_printf(out, "<%s class=\"row %s\"><span class=\"line\">", tag, class_of(l->style));
    if (l->line > 0 && l->style != SHOW_CHAPTER)
        buf_printf(out, "%u", l->line);
    buf_text(out, "</span>");
    page_element(out, "span", "mark", l->mark);
    buf_text(out, "<span class=\"text\">");
    page_text(out, l->text);
    if (l->name != NULL)
        page_element(out, "span", "name", l->name);
    buf_printf(out, "</span></%s>\n", tag);
}

static void put_signature(struct buf *out, const struct show *s, const struct node *by)
{
    const char *party = policy_title(s->p, TITLE_PARTY, node_text(by), s->korean);
    buf_text(out, "<tr><td>");
    page_text(out, party == NULL ? node_c(by) : party);
    buf_text(out, "<br>");
    page_element(out, "code", NULL, node_c(by));
    buf_text(out, "</td><td></td><td></td><td></td></tr>\n");
}

static void put_signatures(struct buf *out, const struct show *s, const struct node *root,
                           struct bytes text)
{
    static const char *const head[2][5] = {
        {"Signatures", "Party", "Name and office", "Signature", "Date"},
        {"서명", "기관", "성명과 직위", "서명 또는 인", "날짜"}};
    const struct node *parties = node_member(root, "acknowledged");
    char digest[2 * SHA256_BYTES + 1];
    digest_text(text, digest);
    buf_text(out, "<section class=\"sign\">");
    page_element(out, "h2", NULL, head[s->korean][0]);
    buf_text(out, "<table><thead><tr>");
    for (size_t i = 1; i < ARRAY_LEN(head[0]); i++)
        page_element(out, "th", NULL, head[s->korean][i]);
    buf_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < node_count(parties); i++)
        put_signature(out, s, node_member(node_item(parties, i), "by"));
    buf_printf(out, "</tbody></table>\n<p class=\"digest\">%s<br><code>%s</code></p></section>\n",
               s->korean ? "이 문서가 나타내는 파일의 SHA-256"
                         : "SHA-256 of the file that these sentences stand for",
               digest);
}

/* Each memorandum has a page style of its own, for its running head. */
static void put_style(struct buf *out, const char *mou, const char *digest)
{
    static const char small[] = "font:8pt sans-serif;color:#6b7280";
    buf_printf(out,
               "<style>@page p-%s{@top-left{content:\"%s\";%s}@top-right{content:\"SHA-256 "
               "%.16s…\";%s}@bottom-right{content:counter(page) \" / \" counter(pages);%s}}"
               "#p-%s{page:p-%s}</style>\n",
               mou, mou, small, digest, small, small, mou, mou);
}

static void html_page(const struct show *s, const struct node *root, const char *file,
                      struct bytes text, struct buf *out)
{
    const char *mou = node_c(node_member(root, "mou"));
    char digest[2 * SHA256_BYTES + 1];
    digest_text(text, digest);
    put_style(out, mou, digest);
    buf_printf(out, "<article class=\"paper\" id=\"p-%s\">\n<header>", mou);
    page_element(out, "h1", NULL, show_title(root, s->korean));
    buf_text(out, "<p>");
    page_element(out, "code", NULL, file);
    buf_printf(out, " · %s</p></header>\n",
               s->korean ? "왼쪽 숫자는 이 문장이 나타내는 파일의 줄 번호입니다"
                         : "the number in the margin is the line of the file that a sentence "
                           "stands for");
    for (size_t i = 0; i < s->count; i++)
        put_row(out, &s->line[i]);
    page_element(out, "p", "close", closing[s->korean]);
    put_signatures(out, s, root, text);
    buf_text(out, "</article>\n");
}

/* The sentences alone, well-formed as XML too. */
static void html_part(const struct show *s, struct buf *out)
{
    buf_text(out, "<article class=\"memorandum\">\n");
    for (size_t i = 0; i < s->count; i++)
        put_row(out, &s->line[i]);
    page_element(out, "p", "close", closing[s->korean]);
    buf_text(out, "</article>\n");
}

/* ---- both */

/* Whether the keys are there without which no memorandum compiles, those of `texts` as texts: the
 * file may be another one by now. */
static bool has_keys(const struct node *map, const char *const *texts, size_t count)
{
    if (node_type(map) != NODE_MAP)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct node *value = node_member(map, texts[i]);
        if (value == NULL || node_type(value) != NODE_TEXT)
            return false;
    }
    return true;
}

/* The same of every item of a list, which may be missing. */
static bool all_have(const struct node *list, const char *const *texts, size_t count)
{
    if (list == NULL)
        return true;
    for (size_t i = 0; i < node_count(list); i++)
        if (node_type(list) != NODE_LIST || !has_keys(node_item(list, i), texts, count))
            return false;
    return true;
}

static bool have_bases(const struct node *grants)
{
    for (size_t i = 0; i < node_count(grants); i++)
        if (node_member(node_item(grants, i), "basis_any_of") == NULL)
            return false;
    return true;
}

bool show_is_memorandum(const struct node *root)
{
    static const char *const maps[] = {
        "title",      "instrument", "acknowledged", "in_force", "recipient_duties",
        "assessment", "registers",  "grants"};
    static const char *const name[] = {"mou"}, *const prohibition[] = {"prohibit"},
                             *const acceptance[] = {"by"}, *const both[] = {"en", "ko"},
                             *const grant[] = {"grant", "kind"};
    if (!has_keys(root, name, ARRAY_LEN(name)))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        if (node_member(root, maps[i]) == NULL)
            return false;
    const struct node *title = node_member(root, "title"), *grants = node_member(root, "grants");
    return (node_type(title) == NODE_TEXT || has_keys(title, both, ARRAY_LEN(both))) &&
           all_have(grants, grant, ARRAY_LEN(grant)) && have_bases(grants) &&
           all_have(node_member(root, "prohibitions"), prohibition, ARRAY_LEN(prohibition)) &&
           all_have(node_member(root, "acknowledged"), acceptance, ARRAY_LEN(acceptance));
}

static enum result show_document(const struct policy *p, const struct node *root, const char *file,
                                 struct bytes text, bool korean, enum policy_form form,
                                 size_t width, struct buf *out, unsigned *unsaid)
{
    struct show *s = show_new(p, korean);
    show_memorandum(s, root);
    const struct node *left = show_unsaid(s, root);
    if (left != NULL)
        *unsaid = node_line(left);
    else if (form == POLICY_FORM_HTML)
        html_page(s, root, file, text, out);
    else if (form == POLICY_FORM_PART)
        html_part(s, out);
    else
        text_page(s, root, file, text, width, out);
    show_free(s);
    return left == NULL ? RESULT_OK : RESULT_UNKNOWN;
}

enum result policy_show(const struct policy *p, const char *file, struct bytes text, bool korean,
                        enum policy_form form, size_t width, struct buf *out, unsigned *unsaid)
{
    struct diagnose *d = diagnose_new();
    struct document *doc = document_read(text, file, d);
    enum result r = RESULT_MALFORMED;
    if (doc != NULL && show_is_memorandum(document_root(doc)))
        r = show_document(p, document_root(doc), file, text, korean, form, width, out, unsaid);
    document_free(doc);
    diagnose_free(d);
    return r;
}

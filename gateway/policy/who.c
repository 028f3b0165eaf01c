/* Who can ever receive what, from whom, on which basis, under which clause. */
#include "policy/page.h"
#include "policy/titles.h"

const char *policy_memorandum_name(const struct policy *p, size_t i)
{
    return i < p->mous_count ? policy_text(p, p->mous[i].name) : NULL;
}

const char *policy_memorandum_file(const struct policy *p, size_t i)
{
    return i < p->mous_count ? policy_text(p, p->mous[i].file) : NULL;
}

/* ---- flows */

/* A unit, or a party for all of its units. */
static bool is_wanted_unit(const struct policy *p, const char *wanted, uint32_t unit)
{
    return wanted == NULL || strcmp(policy_unit_name(p, unit), wanted) == 0 ||
           strcmp(policy_unit_party(p, unit), wanted) == 0;
}

static bool is_wanted(const struct policy *p, const struct policy_who *who,
                      const struct policy_flow *f)
{
    return (who->kind == NULL || strcmp(who->kind, f->kind) == 0) &&
           (who->purpose == NULL || strcmp(who->purpose, f->purpose) == 0) &&
           is_wanted_unit(p, who->from, f->from) && is_wanted_unit(p, who->to, f->to);
}

/* A prohibition of all data of the kind, whatever it carries, leaves nothing of a grant. */
static bool is_forbidden(const struct policy *p, unsigned kind, uint32_t to)
{
    const uint32_t roles = p->parties[p->units[to].party].roles;
    for (size_t i = 0; i < p->prohibitions_count; i++) {
        const struct row_prohibition *x = &p->prohibitions[i];
        if (x->origins == 0 && (x->kinds == 0 || has_bit(x->kinds, kind)) &&
            (roles & x->roles_spared) == 0 && to != p->header->self)
            return true;
    }
    return false;
}

static const char *word_name(const struct policy *p, enum word_class class, uint16_t word)
{
    return policy_text(p, p->words[p->header->word_first[class] + word].name);
}

struct walk {
    const struct policy *p;
    const struct policy_who *who; /* NULL: those of `unit` */
    uint32_t unit;
    void (*each)(const struct policy_flow *flow, void *arg);
    void *arg;
};

static void tell(const struct walk *w, enum policy_way way, uint32_t grant, uint32_t from,
                 uint32_t to)
{
    const struct policy *p = w->p;
    const struct row_grant *g = &p->grants[grant];
    if (w->who == NULL && from != w->unit && to != w->unit)
        return;
    struct policy_flow f = {.way = way,
                            .grant = grant,
                            .from = from,
                            .to = to,
                            .kind = kind_row((enum kind_id)g->kind)->name,
                            .purpose = word_name(p, WORD_PURPOSE, g->purpose),
                            .service = word_name(p, WORD_SERVICE, g->service),
                            .clause = policy_text(p, g->clause)};
    policy_grant_source(p, grant, &f.file, &f.line);
    if (!is_forbidden(p, g->kind, to) && (w->who == NULL || is_wanted(p, w->who, &f)))
        w->each(&f, w->arg);
}

/* How many ways were looked at. */
static size_t tell_grant(const struct walk *w, uint32_t i)
{
    const struct policy *p = w->p;
    const struct row_grant *g = &p->grants[i];
    const struct row_duties *d = &p->duties[i];
    for (uint32_t k = 0; k < g->tos; k++)
        tell(w, POLICY_WAY_GRANT, i, g->from, p->numbers[g->to_first + k]);
    if (d->else_unit != ROW_NONE)
        tell(w, POLICY_WAY_ESCALATION, i, g->from, d->else_unit);
    for (uint32_t k = 0; k < g->tos * d->onwards; k++)
        tell(w, POLICY_WAY_ONWARD, i, p->numbers[g->to_first + k / d->onwards],
             p->numbers[d->onward_first + k % d->onwards]);
    return 1 + g->tos * (1 + d->onwards);
}

void policy_flows(const struct policy *p, const struct policy_who *who,
                  void (*each)(const struct policy_flow *flow, void *arg), void *arg)
{
    const struct walk w = {p, who, POLICY_NONE, each, arg};
    for (uint32_t i = 0; i < p->grants_count; i++)
        (void)tell_grant(&w, i);
}

uint32_t policy_unit_flows(const struct policy *p, uint32_t unit, uint32_t from,
                           void (*each)(const struct policy_flow *flow, void *arg), void *arg,
                           size_t *looked)
{
    const struct walk w = {p, NULL, unit, each, arg};
    for (*looked = 0; from < p->grants_count && *looked < POLICY_UNIT_FLOWS;)
        *looked += tell_grant(&w, from++);
    return from < p->grants_count ? from : 0;
}

static uint64_t bases_of(const struct policy *p, const struct policy_flow *f)
{
    return f->way == POLICY_WAY_ONWARD ? p->duties[f->grant].onward_bases
                                       : p->grants[f->grant].bases;
}

const char *policy_flow_basis(const struct policy *p, const struct policy_flow *flow, uint32_t *at)
{
    while (*at < p->bases_count)
        if (has_bit(bases_of(p, flow), (*at)++))
            return policy_text(p, p->bases[*at - 1].code);
    return NULL;
}

void policy_flow_bases(const struct policy *p, const struct policy_flow *flow, struct buf *out)
{
    const char *code;
    for (uint32_t at = 0, said = 0; (code = policy_flow_basis(p, flow, &at)) != NULL; said++)
        buf_printf(out, "%s%s", said == 0 ? "" : ", ", code);
}

/* ---- what things are called */

void policy_put_name(const struct policy *p, enum policy_name what, const char *word, bool korean,
                     struct buf *out)
{
    static const unsigned classes[] = {[POLICY_NAME_KIND] = TITLE_KIND,
                                       [POLICY_NAME_PURPOSE] = TITLE_WORD_FIRST + WORD_PURPOSE,
                                       [POLICY_NAME_SERVICE] = TITLE_WORD_FIRST + WORD_SERVICE,
                                       [POLICY_NAME_BASIS] = TITLE_BASIS,
                                       [POLICY_NAME_FIELD] = TITLE_FIELD,
                                       [POLICY_NAME_ORIGIN] = TITLE_ORIGIN,
                                       [POLICY_NAME_EVIDENCE] = TITLE_WORD_FIRST + WORD_EVIDENCE};
    if (what == POLICY_NAME_UNIT) {
        policy_put_unit(p, bytes_of_text(word), korean, out);
        return;
    }
    const char *title = policy_title(p, classes[what], bytes_of_text(word), korean);
    buf_text(out, title == NULL ? word : title);
}

/* ---- the page */

struct matrix {
    const struct policy *p;
    bool korean;
    struct buf *out;
};

static void named_cell(const struct matrix *m, enum policy_name what, const char *word)
{
    struct buf name = BUF_INIT(1 << 16);
    policy_put_name(m->p, what, word, m->korean, &name);
    buf_text(m->out, "<td>");
    page_text(m->out, buf_c(&name));
    buf_text(m->out, "<br>");
    page_element(m->out, "code", NULL, word);
    buf_text(m->out, "</td>");
    buf_free(&name);
}

const char *policy_way_text(enum policy_way way, bool korean)
{
    static const char *const text[][2] = {
        [POLICY_WAY_GRANT] = {"directly", "직접"},
        [POLICY_WAY_ESCALATION] = {"when nobody attends", "미확인 시"},
        [POLICY_WAY_ONWARD] = {"passed on by a recipient", "재제공"}};
    return text[way][korean];
}

static void basis_cell(const struct matrix *m, const struct policy_flow *f)
{
    size_t said = 0;
    buf_text(m->out, "<td>");
    for (uint32_t i = 0; i < m->p->bases_count; i++) {
        const struct row_basis *b = &m->p->bases[i];
        if (!has_bit(bases_of(m->p, f), i))
            continue;
        buf_text(m->out, said++ == 0 ? "" : "<br>");
        page_text(m->out, policy_text(m->p, m->korean ? b->title_ko : b->title_en));
    }
    buf_text(m->out, "</td>");
}

static void page_row(const struct policy_flow *f, void *arg)
{
    const struct matrix *m = arg;
    buf_text(m->out, "<tr>");
    named_cell(m, POLICY_NAME_UNIT, policy_unit_name(m->p, f->to));
    named_cell(m, POLICY_NAME_KIND, f->kind);
    named_cell(m, POLICY_NAME_UNIT, policy_unit_name(m->p, f->from));
    named_cell(m, POLICY_NAME_PURPOSE, f->purpose);
    basis_cell(m, f);
    page_element(m->out, "td", NULL, policy_way_text(f->way, m->korean));
    buf_text(m->out, "<td>");
    page_element(m->out, "code", NULL, f->clause);
    buf_printf(m->out, "<br><code>%s:%u</code></td></tr>\n", f->file, f->line);
}

void policy_who_page(const struct policy *p, const struct policy_who *who, bool korean,
                     struct buf *out)
{
    static const char *const head[2][8] = {{"Who can receive what", "who", "what", "from whom",
                                            "what for", "legal basis", "how", "clause"},
                                           {"누가 무엇을 받을 수 있는가", "받는 자", "내용",
                                            "제공자", "목적", "법적 근거", "경로", "조항"}};
    struct matrix m = {p, korean, out};
    buf_text(out, "<article class=\"paper wide\"><header>");
    page_element(out, "h1", NULL, head[korean][0]);
    buf_printf(out, "<p>%s%s · %s %llu</p></header>\n<table class=\"matrix\"><thead><tr>",
               korean ? "정책집 " : "policy set ", policy_name(p), korean ? "일련번호" : "serial",
               (unsigned long long)policy_serial(p));
    for (size_t i = 1; i < ARRAY_LEN(head[0]); i++)
        page_element(out, "th", NULL, head[korean][i]);
    buf_text(out, "</tr></thead><tbody>\n");
    policy_flows(p, who, page_row, &m);
    buf_text(out, "</tbody></table></article>\n");
}

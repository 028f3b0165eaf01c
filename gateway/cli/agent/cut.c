#include "cli/agent/message.h"

#include "base/mem.h"

struct agent_cutter {
    struct buf text;
    size_t begin; /* of the object under way, or where the next is looked for */
    size_t at;    /* looked at so far */
    size_t line, begin_line;
    unsigned depth;
    bool in_string, escaped;
};

struct agent_cutter *agent_cutter_new(void)
{
    struct agent_cutter *c = mem_new(sizeof *c);
    c->text = BUF_INIT(2 * (size_t)AGENT_JSON_MAX);
    c->line = 1;
    return c;
}

void agent_cutter_free(struct agent_cutter *c)
{
    if (c == NULL)
        return;
    buf_free(&c->text);
    mem_free(c);
}

void agent_cutter_add(struct agent_cutter *c, struct bytes text)
{
    buf_drop(&c->text, c->begin);
    c->at -= c->begin;
    c->begin = 0;
    buf_put(&c->text, text.p, text.n);
}

static bool is_blank(uint8_t ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n';
}

/* One character inside an object; true when it ends it. Brackets need no counting: they nest within
 * braces, and JSON's reader checks them. */
static bool ends_object(struct agent_cutter *c, uint8_t ch)
{
    if (c->in_string) {
        if (!c->escaped && ch == '"')
            c->in_string = false;
        c->escaped = !c->escaped && ch == '\\';
        return false;
    }
    if (ch == '"')
        c->in_string = true;
    else if (ch == '{')
        c->depth++;
    else if (ch == '}')
        c->depth--;
    return c->depth == 0;
}

/* Passes blanks over up to the next object. RESULT_OK: one begins at `at`. */
static enum result find_begin(struct agent_cutter *c)
{
    for (; c->at < c->text.n && is_blank(c->text.p[c->at]); c->at++)
        c->line += c->text.p[c->at] == '\n';
    c->begin = c->at;
    c->begin_line = c->line;
    if (c->at == c->text.n)
        return RESULT_AGAIN;
    return c->text.p[c->at] == '{' ? RESULT_OK : RESULT_MALFORMED;
}

enum result agent_cutter_next(struct agent_cutter *c, struct bytes *object, size_t *line)
{
    if (c->depth == 0) {
        enum result r = find_begin(c);
        *line = c->begin_line;
        if (r != RESULT_OK)
            return r;
    }
    *line = c->begin_line;
    while (c->at < c->text.n) {
        uint8_t ch = c->text.p[c->at++];
        c->line += ch == '\n';
        if (!ends_object(c, ch))
            continue;
        *object = bytes_of(c->text.p + c->begin, c->at - c->begin);
        c->begin = c->at;
        return object->n > AGENT_JSON_MAX ? RESULT_TOO_LARGE : RESULT_OK;
    }
    return c->at - c->begin > AGENT_JSON_MAX ? RESULT_TOO_LARGE : RESULT_AGAIN;
}

bool agent_cutter_is_inside(const struct agent_cutter *c, size_t *line)
{
    *line = c->begin_line;
    return c->depth > 0;
}

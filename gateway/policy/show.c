#include "policy/show.h"

#include "base/mem.h"

#include <stdio.h>

static const struct sentence {
    const char *place;
    enum show_style style;
    const char *text[2];
} sentences[] = {
#define S(place, STYLE, en, ko) {place, SHOW_##STYLE, {en, ko}},
#include "policy/sentences.def"
#undef S
};

enum { TEXT_MAX = 1 << 20 };

/* ---- numbers */

static void number_letter(unsigned n, bool korean, char out[24])
{
    static const char *const syllable[] = {"가", "나", "다", "라", "마", "바", "사",
                                           "아", "자", "차", "카", "타", "파", "하"};
    static const char *const roman[] = {"i",  "ii", "iii", "iv",  "v",    "vi",  "vii", "viii",
                                        "ix", "x",  "xi",  "xii", "xiii", "xiv", "xv",  "xvi"};
    if (korean && n <= ARRAY_LEN(syllable))
        (void)snprintf(out, 24, "%s.", syllable[n - 1]);
    else if (!korean && n <= ARRAY_LEN(roman))
        (void)snprintf(out, 24, "(%s)", roman[n - 1]);
    else
        (void)snprintf(out, 24, "(%u)", n);
}

/* Acts of Korea number 장, 조, ①, 1. and 가. */
static void write_mark(enum show_style style, unsigned n, bool korean, char out[24])
{
    enum { CIRCLED = 20, LETTERS = 26 };
    switch (style) {
    case SHOW_CHAPTER: (void)snprintf(out, 24, korean ? "제%u장" : "Part %u.", n); break;
    case SHOW_ARTICLE: (void)snprintf(out, 24, korean ? "제%u조" : "Article %u.", n); break;
    case SHOW_SENTENCE:
        if (korean && n <= CIRCLED) /* U+2460 and on */
            (void)snprintf(out, 24, "\xe2\x91%c", (char)(0xa0 + n - 1));
        else
            (void)snprintf(out, 24, "(%u)", n);
        break;
    case SHOW_POINT:
        if (!korean && n <= LETTERS)
            (void)snprintf(out, 24, "(%c)", (char)('a' + n - 1));
        else
            (void)snprintf(out, 24, "%u.", n);
        break;
    case SHOW_SUBPOINT: number_letter(n, korean, out); break;
    case SHOW_QUOTE: out[0] = '\0'; break;
    }
}

void show_add(struct show *s, enum show_style style, unsigned line, const char *text,
              const char *name)
{
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 64 : 2 * s->room;
        s->line = mem_grow_array(s->line, s->room, room, sizeof *s->line);
        s->room = room;
    }
    struct show_line *l = &s->line[s->count++];
    *l = (struct show_line){.style = style,
                            .line = line,
                            .text = mem_text(text, strlen(text)),
                            .name = name == NULL ? NULL : mem_text(name, strlen(name))};
    if (style < SHOW_QUOTE)
        s->number[style]++;
    for (size_t i = style + 1; i < SHOW_QUOTE; i++)
        if (i != SHOW_ARTICLE) /* articles are numbered through */
            s->number[i] = 0;
    write_mark(style, style < SHOW_QUOTE ? s->number[style] : 0, s->korean, l->mark);
}

/* ---- what was said */

static struct bytes key_of_value(const void *item)
{
    return bytes_of(item, sizeof(const struct node *));
}

void show_mark(struct show *s, const struct node *n)
{
    const struct node **item = mem_new(sizeof(const struct node *));
    *item = n;
    if (!map_add(s->said, item))
        mem_free(item);
}

static bool was_said(const struct show *s, const struct node *n)
{
    return map_get(s->said, bytes_of(&n, sizeof n)) != NULL;
}

/* ---- sentences */

/* An English sentence begins with a capital; points of a list stay as they are. */
static void begin_large(const struct show *s, enum show_style style, struct buf *text)
{
    if (!s->korean && style == SHOW_SENTENCE && text->n > 0 && text->p[0] >= 'a' &&
        text->p[0] <= 'z')
        text->p[0] = (uint8_t)(text->p[0] - 'a' + 'A');
}

/* One row; false when it has nothing to say. `text` receives it. */
static bool say_row(struct show *s, const struct sentence *row, const struct node *n,
                    const char *about, struct buf *text, unsigned *line)
{
    struct phrase *phrase = mem_new(sizeof *phrase);
    phrase->p = s->p;
    phrase->korean = s->korean;
    phrase->about = about;
    phrase->place = n;
    bool good = phrase_fill(phrase, row->text[s->korean], text);
    *line = good && phrase->count > 0 ? node_line(phrase->said[0]) : node_line(n);
    for (size_t i = 0; good && i < phrase->count; i++)
        show_mark(s, phrase->said[i]);
    mem_free(phrase);
    return good;
}

size_t show_say(struct show *s, const char *place, const struct node *n, const char *about,
                bool deeper)
{
    size_t said = 0;
    for (size_t i = 0; n != NULL && i < ARRAY_LEN(sentences); i++) {
        const struct sentence *row = &sentences[i];
        struct buf text = BUF_INIT(TEXT_MAX);
        unsigned line;
        if (strcmp(row->place, place) == 0 && say_row(s, row, n, about, &text, &line)) {
            begin_large(s, row->style, &text);
            show_add(s, deeper ? SHOW_SUBPOINT : row->style, line, buf_c(&text), NULL);
            said++;
        }
        buf_free(&text);
    }
    return said;
}

void show_join(struct show *s, const char *place, const struct node *n, struct buf *out)
{
    const size_t begin = out->n;
    for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
        struct buf text = BUF_INIT(TEXT_MAX);
        unsigned line;
        if (strcmp(sentences[i].place, place) == 0 &&
            say_row(s, &sentences[i], n, "", &text, &line)) {
            buf_text(out, out->n == begin ? "" : "; ");
            buf_put(out, text.p, text.n);
        }
        buf_free(&text);
    }
}

/* ---- the whole */

static const struct node *find_unsaid(const struct show *s, const struct node *n)
{
    if (node_type(n) == NODE_TEXT)
        return was_said(s, n) ? NULL : n;
    for (size_t i = 0; i < node_count(n); i++) {
        const struct node *below = node_type(n) == NODE_MAP ? node_value(n, i) : node_item(n, i);
        const struct node *unsaid = find_unsaid(s, below);
        if (unsaid != NULL)
            return unsaid;
    }
    return NULL;
}

const struct node *show_unsaid(const struct show *s, const struct node *root)
{
    return find_unsaid(s, root);
}

struct show *show_new(const struct policy *p, bool korean)
{
    struct show *s = mem_new(sizeof *s);
    s->p = p;
    s->korean = korean;
    s->said = map_new(key_of_value);
    return s;
}

void show_free(struct show *s)
{
    size_t at = 0;
    if (s == NULL)
        return;
    while (map_next(s->said, &at) != NULL)
        mem_free(map_take(s->said, &at));
    map_free(s->said);
    for (size_t i = 0; i < s->count; i++) {
        mem_free(s->line[i].text);
        mem_free(s->line[i].name);
    }
    mem_free(s->line);
    mem_free(s);
}

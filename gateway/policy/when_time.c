/* Conditions about when and where something is permitted: periods, headquarters, regions. */
#include "policy/when.h"

enum { MINUTES_PER_HOUR = 60, MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR, HOURS_TEXT = 11 };

/* "HH:MM" in minutes, -1 when it is none. */
static int minutes_of(const char *t)
{
    for (unsigned i = 0; i < 5; i++)
        if (i == 2 ? t[i] != ':' : t[i] < '0' || t[i] > '9')
            return -1;
    const int hours = (t[0] - '0') * 10 + t[1] - '0', minutes = (t[3] - '0') * 10 + t[4] - '0';
    return hours < 24 && minutes < MINUTES_PER_HOUR ? hours * MINUTES_PER_HOUR + minutes : -1;
}

bool source_hours(struct reader *r, const struct node *n, const char *what, uint16_t *from,
                  uint16_t *to)
{
    const char *text = node_c(n);
    int begin = -1, end = -1;
    if (node_text(n).n == HOURS_TEXT && text[5] == '-') {
        begin = minutes_of(text);
        end = minutes_of(text + 6);
    }
    if (begin < 0 || end < 0 || begin == end) {
        read_fail(r, n, DIAGNOSE_NOT_HOURS, what, NULL, NULL);
        return false;
    }
    *from = (uint16_t)begin;
    *to = (uint16_t)end;
    return true;
}

static void read_hours(struct reader *r, const struct node *n, void *target)
{
    uint16_t from, to;
    if (!source_hours(r, n, when_key(CONDITION_PERIOD_HOURS), &from, &to))
        return;
    struct row_condition *c = when_add(target, CONDITION_PERIOD_HOURS, n);
    c->from_minute = from;
    c->to_minute = to;
}

static void read_days(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    static const struct choices from = {words, ARRAY_LEN(words), 0};
    when_choices(r, n, target, CONDITION_PERIOD_DAYS, 0, &from);
}

void when_read_period(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key keys[] = {{"hours", false, read_hours},
                                           {"days", false, read_days}};
    when_map(r, n, "period", keys, ARRAY_LEN(keys), target);
}

static void check_shapes(struct reader *r, const struct node *n, uint64_t mask)
{
    const struct compilation *c = COMPILATION_OF(r);
    for (uint32_t i = 0; i < c->header.words_in[WORD_REGION]; i++) {
        const struct row_region *region = builder_row(c, SECTION_REGIONS, i);
        const struct row_word *word =
            builder_row(c, SECTION_WORDS, c->header.word_first[WORD_REGION] + i);
        if ((mask >> i & 1) != 0 && region->corners == 0)
            read_fail(r, n, DIAGNOSE_REGION_WITHOUT_CORNERS, builder_text_at(c, word->name), NULL,
                      NULL);
    }
}

void when_regions(struct reader *r, const struct node *n, struct when *w, enum condition_op op,
                  bool with_corners)
{
    uint64_t mask;
    source_words(r, n, WORD_REGION, "region", &mask);
    if (with_corners)
        check_shapes(r, n, mask);
    when_add(w, op, n)->mask = mask;
}

void when_read_headquarters(struct reader *r, const struct node *n, void *target)
{
    when_regions(r, n, target, CONDITION_HEADQUARTERS, false);
}

#include "config/read.h"

#include "base/limits.h"
#include "base/ident.h"
#include "base/mem.h"
#include "base/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void read_fail(struct reader *r, const struct node *n, enum diagnose_code code, const char *a1,
               const char *a2, const char *a3)
{
    struct diagnose_place w = node_place(n);
    diagnose_add(r->d, code, &w, a1, a2, a3);
}

void read_also(struct reader *r, const struct node *n)
{
    if (n == NULL)
        return;
    struct diagnose_place w = node_place(n);
    diagnose_also(r->d, &w);
}

static void fail_unknown_key(struct reader *r, const struct node *key, const char *what,
                             const struct read_key *keys, size_t count)
{
    const char *nearest = NULL;
    struct buf expected = BUF_INIT(4096);
    for (size_t i = 0; i < count; i++) {
        nearest_offer(node_text(key), keys[i].key, &nearest);
        buf_printf(&expected, "%s%s", i == 0 ? "" : ", ", keys[i].key);
    }
    read_fail(r, key, DIAGNOSE_UNKNOWN_KEY, node_c(key), what, NULL);
    diagnose_hint(r->d, nearest, buf_c(&expected));
    buf_free(&expected);
}

static const struct read_key *find_key(struct bytes text, const struct read_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_is(text, keys[i].key))
            return &keys[i];
    return NULL;
}

bool read_map(struct reader *r, const struct node *map, const char *what,
              const struct read_key *keys, size_t count, void *target)
{
    if (r->watch != NULL)
        r->watch->seen(r->watch, what, keys, count);
    if (!read_is_map(r, map, what))
        return false;
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && node_member(map, keys[i].key) == NULL)
            read_fail(r, map, DIAGNOSE_MISSING_KEY, keys[i].key, what, NULL);
    /* In the order of the table, not of the file: what a later key needs is read before it. */
    for (size_t k = 0; k < count; k++) {
        const struct node *value = node_member(map, keys[k].key);
        if (value != NULL)
            keys[k].read(r, value, target);
    }
    for (size_t i = 0; i < node_count(map); i++)
        if (find_key(node_text(node_key(map, i)), keys, count) == NULL)
            fail_unknown_key(r, node_key(map, i), what, keys, count);
    return true;
}

bool read_is_text(struct reader *r, const struct node *n, const char *what)
{
    if (node_type(n) == NODE_TEXT && node_text(n).n > 0)
        return true;
    read_fail(r, n, DIAGNOSE_WANT_TEXT, what, NULL, NULL);
    return false;
}

bool read_is_list(struct reader *r, const struct node *n, const char *what)
{
    if (node_type(n) == NODE_LIST)
        return true;
    read_fail(r, n, DIAGNOSE_WANT_LIST, what, NULL, NULL);
    return false;
}

bool read_is_map(struct reader *r, const struct node *n, const char *what)
{
    if (node_type(n) == NODE_MAP)
        return true;
    read_fail(r, n, DIAGNOSE_WANT_MAP, what, NULL, NULL);
    return false;
}

bool read_text(struct reader *r, const struct node *n, const char *what, size_t most,
               struct bytes *out)
{
    char limit[24];
    if (!read_is_text(r, n, what))
        return false;
    if (node_text(n).n > most) {
        (void)snprintf(limit, sizeof limit, "%zu", most);
        read_fail(r, n, DIAGNOSE_TOO_LONG, what, limit, NULL);
        return false;
    }
    *out = node_text(n);
    return true;
}

bool read_word(struct reader *r, const struct node *n, const char *what, struct bytes *out)
{
    if (!read_is_text(r, n, what))
        return false;
    if (!ident_is_word(node_text(n))) {
        read_fail(r, n, DIAGNOSE_NOT_A_WORD, node_c(n), NULL, NULL);
        return false;
    }
    *out = node_text(n);
    return true;
}

/* A whole decimal number at the start of `text`; the rest, without blanks, is the unit. */
static bool split_quantity(const char *text, int64_t *number, const char **unit)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    *number = strtoll(text, &end, 10);
    if (errno != 0)
        return false;
    while (*end == ' ')
        end++;
    *unit = end;
    return true;
}

struct unit {
    const char *name;
    int64_t factor;
};

static bool quantity_of(const char *text, const struct unit *units, size_t count, int64_t *out)
{
    int64_t number;
    const char *unit;
    if (!split_quantity(text, &number, &unit))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(units[i].name, unit) == 0)
            return !__builtin_mul_overflow(number, units[i].factor, out);
    return false;
}

static bool read_quantity(const struct node *n, const struct unit *units, size_t count,
                          int64_t *out)
{
    return node_type(n) == NODE_TEXT && quantity_of(node_c(n), units, count, out);
}

bool read_duration_text(const char *text, int64_t *out_us)
{
    static const struct unit units[] = {
        {"seconds", US_PER_S},       {"second", US_PER_S},       {"초", US_PER_S},
        {"minutes", US_PER_MINUTE},  {"minute", US_PER_MINUTE},  {"분", US_PER_MINUTE},
        {"hours", US_PER_HOUR},      {"hour", US_PER_HOUR},      {"시간", US_PER_HOUR},
        {"days", US_PER_DAY},        {"day", US_PER_DAY},        {"일", US_PER_DAY},
        {"years", 365 * US_PER_DAY}, {"year", 365 * US_PER_DAY}, {"년", 365 * US_PER_DAY}};
    int64_t v;
    if (!quantity_of(text, units, ARRAY_LEN(units), &v) || v > 100 * 365 * US_PER_DAY)
        return false;
    *out_us = v;
    return true;
}

bool read_number(struct reader *r, const struct node *n, const char *what, int64_t least,
                 int64_t most, int64_t *out)
{
    static const struct unit none[] = {{"", 1}};
    int64_t v;
    char low[24], high[24];
    if (read_quantity(n, none, 1, &v) && v >= least && v <= most) {
        *out = v;
        return true;
    }
    (void)snprintf(low, sizeof low, "%" PRId64, least);
    (void)snprintf(high, sizeof high, "%" PRId64, most);
    read_fail(r, n, DIAGNOSE_NOT_A_NUMBER, low, high, what);
    return false;
}

bool read_yes_no(struct reader *r, const struct node *n, const char *what, bool *out)
{
    struct bytes t = node_text(n);
    if (node_type(n) == NODE_TEXT && (bytes_is(t, "yes") || bytes_is(t, "no"))) {
        *out = bytes_is(t, "yes");
        return true;
    }
    read_fail(r, n, DIAGNOSE_NOT_YES_NO, what, NULL, NULL);
    return false;
}

bool read_duration(struct reader *r, const struct node *n, const char *what, int64_t *out_us)
{
    if (node_type(n) == NODE_TEXT && read_duration_text(node_c(n), out_us))
        return true;
    read_fail(r, n, DIAGNOSE_NOT_A_DURATION, what, NULL, NULL);
    return false;
}

bool read_length(struct reader *r, const struct node *n, const char *what, double *out_m)
{
    static const struct unit units[] = {{"m", 1}, {"km", 1000}};
    int64_t v;
    if (read_quantity(n, units, ARRAY_LEN(units), &v) && v >= 1 && v <= 1000000) {
        *out_m = (double)v;
        return true;
    }
    read_fail(r, n, DIAGNOSE_NOT_A_LENGTH, what, NULL, NULL);
    return false;
}

bool read_size(struct reader *r, const struct node *n, const char *what, int64_t least,
               int64_t most, int64_t *out)
{
    static const struct unit units[] = {
        {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"bytes", 1}};
    int64_t v;
    char low[24], high[24];
    if (read_quantity(n, units, ARRAY_LEN(units), &v) && v >= least && v <= most) {
        *out = v;
        return true;
    }
    (void)snprintf(low, sizeof low, "%" PRId64 " bytes", least);
    (void)snprintf(high, sizeof high, "%" PRId64 " bytes", most);
    read_fail(r, n, DIAGNOSE_NOT_A_SIZE, low, high, what);
    return false;
}

bool read_time(struct reader *r, const struct node *n, const char *what, int64_t *out_us)
{
    struct bytes t = node_text(n);
    if (node_type(n) == NODE_TEXT && time_parse((const char *)t.p, t.n, r->zone, out_us))
        return true;
    read_fail(r, n, DIAGNOSE_NOT_A_DATE, what, NULL, NULL);
    return false;
}

static void fail_choice(struct reader *r, const struct node *n, const char *what,
                        const char *const *words, size_t count)
{
    const char *nearest = NULL;
    struct buf expected = BUF_INIT(4096);
    for (size_t i = 0; i < count; i++) {
        nearest_offer(node_text(n), words[i], &nearest);
        buf_printf(&expected, "%s%s", i == 0 ? "" : ", ", words[i]);
    }
    read_fail(r, n, DIAGNOSE_UNKNOWN_WORD, node_c(n), what, NULL);
    diagnose_hint(r->d, nearest, buf_c(&expected));
    buf_free(&expected);
}

bool read_choice(struct reader *r, const struct node *n, const char *what, const char *const *words,
                 size_t count, unsigned *out)
{
    if (!read_is_text(r, n, what))
        return false;
    for (size_t i = 0; i < count; i++)
        if (bytes_is(node_text(n), words[i])) {
            *out = (unsigned)i;
            return true;
        }
    fail_choice(r, n, what, words, count);
    return false;
}

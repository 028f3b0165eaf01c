#include "base/nearest.h"

enum { LONGEST = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment: Levenshtein's distance with swaps of neighbours. */
size_t nearest_distance(struct bytes a, struct bytes b)
{
    size_t row[3][LONGEST + 1];
    if (a.n > LONGEST || b.n > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3], *above = row[(i + 2) % 3], *second = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t change = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            now[j] = smallest(above[j] + 1, now[j - 1] + 1, change);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                second[j - 2] + 1 < now[j])
                now[j] = second[j - 2] + 1;
        }
    }
    return row[a.n % 3][b.n];
}

void nearest_offer(struct bytes word, const char *candidate, const char **best)
{
    size_t distance = nearest_distance(word, bytes_of_text(candidate));
    size_t bound = word.n / 3 + 1;
    if (*best != NULL) {
        size_t held = nearest_distance(word, bytes_of_text(*best));
        if (distance >= held)
            return;
    }
    if (distance <= bound)
        *best = candidate;
}

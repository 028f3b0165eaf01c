#include "audit/claim.h"

#include "base/clock.h"
#include "base/ident.h"

enum { DAYS_TO_ANSWER = 10, WORDS_MAX = 6, DAY_TEXT = sizeof "2026-11-28" - 1 };

/* ---- tables */

struct row {
    const char *word, *text[2];
    unsigned persons;
    bool gives;
};

static const struct row claimants[CLAIMANTS] = {
#define W(NAME, number, word_, en, ko) [number] = {.word = word_, .text = {en, ko}},
#include "audit/claimants.def"
#undef W
};

static const struct row outcomes[CLAIM_OUTCOMES] = {
#define O(NAME, number, word_, persons_, gives_, en, ko)                                           \
    [number] = {.word = word_, .text = {en, ko}, .persons = persons_, .gives = gives_},
#include "audit/claim_outcomes.def"
#undef O
};

static const struct row *row(const struct row *table, size_t rows, unsigned i)
{
    static const struct row none = {.word = "?", .text = {"?", "?"}};
    return i < rows && table[i].word != NULL ? &table[i] : &none;
}

static unsigned named(const struct row *table, size_t rows, struct bytes word)
{
    for (unsigned i = 0; i < rows; i++)
        if (table[i].word != NULL && bytes_is(word, table[i].word))
            return i;
    return 0;
}

unsigned claimant_named(struct bytes word)
{
    return named(claimants, CLAIMANTS, word);
}

const char *claimant_word(unsigned by)
{
    return row(claimants, CLAIMANTS, by)->word;
}

const char *claimant_text(unsigned by, bool korean)
{
    return row(claimants, CLAIMANTS, by)->text[korean];
}

unsigned claim_outcome_named(struct bytes word)
{
    return named(outcomes, CLAIM_OUTCOMES, word);
}

const char *claim_outcome_word(unsigned outcome)
{
    return row(outcomes, CLAIM_OUTCOMES, outcome)->word;
}

const char *claim_outcome_text(unsigned outcome, bool korean)
{
    return row(outcomes, CLAIM_OUTCOMES, outcome)->text[korean];
}

unsigned claim_persons(unsigned outcome)
{
    return row(outcomes, CLAIM_OUTCOMES, outcome)->persons;
}

bool claim_gives(unsigned outcome)
{
    return row(outcomes, CLAIM_OUTCOMES, outcome)->gives;
}

/* ---- subjects */

/* Its words, between single blanks; 0: there are more than `most`, or an empty one. */
static size_t split(struct bytes text, struct bytes *word, size_t most)
{
    size_t count = 0;
    for (;;) {
        const uint8_t *blank = text.n == 0 ? NULL : memchr(text.p, ' ', text.n);
        const size_t n = blank == NULL ? text.n : (size_t)(blank - text.p);
        if (n == 0 || count == most)
            return 0;
        word[count++] = bytes_of(text.p, n);
        if (blank == NULL)
            return count;
        text = bytes_of(blank + 1, text.n - n - 1);
    }
}

static bool take_day(struct bytes word, int64_t *out)
{
    return word.n == DAY_TEXT &&
           time_parse((const char *)word.p, word.n, zone_named("Asia/Seoul"), out);
}

static bool is_digest(struct bytes word)
{
    if (word.n != CLAIM_MASKED_MAX || !bytes_begins(word, "sha256:"))
        return false;
    for (size_t i = sizeof "sha256:" - 1; i < word.n; i++) {
        const uint8_t c = word.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

static bool take_opening(const struct bytes *word, size_t words, struct claim_subject *out)
{
    out->step = CLAIM_OPENS;
    out->by = words == 6 ? claimant_named(word[3]) : 0;
    return out->by != 0 && bytes_is(word[4], "received") && take_day(word[5], &out->received_us);
}

bool claim_subject_take(struct bytes subject, struct claim_subject *out)
{
    struct bytes word[WORDS_MAX];
    const size_t words = split(subject, word, WORDS_MAX);
    *out = (struct claim_subject){0};
    if (words < 3 || !bytes_is(word[0], "request") || !ident_is_word(word[1]) ||
        ident_is_resident_number(word[1]))
        return false;
    out->number = word[1];
    if (bytes_is(word[2], "by"))
        return take_opening(word, words, out);
    if (bytes_is(word[2], "postponed")) {
        out->step = CLAIM_IS_POSTPONED;
        return words == 3;
    }
    if (words != 4)
        return false;
    if (bytes_is(word[2], "masked")) {
        out->step = CLAIM_IS_MASKED;
        out->masked = word[3];
        return bytes_is(word[3], CLAIM_NOBODY_ELSE) || is_digest(word[3]);
    }
    out->step = CLAIM_IS_DECIDED;
    out->outcome = claim_outcome_named(word[3]);
    return bytes_is(word[2], "outcome") && out->outcome != 0;
}

int64_t claim_due_us(int64_t received_us, bool postponed)
{
    const int64_t days = postponed ? 2 * DAYS_TO_ANSWER : DAYS_TO_ANSWER;
    return received_us + (days + 1) * US_PER_DAY - US_PER_S;
}

#include "audit/leaf.h"

static const struct {
    const char *word, *text[2]; /* English, Korean */
} events[AUDIT_EVENT_COUNT] = {
#define V(NAME, word, en, ko) [AUDIT_##NAME] = {word, {en, ko}},
#include "audit/events.def"
#undef V
};

const char *audit_event_word(enum audit_event e)
{
    return (unsigned)e < AUDIT_EVENT_COUNT ? events[e].word : "unknown";
}

const char *audit_event_text(enum audit_event e, bool korean)
{
    return (unsigned)e < AUDIT_EVENT_COUNT ? events[e].text[korean] : "unknown";
}

enum audit_event audit_event_of_word(struct bytes word)
{
    unsigned e = 0;
    while (e < AUDIT_EVENT_COUNT && !bytes_is(word, events[e].word))
        e++;
    return (enum audit_event)e;
}

static const struct audit_word words[] = {
#define W(PLACE, word, en, ko) {AUDIT_##PLACE, word, {en, ko}},
#include "audit/words.def"
#undef W
};

const struct audit_word *audit_word_at(size_t i)
{
    return i < ARRAY_LEN(words) ? &words[i] : NULL;
}

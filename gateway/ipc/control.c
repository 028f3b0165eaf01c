#include "ipc/control.h"

#include "ipc/codec.h"

/* ---- tables */

struct row {
    const char *word, *text[2];
};

static const struct row acts[] = {
#define A(NAME, number, word, en, ko) [number] = {word, {en, ko}},
#include "ipc/acts.def"
#undef A
};

static const struct row codes[] = {
#define C(NAME, number, word, en, ko) [number] = {word, {en, ko}},
#include "ipc/control_answers.def"
#undef C
};

static const struct row *row(const struct row *table, size_t rows, unsigned i)
{
    static const struct row none = {"?", {"?", "?"}};
    return i < rows && table[i].word != NULL ? &table[i] : &none;
}

const char *control_act_word(unsigned act)
{
    return row(acts, ARRAY_LEN(acts), act)->word;
}

const char *control_act_text(unsigned act, bool korean)
{
    return row(acts, ARRAY_LEN(acts), act)->text[korean];
}

const char *control_code_word(unsigned code)
{
    return row(codes, ARRAY_LEN(codes), code)->word;
}

const char *control_code_text(unsigned code, bool korean)
{
    return row(codes, ARRAY_LEN(codes), code)->text[korean];
}

bool control_act_operates(unsigned act)
{
    return act >= CONTROL_RELOAD && act <= CONTROL_CUT;
}

/* ---- structures */

enum { VERSION = 1, OFFICER_MAX = IDENT_UNIT_MAX };

static enum result code_version(struct codec *c)
{
    uint8_t version = VERSION;
    TRY(code_u8(c, &version));
    return version == VERSION ? RESULT_OK : RESULT_MALFORMED;
}

/* The table's numbers are not without gaps. */
static bool is_act(unsigned act)
{
    return act < ARRAY_LEN(acts) && acts[act].word != NULL;
}

/* Each question has its own fields; the others are empty. */
static bool request_fits(const struct control_request *r)
{
    bool looks = r->after.n > 0, prepares = r->officer.n > 0 || r->reason.n > 0,
         submits = r->text.n > 0 || r->signature.n > 0, names = r->subject.n > 0;
    switch (r->ask) {
    case CONTROL_LIST:
        return r->list >= ROAD_APPROVAL && r->list < CONTROL_LISTS && r->act == 0 && !prepares &&
               !submits;
    case CONTROL_PREPARE:
        return is_act(r->act) && !control_act_operates(r->act) && r->list == 0 && !looks &&
               !submits;
    case CONTROL_OPERATE:
        return is_act(r->act) && control_act_operates(r->act) && r->list == 0 && !looks && !submits;
    case CONTROL_SUBMIT: return r->act == 0 && r->list == 0 && !looks && !names && !prepares;
    case CONTROL_READ: return names && r->act == 0 && r->list == 0 && !prepares && !submits;
    default: return false;
    }
}

static enum result code_request(struct codec *c, struct control_request *r)
{
    TRY(code_version(c));
    TRY(code_u8(c, &r->ask));
    TRY(code_u8(c, &r->list));
    TRY(code_text(c, &r->after, CONTROL_SUBJECT_MAX));
    TRY(code_text(c, &r->subject, CONTROL_SUBJECT_MAX));
    TRY(code_u8(c, &r->act));
    TRY(code_text(c, &r->officer, OFFICER_MAX));
    TRY(code_text(c, &r->reason, (size_t)4 * CONTROL_REASON_MAX));
    TRY(code_text(c, &r->text, CONTROL_TEXT_MAX));
    TRY(code_text(c, &r->signature, CONTROL_TEXT_MAX));
    TRY(code_end(c));
    return request_fits(r) ? RESULT_OK : RESULT_MALFORMED;
}

static enum result code_list(struct codec *c, struct bytes *list, size_t *count, size_t most)
{
    TRY(code_count(c, count, most));
    for (size_t i = 0; i < *count; i++)
        TRY(code_text(c, &list[i], ROAD_TEXT_MAX));
    return RESULT_OK;
}

static enum result code_facts(struct codec *c, struct road_envelope *e)
{
    struct bytes *const word[] = {&e->source,  &e->kind,  &e->service,
                                  &e->purpose, &e->basis, &e->status};
    TRY(code_raw(c, e->id.b, UUID_BYTES));
    for (size_t i = 0; i < ARRAY_LEN(word); i++)
        TRY(code_text(c, word[i], ROAD_TEXT_MAX));
    return code_list(c, e->incident, &e->incidents, ROAD_INCIDENTS_MAX);
}

static enum result code_item(struct codec *c, struct control_item *i)
{
    TRY(code_text(c, &i->subject, CONTROL_SUBJECT_MAX));
    TRY(code_facts(c, &i->envelope));
    TRY(code_text(c, &i->unit, ROAD_TEXT_MAX));
    TRY(code_text(c, &i->clause, ROAD_TEXT_MAX));
    TRY(code_text(c, &i->failed, ROAD_TEXT_MAX));
    TRY(code_text(c, &i->role, ROAD_TEXT_MAX));
    TRY(code_list(c, i->party, &i->parties, ROAD_CASE_PARTIES_MAX));
    TRY(code_list(c, i->officer, &i->officers, ROAD_CASE_PERSONS_MAX));
    TRY(code_text(c, &i->reason, (size_t)4 * CONTROL_REASON_MAX));
    TRY(code_u8(c, &i->persons));
    TRY(code_i64(c, &i->since_us));
    TRY(code_i64(c, &i->due_us));
    TRY(code_bool(c, &i->went_ahead));
    return code_bool(c, &i->overdue);
}

static enum result code_box(struct codec *c, struct control_box *b)
{
    TRY(code_u64(c, &b->last));
    return code_bytes32(c, &b->box);
}

static enum result code_answer(struct codec *c, struct control_answer *a)
{
    TRY(code_version(c));
    TRY(code_u8(c, &a->code));
    TRY(code_text(c, &a->text, CONTROL_TEXT_MAX));
    TRY(code_bool(c, &a->done));
    TRY(code_u64(c, &a->index));
    TRY(code_count(c, &a->items, CONTROL_ITEMS_MAX));
    return code_bool(c, &a->more);
}

/* Writing changes nothing in the structure, so casting const away is safe. */
CODEC_PAIR(control, request)
CODEC_PAIR(control, answer)
CODEC_PAIR(control, item)
CODEC_PAIR(control, box)

/* Opening a snapshot, and looking things up in it. */
#include "policy/policy.h"

#include "base/mem.h"
#include "policy/snapshot.h"

static const size_t row_bytes[SECTION_COUNT] = {
#define SECTION(NAME, field, type) sizeof(type),
#include "policy/sections.def"
#undef SECTION
};

static bool section_fits(const struct snapshot_header *h, size_t i)
{
    uint64_t bytes, end;
    if (h->section[i].offset % 8 != 0 ||
        __builtin_mul_overflow(h->section[i].count, row_bytes[i], &bytes) ||
        __builtin_add_overflow(h->section[i].offset, bytes, &end))
        return false;
    return end <= h->bytes;
}

static bool header_fits(struct bytes block)
{
    const struct snapshot_header *h = (const void *)block.p;
    if (block.n < sizeof *h || (uintptr_t)block.p % 8 != 0 ||
        memcmp(h->magic, SNAPSHOT_MAGIC, sizeof h->magic) != 0 || h->bytes != block.n)
        return false;
    for (size_t i = 0; i < SECTION_COUNT; i++)
        if (!section_fits(h, i))
            return false;
    const uint64_t texts = h->section[SECTION_TEXTS].count;
    return texts > 0 && block.p[h->section[SECTION_TEXTS].offset + texts - 1] == '\0';
}

enum result policy_open(struct bytes block, struct policy **out)
{
    if (!header_fits(block))
        return RESULT_MALFORMED;
    struct policy *p = mem_new(sizeof *p);
    p->header = (const void *)block.p;
#define SECTION(NAME, section_field, type)                                                         \
    p->section_field =                                                                             \
        (const type *)(const void *)(block.p + p->header->section[SECTION_##NAME].offset);         \
    p->section_field##_count = (size_t)p->header->section[SECTION_##NAME].count;
#include "policy/sections.def"
#undef SECTION
    if (!policy_references_hold(p)) {
        policy_close(p);
        return RESULT_MALFORMED;
    }
    *out = p;
    return RESULT_OK;
}

void policy_close(struct policy *p)
{
    mem_free(p);
}

uint64_t policy_serial(const struct policy *p)
{
    return p->header->serial;
}

const char *policy_name(const struct policy *p)
{
    return policy_text(p, p->header->name);
}

struct box policy_service_area(const struct policy *p)
{
    return p->header->service_area;
}

const struct identity_row *policy_identities(const struct policy *p, size_t *count)
{
    *count = p->identities_count;
    return p->identities;
}

static uint32_t name_of_unit(const struct policy *p, size_t row)
{
    return p->units[row].name;
}

static uint32_t id_of_camera(const struct policy *p, size_t row)
{
    return p->cameras[row].id;
}

static uint32_t name_of_word(const struct policy *p, size_t row)
{
    return p->words[row].name;
}

/* Which of `count` rows from `first` on, which stand in the order of their keys, has this text;
 * `count`: none. */
static size_t search(const struct policy *p, struct bytes text, size_t count,
                     uint32_t (*key)(const struct policy *p, size_t row), size_t first)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bytes_compare(text, bytes_of_text(policy_text(p, key(p, first + middle))));
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return count;
}

uint32_t policy_unit(const struct policy *p, struct bytes name)
{
    size_t i = search(p, name, p->units_count, name_of_unit, 0);
    return i == p->units_count ? POLICY_NONE : (uint32_t)i;
}

const char *policy_unit_name(const struct policy *p, uint32_t unit)
{
    return policy_text(p, p->units[unit].name);
}

const char *policy_unit_party(const struct policy *p, uint32_t unit)
{
    return policy_text(p, p->parties[p->units[unit].party].name);
}

bool policy_unit_is_auditor(const struct policy *p, uint32_t unit)
{
    return (p->parties[p->units[unit].party].roles >> ROLE_AUDITOR & 1) != 0;
}

enum policy_console policy_unit_console(const struct policy *p, uint32_t unit)
{
    return (enum policy_console)p->units[unit].console;
}

const char *policy_console_word(enum policy_console c)
{
    static const char *const words[] = {
        "none",
#define CONSOLE(NAME, word, ko) word,
#include "policy/console_roles.def"
#undef CONSOLE
    };
    return (unsigned)c < ARRAY_LEN(words) ? words[c] : "?";
}

const char *policy_console_text(enum policy_console c, bool korean)
{
    static const char *const texts[] = {
        "없음",
#define CONSOLE(NAME, word, ko) ko,
#include "policy/console_roles.def"
#undef CONSOLE
    };
    return korean && (unsigned)c < ARRAY_LEN(texts) ? texts[c] : policy_console_word(c);
}

/* ---- officers */

size_t policy_signers(const struct policy *p)
{
    return p->signers_count;
}

uint32_t policy_officer(const struct policy *p, struct bytes name)
{
    for (size_t i = 0; i < p->signers_count; i++)
        if (p->signers[i].role < OFFICER_ROLES &&
            bytes_is(name, policy_text(p, p->signers[i].name)))
            return (uint32_t)i;
    return POLICY_NONE;
}

uint32_t policy_officer_of_key(const struct policy *p, const uint8_t id[MINISIGN_ID])
{
    for (size_t i = 0; i < p->signers_count; i++)
        if (p->signers[i].role < OFFICER_ROLES && p->signers[i].has_key &&
            memcmp(p->signers[i].id, id, MINISIGN_ID) == 0)
            return (uint32_t)i;
    return POLICY_NONE;
}

static struct minisign_public key_of(const struct row_signer *s)
{
    struct minisign_public key;
    memcpy(key.id, s->id, sizeof key.id);
    memcpy(key.key, s->key, sizeof key.key);
    return key;
}

bool policy_party_key(const struct policy *p, struct bytes party, struct minisign_public *out)
{
    for (size_t i = 0; i < p->signers_count; i++) {
        const struct row_signer *s = &p->signers[i];
        if (s->role != SIGNER_PARTY || !s->has_key || !bytes_is(party, policy_text(p, s->name)))
            continue;
        *out = key_of(s);
        return true;
    }
    return false;
}

bool policy_officer_row(const struct policy *p, uint32_t officer, struct policy_officer *out)
{
    if (officer >= p->signers_count || p->signers[officer].role >= OFFICER_ROLES)
        return false;
    const struct row_signer *s = &p->signers[officer];
    *out = (struct policy_officer){.name = policy_text(p, s->name),
                                   .party = policy_text(p, p->parties[s->party].name),
                                   .role = s->role,
                                   .has_key = s->has_key != 0,
                                   .signs_sets = s->signs_sets != 0,
                                   .key = key_of(s)};
    return true;
}

uint32_t policy_self(const struct policy *p)
{
    return p->header->self;
}

size_t policy_units(const struct policy *p)
{
    return p->units_count;
}

size_t policy_grants(const struct policy *p)
{
    return p->grants_count;
}

static uint32_t clause_of(const struct policy *p, size_t row)
{
    return p->grants[p->numbers[row]].clause;
}

int64_t policy_mou_publish_within_us(const struct policy *p, struct bytes mou)
{
    for (size_t i = 0; i < p->mous_count; i++)
        if (bytes_is(mou, policy_text(p, p->mous[i].name)))
            return p->mous[i].publish_within_us;
    return 0;
}

bool policy_mou_is_over(const struct policy *p, struct bytes mou, int64_t now_us)
{
    for (size_t i = 0; i < p->mous_count; i++)
        if (bytes_is(mou, policy_text(p, p->mous[i].name)))
            return now_us >= p->mous[i].until_us;
    return true;
}

uint32_t policy_clause(const struct policy *p, struct bytes clause)
{
    const uint32_t first = p->header->clause_first;
    size_t i = search(p, clause, p->grants_count, clause_of, first);
    return i == p->grants_count ? POLICY_NONE : p->numbers[first + i];
}

const char *policy_officer_role(unsigned role)
{
    static const char *const words[] = {
#define OFFICER(NAME, word) word,
#include "policy/officer_roles.def"
#undef OFFICER
    };
    return role < ARRAY_LEN(words) ? words[role] : "";
}

bool policy_certificate(const struct policy *p, size_t i, bool *is_crl, struct bytes *der)
{
    if (i >= p->certificates_count)
        return false;
    *is_crl = p->certificates[i].is_crl != 0;
    *der = bytes_of(p->blobs + p->certificates[i].offset, p->certificates[i].bytes);
    return true;
}

const char *policy_certificate_party(const struct policy *p, size_t i)
{
    return policy_text(p, p->parties[p->certificates[i].party].name);
}

uint32_t policy_camera(const struct policy *p, struct bytes id)
{
    size_t i = search(p, id, p->cameras_count, id_of_camera, 0);
    return i == p->cameras_count ? POLICY_NONE : (uint32_t)i;
}

bool policy_camera_moves(const struct policy *p, struct bytes id)
{
    uint32_t i = policy_camera(p, id);
    return i != POLICY_NONE && p->cameras[i].kind != CAMERA_FIXED;
}

uint16_t policy_word(const struct policy *p, enum word_class class, struct bytes name)
{
    size_t count = p->header->words_in[class];
    size_t i = search(p, name, count, name_of_word, p->header->word_first[class]);
    return i == count ? NO_WORD : (uint16_t)i;
}

uint16_t policy_basis(const struct policy *p, struct bytes code)
{
    for (size_t i = 0; i < p->bases_count; i++)
        if (bytes_is(code, policy_text(p, p->bases[i].code)))
            return (uint16_t)i;
    return NO_WORD;
}

const struct row_slot *policy_slot(const struct policy *p, uint64_t key)
{
    if (p->slots_count == 0)
        return NULL;
    size_t mask = p->slots_count - 1;
    for (size_t i = slot_home(key, p->slots_count);; i = (i + 1) & mask) {
        if (p->slots[i].count == 0)
            return NULL;
        if (p->slots[i].key == key)
            return &p->slots[i];
    }
}

size_t policy_reach(const struct policy *p, enum kind_id kind, uint32_t from,
                    uint32_t to[POLICY_REACH_MAX])
{
    const struct row_slot *slot = policy_slot(p, slot_key(kind, from, SLOT_REACH));
    size_t count = slot == NULL ? 0 : slot->count;
    if (count > POLICY_REACH_MAX)
        count = POLICY_REACH_MAX;
    for (size_t i = 0; i < count; i++)
        to[i] = slot_numbers(p, slot)[i];
    return count;
}

const char *policy_duty(const struct policy *p, uint32_t grant, size_t i)
{
    const struct row_mou *m = &p->mous[p->grants[grant].mou];
    return i < m->duties ? policy_text(p, p->numbers[m->duty_first + i]) : NULL;
}

struct policy_limits policy_limits(const struct policy *p, uint32_t grant)
{
    const struct row_duties *d = &p->duties[grant];
    return (struct policy_limits){.streams_per_incident = d->streams_per_incident,
                                  .messages_per_s = d->messages_per_s,
                                  .largest = d->largest,
                                  .width = d->width,
                                  .height = d->height,
                                  .bits_per_s = d->bits_per_s,
                                  .bytes_per_s = d->bytes_per_s,
                                  .audio_allowed = p->grants[grant].audio_allowed != 0,
                                  .codecs = p->grants[grant].codecs,
                                  .stream_digest = p->grants[grant].stream_digest != 0};
}

void policy_grant_source(const struct policy *p, uint32_t grant, const char **file, unsigned *line)
{
    *file = policy_text(p, p->mous[p->grants[grant].mou].file);
    *line = p->grants[grant].line;
}

struct bytes policy_known(const struct policy *p, enum policy_word what, struct bytes word)
{
    uint16_t found =
        what == POLICY_BASIS
            ? policy_basis(p, word)
            : policy_word(p, what == POLICY_SERVICE ? WORD_SERVICE : WORD_PURPOSE, word);
    return word.n == 0 || found != NO_WORD ? word : bytes_of_text("unknown");
}

uint64_t policy_region(const struct policy *p, struct bytes region)
{
    const uint16_t word = policy_word(p, WORD_REGION, region);
    return word == NO_WORD ? 0 : UINT64_C(1) << word;
}

void policy_region_names(const struct policy *p, uint64_t regions, struct buf *out)
{
    const uint32_t first = p->header->word_first[WORD_REGION];
    const char *between = "";
    for (uint32_t i = 0; i < p->header->words_in[WORD_REGION]; i++) {
        if ((regions >> i & 1) == 0)
            continue;
        buf_text(out, between);
        buf_text(out, policy_text(p, p->words[first + i].name));
        between = " ";
    }
}

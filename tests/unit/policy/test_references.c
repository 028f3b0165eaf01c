#include "keys.h"

#include "policy/snapshot.h"

/* A field of a section's first row, and a value that leads nowhere. */
struct reference {
    enum section section;
    size_t at, bytes;
    uint64_t wrong;
};

#define OF(section, type, field, value)                                                            \
    {                                                                                              \
        section, offsetof(struct type, field), sizeof(((struct type *)0)->field), value            \
    }
#define NOWHERE                       UINT32_C(0xfffffff0)
#define NO_TEXT(section, type, field) OF(section, type, field, NOWHERE)

static const struct reference references[] = {
    NO_TEXT(SECTION_WORDS, row_word, name),
    NO_TEXT(SECTION_WORDS, row_word, en),
    NO_TEXT(SECTION_WORDS, row_word, ko),
    NO_TEXT(SECTION_BASES, row_basis, code),
    NO_TEXT(SECTION_BASES, row_basis, title_en),
    NO_TEXT(SECTION_BASES, row_basis, title_ko),
    NO_TEXT(SECTION_BASES, row_basis, text_en),
    NO_TEXT(SECTION_BASES, row_basis, text_ko),
    NO_TEXT(SECTION_BASES, row_basis, evidence_text),
    NO_TEXT(SECTION_PARTIES, row_party, name),
    NO_TEXT(SECTION_PARTIES, row_party, title_en),
    NO_TEXT(SECTION_PARTIES, row_party, title_ko),
    NO_TEXT(SECTION_UNITS, row_unit, name),
    NO_TEXT(SECTION_UNITS, row_unit, title_en),
    NO_TEXT(SECTION_UNITS, row_unit, title_ko),
    OF(SECTION_UNITS, row_unit, party, 6),
    OF(SECTION_UNITS, row_unit, console, POLICY_CONSOLES),
    OF(SECTION_UNITS, row_unit, console, POLICY_CONSOLE_AUDITOR), /* whose party is no auditor */
    NO_TEXT(SECTION_SIGNERS, row_signer, name),
    OF(SECTION_SIGNERS, row_signer, party, 6),
    OF(SECTION_SIGNERS, row_signer, role, SIGNER_RECEIPTS + 1),
    NO_TEXT(SECTION_CAMERAS, row_camera, id),
    OF(SECTION_CAMERAS, row_camera, owner, 6),
    OF(SECTION_CAMERAS, row_camera, kind, CAMERA_KINDS),
    NO_TEXT(SECTION_WINDOWS, row_window, name),
    OF(SECTION_WINDOWS, row_window, unit_first, NOWHERE),
    OF(SECTION_WINDOWS, row_window, units, NOWHERE),
    NO_TEXT(SECTION_MOUS, row_mou, name),
    NO_TEXT(SECTION_MOUS, row_mou, title_en),
    NO_TEXT(SECTION_MOUS, row_mou, title_ko),
    NO_TEXT(SECTION_MOUS, row_mou, file),
    OF(SECTION_MOUS, row_mou, duty_first, NOWHERE),
    OF(SECTION_MOUS, row_mou, duties, NOWHERE),
    OF(SECTION_MOUS, row_mou, processor, 6),
    OF(SECTION_MOUS, row_mou, emergency, 1),
    OF(SECTION_REGIONS, row_region, corner_first, NOWHERE),
    OF(SECTION_REGIONS, row_region, corners, NOWHERE),
    OF(SECTION_EMERGENCIES, row_emergency, unit_first, NOWHERE),
    OF(SECTION_EMERGENCIES, row_emergency, units, NOWHERE),
    NO_TEXT(SECTION_EMERGENCIES, row_emergency, role),
    OF(SECTION_EMERGENCIES, row_emergency, mou, 2),
    OF(SECTION_EMERGENCIES, row_emergency, lasts_us, INT64_MAX),
    OF(SECTION_EMERGENCIES, row_emergency, lasts_us, UINT64_MAX),
    OF(SECTION_EMERGENCIES, row_emergency, review_within_us, INT64_MAX),
    OF(SECTION_DUTIES, row_duties, receipt_within_us, INT64_MAX),
    OF(SECTION_DUTIES, row_duties, offline_us, INT64_MAX),
    OF(SECTION_DUTIES, row_duties, attend_within_us, INT64_MAX),
    OF(SECTION_DUTIES, row_duties, attend_within_us, 1), /* and nobody else gets it */
    OF(SECTION_DUTIES, row_duties, approval_within_us, INT64_MAX),
    OF(SECTION_DUTIES, row_duties, second_within_us, INT64_MAX),
    OF(SECTION_DUTIES, row_duties, onward_first, NOWHERE),
    OF(SECTION_DUTIES, row_duties, onwards, NOWHERE),
    OF(SECTION_DUTIES, row_duties, else_unit, 8),
    OF(SECTION_DUTIES, row_duties, approval_role, OFFICER_ROLES),
    OF(SECTION_DUTIES, row_duties, overdue, OVERDUE_SUSPEND + 1),
    OF(SECTION_DUTIES, row_duties, night_from, 24 * 60),
    OF(SECTION_DUTIES, row_duties, night_to, 24 * 60),
    NO_TEXT(SECTION_GRANTS, row_grant, name),
    NO_TEXT(SECTION_GRANTS, row_grant, clause),
    NO_TEXT(SECTION_GRANTS, row_grant, dimension[DIMENSION_KIND]),
    NO_TEXT(SECTION_GRANTS, row_grant, dimension[DIMENSION_BASIS]),
    OF(SECTION_GRANTS, row_grant, mou, 2),
    OF(SECTION_GRANTS, row_grant, from, 8),
    OF(SECTION_GRANTS, row_grant, to_first, NOWHERE),
    OF(SECTION_GRANTS, row_grant, tos, NOWHERE),
    OF(SECTION_GRANTS, row_grant, condition_first, NOWHERE),
    OF(SECTION_GRANTS, row_grant, conditions, NOWHERE),
    OF(SECTION_GRANTS, row_grant, transform_first, NOWHERE),
    OF(SECTION_GRANTS, row_grant, transforms, NOWHERE),
    OF(SECTION_GRANTS, row_grant, narrower_than, 7),
    OF(SECTION_GRANTS, row_grant, service, 3),
    OF(SECTION_GRANTS, row_grant, purpose, 3),
    OF(SECTION_GRANTS, row_grant, kind, KIND_COUNT),
    OF(SECTION_GRANTS, row_grant, starts_at, POLICY_STARTS_DISASTER_END + 1),
    OF(SECTION_GRANTS, row_grant, delay_us, UINT64_MAX),
    OF(SECTION_GRANTS, row_grant, delay_us, INT64_MAX),
    OF(SECTION_GRANTS, row_grant, ceiling_us, INT64_MAX),
    OF(SECTION_GRANTS, row_grant, notify_within_us, INT64_MAX),
    OF(SECTION_GRANTS, row_grant, notify_within_us, (uint64_t)-2),
    NO_TEXT(SECTION_CONDITIONS, row_condition, text),
    OF(SECTION_CONDITIONS, row_condition, op, CONDITION_OPS),
    NO_TEXT(SECTION_DISTINCT, row_condition, text),
    OF(SECTION_DISTINCT, row_condition, op, CONDITION_OPS),
    OF(SECTION_TRANSFORMS, row_transform, op, TRANSFORM_TO_CAMERAS + 1),
    OF(SECTION_TRANSFORMS, row_transform, path[0], 0),
    OF(SECTION_TRANSFORMS, row_transform, path[0], 99), /* would leave the field in */
    OF(SECTION_TRANSFORMS, row_transform, path[1], 99),
    OF(SECTION_TRANSFORMS, row_transform, grid_m, 0),
    OF(SECTION_TRANSFORMS, row_transform, grid_m, UINT64_C(0x7ff8000000000000)), /* no number */
    NO_TEXT(SECTION_PROHIBITIONS, row_prohibition, clause),
    NO_TEXT(SECTION_PROHIBITIONS, row_prohibition, because),
    OF(SECTION_PROHIBITIONS, row_prohibition, mou, 2),
};

static const char emergency[] = "emergency:\n"
                                "  who: {units: [police/control], role: duty-officer}\n"
                                "  kinds: [video]\n"
                                "  basis_any_of: [kr/pipa/18-2-7]\n"
                                "  reason: required\n"
                                "  lasts: 30 minutes\n"
                                "  review: {persons: 2, within: 24 hours}\n";

static enum result open_patched(const struct set *s, size_t at, const void *value, size_t bytes)
{
    uint8_t *block = set_copy_block(s);
    struct policy *p = NULL;
    memcpy(block + at, value, bytes);
    enum result r = policy_open(bytes_of(block, s->block.n), &p);
    policy_close(p);
    mem_free(block);
    return r;
}

static size_t section_at(const struct set *s, enum section section)
{
    return ((const struct snapshot_header *)(const void *)s->block.p)->section[section].offset;
}

static void a_reference_that_leads_nowhere_is_refused(void **state)
{
    struct set s;
    struct buf text = BUF_INIT(1 << 16);
    (void)state;
    set_new(&s);
    put_officers(&s);
    buf_printf(&text, "%s%s", a_yaml, emergency);
    set_put(&s, A, buf_c(&text));
    buf_free(&text);
    /* The first row has a transform. */
    set_change(&s, A, "  - grant: report\n    service: onsite-video\n    kind: incident_report\n",
               "  - grant: report\n    service: onsite-video\n    kind: incident_report\n"
               "    transform: {area: {coarsen: {grid: 1 km}}}\n");
    set_open(&s);
    for (size_t i = 0; i < ARRAY_LEN(references); i++) {
        const struct reference *r = &references[i];
        if (open_patched(&s, section_at(&s, r->section) + r->at, &r->wrong, r->bytes) !=
            RESULT_MALFORMED)
            fail_msg("reference %zu of section %u", i, r->section);
    }
    set_free(&s);
}

static void a_header_that_leads_nowhere_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint32_t wrong;
    } row[] = {{offsetof(struct snapshot_header, name), NOWHERE},
               {offsetof(struct snapshot_header, zone_offset_us) + 4, INT32_MAX},
               {offsetof(struct snapshot_header, clause_first), NOWHERE},
               {offsetof(struct snapshot_header, words_in[WORD_REGION]), 0},
               {offsetof(struct snapshot_header, self), 8},
               {offsetof(struct snapshot_header, word_first[WORD_EVIDENCE]), NOWHERE},
               {offsetof(struct snapshot_header, words_in[WORD_EVIDENCE]), NOWHERE},
               {offsetof(struct snapshot_header, words_in[WORD_SERVICE]), MASK_WORDS + 1}};
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        assert_int_equal(open_patched(&s, row[i].at, &row[i].wrong, 4), RESULT_MALFORMED);
    set_free(&s);
}

/* Each number in a list, and a slot's list, has to be a row of the table that it is about. */
static void a_list_of_rows_that_are_not_there_is_refused(void **state)
{
    static const uint32_t wrong = NOWHERE;
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    size_t refused = 0;
    for (size_t i = 0; i < s.policy->numbers_count; i++)
        refused += open_patched(&s, section_at(&s, SECTION_NUMBERS) + 4 * i, &wrong, 4) ==
                   RESULT_MALFORMED;
    assert_int_equal(refused, s.policy->numbers_count);
    for (size_t i = 0; i < s.policy->grants_count; i++) {
        size_t grant = section_at(&s, SECTION_GRANTS) + i * sizeof(struct row_grant);
        if (s.policy->grants[i].conditions > 0)
            assert_int_equal(
                open_patched(&s, grant + offsetof(struct row_grant, judged), &wrong, 4),
                RESULT_MALFORMED);
    }
    for (size_t i = 0; i < s.policy->slots_count; i++) {
        size_t slot = section_at(&s, SECTION_SLOTS) + i * sizeof(struct row_slot);
        if (s.policy->slots[i].count == 0)
            continue;
        assert_int_equal(open_patched(&s, slot + offsetof(struct row_slot, number), &wrong, 4),
                         RESULT_MALFORMED);
        assert_int_equal(open_patched(&s, slot + offsetof(struct row_slot, count), &wrong, 4),
                         RESULT_MALFORMED);
    }
    set_free(&s);
}

/* Else looking for what is not there would go round and round. */
static void an_index_without_a_free_place_is_refused(void **state)
{
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    uint8_t *block = set_copy_block(&s);
    struct row_slot *slot = (void *)(block + section_at(&s, SECTION_SLOTS));
    struct policy *p = NULL;
    for (size_t i = 0; i < s.policy->slots_count; i++)
        if (slot[i].count == 0)
            slot[i] = slot[0];
    for (size_t i = 0; i < s.policy->slots_count; i++)
        slot[i].count = 1;
    assert_int_equal(policy_open(bytes_of(block, s.block.n), &p), RESULT_MALFORMED);
    memcpy(block, s.block.p, s.block.n);
    ((struct snapshot_header *)(void *)block)->section[SECTION_SLOTS].count--;
    assert_int_equal(policy_open(bytes_of(block, s.block.n), &p), RESULT_MALFORMED);
    mem_free(block);
    set_free(&s);
}

static void a_stream_has_no_transforms(void **state)
{
    static const uint8_t video = KIND_VIDEO;
    struct set s;
    (void)state;
    set_new(&s);
    set_open(&s);
    for (size_t i = 0; i < s.policy->grants_count; i++) {
        size_t at = section_at(&s, SECTION_GRANTS) + i * sizeof(struct row_grant) +
                    offsetof(struct row_grant, kind);
        assert_int_equal(open_patched(&s, at, &video, 1),
                         s.policy->grants[i].transforms > 0 ? RESULT_MALFORMED : RESULT_OK);
    }
    set_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_that_leads_nowhere_is_refused),
        cmocka_unit_test(a_header_that_leads_nowhere_is_refused),
        cmocka_unit_test(a_list_of_rows_that_are_not_there_is_refused),
        cmocka_unit_test(an_index_without_a_free_place_is_refused),
        cmocka_unit_test(a_stream_has_no_transforms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

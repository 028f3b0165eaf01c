#include "ask.h"

#include "base/limits.h"
#include "base/mem.h"
#include "fuzz.h"
#include "message/json.h"
#include "policy/compile.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- compiling */

enum { FILES_MAX = 40, FILE_NAME = 60 };

static const char *const folders[] = {"crls",  "inventory", "inventory/keys", "inventory/roots",
                                      "legal", "mou",       "signatures",     "signatures/mou"};

/* A file of one of the folders above, or of the set's own. */
static bool is_name(struct bytes path)
{
    size_t slash = path.n;
    for (size_t i = 0; i < path.n; i++) {
        uint8_t c = path.p[i];
        if (c == '/')
            slash = i; /* the last one */
        else if (c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z'))
            return false;
    }
    if (slash == path.n)
        return path.n > 0 && path.n <= FILE_NAME && path.p[0] != '.';
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (bytes_is(bytes_of(path.p, slash), folders[i]))
            return path.n <= FILE_NAME && slash + 1 < path.n && path.p[slash + 1] != '.';
    return false;
}

/* What stands in front of `mark`, which is passed over with it; everything when there is none. */
static struct bytes take_until(struct bytes *text, const char *mark)
{
    const uint8_t *at = text->n == 0 ? NULL : memmem(text->p, text->n, mark, strlen(mark));
    struct bytes before = bytes_of(text->p, at == NULL ? text->n : (size_t)(at - text->p));
    size_t passed = at == NULL ? text->n : before.n + strlen(mark);
    *text = bytes_of(text->p + passed, text->n - passed);
    return before;
}

struct files {
    char name[FILES_MAX][FILE_NAME + 1];
    size_t count;
    bool crls;
};

/* The next file of an archive with a good name, at `path`. False at the end. */
static bool next_file(struct bytes *archive, char path[FILE_NAME + 1], struct bytes *content)
{
    while (archive->n > 0) {
        *content = take_until(archive, "\n=== ");
        struct bytes name = take_until(content, "\n");
        (void)snprintf(path, FILE_NAME + 1, "%.*s", (int)name.n, (const char *)name.p);
        if (is_name(name))
            return true;
    }
    return false;
}

static struct bytes without_first_mark(struct bytes archive)
{
    return bytes_begins(archive, "=== ") ? bytes_of(archive.p + 4, archive.n - 4) : archive;
}

static void unpack(int folder, struct bytes archive, struct files *files)
{
    struct bytes content;
    struct stat s;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        fuzz_folder_make(folder, folders[i]);
    archive = without_first_mark(archive);
    while (files->count < FILES_MAX) {
        char *path = files->name[files->count];
        if (!next_file(&archive, path, &content))
            return;
        if (fstatat(folder, path, &s, 0) == 0) /* a folder, or written already */
            continue;
        fuzz_file_write(folder, path, content);
        files->crls |= bytes_begins(bytes_of_text(path), "crls/");
        files->count++;
    }
}

void ask_rewrite(int folder, struct bytes archive)
{
    char path[FILE_NAME + 1];
    struct bytes content;
    struct stat s;
    archive = without_first_mark(archive);
    while (next_file(&archive, path, &content)) {
        if (fstatat(folder, path, &s, 0) == 0 && S_ISDIR(s.st_mode))
            continue;
        if (content.n > 0)
            fuzz_file_write(folder, path, content);
        else
            fuzz_file_remove(folder, path);
    }
}

static enum result compile_in(int folder, const struct files *files,
                              const struct ask_sealing *sealing, struct buf *block,
                              struct buf *said)
{
    const struct policy_sources sources = {
        .folder = folder,
        .crls = files->crls ? openat(folder, "crls", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1,
        .draft = sealing == NULL || sealing->draft,
        .now_us = FUZZ_NOW_US,
        .seal = sealing == NULL ? NULL : sealing->seal};
    struct diagnose *d = diagnose_new();
    struct policy_counts counts;
    enum result r = policy_compile(&sources, d, block, &counts);
    HOLDS(r == RESULT_OK || r == RESULT_MALFORMED || r == RESULT_TOO_LARGE);
    HOLDS((r == RESULT_MALFORMED) == (diagnose_errors(d) > 0));
    diagnose_print(d, DIAGNOSE_ENGLISH, said);
    diagnose_print(d, DIAGNOSE_KOREAN, said);
    diagnose_free(d);
    if (sources.crls >= 0)
        HOLDS(close(sources.crls) == 0);
    return r;
}

enum result ask_compile(struct bytes archive, struct buf *block, struct buf *said)
{
    struct files files = {0};
    int folder = fuzz_folder();
    unpack(folder, archive, &files);
    enum result r = compile_in(folder, &files, NULL, block, said);
    for (size_t i = 0; i < files.count; i++)
        fuzz_file_remove(folder, files.name[i]);
    return r;
}

enum result ask_compile_sealed(int folder, struct bytes archive, const struct ask_sealing *sealing,
                               struct buf *block, struct buf *said)
{
    struct files files = {0};
    unpack(folder, archive, &files);
    sealing->between(sealing->arg, folder);
    return compile_in(folder, &files, sealing, block, said);
}

/* The path is seen from the top of the tree, where make runs. */
__asm__(".section .rodata\n"
        "small_set: .incbin \"fuzz/seeds/policy/small\"\n"
        "small_set_end:\n"
        ".previous\n");
extern const uint8_t small_set[], small_set_end[];

struct bytes ask_small_set(void)
{
    return bytes_of(small_set, (size_t)(small_set_end - small_set));
}

/* ---- asking */

enum { UNITS_MAX = 8 };

#define INCIDENT_ID "police/control:019aa2b0-0000-7000-8000-000000000001"

static const char alert_json[] =
    "{\"header\":{\"id\":\"019aa2b0-0000-7000-8000-000000000002\",\"source\":\"carrier/alerts\","
    "\"service\":\"people\",\"purpose\":\"rescue\",\"status\":\"STATUS_ACTUAL\","
    "\"basis\":{\"code\":\"kr/location/26\",\"evidence\":[{\"kind\":\"consent-reference\","
    "\"value\":\"C-1\"}]},\"createdAt\":\"2026-11-21T11:59:50Z\"},"
    "\"guardianAlert\":{\"alertId\":\"019aa2b0-0000-7000-8000-000000000001\",\"sequence\":1,"
    "\"phase\":\"ALERT_PHASE_NEW\",\"subject\":{\"party\":\"carrier\",\"ref\":\"S-17\"},"
    "\"category\":[\"SUBJECT_CATEGORY_CHILD\"],\"ageBand\":\"AGE_BAND_UP_TO_8\","
    "\"trigger\":\"ALERT_TRIGGER_BUTTON\",\"consent\":{\"ref\":\"C-1\","
    "\"givenBy\":\"CONSENT_GIVER_LEGAL_REPRESENTATIVE\",\"item\":[\"position\"],"
    "\"recipient\":[\"centre\"],\"purpose\":[\"rescue\"],\"until\":\"2027-01-01T00:00:00Z\"},"
    "\"position\":{\"latitude\":36.3504,\"longitude\":127.3845,\"accuracyM\":12.5,"
    "\"fixedAt\":\"2026-11-21T11:59:58Z\",\"origin\":\"POSITION_ORIGIN_LIA_CONSENT\"},"
    "\"features\":\"red coat\",\"guardianContact\":\"010-0000-0000\"}}";

static void decode_alert(struct arena *arena, struct message *m)
{
    static const struct check_limits limits = FUZZ_LIMITS;
    struct buf wire = BUF_INIT(LIMIT_REQUEST);
    struct findings found;
    struct finding why;
    char text[200];
    HOLDS(message_from_json(message_type("fedgate.v1.Message"), bytes_of_text(alert_json), &wire,
                            text, sizeof text) == RESULT_OK);
    HOLDS(message_decode(arena, buf_view(&wire), m, &why) == RESULT_OK);
    message_check(m, &limits, &found);
    HOLDS(!found.refused);
    buf_free(&wire);
}

/* An open incident with both units that the small set has grants for. */
static struct incident an_incident(void)
{
    struct incident i = {.id = INCIDENT_ID,
                         .type = "theft",
                         .exists = true,
                         .has_centre = true,
                         .centre = {36.351738, 127.439846},
                         .opened_us = FUZZ_NOW_US - US_PER_HOUR,
                         .generation = 1,
                         .participant = {{"police/control", true}, {"centre/video", true}},
                         .participants = 2};
    return i;
}

static struct facts facts_of_kind(enum kind_id kind)
{
    struct facts f = {.kind = kind,
                      .id = bytes_of_text("019aa2b0-0000-7000-8000-000000000003"),
                      .service = bytes_of_text("112-video"),
                      .purpose = bytes_of_text("crime"),
                      .basis = bytes_of_text("kr/pipa/18-2-3"),
                      .evidence = {{bytes_of_text("emergency-call"), bytes_of_text("112-1")}},
                      .evidences = 1,
                      .incident = {bytes_of_text(INCIDENT_ID)},
                      .incidents = 1,
                      .created_us = FUZZ_NOW_US,
                      .status = STATUS_ACTUAL,
                      .has_actor = true,
                      .incident_type = bytes_of_text("theft"),
                      .camera = {bytes_of_text("c-1")},
                      .cameras = kind == KIND_VIDEO,
                      .has_place = true,
                      .place = {36.351738, 127.439846},
                      .origins = 1};
    return f;
}

static void is_sound(const struct policy_question *q, const struct decision *d)
{
    struct obligations o;
    const char *file;
    unsigned line;
    HOLDS(reason_row(d->reason) != NULL && d->clause != NULL && d->failed != NULL &&
          d->law != NULL);
    HOLDS(d->reason != REASON_PERMITTED || d->grant < policy_grants(q->policy));
    HOLDS(d->grant == POLICY_NONE || d->grant < policy_grants(q->policy));
    if (d->grant == POLICY_NONE)
        return;
    policy_obligations(q, d->grant, &o);
    for (size_t i = 0; i < o.duties; i++)
        HOLDS(policy_duty(q->policy, d->grant, i) != NULL);
    policy_grant_source(q->policy, d->grant, &file, &line);
    (void)policy_limits(q->policy, d->grant);
    HOLDS(o.mou != NULL && o.grant != NULL && o.purpose != NULL && file != NULL);
}

/* One question, put for every recipient; `m` is NULL unless the facts are a message's. */
static void ask(const struct policy *p, const struct facts *facts, struct message *m)
{
    static const uint8_t key[32] = "the key of pseudonyms";
    const struct incident i = an_incident();
    const struct incident *incident[FACTS_INCIDENT_MAX] = {facts->incidents > 0 ? &i : NULL};
    struct field_path changed[POLICY_CHANGED_MAX];
    struct policy_question q;
    struct decision d;
    const char *failed;
    uint32_t to;
    size_t count;
    if (policy_ask(p, facts, facts->kind == KIND_VIDEO ? facts : NULL, incident, FUZZ_NOW_US, &q,
                   &failed) != REASON_PERMITTED)
        return;
    for (to = 0; to < policy_units(p) && to < UNITS_MAX; to++) {
        policy_decide(&q, to, &d);
        is_sound(&q, &d);
        if (m == NULL || d.reason != REASON_PERMITTED)
            continue;
        HOLDS(policy_transform(&q, &d, to, key, m, changed, &count) == RESULT_OK);
        HOLDS(count <= POLICY_CHANGED_MAX);
    }
    if (facts->kind == KIND_VIDEO) {
        policy_decide_send(&q, &to, &d);
        is_sound(&q, &d);
    }
}

void ask_everything(const struct policy *p)
{
    struct arena *arena = arena_new(LIMIT_ARENA);
    uint32_t to[POLICY_REACH_MAX];
    struct bytes der;
    struct message m;
    bool is_crl;
    HOLDS(policy_name(p) != NULL && policy_self(p) < policy_units(p));
    for (size_t i = 0; policy_certificate(p, i, &is_crl, &der); i++)
        HOLDS(der.n > 0 || der.p != NULL);
    for (uint32_t from = 0; from < policy_units(p) && from < UNITS_MAX; from++) {
        HOLDS(policy_unit_party(p, from) != NULL);
        for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
            struct facts facts = facts_of_kind((enum kind_id)kind);
            facts.source = bytes_of_text(policy_unit_name(p, from));
            ask(p, &facts, NULL);
            size_t count = policy_reach(p, facts.kind, from, to);
            for (size_t i = 0; i < count; i++)
                HOLDS(to[i] < policy_units(p));
        }
    }
    decode_alert(arena, &m);
    const struct facts facts = m.facts;
    ask(p, &facts, &m);
    arena_free(arena);
}

/* A small valid policy set, which a test changes in one place and compiles. */
#ifndef FEDGATE_TESTS_POLICY_SET_H
#define FEDGATE_TESTS_POLICY_SET_H

#include "../journal/temp_folder.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "policy/compile.h"
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>

#define SET        "set.yaml"
#define VOCABULARY "vocabulary.yaml"
#define LAW        "legal/kr.yaml"
#define LAW_RULES  "legal/rules.yaml"
#define PARTIES    "inventory/parties.yaml"
#define CAMERAS    "inventory/cameras.csv"
#define EXERCISES  "inventory/exercises.yaml"
#define A          "mou/a.yaml"
#define B          "mou/b.yaml"

#define NOW_US INT64_C(1795262400000000) /* 2026-11-21T21:00:00+09:00 */

static const char set_yaml[] = "set: test\n"
                               "serial: 7\n"
                               "time_zone: Asia/Seoul\n"
                               "service_area:\n"
                               "  south_west: [36.20, 127.20]\n"
                               "  north_east: [36.50, 127.60]\n";

/* The scene of ask.h lies in the north. */
#define REGIONS                                                                                    \
    "regions: {north: {en: North, ko: 북, corners: [[36.30, 127.30], [36.40, 127.30], [36.40, "   \
    "127.40], [36.30, 127.40]]}, south: South}"

static const char vocabulary_yaml[] = "services:\n"
                                      "  onsite-video: {en: Video of the scene, ko: 긴급영상}\n"
                                      "  patrol: {en: Patrol, ko: 긴급출동}\n"
                                      "  protection: {en: Protection, ko: 보호}\n"
                                      "purposes:\n"
                                      "  crime-response: Crime\n"
                                      "  life-rescue: Rescue\n"
                                      "  safe-return: Safe return\n"
                                      "incident_types:\n"
                                      "  fire: Fire\n"
                                      "  robbery: Robbery\n"
                                      "  theft: Theft\n"
                                      "  vulnerable-person: Person at risk\n"
                                      "camera_purposes:\n"
                                      "  crime-prevention: Crime prevention\n"
                                      "  traffic: Traffic\n" REGIONS "\n"
                                      "evidence:\n"
                                      "  incident-id: Incident\n"
                                      "  emergency-call: Call\n"
                                      "  case-number: Case\n"
                                      "  consent-reference: Consent\n"
                                      "  guardian-registration: Guardian\n"
                                      "  resolution-number: Resolution\n"
                                      "reasons: {life-at-stake: Life, danger: Danger}\n"
                                      "consent_items: {location: Location, photo: Photo}\n";

/* The legal catalogue: ten lines each, the first on line 2; eleven where it has an origin. */
static const struct {
    const char *code, *rely, *publish, *evidence, *origin;
} law[] = {
    {"kr/pipa/18-2-3", "anyone", "yes", "[emergency-call, incident-id]", ""},
    {"kr/pipa/18-2-7", "public-institution", "no", "[case-number]", ""},
    {"kr/pipa/18-2-4", "nobody", "no", "[case-number]", ""},
    {"kr/pipa/18-2-5", "public-institution", "yes", "[resolution-number]", ""},
    {"kr/pipa/21-1-proviso", "recipient", "no", "[case-number]", ""},
    {"kr/location/19", "anyone", "no", "[consent-reference]", "    origin: lia-consent\n"},
    {"kr/location/26", "anyone", "no", "[guardian-registration]", "    origin: lia-consent\n"},
    {"kr/location/29", "anyone", "no", "[emergency-call]", "    origin: lia-29\n"},
    {"kr/missing-persons/9", "anyone", "no", "[case-number]", "    origin: missing-persons\n"},
    {"kr/disaster/74-3", "anyone", "no", "[case-number]", "    origin: disaster\n"}};

/* How long anything may be kept: thirteen lines each, the first on line 2. */
#define RULE(code, says, applies, most)                                                            \
    "  " code ":\n"                                                                                \
    "    about: grant\n"                                                                           \
    "    severity: error\n"                                                                        \
    "    says: " says "\n"                                                                         \
    "    applies: {" applies "}\n"                                                                 \
    "    requires: {kept_at_most: " most "}\n"                                                     \
    "    ground: An Act\n"                                                                         \
    "    text: The law of " code "\n"                                                              \
    "    advice: shorten it\n"                                                                     \
    "    status: text\n"                                                                           \
    "    version_read: 2027 text\n"                                                                \
    "    effective_from: 2023-09-15\n"                                                             \
    "    verify_by: 2027-03-31\n"
static const char rules_yaml[] = "rules:\n" RULE(
    "kr/kept/video", "\"'{grant}' keeps video too long\"", "kinds: [video, scene_image]", "30 days")
    RULE("kr/kept/positions", "\"'{grant}' keeps positions too long\"",
         "kinds: [guardian_alert, location_update]", "24 hours")
        RULE("kr/kept/others", "\"'{grant}' keeps {kind} too long\"",
             "other_kinds_than: [video, scene_image]", "60 days");

static const char parties_yaml[] = "parties:\n"
                                   "  centre:\n"
                                   "    name: {en: Centre, ko: 센터}\n"
                                   "    role: [centre]\n"
                                   "    public_institution: yes\n"
                                   "    root: centre.pem\n"
                                   "    units:\n"
                                   "      video: {name: Video room}\n"
                                   "      desk: {name: Protection desk}\n"
                                   "  police:\n"
                                   "    name: Police\n"
                                   "    role: [police]\n"
                                   "    public_institution: yes\n"
                                   "    root: police.pem\n"
                                   "    units:\n"
                                   "      control: {name: Control room}\n"
                                   "      car: {name: Car}\n"
                                   "  rescue:\n"
                                   "    name: Fire\n"
                                   "    role: [rescue-agency]\n"
                                   "    public_institution: yes\n"
                                   "    root: rescue.pem\n"
                                   "    units:\n"
                                   "      control: {name: Control room}\n"
                                   "  carrier:\n"
                                   "    name: Carrier\n"
                                   "    role: carrier\n"
                                   "    public_institution: no\n"
                                   "    root: carrier.pem\n"
                                   "    units:\n"
                                   "      alerts: {name: Alerts}\n"
                                   "  lab:\n"
                                   "    name: Test bench\n"
                                   "    role: [other]\n"
                                   "    public_institution: yes\n"
                                   "    synthetic: yes\n"
                                   "    root: lab.pem\n"
                                   "    units:\n"
                                   "      bench: {name: Bench}\n";

/* About 111 m to a thousandth of a degree of latitude. */
static const char cameras_csv[] = "id,latitude,longitude,kind,installed_for,owner,audio\n"
                                  "cam-1,36.350000,127.380000,fixed,crime-prevention,centre,no\n"
                                  "cam-2,36.354000,127.380000,fixed,traffic,centre,yes\n"
                                  "cam-3,36.360000,127.380000,drone,crime-prevention;traffic,"
                                  "centre,no\n"
                                  "cam-4,36.350500,127.380000,vehicle,crime-prevention,police,no\n";

static const char exercises_yaml[] = "exercises:\n"
                                     "  - exercise: drill\n"
                                     "    from: 2026-11-21T09:00:00+09:00\n"
                                     "    until: 2026-11-21T22:00:00+09:00\n"
                                     "    units: [police/control, centre/video]\n";

#define MOU_HEAD(name)                                                                             \
    "mou: " name "\n"                                                                              \
    "title: {en: A memorandum, ko: 협약}\n"                                                      \
    "instrument: {document_no: A-1, signed_on: 2015-07-24, signatories: [molit, npa]}\n"           \
    "acknowledged: [{by: police, on: 2015-09-01}]\n"                                               \
    "processor: centre\n"                                                                          \
    "in_force: {from: 2015-07-24, until: 2027-07-23, legal_review_by: 2027-03-01}\n"               \
    "recipient_duties: [Response to the incident only, No copies]\n"                               \
    "assessment: {no_unfair_infringement: Limited, by: officer, on: 2015-07-01}\n"                 \
    "publication: {where: website, within: 30 days}\n"                                             \
    "registers: [third-party-provision, personal-video]\n"                                         \
    "grants:\n"

/* Line 12 is the first of the grants. */
static const char a_yaml[] = MOU_HEAD(
    "a") "  - grant: report\n"
         "    service: onsite-video\n"
         "    kind: incident_report\n"
         "    from: police/control\n"
         "    to: gateway/self\n"
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-3, kr/pipa/18-2-7]\n"
         "    destroy: {starts_at: incident-end, delay: 0 seconds}\n"
         "\n"
         "  - grant: request\n"
         "    service: onsite-video\n"
         "    kind: video_request\n"
         "    from: police/control\n"
         "    to: [centre/video]\n"
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-3, kr/pipa/18-2-7]\n"
         "    when:\n"
         "      incident: {state: open, participant: police/control}\n"
         "    transform:\n"
         "      around: {to-cameras: {grid: 250 m, within: 500 m}}\n"
         "    destroy: {starts_at: incident-end, delay: 1 hour}\n"
         "\n"
         "  - grant: live\n"
         "    service: onsite-video\n"
         "    kind: video\n"
         "    from: centre/video\n"
         "    to: [police/control]\n"
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-3, kr/pipa/18-2-7]\n"
         "    when:\n"
         "      incident: {state: open, participant: police/control, younger_than: 6 hours}\n"
         "      any:\n"
         "        - incident_type: [robbery, theft]\n"
         "        - basis: kr/pipa/18-2-3\n"
         "      camera: {within_m_of_incident: 500, installed_for: crime-prevention}\n"
         "      actor: required\n"
         "    limits: {streams_per_incident: 16, mbit_per_s: 12, audio: refuse}\n"
         "    destroy: {starts_at: incident-end, delay: 24 hours, at_most_after_recording: "
         "20 days}\n"
         "    onward: refuse\n"
         "\n"
         "  - grant: photo\n"
         "    service: patrol\n"
         "    kind: scene_image\n"
         "    from: centre/video\n"
         "    to: [police/car]\n"
         "    purpose: crime-response\n"
         "    basis_any_of: [kr/pipa/18-2-7]\n"
         "    when: {assigned: yes, camera: {kind: [fixed, vehicle]}}\n"
         "    limits: {messages_per_s: 5}\n"
         "    destroy: {starts_at: arrival, delay: 2 hours}\n";

/* Line 12 is the first of the grants. */
static const char b_yaml[] =
    MOU_HEAD("b") "  - grant: alert\n"
                  "    service: protection\n"
                  "    kind: guardian_alert\n"
                  "    from: carrier/alerts\n"
                  "    to: [centre/desk]\n"
                  "    purpose: safe-return\n"
                  "    basis_any_of: [kr/location/19]\n"
                  "    when:\n"
                  "      subject: {category: [child, living-alone], age_band: [14-to-17, adult]}\n"
                  "      consent: {given_by: subject, names_recipient: yes, names_purpose: yes}\n"
                  "      origin: [lia-consent, device]\n"
                  "    notify: {within: 10 minutes}\n"
                  "    destroy: {starts_at: found, delay: 0 seconds}\n"
                  "\n"
                  "  - grant: position\n"
                  "    service: protection\n"
                  "    kind: location_update\n"
                  "    from: carrier/alerts\n"
                  "    to: [police/control, rescue/control]\n"
                  "    purpose: life-rescue\n"
                  "    basis_any_of: [kr/location/29]\n"
                  "    lia_30_system: {document_no: LIS-1}\n"
                  "    destroy: {starts_at: incident-end, delay: 0 seconds}\n"
                  "\n"
                  "  - grant: dispatch\n"
                  "    service: protection\n"
                  "    kind: dispatch_request\n"
                  "    from: centre/desk\n"
                  "    to: [police/control, rescue/control]\n"
                  "    purpose: safe-return\n"
                  "    basis_any_of: [kr/pipa/18-2-3]\n"
                  "    when: {evidence: emergency-call}\n"
                  "    destroy: {starts_at: found, delay: 0 seconds}\n"
                  "\n"
                  "prohibitions:\n"
                  "  - prohibit: positions-to-others\n"
                  "    data_obtained_under: [kr/location/29]\n"
                  "    to_other_than: {role: [police, rescue-agency]}\n"
                  "    because: LIA 29(11)\n";

enum { SET_FILES_MAX = 300 };

/* The set's files, and what came of compiling them. */
struct set {
    struct set_file {
        char path[120];
        char *text; /* NULL: the file is not there */
    } file[SET_FILES_MAX];
    size_t files;
    struct read_watch *watch; /* is told of the maps that are read */
    bool real, crls;          /* compile with root certificates asked for; with revocation lists */
    int64_t now_us;
    struct seal *seal; /* the test's */
    struct policy_counts counts;
    struct diagnose *d;
    enum result result;
    struct buf said, block;
    struct policy *policy; /* when it was compiled */
};

static inline struct set_file *set_file(struct set *s, const char *path)
{
    for (size_t i = 0; i < s->files; i++)
        if (strcmp(s->file[i].path, path) == 0)
            return &s->file[i];
    assert_true(s->files < SET_FILES_MAX);
    struct set_file *f = &s->file[s->files++];
    (void)snprintf(f->path, sizeof f->path, "%s", path);
    return f;
}

/* The text of a file, instead of what it was; NULL takes the file away. */
static inline void set_put(struct set *s, const char *path, const char *text)
{
    struct set_file *f = set_file(s, path);
    mem_free(f->text);
    f->text = text == NULL ? NULL : mem_text(text, strlen(text));
}

static inline void set_put_law(struct set *s)
{
    struct buf text = BUF_INIT(1 << 20);
    buf_text(&text, "bases:\n");
    for (size_t i = 0; i < ARRAY_LEN(law); i++)
        buf_printf(&text,
                   "  %s:\n"
                   "    title: Title of %s\n"
                   "    text: {en: The law of %s, ko: 법}\n"
                   "    rely: %s\n"
                   "    publish: %s\n"
                   "    evidence: %s\n"
                   "%s"
                   "    version_read: 2027 text\n"
                   "    effective_from: 2023-09-15\n"
                   "    verify_by: 2027-03-31\n"
                   "    status: text\n",
                   law[i].code, law[i].code, law[i].code, law[i].rely, law[i].publish,
                   law[i].evidence, law[i].origin);
    set_put(s, LAW, buf_c(&text));
    set_put(s, LAW_RULES, rules_yaml);
    buf_free(&text);
}

/* The whole of a file of the project. */
static inline void append_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("%s is not there", path);
    for (ssize_t n = 1; n > 0; out->n += (size_t)n) {
        uint8_t *room = buf_reserve(out, 65536);
        assert_non_null(room);
        n = read(fd, room, 65536);
        assert_true(n >= 0);
    }
    (void)close(fd);
}

static inline void set_new(struct set *s)
{
    *s = (struct set){.now_us = NOW_US, .said = BUF_INIT(1 << 22), .block = BUF_INIT(0)};
    set_put(s, SET, set_yaml);
    set_put(s, VOCABULARY, vocabulary_yaml);
    set_put_law(s);
    set_put(s, PARTIES, parties_yaml);
    set_put(s, CAMERAS, cameras_csv);
    set_put(s, EXERCISES, exercises_yaml);
    set_put(s, A, a_yaml);
    set_put(s, B, b_yaml);
}

/* Replaces the one place where `old` stands. */
static inline void set_change(struct set *s, const char *path, const char *old, const char *new)
{
    struct set_file *f = set_file(s, path);
    struct buf text = BUF_INIT(1 << 24);
    const char *at = strstr(f->text, old);
    if (at == NULL || strstr(at + 1, old) != NULL)
        fail_msg("\"%s\" stands in %s %s", old, path, at == NULL ? "nowhere" : "several times");
    buf_put(&text, f->text, (size_t)(at - f->text));
    buf_printf(&text, "%s%s", new, at + strlen(old));
    set_put(s, path, buf_c(&text));
    buf_free(&text);
}

static inline void set_write_file(int folder, const char *path, const char *text)
{
    char parent[120];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
        (void)mkdirat(folder, parent, 0700);
    }
    int fd = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
}

static inline void set_compile_in(struct set *s, int folder)
{
    const struct policy_sources sources = {.folder = folder,
                                           .crls = s->crls ? openat(folder, "crls", O_RDONLY) : -1,
                                           .draft = !s->real,
                                           .now_us = s->now_us,
                                           .seal = s->seal,
                                           .watch = s->watch};
    s->d = diagnose_new();
    s->result = policy_compile(&sources, s->d, &s->block, &s->counts);
    diagnose_print(s->d, DIAGNOSE_ENGLISH, &s->said);
    (void)buf_c(&s->said);
    if (sources.crls >= 0)
        (void)close(sources.crls);
}

/* Writes the files to a folder; and compiles it. */
static inline void set_write(const struct set *s, int folder)
{
    for (size_t i = 0; i < s->files; i++)
        if (s->file[i].text != NULL)
            set_write_file(folder, s->file[i].path, s->file[i].text);
}

static inline void set_compile(struct set *s)
{
    struct temp_folder t = temp_folder_in_memory();
    set_write(s, t.fd);
    set_compile_in(s, t.fd);
    temp_folder_free(&t);
}

/* Compiles without an error, and opens the snapshot. A test may ask for what nobody would write, so
 * warnings are allowed. */
static inline void set_open(struct set *s)
{
    set_compile(s);
    if (s->result != RESULT_OK)
        fail_msg("%s", buf_c(&s->said));
    assert_int_equal(policy_open(buf_view(&s->block), &s->policy), RESULT_OK);
}

/* The block in memory of just its size, so that a sanitizer sees every step outside. */
static inline uint8_t *set_copy_block(const struct set *s)
{
    uint8_t *copy = mem_new(s->block.n);
    memcpy(copy, s->block.p, s->block.n);
    return copy;
}

static inline void set_free(struct set *s)
{
    for (size_t i = 0; i < s->files; i++)
        mem_free(s->file[i].text);
    policy_close(s->policy);
    diagnose_free(s->d);
    buf_free(&s->said);
    buf_free(&s->block);
}

/* Whether a line that was said is exactly this. */
static inline bool said_line(const char *said, const char *line)
{
    size_t n = strlen(line);
    for (const char *at = said; (at = strstr(at, line)) != NULL; at++)
        if ((at == said || at[-1] == '\n') && at[n] == '\n')
            return true;
    return false;
}

static inline void expect_line(const struct set *s, const char *line)
{
    if (!said_line((const char *)s->said.p, line))
        fail_msg("\"%s\" is not among:\n%s", line, (const char *)s->said.p);
}

/* One place changed, and all that has to be said then: lines of text parted by '|', each a message
 * with file, line and column, or a hint. Nothing else may be wrong. */
struct change {
    const char *path, *old, *new, *says;
};

static inline void expect_says(struct set *s, const char *says)
{
    char lines[2000], *rest = lines;
    size_t messages = 0;
    (void)snprintf(lines, sizeof lines, "%s", says);
    for (char *line; (line = strsep(&rest, "|")) != NULL;) {
        if (line[0] == '\0')
            continue;
        expect_line(s, line);
        messages += line[0] != ' ';
    }
    if (messages != diagnose_errors(s->d) + diagnose_warnings(s->d))
        fail_msg("more was said than \"%s\":\n%s", says, (const char *)s->said.p);
}

/* The set with some changes, in a folder. */
static inline void set_write_changed(const struct temp_folder *t, const struct change *change,
                                     size_t changes)
{
    struct set s;
    set_new(&s);
    for (size_t i = 0; i < changes; i++)
        set_change(&s, change[i].path, change[i].old, change[i].new);
    set_write(&s, t->fd);
    set_free(&s);
}

/* "[word, word, ...]", so many. */
static inline void put_repeated(struct buf *out, const char *word, int count)
{
    buf_clear(out);
    for (int i = 0; i < count; i++)
        buf_printf(out, "%s%s", i == 0 ? "[" : ", ", word);
    buf_text(out, "]");
}

static inline void expect_changes(const struct change *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct set s;
        set_new(&s);
        if (row[i].old == NULL)
            set_put(&s, row[i].path, row[i].new);
        else
            set_change(&s, row[i].path, row[i].old, row[i].new);
        set_compile(&s);
        expect_says(&s, row[i].says);
        assert_int_equal(s.result == RESULT_OK, diagnose_errors(s.d) == 0);
        set_free(&s);
    }
}

#endif

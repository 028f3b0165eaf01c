#include "set.h"

#include "base/buf.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GRANTS_A_FILE = 500, SLOT_GRANTS = 4 };

/* What a unit sends, and on which conditions: @ is the sender, # a number of metres. */
static const struct {
    const char *kind, *when, *more;
} kinds[] = {
    {"video",
     "{incident: {state: open, participant: @, younger_than: 6 hours}, any: [{incident_type: "
     "[robbery, theft]}, {basis: "
     "kr/pipa/18-2-3}], camera: {within_m_of_incident: #, installed_for: [crime-prevention]}, "
     "actor: required}",
     "    limits: {streams_per_incident: 16, mbit_per_s: 12, audio: refuse}\n"},
    {"video_request",
     "{incident: {state: open, participant: @}, camera: {within_m_of_incident: #}}",
     "    transform:\n      around: {to-cameras: {grid: 250 m, within: 500 m}}\n      reason: "
     "{mask: {keep: 0}}\n"},
    {"scene_image",
     "{incident: {participant: @}, camera: {kind: [fixed, vehicle], within_m_of_incident: #}}",
     "    limits: {messages_per_s: 5}\n"},
    {"dispatch_request",
     "{incident: {participant: @}, camera: {within_m_of_incident: #}, evidence: emergency-call}",
     "    transform: {position: drop}\n"},
    {"traffic_info", "{incident: {state: open, participant: @}, actor: required}", ""},
    {"disaster_report", "{incident: {participant: @}, camera: {within_m_of_incident: #}}",
     "    transform: {area: drop}\n"},
    {"feedback", "{incident: {participant: @}}",
     "    transform: {gap: drop, note: pseudonymise}\n"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static size_t units_of(size_t grants)
{
    size_t slots = grants / SLOT_GRANTS + 1;
    return (slots / KINDS / 4 + 2 + BENCH_UNITS - 1) / BENCH_UNITS * BENCH_UNITS;
}

static void unit_name(size_t unit, char out[40])
{
    (void)snprintf(out, 40, "agency-%03zu/unit-%02zu", unit / BENCH_UNITS, unit % BENCH_UNITS);
}

/* Grant i: four share kind, from and to, and differ in their purpose; a unit sends each kind to
 * four others. */
void bench_grant(size_t grants, size_t i, struct bench_grant *g)
{
    static const char *const service[] = {"112-onsite-video", "112-patrol", "119-dispatch",
                                          "disaster"};
    static const char *const purpose[SLOT_GRANTS] = {"crime-response", "life-rescue",
                                                     "fire-response", "disaster-response"};
    size_t units = units_of(grants), slot = i / SLOT_GRANTS;
    size_t from = slot / KINDS % units, other = slot / KINDS / units;
    (void)snprintf(g->clause, sizeof g->clause, "mou-%03zu#grant-%zu", i / GRANTS_A_FILE, i);
    g->kind = kinds[slot % KINDS].kind;
    unit_name(from, g->from);
    unit_name((from + 1 + other) % units, g->to);
    g->service = service[from % (sizeof service / sizeof service[0])];
    g->purpose = purpose[i % SLOT_GRANTS];
}

static void write_file(int folder, const char *path, struct buf *text)
{
    int fd = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || buf_status(text) != RESULT_OK ||
        write(fd, text->p, text->n) != (ssize_t)text->n) {
        perror(path);
        exit(1);
    }
    (void)close(fd);
    buf_clear(text);
}

static void put_when(struct buf *out, const char *when, const char *unit, size_t metres)
{
    for (; *when != '\0'; when++) {
        if (*when == '@')
            buf_text(out, unit);
        else if (*when == '#')
            buf_printf(out, "%zu", metres);
        else
            buf_put(out, when, 1);
    }
}

static void put_grant(struct buf *out, size_t grants, size_t i, bool changed)
{
    const size_t kind = i / SLOT_GRANTS % KINDS;
    struct bench_grant g;
    bench_grant(grants, i, &g);
    buf_printf(out,
               "  - grant: grant-%zu\n    service: %s\n    kind: %s\n    from: %s\n    to: [%s]\n  "
               "  purpose: "
               "%s\n    basis_any_of: [kr/pipa/18-2-3, kr/pipa/18-2-7]\n    when: ",
               i, g.service, g.kind, g.from, g.to, g.purpose);
    put_when(out, kinds[kind].when, g.from, 500 + i % 100 + (changed ? 1 : 0));
    buf_printf(out, "\n%s    destroy: {starts_at: incident-end, delay: 24 hours}\n",
               kinds[kind].more);
}

static void write_memoranda(int folder, struct buf *text, size_t grants, size_t changed)
{
    char path[40];
    for (size_t i = 0; i < grants;) {
        const size_t file = i / GRANTS_A_FILE;
        buf_printf(text,
                   "mou: mou-%03zu\ntitle: A memorandum\ninstrument: {document_no: A-1, signed_on: "
                   "2015-07-24, "
                   "signatories: [molit, npa]}\nacknowledged: [{by: agency-000, on: "
                   "2015-09-01}]\nprocessor: "
                   "agency-000\nin_force: {from: 2015-07-24, until: 2099-07-23, legal_review_by: "
                   "2099-03-01}\n"
                   "recipient_duties: [Response to the incident only]\nassessment: "
                   "{no_unfair_infringement: Limited, "
                   "by: officer, on: 2015-07-01}\npublication: {where: website, within: 30 "
                   "days}\nregisters: "
                   "[third-party-provision]\ngrants:\n",
                   file);
        for (; i < grants && i / GRANTS_A_FILE == file; i++)
            put_grant(text, grants, i, i < changed);
        (void)snprintf(path, sizeof path, "mou/mou-%03zu.yaml", file);
        write_file(folder, path, text);
    }
}

static void write_parties(int folder, struct buf *text, size_t grants)
{
    buf_text(text, "parties:\n");
    for (size_t agency = 0; agency < units_of(grants) / BENCH_UNITS; agency++) {
        buf_printf(text,
                   "  agency-%03zu:\n    name: Agency\n    role: [police]\n    public_institution: "
                   "yes\n    root: "
                   "agency-%03zu.pem\n    units:\n",
                   agency, agency);
        for (size_t unit = 0; unit < BENCH_UNITS; unit++)
            buf_printf(text, "      unit-%02zu: {name: Unit}\n", unit);
    }
    write_file(folder, "inventory/parties.yaml", text);
}

/* The words and the law are the tree's own. */
static void copy_file(int from, int to, const char *path, struct buf *text)
{
    int fd = openat(from, path, O_RDONLY);
    ssize_t n;
    do {
        uint8_t *room = buf_reserve(text, 65536);
        n = fd < 0 || room == NULL ? -1 : read(fd, room, 65536);
        if (n > 0)
            (void)buf_extend(text, (size_t)n);
    } while (n > 0);
    if (n < 0) {
        perror(path);
        exit(1);
    }
    (void)close(fd);
    write_file(to, path, text);
}

static void write_cameras(int folder, struct buf *text)
{
    buf_text(text, "id,latitude,longitude,kind,installed_for,owner,audio\n");
    for (int i = 0; i < BENCH_CAMERAS; i++)
        buf_printf(text, "cam-%d,36.%06d,127.380000,fixed,crime-prevention,agency-000,no\n", i,
                   350000 + i);
    write_file(folder, "inventory/cameras.csv", text);
    buf_text(text, "exercises: []\n");
    write_file(folder, "inventory/exercises.yaml", text);
}

void bench_write_set(int folder, int tree, size_t grants, size_t changed)
{
    struct buf text = BUF_INIT(64u << 20);
    (void)mkdirat(folder, "legal", 0700);
    (void)mkdirat(folder, "inventory", 0700);
    (void)mkdirat(folder, "mou", 0700);
    buf_text(
        &text,
        "set: bench\nserial: 1\ntime_zone: Asia/Seoul\nservice_area: {south_west: [36.2, 127.2], "
        "north_east: [36.5, 127.6]}\n");
    write_file(folder, "set.yaml", &text);
    copy_file(tree, folder, "vocabulary.yaml", &text);
    copy_file(tree, folder, "legal/kr.yaml", &text);
    copy_file(tree, folder, "legal/kr-rules.yaml", &text);
    write_parties(folder, &text, grants);
    write_cameras(folder, &text);
    write_memoranda(folder, &text, grants, changed);
    buf_free(&text);
}

#include "message/mpegts.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "message/psi.h"
#include "message/sps.h"

enum {
    PAT_PID = 0,
    NULL_PID = PSI_PIDS - 1,
    AUDIO_STREAM_ID = 0xc0, /* to 0xdf (table 2-22) */
    AUDIO_STREAM_MASK = 0xe0
};

/* What is to be done with the packets of a PID. */
enum role { ROLE_PASS, ROLE_PAT, ROLE_PMT, ROLE_VIDEO };

/* A section as it was last found good, to see whether the next differs. */
struct kept {
    uint8_t bytes[PSI_SECTION_MAX];
    size_t n;
};

/* The first video stream of a programme; PSI_OTHER: it has none. */
struct video {
    enum psi_kind kind;
    uint16_t pid;
};

struct programme {
    uint16_t number, pid;
    struct psi_section section;
    struct kept pmt;
    struct video video;
};

struct mpegts {
    struct mpegts_rules rules;
    struct psi_section section;
    struct kept pat;
    struct programme programme[PSI_PROGRAMMES_MAX];
    size_t programmes;
    uint8_t role[PSI_PIDS];
    const struct video *shown; /* what is looked at; NULL: tables missing */
    size_t packets_without_tables;
    uint8_t tables[TS_TABLES_MAX * TS_PACKET];
    size_t table_packets;
    struct sps_search sets; /* of the video shown, where its size is limited */
    /* of the call under way */
    struct programme *reading;
    enum reason reason;
    const char *why;
};

struct mpegts *mpegts_new(const struct mpegts_rules *rules)
{
    struct mpegts *t = mem_new(sizeof *t);
    t->rules = *rules;
    t->role[PAT_PID] = ROLE_PAT;
    return t;
}

void mpegts_free(struct mpegts *t)
{
    mem_free(t);
}

static enum result refuse(struct mpegts *t, enum result r, enum reason reason, const char *why)
{
    t->reason = reason;
    t->why = why;
    return r;
}

static enum result not_inspectable(struct mpegts *t, const char *why)
{
    return refuse(t, RESULT_DENIED, REASON_MEDIA_REFUSED, why);
}

static bool limits_size(const struct mpegts *t)
{
    return t->rules.width != 0;
}

static enum result second_video(struct mpegts *t)
{
    return not_inspectable(t, "a second video stream, where the size of pictures is limited");
}

/* ---- tables */

static bool is_kept(const struct kept *k, struct bytes section)
{
    return bytes_equal(bytes_of(k->bytes, k->n), section);
}

static void keep(struct kept *k, struct bytes section)
{
    memcpy(k->bytes, section.p, section.n);
    k->n = section.n;
}

/* Once every programme has its PMT: the PIDs to look at, and the tables for those who join. */
static enum result use_tables(struct mpegts *t)
{
    size_t n = psi_packets(bytes_of(t->pat.bytes, t->pat.n), PAT_PID, t->tables, TS_TABLES_MAX);
    const struct video *shown = NULL;
    for (size_t i = 0; i < t->programmes; i++) {
        const struct programme *p = &t->programme[i];
        if (p->pmt.n == 0)
            return RESULT_OK;
        if (p->video.kind != PSI_OTHER && shown != NULL && limits_size(t))
            return second_video(t);
        if (p->video.kind != PSI_OTHER && shown == NULL)
            shown = &p->video;
        size_t added = psi_packets(bytes_of(p->pmt.bytes, p->pmt.n), p->pid,
                                   t->tables + n * TS_PACKET, TS_TABLES_MAX - n);
        if (added == 0)
            return not_inspectable(t, "the stream's tables are larger than 8 packets");
        n += added;
    }
    if (shown == NULL)
        return not_inspectable(t, "no programme carries video");
    if (t->role[shown->pid] == ROLE_PMT)
        return not_inspectable(t, "a program map table names its own PID");
    t->role[shown->pid] = ROLE_VIDEO;
    t->shown = shown;
    t->sets = (struct sps_search){0};
    t->table_packets = n;
    t->packets_without_tables = 0;
    return RESULT_OK;
}

/* Nothing is known until the new tables are complete; only PMTs are looked for. */
static void forget_tables(struct mpegts *t)
{
    memset(t->role, ROLE_PASS, sizeof t->role);
    t->role[PAT_PID] = ROLE_PAT;
    for (size_t i = 0; i < t->programmes; i++)
        t->role[t->programme[i].pid] = ROLE_PMT;
    t->shown = NULL;
    t->table_packets = 0;
}

static enum result take_pat(void *arg, struct bytes section)
{
    struct mpegts *t = arg;
    struct psi_pat pat;
    const char *why;
    if (is_kept(&t->pat, section))
        return RESULT_OK;
    enum result r = psi_read_pat(section, &pat, &why);
    if (r != RESULT_OK)
        return r == RESULT_AGAIN ? RESULT_OK : not_inspectable(t, why);
    keep(&t->pat, section);
    memset(t->programme, 0, sizeof t->programme);
    t->programmes = pat.count;
    for (size_t i = 0; i < pat.count; i++) {
        t->programme[i].number = pat.programme[i].number;
        t->programme[i].pid = pat.programme[i].pid;
    }
    forget_tables(t);
    return RESULT_OK;
}

static enum result take_stream(struct mpegts *t, struct video *found, uint16_t pid,
                               enum psi_kind kind)
{
    switch (kind) {
    case PSI_H264:
    case PSI_H265:
        if (found->kind != PSI_OTHER)
            return limits_size(t) ? second_video(t) : RESULT_OK;
        *found = (struct video){kind, pid};
        return RESULT_OK;
    case PSI_AUDIO:
        return t->rules.refuse_audio ? refuse(t, RESULT_DENIED, REASON_AUDIO_REFUSED,
                                              "a programme lists an audio stream")
                                     : RESULT_OK;
    case PSI_DATA: return RESULT_OK;
    case PSI_OTHER: break;
    }
    return not_inspectable(
        t, "a programme lists a stream that is neither H.264, H.265, audio nor data");
}

/* A table for a programme that the PAT does not name on this PID is inspected too: there are
 * players that follow it. */
static enum result take_pmt(void *arg, struct bytes section)
{
    struct mpegts *t = arg;
    struct programme *p = t->reading;
    struct psi_pmt pmt;
    struct video found = {.kind = PSI_OTHER};
    const char *why;
    if (is_kept(&p->pmt, section))
        return RESULT_OK;
    enum result r = psi_read_pmt(section, &pmt, &why);
    if (r != RESULT_OK)
        return r == RESULT_AGAIN ? RESULT_OK : not_inspectable(t, why);
    for (size_t i = 0; i < pmt.count; i++)
        TRY(take_stream(t, &found, pmt.stream[i].pid, pmt.stream[i].kind));
    if (pmt.number != p->number)
        return RESULT_OK;
    p->video = found;
    keep(&p->pmt, section);
    forget_tables(t);
    return use_tables(t);
}

static enum result take_table(struct mpegts *t, uint16_t pid, struct bytes payload, bool unit_start)
{
    if (pid == PAT_PID)
        return psi_packet(&t->section, payload, unit_start, take_pat, t);
    for (size_t i = 0; i < t->programmes; i++) {
        t->reading = &t->programme[i];
        if (t->reading->pid == pid)
            TRY(psi_packet(&t->reading->section, payload, unit_start, take_pmt, t));
    }
    return RESULT_OK;
}

/* ---- elementary streams */

enum { PES_PREFIX = 3, PES_FIXED = 9 }; /* start code; up to the length of the optional fields */

/* Whether a PES packet begins here (2.4.3.6), with as much of its start code as there is. */
static bool pes_begins(struct bytes payload)
{
    size_t n = payload.n < PES_PREFIX ? payload.n : PES_PREFIX;
    return n > 0 && memcmp(payload.p, "\0\0\1", n) == 0;
}

/* What lies behind the header of a PES packet. */
static struct bytes pes_data(struct bytes payload)
{
    size_t head = payload.n < PES_FIXED ? payload.n : PES_FIXED + (size_t)payload.p[PES_FIXED - 1];
    return head > payload.n ? bytes_of(NULL, 0) : bytes_of(payload.p + head, payload.n - head);
}

/* A unit of a picture from which a decoder can start, or the parameter sets in front of it: H.264
 * (table 7-1) IDR 5, SPS 7; H.265 (table 7-1) IRAP 16 to 23, VPS 32, SPS 33. */
static bool is_entry_unit(enum psi_kind video, uint8_t first)
{
    if (video == PSI_H264)
        return (first & 0x1f) == 5 || (first & 0x1f) == 7;
    uint8_t type = first >> 1 & 0x3f;
    return (type >= 16 && type <= 23) || type == 32 || type == 33;
}

/* Looks no farther than this packet: encoders put parameter sets first. */
static bool is_entry(enum psi_kind video, struct bytes data)
{
    for (size_t i = 0; i + 3 < data.n; i++)
        if (data.p[i] == 0 && data.p[i + 1] == 0 && data.p[i + 2] == 1 &&
            is_entry_unit(video, data.p[i + 3]))
            return true;
    return false;
}

struct packet {
    uint16_t pid;
    bool unit_start, random_access;
    struct bytes payload;
};

/* The stream id is looked at on every PID, whatever the tables say of it. */
static enum result take_unit(struct mpegts *t, const struct packet *p, bool *starts)
{
    if (!pes_begins(p->payload))
        return RESULT_OK;
    if (p->payload.n <= PES_PREFIX)
        return not_inspectable(t, "a packet is cut off before its stream id");
    if (t->rules.refuse_audio && (p->payload.p[PES_PREFIX] & AUDIO_STREAM_MASK) == AUDIO_STREAM_ID)
        return refuse(t, RESULT_DENIED, REASON_AUDIO_REFUSED, "a packet begins an audio stream");
    if (t->role[p->pid] == ROLE_VIDEO && is_entry(t->shown->kind, pes_data(p->payload)))
        *starts = true;
    return RESULT_OK;
}

static enum result take_size(void *arg, const struct sps_size *size)
{
    struct mpegts *t = arg;
    return size->width <= t->rules.width && size->height <= t->rules.height
               ? RESULT_OK
               : refuse(t, RESULT_DENIED, REASON_QUOTA_EXCEEDED,
                        "limits.resolution: the pictures are larger");
}

/* Every parameter set counts, wherever packets part it. */
static enum result take_sets(struct mpegts *t, const struct packet *p)
{
    struct bytes data = p->unit_start && pes_begins(p->payload) ? pes_data(p->payload) : p->payload;
    enum result r = sps_look(&t->sets, t->shown->kind, data, take_size, t);
    return r == RESULT_OK || r == RESULT_DENIED
               ? r
               : not_inspectable(t, "the size of pictures is limited, and cannot be read");
}

/* ---- packets */

/* 2.4.3.2 and, for the adaptation field, 2.4.3.4. */
static enum result read_packet(struct mpegts *t, const uint8_t *at, struct packet *out)
{
    size_t head = 4;
    if (at[0] != TS_SYNC)
        return refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED,
                      "a packet does not begin with the sync byte");
    *out = (struct packet){.pid = (uint16_t)((at[1] & 0x1f) << 8 | at[2])};
    if (out->pid == NULL_PID || (at[1] & 0x80) != 0) /* stuffing; damaged on the way here */
        return RESULT_OK;
    if ((at[3] & 0xc0) != 0)
        return not_inspectable(t, "scrambled packets cannot be inspected");
    if ((at[3] & 0x20) != 0) {
        head += 1 + (size_t)at[4];
        if (head > TS_PACKET)
            return refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED,
                          "an adaptation field is longer than its packet");
        out->random_access = at[4] > 0 && (at[5] & 0x40) != 0;
    }
    if ((at[3] & 0x10) == 0)
        return RESULT_OK;
    out->unit_start = (at[1] & 0x40) != 0;
    out->payload = bytes_of(at + head, TS_PACKET - head);
    return RESULT_OK;
}

static enum result take_packet(struct mpegts *t, const uint8_t *at, bool *starts)
{
    struct packet p;
    TRY(read_packet(t, at, &p));
    enum role role = t->role[p.pid];
    if (t->shown == NULL && ++t->packets_without_tables > TS_TABLES_WITHIN)
        return not_inspectable(t, "no complete tables within 512 packets");
    if (role == ROLE_PAT || role == ROLE_PMT)
        return p.payload.n == 0 ? RESULT_OK : take_table(t, p.pid, p.payload, p.unit_start);
    *starts = role == ROLE_VIDEO && p.random_access;
    if (role == ROLE_VIDEO && limits_size(t))
        TRY(take_sets(t, &p));
    return p.unit_start ? take_unit(t, &p, starts) : RESULT_OK;
}

enum result mpegts_chunk(struct mpegts *t, struct bytes chunk, struct mpegts_chunk *out,
                         enum reason *reason, const char **why)
{
    enum result r = RESULT_OK;
    *out = (struct mpegts_chunk){0};
    if (chunk.n % TS_PACKET != 0)
        r = refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED, "not whole packets of 188 bytes");
    for (size_t at = 0; r == RESULT_OK && at < chunk.n; at += TS_PACKET) {
        bool starts = false;
        r = take_packet(t, chunk.p + at, &starts);
        if (starts && !out->has_start)
            *out = (struct mpegts_chunk){.has_start = true, .start = at};
    }
    if (r != RESULT_OK) {
        *reason = t->reason;
        *why = t->why;
    }
    return r;
}

struct bytes mpegts_tables(const struct mpegts *t)
{
    return bytes_of(t->tables, t->table_packets * TS_PACKET);
}

const char *mpegts_codec(const struct mpegts *t)
{
    if (t->shown == NULL)
        return "";
    return t->shown->kind == PSI_H264 ? "h264" : "h265";
}

#include "message/mpegts.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "message/pes.h"
#include "message/sps.h"

enum {
    PAT_PID = 0,
    NULL_PID = PSI_PIDS - 1,
    TS_HEAD = 4,
    PROVED_WITHIN_UNITS = 3, /* PES packets of the video until one shows that it is video, */
    PROVED_WITHIN = 4096     /* and packets */
};

/* What the packets of a PID carry: nothing that may pass, a table, the video that is looked at,
 * sound where it is not refused, the clock alone. */
enum role { ROLE_NONE, ROLE_PAT, ROLE_PMT, ROLE_VIDEO, ROLE_SOUND, ROLE_CLOCK };

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
    struct psi_pmt lists; /* what is in it */
    struct video video;
};

struct mpegts {
    struct media_rules rules;
    struct psi_section section;
    struct kept pat;
    struct programme programme[PSI_PROGRAMMES_MAX];
    size_t programmes;
    uint8_t role[PSI_PIDS];
    const struct video *shown; /* what is looked at; NULL: tables missing */
    size_t packets_without_tables;
    bool proved;                  /* that the video shown is video, */
    unsigned units_without_proof; /* PES packets and */
    size_t packets_without_proof; /* packets of it so far */
    uint8_t tables[TS_TABLES_MAX * TS_PACKET];
    size_t table_packets;
    struct sps_search sets; /* of the video shown, where its size is limited */
    /* of the call under way */
    struct programme *reading;
    enum reason reason;
    const char *why;
};

struct mpegts *mpegts_new(const struct media_rules *rules)
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

/* A PID has one role, and a table's is no other's. */
static enum result give_role(struct mpegts *t, uint16_t pid, enum role role)
{
    if (t->role[pid] == ROLE_PAT || t->role[pid] == ROLE_PMT)
        return not_inspectable(t, "a program map table names the PID of a table");
    if (role != ROLE_NONE)
        t->role[pid] = (uint8_t)role;
    return RESULT_OK;
}

/* Of what the tables list, the video that is looked at, sound and the clock may pass. */
static enum result give_roles(struct mpegts *t)
{
    for (size_t i = 0; i < t->programmes; i++) {
        const struct psi_pmt *m = &t->programme[i].lists;
        for (size_t k = 0; k < m->count; k++)
            TRY(give_role(t, m->stream[k].pid,
                          m->stream[k].kind == PSI_AUDIO ? ROLE_SOUND : ROLE_NONE));
        if (t->role[m->clock_pid] == ROLE_NONE)
            t->role[m->clock_pid] = ROLE_CLOCK;
    }
    return give_role(t, t->shown->pid, ROLE_VIDEO);
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
    t->shown = shown;
    t->sets = (struct sps_search){0};
    t->table_packets = n;
    t->packets_without_tables = 0;
    t->proved = false;
    t->units_without_proof = 0;
    t->packets_without_proof = 0;
    return give_roles(t);
}

/* Nothing is known until the new tables are complete; only PMTs are looked for. */
static void forget_tables(struct mpegts *t)
{
    memset(t->role, ROLE_NONE, sizeof t->role);
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

static bool may_pass(const struct mpegts *t, enum psi_kind video)
{
    return t->rules.codecs == 0 ||
           (t->rules.codecs & (video == PSI_H264 ? MEDIA_H264 : MEDIA_H265)) != 0;
}

static enum result take_stream(struct mpegts *t, struct video *found, uint16_t pid,
                               enum psi_kind kind)
{
    switch (kind) {
    case PSI_H264:
    case PSI_H265:
        if (!may_pass(t, kind))
            return not_inspectable(t, "limits.codecs: a programme lists another codec");
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
    p->lists = pmt;
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

struct packet {
    uint16_t pid;
    bool unit_start, random_access;
    struct bytes payload;
};

/* What claims to be video has to show a unit of it soon: encoders begin each PES packet with one.
 */
static enum result prove(struct mpegts *t, struct bytes data)
{
    t->proved = pes_has_unit(t->shown->kind, data);
    if (!t->proved && ++t->units_without_proof == PROVED_WITHIN_UNITS)
        return not_inspectable(t, "what is listed as video is neither H.264 nor H.265");
    return RESULT_OK;
}

static enum result take_video_unit(struct mpegts *t, struct bytes payload, bool *starts)
{
    struct bytes data = pes_data(payload);
    if (!pes_is_video(payload))
        return not_inspectable(t, "a packet of the video begins another kind of stream");
    if (!t->proved)
        TRY(prove(t, data));
    *starts = *starts || pes_has_entry(t->shown->kind, data);
    return RESULT_OK;
}

/* The stream id is looked at on every PID, whatever the tables say of it. */
static enum result take_unit(struct mpegts *t, const struct packet *p, bool *starts)
{
    bool is_video = t->role[p->pid] == ROLE_VIDEO;
    if (!pes_begins(p->payload))
        return !is_video || p->payload.n == 0
                   ? RESULT_OK
                   : not_inspectable(t, "a packet of the video begins no stream");
    if (p->payload.n <= PES_PREFIX)
        return not_inspectable(t, "a packet is cut off before its stream id");
    if (t->rules.refuse_audio && pes_is_sound(p->payload))
        return refuse(t, RESULT_DENIED, REASON_AUDIO_REFUSED, "a packet begins an audio stream");
    return is_video ? take_video_unit(t, p->payload, starts) : RESULT_OK;
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
static enum result take_sets(struct mpegts *t, struct bytes data)
{
    enum result r = sps_look(&t->sets, t->shown->kind, data, take_size, t);
    return r == RESULT_OK || r == RESULT_DENIED
               ? r
               : not_inspectable(t, "the size of pictures is limited, and cannot be read");
}

/* ---- packets */

static uint32_t first_four(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* 2.4.3.2 and, for the adaptation field, 2.4.3.4. */
static enum result read_packet(struct mpegts *t, const uint8_t *at, struct packet *out)
{
    size_t head = TS_HEAD;
    if (at[0] != TS_SYNC)
        return refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED,
                      "a packet does not begin with the sync byte");
    *out = (struct packet){.pid = (uint16_t)((at[1] & 0x1f) << 8 | at[2])};
    if ((at[1] & 0x80) != 0) /* damaged on the way here: nobody knows what it was */
        out->pid = NULL_PID;
    if (out->pid == NULL_PID)
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

/* Decoders leave out null packets (2.4.3.3), and their neighbours stay where they are. */
static void blank(uint8_t *at)
{
    static const uint8_t head[] = {TS_SYNC, NULL_PID >> 8, NULL_PID & 0xff, 0x10};
    memcpy(at, head, sizeof head);
    memset(at + sizeof head, 0xff, TS_PACKET - sizeof head);
}

/* A table's packet has (a part of) that table in it, and nothing else. */
static bool is_plain(const struct mpegts *t, const struct packet *p)
{
    const struct psi_section *s = &t->section;
    for (size_t i = 0; p->pid != PAT_PID && i < t->programmes; i++)
        if (t->programme[i].pid == p->pid)
            s = &t->programme[i].section; /* those that share a PID see the same sections */
    return psi_is_plain(s, p->pid == PAT_PID ? PSI_PAT : PSI_PMT, p->payload, p->unit_start);
}

/* Whether a packet that is not of the video may stand, as far as its PID and what is in it go. */
static bool may_stand(const struct mpegts *t, const struct packet *p)
{
    switch ((enum role)t->role[p->pid]) {
    case ROLE_PAT:
    case ROLE_PMT: return p->payload.n == 0 || is_plain(t, p);
    case ROLE_SOUND: return true;
    case ROLE_CLOCK: return p->payload.n == 0;
    case ROLE_VIDEO:
    case ROLE_NONE: break;
    }
    return false;
}

static enum result take_video(struct mpegts *t, const struct packet *p, bool *starts)
{
    *starts = p->random_access;
    if (!t->proved && ++t->packets_without_proof > PROVED_WITHIN)
        return not_inspectable(t, "no unit of video within 4096 packets");
    if (limits_size(t))
        TRY(take_sets(t,
                      p->unit_start && pes_begins(p->payload) ? pes_data(p->payload) : p->payload));
    return p->unit_start ? take_unit(t, p, starts) : RESULT_OK;
}

static enum result take_other(struct mpegts *t, const struct packet *p)
{
    enum role role = t->role[p->pid];
    bool starts;
    if (t->shown == NULL && ++t->packets_without_tables > TS_TABLES_WITHIN)
        return not_inspectable(t, "no complete tables within 512 packets");
    if (role == ROLE_PAT || role == ROLE_PMT)
        return p->payload.n == 0 ? RESULT_OK : take_table(t, p->pid, p->payload, p->unit_start);
    return p->unit_start ? take_unit(t, p, &starts) : RESULT_OK;
}

static enum result take_packet(struct mpegts *t, uint8_t *at, bool *starts)
{
    struct packet p;
    TRY(read_packet(t, at, &p));
    if (t->role[p.pid] == ROLE_VIDEO)
        return take_video(t, &p, starts);
    bool stands = may_stand(t, &p);
    enum result r = take_other(t, &p);
    if (!stands)
        blank(at);
    return r;
}

/*
 * Nearly all packets only go on with the video that was proved, as their first four bytes tell
 * (2.4.3.2), and do not end with what may be the beginning of a start code. How many bytes of them
 * come next.
 */
static size_t plain_bytes(const struct mpegts *t, const uint8_t *p, size_t n)
{
    enum { PRIORITY = 1 << 21, COUNTER = 0xf, PAYLOAD_ONLY = 0x10 };
    size_t at = 0;
    if (!t->proved || t->shown == NULL || t->role[t->shown->pid] != ROLE_VIDEO)
        return 0;
    const uint32_t wanted = (uint32_t)TS_SYNC << 24 | (uint32_t)t->shown->pid << 8 | PAYLOAD_ONLY;
    while (at < n && p[at + TS_PACKET - 1] != 0 &&
           (first_four(p + at) & ~(uint32_t)(PRIORITY | COUNTER)) == wanted)
        at += TS_PACKET;
    return at;
}

/* Parameter sets in a run of such packets, whose heads have no two zeros: all of it is searched at
 * once, and only packets in which something was found for themselves. */
static enum result take_run(struct mpegts *t, struct bytes run)
{
    for (size_t at = 0; limits_size(t) && at < run.n; at += TS_PACKET) {
        if (sps_is_idle(&t->sets))
            at = sps_pass(run, at) / TS_PACKET * TS_PACKET;
        if (at < run.n)
            TRY(take_sets(t, bytes_of(run.p + at + TS_HEAD, TS_PACKET - TS_HEAD)));
    }
    return RESULT_OK;
}

static enum result take_packets(struct mpegts *t, uint8_t *chunk, size_t n, struct media_found *out)
{
    for (size_t at = 0; at < n; at += TS_PACKET) {
        const size_t plain = plain_bytes(t, chunk + at, n - at);
        bool starts = false;
        TRY(take_run(t, bytes_of(chunk + at, plain)));
        at += plain;
        if (at == n)
            break;
        TRY(take_packet(t, chunk + at, &starts));
        if (starts && !out->has_start) {
            out->has_start = true;
            out->start = at;
        }
    }
    return RESULT_OK;
}

enum result mpegts_chunk(struct mpegts *t, uint8_t *chunk, size_t n, struct media_found *out,
                         enum reason *reason, const char **why)
{
    *out = (struct media_found){.to = n, .has_cut = true};
    enum result r = n % TS_PACKET == 0 ? take_packets(t, chunk, n, out)
                                       : refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED,
                                                "not whole packets of 188 bytes");
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
    return media_codec_word(t->shown->kind == PSI_H264 ? 0 : 1);
}

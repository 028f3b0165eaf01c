#include "message/mpegts_state.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "message/pes.h"

enum {
    TS_HEAD = 4,
    PROVED_WITHIN_UNITS = 3, /* PES packets of the video until one shows that it is video, */
    PROVED_WITHIN = 4096     /* and packets */
};

struct mpegts *mpegts_new(const struct media_rules *rules)
{
    struct mpegts *t = mem_new(sizeof *t);
    t->rules = *rules;
    t->role[TS_PAT_PID] = TS_ROLE_PAT;
    return t;
}

void mpegts_free(struct mpegts *t)
{
    mem_free(t);
}

enum result mpegts_refuse(struct mpegts *t, enum result r, enum reason reason, const char *why)
{
    t->reason = reason;
    t->why = why;
    return r;
}

enum result mpegts_not_inspectable(struct mpegts *t, const char *why)
{
    return mpegts_refuse(t, RESULT_DENIED, REASON_MEDIA_REFUSED, why);
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
        return mpegts_not_inspectable(t, "what is listed as video is neither H.264 nor H.265");
    return RESULT_OK;
}

static enum result take_video_unit(struct mpegts *t, struct bytes payload, bool *starts)
{
    struct bytes data = pes_data(payload);
    if (!pes_is_video(payload))
        return mpegts_not_inspectable(t, "a packet of the video begins another kind of stream");
    if (!t->proved)
        TRY(prove(t, data));
    *starts = *starts || pes_has_entry(t->shown->kind, data);
    return RESULT_OK;
}

/* The stream id is looked at on every PID, whatever the tables say of it. */
static enum result take_unit(struct mpegts *t, const struct packet *p, bool *starts)
{
    bool is_video = t->role[p->pid] == TS_ROLE_VIDEO;
    if (!pes_begins(p->payload))
        return !is_video || p->payload.n == 0
                   ? RESULT_OK
                   : mpegts_not_inspectable(t, "a packet of the video begins no stream");
    if (p->payload.n <= PES_PREFIX)
        return mpegts_not_inspectable(t, "a packet is cut off before its stream id");
    if (t->rules.refuse_audio && pes_is_sound(p->payload))
        return mpegts_refuse(t, RESULT_DENIED, REASON_AUDIO_REFUSED,
                             "a packet begins an audio stream");
    return is_video ? take_video_unit(t, p->payload, starts) : RESULT_OK;
}

static enum result take_size(void *arg, const struct sps_size *size)
{
    struct mpegts *t = arg;
    return size->width <= t->rules.width && size->height <= t->rules.height
               ? RESULT_OK
               : mpegts_refuse(t, RESULT_DENIED, REASON_QUOTA_EXCEEDED,
                               "limits.resolution: the pictures are larger");
}

/* Every parameter set counts, wherever packets part it. */
static enum result take_sets(struct mpegts *t, struct bytes data)
{
    enum result r = sps_look(&t->sets, t->shown->kind, data, take_size, t);
    return r == RESULT_OK || r == RESULT_DENIED
               ? r
               : mpegts_not_inspectable(t, "the size of pictures is limited, and cannot be read");
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
        return mpegts_refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED,
                             "a packet does not begin with the sync byte");
    *out = (struct packet){.pid = (uint16_t)((at[1] & 0x1f) << 8 | at[2])};
    if ((at[1] & 0x80) != 0) /* damaged on the way here: nobody knows what it was */
        out->pid = PSI_NULL_PID;
    if (out->pid == PSI_NULL_PID)
        return RESULT_OK;
    if ((at[3] & 0xc0) != 0)
        return mpegts_not_inspectable(t, "scrambled packets cannot be inspected");
    if ((at[3] & 0x20) != 0) {
        head += 1 + (size_t)at[4];
        if (head > TS_PACKET)
            return mpegts_refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED,
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
    static const uint8_t head[] = {TS_SYNC, PSI_NULL_PID >> 8, PSI_NULL_PID & 0xff, 0x10};
    memcpy(at, head, sizeof head);
    memset(at + sizeof head, 0xff, TS_PACKET - sizeof head);
}

/* A table's packet has (a part of) that table in it, and nothing else. */
static bool is_plain(const struct mpegts *t, const struct packet *p)
{
    const struct psi_section *s = &t->section;
    for (size_t i = 0; p->pid != TS_PAT_PID && i < t->programmes; i++)
        if (t->programme[i].pid == p->pid)
            s = &t->programme[i].section; /* those that share a PID see the same sections */
    return psi_is_plain(s, p->pid == TS_PAT_PID ? PSI_PAT : PSI_PMT, p->payload, p->unit_start);
}

/* Whether a packet that is not of the video may stand, as far as its PID and what is in it go. */
static bool may_stand(const struct mpegts *t, const struct packet *p)
{
    switch ((enum ts_role)t->role[p->pid]) {
    case TS_ROLE_PAT:
    case TS_ROLE_PMT: return p->payload.n == 0 || is_plain(t, p);
    case TS_ROLE_SOUND: return true;
    case TS_ROLE_CLOCK: return p->payload.n == 0;
    case TS_ROLE_VIDEO:
    case TS_ROLE_NONE: break;
    }
    return false;
}

static enum result take_video(struct mpegts *t, const struct packet *p, bool *starts)
{
    *starts = p->random_access;
    if (!t->proved && ++t->packets_without_proof > PROVED_WITHIN)
        return mpegts_not_inspectable(t, "no unit of video within 4096 packets");
    if (mpegts_limits_size(t))
        TRY(take_sets(t,
                      p->unit_start && pes_begins(p->payload) ? pes_data(p->payload) : p->payload));
    return p->unit_start ? take_unit(t, p, starts) : RESULT_OK;
}

static enum result take_other(struct mpegts *t, const struct packet *p)
{
    enum ts_role role = t->role[p->pid];
    bool starts;
    if (t->shown == NULL && ++t->packets_without_tables > TS_TABLES_WITHIN)
        return mpegts_not_inspectable(t, "no complete tables within 512 packets");
    if (role == TS_ROLE_PAT || role == TS_ROLE_PMT)
        return p->payload.n == 0 ? RESULT_OK
                                 : mpegts_take_table(t, p->pid, p->payload, p->unit_start);
    return p->unit_start ? take_unit(t, p, &starts) : RESULT_OK;
}

static enum result take_packet(struct mpegts *t, uint8_t *at, bool *starts)
{
    struct packet p;
    TRY(read_packet(t, at, &p));
    if (t->role[p.pid] == TS_ROLE_VIDEO)
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
    if (!t->proved || t->shown == NULL || t->role[t->shown->pid] != TS_ROLE_VIDEO)
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
    for (size_t at = 0; mpegts_limits_size(t) && at < run.n; at += TS_PACKET) {
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
                                       : mpegts_refuse(t, RESULT_MALFORMED, REASON_MEDIA_REFUSED,
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

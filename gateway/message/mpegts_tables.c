/* What the tables of a transport stream say: which PID carries what, and whether that may pass. */
#include "message/mpegts_state.h"

static enum result second_video(struct mpegts *t)
{
    return mpegts_not_inspectable(t,
                                  "a second video stream, where the size of pictures is limited");
}

static bool is_kept(const struct ts_kept *k, struct bytes section)
{
    return bytes_equal(bytes_of(k->bytes, k->n), section);
}

static void keep(struct ts_kept *k, struct bytes section)
{
    memcpy(k->bytes, section.p, section.n);
    k->n = section.n;
}

/* A PID has one role, and a table's is no other's. */
static enum result give_role(struct mpegts *t, uint16_t pid, enum ts_role role)
{
    if (t->role[pid] == TS_ROLE_PAT || t->role[pid] == TS_ROLE_PMT)
        return mpegts_not_inspectable(t, "a program map table names the PID of a table");
    if (role != TS_ROLE_NONE)
        t->role[pid] = (uint8_t)role;
    return RESULT_OK;
}

/* Of what the tables list, the video that is looked at, sound and the clock may pass. A programme
 * without a clock names the PID of null packets for it. */
static enum result give_roles(struct mpegts *t)
{
    for (size_t i = 0; i < t->programmes; i++) {
        const struct psi_pmt *m = &t->programme[i].lists;
        for (size_t k = 0; k < m->count; k++)
            TRY(give_role(t, m->stream[k].pid,
                          m->stream[k].kind == PSI_AUDIO ? TS_ROLE_SOUND : TS_ROLE_NONE));
        if (m->clock_pid != PSI_NULL_PID && t->role[m->clock_pid] == TS_ROLE_NONE)
            t->role[m->clock_pid] = TS_ROLE_CLOCK;
    }
    return give_role(t, t->shown->pid, TS_ROLE_VIDEO);
}

/* Once every programme has its PMT: the PIDs to look at, and the tables for those who join. */
static enum result use_tables(struct mpegts *t)
{
    size_t n = psi_packets(bytes_of(t->pat.bytes, t->pat.n), TS_PAT_PID, t->tables, TS_TABLES_MAX);
    const struct ts_video *shown = NULL;
    for (size_t i = 0; i < t->programmes; i++) {
        const struct ts_programme *p = &t->programme[i];
        if (p->pmt.n == 0)
            return RESULT_OK;
        if (p->video.kind != PSI_OTHER && shown != NULL && mpegts_limits_size(t))
            return second_video(t);
        if (p->video.kind != PSI_OTHER && shown == NULL)
            shown = &p->video;
        size_t added = psi_packets(bytes_of(p->pmt.bytes, p->pmt.n), p->pid,
                                   t->tables + n * TS_PACKET, TS_TABLES_MAX - n);
        if (added == 0)
            return mpegts_not_inspectable(t, "the stream's tables are larger than 8 packets");
        n += added;
    }
    if (shown == NULL)
        return mpegts_not_inspectable(t, "no programme carries video");
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
    memset(t->role, TS_ROLE_NONE, sizeof t->role);
    t->role[TS_PAT_PID] = TS_ROLE_PAT;
    for (size_t i = 0; i < t->programmes; i++)
        t->role[t->programme[i].pid] = TS_ROLE_PMT;
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
        return r == RESULT_AGAIN ? RESULT_OK : mpegts_not_inspectable(t, why);
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

static enum result take_stream(struct mpegts *t, struct ts_video *found, uint16_t pid,
                               enum psi_kind kind)
{
    switch (kind) {
    case PSI_H264:
    case PSI_H265:
        if (!may_pass(t, kind))
            return mpegts_not_inspectable(t, "limits.codecs: a programme lists another codec");
        if (found->kind != PSI_OTHER)
            return mpegts_limits_size(t) ? second_video(t) : RESULT_OK;
        *found = (struct ts_video){kind, pid};
        return RESULT_OK;
    case PSI_AUDIO:
        return t->rules.refuse_audio ? mpegts_refuse(t, RESULT_DENIED, REASON_AUDIO_REFUSED,
                                                     "a programme lists an audio stream")
                                     : RESULT_OK;
    case PSI_DATA: return RESULT_OK;
    case PSI_OTHER: break;
    }
    return mpegts_not_inspectable(
        t, "a programme lists a stream that is neither H.264, H.265, audio nor data");
}

/* A table for a programme that the PAT does not name on this PID is inspected too: there are
 * players that follow it. */
static enum result take_pmt(void *arg, struct bytes section)
{
    struct mpegts *t = arg;
    struct ts_programme *p = t->reading;
    struct psi_pmt pmt;
    struct ts_video found = {.kind = PSI_OTHER};
    const char *why;
    if (is_kept(&p->pmt, section))
        return RESULT_OK;
    enum result r = psi_read_pmt(section, &pmt, &why);
    if (r != RESULT_OK)
        return r == RESULT_AGAIN ? RESULT_OK : mpegts_not_inspectable(t, why);
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

enum result mpegts_take_table(struct mpegts *t, uint16_t pid, struct bytes payload, bool unit_start)
{
    if (pid == TS_PAT_PID)
        return psi_packet(&t->section, payload, unit_start, take_pat, t);
    for (size_t i = 0; i < t->programmes; i++) {
        t->reading = &t->programme[i];
        if (t->reading->pid == pid)
            TRY(psi_packet(&t->reading->section, payload, unit_start, take_pmt, t));
    }
    return RESULT_OK;
}

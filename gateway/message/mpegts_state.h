/* A transport stream while it is looked at: by its packets (mpegts.c), and by the tables in some of
 * them (mpegts_tables.c). Inside message/ only. */
#ifndef FEDGATE_MESSAGE_MPEGTS_STATE_H
#define FEDGATE_MESSAGE_MPEGTS_STATE_H

#include "message/mpegts.h"
#include "message/psi.h"
#include "message/sps.h"

enum { TS_PAT_PID = 0 };

/* What the packets of a PID carry: nothing that may pass, a table, the video that is looked at,
 * sound where it is not refused, the clock alone. */
enum ts_role {
    TS_ROLE_NONE,
    TS_ROLE_PAT,
    TS_ROLE_PMT,
    TS_ROLE_VIDEO,
    TS_ROLE_SOUND,
    TS_ROLE_CLOCK
};

/* A section as it was last found good, to see whether the next differs. */
struct ts_kept {
    uint8_t bytes[PSI_SECTION_MAX];
    size_t n;
};

/* The first video stream of a programme; PSI_OTHER: it has none. */
struct ts_video {
    enum psi_kind kind;
    uint16_t pid;
};

struct ts_programme {
    uint16_t number, pid;
    struct psi_section section;
    struct ts_kept pmt;
    struct psi_pmt lists; /* what is in it */
    struct ts_video video;
};

struct mpegts {
    struct media_rules rules;
    struct psi_section section;
    struct ts_kept pat;
    struct ts_programme programme[PSI_PROGRAMMES_MAX];
    size_t programmes;
    uint8_t role[PSI_PIDS];
    const struct ts_video *shown; /* what is looked at; NULL: tables missing */
    size_t packets_without_tables;
    bool proved;                  /* that the video shown is video, */
    unsigned units_without_proof; /* PES packets and */
    size_t packets_without_proof; /* packets of it so far */
    uint8_t tables[TS_TABLES_MAX * TS_PACKET];
    size_t table_packets;
    struct sps_search sets; /* of the video shown, where its size is limited */
    /* of the call under way */
    struct ts_programme *reading;
    enum reason reason;
    const char *why;
};

/* Says why the call under way ends with this result, and returns it. */
enum result mpegts_refuse(struct mpegts *t, enum result r, enum reason reason, const char *why);

/* The same for what cannot be inspected: RESULT_DENIED, MEDIA_REFUSED. */
enum result mpegts_not_inspectable(struct mpegts *t, const char *why);

/* Takes the payload of a packet of a table. New tables say anew what each PID carries. */
MUST_USE enum result mpegts_take_table(struct mpegts *t, uint16_t pid, struct bytes payload,
                                       bool unit_start);

static inline bool mpegts_limits_size(const struct mpegts *t)
{
    return t->rules.width != 0;
}

#endif

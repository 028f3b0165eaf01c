/*
 * The tables of an MPEG transport stream (ISO/IEC 13818-1, 2.4.4): sections put together from
 * packets, checked, and read. Kept to what a camera sends: one section a table, few programmes.
 */
#ifndef FEDGATE_MESSAGE_PSI_H
#define FEDGATE_MESSAGE_PSI_H

#include "base/bytes.h"
#include "base/result.h"

enum {
    PSI_PAT = 0, /* tables */
    PSI_PMT = 2,
    PSI_SECTION_MAX = 1024,
    PSI_PROGRAMMES_MAX = 7, /* with the PAT they fit TS_TABLES_MAX packets */
    PSI_STREAMS_MAX = 32,
    PSI_PIDS = 8192,
    PSI_NULL_PID = PSI_PIDS - 1 /* of packets with nothing in them */
};

/* The section of one PID that is being put together. Zeroed, it is between sections. */
struct psi_section {
    uint8_t bytes[PSI_SECTION_MAX];
    size_t have;
    uint8_t good[PSI_SECTION_MAX]; /* the last whole one */
    size_t good_bytes;
};

/*
 * Takes one packet's payload; `unit_start` is its payload_unit_start_indicator. Each section that
 * it completes is given to `each`, whole with header and CRC, when its CRC-32 holds and it is not
 * the one before once more; a damaged or oversized one is as if it had not come, as decoders see
 * it. Stops at the first answer other than RESULT_OK and returns it.
 */
MUST_USE enum result psi_packet(struct psi_section *s, struct bytes payload, bool unit_start,
                                enum result (*each)(void *arg, struct bytes section), void *arg);

/* Whether this payload, which psi_packet is given next, holds nothing but (a part of) one section
 * of this table, and stuffing. */
bool psi_is_plain(const struct psi_section *s, uint8_t table, struct bytes payload,
                  bool unit_start);

struct psi_programme {
    uint16_t number, pid; /* of its PMT */
};

struct psi_pat {
    struct psi_programme programme[PSI_PROGRAMMES_MAX];
    size_t count;
};

/* RESULT_OK; RESULT_AGAIN for another table or one that is not in force yet; RESULT_MALFORMED with
 * a static text. */
MUST_USE enum result psi_read_pat(struct bytes section, struct psi_pat *out, const char **why);

enum psi_kind { PSI_OTHER, PSI_H264, PSI_H265, PSI_AUDIO, PSI_DATA };

struct psi_pmt {
    uint16_t number;
    uint16_t clock_pid; /* whose packets carry the clock; may be one of nothing else, or none */
    struct {
        uint16_t pid;
        enum psi_kind kind;
    } stream[PSI_STREAMS_MAX];
    size_t count;
};

/* The same for a PMT. */
MUST_USE enum result psi_read_pmt(struct bytes section, struct psi_pmt *out, const char **why);

/* The packets that carry one section on this PID: at most `room` of them into `out` (188 bytes
 * each). How many; 0 when they do not fit. */
size_t psi_packets(struct bytes section, uint16_t pid, uint8_t *out, size_t room);

#endif

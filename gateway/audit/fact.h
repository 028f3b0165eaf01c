/*
 * A fact of the register: what law wants kept of one leaf and the log must not hold. A JSON object
 * in canonical form (RFC 8785), sealed under the register's key; its leaf holds a salted commitment
 * over exactly these bytes. Cameras that were provided are named, never those that only might have
 * been.
 */
#ifndef FEDGATE_AUDIT_FACT_H
#define FEDGATE_AUDIT_FACT_H

#include "base/buf.h"

enum {
    FACT_MAX = 16 << 10,
    FACT_CAMERAS_MAX = 64,
    FACT_ITEMS_MAX = 32,
    FACT_EVIDENCE_MAX = 8,
    FACT_RETAINED_MAX = 64,
    FACT_SALT = 32,
    FACT_SUBJECT = 2 * 16 /* hexadecimal digits of a tag */
};

struct fact_evidence {
    struct bytes kind, value;
};

/* What a recipient retains instead of destroying it: the leaf "released", and the case. */
struct fact_retained {
    uint64_t item;
    struct bytes case_ref;
};

/* Everything a fact may say; empty views and zero numbers are left out of the JSON. */
struct fact {
    struct bytes camera[FACT_CAMERAS_MAX]; /* whose imagery was provided */
    size_t cameras;
    int64_t begins_us, ends_us;        /* the recorded span; a picture has a begin alone */
    struct bytes form;                 /* media type, or container and codec */
    struct bytes item[FACT_ITEMS_MAX]; /* fields that the recipient got, in the contract's words */
    size_t items;
    struct bytes staff, role; /* who acted, as the agency names him or her */
    struct fact_evidence evidence[FACT_EVIDENCE_MAX];
    size_t evidences;
    struct bytes workstation;    /* where, when an item of a vault was opened, */
    struct bytes reason;         /* and what for, in that person's words */
    struct bytes document;       /* number of an official letter */
    struct bytes subject;        /* register-keyed tag of whose data it is, FACT_SUBJECT digits */
    struct bytes method, origin; /* of a position: how it was taken, under which law; method of an
                                    opening: how it was proved who opens */
    struct bytes result;         /* who asks for a release, or what it or a camera came to */
    bool has_about;
    uint64_t about;   /* leaf of the provision that a notice is about, or of the request that is
                         answered */
    int64_t until_us; /* of a deferral */
    struct fact_retained retained[FACT_RETAINED_MAX];
    size_t retains;
};

/* Whether it says anything at all. */
bool fact_is_empty(const struct fact *f);

/* Appends the canonical JSON. RESULT_TOO_LARGE past FACT_MAX or a list's end, RESULT_MALFORMED when
 * a view is not valid UTF-8, RESULT_RANGE for a number below zero or of 2^53 or more; nothing is
 * appended then. */
MUST_USE enum result fact_write(const struct fact *f, struct buf *out);

/* Reads one back; views point into `room`, which is initialised here and the caller frees with
 * buf_free. RESULT_MALFORMED, with an empty room, when it is not such an object in canonical form.
 */
MUST_USE enum result fact_read(struct bytes text, struct fact *f, struct buf *room);

#endif

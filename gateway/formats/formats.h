/*
 * Messages of the contract in the formats of others, for the agent at an agency's edge; on the road
 * of a message through the gateway only a notice's signed original is looked into. Each format is
 * one table of its elements (NAME.def): what is read, written and told of it comes from there.
 *
 * Nothing is lost without a word. What narrows or binds (recipients, purpose, legal basis,
 * deadline, status) and has no place on the other side is an error; all else that has none is
 * listed. No text that comes out of here holds payload.
 */
#ifndef FEDGATE_FORMATS_FORMATS_H
#define FEDGATE_FORMATS_FORMATS_H

#include "base/arena.h"
#include "base/buf.h"

struct Fedgate__V1__Message;
struct format;

/* ---- which there are */
const struct format *format_named(const char *name); /* NULL: none */
const struct format *format_at(size_t i);            /* NULL behind the last */
const char *format_name(const struct format *f);     /* "cap" */
const char *format_title(const struct format *f);    /* "Common Alerting Protocol 1.2" */

/* One line of its table: a place in the document, the fields of the contract that are its other
 * side ("" when it is not carried), and how one becomes the other, in English and Korean. */
struct format_line {
    const char *place, *fields, *how[2];
};
bool format_line_at(const struct format *f, size_t i, struct format_line *out);

/* ---- what has no place on the other side */
enum { FORMAT_LOSSES = 64, FORMAT_PLACE = 96, FORMAT_WHY = 300 };

struct format_loss {
    char place[FORMAT_PLACE];   /* "/alert/info/onset", or "header.actor.role" */
    size_t count, line, column; /* how often; where first, 0 when it is a field */
};

struct format_report {
    size_t count;
    struct format_loss loss[FORMAT_LOSSES];
    char why[FORMAT_WHY]; /* on failure: where, and what was expected */
};

/* Reads a document; the message and all in it live in the arena. RESULT_MALFORMED, RESULT_TOO_LARGE
 * or RESULT_NO_MEMORY with report->why. */
MUST_USE enum result format_read(const struct format *f, struct arena *a, struct bytes document,
                                 struct Fedgate__V1__Message **out, struct format_report *report);

/* Appends the message as a document; the arena is for what is needed meanwhile. RESULT_UNKNOWN: the
 * format cannot carry this kind, or something of it that binds; RESULT_MALFORMED: it lacks what the
 * format requires; RESULT_TOO_LARGE; with report->why. */
MUST_USE enum result format_write(const struct format *f, struct arena *a,
                                  const struct Fedgate__V1__Message *m, struct buf *out,
                                  struct format_report *report);

/* ---- what is in a message as somebody else signed it */
/* NULL when the message has no signed original, or a good one: a signed document that says what the
 * message's fields say, under the status, recipients and terms of its header. Else what it should
 * have been (static, with the field in front). The arena is for what is needed meanwhile. */
const char *format_original_wrong(struct arena *a, const struct Fedgate__V1__Message *m);

/* The signed original that is a document of this format; empty when there is none. */
struct bytes format_original(const struct format *f, const struct Fedgate__V1__Message *m);

#endif

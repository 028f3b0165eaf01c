/* Inside of formats/: tables of elements, and what turns them into fields and back. */
#ifndef FEDGATE_FORMATS_FORMAT_H
#define FEDGATE_FORMATS_FORMAT_H

#include "formats/formats.h"
#include "message/reflect.h"
#include "xml/xml.h"

#include <fedgate/v1/fedgate.pb-c.h>

struct reading;
struct writing;
struct format_row;

/* What stands at a place of a document. */
struct item {
    struct bytes text;           /* without blanks at its ends */
    const struct xml_node *node; /* an attribute's: of its element */
};

/* One way to carry something. take: false after reading_wrong. put: writes what the message has,
 * by writing_put, once or several times or not at all. */
struct converter {
    bool (*take)(struct reading *r, const struct format_row *row, const struct item *in);
    void (*put)(struct writing *w, const struct format_row *row);
    const char *how[2]; /* English, Korean */
    bool whole;         /* it looks into the element itself: attributes and children are its own */
};

/* A row of a NAME.def, which tells what is in it. */
struct format_row {
    const char *place; /* "alert/info/event", "presence/@entity" */
    const char *space; /* its namespace; NULL: the format's own, of attributes none */
    size_t most;       /* of it in its parent; more are not carried */
    bool must;         /* required in its parent */
    const struct converter *converter; /* NULL: it holds other rows */
    const char *fields; /* of the contract, parted by blanks: the first that fits the kind */
};

struct format {
    const char *name, *title;
    const char *space; /* the namespace of its root */
    const struct format_row *row;
    size_t rows;
    const char *const
        *kinds; /* bodies that it carries, NULL behind them; the first is what is read */
    /* Of an envelope, which carries any kind: makes the message of what is in it. May be NULL. */
    bool (*first)(struct reading *r, const struct xml_node *root);
    bool (*begin)(struct writing *w); /* false after writing_wrong; may be NULL */
    bool (*finish)(struct reading *r, struct bytes document); /* the same for reading */

    /* What is no XML reads and writes itself, any kind of message and all of it. */
    bool (*read)(struct reading *r, struct bytes document);
    void (*write)(struct writing *w);
};

enum { FORMAT_ROWS = 64 }; /* of one table at most */

extern const struct format format_cap, format_pidf_lo, format_cloudevents, format_edxl_de,
    format_edxl_de_2;

/* The terms of terms.def, as rows; their count. */
extern const struct format_row term_rows[];
extern const size_t term_count;

/* ---------------------------------------------------------------- field.c: fields by their path */

struct field {
    ProtobufCMessage *m;
    const ProtobufCFieldDescriptor *f;
};

/* The one of the row's fields that fits a body of this kind: "header.id", "public_notice.event".
 * False when none does. Its place in `out`, of n characters. */
bool field_of_row(const struct format_row *row, const char *kind, char *out, size_t n);

/* Finds a field by its path. Messages on the way that are not there are made in the arena; with
 * NULL they are not, and the answer is false. */
bool field_find(struct arena *a, Fedgate__V1__Message *m, const char *path, struct field *out);

/* Puts a value behind those of a repeated field of texts or messages, or into a single one: a new
 * message, or where the text or number goes. NULL when the arena is used up. */
void *field_add(struct arena *a, const struct field *f);

/* The name of the body that the message has ("public_notice"); NULL for none. */
const char *body_name(const Fedgate__V1__Message *m);

/* A kind of body by its name; false when the contract has none, or the arena is used up. */
bool body_make(struct arena *a, Fedgate__V1__Message *m, const char *name);

/* ---------------------------------------------------------------- read.c */

struct reading {
    const struct format *format;
    struct arena *arena;
    Fedgate__V1__Message *m;
    const char *kind; /* the body's name */
    struct format_report *report;
    enum result result;
    const struct xml_node *at; /* what is read now, for errors */
    char place[FORMAT_PLACE];  /* the same, "alert/info" */
    size_t seen[FORMAT_ROWS];  /* of each row, in its parent */
};

/* Says what was expected at the place that is read. Always false. */
bool reading_wrong(struct reading *r, const char *expected);

/* The place that is read now is not carried. Always true. */
bool reading_lost(struct reading *r);

/* The row's field for the kind that is read, made if need be; false when the kind has none (and
 * the place is listed as not carried, if there is text) or after reading_wrong. */
bool reading_field(struct reading *r, const struct format_row *row, struct field *out);

/* Reads a message in JSON, or an element by the table of another format, in place of what was read
 * so far. False with `why`; after reading_wrong. */
bool reading_json(struct reading *r, struct bytes json, char *why, size_t n);
bool reading_inside(struct reading *r, const struct format *f, const struct xml_node *root);

/* ---------------------------------------------------------------- write.c */

struct writing {
    const struct format *format;
    struct arena *arena;
    Fedgate__V1__Message *m; /* not changed */
    const char *kind;
    struct format_report *report;
    enum result result;
    struct xml_writer xml;
    const struct format_row *open[XML_OPEN_MAX]; /* elements that are open, outermost first */
    bool written[FORMAT_ROWS];                   /* of each row: it was opened or put */
    void (*emit)(struct writing *w, const struct format_row *row, struct bytes text);
};

/* Says what is wrong with a field. Always false. */
bool writing_wrong(struct writing *w, enum result result, const char *field, const char *expected);

/* A field that is not carried. */
void writing_lost(struct writing *w, const char *field);

/* The row's field of the message; false when it is not there. */
bool writing_field(struct writing *w, const struct format_row *row, struct field *out);

/* Writes what stands at the row's place. */
void writing_put(struct writing *w, const struct format_row *row, struct bytes text);

/* The same, in an element with an attribute. */
void writing_put_with(struct writing *w, const struct format_row *row, const char *attribute,
                      struct bytes value, struct bytes text);

/* Says what is wrong if a row that must be there was not written where it has to. */
void writing_check(struct writing *w);

/* Opens the elements that the row's stands in, and closes what is open beside. */
void writing_open_parent(struct writing *w, const struct format_row *row);

/* ---------------------------------------------------------------- losses.c */

/* Lists every field of the message that no row carries; false after writing_wrong: it binds. */
bool losses_of_message(struct writing *w);

void losses_add(struct format_report *report, const char *place, size_t line, size_t column);

/* ---------------------------------------------------------------- convert.c */

extern const struct converter as_lost;  /* has no place in the contract */
extern const struct converter as_text;  /* characters, as they are */
extern const struct converter as_line;  /* runs of blanks become one */
extern const struct converter as_time;  /* RFC 3339, to the second */
extern const struct converter as_uuid;  /* a UUID; another is not carried */
extern const struct converter as_unit;  /* party/unit; another is not carried */
extern const struct converter as_units; /* party/unit, parted by blanks; anything else is refused */
extern const struct converter as_words; /* parted by blanks */
extern const struct converter as_incidents;     /* party/unit:UUID; another is not carried */
extern const struct converter as_flag;          /* true, 1 or yes; all else is false */
extern const struct converter as_evidence;      /* kind=value */
extern const struct converter as_earliest;      /* a time; of several the earliest holds */
extern const struct converter as_earliest_read; /* the same, never written */

/* A text of the header and body, for checks between fields. */
bool is_word_of(const char *const *words, struct bytes text);

/* A time of a document; false for what is none. */
bool format_time(struct bytes text, int64_t *us);

/* A number in decimal digits, all of the text, within these bounds. As few digits as come back the
 * same. */
bool format_number(struct bytes text, double least, double most, double *out);
void format_put_number(struct buf *out, double v);

/* Enumerations: the words of a format and the contract's values. */
struct format_word {
    const char *word;
    int value;
};
bool take_word(struct reading *r, const struct format_row *row, const struct item *in,
               const struct format_word *words, const char *expected);
void put_word(struct writing *w, const struct format_row *row, const struct format_word *words);

/* The next part of a text that blanks part; empty at the end. */
struct bytes next_word(struct bytes *text);

#endif

/* Messages as fedgate-agent reads them from JSON, and as it shows them. */
#ifndef FEDGATE_CLI_AGENT_MESSAGE_H
#define FEDGATE_CLI_AGENT_MESSAGE_H

#include "cli/agent/agent.h"
#include "formats/formats.h"

struct Fedgate__V1__Actor;
struct Fedgate__V1__Header;
struct Fedgate__V1__LegalBasis;
struct Fedgate__V1__Message;

/* ---------------------------------------------------------------- cut.c: JSON objects */

/* Cuts a text into the JSON objects that stand in it one behind the other, parted by blanks and
 * line ends or by nothing. */
struct agent_cutter;

enum { AGENT_JSON_MAX = 8 << 20 }; /* one object: a message of 3 MiB in base64, and escapes */

struct agent_cutter *agent_cutter_new(void);
void agent_cutter_free(struct agent_cutter *c);

/* More text, copied. */
void agent_cutter_add(struct agent_cutter *c, struct bytes text);

/* RESULT_OK: the next object, valid until the next call, and the line that it begins in.
 * RESULT_AGAIN: more text is needed. RESULT_MALFORMED, and the line: something else than an object
 * begins there. RESULT_TOO_LARGE. */
MUST_USE enum result agent_cutter_next(struct agent_cutter *c, struct bytes *object, size_t *line);

/* Whether the text so far ends inside an object; if so, the line that it begins in. */
bool agent_cutter_is_inside(const struct agent_cutter *c, size_t *line);

/* ---------------------------------------------------------------- reader.c: the messages in files
 */

struct agent_reader;

/* Files are paths, or "-" for standard input, with NULL behind them; all stays the caller's. Each
 * holds JSON objects, or (whole) is one document. `ready` is called from the loop when there is
 * more after RESULT_AGAIN. */
struct agent_reader *agent_reader_new(struct agent *a, char **file, bool whole,
                                      void (*ready)(void *arg), void *arg);
void agent_reader_free(struct agent_reader *r); /* accepts NULL */

/* RESULT_OK: the next object or document, valid until the next call, and where it stands.
 * RESULT_AGAIN. RESULT_END: no more. A file that cannot be read any further is passed over, after
 * an error message; the exit code is CLI_FAILED then. */
MUST_USE enum result agent_reader_next(struct agent_reader *r, struct bytes *text,
                                       const char **file, size_t *line);

/* ---------------------------------------------------------------- header.c */

/* What the options of a command say of a header. */
struct agent_header {
    const char *id, *service, *purpose, *basis, *status, *sent, *destroy_by, *wish;
    const char *staff, *role, *workstation, *authenticated_by;
    struct agent_list evidence, incident, to;
    struct agent_time sent_time, destroy_time; /* by agent_header_check */
};

/* Their rows in a command's table of options; the lists are taken by agent_list_option before. */
#define AGENT_PURPOSE_OPTIONS(h)                                                                   \
    {"purpose", &(h).purpose, NULL}, {"basis", &(h).basis, NULL}, {"staff", &(h).staff, NULL},     \
        {"role", &(h).role, NULL}, {"workstation", &(h).workstation, NULL},                        \
    {                                                                                              \
        "authenticated-by", &(h).authenticated_by, NULL                                            \
    }

/* Checks what the options say, before anything is done. False after an error message. */
bool agent_header_check(struct agent_header *o);

/* The arena that the functions below need: more than a command line can be. */
enum { AGENT_HEADER_MAX = 16 << 20 };

/* Puts what the options say into a header, in place of what it says, then what it still lacks: id,
 * source, created_at, status. One that is NULL is made in the arena. */
struct Fedgate__V1__Header *agent_header_make(struct arena *a, const struct agent_header *options,
                                              const char *unit, int64_t now_us,
                                              struct Fedgate__V1__Header *h);

/* The legal basis of --basis and --evidence, and the person of --staff (or NULL). */
struct Fedgate__V1__LegalBasis *agent_header_basis(struct arena *a, const struct agent_header *o);
struct Fedgate__V1__Actor *agent_header_actor(struct arena *a, const struct agent_header *o);

/* ---------------------------------------------------------------- encode.c */

/* What is added to each message. */
struct agent_addition {
    struct agent_header header;
    const char *unit;            /* the source */
    struct bytes photo;          /* empty: none */
    int64_t taken_us;            /* when it was taken */
    const struct format *format; /* that the messages are in; NULL: JSON */
};

enum { AGENT_ID = 64 }; /* characters of an id, as it is shown; longer ones are cut */

/* Encodes a Message, as JSON or in more->format, with its additions; `id` is its id. False with
 * `why` (of n characters). What the format says of deadline and passing on is only narrowed by the
 * additions; `report` (NULL: JSON) tells what of the document is not carried. */
bool agent_encode(struct bytes document, const struct agent_addition *more, int64_t now_us,
                  struct buf *out, char id[AGENT_ID], struct format_report *report, char *why,
                  size_t n);

/* ---------------------------------------------------------------- order.c */

struct minisign_secret;

/* Appends the receipt of a destruction_order, encoded: the unit destroyed all of it just now, by
 * erasing keys. False: a field of it is not well-formed. */
bool agent_order_settle(const struct Fedgate__V1__Message *order, const char *unit,
                        const char *staff, const struct minisign_secret *key, struct buf *out);

/* ---------------------------------------------------------------- format.c */

/* What --format, --from or --to names: "json", which is NULL, or a format. False after an error
 * message with the nearest. NULL is "json". */
bool agent_format_option(const char *option, const char *word, const struct format **out);

/* Reads one document: the message lives in the arena. False with report->why. */
bool agent_document_read(const struct format *f, struct arena *a, struct bytes document,
                         struct Fedgate__V1__Message **m, struct format_report *report);

/* Tells what is not carried, a line each; `what` names the document. As the members of a JSON
 * object: "notCarried":[{"place":...,"count":...,"line":...},...]. */
void agent_tell_losses(const struct agent *a, const char *what, const struct format_report *report);
void agent_put_losses(struct buf *out, const struct format_report *report);

/* The same of a whole file, as a TEST message: under a new id, or `as`, and created now. */
bool agent_encode_test(const char *file, const char *unit, const char *as, struct buf *out,
                       char id[AGENT_ID], char *why, size_t n);

/* ---------------------------------------------------------------- photos.c */

struct Google__Protobuf__Timestamp;

/* Puts a JPEG into a decoded message, and its time where there is room for one and none is said;
 * both stay the caller's. False: the message's kind has no photo. */
bool agent_put_photo(struct Fedgate__V1__Message *m, struct bytes photo,
                     struct Google__Protobuf__Timestamp *time);

/* Saves the photo of a decoded message, if it has one, as DIR/ID-RECORD.jpg, readable for its owner
 * only and on disk, and takes it out of the message. Appends the path. False after an error
 * message. */
bool agent_save_photo(int folder, const char *folder_name, struct Fedgate__V1__Message *m,
                      uint64_t record, struct buf *path);

/* ---------------------------------------------------------------- delivery.c */

struct agent_saving {
    int folder; /* -1: photos stay in the JSON */
    const char *name;
    const struct format *format; /* NULL: messages stay JSON */
};

/* Appends a delivery as one line of JSON: the Delivery with the message in it as JSON too, and
 * "saved", the path of its photo. In a format, "document" is in place of "message", with "format"
 * and "notCarried", or of a signed original "header"; what the format cannot carry stays "message",
 * and "refused" says why. A message
 * that cannot be read stays as bytes. False after an error message: the photo could not be saved.
 */
bool agent_put_delivery(const struct fedgate_delivery *d, const struct agent_saving *saving,
                        struct buf *out);

#endif

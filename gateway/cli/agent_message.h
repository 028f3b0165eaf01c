/* Messages as fedgate-agent reads them from JSON, and as it shows them. */
#ifndef FEDGATE_CLI_AGENT_MESSAGE_H
#define FEDGATE_CLI_AGENT_MESSAGE_H

#include "cli/agent.h"

struct Fedgate__V1__Header;
struct Fedgate__V1__LegalBasis;
struct Fedgate__V1__Message;

/* ---------------------------------------------------------------- agent_cut.c: JSON objects */

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

/* ---------------------------------------------------------------- agent_header.c */

/* Fills what a header may leave to the agent: id, source, created_at, status. A header that is NULL
 * is made in the arena. NULL when the arena is full. */
struct Fedgate__V1__Header *agent_fill_header(struct arena *a, struct Fedgate__V1__Header *h,
                                              const char *unit, int64_t now_us);

/* Encodes the JSON of a Message with its header filled. False with `why` (of n characters). */
bool agent_encode(struct bytes json, const char *unit, int64_t now_us, struct buf *out, char *why,
                  size_t n);

/* ---------------------------------------------------------------- agent_photos.c */

/* Saves the photo of a decoded message, if it has one, as DIR/ID.jpg, readable for its owner only
 * and on disk, and takes it out of the message. Appends the path. False after an error message. */
bool agent_save_photo(int folder, const char *folder_name, struct Fedgate__V1__Message *m,
                      uint64_t record, struct buf *path);

/* ---------------------------------------------------------------- agent_delivery.c */

struct agent_saving {
    int folder; /* -1: photos stay in the JSON */
    const char *name;
};

/* Appends a delivery as one line of JSON: the Delivery with the message in it as JSON too, and
 * "saved", the path of its photo. A message that cannot be read stays as bytes. False after an
 * error message: the photo could not be saved. */
bool agent_put_delivery(const struct fedgate_delivery *d, const struct agent_saving *saving,
                        struct buf *out);

/* ---------------------------------------------------------------- agent_basis.c */

/* A legal basis from --basis and --evidence KIND=VALUE, in the arena; the arena's budget is not
 * reached by AGENT_LIST_MAX items of a command line. NULL after an error message. */
struct Fedgate__V1__LegalBasis *agent_basis(struct arena *a, const char *code,
                                            const struct agent_list *evidence);

#endif

/* The tables of a snapshot while they grow, and the state of one compilation. Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_BUILDER_H
#define FEDGATE_POLICY_BUILDER_H

#include "base/map.h"
#include "config/read.h"
#include "policy/compile.h"
#include "policy/rows.h"

struct table {
    uint8_t *rows;
    size_t count, room, row_bytes;
};

enum { COMPILATION_DOCUMENTS_MAX = 256, PATH_TEXT = 256 };

/* A memorandum being read stands in `mou`; grants refer to it. */
struct compilation {
    struct reader reader; /* first: callbacks of read_map get its address */
    const struct policy_sources *sources;
    struct document *document[COMPILATION_DOCUMENTS_MAX];
    size_t documents;
    struct snapshot_header header;
    struct table table[SECTION_COUNT];
    struct map *texts;                         /* interned */
    struct table interned;                     /* struct interned *, for freeing */
    bool publishes[COMPILATION_DOCUMENTS_MAX]; /* memorandum i states a publication */
    int64_t ceiling_us[KIND_COUNT];            /* by law, for each kind; 0: none stated */
    uint32_t ceiling_law[KIND_COUNT];          /* its ground, a text */
};

#define COMPILATION_OF(reader_address) CONTAINER_OF(reader_address, struct compilation, reader)

void builder_init(struct compilation *c);
void builder_free(struct compilation *c);

/* A zeroed new row at the end of a table; valid until the next is added. */
void *builder_add(struct compilation *c, enum section section);
size_t builder_count(const struct compilation *c, enum section section);
void *builder_row(const struct compilation *c, enum section section, size_t i);

/* The offset of a text, the same for equal texts. */
uint32_t builder_text(struct compilation *c, struct bytes text);
uint32_t builder_text_c(struct compilation *c, const char *text);
const char *builder_text_at(const struct compilation *c, uint32_t text);

/* Appends numbers or bytes; returns where they begin. */
uint32_t builder_numbers(struct compilation *c, const uint32_t *numbers, size_t count);
uint32_t builder_blob(struct compilation *c, struct bytes blob);

/* Lays all tables into one block. */
MUST_USE enum result builder_finish(struct compilation *c, struct buf *block);

/* ---- what the readers of single files share (sources.c) */

/* The text of a file below the set's folder ("mou/x.yaml"); an error is added when it is not there.
 */
bool source_text(struct compilation *c, int folder, const char *path, size_t most, struct buf *out);

/* The document in a file of the set; kept until the compilation is freed. NULL after errors. */
const struct node *source_document(struct compilation *c, const char *path);

/* The sorted names of the files in a folder that end with `suffix`, one by one through `each`. */
void source_each(struct compilation *c, const char *folder, const char *suffix,
                 void (*each)(struct compilation *c, const char *path));

/* {en: ..., ko: ...}, or one text for both. */
void source_both(struct reader *r, const struct node *n, const char *what, uint32_t *en,
                 uint32_t *ko);

/* Looks a word up in its class; NO_WORD after an error with the nearest one. `what` is "purpose"
 * and the like. */
uint16_t source_word(struct reader *r, const struct node *n, enum word_class class,
                     const char *what);

/* A text or a list of texts: calls `each` for every one of them. */
void source_each_text(struct reader *r, const struct node *n, const char *what,
                      void (*each)(struct reader *r, const struct node *item, void *target),
                      void *target);

/* A mask of words, of bases, of party roles. */
void source_words(struct reader *r, const struct node *n, enum word_class class, const char *what,
                  uint64_t *mask);
void source_bases(struct reader *r, const struct node *n, uint64_t *mask);
void source_roles(struct reader *r, const struct node *n, uint32_t *mask);

/* The unit or party named; ROW_NONE after an error. */
uint32_t source_unit(struct reader *r, const struct node *n);
uint32_t source_party(struct reader *r, const struct node *n);

/* ---- one reader a file */
void compile_set(struct compilation *c);        /* set.yaml */
void compile_vocabulary(struct compilation *c); /* vocabulary.yaml */
void compile_law(struct compilation *c);        /* every file of legal/ */
void compile_parties(struct compilation *c);   /* inventory/parties.yaml, roots, revocation lists */
void compile_cameras(struct compilation *c);   /* inventory/cameras.csv */
void compile_exercises(struct compilation *c); /* inventory/exercises.yaml */
void compile_memoranda(struct compilation *c); /* every file of mou/ */

/* ---- parts of a memorandum */
void compile_grant(struct reader *r, const struct node *n, uint32_t mou);
void compile_prohibition(struct reader *r, const struct node *n, uint32_t mou);
void compile_when(struct reader *r, const struct node *n, struct row_grant *grant);
void compile_transforms(struct reader *r, const struct node *n, struct row_grant *grant);

/* Whether any Position is left in what a recipient gets under the grant. */
bool grant_keeps_positions(const struct compilation *c, const struct row_grant *grant);

/* The rules of law that a grant must keep (legal-basis): errors at the grant's node. */
void check_lawful(struct reader *r, const struct node *n, const struct row_grant *grant,
                  bool has_lia_30);

/* What a kind can be asked about; conditions that have no meaning for it are refused. */
enum { ASKS_CAMERA = 1, ASKS_SUBJECT = 2, ASKS_CONSENT = 4, ASKS_ORIGIN = 8 };
unsigned kind_asks(enum kind_id kind);
const char *kind_text(enum kind_id kind);

/* ---- over all of it, when everything was read */
void check_overlaps(struct compilation *c);
void link_grids(struct compilation *c);
void build_index(struct compilation *c);

/* Where grant `i` stands, for messages of the checks. */
struct diagnose_place builder_grant_place(const struct compilation *c, size_t i);

#endif

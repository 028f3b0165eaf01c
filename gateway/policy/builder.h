/* The tables of a snapshot while they grow, and the state of one compilation. Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_BUILDER_H
#define FEDGATE_POLICY_BUILDER_H

#include "base/map.h"
#include "config/read.h"
#include "policy/compile.h"
#include "policy/snapshot.h"

struct table {
    uint8_t *rows;
    size_t count, room, row_bytes;
};

#define SERIAL_MAX (INT64_C(1) << 52)

enum {
    COMPILATION_DOCUMENTS_MAX = 256,
    PATH_TEXT = 512,
    SET_OFFICERS_MIN = 2, /* who sign the next set */
    SET_OFFICERS_MAX = 16,
    TRANSFORMS_MAX = POLICY_CHANGED_MAX /* of a grant: each may have to be told to the recipient */
};

struct compilation {
    struct reader reader; /* first: callbacks of read_map get its address */
    const struct policy_sources *sources;
    struct document *document[COMPILATION_DOCUMENTS_MAX];
    size_t documents;
    struct snapshot_header header;
    struct table table[SECTION_COUNT];
    struct map *texts;               /* interned */
    struct table interned;           /* struct interned *, for freeing */
    struct table grant_places;       /* const struct node *, where each grant's name stands */
    struct table basis_entries;      /* struct law_entry, of each basis */
    struct table rule_lists;         /* const struct node *, what stands under `rules` */
    struct table rules;              /* struct rule */
    const struct node *memorandum;   /* that is being read */
    size_t without_root;             /* parties */
    const struct node *set_officers; /* of set.yaml, until parties are known */
};

#define COMPILATION_OF(reader_address) CONTAINER_OF(reader_address, struct compilation, reader)

void builder_init(struct compilation *c);
void builder_free(struct compilation *c);

/* New rows at the end of a table of any kind. */
void *table_add(struct table *t, size_t rows);

/* A zeroed new row at the end of a table; valid until the next is added. */
void *builder_add(struct compilation *c, enum section section);
size_t builder_count(const struct compilation *c, enum section section);
void *builder_row(const struct compilation *c, enum section section, size_t i);

/* The offset of a text, the same for equal texts. */
uint32_t builder_text(struct compilation *c, struct bytes text);
uint32_t builder_text_c(struct compilation *c, const char *text);

/* The same for a text that is there already, else ROW_NONE. */
uint32_t builder_known_text(const struct compilation *c, struct bytes text);

/* Valid until the next text is added. */
const char *builder_text_at(const struct compilation *c, uint32_t text);

/* Appends numbers or bytes; returns where they begin. */
uint32_t builder_numbers(struct compilation *c, const uint32_t *numbers, size_t count);
/* Puts a list into a row with room for so many, or else appends it and puts there where it begins.
 */
void builder_list(struct compilation *c, const uint32_t *numbers, size_t count, uint32_t *row,
                  size_t room);
uint32_t builder_blob(struct compilation *c, struct bytes blob);

/* Appends a grant that is named at `place`; and where grant `i` was named. */
void builder_add_grant(struct compilation *c, const struct row_grant *g, const struct row_duties *d,
                       const struct node *place);
const struct node *builder_grant_place(const struct compilation *c, size_t i);

/* Lays all tables into one block. */
MUST_USE enum result builder_finish(struct compilation *c, struct buf *block);

/* ---- files of a set, and values that several files have (sources.c) */

/* The text of a file below a folder ("mou/x.yaml"), at most `most` bytes of it, into an empty
 * buffer; an error is added when that cannot be. source_text also asks the seal. */
bool source_bytes(struct compilation *c, int folder, const char *path, size_t most,
                  struct buf *out);
bool source_text(struct compilation *c, int folder, const char *path, size_t most, struct buf *out);

/* Whether there is such a file, or one stands in for it. */
bool source_is_there(const struct compilation *c, int folder, const char *path);

/* The document in a file of the set; kept until the compilation is freed. NULL after errors. */
const struct node *source_document(struct compilation *c, const char *path);

/* The sorted names of the YAML files in a folder, one by one through `each`. Another file there is
 * an error: what is not read must not look as if it were. */
void source_each(struct compilation *c, const char *folder,
                 void (*each)(struct compilation *c, const char *path));

/* {en: ..., ko: ...}, or one text for both. */
void source_both(struct reader *r, const struct node *n, const char *what, uint32_t *en,
                 uint32_t *ko);

/* The same as one text that is told to agencies: "English (Korean)", or the one text for both. */
bool source_told(struct reader *r, const struct node *n, const char *what, uint32_t *out);

/* One text of a title, into the pool. */
void source_title(struct reader *r, const struct node *n, const char *what, uint32_t *out);

/* [latitude, longitude] in degrees. */
void source_place(struct reader *r, const struct node *n, const char *what, struct point *out);

/* A plain decimal number from -most to most; else false, and *out is 0. */
bool source_degrees(const char *text, double most, double *out);

/* A time at which something ends: the first microsecond that does not count. A date counts to its
 * end. */
bool source_end(struct reader *r, const struct node *n, const char *what, int64_t *out_us);

/* A text or a list of texts: calls `each` for every one of them. */
void source_each_text(struct reader *r, const struct node *n, const char *what,
                      void (*each)(struct reader *r, const struct node *item, void *target),
                      void *target);

/* In a list of maps, the first whose `key` is this name: the name's node. NULL without one, or
 * without a list. */
const struct node *source_first(const struct node *list, const char *key, struct bytes name);

/* The root of a file that was read, or NULL. */
const struct node *source_root(const struct compilation *c, const char *path);

/* "key: a, b": a text or a list of texts in the file's own words, for refusals. */
uint32_t source_quote(struct compilation *c, const char *key, const struct node *n);

/* ---- names, and what they name (names.c) */

/* Rows of one table that are looked up by name. */
struct names {
    enum section section;
    uint32_t first, count;
};

struct names names_of(const struct compilation *c, enum section section);
struct names names_of_words(const struct compilation *c, enum word_class class);

/* The place among them of the row with this name, or ROW_NONE. */
uint32_t names_find(const struct compilation *c, struct names names, struct bytes name);

/* Adds the nearest name to the newest message, and all of them where they are few. */
void names_hint(const struct compilation *c, struct names names, struct bytes name);

/* Each looks up the node's text; ROW_NONE (NO_WORD, NULL) after an error with the nearest one.
 * `what` is "purpose" and the like. */
uint16_t source_word(struct reader *r, const struct node *n, enum word_class class,
                     const char *what);
uint32_t source_unit(struct reader *r, const struct node *n);
uint32_t source_party(struct reader *r, const struct node *n);
const struct kind *source_kind(struct reader *r, const struct node *n);

/* A text or a list of them as a mask: of words, of bases, of party roles. */
void source_words(struct reader *r, const struct node *n, enum word_class class, const char *what,
                  uint64_t *mask);
void source_bases(struct reader *r, const struct node *n, uint64_t *mask);
void source_roles(struct reader *r, const struct node *n, uint32_t *mask);

/* ---- the seal, if it was asked for (seal.c, seal_sign.c) */

/* Before set.yaml is parsed, and after: false when nothing further is to be read. */
bool seal_begin(struct compilation *c);
bool seal_is_listed(struct compilation *c);

/* Of set.yaml: `files`, `fallback`. The target is the compilation. */
void seal_read_files(struct reader *r, const struct node *n, void *target);
void seal_read_fallback(struct reader *r, const struct node *n, void *target);

/* A file was read, and is about to be parsed: false, after an error, when it is not what is sealed.
 */
bool seal_saw(struct compilation *c, int folder, const char *path, struct bytes text);

/* A memorandum was read: who acknowledges it, and its text. */
void seal_memorandum(struct compilation *c, const char *path, const struct node *acknowledged,
                     struct bytes text);

/* Everything was read. */
void seal_finish(struct compilation *c);

/* Who signs under this name (party, or party/person), or NULL (keys.c). */
struct row_signer *builder_signer(const struct compilation *c, struct bytes name);

/* ---- one reader a file */
void compile_set(struct compilation *c);        /* set.yaml */
void compile_vocabulary(struct compilation *c); /* vocabulary.yaml */
void compile_law(struct compilation *c);        /* every file of legal/ */
void compile_parties(struct compilation *c); /* inventory/parties.yaml, roots, revocation lists */

/* A party's signing key and officers; either may be NULL. Then, once all are known, set.yaml's
 * officers (keys.c). */
void compile_receipt_key(struct reader *r, const struct node *n, const struct row_unit *unit);

/* Each of these units has a key for receipts; in drafts, nobody has to. */
void compile_check_receipt_keys(struct reader *r, const struct node *n, const uint32_t *unit,
                                size_t units);
void compile_keys(struct reader *r, uint32_t party, const struct node *signing_key,
                  const struct node *officers);
void compile_set_officers(struct compilation *c);

/* The key by which a party signs memoranda; NULL, after an error at `n` unless in a draft, when it
 * has none. */
const struct row_signer *source_signing_key(struct reader *r, const struct node *n, uint32_t party);

void compile_cameras(struct compilation *c);   /* inventory/cameras.csv */
void compile_exercises(struct compilation *c); /* inventory/exercises.yaml */
void compile_memoranda(struct compilation *c); /* every file of mou/ */

/* A region's names, and its shape at the end of SECTION_REGIONS. */
void compile_region(struct reader *r, const struct node *n, uint32_t *en, uint32_t *ko);

/* ---- parts of a memorandum */
void compile_grant(struct reader *r, const struct node *n, uint32_t mou);
void compile_emergency(struct reader *r, const struct node *n, uint32_t mou);
void compile_prohibition(struct reader *r, const struct node *n, uint32_t mou);
void compile_when(struct reader *r, const struct node *n, struct row_grant *grant);
void compile_transforms(struct reader *r, const struct node *n, struct row_grant *grant);

/* The name of a clause, which no other clause of the memorandum has; and "mou#name". */
void clause_name(struct reader *r, const struct node *n, const char *what, uint32_t mou,
                 uint32_t *name, uint32_t *clause);

/* Whether any Position is left in what a recipient gets under the grant. */
bool grant_keeps_positions(const struct compilation *c, const struct row_grant *grant);

/* The rules of law (legal/) that a grant, or a memorandum after its grants, must keep: errors and
 * warnings at the node's words. A grant that does not say how long it is kept at most gets the
 * longest that the law allows. The unit that gets it by `else` (or ROW_NONE) is a recipient too. */
void check_lawful(struct reader *r, const struct node *n, struct row_grant *grant,
                  uint32_t else_unit);
void check_lawful_memorandum(struct reader *r, const struct node *n, bool has_errors);

/* Conditions of a rule of law, in the language of `when`; how many. */
uint32_t when_of_rule(struct reader *r, const struct node *n, struct row_condition *out,
                      uint32_t most);

/* Origins of positions, as the condition `origin` has them: bits of PositionOrigin. */
uint64_t when_origins(struct reader *r, const struct node *n);

/* The words that the grant's own conditions, outside `any`, allow for this one; all when it has
 * none. */
uint64_t grant_allows(const struct compilation *c, const struct row_grant *grant,
                      enum condition_op op);

/* What a kind can be asked about, as the contract has it; conditions that have no meaning for it
 * are refused. */
enum {
    ASKS_CAMERA = 1,
    ASKS_SUBJECT = 2,
    ASKS_CONSENT = 4,
    ASKS_ORIGIN = 8,
    ASKS_TYPE = 16,
    ASKS_FOOTAGE = 32,
    ASKS_REASON = 64,
    ASKS_GROUND = 128
};
unsigned kind_asks(enum kind_id kind); /* KIND_COUNT: everything */

/* ---- over all of it, when everything was read */
void link_grids(struct compilation *c);
void link_conditions(struct compilation *c);
void build_index(struct compilation *c);

/* The list of all grants in the order of their clauses (policy_clause). */
void index_clauses(struct compilation *c);

/* Overlaps are errors, clauses that nothing can meet are warnings; over the finished block. */
void check_clauses(struct compilation *c, struct bytes block);

#endif

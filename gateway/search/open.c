#include "search/pending.h"

#include "base/cursor.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Another version, and whatever is there is built anew. */
#define VERSION "1"

/* Of a system whose boot has no name: never the same again. */
#define NO_BOOT "unknown"

/* Nothing but the two files is ever used, and no lock but ours; what becomes of an index in a power
 * cut is told by `boot` in meta, and needs no sync. */
static const char settings[] = "PRAGMA page_size=4096; PRAGMA locking_mode=EXCLUSIVE;"
                               "PRAGMA journal_mode=PERSIST; PRAGMA journal_size_limit=16777216;"
                               "PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"
                               "PRAGMA cache_size=-32768; PRAGMA mmap_size=0;"
                               "PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF";

static const char tables[] =
    "BEGIN;"
    "CREATE TABLE meta (name BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID;"
    "CREATE TABLE word (field INTEGER, text BLOB, id INTEGER, PRIMARY KEY (field, text)) WITHOUT "
    "ROWID;"
    "CREATE TABLE words (term INTEGER, chunk INTEGER, leaves BLOB, PRIMARY KEY (term, chunk)) "
    "WITHOUT ROWID;"
    "CREATE TABLE numbers (term INTEGER, chunk INTEGER, leaves BLOB, PRIMARY KEY (term, chunk)) "
    "WITHOUT ROWID;"
    "CREATE TABLE span (chunk INTEGER PRIMARY KEY, least INTEGER, most INTEGER);"
    "CREATE TABLE slice (number INTEGER PRIMARY KEY, least INTEGER, most INTEGER, times BLOB);"
    "CREATE TABLE onward (leaf INTEGER PRIMARY KEY, terms BLOB);"
    "CREATE TABLE name (id INTEGER PRIMARY KEY, text BLOB UNIQUE);"
    "CREATE TABLE tally (what INTEGER, level INTEGER, bucket INTEGER, value INTEGER, second "
    "INTEGER, third INTEGER, count INTEGER, bytes INTEGER, last INTEGER, PRIMARY KEY (what, level, "
    "bucket, value, second, third)) WITHOUT ROWID;"
    "COMMIT";

/* ---- connecting */

static const struct {
    int what, most;
} limits[] = {{SQLITE_LIMIT_LENGTH, 1 << 20},     {SQLITE_LIMIT_SQL_LENGTH, 4096},
              {SQLITE_LIMIT_COLUMN, 16},          {SQLITE_LIMIT_EXPR_DEPTH, 32},
              {SQLITE_LIMIT_COMPOUND_SELECT, 2},  {SQLITE_LIMIT_FUNCTION_ARG, 8},
              {SQLITE_LIMIT_ATTACHED, 0},         {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 0},
              {SQLITE_LIMIT_VARIABLE_NUMBER, 16}, {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
              {SQLITE_LIMIT_WORKER_THREADS, 0}};

static void harden(sqlite3 *db)
{
    (void)sqlite3_extended_result_codes(db, 1);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        (void)sqlite3_limit(db, limits[i].what, limits[i].most);
}

static enum result prepare(struct search *s)
{
    static const char *const sql[] = {
#define S(NAME, text) [SQL_##NAME] = text,
#include "search/statements.def"
#undef S
    };
    for (size_t i = 0; i < SQL_STATEMENTS; i++)
        TRY(sql_result(sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                          &s->statement[i], NULL)));
    return RESULT_OK;
}

static void disconnect(struct search *s)
{
    for (size_t i = 0; i < SQL_STATEMENTS; i++) {
        (void)sqlite3_finalize(s->statement[i]);
        s->statement[i] = NULL;
    }
    (void)sqlite3_close(s->db);
    s->db = NULL;
}

static enum result make_tables(struct search *s)
{
    const uint8_t state[8 * (3 + TERM_FIELDS) + LEAF_SALT] = {0};
    TRY(sql_result(sqlite3_exec(s->db, tables, NULL, NULL, NULL)));
    TRY(prepare(s));
    TRY(sql_meta_put(s, "origin", bytes_of(s->origin, s->origin_n)));
    TRY(sql_meta_put(s, "boot", bytes_of(NULL, 0)));
    TRY(sql_meta_put(s, "state", bytes_of(state, sizeof state)));
    return sql_meta_put(s, "version", bytes_of_text(VERSION)); /* the last: now it is one */
}

static enum result read_state(struct search *s)
{
    uint8_t room[8 * (3 + TERM_FIELDS) + LEAF_SALT];
    size_t n;
    TRY(sql_meta_get(s, "state", room, sizeof room, &n));
    struct cursor c = cursor_over(bytes_of(room, n));
    enum result r = cursor_u64(&c, &s->size);
    if (r == RESULT_OK)
        r = cursor_u64(&c, &s->words);
    if (r == RESULT_OK)
        r = cursor_u64(&c, &s->last);
    if (r == RESULT_OK)
        r = cursor_copy(&c, s->salt, sizeof s->salt);
    for (unsigned f = 0; r == RESULT_OK && f < TERM_FIELDS; f++)
        r = cursor_u64(&c, &s->levels[f]);
    s->taken = s->size;
    s->has_last = s->size > 0;
    return r == RESULT_OK && cursor_done(&c) == RESULT_OK ? RESULT_OK : RESULT_DAMAGED;
}

static bool meta_is(const struct search *s, const char *name, struct bytes value, enum result *r)
{
    uint8_t room[ORIGIN_MAX + 1];
    size_t n = 0;
    if (*r == RESULT_OK)
        *r = sql_meta_get(s, name, room, sizeof room, &n);
    return *r == RESULT_OK && bytes_equal(bytes_of(room, n), value);
}

/* Whether it is ours, and was closed, or its process ended under the system that still runs: then
 * its files have all that was written, and SQLite undoes what was half done. */
static const char *fault_of(const struct search *s, enum result *r)
{
    const bool is_version = meta_is(s, "version", bytes_of_text(VERSION), r);
    const bool is_origin = meta_is(s, "origin", bytes_of(s->origin, s->origin_n), r);
    const bool is_closed = meta_is(s, "boot", bytes_of(NULL, 0), r);
    const bool is_boot =
        strcmp(s->boot, NO_BOOT) != 0 && meta_is(s, "boot", bytes_of_text(s->boot), r);
    if (*r != RESULT_OK)
        return "damaged";
    if (!is_version)
        return "other-version";
    if (!is_origin)
        return "other-log";
    return is_closed || is_boot ? NULL : "not-closed";
}

static enum result connect_empty(struct search *s)
{
    int reserve = FILES_SUM;
    TRY(index_files_empty(&s->files));
    TRY(sql_result(index_files_connect(&s->files, &s->db)));
    harden(s->db);
    TRY(sql_result(sqlite3_file_control(s->db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve)));
    TRY(sql_result(sqlite3_exec(s->db, settings, NULL, NULL, NULL)));
    return make_tables(s);
}

/* What is there. RESULT_DAMAGED, with why: it has to begin anew. */
static enum result connect_there(struct search *s, const char **why)
{
    *why = "damaged";
    TRY(sql_result(index_files_connect(&s->files, &s->db)));
    harden(s->db);
    TRY(sql_result(sqlite3_exec(s->db, settings, NULL, NULL, NULL)));
    TRY(prepare(s));
    enum result r = RESULT_OK;
    const char *fault = fault_of(s, &r);
    *why = fault != NULL ? fault : *why;
    TRY(r);
    return fault == NULL ? read_state(s) : RESULT_DAMAGED;
}

/* From now on a system that ends before us leaves what nobody can trust. */
static enum result mark_open(const struct search *s)
{
    TRY(sql_meta_put(s, "boot", bytes_of_text(s->boot)));
    return index_files_sync(&s->files);
}

enum result search_begin_anew(struct search *s, const char *why)
{
    log_line(s->log, LOG_WARNING, "search-begins-anew", "why=%s entries=%llu", why,
             (unsigned long long)s->size);
    disconnect(s);
    pending_clear(s->pending);
    s->begun++;
    s->size = s->taken = s->words = s->last = 0;
    s->has_last = s->is_checked = false;
    memset(s->levels, 0, sizeof s->levels);
    enum result r = connect_empty(s);
    if (r == RESULT_OK)
        r = mark_open(s);
    if (r != RESULT_OK)
        disconnect(s);                          /* the next call tries again */
    return r == RESULT_DAMAGED ? RESULT_IO : r; /* an empty one */
}

enum result search_judge(struct search *s, enum result r)
{
    if (r != RESULT_DAMAGED)
        return r;
    TRY(search_begin_anew(s, "damaged"));
    return RESULT_DAMAGED;
}

enum result search_ready(struct search *s)
{
    return s->db != NULL ? RESULT_OK : search_begin_anew(s, "not-open");
}

/* ---- opening */

static void read_boot(struct search *s)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, s->boot, sizeof s->boot - 1);
    if (fd >= 0)
        (void)close(fd);
    while (n > 0 && s->boot[n - 1] == '\n')
        n--;
    s->boot[n > 0 ? n : 0] = 0;
    if (n <= 0)
        (void)snprintf(s->boot, sizeof s->boot, "%s", NO_BOOT);
}

static enum result open_there(struct search *s)
{
    sqlite3_int64 size = index_files_size(&s->files);
    const char *why = "new";
    if (size > 0) {
        enum result r = connect_there(s, &why);
        if (r == RESULT_OK)
            return mark_open(s);
        if (r != RESULT_DAMAGED)
            return r;
    }
    return search_begin_anew(s, why);
}

enum result search_open(int folder, struct bytes origin, const struct log *log, struct search **out)
{
    *out = NULL;
    if (origin.n > ORIGIN_MAX)
        return RESULT_TOO_LARGE;
    struct search *s = mem_new(sizeof *s);
    *s = (struct search){.log = log, .origin_n = origin.n, .pending = pending_new()};
    if (origin.n > 0)
        memcpy(s->origin, origin.p, origin.n);
    read_boot(s);
    enum result r = index_files_open(&s->files, folder);
    if (r == RESULT_OK)
        r = open_there(s);
    if (r != RESULT_OK) {
        search_abandon(s);
        s = NULL;
    }
    *out = s;
    return r;
}

/* As when the process ends here. */
void search_abandon(struct search *s)
{
    disconnect(s);
    index_files_close(&s->files);
    pending_free(s->pending);
    mem_free(s);
}

void search_close(struct search *s)
{
    if (s == NULL)
        return;
    enum result r = s->db == NULL ? RESULT_CLOSED : index_files_sync(&s->files);
    if (r == RESULT_OK)
        r = sql_meta_put(s, "boot", bytes_of(NULL, 0));
    if (r == RESULT_OK)
        r = index_files_sync(&s->files);
    if (r != RESULT_OK)
        log_line(s->log, LOG_NOTE, "search-left-open", "why=\"%s\"", result_text(r));
    search_abandon(s);
}

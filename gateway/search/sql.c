#include "search/state.h"

enum result sql_result(int sqlite)
{
    switch (sqlite & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW: return RESULT_OK;
    case SQLITE_FULL: return RESULT_FULL;
    case SQLITE_NOMEM: return RESULT_NO_MEMORY;
    case SQLITE_IOERR: return sqlite == SQLITE_IOERR_SHORT_READ ? RESULT_DAMAGED : RESULT_IO;
    case SQLITE_CANTOPEN: return RESULT_IO;
    default: return RESULT_DAMAGED; /* whatever the files made of our statements */
    }
}

sqlite3_stmt *sql_use(const struct search *s, enum statement which)
{
    return s->statement[which];
}

void sql_done(sqlite3_stmt *st)
{
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
}

enum result sql_run(sqlite3_stmt *st)
{
    enum result r = sql_result(sqlite3_step(st));
    sql_done(st);
    return r;
}

enum result sql_row(sqlite3_stmt *st)
{
    const int r = sqlite3_step(st);
    if (r == SQLITE_ROW)
        return RESULT_OK;
    sql_done(st);
    return r == SQLITE_DONE ? RESULT_NOT_FOUND : sql_result(r);
}

/* An empty text is no NULL. */
void sql_put_bytes(sqlite3_stmt *st, int at, struct bytes b)
{
    (void)sqlite3_bind_blob64(st, at, b.n == 0 ? "" : (const void *)b.p, b.n, SQLITE_STATIC);
}

struct bytes sql_bytes(sqlite3_stmt *st, int column)
{
    const void *p = sqlite3_column_blob(st, column);
    return bytes_of(p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(st, column));
}

enum result sql_meta_put(const struct search *s, const char *name, struct bytes value)
{
    sqlite3_stmt *st = sql_use(s, SQL_META_PUT);
    sql_put_bytes(st, 1, bytes_of_text(name));
    sql_put_bytes(st, 2, value);
    return sql_run(st);
}

enum result sql_meta_get(const struct search *s, const char *name, void *out, size_t room,
                         size_t *n)
{
    sqlite3_stmt *st = sql_use(s, SQL_META_GET);
    sql_put_bytes(st, 1, bytes_of_text(name));
    enum result r = sql_row(st);
    *n = 0;
    if (r == RESULT_NOT_FOUND)
        return RESULT_DAMAGED; /* each is written when the tables are made */
    TRY(r);
    const struct bytes value = sql_bytes(st, 0);
    if (value.n > room)
        r = RESULT_DAMAGED;
    else if (value.n > 0)
        memcpy(out, value.p, *n = value.n);
    sql_done(st);
    return r;
}

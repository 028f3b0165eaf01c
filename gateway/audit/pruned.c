#include "audit/pruned.h"

#include "audit/tile_file.h"
#include "journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { TEXT_MAX = 64 << 10 };

bool pruned_subject(struct bytes subject, uint64_t *below)
{
    size_t n = strlen(PRUNED_SUBJECT);
    *below = 0;
    if (!bytes_begins(subject, PRUNED_SUBJECT) || subject.n == n || subject.p[n] == '0')
        return false;
    for (; n < subject.n; n++) {
        if (subject.p[n] < '0' || subject.p[n] > '9' || *below > UINT64_MAX / 16)
            return false;
        *below = *below * 10 + (uint64_t)(subject.p[n] - '0');
    }
    return *below % TILE_WIDTH == 0;
}

/* The signature first: a statement is never without the one that is over it for long. */
enum result pruned_write(int folder, struct bytes text, struct bytes signature)
{
    TRY(file_replace(folder, PRUNED_SIGNATURE, signature));
    return file_replace(folder, PRUNED_STATEMENT, text);
}

static bool take_subject(struct bytes text, uint64_t *below)
{
    static const char name[] = "\nsubject: ";
    const uint8_t *at = memmem(text.p, text.n, name, strlen(name));
    if (at == NULL)
        return false;
    struct bytes rest = bytes_of(at + strlen(name), text.n - (size_t)(at - text.p) - strlen(name));
    const uint8_t *end = memchr(rest.p, '\n', rest.n);
    return end != NULL && pruned_subject(bytes_of(rest.p, (size_t)(end - rest.p)), below);
}

enum result pruned_read(int folder, uint64_t *below)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    enum result r = tile_read_file(folder, PRUNED_STATEMENT, &text);
    *below = 0;
    if (r == RESULT_NOT_FOUND)
        r = RESULT_OK;
    else if (r == RESULT_TOO_LARGE || (r == RESULT_OK && !take_subject(buf_view(&text), below)))
        r = RESULT_DAMAGED;
    buf_free(&text);
    return r;
}

static enum result forget(int folder, int level, uint64_t number)
{
    char path[TILE_PATH];
    tile_path(level, number, 0, path);
    return unlinkat(folder, path, 0) == 0 ? RESULT_OK : file_result();
}

/* What is left of a bundle is found, and taken, by its entries, which go last; first what was
 * written of it before it was full, and stayed because the power was cut (tiles_write.c). */
enum result pruned_forget(int folder, uint64_t number)
{
    TRY(tile_remove_partials(folder, LEVEL_FACTS, number));
    TRY(tile_remove_partials(folder, LEVEL_ENTRIES, number));
    enum result r = forget(folder, LEVEL_FACTS, number);
    if (r != RESULT_OK && r != RESULT_NOT_FOUND)
        return r;
    return forget(folder, LEVEL_ENTRIES, number);
}

bool pruned_has(int folder, uint64_t number)
{
    char path[TILE_PATH];
    tile_path(LEVEL_ENTRIES, number, 0, path);
    return faccessat(folder, path, F_OK, 0) == 0;
}

#include "vault/persons.h"

#include "base/cursor.h"

#include <inttypes.h>

/* The next word of a line, without the blanks around it; empty at the end. */
static struct bytes take_word(struct cursor *in)
{
    while (in->left > 0 && (*in->at == ' ' || *in->at == '\t')) {
        in->at++;
        in->left--;
    }
    struct bytes word = bytes_of(in->at, 0);
    while (in->left > 0 && *in->at != ' ' && *in->at != '\t') {
        in->at++;
        in->left--;
        word.n++;
    }
    return word;
}

static bool copy_word(struct bytes word, char *out, size_t room)
{
    if (word.n == 0 || word.n >= room || bytes_printable_prefix(word) != word.n)
        return false;
    memcpy(out, word.p, word.n);
    out[word.n] = '\0';
    return true;
}

/* A key as it stands in the second line of minisign's file. */
static enum result read_key(struct bytes word, struct minisign_public *out)
{
    struct buf file = BUF_INIT(MINISIGN_FILE_MAX);
    buf_text(&file, "untrusted comment: minisign public key\n");
    buf_put(&file, word.p, word.n);
    buf_text(&file, "\n");
    enum result r = buf_status(&file);
    if (r == RESULT_OK)
        r = minisign_public_read(buf_view(&file), out);
    buf_free(&file);
    return r;
}

static enum result read_line(struct bytes line, struct vault_person *out)
{
    struct cursor in = cursor_over(line);
    struct bytes staff = take_word(&in), role = take_word(&in), key = take_word(&in),
                 more = take_word(&in);
    if (!copy_word(staff, out->staff, sizeof out->staff) || role.n > IDENT_WORD_MAX ||
        !ident_is_word(role) || !copy_word(role, out->role, sizeof out->role) || more.n > 0)
        return RESULT_MALFORMED;
    return read_key(key, &out->key) == RESULT_OK ? RESULT_OK : RESULT_MALFORMED;
}

static struct bytes take_line(struct cursor *in)
{
    struct bytes line;
    if (cursor_until(in, '\n', &line) == RESULT_OK)
        return line;
    line = bytes_of(in->at, in->left);
    *in = cursor_over(bytes_of(NULL, 0));
    return line;
}

enum result vault_persons_find(struct bytes text, const struct minisign_public *key,
                               struct vault_person *out, size_t *line)
{
    struct cursor in = cursor_over(text);
    bool found = false;
    for (*line = 1; in.left > 0; ++*line) {
        struct bytes one = take_line(&in);
        struct cursor look = cursor_over(one);
        struct vault_person p = {0};
        struct bytes first = take_word(&look);
        if (first.n == 0 || first.p[0] == '#')
            continue;
        TRY(read_line(one, &p));
        if (!found && memcmp(&p.key, key, sizeof *key) == 0) {
            *out = p;
            found = true;
        }
    }
    return found ? RESULT_OK : RESULT_UNKNOWN;
}

void vault_opening_text(const char *origin, const struct vault_use *use, struct buf *out)
{
    buf_printf(out, "fedgate vault opening 1\n%s\n%" PRIu64 "\n%" PRId64 "\n%s\n", origin,
               use->record, use->at_us, use->reason);
}

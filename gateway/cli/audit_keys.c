/* Keys and notes in files, as the commands of "fedgatectl audit" and witnesses take them. */
#include "cli/audit_log.h"
#include "crypto/secret.h"

/* The first line that is not empty. */
static struct bytes first_line(struct bytes text)
{
    while (text.n > 0 && (text.p[0] == '\n' || text.p[0] == '\r'))
        text = bytes_of(text.p + 1, text.n - 1);
    size_t n = 0;
    while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
        n++;
    return bytes_of(text.p, n);
}

static const char *owner(uint8_t type)
{
    return type == NOTE_KEY_ED25519 ? "log" : "witness";
}

bool audit_key_read(const char *path, uint8_t type, struct note_key *key)
{
    struct buf text = BUF_INIT(AUDIT_KEY_FILE_MAX);
    bool read = cli_read_file(path, AUDIT_KEY_FILE_MAX, &text);
    if (read) {
        struct hasher *h = hasher_new();
        enum result r = note_key_read(h, first_line(buf_view(&text)), key);
        hasher_free(h);
        read = r == RESULT_OK && key->type == type;
        if (r == RESULT_MISMATCH)
            cli_error("%s: the key's id is not that of its name and key", path);
        else if (!read)
            cli_error("%s: this is no verifier key of a %s (name+id+key)", path, owner(type));
    }
    buf_free(&text);
    return read;
}

bool audit_witnesses_read(int *argc, char **argv, struct audit_witnesses *out)
{
    const char *path[AUDIT_WITNESSES_MAX];
    int count = cli_repeated("witness", argc, argv, path, AUDIT_WITNESSES_MAX);
    out->count = 0;
    out->files = true;
    for (int i = 0; i < count && out->files; i++)
        out->files = audit_key_read(path[i], NOTE_KEY_COSIGNATURE, &out->key[out->count++]);
    return count >= 0;
}

bool audit_secret_read(const char *path, struct audit_secret **out)
{
    struct buf text = BUF_INIT(AUDIT_KEY_FILE_MAX);
    struct audit_secret *s = secret_new(sizeof *s);
    bool read = s != NULL && cli_read_file(path, AUDIT_KEY_FILE_MAX, &text);
    if (s == NULL)
        cli_error("no memory may be locked for the key: see \"ulimit -l\"");
    if (read) {
        struct hasher *h = hasher_new();
        enum result r = note_secret_read(h, first_line(buf_view(&text)), &s->key, s->seed);
        hasher_free(h);
        read = r == RESULT_OK && s->key.type == NOTE_KEY_COSIGNATURE;
        if (!read)
            cli_error("%s: this is no secret key of a witness (PRIVATE+KEY+name+id+key)", path);
    }
    buf_free(&text);
    if (!read) {
        secret_free(s);
        s = NULL;
    }
    *out = s;
    return read;
}

/* An empty file would ask for nothing to be compared. */
bool audit_note_read(const char *path, struct buf *out)
{
    if (!cli_read_file(path, AUDIT_NOTE_MAX, out))
        return false;
    if (out->n == 0)
        cli_error("%s: the file is empty", path);
    return out->n > 0;
}

void audit_say_confirmed(struct bytes note, const struct note_key *witness, int64_t now_us)
{
    struct bytes body, line;
    struct checkpoint c;
    char when[TIME_TEXT], age[TIME_TEXT], size[AUDIT_NUMBER];
    if (note_find(note, witness, &body, &line) != RESULT_OK ||
        checkpoint_read(body, &c) != RESULT_OK)
        return;
    int64_t at_us = (int64_t)(cosignature_time(line) % INT32_MAX) * US_PER_S;
    audit_time(at_us, 0, when);
    duration_text(now_us > at_us ? now_us - at_us : 0, age);
    (void)printf("  witness %s: confirmed %s entries on %s, %s ago\n", witness->name,
                 audit_number(c.size, size), when, age);
}

bool audit_say_witnesses(struct bytes note, const struct audit_witnesses *w, int64_t now_us)
{
    bool all = true;
    for (size_t i = 0; i < w->count; i++) {
        struct bytes body, line;
        enum result r = note_find(note, &w->key[i], &body, &line);
        all = all && r == RESULT_OK;
        if (r == RESULT_OK)
            audit_say_confirmed(note, &w->key[i], now_us);
        else
            (void)printf("  witness %s: %s\n", w->key[i].name,
                         r == RESULT_NOT_FOUND ? "has not confirmed this checkpoint"
                                               : "its confirmation is wrong");
    }
    return all;
}

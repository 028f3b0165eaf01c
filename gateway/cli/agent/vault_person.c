/*
 * Who opens an item: a person with a key, as officers have one. The vault does not believe a name
 * that is typed: the file of persons says whose key it is.
 */
#include "cli/agent/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who could write there could name himself anybody. */
static bool is_guarded(const char *path, int fd)
{
    struct stat s;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && (s.st_mode & 022) == 0)
        return true;
    cli_error("%s: others than its owner may write to it (chmod 600)", path);
    return false;
}

static bool read_persons(const struct vault_place *p, const char *path, struct buf *out)
{
    const char *name = path == NULL ? "persons in the key store" : path;
    int fd = path == NULL ? openat(p->keys_fd, "persons", O_RDONLY | O_CLOEXEC)
                          : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        cli_error("%s: %s", name, strerror(errno));
        return false;
    }
    bool good = is_guarded(name, fd);
    for (ssize_t n = 1; good && n > 0;) {
        uint8_t *room = buf_reserve(out, 4096);
        n = room == NULL ? -1 : read(fd, room, 4096);
        good = n >= 0;
        out->n += n > 0 ? (size_t)n : 0;
        if (!good)
            cli_error("%s: %s", name, room == NULL ? "it is too long" : strerror(errno));
    }
    (void)close(fd);
    return good;
}

static int find(const struct vault_place *p, const char *persons, const struct minisign_public *key,
                struct vault_person *out)
{
    struct buf text = BUF_INIT(VAULT_PERSONS_FILE_MAX);
    char id[MINISIGN_ID_TEXT];
    size_t line;
    int code = CLI_FAILED;
    minisign_id_text(key->id, id);
    if (read_persons(p, persons, &text)) {
        enum result r = vault_persons_find(buf_view(&text), key, out, &line);
        if (r == RESULT_MALFORMED)
            cli_error("line %zu of the file of persons is not \"STAFF ROLE PUBLIC-KEY\"", line);
        else if (r != RESULT_OK)
            cli_error("nobody with the key %s may open here", id);
        code = r == RESULT_OK ? CLI_OK : r == RESULT_MALFORMED ? CLI_FAILED : CLI_NO;
    }
    buf_free(&text);
    return code;
}

/* A key that was changed on disk, public half or secret one, proves nothing. */
static bool sign(const struct vault_place *p, const struct minisign_secret *secret,
                 const struct minisign_public *key, const struct vault_use *use)
{
    struct buf text = BUF_INIT(4096), signature = BUF_INIT(MINISIGN_FILE_MAX);
    struct minisign_signature made;
    vault_opening_text(vault_origin(p->vault), use, &text);
    bool good = buf_status(&text) == RESULT_OK &&
                minisign_sign(secret, buf_view(&text), false, bytes_of_text("fedgate vault"),
                              &signature) == RESULT_OK &&
                minisign_signature_read(buf_view(&signature), &made) == RESULT_OK &&
                minisign_check(key, &made, buf_view(&text)) == RESULT_OK;
    if (!good)
        cli_error("the key does not sign what it should");
    buf_free(&text);
    buf_free(&signature);
    return good;
}

static int prove(const struct vault_place *p, const char *persons,
                 const struct minisign_secret *secret, struct vault_use *use,
                 struct vault_proof *out)
{
    struct minisign_public key;
    char id[MINISIGN_ID_TEXT];
    minisign_secret_public(secret, &key);
    int code = find(p, persons, &key, &out->person);
    if (code != CLI_OK)
        return code;
    if (gethostname(out->workstation, sizeof out->workstation - 1) != 0)
        out->workstation[0] = '\0';
    minisign_id_text(key.id, id);
    (void)snprintf(out->method, sizeof out->method, "minisign %s", id);
    memcpy(use->staff, out->person.staff, sizeof use->staff);
    memcpy(use->role, out->person.role, sizeof use->role);
    memcpy(use->workstation, out->workstation, sizeof use->workstation);
    return sign(p, secret, &key, use) ? CLI_OK : CLI_FAILED;
}

int vault_person_prove(const struct vault_place *p, const char *persons, const char *key_file,
                       int password_fd, struct vault_use *use, struct vault_proof *out)
{
    struct minisign_secret *secret = NULL;
    enum result r = cli_secret_key(key_file, password_fd, &secret);
    *out = (struct vault_proof){0};
    if (r != RESULT_OK)
        return r == RESULT_MISMATCH ? CLI_NO : CLI_FAILED;
    int code = prove(p, persons, secret, use, out);
    minisign_secret_free(secret);
    return code;
}

/* fedgatectl policy keygen: a key by which an officer or a party signs. */
#include "cli/commands.h"

#include "base/mem.h"
#include "crypto/minisign.h"
#include "crypto/secret.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_MAX_TEXT = 4096 };

struct arguments {
    const char *key, *comment;
    bool no_password;
    int password_fd;
};

/* FILE.key has FILE.pub beside it. */
static bool public_path(const char *key, char out[PATH_MAX_TEXT])
{
    size_t n = strlen(key);
    if (n > 4 && strcmp(key + n - 4, ".key") == 0)
        n -= 4;
    return snprintf(out, PATH_MAX_TEXT, "%.*s.pub", (int)n, key) < PATH_MAX_TEXT;
}

struct passwords {
    char first[CLI_PASSWORD_MAX], again[CLI_PASSWORD_MAX];
};

/* Typed twice; from a descriptor once. */
static bool choose_password(const struct arguments *a, struct passwords *p, size_t *n)
{
    size_t again = 0;
    if (!cli_password("Password for the new key: ", a->password_fd, p->first, n))
        return false;
    if (*n == 0) {
        cli_error("the password is empty; --no-password makes a key without one");
        return false;
    }
    if (a->password_fd >= 0)
        return true;
    if (!cli_password("The same again: ", -1, p->again, &again))
        return false;
    if (again == *n && memcmp(p->first, p->again, *n) == 0)
        return true;
    cli_error("the passwords differ");
    return false;
}

static enum result write_secret(const struct arguments *a, const struct minisign_secret *s,
                                struct buf *text)
{
    const struct minisign_cost cost = minisign_cost_standard();
    size_t n = 0;
    if (a->no_password)
        return minisign_secret_write(s, bytes_of(NULL, 0), NULL, text);
    struct passwords *p = secret_new(sizeof *p);
    enum result r = p == NULL ? RESULT_NO_MEMORY : RESULT_DENIED;
    if (p != NULL && choose_password(a, p, &n))
        r = minisign_secret_write(s, bytes_of(p->first, n), &cost, text);
    secret_free(p);
    return r;
}

static bool write_both(const struct arguments *a, const struct minisign_secret *s,
                       const struct buf *secret)
{
    char path[PATH_MAX_TEXT], id[MINISIGN_ID_TEXT];
    struct minisign_public key;
    struct buf text = BUF_INIT(4096);
    if (!public_path(a->key, path))
        return false;
    minisign_secret_public(s, &key);
    minisign_id_text(key.id, id);
    minisign_public_write(&key, bytes_of_text(a->comment), &text);
    bool ok = cli_write_new(AT_FDCWD, a->key, buf_view(secret), 0600) &&
              cli_write_new(AT_FDCWD, path, buf_view(&text), 0644);
    if (ok)
        (void)printf("key %s: %s is secret; hand out %s:\n%s", id, a->key, path, buf_c(&text));
    buf_free(&text);
    return ok;
}

static int make_key(const struct arguments *a)
{
    struct minisign_secret *s = minisign_secret_new();
    struct buf text = BUF_INIT(4096);
    enum result r = s == NULL ? RESULT_NO_MEMORY : write_secret(a, s, &text);
    if (r != RESULT_OK && r != RESULT_DENIED)
        cli_error("%s: %s", a->key, result_text(r));
    bool ok = r == RESULT_OK && write_both(a, s, &text);
    minisign_secret_free(s);
    buf_free(&text);
    return ok ? CLI_OK : CLI_FAILED;
}

int policy_keygen_run(int argc, char **argv)
{
    struct arguments a = {.comment = ""};
    const char *fd = NULL;
    const struct cli_option options[] = {{"key", &a.key, NULL},
                                         {"comment", &a.comment, NULL},
                                         {"no-password", NULL, &a.no_password},
                                         {"password-fd", &fd, NULL},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count < 0 || !cli_descriptor(fd, &a.password_fd))
        return CLI_USAGE;
    if (a.key == NULL || count != 0) {
        cli_error("policy keygen needs --key FILE");
        return CLI_USAGE;
    }
    if (!minisign_is_comment(bytes_of_text(a.comment))) {
        cli_error("--comment is one line of at most %d bytes", MINISIGN_COMMENT_MAX);
        return CLI_USAGE;
    }
    return make_key(&a);
}

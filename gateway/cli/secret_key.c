/* An officer's or a party's secret key, for signing. */
#include "cli/cli.h"
#include "crypto/secret.h"

/* The password counts only for an encrypted key. */
static enum result open_key(struct bytes text, int password_fd, struct minisign_secret **out)
{
    size_t n = 0;
    if (!minisign_secret_is_encrypted(text))
        return minisign_secret_read(text, bytes_of(NULL, 0), out);
    char *password = secret_new(CLI_PASSWORD_MAX);
    enum result r = password == NULL ? RESULT_NO_MEMORY : RESULT_DENIED;
    if (password != NULL && cli_password("Password of the key: ", password_fd, password, &n))
        r = minisign_secret_read(text, bytes_of(password, n), out);
    secret_free(password);
    return r;
}

enum result cli_secret_key(const char *path, int password_fd, struct minisign_secret **out)
{
    struct buf text = BUF_INIT(2 * MINISIGN_FILE_MAX + 65536);
    bool read = cli_read_file(path, MINISIGN_FILE_MAX, &text);
    enum result r = read ? open_key(buf_view(&text), password_fd, out) : RESULT_DENIED;
    if (r == RESULT_MISMATCH)
        cli_error("%s: the password is wrong, or the key is damaged", path);
    else if (r != RESULT_OK && r != RESULT_DENIED)
        cli_error("%s: no secret key of minisign: %s", path, result_text(r));
    buf_free(&text);
    return r;
}

#include "process/signers.h"

#include "ipc/activation.h"
#include "process/files.h"
#include "process/role.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOB_MAX = 256 << 10 };

/* ---- the supervisor's half */

static bool put_key_file(const char *path, const struct log *log, struct buf *out)
{
    struct buf text = BUF_INIT(2 * MINISIGN_FILE_MAX + 65536);
    int fd = files_open_path(path, log);
    bool read = fd >= 0 && role_read_file(fd, MINISIGN_FILE_MAX, &text) == RESULT_OK;
    if (fd >= 0 && !read)
        log_line(log, LOG_FATAL, "cannot-read", "path=\"%s\" why=\"no key file\"", path);
    buf_bytes16(out, buf_view(&text));
    if (fd >= 0)
        (void)close(fd);
    buf_free(&text);
    return read;
}

static int in_memory(struct bytes blob)
{
    int fd = memfd_create("fedgate", MFD_CLOEXEC);
    if (fd >= 0 && (write(fd, blob.p, blob.n) != (ssize_t)blob.n || lseek(fd, 0, SEEK_SET) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

int signers_collect(const struct settings *s, struct bytes in_force, const struct log *log)
{
    struct buf blob = BUF_INIT(BLOB_MAX);
    bool good = true;
    buf_bool(&blob, s->policy_signatures == SIGNATURES_REQUIRED);
    buf_bytes32(&blob, in_force);
    for (size_t i = 0; i < SETTINGS_FILES && s->policy_officers[i][0] != '\0'; i++)
        good = good && put_key_file(s->policy_officers[i], log, &blob);
    good = good && buf_status(&blob) == RESULT_OK;
    int fd = good ? in_memory(buf_view(&blob)) : -1;
    buf_free(&blob);
    return fd;
}

/* ---- the compiler's half */

static enum result trust_in_force(struct bytes in_force, struct seal_trust *out)
{
    struct cursor in = cursor_over(in_force);
    struct activation a;
    TRY(activation_take(&in, &a));
    for (size_t i = 0; i < a.nexts; i++) {
        struct minisign_public key;
        memcpy(key.id, a.next[i].id, sizeof key.id);
        memcpy(key.key, a.next[i].key, sizeof key.key);
        if (!seal_trust_add(out, a.next[i].name, &key))
            return RESULT_MALFORMED;
    }
    if (a.signatures_required)
        seal_trust_know(out, a.sha256);
    if (a.signatures_required && a.fallback_serial != 0)
        seal_trust_know(out, a.fallback_sha256);
    return RESULT_OK;
}

static enum result trust_configuration(struct cursor *in, struct seal_trust *out)
{
    while (in->left > 0) {
        struct bytes text;
        struct minisign_public key;
        TRY(cursor_bytes16(in, &text));
        TRY(minisign_public_read(text, &key));
        if (!seal_trust_add(out, bytes_of(NULL, 0), &key))
            return RESULT_TOO_LARGE;
    }
    return RESULT_OK;
}

static enum result read_blob(struct bytes blob, bool *required, struct seal_trust *out)
{
    struct cursor in = cursor_over(blob);
    struct bytes in_force;
    *out = (struct seal_trust){0};
    TRY(cursor_bool(&in, required));
    TRY(cursor_bytes32(&in, &in_force));
    if (in_force.n > 0)
        TRY(trust_in_force(in_force, out));
    return out->officers > 0 ? RESULT_OK : trust_configuration(&in, out);
}

enum result signers_read(int fd, bool *required, struct seal_trust *out)
{
    struct buf blob = BUF_INIT(BLOB_MAX + 65536);
    enum result r = role_read_file(fd, BLOB_MAX, &blob);
    (void)close(fd);
    if (r == RESULT_OK)
        r = read_blob(buf_view(&blob), required, out);
    buf_free(&blob);
    return r;
}

static size_t copy_officers(const struct seal_officer *from, size_t count,
                            struct activation_officer *to)
{
    for (size_t i = 0; i < count; i++) {
        to[i].name = bytes_of_text(from[i].name);
        memcpy(to[i].id, from[i].key.id, sizeof to[i].id);
        memcpy(to[i].key, from[i].key.key, sizeof to[i].key);
    }
    return count;
}

void signers_put_claim(const struct seal_claim *claim, bool required, struct buf *out)
{
    struct activation a = {.set = bytes_of_text(claim->set),
                           .serial = claim->serial,
                           .signatures_required = required,
                           .fallback_serial = claim->fallback_serial};
    memcpy(a.sha256, claim->sha256, sizeof a.sha256);
    memcpy(a.fallback_sha256, claim->fallback_sha256, sizeof a.fallback_sha256);
    a.signers = copy_officers(claim->signer, claim->signers, a.signer);
    a.nexts = copy_officers(claim->next.officer, claim->next.officers, a.next);
    activation_put(&a, out);
}

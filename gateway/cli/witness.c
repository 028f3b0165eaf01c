#include "cli/witness.h"

#include "journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the state's folder. */
static const char SEEN[] = "checkpoint";

static bool read_seen(int folder, struct buf *out)
{
    struct stat st;
    int fd = openat(folder, SEEN, O_RDONLY | O_CLOEXEC);
    bool ok = fd < 0 && errno == ENOENT;
    size_t got = 0;
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= AUDIT_NOTE_MAX) {
        uint8_t *to = buf_extend(out, (size_t)st.st_size);
        ok = to != NULL && file_read(fd, 0, to, (size_t)st.st_size, &got) == RESULT_OK &&
             got == (size_t)st.st_size;
    }
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

static bool check_begun(const char *path, bool begin, const struct witness_state *s)
{
    if (s->seen.n == 0 && !begin)
        cli_error("%s: no checkpoint was signed yet; --begin starts with the one that is there, "
                  "once compared with what others saw",
                  path);
    else if (s->seen.n > 0 && begin)
        cli_error("%s: there is a state already; --begin is for the first time only", path);
    return (s->seen.n == 0) == begin;
}

bool witness_state_open(const char *path, bool begin, struct witness_state *out)
{
    *out = (struct witness_state){.folder = -1, .seen = BUF_INIT(AUDIT_NOTE_MAX)};
    if (begin && mkdir(path, 0700) != 0 && errno != EEXIST) {
        cli_error("%s: %s", path, strerror(errno));
        return false;
    }
    out->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = false;
    if (out->folder < 0)
        cli_error("%s: %s%s", path, strerror(errno),
                  errno == ENOENT ? "; --begin makes it, the first time" : "");
    else if (flock(out->folder, LOCK_EX | LOCK_NB) != 0)
        cli_error("%s: another witness is at work with this state", path);
    else if (!read_seen(out->folder, &out->seen))
        cli_error("%s/%s: it cannot be read, and nothing is signed without it", path, SEEN);
    else
        ok = check_begun(path, begin, out);
    if (!ok)
        witness_state_close(out);
    return ok;
}

void witness_state_close(struct witness_state *s)
{
    if (s->folder >= 0)
        (void)close(s->folder);
    s->folder = -1;
    buf_free(&s->seen);
}

/* The checkpoint that contradicts what was seen, beside it: both are signed by the log. */
static void keep_evidence(const struct witness_state *s, const struct witness_report *report,
                          struct bytes note)
{
    char name[64];
    (void)snprintf(name, sizeof name, "refused-%" PRIu64, report->now.size);
    if (faccessat(s->folder, name, F_OK, 0) != 0 && cli_write_new(s->folder, name, note, 0644))
        cli_error("the checkpoint was kept as %s, beside the one that was signed", name);
}

static bool persist(struct witness_state *s, struct bytes note)
{
    enum result r = file_replace(s->folder, SEEN, note);
    if (r != RESULT_OK) {
        cli_error("what was seen cannot be kept, so nothing is signed: %s", result_text(r));
        return false;
    }
    buf_clear(&s->seen);
    buf_put(&s->seen, note.p, note.n);
    return buf_status(&s->seen) == RESULT_OK;
}

int witness_confirm(struct witness_state *s, const struct note_key *log,
                    const struct audit_secret *secret, struct bytes note, struct proof_source tiles,
                    int64_t now_us, struct buf *line)
{
    const struct witness_request q = {
        .log = log, .seen = buf_view(&s->seen), .note = note, .tiles = tiles};
    struct witness_report report;
    struct hasher *h = hasher_new();
    enum result r = witness_check(h, &q, &report);
    hasher_free(h);
    if (r != RESULT_OK) {
        cli_error("not signed: %s", report.fault);
        if (r == RESULT_MISMATCH && report.seen.size > 0 && report.now.origin.n > 0)
            keep_evidence(s, &report, note);
        return r == RESULT_MISMATCH ? CLI_NO : CLI_FAILED;
    }
    if (!persist(s, note))
        return CLI_FAILED;
    witness_sign(&secret->key, secret->seed, note, (uint64_t)(now_us / US_PER_S), line);
    return CLI_OK;
}

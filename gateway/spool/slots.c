#include "spool/slots.h"

#include "base/mem.h"
#include "crypto/mac.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "fedgatSL";

enum { HEAD = 8 + 8 + 8, SLOTS_BYTES_MAX = HEAD + KEYS_SCOPES_MAX * KEYS_SLOT_BYTES + MAC_BYTES };

struct slots {
    int folder;
    unsigned used; /* the half in use: 0 or 1 */
    uint8_t key[KEY_BYTES];
};

struct slots *slots_new(int folder, const uint8_t mac_key[ROAD_KEY])
{
    struct slots *s = mem_new(sizeof *s);
    s->folder = folder;
    mac_derive_key(mac_key, "slots", s->key);
    return s;
}

void slots_free(struct slots *s)
{
    if (s == NULL)
        return;
    mem_wipe(s, sizeof *s);
    mem_free(s);
}

static const char *half_name(unsigned half)
{
    return half == 0 ? "slots.0" : "slots.1";
}

static enum result write_all(int fd, struct bytes b)
{
    while (b.n > 0) {
        ssize_t n = write(fd, b.p, b.n);
        if (n <= 0)
            return n < 0 && (errno == ENOSPC || errno == EDQUOT) ? RESULT_FULL : RESULT_IO;
        b.p += n;
        b.n -= (size_t)n;
    }
    return RESULT_OK;
}

static enum result write_half(const struct slots *s, unsigned half, struct bytes content)
{
    int fd = openat(s->folder, half_name(half), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return RESULT_IO;
    enum result r = write_all(fd, content);
    if (r == RESULT_OK && (fsync(fd) != 0 || fsync(s->folder) != 0))
        r = errno == ENOSPC || errno == EDQUOT ? RESULT_FULL : RESULT_IO;
    if (close(fd) != 0)
        r = RESULT_IO;
    return r;
}

/* Zeros over what was there, on disk, before the file shrinks: a file that is only cut off leaves
 * its blocks as they were. */
static enum result empty_half(const struct slots *s, unsigned half)
{
    struct stat st;
    int fd = openat(s->folder, half_name(half), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RESULT_OK : RESULT_IO;
    enum result r = fstat(fd, &st) == 0 ? RESULT_OK : RESULT_IO;
    if (r == RESULT_OK && st.st_size > 0) {
        uint8_t *zero = mem_new((size_t)st.st_size);
        r = write_all(fd, bytes_of(zero, (size_t)st.st_size));
        mem_free(zero);
        if (r == RESULT_OK && (fsync(fd) != 0 || ftruncate(fd, 0) != 0 || fsync(fd) != 0))
            r = RESULT_IO;
    }
    if (close(fd) != 0)
        r = RESULT_IO;
    return r;
}

static enum result read_half(const struct slots *s, unsigned half, struct buf *out)
{
    int fd = openat(s->folder, half_name(half), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO;
    enum result r = RESULT_AGAIN;
    while (r == RESULT_AGAIN) {
        uint8_t *room = buf_reserve(out, 65536);
        ssize_t n = room == NULL ? 0 : read(fd, room, 65536);
        if (room == NULL)
            r = RESULT_DAMAGED; /* longer than any half */
        else if (n > 0)
            out->n += (size_t)n;
        else
            r = n == 0 ? RESULT_OK : RESULT_IO;
    }
    (void)close(fd);
    return r == RESULT_OK && out->n == 0 ? RESULT_NOT_FOUND : r;
}

/* The half's generation, and the slots between head and MAC. */
static enum result open_half(const struct slots *s, struct bytes half, uint64_t *generation,
                             struct bytes *encoded)
{
    struct cursor c = cursor_over(half);
    struct bytes got;
    uint64_t count;
    uint8_t mac[MAC_BYTES];
    if (half.n < HEAD + MAC_BYTES)
        return RESULT_DAMAGED;
    struct bytes signed_part = bytes_of(half.p, half.n - MAC_BYTES);
    mac_keyed(s->key, &signed_part, 1, mac);
    if (!mac_equal(mac, half.p + signed_part.n, MAC_BYTES))
        return RESULT_DAMAGED;
    if (cursor_take(&c, sizeof magic, &got) != RESULT_OK ||
        !bytes_equal(got, bytes_of(magic, sizeof magic)) ||
        cursor_u64(&c, generation) != RESULT_OK || cursor_u64(&c, &count) != RESULT_OK ||
        count > KEYS_SCOPES_MAX || c.left != count * KEYS_SLOT_BYTES + MAC_BYTES)
        return RESULT_DAMAGED;
    *encoded = bytes_of(c.at, c.left - MAC_BYTES);
    return RESULT_OK;
}

static enum result hand_out(struct bytes encoded,
                            void (*each)(void *arg, const struct keys_slot *slot), void *arg)
{
    struct cursor c = cursor_over(encoded);
    struct keys_slot slot;
    while (c.left > 0) {
        if (keys_slot_take(&c, &slot) != RESULT_OK)
            return RESULT_DAMAGED;
        each(arg, &slot);
    }
    return RESULT_OK;
}

/* One half: RESULT_NOT_FOUND when it is empty, of another generation, or torn while it was being
 * written for another one. */
static enum result try_half(struct slots *s, unsigned half, uint64_t generation,
                            void (*each)(void *arg, const struct keys_slot *slot), void *arg)
{
    struct buf content = BUF_INIT(SLOTS_BYTES_MAX + 65536);
    struct bytes encoded;
    uint64_t found = 0;
    enum result r = read_half(s, half, &content);
    if (r == RESULT_OK)
        r = open_half(s, buf_view(&content), &found, &encoded);
    if (r == RESULT_OK && found != generation)
        r = RESULT_NOT_FOUND;
    if (r == RESULT_OK) {
        s->used = half;
        r = hand_out(encoded, each, arg);
    }
    buf_free(&content);
    return r;
}

enum result slots_read(struct slots *s, uint64_t generation,
                       void (*each)(void *arg, const struct keys_slot *slot), void *arg)
{
    if (generation == 1) { /* nothing was ever destroyed: the journal alone holds the scopes */
        TRY(empty_half(s, 0));
        TRY(empty_half(s, 1));
        return RESULT_NOT_FOUND;
    }
    for (unsigned half = 0; half < 2; half++) {
        enum result r = try_half(s, half, generation, each, arg);
        if (r == RESULT_OK)
            return empty_half(s, 1 - half);
        if (r != RESULT_NOT_FOUND && r != RESULT_DAMAGED)
            return r;
    }
    return RESULT_DAMAGED;
}

enum result slots_look(struct slots *s, void (*each)(void *arg, const struct keys_slot *slot),
                       void *arg)
{
    for (unsigned half = 0; half < 2; half++) {
        struct buf content = BUF_INIT(SLOTS_BYTES_MAX + 65536);
        struct bytes encoded;
        uint64_t generation;
        enum result r = read_half(s, half, &content);
        if (r == RESULT_OK)
            r = open_half(s, buf_view(&content), &generation, &encoded);
        if (r == RESULT_OK)
            r = hand_out(encoded, each, arg);
        buf_free(&content);
        if (r == RESULT_IO)
            return r;
    }
    return RESULT_OK;
}

enum result slots_write(struct slots *s, uint64_t generation, struct bytes encoded)
{
    struct buf content = BUF_INIT(SLOTS_BYTES_MAX);
    uint8_t mac[MAC_BYTES];
    if (encoded.n % KEYS_SLOT_BYTES != 0)
        return RESULT_MALFORMED;
    buf_put(&content, magic, sizeof magic);
    buf_u64(&content, generation);
    buf_u64(&content, encoded.n / KEYS_SLOT_BYTES);
    buf_put(&content, encoded.p, encoded.n);
    struct bytes signed_part = buf_view(&content);
    mac_keyed(s->key, &signed_part, 1, mac);
    buf_put(&content, mac, sizeof mac);
    enum result r = buf_status(&content);
    if (r == RESULT_OK)
        r = write_half(s, 1 - s->used, buf_view(&content));
    buf_free(&content);
    return r;
}

enum result slots_switch(struct slots *s)
{
    TRY(empty_half(s, s->used));
    s->used = 1 - s->used;
    return RESULT_OK;
}

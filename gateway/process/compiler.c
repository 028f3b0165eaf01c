/*
 * The compiler: text in, one sealed block out. It is the only role that reads YAML, and it exits
 * before any peer connects. It can open files below the two folders it was given, and write copies
 * of sets to a third; nothing else.
 */
#include "base/mem.h"
#include "policy/compile.h"
#include "process/role.h"
#include "process/witness_keys.h"
#include "process/signers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A copy in memory that nobody can change any more. */
static int seal_block(struct bytes block)
{
    int fd = memfd_create("fedgate", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    while (block.n > 0) {
        ssize_t n = write(fd, block.p, block.n);
        if (n <= 0) {
            (void)close(fd);
            return -1;
        }
        block.p += n;
        block.n -= (size_t)n;
    }
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void say(const struct role *r, const struct diagnose *d)
{
    struct buf text = BUF_INIT(1 << 20);
    diagnose_print(d, DIAGNOSE_ENGLISH, &text);
    if (text.n > 0 && r->gift[GIFT_MESSAGES] >= 0 &&
        write(r->gift[GIFT_MESSAGES], text.p, text.n) < 0)
        log_line(&r->log, LOG_WARNING, "messages-lost", "errors=%zu", diagnose_errors(d));
    buf_free(&text);
}

static int compile_settings(struct role *r, struct diagnose *d)
{
    struct buf text = BUF_INIT(1 << 20);
    struct settings settings;
    int fd = -1;
    if (role_read_file(r->gift[GIFT_CONFIG_FILE], 1 << 19, &text) == RESULT_OK &&
        settings_read(buf_view(&text), r->config_name, d, &settings) &&
        witness_keys_check(&settings, r->config_name, d))
        fd = seal_block(bytes_of(&settings, sizeof settings));
    buf_free(&text);
    return fd;
}

/* ---- a policy set */

/* A copy of every set that was checked is kept, before it comes into force. set.yaml is copied
 * last: with it the copy is whole. */
static enum result archive(const struct role *r, const struct seal *seal)
{
    const struct seal_claim *claim = seal_claim(seal);
    uint8_t set_sha256[SHA256_BYTES];
    char hex[17], name[64];
    const struct manifest *files = seal_files(seal, set_sha256);
    int archives = r->gift[GIFT_ARCHIVE_FOLDER];
    bytes_to_hex(bytes_of(claim->sha256, sizeof hex / 2), hex);
    (void)snprintf(name, sizeof name, "%llu-%s", (unsigned long long)claim->serial, hex);
    if (mkdirat(archives, name, 0700) != 0 && errno != EEXIST)
        return RESULT_IO;
    int to = openat(archives, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to < 0)
        return RESULT_IO;
    enum result result = faccessat(to, "set.yaml", F_OK, 0) == 0
                             ? RESULT_OK
                             : manifest_copy(files, r->gift[GIFT_POLICY_FOLDER], to, set_sha256);
    (void)close(to);
    return result == RESULT_OK && fsync(archives) != 0 ? RESULT_IO : result;
}

static enum result compile(struct role *r, struct seal *seal, struct diagnose *d, struct buf *block)
{
    const struct policy_sources sources = {.folder = r->gift[GIFT_POLICY_FOLDER],
                                           .crls = r->gift[GIFT_CRL_FOLDER],
                                           .now_us = clock_wall_us(&r->log.clock),
                                           .seal = seal};
    struct policy_counts counts;
    return policy_compile(&sources, d, block, &counts);
}

/* Without an archive the set is only looked at (fedgate --check): who signed it is for those who
 * bring it into force. */
static int compile_policy(struct role *r, struct diagnose *d, struct buf *claim)
{
    struct buf block = BUF_INIT(0);
    struct seal_trust *trust = mem_new(sizeof *trust);
    bool required = false, checks_only = r->gift[GIFT_ARCHIVE_FOLDER] < 0;
    enum result result =
        checks_only ? RESULT_OK : signers_read(role_claim(r, GIFT_TRUST), &required, trust);
    struct seal *seal = seal_new(trust, required);
    const char *why = "signers";
    int fd = -1;
    if (result == RESULT_OK) {
        result = compile(r, seal, d, &block);
        why = required && seal_verdict(seal) != SEAL_IS_GOOD ? seal_verdict_word(seal_verdict(seal))
                                                             : "errors";
    }
    if (result == RESULT_OK && !checks_only) {
        why = "archive";
        result = archive(r, seal);
        signers_put_claim(seal_claim(seal), required, claim);
    }
    if (result == RESULT_OK)
        fd = seal_block(buf_view(&block));
    if (fd < 0) {
        buf_clear(claim);
        buf_text(claim, why);
    }
    seal_free(seal);
    mem_free(trust);
    buf_free(&block);
    return fd;
}

int compiler_main(void)
{
    struct role r;
    struct diagnose *d = diagnose_new();
    enum result result = role_begin(&r, ROLE_ID_COMPILER);
    struct buf claim = BUF_INIT(65536);
    int block = -1;
    if (result == RESULT_OK)
        result = role_close_door(&r);
    if (result == RESULT_OK) {
        block =
            r.gift[GIFT_CONFIG_FILE] >= 0 ? compile_settings(&r, d) : compile_policy(&r, d, &claim);
        say(&r, d);
        channel_send(r.control, IPC_COMPILED, buf_view(&claim), bytes_of(NULL, 0), block);
        result = channel_flush(r.control);
    }
    if (block >= 0)
        (void)close(block);
    buf_free(&claim);
    diagnose_free(d);
    role_end(&r);
    return result == RESULT_OK && block >= 0 ? 0 : 1;
}

/*
 * The compiler: text in, one sealed block out. It is the only role that reads YAML, and it exits
 * before any peer connects. It can open files below the two folders it was given, and nothing else.
 */
#include "base/mem.h"
#include "policy/compile.h"
#include "process/role.h"

#include <fcntl.h>
#include <sys/mman.h>
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
        settings_read(buf_view(&text), r->config_name, d, &settings))
        fd = seal_block(bytes_of(&settings, sizeof settings));
    buf_free(&text);
    return fd;
}

static int compile_policy(struct role *r, struct diagnose *d)
{
    const struct policy_sources sources = {.folder = r->gift[GIFT_POLICY_FOLDER],
                                           .crls = r->gift[GIFT_CRL_FOLDER],
                                           .now_us = clock_wall_us(&r->log.clock)};
    struct policy_counts counts;
    struct buf block = BUF_INIT(0);
    int fd = -1;
    if (policy_compile(&sources, d, &block, &counts) == RESULT_OK)
        fd = seal_block(buf_view(&block));
    buf_free(&block);
    return fd;
}

int compiler_main(void)
{
    struct role r;
    struct diagnose *d = diagnose_new();
    enum result result = role_begin(&r, ROLE_ID_COMPILER);
    int block = -1;
    if (result == RESULT_OK)
        result = role_close_door(&r);
    if (result == RESULT_OK) {
        block = r.gift[GIFT_CONFIG_FILE] >= 0 ? compile_settings(&r, d) : compile_policy(&r, d);
        say(&r, d);
        channel_send(r.control, IPC_COMPILED, bytes_of(NULL, 0), bytes_of(NULL, 0), block);
        result = channel_flush(r.control);
    }
    if (block >= 0)
        (void)close(block);
    diagnose_free(d);
    role_end(&r);
    return result == RESULT_OK && block >= 0 ? 0 : 1;
}

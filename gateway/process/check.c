/* fedgate --check: what a start would find, without one. */
#include "process/compile.h"
#include "process/files.h"
#include "process/host.h"
#include "process/supervisor.h"

#include <unistd.h>

static bool opens(const struct settings *s, enum ipc_gift gift, const struct log *log)
{
    int fd = files_open(s, gift, log);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

/* Or needs none. A start without one of these only raises an alarm. */
static bool has_what_may_lack(const struct settings *s, const struct log *log)
{
    bool good = s->urgent_journal[0] == '\0' || opens(s, GIFT_URGENT_FOLDER, log);
    if (s->console_listen[0] == '\0')
        return good;
    good = opens(s, GIFT_CONSOLE_CERTIFICATE, log) && good;
    return opens(s, GIFT_CONSOLE_KEY, log) && good;
}

int supervisor_check(const char *program, const char *config_path)
{
    const struct log log = {
        .role = "supervisor", .fd = STDERR_FILENO, .least = LOG_NOTE, .clock = clock_system()};
    struct settings settings;
    struct buf claim = BUF_INIT(CLAIM_MAX);
    int policy_fd = -1, settings_fd = compile_settings(program, config_path, &log, &settings);
    bool good =
        settings_fd >= 0 && host_fits(&settings, &log) && has_what_may_lack(&settings, &log);
    if (settings_fd >= 0)
        policy_fd = compile_policy(program, &settings, NULL, &log, &claim);
    buf_free(&claim);
    return good && policy_fd >= 0 ? 0 : 1;
}

/* The folders of a vault, and what is said when it cannot be opened. */
#include "cli/agent/vault.h"

#include "audit/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_folder(const char *path, bool make)
{
    if (make && mkdir(path, 0700) != 0 && errno != EEXIST) {
        cli_error("%s: %s", path, strerror(errno));
        return -1;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        cli_error("%s: %s", path, strerror(errno));
    return fd;
}

/* What passes through this process is nobody's to look at: no core dump, no other process of the
 * user attaches to it. */
static void close_memory(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

int vault_place_folders(struct vault_place *p, bool make)
{
    p->items_fd = p->keys_fd = -1;
    close_memory();
    if (!agent_setting(&p->items, "items", "FEDGATE_VAULT_ITEMS") ||
        !agent_setting(&p->keys, "key-store", "FEDGATE_VAULT_KEY_STORE"))
        return CLI_USAGE;
    (void)umask(077);
    p->items_fd = open_folder(p->items, make);
    if (p->items_fd >= 0)
        p->keys_fd = open_folder(p->keys, make);
    return p->keys_fd >= 0 ? CLI_OK : CLI_FAILED;
}

int vault_place_failed(const struct vault_place *p, enum result r)
{
    switch (r) {
    case RESULT_NOT_FOUND:
        cli_error("%s: there is no vault here; \"fedgate-agent vault init\" makes one", p->items);
        break;
    case RESULT_DENIED:
        cli_error("%s and %s: neither may lie in the other, and both must be this user's alone "
                  "(chmod 700)",
                  p->items, p->keys);
        break;
    case RESULT_MISMATCH:
        cli_error("%s: its index was sealed with the key of another key store than %s", p->items,
                  p->keys);
        break;
    case RESULT_DAMAGED:
        cli_error("%s or %s is damaged; nothing was changed", p->items, p->keys);
        break;
    case RESULT_RANGE:
        cli_error("this machine's clock is behind the latest time on record: nothing is stored "
                  "before it is right (see \"fedgate-agent vault clock\")");
        break;
    case RESULT_FULL: cli_error("%s: no room is left", p->items); break;
    default: cli_error("%s: %s", p->items, result_text(r));
    }
    return CLI_FAILED;
}

int vault_place_open(struct vault_place *p)
{
    int code = vault_place_folders(p, false);
    if (code != CLI_OK)
        return code;
    const struct vault_config config = {p->items_fd, p->keys_fd, clock_system()};
    enum result r = vault_open(&config, &p->vault);
    return r == RESULT_OK ? CLI_OK : vault_place_failed(p, r);
}

void vault_place_close(struct vault_place *p)
{
    vault_close(p->vault);
    if (p->items_fd >= 0)
        (void)close(p->items_fd);
    if (p->keys_fd >= 0)
        (void)close(p->keys_fd);
}

bool vault_record_of(const char *text, uint64_t *record)
{
    if (checkpoint_number(bytes_of_text(text), record))
        return true;
    cli_error("\"%s\" is no record: \"fedgate-agent vault list\" shows them", text);
    return false;
}

const char *vault_state_word(const struct vault_entry *e)
{
    switch (e->state) {
    case VAULT_KEPT: return e->cut_off ? "cut-off" : "kept";
    case VAULT_RECORDING: return "recording";
    case VAULT_DOOMED: return "being-destroyed";
    case VAULT_DESTROYED: return "destroyed";
    case VAULT_NEVER_STORED: return "never-stored";
    }
    return "";
}

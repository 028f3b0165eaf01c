#include "sandbox/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights by Landlock's version; the header of an older system knows the first version's only. */
#define RIGHTS_V1      ((UINT64_C(1) << 13) - 1) /* execute to make_sym */
#define RIGHT_REFER    (UINT64_C(1) << 13)       /* version 2: link and rename between folders */
#define RIGHT_TRUNCATE (UINT64_C(1) << 14)       /* version 3 */

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_WRITE                                                                               \
    (RIGHTS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |                \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |   \
     RIGHT_REFER | RIGHT_TRUNCATE)

static uint64_t rights_of(int version)
{
    return RIGHTS_V1 | (version >= 2 ? RIGHT_REFER : 0) | (version >= 3 ? RIGHT_TRUNCATE : 0);
}

static enum result allow(int ruleset, const struct sandbox_folder *f, uint64_t handled)
{
    const struct landlock_path_beneath_attr rule = {
        .allowed_access = (f->write ? RIGHTS_WRITE : RIGHTS_READ) & handled, .parent_fd = f->fd};
    return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0
               ? RESULT_OK
               : RESULT_IO;
}

static enum result restrict_files(const struct sandbox_folder *folder, unsigned folders,
                                  int version)
{
    const struct landlock_ruleset_attr attr = {.handled_access_fs = rights_of(version)};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (ruleset < 0)
        return RESULT_IO;
    enum result r = RESULT_OK;
    for (unsigned i = 0; i < folders && r == RESULT_OK; i++)
        r = allow(ruleset, &folder[i], attr.handled_access_fs);
    if (r == RESULT_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        r = RESULT_IO;
    (void)close(ruleset);
    return r;
}

bool sandbox_can_lock(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return false;
    const bool can = mlock(p, bytes) == 0;
    (void)munmap(p, bytes);
    return can;
}

enum result sandbox_hide(void)
{
    const struct rlimit none = {0, 0};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
                   setrlimit(RLIMIT_CORE, &none) == 0
               ? RESULT_OK
               : RESULT_IO;
}

int sandbox_landlock(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

enum result sandbox_enter(const struct sandbox_folder *folder, unsigned folders,
                          struct sandbox_level *level)
{
    enum { PAGE = 4096 };
    level->locks = sandbox_can_lock(PAGE);
    level->landlock = sandbox_landlock();
    return level->landlock == 0 ? RESULT_OK : restrict_files(folder, folders, level->landlock);
}

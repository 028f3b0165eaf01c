/*
 * A ledger under load on real file systems, in a process of its own that says what it acknowledged
 * and what it released, until something stops it: the file system is shut down under it (ext4 in a
 * loop device, EXT4_IOC_SHUTDOWN), a system call fails or kills it at the n-th time (strace), the
 * file system is full (tmpfs). Then another process recovers: everything acknowledged is there, and
 * so is whatever was released. `make test-slow`; what needs root or a tool that is
 * not there is skipped, and says so.
 */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)

enum { MESSAGES_MAX = 1 << 16, STOPPED = 3, COMMAND = 1024 };
enum { SHUTDOWN_ROUNDS = 100, INJECTED = 10 };

static const char *self;

/* ---- the ledger, in a process of its own */

static int subfolder(const char *folder, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static enum result open_in(struct bench *b, const char *folder)
{
    bench_prepare(b, SEGMENT);
    temp_folder_free(&b->journal);
    temp_folder_free(&b->keys);
    temp_folder_free(&b->audit);
    b->config.journal_folder = subfolder(folder, "journal");
    b->config.key_folder = subfolder(folder, "keys");
    b->config.audit_folder = subfolder(folder, "audit");
    b->config.spare_segments = 2;
    b->config.checkpoint_every_us = 20000;
    return bench_open(b);
}

static const struct seen_message *known(const struct bench *b, uint32_t number)
{
    struct uuid id = {{0}};
    memcpy(id.b, &number, sizeof number);
    return seen_get(b->l->seen, bytes_of_text(CENTRE), &id, 0);
}

static void say(char what, uint32_t number)
{
    char line[32];
    int n = snprintf(line, sizeof line, "%c %u\n", what, number);
    if (write(1, line, (size_t)n) != n)
        _exit(STOPPED);
}

static void turn_or_stop(struct bench *b)
{
    b->wall_us += 1000;
    b->steady_us += 1000;
    if (ledger_turn(b->l) != RESULT_OK)
        _exit(STOPPED);
}

static void publish_one(struct bench *b, uint32_t number)
{
    static uint8_t sealed[3000];
    struct road_commit c;
    make_commit(b, 0, 1, &c);
    memcpy(c.envelope.id.b, &number, sizeof number);
    memcpy(c.content, &number, sizeof number);
    c.recipient[0].deadline_us = NOON + 300 * US_PER_DAY;
    c.body[0].sealed = bytes_of(sealed, number * 2654435761u % sizeof sealed);
    if (spool_scopes_get(b->l->scopes, 1) == NULL) {
        with_scope(b, &c, 1);
        c.scope[0].deadline_us = NOON + 365 * US_PER_DAY;
    }
    if (send_commit(b, &c) != RESULT_OK)
        _exit(STOPPED);
    turn_or_stop(b);
}

/* Answers what the ledger said: a release for each delivery, and an acknowledgement for most. */
static void answer(struct bench *b, uint32_t published)
{
    size_t saids = b->saids;
    for (size_t i = 0; i < saids; i++) {
        struct cursor in = cursor_over(b->said[i].body);
        struct road_committed c;
        struct road_deliver d;
        struct road_released r;
        if (b->said[i].type == IPC_COMMITTED && road_committed_take(&in, &c) == RESULT_OK) {
            say(c.answer == ROAD_ON_DISK ? 'a' : 'f', published);
        } else if (b->said[i].type == IPC_DELIVER && road_deliver_take(&in, &d) == RESULT_OK) {
            send_release(b, &d, true);
        } else if (b->said[i].type == IPC_RELEASED && road_released_take(&in, &r) == RESULT_OK &&
                   r.go) {
            const struct entry *e = spool_entry(b->l->queues, r.entry);
            say('r', (uint32_t)e->delivery->stored->index);
            d = (struct road_deliver){.consumer = r.consumer, .entry = r.entry};
            if (r.entry % 7 != 0)
                acknowledge(b, &d, 0);
        }
    }
    forget_said(b);
}

static int load(const char *folder, uint32_t most)
{
    static struct bench b;
    enum result r = open_in(&b, folder);
    if (r != RESULT_OK) {
        (void)fprintf(stderr, "load: %s: segment %u: %s\n", result_text(r), b.fault.segment,
                      b.fault.text);
        return r == RESULT_DAMAGED ? 1 : STOPPED;
    }
    uint32_t number = 0;
    while (number < MESSAGES_MAX && known(&b, number) != NULL)
        number++;
    b.wall_us = NOON + (int64_t)number * 10000;
    if (subscribe(&b, 1, FIRE, "default") != RESULT_OK)
        return STOPPED;
    for (uint32_t n = 0; n < most && number < MESSAGES_MAX; n++) {
        publish_one(&b, number);
        answer(&b, number);
        turn_or_stop(&b);
        answer(&b, number);
        number += known(&b, number) != NULL;
    }
    return 0;
}

/* What was said until then: "a NUMBER" acknowledged, "r INDEX" released. */
static int check(const char *folder, const char *said)
{
    static struct bench b;
    static bool on_record[1 << 20];
    enum result r = open_in(&b, folder);
    FILE *f = fopen(said, "r");
    char what;
    unsigned number, acknowledged = 0, released = 0, wrong = 0;
    if (r != RESULT_OK || f == NULL) {
        (void)fprintf(stderr, "check: %s: segment %u at %llu: %s\n", result_text(r),
                      b.fault.segment, (unsigned long long)b.fault.offset, b.fault.text);
        return 1;
    }
    while (fscanf(f, "%c %u\n", &what, &number) == 2) {
        if (what == 'a') {
            acknowledged++;
            const struct seen_message *m = known(&b, number);
            if (m == NULL || !is_on_record(b.l, m->index))
                wrong++;
        }
    }
    rewind(f);
    for (number = 0; number < MESSAGES_MAX && known(&b, number) != NULL; number++)
        on_record[known(&b, number)->index % ARRAY_LEN(on_record)] = true;
    while (fscanf(f, "%c %u\n", &what, &number) == 2)
        if (what == 'r' && ++released > 0 && !on_record[number % ARRAY_LEN(on_record)])
            wrong++;
    (void)fclose(f);
    if (wrong > 0)
        (void)fprintf(stderr, "check: %u of %u acknowledged and %u released are wrong\n", wrong,
                      acknowledged, released);
    ledger_close(b.l);
    return wrong == 0 ? 0 : 1;
}

/* ---- running them */

static struct temp_folder place;

static const char *in_place(const char *name)
{
    static char path[4][256];
    static unsigned turn_of;
    char *p = path[turn_of++ % ARRAY_LEN(path)];
    (void)snprintf(p, sizeof path[0], "%s/%s", place.path, name);
    return p;
}

static int run(const char *format, ...) PRINTF_LIKE(1, 2);
static int run(const char *format, ...)
{
    char command[COMMAND];
    va_list arg;
    va_start(arg, format);
    (void)vsnprintf(command, sizeof command, format, arg);
    va_end(arg);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void assert_recovers(const char *folder, const char *where, unsigned round)
{
    if (run("%s check %s %s", self, folder, in_place("said")) != 0)
        fail_msg("%s, round %u", where, round);
}

static bool has_tool(const char *name)
{
    return run("command -v %s >/dev/null 2>&1", name) == 0;
}

/* Begins a load whose words are appended to `said`. */
static pid_t begin_load(const char *folder)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    int said = open(in_place("said"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    (void)dup2(said, 1);
    (void)execl(self, self, "load", folder, "1000000", (char *)NULL);
    _exit(127);
}

static void sleep_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* ---- ext4, shut down under load */

static bool mount_image(const char *at)
{
    return run("mount -o loop %s %s 2>/dev/null", in_place("image"), at) == 0;
}

static void nothing_acknowledged_is_lost_when_ext4_is_shut_down(void **state)
{
    (void)state;
    const char *at = in_place("mnt");
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%s", at);
    (void)mkdir(folder, 0700);
    if (geteuid() != 0 || !has_tool("mkfs.ext4") ||
        run("truncate -s 1G %s && mkfs.ext4 -q %s", in_place("image"), in_place("image")) != 0 ||
        !mount_image(folder)) {
        print_message("SKIPPED: ext4 in a loop device needs root, mkfs.ext4 and a free device\n");
        skip();
    }
    srandom(1);
    for (unsigned round = 1; round <= SHUTDOWN_ROUNDS; round++) {
        const uint32_t how[] = {0, 1, 2}; /* all written; the journal flushed; nothing flushed */
        pid_t child = begin_load(folder);
        sleep_ms(20 + random() % 300);
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        bool is_down = ioctl(fd, EXT4_IOC_SHUTDOWN, &how[round % 3]) == 0;
        (void)close(fd);
        sleep_ms(5);
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
        assert_int_equal(run("umount %s", folder), 0);
        assert_true(is_down);
        assert_true(mount_image(folder));
        assert_recovers(folder, "shutdown", round);
    }
    assert_int_equal(run("umount %s", folder), 0);
    assert_true(run("grep -c ^a %s >&2", in_place("said")) == 0);
    (void)run("rm -f %s %s", in_place("said"), in_place("image"));
}

/* ---- the n-th call fails, or is the last */

static void nothing_acknowledged_is_lost_when_the_nth_call_fails(void **state)
{
    (void)state;
    static const char *const fault[] = {
        "fdatasync:error=EIO",    "fdatasync:signal=KILL", "pwrite64:error=EIO",
        "pwrite64:error=ENOSPC",  "pwrite64:signal=KILL",  "fsync:error=EIO",
        "syncfs:error=EIO",       "renameat:error=EIO",    "unlinkat:error=EIO",
        "fallocate:error=ENOSPC", "renameat:signal=KILL",  "unlinkat:signal=KILL"};
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%s", in_place("injected"));
    (void)mkdir(folder, 0700);
    if (!has_tool("strace") || run("strace -o /dev/null true 2>/dev/null") != 0) {
        print_message("SKIPPED: there is no strace that may trace\n");
        skip();
    }
    for (size_t i = 0; i < ARRAY_LEN(fault); i++) {
        unsigned call = 1;
        for (unsigned round = 1; round <= INJECTED; round++, call += 1 + round * round / 3) {
            (void)run("strace -qq -o /dev/null -e trace=%.*s -e inject=%s:when=%u %s load %s 150 "
                      ">> %s 2>/dev/null",
                      (int)strcspn(fault[i], ":"), fault[i], fault[i], call, self, folder,
                      in_place("said"));
            assert_recovers(folder, fault[i], call);
        }
    }
    (void)run("rm -rf %s %s", in_place("said"), folder);
}

/* ---- a full file system */

static void a_full_file_system_refuses_and_loses_nothing(void **state)
{
    (void)state;
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%s", in_place("small"));
    (void)mkdir(folder, 0700);
    if (geteuid() != 0 || run("mount -t tmpfs -o size=2m none %s 2>/dev/null", folder) != 0) {
        print_message("SKIPPED: a small tmpfs needs root\n");
        skip();
    }
    assert_int_equal(run("%s load %s 1500 >> %s", self, folder, in_place("said")), 0);
    assert_int_equal(run("grep -q ^f %s", in_place("said")), 0); /* some were refused */
    assert_recovers(folder, "full", 1);
    assert_int_equal(run("mount -o remount,size=32m %s", folder), 0);
    assert_int_equal(run("rm -f %s", in_place("more")), 0);
    assert_int_equal(run("%s load %s 300 > %s", self, folder, in_place("more")), 0);
    assert_int_equal(run("grep -q ^f %s", in_place("more")), 1); /* none is any more */
    assert_recovers(folder, "full", 2);
    assert_int_equal(run("umount %s", folder), 0);
    (void)run("rm -f %s", in_place("said"));
}

static int begin(void **state)
{
    place = temp_folder_new();
    return start_crypto(state);
}

static int end(void **state)
{
    (void)state;
    temp_folder_free(&place);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost_when_the_nth_call_fails),
        cmocka_unit_test(a_full_file_system_refuses_and_loses_nothing),
        cmocka_unit_test(nothing_acknowledged_is_lost_when_ext4_is_shut_down),
    };
    self = argv[0];
    if (argc > 3 && crypto_init() != RESULT_OK)
        return 1;
    if (argc > 3 && strcmp(argv[1], "load") == 0)
        return load(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
    if (argc > 3 && strcmp(argv[1], "check") == 0)
        return check(argv[2], argv[3]);
    return cmocka_run_group_tests(tests, begin, end);
}

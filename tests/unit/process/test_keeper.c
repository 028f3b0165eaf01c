/* The keeper's process, from its gifts to its end, with a ledger that is slow to read. */
#include "keeper/key_file.h"
#include "process/role.h"

#include "../crypto/pki.h"
#include "../journal/temp_folder.h"
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/init.h"
#include "crypto/seal.h"
#include "ipc/keys.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { SCOPES = 30000, ROOM = 64 * 1024 };

/* What an answer may take. */
#define PATIENCE (30 * US_PER_S)

static const struct wrapping_secret first = {.generation = 1, .secret = "the first secret"};

struct bench {
    struct temp_folder folder;
    int secret_fd; /* where the wrapping secret rests */
    struct channel *control, *ledger;
    pid_t pid;
};

static struct bytes nothing(void)
{
    return bytes_of(NULL, 0);
}

static int64_t steady_us(void)
{
    const struct clock system = clock_system();
    return clock_steady_us(&system);
}

/* In a process of its own, for its door shuts for good; before anything is made by OpenSSL. */
static pid_t start_keeper(struct channel **control)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(dup2(pair[1], ROLE_CONTROL_FD) < 0 ? 2 : keeper_main());
    assert_true(pid > 0);
    (void)close(pair[1]);
    *control = channel_new(pair[0], ROLE_ID_SUPERVISOR, ROLE_ID_KEEPER);
    return pid;
}

static void give(struct bench *b, enum ipc_gift gift, int fd)
{
    const uint8_t name = (uint8_t)gift;
    assert_true(fd >= 0);
    channel_send(b->control, IPC_GIVE, bytes_of(&name, 1), nothing(), fd);
    (void)close(fd);
}

static void give_file(struct bench *b, enum ipc_gift gift, struct bytes text)
{
    int fd = memfd_create("gift", MFD_CLOEXEC);
    assert_int_equal(write(fd, text.p, text.n), text.n);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    give(b, gift, fd);
}

static void give_keys(struct bench *b)
{
    static const uint8_t key[KEY_BYTES] = "a key of a file";
    uint8_t sector[SECRET_SECTOR];
    struct buf text = BUF_INIT(8192);
    EVP_PKEY *tls = pki_key();
    pki_put_key(tls, &text);
    EVP_PKEY_free(tls);
    give_file(b, GIFT_TLS_KEY, buf_view(&text));
    buf_clear(&text);
    key_file_write("log", key, &text);
    give_file(b, GIFT_LOG_KEY, buf_view(&text));
    buf_clear(&text);
    key_file_write("master", key, &text);
    give_file(b, GIFT_MASTER_KEY, buf_view(&text));
    buf_free(&text);
    wrapping_secret_write(&first, sector);
    b->secret_fd = openat(b->folder.fd, "wrapping.secret", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(pwrite(b->secret_fd, sector, sizeof sector, 0), sizeof sector);
    give(b, GIFT_WRAPPING_SECRET, dup(b->secret_fd));
}

static int begin(void **state)
{
    int pair[2], room = ROOM;
    struct bench *b = mem_new(sizeof *b);
    *b = (struct bench){.folder = temp_folder_new()};
    b->pid = start_keeper(&b->control);
    assert_int_equal(crypto_init(), RESULT_OK);
    give_keys(b);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    give(b, GIFT_PEER_LEDGER, pair[1]);
    b->ledger = channel_new(pair[0], ROLE_ID_LEDGER, ROLE_ID_KEEPER);
    channel_send(b->control, IPC_START, nothing(), nothing(), -1);
    *state = b;
    return channel_flush(b->control) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
    struct bench *b = *state;
    if (b->pid > 0 && kill(b->pid, SIGKILL) == 0)
        (void)waitpid(b->pid, NULL, 0);
    channel_free(b->control);
    channel_free(b->ledger);
    (void)close(b->secret_fd);
    temp_folder_free(&b->folder);
    mem_free(b);
    return 0;
}

/* ---- the ledger */

static struct keys_slot slot_of(uint64_t id, const struct wrapping_secret *s)
{
    const uint8_t key[KEY_BYTES] = {'k', (uint8_t)id, (uint8_t)(id >> 8)};
    struct keys_slot slot = {.id = id, .generation = s->generation};
    memcpy(slot.tuple, &id, sizeof id);
    seal_wrap(s->secret, id, key, slot.wrapped);
    return slot;
}

static void load(struct bench *b)
{
    struct buf slots = BUF_INIT(CHANNEL_MESSAGE_MAX), refused = BUF_INIT(CHANNEL_MESSAGE_MAX);
    for (uint64_t id = 1; id <= SCOPES; id++) {
        const struct keys_slot slot = slot_of(id, &first);
        keys_slot_put(&slot, &slots);
    }
    assert_int_equal(channel_call(b->ledger, IPC_SCOPES_LOAD, buf_view(&slots), IPC_SCOPES_LOADED,
                                  &refused, PATIENCE),
                     RESULT_OK);
    assert_int_equal(refused.n, 0);
    buf_free(&slots);
    buf_free(&refused);
}

/* The next answer, of which at most what the socket holds is taken in a millisecond: it never has
 * room for all. */
static struct bytes read_slowly(struct bench *b, enum ipc_type expected)
{
    const int64_t until_us = steady_us() + PATIENCE;
    const struct timespec pause = {.tv_nsec = 1000000};
    struct channel_message m;
    while (!channel_next(b->ledger, &m)) {
        struct pollfd p = {channel_fd(b->ledger), POLLIN, 0};
        assert_true(steady_us() < until_us);
        (void)nanosleep(&pause, NULL);
        if (poll(&p, 1, 1000) == 1)
            assert_int_equal(channel_receive(b->ledger), RESULT_OK);
    }
    assert_int_equal(m.type, expected);
    return m.body;
}

static void ask_to_wrap_all(struct bench *b)
{
    struct buf ids = BUF_INIT(CHANNEL_MESSAGE_MAX);
    buf_u32(&ids, 0); /* doomed */
    buf_u32(&ids, SCOPES);
    for (uint64_t id = 1; id <= SCOPES; id++)
        buf_u64(&ids, id);
    channel_send(b->ledger, IPC_SCOPES_REWRAP, buf_view(&ids), nothing(), -1);
    buf_free(&ids);
    while (channel_queued(b->ledger) > 0) {
        struct pollfd p = {channel_fd(b->ledger), POLLOUT, 0};
        assert_int_equal(poll(&p, 1, (int)(PATIENCE / 1000)), 1);
        enum result r = channel_flush(b->ledger);
        assert_true(r == RESULT_OK || r == RESULT_AGAIN);
    }
}

static void stop(struct bench *b)
{
    int status = -1;
    channel_send(b->control, IPC_STOP, nothing(), nothing(), -1);
    assert_int_equal(channel_flush(b->control), RESULT_OK);
    struct pollfd p = {channel_fd(b->ledger), POLLIN, 0};
    assert_int_equal(poll(&p, 1, (int)(PATIENCE / 1000)), 1);
    assert_int_equal(channel_receive(b->ledger), RESULT_CLOSED);
    assert_int_equal(waitpid(b->pid, &status, 0), b->pid);
    b->pid = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* All survivors of a destruction are in one answer, which no socket takes at once. */
static void an_answer_longer_than_the_socket_takes_comes_whole_to_a_slow_reader(void **state)
{
    struct bench *b = *state;
    struct wrapping_secret next;
    uint8_t sector[SECRET_SECTOR];
    uint64_t generation;
    struct buf slots = BUF_INIT(CHANNEL_MESSAGE_MAX), rotated = BUF_INIT(64);
    load(b);
    ask_to_wrap_all(b);
    const struct bytes body = read_slowly(b, IPC_SCOPES_REWRAPPED);
    assert_int_equal(body.n, 8 + (size_t)SCOPES * KEYS_SLOT_BYTES);
    buf_put(&slots, body.p, body.n);
    assert_int_equal(channel_call(b->ledger, IPC_SECRET_ROTATE, nothing(), IPC_SECRET_ROTATED,
                                  &rotated, PATIENCE),
                     RESULT_OK);
    assert_int_equal(pread(b->secret_fd, sector, sizeof sector, 0), sizeof sector);
    assert_int_equal(wrapping_secret_read(sector, &next), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&slots));
    assert_int_equal(cursor_u64(&in, &generation), RESULT_OK);
    assert_int_equal(generation, next.generation);
    for (uint64_t id = 1; id <= SCOPES; id++) {
        struct keys_slot is;
        const struct keys_slot should = slot_of(id, &next);
        assert_int_equal(keys_slot_take(&in, &is), RESULT_OK);
        assert_int_equal(is.id, id);
        assert_int_equal(is.generation, next.generation);
        assert_memory_equal(is.tuple, should.tuple, sizeof is.tuple);
        assert_memory_equal(is.wrapped, should.wrapped, sizeof is.wrapped);
    }
    stop(b);
    buf_free(&slots);
    buf_free(&rotated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_answer_longer_than_the_socket_takes_comes_whole_to_a_slow_reader, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * measure BODIES SECONDS SCOPES FOLDER: so many bodies a second come to their deadlines, for so
 * many seconds, under so many key scopes a second; nobody fetched them. The engines of ledger and
 * keeper, in one process, with their files in the folder, by the machine's clock. Tells as one line
 * of JSON how late the last key of a second was erased at worst, and how long the work of a second
 * took.
 */
#include "keeper/keeper.h"
#include "ledger/state.h"

#include "base/mem.h"
#include "crypto/init.h"
#include "crypto/random.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BODY_BYTES = 1024, A_TURN = 500 };

static void stop(const char *why)
{
    (void)fprintf(stderr, "measure: %s\n", why);
    exit(1);
}

static void check(bool good, const char *why)
{
    if (!good)
        stop(why);
}

/* ---- the machine's clocks, for an engine that has been filled before it begins */

static int64_t clock_us(clockid_t which)
{
    struct timespec t;
    (void)clock_gettime(which, &t);
    return (int64_t)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int64_t wall(void *arg)
{
    (void)arg;
    return clock_us(CLOCK_REALTIME);
}

static int64_t steady(void *arg)
{
    (void)arg;
    return clock_us(CLOCK_MONOTONIC);
}

/* ---- the roles */

struct roles {
    struct keeper *keeper;
    struct ledger *ledger;
    struct buf wipe; /* that the edge is asked for, and answers */
};

static enum result ask(void *arg, enum ipc_type type, struct bytes body, enum ipc_type expected,
                       struct buf *reply)
{
    struct roles *r = arg;
    const struct channel_message m = {type, body, -1};
    unsigned answer = 0;
    buf_clear(reply);
    TRY(keeper_handle(r->keeper, &m, &answer, reply));
    return answer == (unsigned)expected ? RESULT_OK : RESULT_MISMATCH;
}

static void emit(void *arg, enum ipc_type type, struct bytes body)
{
    struct roles *r = arg;
    if (type != IPC_WIPE)
        return;
    buf_clear(&r->wipe);
    buf_put(&r->wipe, body.p, sizeof(uint64_t));
}

static int folder_at(int where, const char *name)
{
    (void)mkdirat(where, name, 0700);
    int fd = openat(where, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(fd >= 0, "the folder cannot be used");
    return fd;
}

static void start_keeper(struct roles *r, int keys)
{
    struct wrapping_secret s = {.generation = 1};
    uint8_t sector[SECRET_SECTOR];
    char *text;
    struct keeper_config config = {.log_name = "bench/log"};
    random_fill(s.secret, sizeof s.secret);
    random_fill(config.log_key, sizeof config.log_key);
    random_fill(config.master_key, sizeof config.master_key);
    wrapping_secret_write(&s, sector);
    config.secret_fd = openat(keys, "wrapping.secret", O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(write(config.secret_fd, sector, sizeof sector) == (ssize_t)sizeof sector, "no secret");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *out = BIO_new(BIO_s_mem());
    check(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1, "no TLS key");
    const long n = BIO_get_mem_data(out, &text);
    config.tls_key_pem = bytes_of(text, (size_t)n);
    check(keeper_new(&config, &r->keeper) == RESULT_OK, "the keeper does not start");
    BIO_free(out);
    EVP_PKEY_free(key);
}

static void start_ledger(struct roles *r, int where)
{
    struct journal_fault fault;
    const struct ledger_config config = {.journal_folder = folder_at(where, "journal"),
                                         .key_folder = folder_at(where, "slots"),
                                         .audit_folder = folder_at(where, "audit"),
                                         .segment_bytes = 64 << 20,
                                         .spare_segments = 3,
                                         .checkpoint_every_us = US_PER_S,
                                         .log_name = "bench/log",
                                         .clock_jump_us = US_PER_HOUR,
                                         .destroy_share = 10,
                                         .clock = {wall, steady, NULL},
                                         .arg = r,
                                         .ask = ask,
                                         .emit = emit};
    check(ledger_open(&config, &r->ledger, &fault) == RESULT_OK, "the ledger does not start");
    ledger_edge_came(r->ledger);
}

/* A turn, and the edge's answer to it. */
static void turn(struct roles *r)
{
    check(ledger_turn(r->ledger) == RESULT_OK, "a turn failed");
    if (r->wipe.n == 0)
        return;
    const struct channel_message m = {IPC_WIPED, buf_view(&r->wipe), -1};
    check(ledger_handle(r->ledger, &m) == RESULT_OK, "the ledger does not take the answer");
    buf_clear(&r->wipe);
}

/* ---- filling */

struct work {
    size_t bodies, seconds, scopes; /* a second */
    int64_t first_us;               /* when the first second is due */
};

static void describe_scope(struct roles *r, uint64_t number, struct road_scope *out)
{
    struct buf reply = BUF_INIT(4096);
    struct keys_scope got;
    memcpy(out->tuple, &number, sizeof number);
    check(ask(r, IPC_SCOPE_FOR, bytes_of(out->tuple, ROAD_DIGEST), IPC_SCOPE_IS, &reply) ==
              RESULT_OK,
          "no scope");
    struct cursor in = cursor_over(buf_view(&reply));
    check(keys_scope_take(&in, &got) == RESULT_OK, "no scope");
    out->id = got.id;
    out->generation = got.generation;
    memcpy(out->wrapped, got.wrapped, ROAD_WRAPPED);
    buf_free(&reply);
}

/* Scopes come with their first body: a second's scopes, then a second's bodies go round. */
static void publish_one(struct roles *r, const struct work *w, size_t second, size_t i,
                        struct road_scope *scope, struct buf *out)
{
    static uint8_t sealed[BODY_BYTES];
    static struct road_commit c;
    struct road_scope *x = &scope[i % w->scopes];
    const uint64_t number = second * w->bodies + i + 1;
    c = (struct road_commit){.envelope = {.source = bytes_of_text("bench/sender"),
                                          .kind = bytes_of_text("incident_report"),
                                          .status = bytes_of_text("actual"),
                                          .lane = 1,
                                          .size = BODY_BYTES},
                             .at_us = wall(NULL),
                             .verdict = ROAD_ACCEPTED,
                             .recipients = 1,
                             .bodies = 1};
    memcpy(c.envelope.id.b, &number, sizeof number);
    if (i < w->scopes) {
        *x = (struct road_scope){.deadline_us = w->first_us + (int64_t)second * US_PER_S};
        describe_scope(r, number, x);
        c.scope[c.scopes++] = *x;
    }
    c.recipient[0] = (struct road_recipient){.unit = bytes_of_text("bench/receiver"),
                                             .reason = bytes_of_text("permitted"),
                                             .permitted = true,
                                             .deadline_us = x->deadline_us};
    random_fill(c.body[0].seed, ROAD_SEED);
    c.body[0].scope = x->id;
    c.body[0].sealed = bytes_of(sealed, sizeof sealed);
    buf_clear(out);
    road_commit_put(&c, out);
    const struct channel_message m = {IPC_COMMIT, buf_view(out), -1};
    check(ledger_handle(r->ledger, &m) == RESULT_OK, "a message was not taken");
}

static void fill(struct roles *r, const struct work *w)
{
    struct buf out = BUF_INIT(CHANNEL_MESSAGE_MAX);
    struct road_scope *scope = mem_new_array(w->scopes, sizeof *scope);
    for (size_t second = 0; second < w->seconds; second++)
        for (size_t i = 0; i < w->bodies; i++) {
            publish_one(r, w, second, i, scope, &out);
            if (i % A_TURN == A_TURN - 1)
                turn(r);
        }
    turn(r);
    mem_free(scope);
    buf_free(&out);
}

/* ---- measuring */

static size_t scopes_left(const struct roles *r)
{
    return spool_scopes_count(r->ledger->scopes);
}

static void wait_until(struct roles *r, int64_t at_us)
{
    while (wall(NULL) < at_us) {
        const int64_t left = at_us - wall(NULL), idle = ledger_idle_us(r->ledger, left);
        if (idle > 0)
            (void)usleep((useconds_t)(idle < left ? idle : left));
        turn(r);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        stop("usage: measure BODIES SECONDS SCOPES FOLDER");
    struct roles r = {.wipe = BUF_INIT(64)};
    struct work w = {.bodies = strtoul(argv[1], NULL, 10),
                     .seconds = strtoul(argv[2], NULL, 10),
                     .scopes = strtoul(argv[3], NULL, 10)};
    check(w.bodies > 0 && w.seconds > 0 && w.scopes > 0 && w.scopes <= w.bodies &&
              w.scopes * w.seconds < KEYS_SCOPES_MAX,
          "numbers above 0, SCOPES at most BODIES, and not too many");
    check(crypto_init() == RESULT_OK, "no cryptography");
    const int where = open(argv[4], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(where >= 0, "FOLDER is no folder");
    start_keeper(&r, folder_at(where, "keys"));
    start_ledger(&r, where);
    /* As long as filling takes, and some more. */
    w.first_us =
        wall(NULL) / US_PER_S * US_PER_S + (int64_t)(5 + w.bodies * w.seconds / 4000) * US_PER_S;
    fill(&r, &w);
    const int64_t spare_us = w.first_us - wall(NULL);
    check(spare_us > 0, "this machine does not fill it in time");
    int64_t late_us = 0, busy_us = 0, cpu_us = 0;
    for (size_t second = 0; second < w.seconds; second++) {
        const int64_t due_us = w.first_us + (int64_t)second * US_PER_S;
        wait_until(&r, due_us);
        const int64_t from_us = steady(NULL), cpu_from_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
        while (scopes_left(&r) > (w.seconds - 1 - second) * w.scopes)
            turn(&r);
        const int64_t took_us = steady(NULL) - from_us, late = wall(NULL) - due_us;
        cpu_us += clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_from_us;
        busy_us = took_us > busy_us ? took_us : busy_us;
        late_us = late > late_us ? late : late_us;
    }
    (void)printf("{\"bodies\": %zu, \"scopes\": %zu, \"seconds\": %zu, \"late_s\": %.3f, "
                 "\"busy_s\": %.3f, \"cpu_s\": %.3f}\n",
                 w.bodies, w.scopes, w.seconds, (double)late_us / 1e6, (double)busy_us / 1e6,
                 (double)cpu_us / 1e6 / (double)w.seconds);
    ledger_close(r.ledger);
    keeper_free(r.keeper);
    buf_free(&r.wipe);
    return 0;
}

#include "house.h"

#include "audit/leaf.h"
#include "audit/tiles.h"
#include "audit/verify.h"
#include "base/mem.h"
#include "crypto/init.h"
#include "crypto/random.h"
#include "policy/compile.h"

#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_NAME "fedgate.test/log"

/* A message on its way. Those that were read are written again: what the house itself does
 * allocates nothing once it has enough of them. */
struct letter {
    enum ipc_type type;
    struct buf body;
    STAILQ_ENTRY(letter) next;
};
STAILQ_HEAD(post, letter);

struct house {
    int64_t wall_us, steady_us;
    struct clock clock;
    char folder[64];
    int journal, keys, audit, secret;
    struct keeper *keeper;
    struct ledger *ledger;
    struct edge *edge;
    struct buf snapshot;
    struct buf tls_pem;
    uint8_t log_key[KEY_BYTES], master_key[KEY_BYTES];
    char officer[64]; /* or empty */
    struct ledger_officer is_officer;
    struct post to_ledger, to_edge, spare;
    struct console_viewed viewed; /* what the console was told last */
};

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "house: %s\n", what);
    abort();
}

static int64_t wall(void *arg)
{
    return ((struct house *)arg)->wall_us;
}

static int64_t steady(void *arg)
{
    return ((struct house *)arg)->steady_us;
}

/* ---- post */

static struct letter *take(struct post *p)
{
    struct letter *l = STAILQ_FIRST(p);
    if (l != NULL)
        STAILQ_REMOVE_HEAD(p, next);
    return l;
}

static void post(struct house *h, struct post *p, enum ipc_type type, struct bytes body)
{
    struct letter *l = take(&h->spare);
    if (l == NULL) {
        l = mem_new(sizeof *l);
        buf_init(&l->body, CHANNEL_MESSAGE_MAX);
    }
    l->type = type;
    buf_put(&l->body, body.p, body.n);
    check(buf_status(&l->body) == RESULT_OK, "a message is too long");
    STAILQ_INSERT_TAIL(p, l, next);
}

static void put_away(struct house *h, struct letter *l)
{
    buf_clear(&l->body);
    STAILQ_INSERT_HEAD(&h->spare, l, next);
}

static void drop_all(struct house *h, struct post *p)
{
    struct letter *l;
    while ((l = take(p)) != NULL)
        put_away(h, l);
}

static void free_spare(struct house *h)
{
    struct letter *l;
    while ((l = take(&h->spare)) != NULL) {
        buf_free(&l->body);
        mem_free(l);
    }
}

static enum result ask(void *arg, enum ipc_type type, struct bytes body, enum ipc_type expected,
                       struct buf *reply)
{
    struct house *h = arg;
    const struct channel_message m = {type, body, -1};
    unsigned answer;
    if (h->keeper == NULL)
        return RESULT_UNAVAILABLE;
    buf_clear(reply);
    TRY(keeper_handle(h->keeper, &m, &answer, reply));
    return answer == (unsigned)expected ? RESULT_OK : RESULT_MISMATCH;
}

static bool find_officer(void *arg, struct bytes name, struct ledger_officer *out)
{
    const struct house *h = arg;
    *out = h->is_officer;
    return h->officer[0] != '\0' && bytes_is(name, h->officer);
}

void house_appoint(struct house *h, const char *name, const struct minisign_public *key)
{
    (void)snprintf(h->officer, sizeof h->officer, "%s", name);
    h->is_officer =
        (struct ledger_officer){.role = "records-officer", .key = *key, .reads_all = true};
}

static void emit(void *arg, enum ipc_type type, struct bytes body)
{
    struct house *h = arg;
    post(h, &h->to_edge, type, body);
}

static void tell_ledger(void *arg, enum ipc_type type, struct bytes body)
{
    struct house *h = arg;
    post(h, &h->to_ledger, type, body);
}

static void close_session(void *arg, struct session *s, const char *why)
{
    (void)arg;
    (void)why;
    session_close(s);
}

/* Nothing waits here for slow peers. */
static void withdraw(void *arg)
{
    (void)arg;
}

void house_settle(struct house *h)
{
    for (bool moved = true; moved;) {
        struct letter *l;
        moved = false;
        while (h->ledger != NULL && (l = take(&h->to_ledger)) != NULL) {
            const struct channel_message m = {l->type, buf_view(&l->body), -1};
            check(ledger_handle(h->ledger, &m) == RESULT_OK, "the ledger refused a message");
            put_away(h, l);
            moved = true;
        }
        if (h->ledger != NULL)
            check(ledger_turn(h->ledger) == RESULT_OK, "the ledger's turn failed");
        while ((l = take(&h->to_edge)) != NULL) {
            const struct channel_message m = {l->type, buf_view(&l->body), -1};
            check(edge_ledger_said(h->edge, &m) == RESULT_OK, "the edge refused a message");
            put_away(h, l);
            moved = true;
        }
    }
}

/* ---- roles */

static void start_keeper(struct house *h)
{
    struct keeper_config config = {
        .tls_key_pem = buf_view(&h->tls_pem), .log_name = LOG_NAME, .secret_fd = h->secret};
    memcpy(config.log_key, h->log_key, KEY_BYTES);
    memcpy(config.master_key, h->master_key, KEY_BYTES);
    check(keeper_new(&config, &h->keeper) == RESULT_OK, "the keeper does not start");
}

static bool mou_is_over(void *arg, struct bytes mou, int64_t now_us)
{
    const struct house *h = arg;
    return h->edge != NULL && policy_mou_is_over(edge_policy(h->edge), mou, now_us);
}

static bool has_console(void *arg, struct bytes unit)
{
    const struct house *h = arg;
    const struct policy *p = h->edge == NULL ? NULL : edge_policy(h->edge);
    const uint32_t number = p == NULL ? POLICY_NONE : policy_unit(p, unit);
    return number != POLICY_NONE && policy_unit_console(p, number) != POLICY_CONSOLE_NONE;
}

static void tell_console(void *arg, enum ipc_type type, struct bytes body)
{
    struct house *h = arg;
    struct cursor in = cursor_over(body);
    if (type == IPC_CONSOLE_BARRED)
        return; /* whom it lets in is not the house's business */
    check(type == IPC_CONSOLE_VIEWED && console_viewed_take(&in, &h->viewed) == RESULT_OK,
          "not what a console is told");
}

struct console_viewed house_view(struct house *h, const struct console_view *v)
{
    struct buf body = BUF_INIT(1 << 16);
    h->viewed = (struct console_viewed){0};
    console_view_put(v, &body);
    check(buf_status(&body) == RESULT_OK, "no view");
    check(ledger_console_view(h->ledger, buf_view(&body)) == RESULT_OK, "the view is not taken");
    check(h->viewed.ticket == 0, "a view is answered before it is on disk");
    check(ledger_turn(h->ledger) == RESULT_OK, "the ledger's turn failed");
    buf_free(&body);
    return h->viewed;
}

static void start_ledger(struct house *h)
{
    const struct ledger_config config = {.journal_folder = h->journal,
                                         .key_folder = h->keys,
                                         .audit_folder = h->audit,
                                         .segment_bytes = 1 << 20,
                                         .checkpoint_every_us = US_PER_S,
                                         .register_keep_us = 1825 * US_PER_DAY,
                                         .clock_jump_us = US_PER_HOUR,
                                         .destroy_share = 10,
                                         .log_name = LOG_NAME,
                                         .clock = h->clock,
                                         .arg = h,
                                         .ask = ask,
                                         .emit = emit,
                                         .officer = find_officer,
                                         .mou_is_over = mou_is_over,
                                         .tell_console = tell_console,
                                         .has_console = has_console};
    struct journal_fault fault;
    enum result r = ledger_open(&config, &h->ledger, &fault);
    if (r != RESULT_OK)
        (void)fprintf(stderr, "house: ledger: %s: %s\n", result_text(r), fault.text);
    check(r == RESULT_OK, "the ledger does not start");
    ledger_edge_came(h->ledger);
}

static struct policy *open_policy(const struct house *h)
{
    struct policy *p;
    check(policy_open(buf_view(&h->snapshot), &p) == RESULT_OK, "the snapshot does not open");
    return p;
}

static void start_edge(struct house *h)
{
    const struct edge_config config = {.clock = h->clock,
                                       .summary_every_us = US_PER_MINUTE,
                                       .watcher_queue = 1 << 20,
                                       .log_name = LOG_NAME,
                                       .arg = h,
                                       .tell_ledger = tell_ledger,
                                       .ask_keeper = ask,
                                       .close_session = close_session,
                                       .withdraw = withdraw};
    check(edge_new(&config, open_policy(h), &h->edge) == RESULT_OK, "the edge does not start");
    edge_ledger_came(h->edge);
}

void house_kill_ledger(struct house *h)
{
    ledger_close(h->ledger);
    h->ledger = NULL;
    drop_all(h, &h->to_ledger);
    drop_all(h, &h->to_edge);
    edge_ledger_went(h->edge);
}

void house_restart_ledger(struct house *h)
{
    if (h->ledger != NULL)
        house_kill_ledger(h);
    start_ledger(h);
    edge_ledger_came(h->edge);
    house_settle(h);
}

void house_restart_keeper(struct house *h)
{
    keeper_free(h->keeper);
    start_keeper(h);
    check(ledger_keeper_came(h->ledger) == RESULT_OK,
          "the keeper does not open the ledger's scopes");
    edge_keeper_came(h->edge);
    house_settle(h);
}

void house_restart_edge(struct house *h)
{
    drop_all(h, &h->to_ledger);
    drop_all(h, &h->to_edge);
    edge_free(h->edge);
    drop_all(h, &h->to_ledger); /* what it would have said when it was freed was never said */
    ledger_edge_went(h->ledger);
    check(ledger_turn(h->ledger) == RESULT_OK, "the ledger's turn failed");
    drop_all(h, &h->to_edge);
    ledger_edge_came(h->ledger);
    start_edge(h);
    house_settle(h);
}

/* ---- the beginning */

static void compile(struct house *h, const char *policy_folder)
{
    struct policy_sources sources = {.folder = open(policy_folder, O_RDONLY | O_DIRECTORY),
                                     .crls = -1,
                                     .draft = true,
                                     .now_us = h->wall_us};
    struct diagnose *d = diagnose_new();
    struct policy_counts counts;
    check(sources.folder >= 0, policy_folder);
    buf_free(&h->snapshot);
    if (policy_compile(&sources, d, &h->snapshot, &counts) != RESULT_OK) {
        struct buf text = BUF_INIT(1 << 20);
        diagnose_print(d, DIAGNOSE_ENGLISH, &text);
        (void)fputs(buf_c(&text), stderr);
        check(false, "the policy set has errors");
    }
    diagnose_free(d);
    (void)close(sources.folder);
}

void house_set_policy(struct house *h, const char *policy_folder)
{
    struct buf old = h->snapshot;
    h->snapshot = BUF_INIT(0);
    compile(h, policy_folder);
    edge_set_policy(h->edge, open_policy(h));
    buf_free(&old);
    house_settle(h);
}

static int make_folder(const struct house *h, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", h->folder, name);
    check(mkdir(path, 0700) == 0, "no folder");
    return open(path, O_RDONLY | O_DIRECTORY);
}

static void make_keys(struct house *h)
{
    struct wrapping_secret s = {.generation = 1};
    uint8_t sector[SECRET_SECTOR];
    random_fill(s.secret, sizeof s.secret);
    random_fill(h->log_key, sizeof h->log_key);
    random_fill(h->master_key, sizeof h->master_key);
    wrapping_secret_write(&s, sector);
    h->secret = openat(h->keys, "wrapping.secret", O_RDWR | O_CREAT, 0600);
    check(write(h->secret, sector, sizeof sector) == (ssize_t)sizeof sector, "no secret");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *out = BIO_new(BIO_s_mem());
    char *text;
    check(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1, "no TLS key");
    long n = BIO_get_mem_data(out, &text);
    buf_put(&h->tls_pem, text, (size_t)n);
    BIO_free(out);
    EVP_PKEY_free(key);
}

struct house *house_new(const char *policy_folder, int64_t wall_us)
{
    struct house *h = mem_new(sizeof *h);
    *h = (struct house){.wall_us = wall_us,
                        .steady_us = US_PER_S,
                        .folder = "/tmp/fedgate-house-XXXXXX",
                        .snapshot = BUF_INIT(0),
                        .tls_pem = BUF_INIT(8192)};
    h->clock = (struct clock){wall, steady, h};
    STAILQ_INIT(&h->to_ledger);
    STAILQ_INIT(&h->to_edge);
    STAILQ_INIT(&h->spare);
    check(crypto_init() == RESULT_OK && mkdtemp(h->folder) != NULL, "no temporary folder");
    h->journal = make_folder(h, "journal");
    h->keys = make_folder(h, "keys");
    h->audit = make_folder(h, "audit");
    make_keys(h);
    compile(h, policy_folder);
    start_keeper(h);
    start_ledger(h);
    start_edge(h);
    house_settle(h);
    return h;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void house_free(struct house *h)
{
    edge_free(h->edge);
    ledger_close(h->ledger);
    keeper_free(h->keeper);
    drop_all(h, &h->to_ledger);
    drop_all(h, &h->to_edge);
    free_spare(h);
    (void)close(h->journal);
    (void)close(h->keys);
    (void)close(h->audit);
    (void)close(h->secret);
    (void)nftw(h->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    buf_free(&h->snapshot);
    buf_free(&h->tls_pem);
    mem_free(h);
}

/* ---- time */

int64_t house_now(const struct house *h)
{
    return h->wall_us;
}

void house_set_clock(struct house *h, int64_t wall_us)
{
    h->wall_us = wall_us;
}

void house_advance(struct house *h, int64_t us)
{
    while (us > 0) {
        int64_t step = us < US_PER_S ? us : US_PER_S;
        if (us > US_PER_HOUR) /* long waits in longer steps, the last hour second by second */
            step = US_PER_MINUTE;
        h->wall_us += step;
        h->steady_us += step;
        us -= step;
        edge_tick(h->edge);
        house_settle(h);
    }
}

struct edge *house_edge(struct house *h)
{
    return h->edge;
}

struct ledger *house_ledger(struct house *h)
{
    return h->ledger;
}

const char *house_folder(const struct house *h)
{
    return h->folder;
}

/* ---- the log */

void house_each_leaf(struct house *h, void (*each)(void *arg, struct bytes leaf), void *arg)
{
    struct buf bundle = BUF_INIT(64 << 20), note = BUF_INIT(1 << 16);
    struct checkpoint c;
    check(ledger_checkpoint(h->ledger) == RESULT_OK, "no checkpoint");
    check(tiles_read_checkpoint(h->audit, &note) == RESULT_OK, "no checkpoint to read");
    struct bytes body = bytes_of(note.p, note.n);
    for (size_t i = 0; i + 1 < note.n; i++)
        if (note.p[i] == '\n' && note.p[i + 1] == '\n')
            body.n = i + 1;
    check(checkpoint_read(body, &c) == RESULT_OK, "the checkpoint cannot be read");
    for (uint64_t at = 0; at < c.size; at += TILE_WIDTH) {
        unsigned width = c.size - at >= TILE_WIDTH ? 0 : (unsigned)(c.size - at);
        buf_clear(&bundle);
        check(tiles_read(h->audit, -1, at / TILE_WIDTH, width, &bundle) == RESULT_OK, "no bundle");
        struct cursor in = cursor_over(buf_view(&bundle));
        struct bytes leaf;
        while (cursor_bytes16(&in, &leaf) == RESULT_OK)
            each(arg, leaf);
    }
    buf_free(&bundle);
    buf_free(&note);
}

struct counting {
    const char *event;
    size_t count;
};

static void count_leaf(void *arg, struct bytes leaf)
{
    struct counting *c = arg;
    char wanted[64];
    (void)snprintf(wanted, sizeof wanted, "\"event\":\"%s\"", c->event);
    c->count += c->event[0] == '\0' || memmem(leaf.p, leaf.n, wanted, strlen(wanted)) != NULL;
}

size_t house_count_leaves(struct house *h, const char *event)
{
    struct counting c = {event, 0};
    house_each_leaf(h, count_leaf, &c);
    return c.count;
}

bool house_log_verifies(struct house *h)
{
    struct hasher *hasher = hasher_new();
    struct note_key key;
    uint8_t public_key[32];
    struct verify_report report;
    check(ledger_checkpoint(h->ledger) == RESULT_OK, "no checkpoint");
    keeper_log_public_key(h->log_key, public_key);
    check(note_key_make(hasher, bytes_of_text(LOG_NAME), NOTE_KEY_ED25519, public_key, &key) ==
              RESULT_OK,
          "no key");
    const struct verify_request request = {.folder = h->audit, .key = &key, .leaves = true};
    enum result r = audit_verify(&request, &report);
    if (r != RESULT_OK)
        (void)fprintf(stderr, "house: the log does not verify: %s\n", report.fault);
    hasher_free(hasher);
    return r == RESULT_OK;
}

/*
 * A taken-over edge talks to the ledger and the keeper. The input is what it says: a step, a length
 * of two bytes, a body. Neither role may end for it; what was recorded is recovered, and the log
 * verifies.
 */
#include "fuzz.h"

#include "audit/verify.h"
#include "base/mem.h"
#include "crypto/init.h"
#include "ipc/console_road.h"
#include "ipc/keys.h"
#include "keeper/keeper.h"
#include "ledger/ledger.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <unistd.h>

#define LOG_NAME "fedgate.example/log"

enum { SEGMENT = 64 << 10, STEPS_MAX = 64, REPLY_MAX = 16 << 20 };

/* Steps besides the messages themselves. */
enum {
    STEP_TIME,   /* so many minutes pass (two bytes) */
    STEP_COMMIT, /* a COMMIT whose scopes are the keeper's own, in the place of those it names */
    STEP_EDGE,   /* another edge */
    STEP_LEDGER, /* another ledger */
    STEP_KEEPER, /* another keeper */
    STEPS
};

static const enum ipc_type to_ledger[] = {
    IPC_VIEW, IPC_COMMIT, IPC_RECEIPT_GET, IPC_SUBSCRIBE, IPC_UNSUBSCRIBE, IPC_RELEASE,
    IPC_ACK,  IPC_EVENT,  IPC_WIPED,       IPC_LOG_ASK,   IPC_ORDER_GET,   IPC_HALF_ASK};
static const enum ipc_type to_keeper[] = {IPC_EDGE_KEYS, IPC_TLS_SIGN, IPC_SCOPE_FOR,
                                          IPC_SCOPE_GET};

/* Then a request of the control socket; and a COMMIT as above, again and again with large bodies
 * and ids of its own, so that the journal grows until a snapshot is written; and a view of the
 * console. */
enum {
    STEP_CONTROL = STEPS + ARRAY_LEN(to_ledger) + ARRAY_LEN(to_keeper),
    STEP_GROW,
    STEP_VIEW,
    ALL_STEPS
};
enum { GROWS = 20, LARGE_BODY = 20 << 10 };

struct world {
    int64_t now_us;
    int journal, keys, audit, secret;
    struct keeper *keeper;
    struct ledger *ledger;
    struct buf reply;
};

static int64_t now(void *arg)
{
    return ((struct world *)arg)->now_us;
}

/* ---- the keeper */

/* The TLS key of the edge, or of the console, the same for the whole process. */
static struct bytes tls_key_pem(bool of_console)
{
    static struct buf pems[2] = {BUF_INIT(8192), BUF_INIT(8192)};
    struct buf *pem = &pems[of_console];
    char *text;
    if (pem->n > 0)
        return buf_view(pem);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *out = BIO_new(BIO_s_mem());
    HOLDS(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1);
    long n = BIO_get_mem_data(out, &text);
    buf_put(pem, text, (size_t)n);
    (void)BIO_free(out);
    EVP_PKEY_free(key);
    return buf_view(pem);
}

static void start_keeper(struct world *w)
{
    const struct keeper_config config = {.tls_key_pem = tls_key_pem(false),
                                         .log_key = "the key of a log for fuzzing...",
                                         .master_key = "the key of keys for fuzzing....",
                                         .log_name = LOG_NAME,
                                         .secret_fd = w->secret};
    HOLDS(keeper_new(&config, &w->keeper) == RESULT_OK);
    HOLDS(keeper_set_console_key(w->keeper, tls_key_pem(false)) != RESULT_OK); /* never shared */
    HOLDS(keeper_set_console_key(w->keeper, tls_key_pem(true)) == RESULT_OK);
    HOLDS(keeper_add_tls_key(w->keeper, tls_key_pem(true)) != RESULT_OK);
    keeper_drop_older_console_keys(w->keeper);
    keeper_drop_older_tls_keys(w->keeper);
}

static void make_secret(struct world *w)
{
    const struct wrapping_secret s = {1, "the secret that wraps, for fuzz."};
    uint8_t sector[SECRET_SECTOR];
    wrapping_secret_write(&s, sector);
    fuzz_file_write(w->keys, "wrapping.secret", bytes_of(sector, sizeof sector));
    w->secret = openat(w->keys, "wrapping.secret", O_RDWR | O_CLOEXEC);
    HOLDS(w->secret >= 0);
}

static enum result ask(void *arg, enum ipc_type type, struct bytes body, enum ipc_type expected,
                       struct buf *reply)
{
    struct world *w = arg;
    const struct channel_message m = {type, body, -1};
    unsigned answer;
    buf_clear(reply);
    HOLDS(keeper_handle(w->keeper, &m, &answer, reply) == RESULT_OK);
    HOLDS(answer == (unsigned)expected);
    return RESULT_OK;
}

/* ---- the ledger */

/* What the ledger says must be readable for an edge. */
static void emit(void *arg, enum ipc_type type, struct bytes body)
{
    static struct road_committed committed;
    static struct road_deliver deliver;
    struct cursor in = cursor_over(body);
    (void)arg;
    HOLDS(strcmp(ipc_type_name(type), "?") != 0 && body.n <= CHANNEL_MESSAGE_MAX);
    HOLDS(type != IPC_COMMITTED || road_committed_take(&in, &committed) == RESULT_OK);
    HOLDS(type != IPC_DELIVER || road_deliver_take(&in, &deliver) == RESULT_OK);
}

/* And for a console, whoever it is that it lets in. */
static void tell_console(void *arg, enum ipc_type type, struct bytes body)
{
    struct console_viewed viewed;
    struct cursor in = cursor_over(body);
    struct bytes subject;
    (void)arg;
    HOLDS(type == IPC_CONSOLE_VIEWED || type == IPC_CONSOLE_BARRED);
    if (type == IPC_CONSOLE_VIEWED)
        HOLDS(console_viewed_take(&in, &viewed) == RESULT_OK);
    while (type == IPC_CONSOLE_BARRED && in.left > 0)
        HOLDS(cursor_bytes16(&in, &subject) == RESULT_OK && subject.n <= CONTROL_SUBJECT_MAX);
}

static bool has_console(void *arg, struct bytes unit)
{
    (void)arg;
    return ident_split_unit(unit, NULL, NULL);
}

static void start_ledger(struct world *w)
{
    const struct ledger_config config = {.journal_folder = w->journal,
                                         .key_folder = w->keys,
                                         .audit_folder = w->audit,
                                         .segment_bytes = SEGMENT,
                                         .checkpoint_every_us = US_PER_S,
                                         .register_keep_us = 365 * US_PER_DAY,
                                         .log_name = LOG_NAME,
                                         .clock = {now, now, w},
                                         .arg = w,
                                         .ask = ask,
                                         .emit = emit,
                                         .tell_console = tell_console,
                                         .has_console = has_console};
    struct journal_fault fault;
    HOLDS(ledger_open(&config, &w->ledger, &fault) == RESULT_OK);
    ledger_edge_came(w->ledger);
}

static void turn(struct world *w)
{
    HOLDS(ledger_turn(w->ledger) == RESULT_OK);
}

static void another_edge(struct world *w)
{
    ledger_edge_went(w->ledger);
    turn(w);
    ledger_edge_came(w->ledger);
}

/* ---- what the edge says */

static void say_to_ledger(struct world *w, enum ipc_type type, struct bytes body)
{
    const struct channel_message m = {type, body, -1};
    enum result r = ledger_handle(w->ledger, &m);
    HOLDS(result_group(r) != RESULT_STOP);
    if (r != RESULT_OK) /* the channel ends */
        another_edge(w);
    turn(w);
}

static void say_to_keeper(struct world *w, enum ipc_type type, struct bytes body)
{
    const struct channel_message m = {type, body, -1};
    unsigned answer;
    buf_clear(&w->reply);
    enum result r = keeper_handle(w->keeper, &m, &answer, &w->reply);
    HOLDS(result_group(r) != RESULT_STOP && buf_status(&w->reply) == RESULT_OK);
}

/* The keeper's scope for the tuple; and its number among the commit's scopes becomes its id. */
static void make_real(struct world *w, struct road_commit *c)
{
    for (size_t i = 0; i < c->scopes; i++) {
        struct road_scope *s = &c->scope[i];
        struct keys_scope real;
        say_to_keeper(w, IPC_SCOPE_FOR, bytes_of(s->tuple, ROAD_DIGEST));
        struct cursor in = cursor_over(buf_view(&w->reply));
        HOLDS(keys_scope_take(&in, &real) == RESULT_OK && real.id != 0);
        s->id = real.id;
        s->generation = real.generation;
        memcpy(s->wrapped, real.wrapped, ROAD_WRAPPED);
    }
    for (size_t i = 0; i < c->bodies; i++)
        if (c->body[i].scope < c->scopes)
            c->body[i].scope = c->scope[c->body[i].scope].id;
    if (c->change_scope > 0 && c->change_scope <= c->scopes)
        c->change_scope = c->scope[c->change_scope - 1].id;
}

static void commit(struct world *w, struct bytes body)
{
    static struct road_commit c;
    struct cursor in = cursor_over(body);
    struct buf out = BUF_INIT(CHANNEL_MESSAGE_MAX);
    if (road_commit_take(&in, &c) != RESULT_OK)
        return;
    make_real(w, &c);
    road_commit_put(&c, &out);
    HOLDS(buf_status(&out) == RESULT_OK);
    say_to_ledger(w, IPC_COMMIT, buf_view(&out));
    buf_free(&out);
}

static void grow(struct world *w, struct bytes body)
{
    static const uint8_t large[LARGE_BODY];
    static struct road_commit c;
    struct cursor in = cursor_over(body);
    if (road_commit_take(&in, &c) != RESULT_OK)
        return;
    make_real(w, &c);
    for (size_t i = 0; i < c.bodies; i++)
        c.body[i].sealed = bytes_of(large, sizeof large);
    for (unsigned n = 0; n < GROWS; n++) {
        struct buf out = BUF_INIT(CHANNEL_MESSAGE_MAX);
        c.envelope.id.b[UUID_BYTES - 1] = (uint8_t)(0x80 | n);
        road_commit_put(&c, &out);
        if (buf_status(&out) == RESULT_OK)
            say_to_ledger(w, IPC_COMMIT, buf_view(&out));
        buf_free(&out);
    }
    w->now_us += US_PER_MINUTE;
    turn(w);
}

static void pass_time(struct world *w, struct bytes body)
{
    struct cursor in = cursor_over(body);
    w->now_us += fuzz_u16(&in) * US_PER_MINUTE;
    turn(w);
    w->now_us += US_PER_MINUTE; /* an edge that does not forget keys is not waited for */
    turn(w);
    turn(w);
}

static void another_ledger(struct world *w)
{
    ledger_close(w->ledger);
    start_ledger(w);
    turn(w);
}

static void another_keeper(struct world *w)
{
    keeper_free(w->keeper);
    start_keeper(w);
    HOLDS(ledger_keeper_came(w->ledger) == RESULT_OK);
    turn(w);
}

/* A request of the control socket: always answered. */
static void ask_control(struct world *w, struct bytes body)
{
    struct buf out = BUF_INIT(CONTROL_ANSWER_MAX);
    struct control_answer a;
    HOLDS(ledger_control(w->ledger, body, &out) == RESULT_OK);
    turn(w);
    struct cursor in = cursor_over(buf_view(&out));
    HOLDS(control_answer_take(&in, &a) == RESULT_OK);
    buf_free(&out);
}

/* What a taken-over console says, to the ledger and to the keeper, ends its channel at worst. */
static void view(struct world *w, struct bytes body)
{
    enum result r = ledger_console_view(w->ledger, body);
    HOLDS(result_group(r) != RESULT_STOP);
    if (r != RESULT_OK)
        ledger_console_went(w->ledger);
    turn(w);
    say_to_keeper(w, IPC_CONSOLE_SIGN, body);
}

static void take_step(struct world *w, size_t step, struct bytes body)
{
    switch (step) {
    case STEP_TIME: pass_time(w, body); return;
    case STEP_COMMIT: commit(w, body); return;
    case STEP_EDGE: another_edge(w); return;
    case STEP_LEDGER: another_ledger(w); return;
    case STEP_KEEPER: another_keeper(w); return;
    default: break;
    }
    if (step == STEP_CONTROL)
        ask_control(w, body);
    else if (step == STEP_GROW)
        grow(w, body);
    else if (step == STEP_VIEW)
        view(w, body);
    else if (step - STEPS < ARRAY_LEN(to_ledger))
        say_to_ledger(w, to_ledger[step - STEPS], body);
    else
        say_to_keeper(w, to_keeper[step - STEPS - ARRAY_LEN(to_ledger)], body);
}

/* ---- the end */

static void verify(struct world *w)
{
    static const uint8_t log_key[KEY_BYTES] = "the key of a log for fuzzing...";
    struct hasher *h = hasher_new();
    uint8_t public_key[SIGN_PUBLIC];
    struct note_key key;
    struct verify_report report;
    const struct verify_request request = {.folder = w->audit, .key = &key, .leaves = true};
    keeper_log_public_key(log_key, public_key);
    HOLDS(note_key_make(h, bytes_of_text(LOG_NAME), NOTE_KEY_ED25519, public_key, &key) ==
          RESULT_OK);
    HOLDS(ledger_checkpoint(w->ledger) == RESULT_OK);
    HOLDS(audit_verify(&request, &report) == RESULT_OK);
    hasher_free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(bytes_of(data, size));
    struct bytes body;
    HOLDS(crypto_init() == RESULT_OK);
    struct world w = {.now_us = FUZZ_NOW_US,
                      .journal = fuzz_folder_empty("journal"),
                      .keys = fuzz_folder_empty("keys"),
                      .audit = fuzz_folder_empty("audit"),
                      .reply = BUF_INIT(REPLY_MAX)};
    make_secret(&w);
    start_keeper(&w);
    start_ledger(&w);
    for (size_t steps = 0; in.left > 0 && steps < STEPS_MAX; steps++) {
        size_t step = fuzz_byte(&in) % ALL_STEPS;
        size_t n = fuzz_u16(&in);
        HOLDS(cursor_take(&in, n < in.left ? n : in.left, &body) == RESULT_OK);
        take_step(&w, step, body);
    }
    another_ledger(&w);
    verify(&w);
    ledger_close(w.ledger);
    keeper_free(w.keeper);
    buf_free(&w.reply);
    HOLDS(close(w.journal) == 0 && close(w.keys) == 0 && close(w.audit) == 0 &&
          close(w.secret) == 0);
    return 0;
}

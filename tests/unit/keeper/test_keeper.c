#include "support.h"

#include "audit/note.h"
#include "crypto/seal.h"
#include "crypto/tls_key.h"

#include <errno.h>
#include <sys/syscall.h>

static bool disk_fails; /* what was written does not stay */

int fsync(int fd)
{
    errno = EIO;
    return disk_fails ? -1 : (int)syscall(SYS_fsync, fd);
}

/* ---- starting */

static void a_keeper_without_a_whole_secret_or_key_does_not_start(void **state)
{
    (void)state;
    struct bench b;
    struct keeper *k;
    bench_init(&b);
    struct keeper_config config = b.config;
    config.tls_key_pem = bytes_of_text("no key");
    assert_int_equal(keeper_new(&config, &k), RESULT_MALFORMED);
    assert_int_equal(ftruncate(b.config.secret_fd, SECRET_SECTOR - 1), 0);
    assert_int_equal(keeper_new(&b.config, &k), RESULT_DAMAGED);
    assert_int_equal(ftruncate(b.config.secret_fd, 0), 0);
    assert_int_equal(keeper_new(&b.config, &k), RESULT_DAMAGED);
    write_secret(&b, 1);
    assert_int_equal(pwrite(b.config.secret_fd, "x", 1, 20), 1);
    assert_int_equal(keeper_new(&b.config, &k), RESULT_DAMAGED);
    config = b.config;
    config.secret_fd = -1;
    assert_int_equal(keeper_new(&config, &k), RESULT_IO);
    bench_free(&b);
}

static void what_is_no_question_ends_the_channel(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        size_t n; /* bytes of zeros */
    } cases[] = {{IPC_EDGE_KEYS, 1},
                 {IPC_LEDGER_KEYS, 1},
                 {IPC_TLS_SIGN, 31},
                 {IPC_SCOPE_FOR, 31},
                 {IPC_SCOPE_FOR, 33},
                 {IPC_SCOPE_GET, 7},
                 {IPC_SCOPE_GET, 9},
                 {IPC_SCOPES_ADOPT, KEYS_SLOT_BYTES},
                 {IPC_SCOPES_LOAD, 1},
                 {IPC_SCOPES_REWRAP, 7},
                 {IPC_SCOPES_DOOM, 3},
                 {IPC_SCOPES_DOOM, 5},
                 {IPC_SCOPES_REWRAP, 9},
                 {IPC_SECRET_ROTATE, 1},
                 {IPC_SECRET_ROTATE, 0}, /* nothing was wrapped again */
                 {IPC_CHECKPOINT_SIGN, 39},
                 {IPC_CHECKPOINT_SIGN, 41},
                 {IPC_COMMIT, 0},
                 {IPC_TLS_SIGNED, 0},
                 {0, 0}};
    static const uint8_t zeros[KEYS_SLOT_BYTES];
    struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(
            result_group(ask(&b, (enum ipc_type)cases[i].type, bytes_of(zeros, cases[i].n))),
            RESULT_REFUSE);
    bench_free(&b);
}

/* ---- TLS */

static struct bytes certificate_verify(uint8_t room[TLS_KEY_ID + 200], const uint8_t id[TLS_KEY_ID])
{
    static const char context[] = "TLS 1.3, server CertificateVerify";
    memcpy(room, id, TLS_KEY_ID);
    memset(room + TLS_KEY_ID, 0x20, 64);
    memcpy(room + TLS_KEY_ID + 64, context, sizeof context);
    memset(room + TLS_KEY_ID + 64 + sizeof context, 0xab, 32);
    return bytes_of(room, TLS_KEY_ID + 64 + sizeof context + 32);
}

static void id_of(const struct buf *pem, uint8_t out[TLS_KEY_ID])
{
    struct tls_key *k;
    assert_int_equal(tls_key_read(buf_view(pem), &k), RESULT_OK);
    tls_key_id(k, out);
    tls_key_free(k);
}

static void a_handshake_is_signed_with_the_key_it_names(void **state)
{
    (void)state;
    struct bench b;
    struct buf renewed = BUF_INIT(8192);
    uint8_t id[2][TLS_KEY_ID], room[TLS_KEY_ID + 200];
    bench_init(&b);
    new_pem(&renewed);
    assert_int_equal(keeper_add_tls_key(b.k, buf_view(&renewed)), RESULT_OK);
    id_of(&b.pem, id[0]);
    id_of(&renewed, id[1]);
    for (size_t i = 0; i < 2; i++) {
        struct bytes body = certificate_verify(room, id[i]);
        BIO *in =
            BIO_new_mem_buf(i == 0 ? b.pem.p : renewed.p, (int)(i == 0 ? b.pem.n : renewed.n));
        EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
        EVP_MD_CTX *c = EVP_MD_CTX_new();
        assert_int_equal(ask(&b, IPC_TLS_SIGN, body), RESULT_OK);
        assert_int_equal(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(
            EVP_DigestVerify(c, b.reply.p, b.reply.n, body.p + TLS_KEY_ID, body.n - TLS_KEY_ID), 1);
        EVP_MD_CTX_free(c);
        EVP_PKEY_free(key);
        BIO_free(in);
    }
    buf_free(&renewed);
    bench_free(&b);
}

static void an_unknown_key_or_any_other_text_gets_an_empty_answer(void **state)
{
    (void)state;
    struct bench b;
    uint8_t id[TLS_KEY_ID], room[TLS_KEY_ID + 200];
    bench_init(&b);
    id_of(&b.pem, id);
    id[31] ^= 1;
    assert_int_equal(ask(&b, IPC_TLS_SIGN, certificate_verify(room, id)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    id[31] ^= 1;
    struct bytes body = certificate_verify(room, id);
    room[TLS_KEY_ID + 64 + 9] = 'c'; /* a client's */
    assert_int_equal(ask(&b, IPC_TLS_SIGN, body), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    assert_int_equal(ask(&b, IPC_TLS_SIGN, bytes_of(id, TLS_KEY_ID)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    bench_free(&b);
}

static bool signs_for(struct bench *b, enum ipc_type type, const uint8_t id[TLS_KEY_ID])
{
    uint8_t room[TLS_KEY_ID + 200];
    assert_int_equal(ask(b, type, certificate_verify(room, id)), RESULT_OK);
    return b->reply.n > 0;
}

/* Whoever took the console over could speak for the gateway else. */
static void the_consoles_key_signs_for_the_console_alone_and_the_edges_for_the_edge(void **state)
{
    (void)state;
    struct bench b;
    struct buf console = BUF_INIT(8192);
    uint8_t edge_id[TLS_KEY_ID], console_id[TLS_KEY_ID];
    bench_init(&b);
    new_pem(&console);
    id_of(&b.pem, edge_id);
    id_of(&console, console_id);
    assert_false(signs_for(&b, IPC_CONSOLE_SIGN, console_id)); /* it has none yet */
    assert_int_equal(keeper_set_console_key(b.k, buf_view(&console)), RESULT_OK);
    assert_true(signs_for(&b, IPC_CONSOLE_SIGN, console_id));
    assert_false(signs_for(&b, IPC_CONSOLE_SIGN, edge_id));
    assert_false(signs_for(&b, IPC_TLS_SIGN, console_id));
    assert_true(signs_for(&b, IPC_TLS_SIGN, edge_id));
    assert_int_equal(keeper_set_console_key(b.k, buf_view(&b.pem)), RESULT_EXISTS);
    assert_int_equal(keeper_add_tls_key(b.k, buf_view(&console)), RESULT_EXISTS);
    assert_false(signs_for(&b, IPC_CONSOLE_SIGN, edge_id));
    assert_false(signs_for(&b, IPC_TLS_SIGN, console_id));
    buf_free(&console);
    bench_free(&b);
}

static void the_consoles_key_before_signs_until_it_is_dropped(void **state)
{
    (void)state;
    struct bench b;
    struct buf pem[2] = {BUF_INIT(8192), BUF_INIT(8192)};
    uint8_t id[2][TLS_KEY_ID];
    bench_init(&b);
    for (size_t i = 0; i < 2; i++) {
        new_pem(&pem[i]);
        id_of(&pem[i], id[i]);
        assert_int_equal(keeper_set_console_key(b.k, buf_view(&pem[i])), RESULT_OK);
    }
    assert_true(signs_for(&b, IPC_CONSOLE_SIGN, id[0]) && signs_for(&b, IPC_CONSOLE_SIGN, id[1]));
    keeper_drop_older_tls_keys(b.k); /* which are others */
    assert_true(signs_for(&b, IPC_CONSOLE_SIGN, id[0]));
    keeper_drop_older_console_keys(b.k);
    assert_false(signs_for(&b, IPC_CONSOLE_SIGN, id[0]));
    assert_true(signs_for(&b, IPC_CONSOLE_SIGN, id[1]));
    for (size_t i = 0; i < 2; i++)
        buf_free(&pem[i]);
    bench_free(&b);
}

/* Another key than those before; `id` tells it. */
static void add_key(struct bench *b, uint8_t id[TLS_KEY_ID])
{
    struct buf pem = BUF_INIT(8192);
    new_pem(&pem);
    id_of(&pem, id);
    assert_int_equal(keeper_add_tls_key(b->k, buf_view(&pem)), RESULT_OK);
    buf_free(&pem);
}

static bool signs_with(struct bench *b, const uint8_t id[TLS_KEY_ID])
{
    return signs_for(b, IPC_TLS_SIGN, id);
}

static void the_oldest_key_that_is_not_in_use_makes_room(void **state)
{
    (void)state;
    struct bench b;
    uint8_t in_use[TLS_KEY_ID], id[4][TLS_KEY_ID];
    bench_init(&b);
    id_of(&b.pem, in_use);
    for (size_t i = 0; i < 4; i++)
        add_key(&b, id[i]);
    assert_true(signs_with(&b, in_use)); /* however often a renewal is refused */
    assert_false(signs_with(&b, id[0]));
    for (size_t i = 1; i < 4; i++)
        assert_true(signs_with(&b, id[i]));
    assert_int_equal(keeper_add_tls_key(b.k, bytes_of_text("no key")), RESULT_MALFORMED);
    assert_true(signs_with(&b, id[3]));
    bench_free(&b);
}

static void keys_before_the_one_in_use_are_dropped(void **state)
{
    (void)state;
    struct bench b;
    uint8_t first[TLS_KEY_ID], second[TLS_KEY_ID], third[TLS_KEY_ID];
    bench_init(&b);
    id_of(&b.pem, first);
    add_key(&b, second);
    keeper_drop_older_tls_keys(b.k); /* the first is in use still */
    assert_true(signs_with(&b, first) && signs_with(&b, second));
    keeper_use_newest_tls_key(b.k);
    add_key(&b, third); /* on trial when the time of the first is over */
    assert_true(signs_with(&b, first));
    keeper_drop_older_tls_keys(b.k);
    assert_false(signs_with(&b, first));
    assert_true(signs_with(&b, second) && signs_with(&b, third));
    bench_free(&b);
}

static void a_key_that_comes_again_is_the_newest_and_pushes_nobody_out(void **state)
{
    (void)state;
    struct bench b;
    uint8_t first[TLS_KEY_ID], second[TLS_KEY_ID];
    bench_init(&b);
    id_of(&b.pem, first);
    add_key(&b, second);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(keeper_add_tls_key(b.k, buf_view(&b.pem)), RESULT_OK);
    assert_true(signs_with(&b, first) && signs_with(&b, second));
    keeper_use_newest_tls_key(b.k);
    keeper_drop_older_tls_keys(b.k);
    assert_true(signs_with(&b, first));
    assert_false(signs_with(&b, second));
    bench_free(&b);
}

/* ---- keys derived from the master key */

static void edge_and_ledger_get_different_keys_the_same_at_every_start(void **state)
{
    (void)state;
    struct bench b;
    uint8_t tags[KEY_BYTES], public_key[32];
    struct keys_ledger first, second;
    bench_init(&b);
    assert_int_equal(ask(&b, IPC_EDGE_KEYS, bytes_of(NULL, 0)), RESULT_OK);
    assert_int_equal(b.reply.n, KEY_BYTES);
    memcpy(tags, b.reply.p, KEY_BYTES);
    assert_int_equal(ask(&b, IPC_LEDGER_KEYS, bytes_of(NULL, 0)), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&b.reply));
    assert_int_equal(keys_ledger_take(&in, &first), RESULT_OK);
    bench_restart(&b);
    assert_int_equal(ask(&b, IPC_LEDGER_KEYS, bytes_of(NULL, 0)), RESULT_OK);
    in = cursor_over(buf_view(&b.reply));
    assert_int_equal(keys_ledger_take(&in, &second), RESULT_OK);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(first.generation, 1);
    assert_memory_not_equal(first.mac_key, tags, KEY_BYTES);
    assert_memory_not_equal(first.mac_key, b.config.master_key, KEY_BYTES);
    assert_memory_not_equal(tags, b.config.master_key, KEY_BYTES);
    keeper_log_public_key(b.config.log_key, public_key);
    assert_memory_equal(first.log_public_key, public_key, sizeof public_key);
    bench_free(&b);
}

/* ---- scopes */

static struct keys_scope scope_for(struct bench *b, const char *tuple)
{
    uint8_t room[ROAD_DIGEST] = {0};
    struct keys_scope s;
    memcpy(room, tuple, strlen(tuple));
    assert_int_equal(ask(b, IPC_SCOPE_FOR, bytes_of(room, sizeof room)), RESULT_OK);
    struct cursor in = cursor_over(buf_view(&b->reply));
    assert_int_equal(keys_scope_take(&in, &s), RESULT_OK);
    return s;
}

static struct keys_scope scope_get(struct bench *b, uint64_t id)
{
    struct buf body = BUF_INIT(8);
    struct keys_scope s;
    buf_u64(&body, id);
    assert_int_equal(ask(b, IPC_SCOPE_GET, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    struct cursor in = cursor_over(buf_view(&b->reply));
    assert_int_equal(keys_scope_take(&in, &s), RESULT_OK);
    return s;
}

/* The slot that a ledger makes of a scope for this tuple. */
static struct keys_slot slot_of(const struct keys_scope *s, const char *tuple)
{
    struct keys_slot slot = {.id = s->id, .generation = s->generation};
    memcpy(slot.tuple, tuple, strlen(tuple));
    memcpy(slot.wrapped, s->wrapped, ROAD_WRAPPED);
    return slot;
}

/* Whether the keeper takes the slot for what it made. */
static bool takes(struct bench *b, enum ipc_type how, const struct keys_slot *slot)
{
    struct buf body = BUF_INIT(KEYS_SLOT_BYTES);
    uint64_t refused;
    keys_slot_put(slot, &body);
    assert_int_equal(ask(b, how, buf_view(&body)), RESULT_OK);
    buf_free(&body);
    struct cursor in = cursor_over(buf_view(&b->reply));
    if (in.left == 0)
        return true;
    assert_int_equal(cursor_u64(&in, &refused), RESULT_OK);
    assert_int_equal(refused, slot->id);
    assert_int_equal(in.left, 0);
    return false;
}

static void a_scope_is_given_with_its_key_and_wrapped_for_the_ledger(void **state)
{
    (void)state;
    struct bench b;
    uint8_t secret[KEY_BYTES], key[KEY_BYTES];
    bench_init(&b);
    struct keys_scope s = scope_for(&b, "t"), again = scope_get(&b, s.id);
    assert_memory_equal(&s, &again, sizeof s);
    memset(secret, 's', sizeof secret);
    assert_int_equal(seal_unwrap(secret, s.id, s.wrapped, key), RESULT_OK);
    assert_memory_equal(key, s.key, KEY_BYTES);
    assert_int_equal(scope_get(&b, s.id + 1).id, 0);
    bench_free(&b);
}

static void scopes_come_back_through_the_ledger(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct keys_scope s = scope_for(&b, "t");
    const struct keys_slot slot = slot_of(&s, "t");
    bench_restart(&b);
    assert_true(takes(&b, IPC_SCOPES_LOAD, &slot));
    assert_memory_equal(scope_get(&b, s.id).key, s.key, KEY_BYTES);
    assert_int_equal(scope_for(&b, "t").id, s.id);
    bench_free(&b);
}

/* It would give out a second scope for a tuple that has one, and call a living key gone. */
static void a_keeper_that_was_not_loaded_answers_nothing_about_scopes(void **state)
{
    (void)state;
    static const uint8_t tuple[ROAD_DIGEST];
    struct bench b;
    bench_init(&b);
    struct keys_scope s = scope_for(&b, "t");
    struct keys_slot slot = slot_of(&s, "t");
    bench_restart(&b);
    assert_int_equal(ask(&b, IPC_SCOPE_FOR, bytes_of(tuple, sizeof tuple)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    assert_int_equal(ask(&b, IPC_SCOPE_GET, bytes_of(tuple, 8)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    assert_int_equal(ask(&b, IPC_SCOPES_LOAD, bytes_of("?", 1)), RESULT_END);
    assert_int_equal(ask(&b, IPC_SCOPE_GET, bytes_of(tuple, 8)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    assert_true(takes(&b, IPC_SCOPES_LOAD, &slot));
    assert_int_equal(scope_get(&b, s.id).id, s.id);
    assert_int_equal(ask(&b, IPC_SCOPES_LOAD, bytes_of("?", 1)),
                     RESULT_END); /* nor one that failed */
    assert_int_equal(ask(&b, IPC_SCOPE_GET, bytes_of(tuple, 8)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    bench_free(&b);
}

/* A compromised edge once had garbage committed as a wrapped key: the next destruction ended the
 * keeper, and no ledger started any more. */
static void only_what_the_keeper_itself_wrapped_is_adopted(void **state)
{
    (void)state;
    for (unsigned restarted = 0; restarted < 2; restarted++) {
        struct bench b;
        bench_init(&b);
        struct keys_scope s = scope_for(&b, "t");
        if (restarted)
            bench_restart(&b);
        struct keys_slot good = slot_of(&s, "t"), bad = good;
        bad.wrapped[3] ^= 1;
        assert_false(takes(&b, IPC_SCOPES_ADOPT, &bad));
        bad = good;
        bad.generation++;
        assert_false(takes(&b, IPC_SCOPES_ADOPT, &bad));
        bad = good;
        bad.id++;
        assert_false(takes(&b, IPC_SCOPES_ADOPT, &bad));
        assert_true(takes(&b, IPC_SCOPES_ADOPT, &good));
        bad = good;
        bad.tuple[0] ^= 1;
        assert_false(takes(&b, IPC_SCOPES_ADOPT, &bad));
        assert_true(takes(&b, IPC_SCOPES_ADOPT, &good));
        bench_free(&b);
    }
}

static void the_key_of_a_scope_that_is_known_is_not_replaced(void **state)
{
    (void)state;
    struct bench b;
    uint8_t secret[KEY_BYTES], key[KEY_BYTES];
    bench_init(&b);
    struct keys_scope s = scope_for(&b, "t");
    struct keys_slot other = slot_of(&s, "t");
    memset(secret, 's', sizeof secret);
    memcpy(key, s.key, sizeof key);
    key[0] ^= 1;
    seal_wrap(secret, s.id, key, other.wrapped);
    assert_false(takes(&b, IPC_SCOPES_ADOPT, &other));
    assert_memory_equal(scope_get(&b, s.id).key, s.key, KEY_BYTES);
    bench_free(&b);
}

static void a_ledger_that_loads_again_brings_all_there_is(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct keys_scope gone = scope_for(&b, "gone"), s = scope_for(&b, "t");
    const struct keys_slot slot = slot_of(&s, "t");
    assert_true(takes(&b, IPC_SCOPES_LOAD, &slot));
    assert_int_equal(scope_get(&b, s.id).id, s.id);
    assert_int_equal(scope_get(&b, gone.id).id, 0);
    bench_free(&b);
}

/* ---- destruction */

static enum result rewrap(struct bench *b, uint64_t doomed, uint64_t survivor)
{
    struct buf body = BUF_INIT(64);
    buf_u32(&body, doomed != 0);
    if (doomed != 0)
        buf_u64(&body, doomed);
    buf_u32(&body, survivor != 0);
    if (survivor != 0)
        buf_u64(&body, survivor);
    enum result r = ask(b, IPC_SCOPES_REWRAP, buf_view(&body));
    buf_free(&body);
    return r;
}

/* The one slot of a rewrap's answer. */
static struct keys_slot rewrapped(const struct bench *b, uint64_t expected_generation)
{
    struct cursor in = cursor_over(buf_view(&b->reply));
    struct keys_slot slot;
    uint64_t generation;
    assert_int_equal(cursor_u64(&in, &generation), RESULT_OK);
    assert_int_equal(generation, expected_generation);
    assert_int_equal(keys_slot_take(&in, &slot), RESULT_OK);
    assert_int_equal(in.left, 0);
    assert_int_equal(slot.generation, generation);
    return slot;
}

static void a_rotation_keeps_the_survivors_and_nobody_opens_the_rest_again(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct keys_scope keep = scope_for(&b, "keep"), end = scope_for(&b, "end");
    const struct keys_slot old_end = slot_of(&end, "end"), old_keep = slot_of(&keep, "keep");
    assert_int_equal(rewrap(&b, end.id, keep.id), RESULT_OK);
    const struct keys_slot slot = rewrapped(&b, 2);
    assert_int_equal(scope_get(&b, end.id).id, 0); /* from now on */
    assert_int_not_equal(scope_for(&b, "end").id, end.id);
    assert_memory_equal(scope_get(&b, keep.id).key, keep.key, KEY_BYTES);
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_OK);
    assert_memory_equal(scope_get(&b, keep.id).key, keep.key, KEY_BYTES);
    assert_int_equal(scope_get(&b, keep.id).generation, 2);
    bench_restart(&b);
    assert_false(takes(&b, IPC_SCOPES_LOAD, &old_end));
    assert_false(takes(&b, IPC_SCOPES_LOAD, &old_keep));
    assert_true(takes(&b, IPC_SCOPES_LOAD, &slot));
    assert_memory_equal(scope_get(&b, keep.id).key, keep.key, KEY_BYTES);
    bench_free(&b);
}

static void what_is_doomed_is_given_to_nobody(void **state)
{
    (void)state;
    struct bench b;
    struct buf body = BUF_INIT(64);
    bench_init(&b);
    const struct keys_scope end = scope_for(&b, "end"), keep = scope_for(&b, "keep");
    buf_u32(&body, 2);
    buf_u64(&body, end.id);
    buf_u64(&body, 4711); /* not here: it need not be */
    assert_int_equal(ask(&b, IPC_SCOPES_DOOM, buf_view(&body)), RESULT_OK);
    assert_int_equal(b.reply.n, 0);
    assert_int_equal(scope_get(&b, end.id).id, 0);
    assert_int_not_equal(scope_for(&b, "end").id, end.id);
    assert_int_equal(scope_for(&b, "keep").id, keep.id);
    const struct keys_slot slot = slot_of(&end, "end");
    assert_false(takes(&b, IPC_SCOPES_ADOPT, &slot)); /* nor taken again */
    buf_free(&body);
    bench_free(&b);
}

static void the_old_secret_is_not_in_its_file_any_more(void **state)
{
    (void)state;
    struct bench b;
    uint8_t file[2 * SECRET_SECTOR], old[KEY_BYTES];
    bench_init(&b);
    assert_int_equal(rewrap(&b, 0, 0), RESULT_OK);
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_OK);
    memset(old, 's', sizeof old);
    ssize_t n = pread(b.config.secret_fd, file, sizeof file, 0);
    assert_int_equal(n, SECRET_SECTOR);
    assert_null(memmem(file, (size_t)n, old, 4));
    bench_free(&b);
}

static void before_the_rotation_a_crash_destroys_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct keys_scope end = scope_for(&b, "end");
    const struct keys_slot slot = slot_of(&end, "end");
    assert_int_equal(rewrap(&b, end.id, 0), RESULT_OK);
    bench_restart(&b);
    assert_true(takes(&b, IPC_SCOPES_LOAD, &slot));
    assert_memory_equal(scope_get(&b, end.id).key, end.key, KEY_BYTES);
    bench_free(&b);
}

static void a_secret_that_cannot_be_overwritten_ends_the_keeper(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    int fd = openat(b.folder.fd, "wrapping.secret", O_RDONLY | O_CLOEXEC);
    (void)close(b.config.secret_fd);
    b.config.secret_fd = fd;
    bench_restart(&b);
    assert_int_equal(rewrap(&b, 0, 0), RESULT_OK);
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_IO);
    bench_free(&b);
}

static void a_secret_that_may_not_have_reached_the_disk_ends_it_too(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(rewrap(&b, 0, 0), RESULT_OK);
    disk_fails = true;
    const enum result r = ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0));
    disk_fails = false;
    assert_int_equal(r, RESULT_IO);
    bench_free(&b);
}

static void what_was_wrapped_again_comes_into_force_once(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_int_equal(rewrap(&b, 0, 0), RESULT_OK);
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_OK);
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_MALFORMED);
    bench_free(&b);
}

/* The rest of an answer that failed could once be put in force. */
static void a_rewrap_that_failed_or_was_overtaken_is_not_put_in_force(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    uint64_t known = scope_for(&b, "t").id;
    assert_int_equal(rewrap(&b, 0, known + 1), RESULT_NOT_FOUND);
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_MALFORMED);
    assert_int_equal(rewrap(&b, known, known), RESULT_NOT_FOUND); /* doomed and a survivor */
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_MALFORMED);
    assert_int_equal(rewrap(&b, 0, 0), RESULT_OK);
    assert_int_equal(ask(&b, IPC_SCOPES_LOAD, bytes_of(NULL, 0)), RESULT_OK); /* a new ledger */
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_MALFORMED);
    bench_free(&b);
}

static void a_count_that_the_message_does_not_hold_is_refused(void **state)
{
    (void)state;
    static const uint8_t lies[] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1};
    struct bench b;
    bench_init(&b);
    assert_int_equal(ask(&b, IPC_SCOPES_REWRAP, bytes_of(lies, sizeof lies)), RESULT_END);
    bench_free(&b);
}

/* Every id makes an answer twelve times as long; it was once cut off and sent. */
static void an_answer_longer_than_a_message_is_not_cut_off(void **state)
{
    (void)state;
    enum { COUNT = CHANNEL_MESSAGE_MAX / 80 }; /* of 96 bytes each */
    struct bench b;
    struct buf body = BUF_INIT(CHANNEL_MESSAGE_MAX);
    bench_init(&b);
    uint64_t id = scope_for(&b, "t").id;
    buf_u32(&body, 0);
    buf_u32(&body, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        buf_u64(&body, id);
    assert_int_equal(ask(&b, IPC_SCOPES_REWRAP, buf_view(&body)), RESULT_TOO_LARGE);
    buf_free(&body);
    bench_free(&b);
}

static void a_scope_that_no_ledger_committed_goes_with_the_next_rotation(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    uint64_t never = scope_for(&b, "never").id;
    assert_int_equal(rewrap(&b, 0, 0), RESULT_OK);
    assert_int_equal(ask(&b, IPC_SECRET_ROTATE, bytes_of(NULL, 0)), RESULT_OK);
    assert_int_equal(scope_get(&b, never).id, 0);
    assert_int_not_equal(scope_for(&b, "never").id, never);
    bench_free(&b);
}

/* ---- the log */

/* Whether the keeper signed; its signature is checked. */
static bool signs(struct bench *b, uint64_t size, uint8_t root)
{
    struct keys_checkpoint asked = {.size = size};
    struct buf body = BUF_INIT(256), text = BUF_INIT(4096);
    uint8_t public_key[32];
    memset(asked.root, root, ROAD_DIGEST);
    keys_checkpoint_put(&asked, &body);
    assert_int_equal(ask(b, IPC_CHECKPOINT_SIGN, buf_view(&body)), RESULT_OK);
    struct checkpoint c = {.origin = bytes_of_text(LOG_NAME), .size = size};
    memcpy(c.root.b, asked.root, ROAD_DIGEST);
    checkpoint_put(&c, &text);
    keeper_log_public_key(b->config.log_key, public_key);
    bool signature = b->reply.n == SIGN_SIGNATURE;
    assert_true(signature || b->reply.n == 0);
    if (signature)
        assert_int_equal(sign_check(public_key, buf_view(&text), b->reply.p), RESULT_OK);
    buf_free(&body);
    buf_free(&text);
    return signature;
}

static void a_log_that_grows_is_signed(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_true(signs(&b, 0, 'e'));
    assert_true(signs(&b, 1, 'a'));
    assert_true(signs(&b, 1, 'a'));
    assert_true(signs(&b, 300, 'b'));
    bench_free(&b);
}

static void a_log_that_shrinks_or_forks_is_not(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    assert_true(signs(&b, 300, 'b'));
    assert_false(signs(&b, 299, 'a'));
    assert_false(signs(&b, 300, 'c'));
    assert_false(signs(&b, 0, 'b'));
    assert_true(signs(&b, 300, 'b')); /* a refusal changes nothing */
    assert_true(signs(&b, 301, 'd'));
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_keeper_without_a_whole_secret_or_key_does_not_start),
        cmocka_unit_test(what_is_no_question_ends_the_channel),
        cmocka_unit_test(a_handshake_is_signed_with_the_key_it_names),
        cmocka_unit_test(the_consoles_key_signs_for_the_console_alone_and_the_edges_for_the_edge),
        cmocka_unit_test(the_consoles_key_before_signs_until_it_is_dropped),
        cmocka_unit_test(an_unknown_key_or_any_other_text_gets_an_empty_answer),
        cmocka_unit_test(the_oldest_key_that_is_not_in_use_makes_room),
        cmocka_unit_test(keys_before_the_one_in_use_are_dropped),
        cmocka_unit_test(a_key_that_comes_again_is_the_newest_and_pushes_nobody_out),
        cmocka_unit_test(edge_and_ledger_get_different_keys_the_same_at_every_start),
        cmocka_unit_test(a_scope_is_given_with_its_key_and_wrapped_for_the_ledger),
        cmocka_unit_test(scopes_come_back_through_the_ledger),
        cmocka_unit_test(a_keeper_that_was_not_loaded_answers_nothing_about_scopes),
        cmocka_unit_test(only_what_the_keeper_itself_wrapped_is_adopted),
        cmocka_unit_test(the_key_of_a_scope_that_is_known_is_not_replaced),
        cmocka_unit_test(a_ledger_that_loads_again_brings_all_there_is),
        cmocka_unit_test(a_rotation_keeps_the_survivors_and_nobody_opens_the_rest_again),
        cmocka_unit_test(what_is_doomed_is_given_to_nobody),
        cmocka_unit_test(the_old_secret_is_not_in_its_file_any_more),
        cmocka_unit_test(before_the_rotation_a_crash_destroys_nothing),
        cmocka_unit_test(a_secret_that_cannot_be_overwritten_ends_the_keeper),
        cmocka_unit_test(a_secret_that_may_not_have_reached_the_disk_ends_it_too),
        cmocka_unit_test(what_was_wrapped_again_comes_into_force_once),
        cmocka_unit_test(a_rewrap_that_failed_or_was_overtaken_is_not_put_in_force),
        cmocka_unit_test(a_count_that_the_message_does_not_hold_is_refused),
        cmocka_unit_test(an_answer_longer_than_a_message_is_not_cut_off),
        cmocka_unit_test(a_scope_that_no_ledger_committed_goes_with_the_next_rotation),
        cmocka_unit_test(a_log_that_grows_is_signed),
        cmocka_unit_test(a_log_that_shrinks_or_forks_is_not),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

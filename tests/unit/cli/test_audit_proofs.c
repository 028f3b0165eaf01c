/* fedgatectl audit prove, verify-proof, checkpoint, export, keygen, cosign and reconcile. */
#include "desk.h"

#include "audit/pruned.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int run(const struct desk *d, const char *line)
{
    return desk_run(d, cli_audit_commands, "audit", line);
}

/* ---- prove */

static int run_checker(const struct desk *d, const char *proof, const char *witness)
{
    return desk_check(d, "--proof", proof, witness);
}

static void a_proof_is_made_and_checked_offline(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 600);
    assert_int_equal(run(&d, "prove --log % --key @/key --entry @/entry 299"), CLI_OK);
    keep(&d, "proof");
    assert_int_equal(run(&d, "verify-proof --key @/key @/proof"), CLI_OK);
    assert_says(printed.out,
                "entry 299 stands in " LOG_NAME ", under its checkpoint of 600 entries\n");
    assert_says(printed.out, "\"event\":\"session-opened\",\"index\":299,");
    assert_int_equal(run(&d, "verify-proof --key @/key --entry @/entry @/proof"), CLI_OK);
    assert_int_equal(run_checker(&d, "proof", NULL), 0);
    close_desk(&d);
}

static void a_proof_of_something_else_proves_nothing(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 600);
    assert_int_equal(run(&d, "prove --log % --key @/key --entry @/entry 299"), CLI_OK);
    keep(&d, "proof");
    put(&d, "other", "{\"event\":\"received\"}\n");
    assert_int_equal(run(&d, "verify-proof --key @/key --entry @/other @/proof"), CLI_NO);
    assert_says(printed.err, "proves nothing: the entry does not stand at that index");
    file_flip(&d.files, "proof");
    assert_int_equal(run(&d, "verify-proof --key @/key --entry @/entry @/proof"), CLI_NO);
    put(&d, "proof", "no proof\n");
    assert_int_equal(run(&d, "verify-proof --key @/key @/proof"), CLI_NO);
    assert_says(printed.err, "it is no proof (C2SP tlog-proof)");
    close_desk(&d);
}

static void what_cannot_be_proved_is_said(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 300);
    assert_int_equal(run(&d, "prove --log % --key @/key 300"), CLI_NO);
    assert_says(printed.err, "there is no entry 300: the log has 300");
    assert_int_equal(run(&d, "prove --log % --key @/key 1x"), CLI_USAGE);
    assert_int_equal(run(&d, "prove --log % 1"), CLI_USAGE);
    assert_int_equal(run(&d, "verify-proof --key @/key"), CLI_USAGE);
    assert_int_equal(run(&d, "verify-proof --key @/key @/none"), CLI_FAILED);
    file_flip(&d.b, "tile/0/000");
    assert_int_equal(run(&d, "prove --log % --key @/key 3"), CLI_NO);
    assert_says(printed.err, "\"audit verify\" tells where the log is wrong");
    close_desk(&d);
}

/* ---- checkpoint */

static void a_checkpoint_is_kept_and_replaced_by_one_that_holds_it(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 300);
    assert_int_equal(run(&d, "checkpoint --log % --key @/key --save @/saved"), CLI_OK);
    assert_says(printed.out, LOG_NAME ": 300 entries, root ");
    add_hours(&d.b, 800);
    assert_int_equal(run(&d, "checkpoint --log % --key @/key --save @/saved"), CLI_OK);
    assert_int_equal(run(&d, "verify --log % --key @/key --old @/saved"), CLI_OK);
    close_desk(&d);
}

static void what_was_saved_stays_when_the_log_does_not_hold_it(void **state)
{
    (void)state;
    struct desk d, forked;
    struct buf before = BUF_INIT(4000), after = BUF_INIT(4000);
    open_desk(&d, 300);
    assert_int_equal(run(&d, "checkpoint --log % --key @/key --save @/saved"), CLI_OK);
    file_get(&d.files, "saved", &before);
    open_desk(&forked, 0);
    log_append_to(&forked.b, 400);
    log_publish(&forked.b);
    file_put(&forked.files, "saved", buf_view(&before));
    assert_int_equal(run(&forked, "checkpoint --log % --key @/key --save @/saved"), CLI_NO);
    assert_says(printed.err, "saved stays as it is: checkpoint: its tree does not hold the one of "
                             "300 entries");
    file_get(&forked.files, "saved", &after);
    assert_true(bytes_equal(buf_view(&before), buf_view(&after)));
    buf_free(&before);
    buf_free(&after);
    close_desk(&forked);
    close_desk(&d);
}

/* Half of it stayed under the name, and was never replaced: it "is not a signed note". */
static void a_checkpoint_that_found_no_room_leaves_nothing_behind(void **state)
{
    (void)state;
    struct desk d;
    struct rlimit before;
    open_desk(&d, 300);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {150, before.rlim_max}; /* less than the note */
    void (*was)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int code = run(&d, "checkpoint --log % --key @/key --save @/saved");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, was);
    assert_int_equal(code, CLI_FAILED);
    assert_says(printed.err, "saved: File too large");
    assert_false(is_there(&d, "saved"));
    assert_int_equal(run(&d, "checkpoint --log % --key @/key --save @/saved"), CLI_OK);
    close_desk(&d);
}

/* ---- export */

static void a_whole_copy_verifies_and_is_never_written_over(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 700);
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_OK);
    assert_says(printed.out, "700 of 700 entries of " LOG_NAME ", verified");
    assert_int_equal(run(&d, "verify --log @/copy --key @/key --entries"), CLI_OK);
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_FAILED);
    assert_says(printed.err, "File exists");
    close_desk(&d);
}

/* Entry i is of the i-th hour: the days from the 21st hour on take the second bundle. */
static void a_copy_of_some_time_is_as_provable_as_the_whole(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 700);
    assert_int_equal(run(&d, "export --log % --key @/key --from 2025-12-02T10:00:00+09:00 "
                             "--until 2025-12-03T10:00:00+09:00 --to @/copy"),
                     CLI_OK);
    assert_says(printed.out, "256 of 700 entries");
    assert_true(is_there(&d, "copy/tile/entries/001"));
    assert_false(is_there(&d, "copy/tile/entries/000"));
    assert_int_equal(run(&d, "verify --log @/copy --key @/key"), CLI_NO);
    assert_int_equal(run(&d, "verify --log @/copy --key @/key --partial --entries"), CLI_OK);
    assert_says(printed.out, "444 of them are not in this copy");
    assert_int_equal(run(&d, "prove --log @/copy --key @/key 300"), CLI_OK);
    assert_int_equal(run(&d, "show --log @/copy --format jsonl"), CLI_OK);
    assert_says(printed.out, "\"index\":256,");
    assert_says(printed.err, "444 of 700 entries are not in this copy of the log");
    close_desk(&d);
}

static void a_changed_hash_in_a_copy_of_some_time_is_found(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 700);
    assert_int_equal(run(&d, "export --log % --key @/key --until 2025-11-22 --to @/copy"), CLI_OK);
    assert_int_equal(run(&d, "verify --log @/copy --key @/key --partial"), CLI_OK);
    file_flip(&d.files, "copy/tile/0/001");
    assert_int_equal(run(&d, "verify --log @/copy --key @/key --partial"), CLI_NO);
    assert_says(printed.err, "tile/1/000.p/2: hash 1 is not that of the tile below");
    close_desk(&d);
}

/* Every third entry is committed to a fact. */
static void open_desk_with_facts(struct desk *d, uint64_t size)
{
    static const uint8_t digest[LEAF_COMMITMENT] = {1};
    open_desk(d, 0);
    while (tiles_size(d->b.tiles) < size) {
        uint64_t at = tiles_size(d->b.tiles);
        char fact[32];
        struct leaf leaf = {.event = AUDIT_RELEASED, .fact = at % 3 == 0 ? digest : NULL};
        (void)snprintf(fact, sizeof fact, "sealed %llu", (unsigned long long)at);
        if (leaf.fact != NULL)
            tiles_append_fact(d->b.tiles, bytes_of_text(fact));
        add(&d->b, &leaf, (int64_t)at);
    }
    log_publish(&d->b);
}

static void what_the_register_keeps_of_the_entries_goes_along_sealed(void **state)
{
    (void)state;
    struct desk d;
    open_desk_with_facts(&d, 700);
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_OK);
    assert_true(is_there(&d, "copy/register/000"));
    assert_true(is_there(&d, "copy/register/002.p/188"));
    assert_int_equal(run(&d, "verify --log @/copy --key @/key"), CLI_OK);
    assert_int_equal(run(&d, "export --log % --key @/key --from 2025-12-02T10:00:00+09:00 "
                             "--until 2025-12-03T10:00:00+09:00 --to @/some"),
                     CLI_OK);
    assert_false(is_there(&d, "some/register/000"));
    assert_true(is_there(&d, "some/register/001"));
    assert_int_equal(run(&d, "verify --log @/some --key @/key --partial"), CLI_OK);
    close_desk(&d);
}

/* The checkpoint is older than the files beside it: of these the front belongs to it. */
static void a_log_that_grows_meanwhile_gives_the_register_as_the_checkpoint_has_it(void **state)
{
    (void)state;
    struct desk d;
    struct buf old = BUF_INIT(4096);
    open_desk_with_facts(&d, 400);
    file_get(&d.b, "checkpoint", &old);
    while (tiles_size(d.b.tiles) < 600) {
        struct leaf leaf = {.event = AUDIT_SESSION_OPENED, .source = W("city/centre")};
        add(&d.b, &leaf, (int64_t)tiles_size(d.b.tiles));
    }
    log_publish(&d.b);
    file_put(&d.b, "checkpoint", buf_view(&old));
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_OK);
    assert_true(is_there(&d, "copy/register/001.p/144"));
    buf_free(&old);
    close_desk(&d);
}

static void a_file_of_the_register_that_is_changed_or_gone_is_found_and_named(void **state)
{
    (void)state;
    struct desk d;
    open_desk_with_facts(&d, 700);
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_OK);
    file_flip(&d.files, "copy/register/001");
    assert_int_equal(run(&d, "verify --log @/copy --key @/key"), CLI_NO);
    assert_says(printed.err, "register/001: not the file that register.sha256 lists");
    file_flip(&d.files, "copy/register/001");
    assert_int_equal(run(&d, "verify --log @/copy --key @/key"), CLI_OK);
    assert_int_equal(unlinkat(d.files.folder.fd, "copy/register/002.p/188", 0), 0);
    assert_int_equal(run(&d, "verify --log @/copy --key @/key"), CLI_NO);
    assert_says(printed.err, "register/002.p/188: not the facts that the entries are committed to");
    assert_int_equal(unlinkat(d.b.folder.fd, "register/000", 0), 0);
    assert_int_equal(run(&d, "export --log % --key @/key --to @/again"), CLI_NO);
    assert_false(is_there(&d, "again/checkpoint"));
    close_desk(&d);
}

static void a_log_that_does_not_verify_is_not_called_exported(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 700);
    file_flip(&d.b, "tile/entries/001");
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_NO);
    assert_says(printed.err, "is not whole: the input does not follow its format; \"audit verify\" "
                             "tells where the log is wrong");
    assert_false(is_there(&d, "copy/checkpoint"));
    file_flip(&d.b, "tile/entries/001");
    file_flip(&d.b, "tile/0/001");
    assert_int_equal(run(&d, "export --log % --key @/key --to @/again"), CLI_NO);
    assert_says(printed.err, "does not: tile/0/001: entry 384 does not have the hash it says");
    close_desk(&d);
}

/* Auditors could be given no copy any more once old entries had gone. */
static void a_log_that_let_entries_go_is_exported_with_the_statement(void **state)
{
    (void)state;
    static const char statement[] = "act: prune\nsubject: entries before 256\n";
    struct desk d;
    open_desk(&d, 700);
    int folder = d.b.folder.fd;
    assert_int_equal(pruned_write(folder, W(statement), W("signature")), RESULT_OK);
    assert_int_equal(pruned_forget(folder, 0), RESULT_OK);
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_OK);
    assert_says(printed.out, "444 of 700 entries of " LOG_NAME ", verified");
    assert_true(is_there(&d, "copy/pruned") && is_there(&d, "copy/pruned.minisig"));
    assert_int_equal(run(&d, "verify --log @/copy --key @/key --partial --entries"), CLI_OK);
    assert_int_equal(run(&d, "export --log @/copy --key @/key --to @/another"), CLI_OK);
    assert_int_equal(pruned_forget(folder, 1), RESULT_OK); /* of which the statement says nothing */
    assert_int_equal(run(&d, "export --log % --key @/key --to @/third"), CLI_NO);
    assert_says(printed.err, "is not whole");
    close_desk(&d);
}

/* ---- a folder that somebody else made */

static void make_pipe(const struct desk *d, const char *name)
{
    assert_int_equal(unlinkat(d->b.folder.fd, name, 0), 0);
    assert_int_equal(mkfifoat(d->b.folder.fd, name, 0600), 0);
}

/* The tools waited for ever for somebody to write into it. */
static void a_pipe_in_a_log_is_not_waited_for(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d, 700);
    (void)alarm(60);
    make_pipe(&d, "tile/0/001");
    assert_int_equal(run(&d, "verify --log % --key @/key"), CLI_NO);
    assert_says(printed.err, "tile/0/001: the tile has not its size");
    make_pipe(&d, "tile/entries/000");
    assert_int_equal(run(&d, "show --log %"), CLI_FAILED);
    assert_int_equal(run(&d, "prove --log % --key @/key 3"), CLI_FAILED);
    make_pipe(&d, "checkpoint");
    assert_int_equal(run(&d, "verify --log % --key @/key"), CLI_NO);
    assert_int_equal(run(&d, "checkpoint --log % --key @/key"), CLI_FAILED);
    (void)alarm(0);
    close_desk(&d);
}

/* Its size alone kept the tools looking for entries until the end of days. */
static void a_checkpoint_of_more_entries_than_there_can_be_is_not_believed(void **state)
{
    (void)state;
    struct desk d;
    static const char text[] = LOG_NAME "\n9223372036854775807\n"
                                        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
                                        "\xe2\x80\x94 " LOG_NAME " AAAAAAAA\n";
    open_desk(&d, 700);
    file_put(&d.b, "checkpoint", W(text));
    (void)alarm(60);
    assert_int_equal(run(&d, "show --log % --format jsonl"), CLI_FAILED);
    assert_says(printed.err, "the log cannot be read beyond entry 511: ");
    (void)alarm(0);
    close_desk(&d);
}

/* Whoever made the log would be handed with the copy what the auditor alone may read. */
static void a_link_in_a_log_leads_nowhere(void **state)
{
    (void)state;
    struct desk d;
    char target[300];
    open_desk(&d, 700);
    put(&d, "secret", "the auditor's own");
    (void)snprintf(target, sizeof target, "%s/secret", d.files.folder.path);
    assert_int_equal(symlinkat(target, d.b.folder.fd, "witness-00000000"), 0);
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_FAILED);
    assert_false(is_there(&d, "copy/witness-00000000") || is_there(&d, "copy/checkpoint"));
    close_desk(&d);
}

/* ---- keygen and cosign */

static const char cosign[] = "cosign --log % --log-key @/key --key @/w.key --state @/state";

static void begin_witness(struct desk *d, uint64_t size)
{
    char line[200];
    open_desk(d, size);
    assert_int_equal(run(d, "keygen --key @/w.key --name npa.example/witness"), CLI_OK);
    assert_true(is_there(d, "w.vkey"));
    (void)snprintf(line, sizeof line, "%s --begin", cosign);
    assert_int_equal(run(d, line), CLI_OK);
}

static void a_witness_confirms_and_others_can_check_it(void **state)
{
    (void)state;
    struct desk d;
    struct buf vkey = BUF_INIT(400), cosigned = BUF_INIT(4000);
    begin_witness(&d, 300);
    add_hours(&d.b, 700);
    assert_int_equal(run(&d, cosign), CLI_OK);
    buf_text(&cosigned, printed.out);
    assert_int_equal(tiles_publish(d.b.tiles, buf_view(&cosigned)), RESULT_OK);
    assert_int_equal(run(&d, "checkpoint --log % --key @/key --witness @/w.vkey"), CLI_OK);
    assert_says(printed.out, "witness npa.example/witness: confirmed ");
    assert_int_equal(run(&d, "prove --log % --key @/key 17"), CLI_OK);
    keep(&d, "proof");
    assert_int_equal(run(&d, "verify-proof --key @/key --witness @/w.vkey @/proof"), CLI_OK);
    file_get(&d.files, "w.vkey", &vkey);
    vkey.n--;
    assert_int_equal(run_checker(&d, "proof", buf_c(&vkey)), 0);
    buf_free(&vkey);
    buf_free(&cosigned);
    close_desk(&d);
}

static void a_proof_without_the_witness_asked_for_is_not_enough(void **state)
{
    (void)state;
    struct desk d;
    begin_witness(&d, 300);
    assert_int_equal(run(&d, "prove --log % --key @/key 17"), CLI_OK);
    keep(&d, "proof");
    assert_int_equal(run(&d, "verify-proof --key @/key --witness @/w.vkey @/proof"), CLI_NO);
    assert_says(printed.out, "witness npa.example/witness: has not confirmed this checkpoint");
    assert_int_equal(run(&d, "checkpoint --log % --key @/key --witness @/w.vkey"), CLI_NO);
    assert_says(printed.out, "witness npa.example/witness: has confirmed nothing");
    assert_int_equal(run(&d, "verify-proof --key @/key --witness @/key @/proof"), CLI_FAILED);
    assert_says(printed.err, "this is no verifier key of a witness");
    close_desk(&d);
}

/* As the gateway keeps it: witness-KEYID, beside the tiles. */
static void put_confirmed(const struct desk *d, const char *note)
{
    struct buf vkey = BUF_INIT(400);
    char name[64];
    file_get(&d->files, "w.vkey", &vkey);
    (void)snprintf(name, sizeof name, "witness-%.8s", strchr(buf_c(&vkey), '+') + 1);
    file_put(&d->b, name, W(note));
    buf_free(&vkey);
}

static void what_a_witness_confirmed_last_is_shown_and_exported(void **state)
{
    (void)state;
    struct desk d;
    begin_witness(&d, 300);
    put_confirmed(&d, printed.out);
    add_hours(&d.b, 700);
    assert_int_equal(run(&d, "checkpoint --log % --key @/key --witness @/w.vkey"), CLI_OK);
    assert_says(printed.out, LOG_NAME ": 700 entries");
    assert_says(printed.out, "witness npa.example/witness: confirmed 300 entries on ");
    assert_int_equal(run(&d, "export --log % --key @/key --to @/copy"), CLI_OK);
    assert_int_equal(run(&d, "checkpoint --log @/copy --key @/key --witness @/w.vkey"), CLI_OK);
    assert_says(printed.out, "confirmed 300 entries on ");
    close_desk(&d);
}

static void a_log_that_does_not_hold_what_a_witness_confirmed_is_told(void **state)
{
    (void)state;
    struct desk d, forked;
    begin_witness(&d, 300);
    open_desk(&forked, 0);
    log_append_to(&forked.b, 400);
    log_publish(&forked.b);
    struct buf key = BUF_INIT(400);
    file_get(&d.files, "w.vkey", &key);
    file_put(&forked.files, "w.vkey", buf_view(&key));
    put_confirmed(&forked, printed.out);
    assert_int_equal(run(&forked, "checkpoint --log % --key @/key --witness @/w.vkey"), CLI_NO);
    assert_says(printed.out, "the log was rewritten or forked");
    buf_free(&key);
    close_desk(&forked);
    close_desk(&d);
}

/* The file of a signed checkpoint is there before the signature is: what was seen survives. */
static void a_witness_never_signs_a_log_that_shrank_or_was_forked(void **state)
{
    (void)state;
    struct desk d;
    struct buf small = BUF_INIT(4000);
    begin_witness(&d, 300);
    file_get(&d.b, "checkpoint", &small);
    add_hours(&d.b, 700);
    assert_int_equal(run(&d, cosign), CLI_OK);
    file_put(&d.b, "checkpoint", buf_view(&small));
    assert_int_equal(run(&d, cosign), CLI_NO);
    assert_string_equal(printed.out, "");
    assert_says(printed.err, "not signed: checkpoint: the log is smaller than it was");
    assert_true(is_there(&d, "state/refused-300"));
    struct tree_hash root = tiles_root(d.b.tiles);
    root.b[3] ^= 1;
    buf_clear(&small);
    log_note(&d.b, LOG_NAME, 700, root, &small);
    file_put(&d.b, "checkpoint", buf_view(&small));
    assert_int_equal(run(&d, cosign), CLI_NO);
    assert_says(printed.err, "the log was forked");
    buf_free(&small);
    close_desk(&d);
}

static void a_witness_without_its_state_signs_nothing(void **state)
{
    (void)state;
    struct desk d;
    char line[200];
    begin_witness(&d, 300);
    (void)snprintf(line, sizeof line, "%s --begin", cosign);
    assert_int_equal(run(&d, line), CLI_FAILED);
    assert_says(printed.err, "there is a state already");
    file_put(&d.files, "state/checkpoint", W("damaged\n"));
    assert_int_equal(run(&d, cosign), CLI_FAILED);
    assert_says(printed.err, "the checkpoint signed last: it is not a signed note");
    file_put(&d.files, "state/checkpoint", W(""));
    assert_int_equal(run(&d, cosign), CLI_FAILED);
    assert_says(printed.err, "nothing is signed without it");
    assert_int_equal(unlinkat(d.files.folder.fd, "state/checkpoint", 0), 0);
    assert_int_equal(run(&d, cosign), CLI_FAILED);
    assert_says(printed.err, "no checkpoint was signed yet");
    assert_string_equal(printed.out, "");
    close_desk(&d);
}

/* Nothing is signed that cannot be kept. */
static void a_state_that_cannot_be_written_ends_the_signing(void **state)
{
    (void)state;
    struct desk d;
    begin_witness(&d, 300);
    add_hours(&d.b, 700);
    assert_int_equal(mkdirat(d.files.folder.fd, "state/checkpoint.new", 0700), 0);
    assert_int_equal(run(&d, cosign), CLI_FAILED);
    assert_says(printed.err, "what was seen cannot be kept, so nothing is signed");
    assert_string_equal(printed.out, "");
    close_desk(&d);
}

static void keys_are_never_overwritten(void **state)
{
    (void)state;
    struct desk d;
    begin_witness(&d, 1);
    assert_int_equal(run(&d, "keygen --key @/w.key --name npa.example/witness"), CLI_FAILED);
    assert_int_equal(run(&d, "keygen --key @/x.key --name a+b"), CLI_FAILED);
    assert_says(printed.err, "is no name for a witness");
    put(&d, "w.key", "PRIVATE+KEY+a+00000000+AAAA\n");
    assert_int_equal(run(&d, cosign), CLI_FAILED);
    assert_says(printed.err, "this is no secret key of a witness");
    close_desk(&d);
}

/* ---- reconcile */

static const uint8_t commitment[LEAF_COMMITMENT] = "the commitment of a message 123";
#define HEX "74686520636f6d6d69746d656e74206f662061206d6573736167652031323300"

static void add_message(struct log_bench *b, enum audit_event event, const char *id,
                        const char *source, const char *unit)
{
    struct leaf_recipient r = {.unit = W(unit), .reason = W("permitted")};
    struct leaf leaf = {.event = event,
                        .id = W(id),
                        .kind = W("video_request"),
                        .source = W(source),
                        .recipient = &r,
                        .recipients = 1,
                        .commitment = commitment};
    add(b, &leaf, 0);
}

/* The police sent two messages, and got one. */
static void open_exchange(struct desk *d)
{
    open_desk(d, 0);
    add_message(&d->b, AUDIT_RECEIVED, ID "1", "npa/112", "city/centre"); /* 0 */
    add_message(&d->b, AUDIT_RELEASED, ID "1", "npa/112", "city/centre"); /* 1 */
    add_message(&d->b, AUDIT_RECEIVED, ID "2", "npa/patrol", "fire/119"); /* 2 */
    add_message(&d->b, AUDIT_RELEASED, ID "3", "city/centre", "npa/112"); /* 3 */
    add_message(&d->b, AUDIT_RECEIVED, ID "4", "fire/119", "city/centre");
    log_publish(&d->b);
}

static int reconcile(struct desk *d, const char *list)
{
    put(d, "list", list);
    return run(d, "reconcile --party npa --lang en % @/list");
}

static void a_list_that_says_the_same_reconciles(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "{\"direction\":\"sent\",\"id\":\"" ID "1\"}\n"
        "{\"direction\":\"sent\",\"index\":2,\"commitment\":\"" HEX "\"}\n\n"
        "{\"direction\":\"received\",\"id\":\"" ID "3\",\"index\":3}\n",
        "\xef\xbb\xbf"
        "note,direction,index,id,commitment\r\n"
        "\"a \"\"quoted\"\", note\",sent,0,,\r\n"
        ",sent,," ID "2," HEX "\r\n"
        ",received,3," ID "3,dGhlIGNvbW1pdG1lbnQgb2YgYSBtZXNzYWdlIDEyMwA=",
        "{\"id\":\"" ID "1\",\"verdict\":\"VERDICT_ACCEPTED\",\"record\":{\"origin\":\"" LOG_NAME
        "\"}}\n"
        "{\"id\":\"" ID "2\",\"verdict\":\"VERDICT_ACCEPTED\",\"record\":{\"origin\":\"" LOG_NAME
        "\",\"index\":\"2\"}}\n"
        "{\"message\":{\"header\":{\"id\":\"" ID "3\"}},\"record\":{\"origin\":\"" LOG_NAME
        "\",\"index\":\"3\"}}\n"
        "{\"id\":\"" ID "9\",\"verdict\":\"VERDICT_ACCEPTED\",\"record\":{\"origin\":\"seoul/"
        "log\",\"index\":\"2\"}}\n",
    };
    struct desk d;
    open_exchange(&d);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (reconcile(&d, lists[i]) != CLI_OK)
            fail_msg("%s%s", printed.out, printed.err);
        assert_string_equal(printed.out, "3 in the list, 3 in the log: 0 not in the log, 0 not in "
                                         "the list, 0 with other content\n");
    }
    assert_says(printed.err, "1 lines are about other logs");
    close_desk(&d);
}

static void what_one_has_and_the_other_lacks_is_shown(void **state)
{
    (void)state;
    struct desk d;
    open_exchange(&d);
    assert_int_equal(reconcile(&d, "direction,id,index,commitment\n"
                                   "sent," ID "1,0,\n"
                                   "sent," ID "7,,\n" /* never came */
                                   "received," ID "3,3," HEX "\n"
                                   "received," ID "4,,\n"), /* another's */
                     CLI_NO);
    assert_says(printed.out, "not in the log   sent       " ID "7");
    assert_says(printed.out, "line 3\n");
    assert_says(printed.out, "not in the log   received   " ID "4");
    assert_says(printed.out, "not in the list  sent       " ID "2  2      2025-11-21 10:00:00  "
                             "video_request  npa/patrol\n");
    assert_says(printed.out, "2 not in the log, 1 not in the list, 0 with other content");
    assert_int_equal(run(&d, "reconcile --party npa --format jsonl % @/list"), CLI_NO);
    assert_says(printed.out, "{\"direction\":\"sent\",\"id\":\"" ID
                             "2\",\"index\":2,\"what\":\"list-lacks\"}\n");
    assert_int_equal(run(&d, "reconcile --party npa --lang ko % @/list"), CLI_NO);
    assert_says(printed.out, "목록에 없음");
    close_desk(&d);
}

static void an_id_of_the_log_breaks_no_line_of_json(void **state)
{
    (void)state;
    struct desk d;
    struct leaf leaf = {
        .event = AUDIT_RECEIVED, .source = W("npa/112"), .id = W("a\",\"index\":9,\"")};
    open_exchange(&d);
    add(&d.b, &leaf, 0);
    log_publish(&d.b);
    put(&d, "list", "direction,id,index,commitment\nsent," ID "1,0,\n");
    assert_int_equal(run(&d, "reconcile --party npa --format jsonl % @/list"), CLI_NO);
    assert_says(printed.out, "\"id\":\"a\\\",\\\"index\\\":9,\\\"\",");
    close_desk(&d);
}

static void other_content_is_shown(void **state)
{
    (void)state;
    struct desk d;
    open_exchange(&d);
    assert_int_equal(
        reconcile(&d, "{\"direction\":\"sent\",\"id\":\"" ID "1\",\"commitment\":\""
                      "00686520636f6d6d69746d656e74206f662061206d6573736167652031323300\"}\n"
                      "{\"direction\":\"sent\",\"id\":\"" ID "5\",\"index\":2}\n"
                      "{\"direction\":\"received\",\"id\":\"" ID "3\"}\n"),
        CLI_NO);
    assert_says(printed.out, "0 not in the log, 0 not in the list, 2 with other content");
    close_desk(&d);
}

/* Who holds a message and its salt can show that it is the one in the log. */
static void a_message_opens_the_commitment_of_its_entry(void **state)
{
    (void)state;
    static const char salt[] = "3131313131313131313131313131313131313131313131313131313131313131";
    struct desk d;
    uint8_t opened[LEAF_COMMITMENT];
    char line[300];
    const struct bytes part[] = {W("11111111111111111111111111111111"), W("the message")};
    open_desk(&d, 0);
    hasher_sha256(d.b.hasher, part, 2, opened);
    struct leaf leaf = {.event = AUDIT_RECEIVED, .source = W("npa/112"), .commitment = opened};
    add(&d.b, &leaf, 0);
    log_publish(&d.b);
    put(&d, "message", "the message");
    put(&d, "other", "another message");
    assert_int_equal(run(&d, "prove --log % --key @/key 0"), CLI_OK);
    keep(&d, "proof");
    (void)snprintf(line, sizeof line,
                   "verify-proof --key @/key --bytes @/message --salt %s @/proof", salt);
    assert_int_equal(run(&d, line), CLI_OK);
    assert_says(printed.out, "message is what the entry is committed to\n");
    assert_int_equal(run(&d, "verify-proof --key @/key --bytes @/message --salt "
                             "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE= @/proof"),
                     CLI_OK);
    (void)snprintf(line, sizeof line, "verify-proof --key @/key --bytes @/other --salt %s @/proof",
                   salt);
    assert_int_equal(run(&d, line), CLI_NO);
    assert_says(printed.out, "other is not what the entry is committed to\n");
    assert_int_equal(run(&d, "verify-proof --key @/key --bytes @/message --salt x @/proof"),
                     CLI_FAILED);
    assert_int_equal(run(&d, "verify-proof --key @/key --bytes @/message @/proof"), CLI_USAGE);
    close_desk(&d);
}

static void the_time_and_the_unit_narrow_the_log(void **state)
{
    (void)state;
    struct desk d;
    open_exchange(&d);
    put(&d, "list", "direction,id\n");
    assert_int_equal(run(&d, "reconcile --party npa/patrol --lang en % @/list"), CLI_NO);
    assert_says(printed.out, "0 in the list, 1 in the log");
    assert_int_equal(run(&d, "reconcile --party npa --until 2025-11-21 % @/list"), CLI_OK);
    close_desk(&d);
}

static void lists_of_another_shape_are_refused_with_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *list, *error;
    } row[] = {
        {"what,ever\n", ":1: the first line of a CSV list names its columns"},
        {"direction,id\nsent,x\n", ":2: id is a UUID in lower case"},
        {"direction,id\nup," ID "1\n", ":2: direction is \"sent\" or \"received\""},
        {"direction,id\n," ID "1\n", ":2: there is no direction"},
        {"direction,id\nsent,\n", ":2: there is neither an id nor an index"},
        {"direction,index\nsent,1.5\n", ":2: index is the number of a log entry"},
        {"direction,index,commitment\nsent,1,abc\n", ":2: commitment is a SHA-256"},
        {"{\"direction\":\"sent\",\"index\":0}\n{\n", ":2: "},
        {"{\"direction\":\"sent\",\"index\":-1}\n", ":1: a value is neither"},
    };
    struct desk d;
    open_exchange(&d);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        assert_int_equal(reconcile(&d, row[i].list), CLI_FAILED);
        assert_says(printed.err, row[i].error);
        assert_string_equal(printed.out, "");
    }
    assert_int_equal(run(&d, "reconcile % @/list"), CLI_USAGE);
    assert_int_equal(run(&d, "reconcile --party npa --format xml % @/list"), CLI_USAGE);
    close_desk(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_is_made_and_checked_offline),
        cmocka_unit_test(a_proof_of_something_else_proves_nothing),
        cmocka_unit_test(what_cannot_be_proved_is_said),
        cmocka_unit_test(a_checkpoint_is_kept_and_replaced_by_one_that_holds_it),
        cmocka_unit_test(what_was_saved_stays_when_the_log_does_not_hold_it),
        cmocka_unit_test(a_checkpoint_that_found_no_room_leaves_nothing_behind),
        cmocka_unit_test(a_whole_copy_verifies_and_is_never_written_over),
        cmocka_unit_test(a_copy_of_some_time_is_as_provable_as_the_whole),
        cmocka_unit_test(a_changed_hash_in_a_copy_of_some_time_is_found),
        cmocka_unit_test(what_the_register_keeps_of_the_entries_goes_along_sealed),
        cmocka_unit_test(a_log_that_grows_meanwhile_gives_the_register_as_the_checkpoint_has_it),
        cmocka_unit_test(a_file_of_the_register_that_is_changed_or_gone_is_found_and_named),
        cmocka_unit_test(a_log_that_does_not_verify_is_not_called_exported),
        cmocka_unit_test(a_log_that_let_entries_go_is_exported_with_the_statement),

        cmocka_unit_test(a_pipe_in_a_log_is_not_waited_for),
        cmocka_unit_test(a_checkpoint_of_more_entries_than_there_can_be_is_not_believed),
        cmocka_unit_test(a_link_in_a_log_leads_nowhere),
        cmocka_unit_test(a_witness_confirms_and_others_can_check_it),
        cmocka_unit_test(a_proof_without_the_witness_asked_for_is_not_enough),
        cmocka_unit_test(what_a_witness_confirmed_last_is_shown_and_exported),
        cmocka_unit_test(a_log_that_does_not_hold_what_a_witness_confirmed_is_told),
        cmocka_unit_test(a_witness_never_signs_a_log_that_shrank_or_was_forked),
        cmocka_unit_test(a_witness_without_its_state_signs_nothing),
        cmocka_unit_test(a_state_that_cannot_be_written_ends_the_signing),
        cmocka_unit_test(keys_are_never_overwritten),
        cmocka_unit_test(a_list_that_says_the_same_reconciles),
        cmocka_unit_test(what_one_has_and_the_other_lacks_is_shown),
        cmocka_unit_test(an_id_of_the_log_breaks_no_line_of_json),
        cmocka_unit_test(other_content_is_shown),
        cmocka_unit_test(a_message_opens_the_commitment_of_its_entry),
        cmocka_unit_test(the_time_and_the_unit_narrow_the_log),
        cmocka_unit_test(lists_of_another_shape_are_refused_with_the_line),
    };
    return cmocka_run_group_tests(tests, start_crypto, NULL);
}

/* fedgatectl destruction try-open: whether a record can still be opened with all that the gateway
 * has, step by step. */
#include "cli/destruction.h"

#include "attempt/attempt.h"
#include "cli/report_tools.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const struct report_column columns[] = {{"step", {"step", "단계"}},
                                               {"what", {"what was tried", "시도한 것"}},
                                               {"result", {"what came of it", "결과"}}};

struct trying {
    const char *log, *data, *keys, *urgent, *format;
    bool korean;
    struct attempt_files files;
    struct chain *chain;
    struct attempt done;
    struct report_table *table;
    unsigned step;
};

/* ---- the steps, as rows */

static void row(struct trying *t, const char *what, const char *result)
{
    table_number(t->table, ++t->step);
    table_text(t->table, what);
    table_text(t->table, result);
}

static void say_log(struct trying *t)
{
    struct buf text = BUF_INIT(1024);
    char what[64];
    (void)snprintf(what, sizeof what,
                   t->korean ? "감사 기록, 기록 %" PRIu64 : "audit log, record %" PRIu64,
                   t->chain->record);
    chain_say(t->chain, t->korean, &text);
    row(t, what, buf_c(&text));
    buf_free(&text);
}

static void say_files(struct trying *t)
{
    const struct attempt *a = &t->done;
    char what[96], result[96];
    (void)snprintf(result, sizeof result,
                   t->korean ? "유효한 비밀값의 세대: %" PRIu64
                             : "generation %" PRIu64 " is in force",
                   a->generation);
    row(t, t->korean ? "키를 감싸는 비밀값(wrapping.secret)" : "wrapping secret (wrapping.secret)",
        result);
    (void)snprintf(what, sizeof what,
                   t->korean ? "저널: 확인한 레코드 %" PRIu64 "건"
                             : "journal: %" PRIu64 " records verified",
                   a->records);
    row(t, what,
        a->found    ? (t->korean ? "이 기록이 있음" : "the record is there")
        : t->korean ? "이 기록이 없음: 해당 구획이 폐기됨"
                    : "the record is not there: its segment was retired");
}

static void say_bytes(struct trying *t, const struct attempt_copy *c)
{
    char what[96], result[96];
    (void)snprintf(what, sizeof what,
                   t->korean ? "키 %" PRIu64 "로 봉인한 내용"
                             : "body sealed under key scope %" PRIu64,
                   c->scope);
    (void)snprintf(result, sizeof result, t->korean ? "%" PRIu64 "바이트" : "%" PRIu64 " bytes",
                   c->bytes);
    row(t, what, c->bytes > 0 ? result : t->korean ? "없음" : "gone");
}

static void say_key(struct trying *t, const struct attempt_copy *c)
{
    char what[128], result[160];
    (void)snprintf(what, sizeof what,
                   t->korean ? "키 파일(slots.0, slots.1), 키 %" PRIu64
                             : "key file (slots.0, slots.1), key scope %" PRIu64,
                   c->scope);
    row(t, what,
        c->has_slot ? (t->korean ? "감싼 키가 있음" : "its key is there, wrapped")
        : t->korean ? "이 키의 자리가 없음"
                    : "it has no slot");
    (void)snprintf(what, sizeof what,
                   t->korean ? "키 %" PRIu64 ": 키 파일과 저널의 %" PRIu64 "곳"
                             : "key scope %" PRIu64 ": %" PRIu64 " places of key file and journal",
                   c->scope, c->wrapped);
    (void)snprintf(result, sizeof result,
                   t->korean ? "세대 %" PRIu64
                               "의 비밀값으로 열리는 것이 없음: 이전 비밀값은 덮어써졌음"
                             : "none opens under the secret of generation %" PRIu64
                               ": those before it were overwritten",
                   t->done.generation);
    row(t, what, c->has_key ? (t->korean ? "키가 열림" : "the key opens") : result);
}

static void say_body(struct trying *t, const struct attempt_copy *c)
{
    char what[96], result[128];
    (void)snprintf(what, sizeof what, t->korean ? "내용, 키 %" PRIu64 : "body, key scope %" PRIu64,
                   c->scope);
    (void)snprintf(result, sizeof result,
                   t->korean ? "열림: %" PRIu64 "바이트(내용은 표시하지 않음)"
                             : "OPENED: %" PRIu64 " bytes, which are not shown",
                   c->opened);
    row(t, what,
        c->opened > 0 ? result
        : !c->has_key ? (t->korean ? "키가 없어 열 수 없음" : "cannot be opened: there is no key")
        : c->bytes == 0 ? (t->korean ? "열 내용이 없음" : "there is nothing to open")
        : t->korean     ? "열리지 않음"
                        : "does not open");
}

static void say_all(struct trying *t)
{
    static const char *const title[2] = {"An attempt to open the record", "기록을 열려는 시도"};
    t->table = table_new("attempt", title, columns, ARRAY_LEN(columns), t->korean);
    say_log(t);
    say_files(t);
    for (size_t i = 0; i < t->done.copies; i++) {
        say_bytes(t, &t->done.copy[i]);
        say_key(t, &t->done.copy[i]);
        say_body(t, &t->done.copy[i]);
    }
    table_note(t->table, attempt_succeeded(&t->done)
                             ? (t->korean ? "열 수 있음: 파기되지 않았음"
                                          : "It CAN be opened: it is not destroyed")
                         : t->korean ? "게이트웨이가 가진 어떤 것으로도 열 수 없음"
                                     : "It cannot be opened with anything that the gateway has");
}

static int print(struct trying *t)
{
    const struct report_print p = {.format = t->format,
                                   .title = table_title(t->table),
                                   .below = table_note_at(t->table, 0),
                                   .korean = t->korean};
    int code = report_print(&p, (struct report_table *const[]){t->table}, 1);
    table_free(t->table);
    return code != CLI_OK ? code : attempt_succeeded(&t->done) ? CLI_NO : CLI_OK;
}

/* ---- */

static bool open_folder(const char *path, int *fd)
{
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        cli_error("%s: %s", path, strerror(errno));
    return *fd >= 0;
}

static int attempt(struct trying *t)
{
    uint64_t scope[CHAIN_SCOPES_MAX];
    char fault[ATTEMPT_FAULT];
    for (size_t i = 0; i < t->chain->scopes; i++)
        scope[i] = world_number(t->chain->scope[i].number);
    if (attempt_open(&t->files, t->chain->record, scope, t->chain->scopes, &t->done, fault) !=
        RESULT_OK) {
        cli_error("it cannot be told: %s", fault);
        return CLI_FAILED;
    }
    say_all(t);
    return print(t);
}

static int open_and_try(struct trying *t, const char *record)
{
    struct audit_log log;
    int code = CLI_FAILED;
    t->files = (struct attempt_files){-1, -1, -1};
    if (!audit_log_open(t->log, &log))
        return CLI_FAILED;
    if (open_folder(t->data, &t->files.data) && open_folder(t->keys, &t->files.keys) &&
        (t->urgent == NULL || open_folder(t->urgent, &t->files.urgent)))
        code = destruction_chain(&log, record, &t->chain);
    if (code == CLI_OK)
        code = attempt(t);
    const int folder[] = {t->files.data, t->files.keys, t->files.urgent};
    for (size_t i = 0; i < ARRAY_LEN(folder); i++)
        if (folder[i] >= 0)
            (void)close(folder[i]);
    audit_log_close(&log);
    return code;
}

int destruction_try_open_command(int argc, char **argv)
{
    struct trying t = {.format = "table"};
    const char *language = NULL;
    const struct cli_option options[] = {{"log", &t.log, NULL},
                                         {"data", &t.data, NULL},
                                         {"keys", &t.keys, NULL},
                                         {"urgent", &t.urgent, NULL},
                                         {"format", &t.format, NULL},
                                         {"lang", &language, NULL},
                                         {0}};
    int rest = cli_options(options, argc, argv);
    bool whole = rest == 1 && t.log != NULL && t.data != NULL && t.keys != NULL;
    if (rest >= 0 && !whole)
        cli_error("try-open needs --log DIR, --data DIR, --keys DIR and the index of one entry");
    if (!whole || !report_format_is_known(t.format) || !cli_language(language, &t.korean))
        return CLI_USAGE;
    int code = open_and_try(&t, argv[1]);
    chain_free(t.chain);
    return code;
}

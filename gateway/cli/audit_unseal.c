/*
 * Facts of the register, opened for an officer: the act is prepared and signed as any other
 * (control_act.c), and names a key that was made here a moment ago. What comes back is sealed to
 * that key.
 */
#include "cli/audit_log.h"
#include "cli/control.h"

#include "base/mem.h"
#include "crypto/base64.h"
#include "crypto/box.h"
#include "crypto/secret.h"
#include "ipc/register.h"
#include "report/facts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

struct unsealing {
    const char *log, *socket, *officer, *reason, *key, *out;
    int password_fd;
    bool korean;
    int64_t from_us, until_us;
    uint64_t from, to; /* leaves of that time; to is not among them */
    bool found;
    uint8_t public_key[BOX_KEY], *secret_key;
    struct facts_file *facts;
    uint64_t lost; /* facts whose key is gone */
};

/* ---- which leaves */

static void look(void *arg, const struct leaf *leaf)
{
    struct unsealing *u = arg;
    if (leaf->time_us < u->from_us || leaf->time_us >= u->until_us || leaf->fact == NULL)
        return;
    if (!u->found)
        u->from = leaf->index;
    u->to = leaf->index + 1;
    u->found = true;
}

static int find_leaves(struct unsealing *u)
{
    struct audit_log log;
    if (!audit_log_open(u->log, &log))
        return CLI_FAILED;
    bool read = audit_log_each(&log, look, u);
    audit_log_close(&log);
    if (read && !u->found)
        cli_error(u->korean ? "이 기간에는 대장에 보관된 내용이 없음"
                            : "the register keeps nothing of that time");
    return !read ? CLI_FAILED : u->found ? CLI_OK : CLI_NO;
}

/* ---- what comes back */

static bool take_box(struct unsealing *u, struct bytes box)
{
    struct buf plain = BUF_INIT(ROAD_BOX_MAX);
    uint8_t *room = box.n < BOX_MORE ? NULL : buf_extend(&plain, box.n - BOX_MORE);
    bool good = room != NULL && box_open(u->public_key, u->secret_key, box, room) == RESULT_OK;
    struct cursor in = cursor_over(buf_view(&plain));
    while (good && in.left > 0) {
        struct register_opened o;
        good = register_opened_take(&in, &o) == RESULT_OK;
        struct opened_fact fact = {.index = o.index, .scope = o.scope, .text = o.fact};
        memcpy(fact.salt, o.salt, FACT_SALT);
        memcpy(fact.subjects, o.subjects, sizeof fact.subjects);
        if (good && o.scope != 0)
            facts_add(u->facts, &fact);
        u->lost += good && o.scope == 0;
        mem_wipe(&fact, sizeof fact);
    }
    buf_free(&plain);
    if (!good)
        cli_error("%s: what came cannot be opened with the key that was named", u->socket);
    return good;
}

/* One question; *last is the leaf that it came to. */
static int ask_once(struct unsealing *u, const char *act, uint64_t *last, bool *more)
{
    char after[24] = "";
    struct control_request r = {.ask = CONTROL_READ, .subject = bytes_of_text(act)};
    struct control_box box;
    struct control_answer a;
    struct cursor items;
    struct buf frame;
    if (*last > 0)
        (void)snprintf(after, sizeof after, "%" PRIu64, *last);
    r.after = bytes_of_text(after);
    int code = control_ask(u->socket, &r, &frame, &a, &items) ? CLI_OK : CLI_FAILED;
    if (code == CLI_OK && (a.code != CONTROL_CODE_DONE || a.items != 1 ||
                           control_box_take(&items, &box) != RESULT_OK)) {
        cli_error("%s", control_code_text(a.code, u->korean));
        code = CLI_NO;
    }
    if (code == CLI_OK)
        code = take_box(u, box.box) ? CLI_OK : CLI_NO;
    if (code == CLI_OK) {
        *more = a.more && box.last > *last;
        *last = box.last;
    }
    buf_free(&frame);
    return code;
}

static int ask_all(struct unsealing *u, uint64_t act)
{
    char name[24];
    uint64_t last = 0;
    bool more = true;
    int code = CLI_OK;
    (void)snprintf(name, sizeof name, "%" PRIu64, act);
    while (code == CLI_OK && more)
        code = ask_once(u, name, &last, &more);
    return code;
}

/* ---- the act */

static int sign_act(struct unsealing *u, uint64_t *act)
{
    struct buf subject = BUF_INIT(CONTROL_SUBJECT_MAX + 1);
    buf_printf(&subject, "leaves %" PRIu64 "-%" PRIu64 " key ", u->from, u->to - 1);
    base64_put(&subject, bytes_of(u->public_key, BOX_KEY));
    const struct control_doing d = {.act = CONTROL_READ_REGISTER,
                                    .socket = u->socket,
                                    .subject = buf_c(&subject),
                                    .officer = u->officer,
                                    .reason = u->reason,
                                    .key = u->key,
                                    .password_fd = u->password_fd,
                                    .korean = u->korean,
                                    .index = act};
    int code = control_do(&d);
    buf_free(&subject);
    return code;
}

static int write_facts(const struct unsealing *u)
{
    struct buf text = BUF_INIT(FACTS_FILE_MAX);
    facts_put(u->facts, &text);
    bool good =
        buf_status(&text) == RESULT_OK && cli_write_new(AT_FDCWD, u->out, buf_view(&text), 0600);
    buf_free(&text);
    if (!good)
        return CLI_FAILED;
    (void)printf(u->korean ? "%s: %zu건을 열어 저장함\n" : "%s: %zu facts were opened\n", u->out,
                 facts_count(u->facts));
    if (u->lost > 0)
        cli_error(u->korean ? "%" PRIu64 "건은 키가 파기되어 열 수 없음"
                            : "%" PRIu64 " facts cannot be opened any more: their key is gone",
                  u->lost);
    return CLI_OK;
}

static int run(struct unsealing *u)
{
    uint64_t act = 0;
    u->secret_key = secret_new(BOX_KEY);
    if (u->secret_key == NULL) {
        cli_error("%s", result_text(RESULT_NO_MEMORY));
        return CLI_FAILED;
    }
    u->facts = facts_new();
    box_keys(u->public_key, u->secret_key);
    int code = find_leaves(u);
    if (code == CLI_OK)
        code = sign_act(u, &act);
    if (code == CLI_OK)
        code = ask_all(u, act);
    if (code == CLI_OK)
        code = write_facts(u);
    facts_free(u->facts);
    secret_free(u->secret_key);
    return code;
}

int audit_unseal_command(int argc, char **argv)
{
    struct unsealing u = {.from_us = INT64_MIN, .until_us = INT64_MAX};
    const char *language = NULL, *fd = NULL, *from = NULL, *until = NULL;
    const struct cli_option options[] = {{"log", &u.log, NULL},
                                         {"socket", &u.socket, NULL},
                                         {"officer", &u.officer, NULL},
                                         {"reason", &u.reason, NULL},
                                         {"key", &u.key, NULL},
                                         {"out", &u.out, NULL},
                                         {"password-fd", &fd, NULL},
                                         {"from", &from, NULL},
                                         {"until", &until, NULL},
                                         {"lang", &language, NULL},
                                         {0}};
    int rest = cli_options(options, argc, argv);
    if (rest < 0 || audit_log_needed(u.log) == NULL || !cli_language(language, &u.korean) ||
        !cli_descriptor(fd, &u.password_fd) || !audit_read_time("--from", from, &u.from_us) ||
        !audit_read_time("--until", until, &u.until_us))
        return CLI_USAGE;
    if (rest > 0 || u.socket == NULL || u.officer == NULL || u.reason == NULL || u.key == NULL ||
        u.out == NULL) {
        cli_error("unseal needs --log DIR, --socket FILE, --officer PARTY/PERSON, --reason TEXT, "
                  "--key FILE and --out FILE");
        return CLI_USAGE;
    }
    return run(&u);
}

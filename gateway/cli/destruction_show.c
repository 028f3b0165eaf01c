/* fedgatectl destruction show: the chain of one record. */
#include "cli/destruction.h"

#include "audit/tiles.h"
#include "cli/report_tools.h"

#include <inttypes.h>

enum { HOPS_MAX = 4 /* a watch's end, the watch, the stream */ };

/* ---- which record, and its chain */

struct seeking {
    uint64_t index, next;
    bool is_root, refers;
};

static enum result look_at(void *arg, uint64_t index, struct bytes entry)
{
    struct seeking *f = arg;
    struct leaf leaf;
    struct leaf_room *room;
    if (index == f->index && leaf_read(entry, &leaf, &room) == RESULT_OK) {
        f->is_root = chain_is_root(&leaf);
        f->refers = leaf.has_refers && leaf.refers < index;
        f->next = leaf.refers;
        leaf_room_free(room);
    }
    return RESULT_OK;
}

/* From any entry about a message or stream to the one that it began with. */
static int find_root(const struct audit_log *log, uint64_t index, uint64_t *root)
{
    struct seeking f = {.index = index};
    for (unsigned i = 0; i < HOPS_MAX; i++) {
        f.is_root = f.refers = false;
        enum result r = tiles_each_of(log->folder, log->size, f.index, look_at, &f);
        if (r != RESULT_OK) {
            cli_error("entry %" PRIu64 " cannot be read: %s", f.index, result_text(r));
            return CLI_FAILED;
        }
        *root = f.index;
        if (f.is_root)
            return CLI_OK;
        if (!f.refers)
            break;
        f.index = f.next;
    }
    cli_error("entry %" PRIu64 " is about no message or stream", index);
    return CLI_NO;
}

static void take(void *arg, const struct leaf *leaf)
{
    (void)chain_take(arg, leaf);
}

int destruction_chain(struct audit_log *log, const char *record, struct chain **out)
{
    uint64_t index, root;
    *out = NULL;
    if (!checkpoint_number(bytes_of_text(record), &index)) {
        cli_error("\"%s\" is no index of an entry", record);
        return CLI_USAGE;
    }
    if (index >= log->size) {
        cli_error("there is no entry %" PRIu64 ": the log has %" PRIu64, index, log->size);
        return CLI_NO;
    }
    int code = find_root(log, index, &root);
    if (code != CLI_OK)
        return code;
    struct chain *c = chain_new(root);
    if (audit_log_each(log, take, c)) {
        *out = c;
        return CLI_OK;
    }
    chain_free(c);
    return CLI_FAILED;
}

/* ---- show */

static int show(const struct chain *c, const struct report_sets *sets, const char *format)
{
    const struct report r = {.names = &sets->names};
    bool ko = sets->names.korean;
    struct report_table *table[CHAIN_TABLES];
    char below[96];
    const struct report_print print = {.format = format,
                                       .title = ko ? "기록의 파기 경과" : "Destruction of a record",
                                       .below = below,
                                       .korean = ko};
    (void)snprintf(below, sizeof below,
                   ko ? "기록 %" PRIu64 "; 시각: Asia/Seoul (+09:00)"
                      : "record %" PRIu64 "; times of Asia/Seoul (+09:00)",
                   c->record);
    chain_tables(&r, c, table);
    int code = report_print(&print, table, CHAIN_TABLES);
    for (size_t i = 0; i < CHAIN_TABLES; i++)
        table_free(table[i]);
    return code;
}

int destruction_show_command(int argc, char **argv)
{
    const char *path = NULL, *format = "table", *language = NULL;
    struct report_sets sets = {0};
    struct audit_log log;
    struct chain *c;
    const struct cli_option options[] = {
        {"log", &path, NULL}, {"format", &format, NULL}, {"lang", &language, NULL}, {0}};
    if (!report_sets_options(&sets, &argc, argv))
        return CLI_USAGE;
    int rest = cli_options(options, argc, argv);
    if (rest >= 0 && rest != 1)
        cli_error("which record? the index of one entry of the log");
    if (rest != 1 || audit_log_needed(path) == NULL || !report_format_is_known(format) ||
        !cli_language(language, &sets.names.korean))
        return CLI_USAGE;
    if (!audit_log_open(path, &log))
        return CLI_FAILED;
    int code = destruction_chain(&log, argv[1], &c);
    if (code == CLI_OK)
        code = report_sets_open(&sets) ? show(c, &sets, format) : CLI_FAILED;
    report_sets_close(&sets);
    chain_free(c);
    audit_log_close(&log);
    return code;
}

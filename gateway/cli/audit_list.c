#include "cli/audit_list.h"

#include "audit/note.h"
#include "base/cursor.h"
#include "base/ident.h"
#include "cli/cli.h"
#include "crypto/base64.h"
#include "json/json.h"

/* A line being read, and what is wrong with it (static; NULL: nothing). */
struct line {
    struct said_list *list;
    struct said said;
    bool has_direction, elsewhere;
    const char *wrong;
};

/* ---- values */

static void take_direction(struct line *l, struct bytes word)
{
    l->has_direction = true;
    l->said.sent = bytes_is(word, "sent");
    if (!l->said.sent && !bytes_is(word, "received"))
        l->wrong = "direction is \"sent\" or \"received\"";
}

static void take_id(struct line *l, struct bytes text)
{
    struct uuid id;
    l->said.id = arena_copy(l->list->arena, text);
    if (!uuid_parse(text, &id))
        l->wrong = "id is a UUID in lower case";
}

static void take_index(struct line *l, struct bytes text)
{
    l->said.has_index = true;
    if (!checkpoint_number(text, &l->said.index))
        l->wrong = "index is the number of a log entry";
}

/* Hexadecimal, as the log has it, or base64, as protobuf's JSON has bytes. */
static void take_commitment(struct line *l, struct bytes text)
{
    struct tree_hash hash = {0};
    l->said.has_commitment = true;
    if (bytes_from_hex(text, l->said.commitment, LEAF_COMMITMENT))
        return;
    if (checkpoint_hash(text, &hash) == RESULT_OK)
        memcpy(l->said.commitment, hash.b, LEAF_COMMITMENT);
    else
        l->wrong = "commitment is a SHA-256 in hexadecimal or base64";
}

static const struct column {
    const char *name;
    void (*take)(struct line *l, struct bytes text);
} columns[] = {{"direction", take_direction},
               {"id", take_id},
               {"index", take_index},
               {"commitment", take_commitment}};

static const struct column *column_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (bytes_is(name, columns[i].name))
            return &columns[i];
    return NULL;
}

static bool end_line(struct line *l, const char *file, size_t number)
{
    if (l->wrong == NULL && !l->has_direction)
        l->wrong = "there is no direction, and it is neither a receipt nor a delivery";
    if (l->wrong == NULL && l->said.id.n == 0 && !l->said.has_index)
        l->wrong = "there is neither an id nor an index";
    if (l->wrong != NULL) {
        cli_error("%s:%zu: %s", file, number, l->wrong);
        return false;
    }
    if (l->elsewhere) {
        l->list->elsewhere++;
        return true;
    }
    struct said *s = arena_take(l->list->arena, sizeof *s);
    *s = l->said;
    s->line = number;
    *l->list->last = s;
    l->list->last = &s->next;
    l->list->count++;
    return true;
}

/* ---- JSON lines */

static void take_node(struct line *l, const struct column *c, const struct json *node)
{
    struct buf digits = BUF_INIT(32);
    if (json_type_of(node) == JSON_WHOLE_NUMBER && json_integer_of(node) >= 0) {
        json_put(&digits, node);
        c->take(l, buf_view(&digits));
    } else if (json_type_of(node) == JSON_TEXT) {
        c->take(l, json_text_of(node));
    } else {
        l->wrong = "a value is neither a text nor a whole number";
    }
    buf_free(&digits);
}

/* protobuf's JSON has 64-bit numbers as texts, and leaves a zero out. */
static void take_record(struct line *l, const struct json *record)
{
    const struct json *index = json_member(record, "index");
    if (json_type_of(record) != JSON_MAP)
        return;
    l->elsewhere = !bytes_is(json_member_text(record, "origin"), l->list->origin);
    if (index == NULL)
        take_index(l, bytes_of_text("0"));
    else
        take_node(l, column_named(bytes_of_text("index")), index);
}

static void take_object(struct line *l, const struct json *root)
{
    const struct json *message = json_member(root, "message");
    if (json_type_of(root) != JSON_MAP) {
        l->wrong = "it is no JSON object";
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (json_member(root, columns[i].name) != NULL)
            take_node(l, &columns[i], json_member(root, columns[i].name));
    if (l->has_direction)
        return;
    const struct json *id = json_member(json_member(message, "header"), "id");
    if (json_type_of(message) == JSON_MAP)
        take_direction(l, bytes_of_text("received"));
    else if (json_member(root, "verdict") != NULL)
        take_direction(l, bytes_of_text("sent"));
    if (id != NULL)
        take_id(l, json_text_of(id));
    take_record(l, json_member(root, "record"));
}

static bool read_json_line(struct bytes text, const char *file, size_t number,
                           struct said_list *list)
{
    struct line l = {.list = list};
    struct json *root;
    char why[200];
    if (json_read(text, &root, why, sizeof why) != RESULT_OK) {
        cli_error("%s:%zu: %s", file, number, why);
        return false;
    }
    take_object(&l, root);
    json_free(root);
    return end_line(&l, file, number);
}

/* ---- CSV (RFC 4180), a line a row */

enum { CELLS_MAX = 64, CELL_MAX = 4096 };

/* Takes a cell off the front of the line, without its quotes; false at the end of the line. */
static bool take_cell(struct cursor *c, bool *more, struct buf *cell)
{
    buf_clear(cell);
    if (!*more)
        return false;
    bool quoted = c->left > 0 && *c->at == '"';
    uint8_t byte = 0;
    if (quoted)
        (void)!cursor_u8(c, &byte);
    *more = false;
    while (cursor_u8(c, &byte) == RESULT_OK) {
        if (quoted && byte == '"' && c->left > 0 && *c->at == '"')
            (void)!cursor_u8(c, &byte);
        else if (quoted && byte == '"') {
            quoted = false;
            continue;
        } else if (!quoted && byte == ',') {
            *more = true;
            return true;
        }
        buf_u8(cell, byte);
    }
    return true;
}

struct csv {
    const struct column *column[CELLS_MAX]; /* NULL: passed over */
    size_t columns;
    struct buf cell;
};

static bool read_heading(struct csv *csv, struct bytes text, const char *file)
{
    struct cursor c = cursor_over(text);
    bool more = true, known = false;
    if (bytes_begins(text, "\xef\xbb\xbf"))
        c = cursor_over(bytes_of(text.p + 3, text.n - 3));
    while (csv->columns < CELLS_MAX && take_cell(&c, &more, &csv->cell)) {
        csv->column[csv->columns] = column_named(buf_view(&csv->cell));
        known = known || csv->column[csv->columns] != NULL;
        csv->columns++;
    }
    if (!known)
        cli_error("%s:1: the first line of a CSV list names its columns: direction, id, index, "
                  "commitment",
                  file);
    return known;
}

static bool read_csv_line(struct csv *csv, struct bytes text, const char *file, size_t number,
                          struct said_list *list)
{
    struct line l = {.list = list};
    struct cursor c = cursor_over(text);
    bool more = true;
    for (size_t i = 0; i < csv->columns && take_cell(&c, &more, &csv->cell); i++)
        if (csv->column[i] != NULL && csv->cell.n > 0)
            csv->column[i]->take(&l, buf_view(&csv->cell));
    return end_line(&l, file, number);
}

/* ---- the list */

static struct bytes next_line(struct cursor *c)
{
    struct bytes line;
    if (cursor_until(c, '\n', &line) != RESULT_OK)
        (void)!cursor_take(c, c->left, &line);
    while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
        line.n--;
    return line;
}

bool said_read(struct bytes text, const char *file, struct said_list *list)
{
    struct csv csv = {.cell = BUF_INIT(CELL_MAX)};
    struct cursor c = cursor_over(text);
    bool good = true;
    bool is_json = text.n > 0 && text.p[0] == '{';
    for (size_t number = 1; good && c.left > 0; number++) {
        struct bytes line = next_line(&c);
        if (!is_json && number == 1)
            good = read_heading(&csv, line, file);
        else if (line.n > 0)
            good = is_json ? read_json_line(line, file, number, list)
                           : read_csv_line(&csv, line, file, number, list);
    }
    buf_free(&csv.cell);
    return good;
}

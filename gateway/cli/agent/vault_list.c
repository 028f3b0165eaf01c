/* fedgate-agent vault list and status: what there is, without opening any of it. */
#include "cli/agent/vault.h"

#include "base/clock.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>

static void time_cell(int64_t us, char out[TIME_TEXT])
{
    if (us == 0)
        (void)snprintf(out, TIME_TEXT, "-");
    else
        time_text_s(us, zone_named("Asia/Seoul"), out);
}

static void put_uses(const struct vault_entry *e, char *out, size_t n)
{
    if (e->uses == 0)
        (void)snprintf(out, n, "-");
    else
        (void)snprintf(out, n, "%" PRIu32 " of %" PRIu32, e->uses_left, e->uses);
}

static void put_hold(const struct vault_entry *e, char *out, size_t n)
{
    char since[TIME_TEXT];
    time_cell(e->held_us, since);
    (void)snprintf(out, n, e->held_us == 0 ? "-" : "since %s: %s", since, e->hold);
}

static void put_row(struct cli_table *t, const struct vault_entry *e)
{
    char record[24], received[TIME_TEXT], destroy_by[TIME_TEXT], size[24], uses[32],
        hold[VAULT_HOLD_MAX + 64];
    (void)snprintf(record, sizeof record, "%" PRIu64, e->record);
    (void)snprintf(size, sizeof size, "%" PRIu64, e->size);
    time_cell(e->received_us, received);
    time_cell(e->destroy_by_us, destroy_by);
    put_uses(e, uses, sizeof uses);
    put_hold(e, hold, sizeof hold);
    const char *const cell[] = {record,    vault_state_word(e),
                                e->kind,   e->provider,
                                e->clause, destroy_by,
                                received,  size,
                                uses,      hold};
    for (size_t i = 0; i < ARRAY_LEN(cell); i++)
        cli_table_cell(t, cell[i]);
}

static void list_table(const struct vault *v, bool all)
{
    static const char *const heading[] = {"record",     "state",    "kind", "provider", "clause",
                                          "destroy by", "received", "size", "uses",     "held"};
    struct cli_table *t = cli_table_new(ARRAY_LEN(heading));
    const struct vault_entry *e;
    for (size_t i = 0; i < ARRAY_LEN(heading); i++)
        cli_table_cell(t, heading[i]);
    for (size_t i = 0; (e = vault_at(v, i)) != NULL; i++)
        if (all || e->state <= VAULT_DOOMED)
            put_row(t, e);
    cli_table_print(t, stdout);
    cli_table_free(t);
}

static void put_time(struct buf *out, const char *key, int64_t us)
{
    char text[TIME_TEXT];
    if (us == 0)
        return;
    time_text(us, zone_named("Asia/Seoul"), text);
    json_put_member_text(out, key, bytes_of_text(text));
}

static void put_text(struct buf *out, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_put_member_text(out, key, bytes_of_text(text));
}

/* One object a line. */
static void put_json(const struct vault_entry *e, struct buf *out)
{
    buf_u8(out, '{');
    put_text(out, "clause", e->clause);
    put_time(out, "destroyBy", e->destroy_by_us);
    put_time(out, "destroyedAt", e->destroyed_us);
    json_put_member_bool(out, "gatewayHalf", !e->alone);
    if (e->held_us != 0)
        put_text(out, "heldFor", e->hold);
    put_time(out, "heldSince", e->held_us);
    put_text(out, "kind", e->kind);
    if (e->offline_us > 0)
        json_put_member_integer(out, "offlineSeconds", e->offline_us / US_PER_S);
    put_text(out, "order", e->order);
    put_text(out, "provider", e->provider);
    put_time(out, "received", e->received_us);
    json_put_member_integer(out, "record", (int64_t)e->record);
    put_time(out, "reportedAt", e->reported_us);
    json_put_member_integer(out, "size", (int64_t)e->size);
    json_put_member_text(out, "state", bytes_of_text(vault_state_word(e)));
    if (e->uses > 0) {
        json_put_member_integer(out, "uses", e->uses);
        json_put_member_integer(out, "usesLeft", e->uses_left);
    }
    buf_text(out, "}\n");
}

static void list_json(const struct vault *v, bool all)
{
    struct buf line = BUF_INIT(64 << 10);
    const struct vault_entry *e;
    for (size_t i = 0; (e = vault_at(v, i)) != NULL; i++) {
        if (!all && e->state > VAULT_DOOMED)
            continue;
        buf_clear(&line);
        put_json(e, &line);
        (void)fwrite(line.p, 1, line.n, stdout);
    }
    buf_free(&line);
}

int agent_vault_list_run(int argc, char **argv)
{
    struct vault_place place = {.items_fd = -1, .keys_fd = -1};
    bool json = false, all = false;
    const struct cli_option options[] = {
        VAULT_PLACE_OPTIONS(place), {"json", NULL, &json}, {"all", NULL, &all}, {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("vault list takes no \"%s\"", argv[1]);
    if (count != 0)
        return CLI_USAGE;
    int code = vault_place_open(&place);
    if (code == CLI_OK && json)
        list_json(place.vault, all);
    else if (code == CLI_OK)
        list_table(place.vault, all);
    vault_place_close(&place);
    return code;
}

/* ---------------------------------------------------------------- status */

struct counts {
    unsigned kept, recording, destroyed, owed, held, due, lost;
    int64_t next_us;
};

static void count_one(const struct vault *v, const struct vault_entry *e, struct counts *c)
{
    bool here = e->state == VAULT_KEPT || e->state == VAULT_RECORDING;
    c->kept += e->state == VAULT_KEPT;
    c->recording += e->state == VAULT_RECORDING;
    c->destroyed += e->state == VAULT_DESTROYED;
    c->owed += e->order[0] != '\0' && e->reported_us == 0;
    c->held += here && e->held_us != 0;
    c->due += here && e->held_us == 0 && e->destroy_by_us != 0 && e->destroy_by_us <= vault_now(v);
    c->lost += here && !vault_has_half(v, e);
}

static struct counts count_all(const struct vault *v)
{
    struct counts c = {.next_us = vault_next_due(v)};
    const struct vault_entry *e;
    for (size_t i = 0; (e = vault_at(v, i)) != NULL; i++)
        count_one(v, e, &c);
    return c;
}

static void status_json(const struct vault *v, const struct counts *c, unsigned uses)
{
    struct buf out = BUF_INIT(4096);
    buf_u8(&out, '{');
    json_put_member_bool(&out, "clockBehind", vault_clock_is_behind(v));
    json_put_member_integer(&out, "destroyed", c->destroyed);
    json_put_member_integer(&out, "held", c->held);
    json_put_member_integer(&out, "kept", c->kept);
    put_time(&out, "nextDeadline", c->next_us == INT64_MAX ? 0 : c->next_us);
    json_put_member_integer(&out, "openingsToReport", uses);
    json_put_member_text(&out, "origin", bytes_of_text(vault_origin(v)));
    json_put_member_integer(&out, "pastDeadline", c->due);
    json_put_member_integer(&out, "receiptsOwed", c->owed);
    json_put_member_integer(&out, "recording", c->recording);
    json_put_member_text(&out, "unit", bytes_of_text(vault_unit(v)));
    json_put_member_integer(&out, "withoutKey", c->lost);
    buf_text(&out, "}\n");
    (void)fwrite(out.p, 1, out.n, stdout);
    buf_free(&out);
}

static void status_text(const struct vault *v, const struct counts *c, unsigned uses)
{
    char next[TIME_TEXT];
    time_cell(c->next_us == INT64_MAX ? 0 : c->next_us, next);
    (void)printf("vault of %s, for the log %s\n", vault_unit(v), vault_origin(v));
    (void)printf("kept:               %u\n", c->kept);
    (void)printf("being recorded:     %u\n", c->recording);
    (void)printf("destroyed:          %u, of which no receipt was accepted yet for %u\n",
                 c->destroyed, c->owed);
    (void)printf("held by an order:   %u\n", c->held);
    (void)printf("next deadline:      %s\n", next);
    (void)printf("past its deadline:  %u\n", c->due);
    (void)printf("openings to report: %u\n", uses);
    (void)printf("without its key:    %u\n", c->lost);
    if (vault_clock_is_behind(v))
        (void)printf("the clock is behind the latest time on record: see \"vault clock\"\n");
}

/* Not in order: what is past its deadline is still there (nothing runs), a key is gone, or the
 * clock lets nothing be stored. */
static int status_of(const struct vault *v, bool json)
{
    struct counts c = count_all(v);
    unsigned uses = 0;
    while (vault_use_at(v, uses) != NULL)
        uses++;
    if (json)
        status_json(v, &c, uses);
    else
        status_text(v, &c, uses);
    return c.due > 0 || c.lost > 0 || vault_clock_is_behind(v) ? CLI_NO : CLI_OK;
}

int agent_vault_status_run(int argc, char **argv)
{
    struct vault_place place = {.items_fd = -1, .keys_fd = -1};
    bool json = false;
    const struct cli_option options[] = {
        VAULT_PLACE_OPTIONS(place), {"json", NULL, &json}, {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("vault status takes no \"%s\"", argv[1]);
    if (count != 0)
        return CLI_USAGE;
    int code = vault_place_open(&place);
    if (code == CLI_OK)
        code = status_of(place.vault, json);
    vault_place_close(&place);
    return code;
}

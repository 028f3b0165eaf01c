/* What a unit may send and receive, as the gateway tells it. */
#include "cli/agent/doctor.h"

#include <string.h>

enum { COLUMNS = 7, JSON_MAX = 64 << 20 };

static const char *way_text(const struct doctor *d, int way)
{
    switch (way) {
    case FEDGATE_WAY_UNATTENDED: return DOCTOR_SAYS(d, ", when nobody attends", ", 미확인 시");
    case FEDGATE_WAY_ONWARD: return DOCTOR_SAYS(d, ", passed on", ", 재제공");
    default: return "";
    }
}

void doctor_grants_begin(struct doctor *d)
{
    static const char *const words[2][COLUMNS] = {
        {"", "kind", "with", "for", "on", "now", "clause"},
        {"", "내용", "상대", "목적", "법적 근거", "현재", "조항"}};
    d->grants = cli_table_new(COLUMNS);
    d->grants_json = BUF_INIT(JSON_MAX);
    for (size_t i = 0; i < COLUMNS; i++) {
        cli_table_cell(d->grants, words[d->korean][i]);
        cli_table_paint(d->grants, CLI_FAINT);
    }
}

static void put_now(const struct doctor *d, const struct fedgate_grant *g, struct buf *out)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {{FEDGATE_PASSES_ACTUAL, "ACTUAL"},
                 {FEDGATE_PASSES_EXERCISE, "EXERCISE"},
                 {FEDGATE_PASSES_TEST, "TEST"}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if ((g->passes & words[i].bit) != 0)
            buf_printf(out, "%s%s", out->n == 0 ? "" : " ", words[i].word);
    if (g->passes == 0)
        buf_printf(out, "%s (%s)", fedgate_reason_text(g->closed, d->agent.language), g->failed);
}

static void take(struct doctor *d, const struct fedgate_grant *g, bool sends)
{
    struct buf bases = BUF_INIT(8192), now = BUF_INIT(1024), what = BUF_INIT(256);
    for (size_t i = 0; i < g->bases; i++)
        buf_printf(&bases, "%s%s", i == 0 ? "" : ", ", g->basis[i]);
    put_now(d, g, &now);
    buf_printf(&what, "%s%s",
               sends ? DOCTOR_SAYS(d, "sends", "제공") : DOCTOR_SAYS(d, "receives", "수신"),
               way_text(d, g->way));
    const char *const cell[COLUMNS] = {buf_c(&what), g->kind,       sends ? g->to : g->from,
                                       g->purpose,   buf_c(&bases), buf_c(&now),
                                       g->clause};
    for (size_t i = 0; i < COLUMNS; i++)
        cli_table_cell(d->grants, cell[i]);
    d->has_test |= sends && (g->passes & FEDGATE_PASSES_TEST) != 0;
    d->open += g->passes != 0;
    *(sends ? &d->sends : &d->receives) += 1;
    buf_free(&bases);
    buf_free(&now);
    buf_free(&what);
}

/* A way from the unit to itself is told on both sides. */
void doctor_grants_take(struct doctor *d, const struct fedgate_grants *g)
{
    struct fedgate_buffer json;
    for (size_t i = 0; i < g->grants; i++) {
        if (strcmp(g->grant[i].from, g->unit) == 0)
            take(d, &g->grant[i], true);
        if (strcmp(g->grant[i].to, g->unit) == 0)
            take(d, &g->grant[i], false);
    }
    if (fedgate_json_write("Grants", g->encoded.p, g->encoded.n, 0, &json) != FEDGATE_OK)
        return; /* a time that JSON cannot express: the table has the rest */
    buf_text(&d->grants_json, d->grants_json.n == 0 ? "" : ",");
    buf_put(&d->grants_json, json.p, json.n);
    fedgate_buffer_free(&json);
}

#include "ledger/register.h"

#include "base/mem.h"

/* ---- keys */

static void tuple_of(struct ledger *l, int64_t begins_us, uint8_t out[ROAD_DIGEST])
{
    const struct bytes part[] = {bytes_of_text("register"), bytes_of(&begins_us, sizeof begins_us)};
    hasher_sha256(l->hasher, part, ARRAY_LEN(part), out);
}

static enum result ask_scope(struct ledger *l, int64_t begins_us, struct keys_slot *out)
{
    struct buf reply = BUF_INIT(4096);
    uint8_t tuple[ROAD_DIGEST];
    tuple_of(l, begins_us, tuple);
    enum result r = l->config.ask(l->config.arg, IPC_REGISTER_MAKE, bytes_of(tuple, sizeof tuple),
                                  IPC_REGISTER_IS, &reply);
    struct cursor in = cursor_over(buf_view(&reply));
    if (r == RESULT_OK)
        r = register_slot_take(&in, out);
    if (r == RESULT_OK &&
        (memcmp(out->tuple, tuple, sizeof tuple) != 0 || out->generation != l->generation))
        r = RESULT_DAMAGED;
    buf_free(&reply);
    return r;
}

static bool is_current(const struct ledger *l, int64_t now_us)
{
    return l->register_scope != 0 && now_us < l->register_ends_us;
}

enum result register_renew(struct ledger *l, int64_t now_us)
{
    if (l->config.register_keep_us == 0 || is_current(l, now_us))
        return RESULT_OK;
    int64_t begins_us = now_us - now_us % REGISTER_PERIOD;
    struct register_scope s = {.begins_us = begins_us, .ends_us = begins_us + REGISTER_PERIOD};
    s.keep_until_us = time_after(s.ends_us, l->config.register_keep_us);
    if (!ledger_has_room(l, sizeof s))
        return RESULT_OK;
    enum result r = ask_scope(l, begins_us, &s.slot);
    if (r == RESULT_UNAVAILABLE && l->register_scope != 0)
        return RESULT_OK;
    TRY(r);
    buf_clear(&l->record);
    register_scope_put(&s, &l->record);
    TRY(ledger_record(l, RECORD_REGISTER, buf_view(&l->record)));
    register_tell(l);
    return RESULT_OK;
}

void register_tell(struct ledger *l)
{
    buf_clear(&l->answer);
    buf_u64(&l->answer, l->register_scope);
    ledger_answer(l, IPC_REGISTER_SCOPE, buf_view(&l->answer));
}

enum result register_apply_scope(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct register_scope s;
    if (register_scope_take(&in, &s) != RESULT_OK || cursor_done(&in) != RESULT_OK)
        return RESULT_DAMAGED;
    struct road_scope scope = {.id = s.slot.id,
                               .starts = SPOOL_REGISTER,
                               .deadline_us = s.keep_until_us,
                               .generation = s.slot.generation};
    memcpy(scope.tuple, s.slot.tuple, ROAD_DIGEST);
    memcpy(scope.wrapped, s.slot.wrapped, ROAD_WRAPPED);
    if (spool_scopes_add(l->scopes, &scope) == NULL)
        return RESULT_DAMAGED;
    l->register_scope = s.slot.id;
    l->register_ends_us = s.ends_us;
    return RESULT_OK;
}

/* ---- facts */

bool register_fits(const struct ledger *l, const struct road_fact *f)
{
    if (f->sealed.n == 0)
        return true;
    const struct spool_scope *x = spool_scopes_get(l->scopes, f->scope);
    return x != NULL && x->starts == SPOOL_REGISTER && !x->dying &&
           f->sealed.n + 128 <= FACT_RECORD_MAX;
}

enum result register_keep(struct ledger *l, const struct road_fact *f)
{
    if (f->sealed.n == 0)
        return RESULT_OK;
    buf_clear(&l->record);
    buf_u64(&l->record, l->leaves);
    road_fact_put(f, &l->record);
    return ledger_record(l, RECORD_FACT, buf_view(&l->record));
}

enum result register_seal(struct ledger *l, struct bytes fact, struct road_fact *out,
                          struct buf *room)
{
    const struct register_plain plain = {l->register_scope, fact};
    struct buf body = BUF_INIT(UINT16_MAX);
    *out = (struct road_fact){0};
    if (l->register_scope == 0)
        return RESULT_OK;
    register_plain_put(&plain, &body);
    enum result r = buf_status(&body);
    if (r == RESULT_OK)
        r = l->config.ask(l->config.arg, IPC_REGISTER_SEAL, buf_view(&body), IPC_REGISTER_SEALED,
                          room);
    buf_free(&body);
    TRY(r);
    struct cursor in = cursor_over(buf_view(room));
    if (in.left == 0)
        return RESULT_UNAVAILABLE;
    if (road_fact_take(&in, out) != RESULT_OK || cursor_done(&in) != RESULT_OK ||
        out->scope != l->register_scope || !register_fits(l, out))
        return RESULT_DAMAGED;
    return RESULT_OK;
}

/* Those whose entries the tiles have already are not appended again. */
enum result register_apply_fact(struct ledger *l, struct bytes body)
{
    struct cursor in = cursor_over(body);
    uint64_t index;
    if (cursor_u64(&in, &index) != RESULT_OK || index != l->leaves)
        return RESULT_DAMAGED;
    if (index >= tiles_size(l->tiles))
        tiles_append_fact(l->tiles, bytes_of(in.at, in.left));
    return RESULT_OK;
}

/* An operator ends sessions now; their units may connect again at once. */
#include "service/state.h"

static const char operator_cut[] = "an operator ended this session: connect again";

static bool is_of(const struct session *s, struct bytes whose)
{
    struct bytes party;
    return bytes_is(whose, s->name) ||
           (ident_split_unit(bytes_of_text(s->name), &party, NULL) && bytes_equal(party, whose));
}

enum result cut_sessions(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    struct session *s, *next;
    struct bytes whose;
    uint64_t ticket;
    uint32_t count = 0;
    TRY(cursor_u64(&in, &ticket));
    TRY(cursor_bytes16(&in, &whose));
    TRY(cursor_done(&in));
    for (s = TAILQ_FIRST(&e->sessions); s != NULL; s = next) {
        next = TAILQ_NEXT(s, next);
        if (!is_of(s, whose))
            continue;
        count++;
        session_end_streams(s, operator_cut);
        session_end_calls(s, operator_cut);
        e->config.close_session(e->config.arg, s, operator_cut);
    }
    buf_clear(&e->out);
    buf_u64(&e->out, ticket);
    buf_u32(&e->out, count);
    edge_tell(e, IPC_CUT_DONE, buf_view(&e->out));
    return RESULT_OK;
}

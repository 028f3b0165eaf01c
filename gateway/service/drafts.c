#include "service/state.h"

void drafts_init(struct drafts *d)
{
    *d = (struct drafts){.body = BUF_INIT(LIMIT_MESSAGE),
                         .message = BUF_INIT(LIMIT_MESSAGE),
                         .plain = BUF_INIT(LIMIT_REQUEST),
                         .fact = BUF_INIT(LIMIT_REQUEST),
                         .sealed = BUF_INIT(LIMIT_REQUEST + SEAL_TAG),
                         .notice = BUF_INIT(CHANNEL_MESSAGE_MAX)};
}

void drafts_end(struct drafts *d)
{
    buf_reuse(&d->body, DRAFT_KEPT);
    buf_reuse(&d->message, DRAFT_KEPT);
    buf_reuse(&d->plain, DRAFT_KEPT);
    buf_reuse(&d->fact, DRAFT_KEPT);
    buf_reuse(&d->sealed, DRAFT_KEPT);
    buf_reuse(&d->notice, DRAFT_KEPT);
}

void drafts_free(struct drafts *d)
{
    buf_free(&d->body);
    buf_free(&d->message);
    buf_free(&d->plain);
    buf_free(&d->fact);
    buf_free(&d->sealed);
    buf_free(&d->notice);
}

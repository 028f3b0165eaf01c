/* The register, read over the control socket without a socket. */
#include "house.h"

#include "base/mem.h"
#include "crypto/base64.h"
#include "crypto/box.h"
#include "ipc/control.h"
#include "ipc/register.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define OFFICER "board-of-audit/han"

struct reading {
    struct house *h;
    uint8_t public_key[BOX_KEY], secret_key[BOX_KEY];
    void (*each)(void *arg, const struct register_opened *o);
    void *arg;
};

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "house: register: %s\n", what);
    abort();
}

/* The answer's views are into `frame`. */
static void ask(struct house *h, const struct control_request *r, struct buf *frame,
                struct control_answer *a, struct cursor *items)
{
    struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
    *frame = BUF_INIT(CONTROL_ANSWER_MAX);
    control_request_put(r, &request);
    check(buf_status(&request) == RESULT_OK, "no request");
    check(ledger_control(house_ledger(h), buf_view(&request), frame) == RESULT_OK, "no answer");
    check(ledger_turn(house_ledger(h)) == RESULT_OK, "the ledger's turn failed");
    *items = cursor_over(buf_view(frame));
    check(control_answer_take(items, a) == RESULT_OK, "not an answer");
    if (a->code != CONTROL_CODE_DONE)
        check(false, control_code_word(a->code));
    buf_free(&request);
}

static uint64_t sign_act(struct reading *r, struct minisign_secret *key)
{
    struct buf subject = BUF_INIT(128), text, done, signature = BUF_INIT(4096);
    struct control_answer a;
    struct cursor items;
    buf_text(&subject, "leaves 0-1000000 key ");
    base64_put(&subject, bytes_of(r->public_key, BOX_KEY));
    ask(r->h,
        &(struct control_request){.ask = CONTROL_PREPARE,
                                  .act = CONTROL_READ_REGISTER,
                                  .subject = buf_view(&subject),
                                  .officer = bytes_of_text(OFFICER),
                                  .reason = bytes_of_text("yearly check")},
        &text, &a, &items);
    check(minisign_sign(key, a.text, false, bytes_of_text("act"), &signature) == RESULT_OK,
          "no signature");
    ask(r->h,
        &(struct control_request){
            .ask = CONTROL_SUBMIT, .text = a.text, .signature = buf_view(&signature)},
        &done, &a, &items);
    const uint64_t index = a.index;
    buf_free(&subject);
    buf_free(&text);
    buf_free(&done);
    buf_free(&signature);
    return index;
}

static void take_box(struct reading *r, struct bytes box)
{
    struct buf plain = BUF_INIT(ROAD_BOX_MAX);
    struct register_opened o;
    check(box_open(r->public_key, r->secret_key, box, buf_extend(&plain, box.n - BOX_MORE)) ==
              RESULT_OK,
          "the box does not open");
    struct cursor in = cursor_over(buf_view(&plain));
    while (in.left > 0) {
        check(register_opened_take(&in, &o) == RESULT_OK, "not a fact");
        r->each(r->arg, &o);
    }
    buf_free(&plain);
}

static void read_all(struct reading *r, uint64_t act)
{
    char name[24], after[24] = "";
    bool more = true;
    (void)snprintf(name, sizeof name, "%" PRIu64, act);
    while (more) {
        struct buf frame;
        struct control_answer a;
        struct cursor items;
        struct control_box box;
        ask(r->h,
            &(struct control_request){
                .ask = CONTROL_READ, .subject = bytes_of_text(name), .after = bytes_of_text(after)},
            &frame, &a, &items);
        check(a.items == 1 && control_box_take(&items, &box) == RESULT_OK, "no box");
        take_box(r, box.box);
        more = a.more;
        (void)snprintf(after, sizeof after, "%" PRIu64, box.last);
        buf_free(&frame);
    }
}

void house_each_fact(struct house *h, void (*each)(void *arg, const struct register_opened *o),
                     void *arg)
{
    struct reading r = {.h = h, .each = each, .arg = arg};
    struct minisign_secret *key = minisign_secret_new();
    struct minisign_public public_key;
    minisign_secret_public(key, &public_key);
    house_appoint(h, OFFICER, &public_key);
    box_keys(r.public_key, r.secret_key);
    read_all(&r, sign_act(&r, key));
    minisign_secret_free(key);
}

#include "net/server_state.h"

#include "base/mem.h"
#include "base/turns.h"

#include <stdio.h>

/* A turn has one record in plain text on it, and what OpenSSL needs. */
enum { STACK = 1 << 20 };

struct mail *mail_put(struct mailbox *m, enum mail_kind kind, void *to, struct bytes text)
{
    struct mail *mail = mailbox_put(m, sizeof *mail + text.n + 1);
    *mail = (struct mail){.kind = kind, .to = to, .n = text.n};
    if (text.n > 0)
        memcpy(mail->text, text.p, text.n);
    mail->text[text.n] = '\0';
    return mail;
}

void mail_post(struct mailroom *r, struct mailbox *m, enum mail_kind kind, void *to,
               uint64_t number)
{
    mail_put(m, kind, to, bytes_of(NULL, 0))->number = number;
    mailroom_post(r, m);
}

static void drained(void *arg)
{
    struct outpost *p = arg;
    mail_post(p->room, p->mail, MAIL_DRAINED, p, 0);
}

static void drain(struct outpost *p, const struct mail *m)
{
    if (p->grpc != NULL)
        grpc_server_drain(p->grpc, (int64_t)m->number, drained, p);
}

static void stop(struct outpost *p)
{
    grpc_server_free(p->grpc);
    p->grpc = NULL;
    if (!p->at_home)
        loop_stop(p->loop);
}

static void handle(struct outpost *p, const struct mail *m)
{
    switch (m->kind) {
    case MAIL_PASS: (void)sem_post(m->to); break;
    case MAIL_DRAIN: drain(p, m); break;
    case MAIL_STOP: stop(p); break;
    default: p->take(p, m);
    }
}

static unsigned take_mail(void *arg, unsigned most)
{
    struct outpost *p = arg;
    const struct mail *m;
    unsigned n = 0;
    for (; n < most && (m = mailbox_take(p->inbox)) != NULL; n++)
        handle(p, m);
    return n;
}

static void ring(void *arg)
{
    struct outpost *p = arg;
    if (p->at_home) {
        mailroom_look_and_ring(p->server->room);
        return;
    }
    mailbox_ring(p->mail);
    mailbox_ring(p->bulk);
}

static const struct mailroom_events events = {take_mail, ring};

void outpost_open(struct outpost *p, struct server *s, bool at_home,
                  void (*take)(struct outpost *p, const struct mail *m))
{
    struct bell *theirs = mailroom_bell(s->room);
    p->server = s;
    p->at_home = at_home;
    p->take = take;
    p->loop = at_home ? s->config.loop : loop_new();
    p->room = mailroom_new(p->loop, &events, p);
    p->inbox = mailbox_new(mailroom_bell(p->room));
    p->mail = mailbox_new(theirs);
    p->bulk = mailbox_new(theirs);
}

/* A thread names itself: for another one that takes a file. */
static void *run(void *arg)
{
    struct outpost *p = arg;
    (void)pthread_setname_np(pthread_self(), p->name);
    if (p->gives_way)
        (void)turns_give_way(); /* where it may not, it has turns as the others */
    loop_run(p->loop);
    return NULL;
}

enum result outpost_start(struct outpost *p, const char *name)
{
    pthread_attr_t small;
    if (p->at_home)
        return RESULT_OK;
    (void)snprintf(p->name, sizeof p->name, "%s", name);
    if (pthread_attr_init(&small) != 0)
        return RESULT_IO;
    (void)pthread_attr_setstacksize(&small, STACK);
    p->runs = pthread_create(&p->thread, &small, run, p) == 0;
    (void)pthread_attr_destroy(&small);
    return p->runs ? RESULT_OK : RESULT_IO;
}

void outpost_stop(struct outpost *p)
{
    if (!p->runs && !p->at_home)
        return;
    mail_post(p->server->room, p->inbox, MAIL_STOP, NULL, 0);
    mailbox_ring(p->inbox);
    if (p->runs)
        (void)pthread_join(p->thread, NULL);
    else
        (void)outpost_clear(p);
    p->runs = false;
}

unsigned outpost_clear(struct outpost *p)
{
    unsigned n = 0, some;
    while ((some = take_mail(p, 1)) > 0)
        n += some;
    return n;
}

void outpost_close(struct outpost *p)
{
    grpc_server_free(p->grpc);
    mailroom_free(p->room);
    mailbox_free(p->inbox);
    mailbox_free(p->mail);
    mailbox_free(p->bulk);
    if (!p->at_home)
        loop_free(p->loop);
}

#include "client/state.h"

/* What is dead goes when nobody works on it and the network does not know it any more. */
static void destroy_when_done(struct object *o)
{
    if (!o->dead || o->busy > 0 || o->call != NULL)
        return;
    TAILQ_REMOVE(&o->client->objects, o, next);
    o->class->destroy(o);
}

void object_enter(struct object *o)
{
    o->busy++;
}

bool object_leave(struct object *o)
{
    bool alive = !o->dead;
    o->busy--;
    destroy_when_done(o);
    return alive;
}

void object_free(struct object *o)
{
    o->dead = true;
    if (o->call != NULL)
        grpc_call_cancel(o->call);
    destroy_when_done(o);
}

/* ---------------------------------------------------------------- the call's events */

static enum result call_message(void *arg, struct shared *owner, struct bytes message)
{
    struct object *o = arg;
    (void)owner;
    if (o->dead)
        return RESULT_OK;
    object_enter(o);
    backoff_worked(&o->client->backoff);
    enum result r = o->class->message(o, message);
    arena_reset(o->client->arena);
    (void)object_leave(o);
    return r;
}

static void call_writable(void *arg)
{
    struct object *o = arg;
    if (o->dead || o->class->writable == NULL)
        return;
    object_enter(o);
    o->class->writable(o);
    (void)object_leave(o);
}

static void end(struct object *o, int status, const char *text)
{
    const struct fedgate_end e = {status, text};
    if (o->dead || o->over)
        return;
    o->over = true;
    o->class->ended(o, &e);
}

/* A gateway that restarts, or ends a call that should last, is tried again; one that says no is
 * not. It resets a call (CANCELLED) that has part of what is destroyed meanwhile, and one that took
 * nothing for long: neither says no. */
static bool goes_on(const struct object *o, enum grpc_status status)
{
    return o->class->lasts && !o->dead && o->client->config.reconnect &&
           (status == GRPC_UNAVAILABLE || status == GRPC_CANCELLED ||
            (status == GRPC_OK && !o->finishing));
}

static void call_closed(void *arg, enum grpc_status status, const char *text)
{
    struct object *o = arg;
    o->call = NULL;
    object_enter(o);
    if (!o->dead && o->class->closed != NULL)
        o->class->closed(o);
    if (goes_on(o, status))
        client_retry_later(o->client);
    else
        end(o, (int)status, text);
    (void)object_leave(o);
}

static const struct grpc_call_events call_events = {
    .message = call_message, .writable = call_writable, .closed = call_closed};

/* ---------------------------------------------------------------- begin */

static bool open_call(struct object *o)
{
    struct fedgate_client *c = o->client;
    if (c->channel != NULL)
        o->call = grpc_channel_call(c->channel, o->class->path, o->class->largest_answer,
                                    &call_events, o);
    if (o->call == NULL)
        return false;
    o->class->opened(o);
    return true;
}

void object_begin(struct object *o, struct fedgate_client *c, const struct object_class *class)
{
    o->client = c;
    o->class = class;
    TAILQ_INSERT_TAIL(&c->objects, o, next);
    if (!open_call(o))
        client_retry_later(c);
}

void object_retry(struct object *o)
{
    if (o->call != NULL || o->over || o->dead || open_call(o))
        return;
    if (o->client->config.reconnect && o->class->lasts)
        client_retry_later(o->client);
    else
        end(o, GRPC_UNAVAILABLE, "there is no connection to the gateway");
}

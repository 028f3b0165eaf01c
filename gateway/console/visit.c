#include "console/visit.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "crypto/random.h"

struct visits {
    struct visit *first; /* newest first */
    size_t count;
};

struct visits *visits_new(void)
{
    return mem_new(sizeof(struct visits));
}

static void end_visit(struct visits *all, struct visit **at)
{
    struct visit *v = *at;
    *at = v->next;
    all->count--;
    if (v->drop != NULL)
        v->drop(v->own);
    mem_wipe((void *)(uintptr_t)v->reason.p, v->reason.n);
    mem_free((void *)(uintptr_t)v->reason.p);
    mem_wipe(v, sizeof *v);
    mem_free(v);
}

void visits_free(struct visits *v)
{
    if (v == NULL)
        return;
    while (v->first != NULL)
        end_visit(v, &v->first);
    mem_free(v);
}

bool visit_reason_is_good(struct bytes reason)
{
    size_t characters = 0;
    if (reason.n == 0 || !bytes_is_text(reason))
        return false;
    for (; reason.n > 0; characters++)
        if (character_misleads(bytes_take_character(&reason)))
            return false;
    return characters <= VISIT_REASON_MAX;
}

/* Nobody's visits end because another states reasons again and again. */
static void make_room(struct visits *v, const uint8_t certificate[32])
{
    struct visit **last = NULL, **own = NULL;
    size_t owns = 0;
    for (struct visit **at = &v->first; *at != NULL; at = &(*at)->next) {
        last = at;
        if (memcmp((*at)->certificate, certificate, 32) != 0)
            continue;
        own = at;
        owns++;
    }
    if (owns >= VISITS_OF_ONE)
        end_visit(v, own);
    else if (v->count == VISITS_MAX)
        end_visit(v, last);
}

struct visit *visit_begin(struct visits *v, const uint8_t certificate[32], struct bytes reason,
                          int64_t now_us)
{
    make_room(v, certificate);
    struct visit *fresh = mem_new(sizeof *fresh);
    random_fill(fresh->id, sizeof fresh->id);
    memcpy(fresh->certificate, certificate, sizeof fresh->certificate);
    fresh->until_us = time_after(now_us, VISIT_TIME);
    fresh->reason = bytes_of(mem_text(reason.p, reason.n), reason.n);
    fresh->next = v->first;
    v->first = fresh;
    v->count++;
    return fresh;
}

/* "a=b; visit=HEX; c=d" */
static bool read_cookie(struct bytes cookie, uint8_t id[VISIT_ID])
{
    struct cursor c = cursor_over(cookie);
    while (c.left > 0) {
        struct bytes one;
        if (cursor_until(&c, ';', &one) != RESULT_OK && cursor_take(&c, c.left, &one) != RESULT_OK)
            return false;
        while (one.n > 0 && one.p[0] == ' ')
            one = bytes_of(one.p + 1, one.n - 1);
        size_t n = sizeof VISIT_COOKIE; /* with its "=" */
        if (bytes_begins(one, VISIT_COOKIE "=") &&
            bytes_from_hex(bytes_of(one.p + n, one.n - n), id, VISIT_ID))
            return true;
    }
    return false;
}

struct visit *visit_find(struct visits *v, struct bytes cookie, const uint8_t certificate[32],
                         int64_t now_us)
{
    uint8_t id[VISIT_ID];
    if (!read_cookie(cookie, id))
        return NULL;
    for (struct visit *one = v->first; one != NULL; one = one->next)
        if (memcmp(one->id, id, sizeof id) == 0)
            return one->until_us > now_us && memcmp(one->certificate, certificate, 32) == 0 ? one
                                                                                            : NULL;
    return NULL;
}

void visit_cookie(const struct visit *v, struct buf *out)
{
    char id[2 * VISIT_ID + 1];
    bytes_to_hex(bytes_of(v->id, sizeof v->id), id);
    buf_printf(out, VISIT_COOKIE "=%s; Secure; HttpOnly; SameSite=Strict; Path=/", id);
}

void visits_each(const struct visits *v, void (*take)(const void *own, void *arg), void *arg)
{
    for (const struct visit *one = v->first; one != NULL; one = one->next)
        if (one->own != NULL)
            take(one->own, arg);
}

void visits_turn(struct visits *v, int64_t now_us)
{
    for (struct visit **at = &v->first; *at != NULL;) {
        if ((*at)->until_us <= now_us)
            end_visit(v, at);
        else
            at = &(*at)->next;
    }
}

#include "audit/fact.h"

#include "base/mem.h"
#include "json/json.h"

#include <stddef.h>

#define INTEGER_LIMIT (INT64_C(1) << 53) /* RFC 7493, 2.2: what every reader holds exactly */

/* ---- writing */

struct writer {
    struct buf *out;
    enum result status;
};

static void put_text(struct writer *w, const char *key, struct bytes value)
{
    if (value.n == 0)
        return;
    if (!bytes_is_text(value))
        w->status = RESULT_MALFORMED;
    else
        json_put_member_text(w->out, key, value);
}

static void put_number(struct writer *w, const char *key, bool given, int64_t value)
{
    if (!given)
        return;
    if (value < 0 || value >= INTEGER_LIMIT)
        w->status = RESULT_RANGE;
    else
        json_put_member_integer(w->out, key, value);
}

static void put_list(struct writer *w, const char *key, const struct bytes *list, size_t count)
{
    if (count == 0)
        return;
    json_put_key(w->out, key);
    for (size_t i = 0; i < count; i++) {
        buf_u8(w->out, i == 0 ? '[' : ',');
        if (!bytes_is_text(list[i]))
            w->status = RESULT_MALFORMED;
        else
            json_put_text(w->out, list[i]);
    }
    buf_u8(w->out, ']');
}

static void put_evidence(struct writer *w, const struct fact *f)
{
    if (f->evidences == 0)
        return;
    json_put_key(w->out, "evidence");
    for (size_t i = 0; i < f->evidences; i++) {
        buf_text(w->out, i == 0 ? "[{" : ",{");
        put_text(w, "kind", f->evidence[i].kind);
        put_text(w, "value", f->evidence[i].value);
        buf_u8(w->out, '}');
    }
    buf_u8(w->out, ']');
}

/* The keys in the order of RFC 8785, 3.2.3. */
static void put_members(struct writer *w, const struct fact *f)
{
    put_number(w, "about", f->has_about, (int64_t)f->about);
    put_number(w, "begins_us", f->begins_us != 0, f->begins_us);
    put_list(w, "camera", f->camera, f->cameras);
    put_text(w, "document", f->document);
    put_number(w, "ends_us", f->ends_us != 0, f->ends_us);
    put_evidence(w, f);
    put_text(w, "form", f->form);
    put_list(w, "item", f->item, f->items);
    put_text(w, "method", f->method);
    put_text(w, "origin", f->origin);
    put_text(w, "result", f->result);
    put_text(w, "role", f->role);
    put_text(w, "staff", f->staff);
    put_text(w, "subject", f->subject);
    put_number(w, "until_us", f->until_us != 0, f->until_us);
}

bool fact_is_empty(const struct fact *f)
{
    const struct bytes text[] = {f->form,    f->staff,  f->role,   f->document,
                                 f->subject, f->method, f->origin, f->result};
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        if (text[i].n > 0)
            return false;
    return f->cameras == 0 && f->items == 0 && f->evidences == 0 && !f->has_about &&
           f->begins_us == 0 && f->ends_us == 0 && f->until_us == 0;
}

enum result fact_write(const struct fact *f, struct buf *out)
{
    struct writer w = {out, RESULT_OK};
    size_t before = out->n;
    if (f->cameras > FACT_CAMERAS_MAX || f->items > FACT_ITEMS_MAX ||
        f->evidences > FACT_EVIDENCE_MAX)
        return RESULT_TOO_LARGE;
    buf_u8(out, '{');
    put_members(&w, f);
    buf_u8(out, '}');
    if (w.status == RESULT_OK)
        w.status = buf_status(out);
    if (w.status == RESULT_OK && out->n - before > FACT_MAX)
        w.status = RESULT_TOO_LARGE;
    if (w.status != RESULT_OK)
        out->n = before;
    return w.status;
}

/* ---- reading */

struct fact_room {
    struct json *root;
};

static size_t read_list(const struct json *list, struct bytes *out, size_t most)
{
    size_t count = json_count(list);
    for (size_t i = 0; i < count && i < most; i++)
        out[i] = json_text_of(json_item(list, i));
    return count;
}

static enum result read_members(const struct json *root, struct fact *f)
{
    const struct json *evidence = json_member(root, "evidence");
    *f = (struct fact){.begins_us = json_member_integer(root, "begins_us"),
                       .ends_us = json_member_integer(root, "ends_us"),
                       .form = json_member_text(root, "form"),
                       .staff = json_member_text(root, "staff"),
                       .role = json_member_text(root, "role"),
                       .document = json_member_text(root, "document"),
                       .subject = json_member_text(root, "subject"),
                       .method = json_member_text(root, "method"),
                       .origin = json_member_text(root, "origin"),
                       .result = json_member_text(root, "result"),
                       .has_about = json_member(root, "about") != NULL,
                       .about = (uint64_t)json_member_integer(root, "about"),
                       .until_us = json_member_integer(root, "until_us")};
    f->cameras = read_list(json_member(root, "camera"), f->camera, FACT_CAMERAS_MAX);
    f->items = read_list(json_member(root, "item"), f->item, FACT_ITEMS_MAX);
    f->evidences = json_count(evidence);
    for (size_t i = 0; i < f->evidences && i < FACT_EVIDENCE_MAX; i++) {
        const struct json *e = json_item(evidence, i);
        f->evidence[i] =
            (struct fact_evidence){json_member_text(e, "kind"), json_member_text(e, "value")};
    }
    return f->cameras <= FACT_CAMERAS_MAX && f->items <= FACT_ITEMS_MAX &&
                   f->evidences <= FACT_EVIDENCE_MAX
               ? RESULT_OK
               : RESULT_MALFORMED;
}

/* Canonical is what writing gives again. */
static enum result check_canonical(struct bytes given, const struct fact *f)
{
    struct buf again = BUF_INIT(FACT_MAX);
    enum result r = fact_write(f, &again);
    if (r != RESULT_OK || !bytes_equal(given, buf_view(&again)))
        r = RESULT_MALFORMED;
    buf_free(&again);
    return r;
}

enum result fact_read(struct bytes given, struct fact *f, struct fact_room **room)
{
    char why[1];
    struct json *root;
    *room = NULL;
    if (given.n > FACT_MAX || json_read(given, &root, why, sizeof why) != RESULT_OK)
        return RESULT_MALFORMED;
    *room = mem_new(sizeof **room);
    (*room)->root = root;
    enum result r = read_members(root, f);
    if (r == RESULT_OK)
        r = check_canonical(given, f);
    if (r != RESULT_OK) {
        fact_room_free(*room);
        *room = NULL;
    }
    return r;
}

void fact_room_free(struct fact_room *room)
{
    if (room == NULL)
        return;
    json_free(room->root);
    mem_free(room);
}

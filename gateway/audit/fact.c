#include "audit/fact.h"

#include "audit/canonical.h"

/* ---- writing */

static void put_evidence(struct canonical *c, const struct fact *f)
{
    for (size_t i = 0; i < f->evidences; i++) {
        canonical_item(c, "evidence", i);
        canonical_text(c, "kind", f->evidence[i].kind);
        canonical_text(c, "value", f->evidence[i].value);
        canonical_close(c);
    }
    canonical_list_end(c, f->evidences);
}

static void put_retained(struct canonical *c, const struct fact *f)
{
    for (size_t i = 0; i < f->retains; i++) {
        canonical_item(c, "retained", i);
        canonical_text(c, "case", f->retained[i].case_ref);
        canonical_integer(c, "item", (int64_t)f->retained[i].item);
        canonical_close(c);
    }
    canonical_list_end(c, f->retains);
}

static void put_time(struct canonical *c, const char *key, int64_t at_us)
{
    if (at_us != 0)
        canonical_integer(c, key, at_us);
}

/* The keys in the order of RFC 8785, 3.2.3. */
static void put_members(struct canonical *c, const struct fact *f)
{
    if (f->has_about)
        canonical_integer(c, "about", (int64_t)f->about);
    put_time(c, "begins_us", f->begins_us);
    canonical_texts(c, "camera", f->camera, f->cameras);
    canonical_text(c, "document", f->document);
    put_time(c, "ends_us", f->ends_us);
    put_evidence(c, f);
    canonical_text(c, "form", f->form);
    canonical_texts(c, "item", f->item, f->items);
    canonical_text(c, "method", f->method);
    canonical_text(c, "origin", f->origin);
    canonical_text(c, "reason", f->reason);
    canonical_text(c, "result", f->result);
    put_retained(c, f);
    canonical_text(c, "role", f->role);
    canonical_text(c, "staff", f->staff);
    canonical_text(c, "subject", f->subject);
    put_time(c, "until_us", f->until_us);
    canonical_text(c, "workstation", f->workstation);
}

bool fact_is_empty(const struct fact *f)
{
    const struct bytes text[] = {f->form,   f->staff,  f->role,   f->document, f->subject,
                                 f->method, f->origin, f->result, f->reason,   f->workstation};
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        if (text[i].n > 0)
            return false;
    return f->cameras == 0 && f->items == 0 && f->evidences == 0 && !f->has_about &&
           f->retains == 0 && f->begins_us == 0 && f->ends_us == 0 && f->until_us == 0;
}

enum result fact_write(const struct fact *f, struct buf *out)
{
    struct canonical c;
    if (f->cameras > FACT_CAMERAS_MAX || f->items > FACT_ITEMS_MAX ||
        f->evidences > FACT_EVIDENCE_MAX || f->retains > FACT_RETAINED_MAX)
        return RESULT_TOO_LARGE;
    canonical_begin(&c, out);
    put_members(&c, f);
    return canonical_end(&c, FACT_MAX);
}

/* ---- reading */

static size_t read_list(const struct json *list, struct bytes *out, size_t most)
{
    size_t count = json_count(list);
    for (size_t i = 0; i < count && i < most; i++)
        out[i] = json_text_of(json_item(list, i));
    return count;
}

static enum result read_members(const struct json *root, struct fact *f)
{
    const struct json *evidence = json_member(root, "evidence"),
                      *retained = json_member(root, "retained");
    *f = (struct fact){.begins_us = json_member_integer(root, "begins_us"),
                       .ends_us = json_member_integer(root, "ends_us"),
                       .form = json_member_text(root, "form"),
                       .staff = json_member_text(root, "staff"),
                       .role = json_member_text(root, "role"),
                       .document = json_member_text(root, "document"),
                       .subject = json_member_text(root, "subject"),
                       .method = json_member_text(root, "method"),
                       .origin = json_member_text(root, "origin"),
                       .reason = json_member_text(root, "reason"),
                       .result = json_member_text(root, "result"),
                       .has_about = json_member(root, "about") != NULL,
                       .about = (uint64_t)json_member_integer(root, "about"),
                       .until_us = json_member_integer(root, "until_us"),
                       .workstation = json_member_text(root, "workstation")};
    f->cameras = read_list(json_member(root, "camera"), f->camera, FACT_CAMERAS_MAX);
    f->items = read_list(json_member(root, "item"), f->item, FACT_ITEMS_MAX);
    f->evidences = json_count(evidence);
    for (size_t i = 0; i < f->evidences && i < FACT_EVIDENCE_MAX; i++) {
        const struct json *e = json_item(evidence, i);
        f->evidence[i] =
            (struct fact_evidence){json_member_text(e, "kind"), json_member_text(e, "value")};
    }
    f->retains = json_count(retained);
    for (size_t i = 0; i < f->retains && i < FACT_RETAINED_MAX; i++) {
        const struct json *x = json_item(retained, i);
        f->retained[i] = (struct fact_retained){(uint64_t)json_member_integer(x, "item"),
                                                json_member_text(x, "case")};
    }
    return f->cameras <= FACT_CAMERAS_MAX && f->retains <= FACT_RETAINED_MAX &&
                   f->items <= FACT_ITEMS_MAX && f->evidences <= FACT_EVIDENCE_MAX
               ? RESULT_OK
               : RESULT_MALFORMED;
}

enum result fact_read(struct bytes given, struct fact *f, struct json **room)
{
    struct buf again = BUF_INIT(FACT_MAX);
    *room = NULL;
    enum result r = canonical_read(given, FACT_MAX, room);
    if (r == RESULT_OK)
        r = read_members(*room, f);
    if (r == RESULT_OK)
        r = canonical_same(given, fact_write(f, &again), &again);
    if (r != RESULT_OK) {
        json_free(*room);
        *room = NULL;
    }
    return r;
}

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

static void take_evidence(struct canonical_reader *r, struct fact *f)
{
    while (f->evidences < FACT_EVIDENCE_MAX && canonical_take_item(r, "evidence", f->evidences)) {
        struct fact_evidence *e = &f->evidence[f->evidences++];
        e->kind = canonical_take_text(r, "kind");
        e->value = canonical_take_text(r, "value");
        canonical_take_close(r);
    }
    canonical_take_list_end(r, f->evidences);
}

static void take_retained(struct canonical_reader *r, struct fact *f)
{
    while (f->retains < FACT_RETAINED_MAX && canonical_take_item(r, "retained", f->retains)) {
        struct fact_retained *x = &f->retained[f->retains++];
        x->case_ref = canonical_take_text(r, "case");
        x->item = (uint64_t)canonical_take_integer(r, "item", NULL);
        canonical_take_close(r);
    }
    canonical_take_list_end(r, f->retains);
}

/* In the order of put_members. */
static void take_members(struct canonical_reader *r, struct fact *f)
{
    f->about = (uint64_t)canonical_take_integer(r, "about", &f->has_about);
    f->begins_us = canonical_take_integer(r, "begins_us", NULL);
    f->cameras = canonical_take_texts(r, "camera", f->camera, FACT_CAMERAS_MAX);
    f->document = canonical_take_text(r, "document");
    f->ends_us = canonical_take_integer(r, "ends_us", NULL);
    take_evidence(r, f);
    f->form = canonical_take_text(r, "form");
    f->items = canonical_take_texts(r, "item", f->item, FACT_ITEMS_MAX);
    f->method = canonical_take_text(r, "method");
    f->origin = canonical_take_text(r, "origin");
    f->reason = canonical_take_text(r, "reason");
    f->result = canonical_take_text(r, "result");
    take_retained(r, f);
    f->role = canonical_take_text(r, "role");
    f->staff = canonical_take_text(r, "staff");
    f->subject = canonical_take_text(r, "subject");
    f->until_us = canonical_take_integer(r, "until_us", NULL);
    f->workstation = canonical_take_text(r, "workstation");
}

enum result fact_read(struct bytes given, struct fact *f, struct buf *room)
{
    struct buf again = BUF_INIT(FACT_MAX);
    struct canonical_reader reader;
    *f = (struct fact){0};
    enum result r = canonical_read(&reader, given, FACT_MAX, room);
    if (r == RESULT_OK) {
        take_members(&reader, f);
        r = canonical_same(given, fact_write(f, &again), &again);
    }
    if (r != RESULT_OK)
        buf_free(room);
    return r;
}

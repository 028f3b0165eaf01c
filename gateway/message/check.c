#include "message/check.h"

#include "message/reflect.h"

#include <stdarg.h>
#include <stdio.h>

static size_t put_path(const struct check *c, const char *field, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < c->depth && n < room; i++) {
        n += (size_t)snprintf(out + n, room - n, "%s%s", i == 0 ? "" : ".", c->path[i].name);
        if (c->path[i].repeated && n < room)
            n += (size_t)snprintf(out + n, room - n, "[%zu]", c->path[i].item);
    }
    if (field != NULL && n < room)
        n += (size_t)snprintf(out + n, room - n, "%s%s", n == 0 ? "" : ".", field);
    return n < room ? n : room - 1;
}

bool check_wrong(struct check *c, const char *field, enum reason reason, const char *expected, ...)
{
    char *text = c->wrong.text;
    size_t room = sizeof c->wrong.text, n = put_path(c, field, text, room);
    c->wrong.reason = reason;
    n += (size_t)snprintf(text + n, room - n, ": ");
    if (n >= room)
        return false;
    va_list args;
    va_start(args, expected);
    (void)vsnprintf(text + n, room - n, expected, args);
    va_end(args);
    return false;
}

/* When the list is full, a reason that it lacks takes the last place: flags count by their reasons,
 * of which there are fewer than places. */
static void note(struct findings *found, const struct finding *f)
{
    if (found->count < FINDINGS_MAX) {
        found->finding[found->count++] = *f;
        return;
    }
    for (size_t i = 0; i < found->count; i++)
        if (found->finding[i].reason == f->reason)
            return;
    found->finding[FINDINGS_MAX - 1] = *f;
}

void check_refuse(struct check *c)
{
    c->found->refused = true;
    c->found->count = 1;
    c->found->finding[0] = c->wrong;
}

bool check_doubt(struct check *c, const char *field, enum reason reason, const char *expected)
{
    (void)check_wrong(c, field, reason, "%s", expected);
    if (!c->urgent || reason_row(reason)->urgent != REASON_URGENT_FLAG)
        return false;
    note(c->found, &c->wrong);
    return true;
}

bool check_set_apart(struct check *c)
{
    if (!c->sets_apart)
        return false;
    note(c->found, &c->wrong);
    c->found->set_apart = true;
    return true;
}

bool check_left_out(struct check *c)
{
    struct finding *w = &c->wrong;
    if (!c->urgent)
        return false;
    if (w->reason != REASON_MEDIA_REFUSED)
        w->reason = REASON_OUT_OF_RANGE;
    size_t n = strlen(w->text);
    (void)snprintf(w->text + n, sizeof w->text - n, " (left out)");
    note(c->found, w);
    return true;
}

static bool message_good(struct check *c, ProtobufCMessage *m, const struct type_rules *rules);

/* A single value, or one item of a list. */
static bool value_good(struct check *c, const struct field_rule *r,
                       const ProtobufCFieldDescriptor *f, const void *value)
{
    if (r->form == FORM_MESSAGE)
        return message_good(c, *(ProtobufCMessage *const *)value, r->of);
    return form_check(c, r, f, value);
}

/* A bad item costs the item in the urgent lane, not the list, unless a shorter list says more than
 * the sender did. */
static bool list_good(struct check *c, const struct field_rule *r, ProtobufCMessage *m,
                      const ProtobufCFieldDescriptor *f)
{
    size_t n = reflect_count(m, f), left = 0, depth = c->depth - 1;
    if (n > r->most)
        return check_wrong(c, NULL, REASON_OUT_OF_RANGE, "at most %zu items", r->most);
    for (size_t i = 0; i < n; i++) {
        c->path[depth].repeated = true;
        c->path[depth].item = i;
        bool good = value_good(c, r, f, reflect_value(m, f, left));
        c->path[depth].repeated = false;
        if (good) {
            left++;
            continue;
        }
        if (r->need == NEED_STRICT || !check_left_out(c))
            return false;
        reflect_remove(m, f, left);
    }
    if (left == 0 && r->need == NEED_MUST)
        return check_wrong(c, NULL, REASON_OUT_OF_RANGE, "at least one good item");
    return true;
}

static bool content_good(struct check *c, const struct field_rule *r, ProtobufCMessage *m,
                         const ProtobufCFieldDescriptor *f)
{
    if (reflect_count(m, f) == 0)
        return r->need != NEED_MUST || check_wrong(c, NULL, REASON_MALFORMED, "required");
    if (r->need == NEED_GATEWAY)
        return check_wrong(c, NULL, REASON_MALFORMED, "set by the gateway only");
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return list_good(c, r, m, f);
    return value_good(c, r, f, reflect_value(m, f, 0));
}

static bool field_good(struct check *c, const struct field_rule *r, ProtobufCMessage *m,
                       const ProtobufCFieldDescriptor *f)
{
    if (c->depth == CHECK_DEPTH)
        return check_wrong(c, r->name, REASON_MALFORMED, "at most %d levels", CHECK_DEPTH);
    c->path[c->depth].name = r->name;
    c->path[c->depth++].repeated = false;
    bool good = content_good(c, r, m, f);
    c->depth--;
    if (good)
        return true;
    if (r->need != NEED_MAY || !check_left_out(c))
        return false;
    reflect_clear(m, f);
    return true;
}

static bool message_good(struct check *c, ProtobufCMessage *m, const struct type_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (!field_good(c, &rules->field[i], m, &m->descriptor->fields[i]))
            return false;
    return rules->whole == NULL || rules->whole(c, m);
}

bool check_message(struct check *c, const char *name, ProtobufCMessage *m,
                   const struct type_rules *rules)
{
    c->depth = 1;
    c->path[0].name = name;
    c->path[0].repeated = false;
    bool good = message_good(c, m, rules);
    c->depth = 0;
    return good;
}

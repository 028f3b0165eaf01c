/* Fields of the contract by their path. */
#include "formats/format.h"

#include <stdio.h>

/* Whether a path begins with this part. */
static bool begins_with(struct bytes path, const char *part)
{
    size_t n = strlen(part);
    return bytes_begins(path, part) && (path.n == n || path.p[n] == '.');
}

bool field_of_row(const struct format_row *row, const char *kind, char *out, size_t n)
{
    struct bytes rest = bytes_of_text(row->fields);
    for (;;) {
        struct bytes path = next_word(&rest);
        if (path.n == 0)
            return false;
        if (!begins_with(path, "header") && !begins_with(path, kind))
            continue;
        (void)snprintf(out, n, "%.*s", (int)path.n, (const char *)path.p);
        return true;
    }
}

/* The part of a path up to the next dot, taken off it. */
static struct bytes next_part(struct bytes *path)
{
    size_t n = 0;
    while (n < path->n && path->p[n] != '.')
        n++;
    struct bytes part = bytes_of(path->p, n);
    n += n < path->n;
    *path = bytes_of(path->p + n, path->n - n);
    return part;
}

static ProtobufCMessage *make(struct arena *a, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *m = arena_take(a, type->sizeof_message);
    if (m != NULL)
        protobuf_c_message_init(type, m);
    return m;
}

void *field_add(struct arena *a, const struct field *f)
{
    const ProtobufCMessageDescriptor *type = reflect_type_of(f->f);
    const size_t item = sizeof(void *); /* what is repeated here are texts and messages */
    void **at = reflect_value(f->m, f->f, 0);
    if (f->f->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t n = reflect_count(f->m, f->f);
        void **items = arena_take(a, (n + 1) * item);
        if (items == NULL)
            return NULL;
        if (n > 0)
            memcpy(items, at, n * item);
        reflect_set_items(f->m, f->f, items, n + 1);
        at = &items[n];
    }
    if (type == NULL)
        return at;
    *at = make(a, type);
    return *at;
}

/* The message that a field holds; made in the arena when there is none. */
static ProtobufCMessage *inside(struct arena *a, const struct field *f)
{
    size_t n = reflect_count(f->m, f->f);
    if (n > 0)
        return *(ProtobufCMessage **)reflect_value(f->m, f->f, n - 1);
    return a == NULL ? NULL : field_add(a, f);
}

bool field_find(struct arena *a, Fedgate__V1__Message *m, const char *path, struct field *out)
{
    struct bytes rest = bytes_of_text(path);
    out->m = &m->base;
    for (;;) {
        out->f = reflect_named(out->m->descriptor, next_part(&rest));
        if (out->f == NULL || rest.n == 0)
            return out->f != NULL;
        out->m = inside(a, out);
        if (out->m == NULL)
            return false;
    }
}

const char *body_name(const Fedgate__V1__Message *m)
{
    const ProtobufCFieldDescriptor *f =
        m->body_case == 0
            ? NULL
            : protobuf_c_message_descriptor_get_field(m->base.descriptor, (unsigned)m->body_case);
    return f == NULL ? NULL : f->name;
}

bool body_make(struct arena *a, Fedgate__V1__Message *m, const char *name)
{
    struct field f = {&m->base, reflect_named(m->base.descriptor, bytes_of_text(name))};
    if (f.f == NULL || reflect_type_of(f.f) == NULL || field_add(a, &f) == NULL)
        return false;
    m->body_case = (Fedgate__V1__Message__BodyCase)f.f->id;
    return true;
}

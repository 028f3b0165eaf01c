#include "message/transform.h"

#include "crypto/mac.h"
#include "message/check.h"
#include "message/reflect.h"

#include <math.h>

/* One application under way. */
struct work {
    struct message *m;
    ProtobufCMessage *body;
    const struct transform *t;
    bool changed;
};

static enum result drop(struct work *w, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (reflect_count(m, f) > 0) {
        reflect_clear(m, f);
        w->changed = true;
    }
    return RESULT_OK;
}

/* ---- text */

static bool begins_character(char ch)
{
    return ((unsigned char)ch & 0xc0) != 0x80;
}

/* One '*' for each character but the last `keep`, in the text's own place: it never grows. */
static enum result mask(struct work *w, char **value)
{
    size_t hidden = 0;
    char *to = *value;
    if (*to == '\0') /* may be the library's own empty text, which is constant */
        return RESULT_OK;
    for (const char *at = to; *at != '\0'; at++)
        hidden += begins_character(*at);
    hidden = hidden > w->t->keep ? hidden - w->t->keep : 0;
    w->changed = w->changed || hidden > 0;
    const char *from = to;
    for (; hidden > 0; hidden--) {
        *to++ = '*';
        for (from++; *from != '\0' && !begins_character(*from); from++)
            ;
    }
    memmove(to, from, strlen(from) + 1);
    return RESULT_OK;
}

static enum result pseudonym(struct work *w, char **value)
{
    uint8_t tag[TAG_BYTES];
    if (**value == '\0')
        return RESULT_OK;
    char *text = arena_take(w->m->arena, 2 * TAG_BYTES + 1);
    if (text == NULL)
        return RESULT_NO_MEMORY;
    mac_tag(w->t->key, bytes_of_text(*value), tag);
    bytes_to_hex(bytes_of(tag, sizeof tag), text);
    *value = text;
    w->changed = true;
    return RESULT_OK;
}

static enum result each_text(struct work *w, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
                             enum result (*change)(struct work *, char **))
{
    if (f->type != PROTOBUF_C_TYPE_STRING)
        return drop(w, m, f);
    for (size_t i = 0; i < reflect_count(m, f); i++)
        TRY(change(w, reflect_value(m, f, i)));
    return RESULT_OK;
}

/* ---- places */

static void coarsen_position(struct work *w, Fedgate__V1__Position *p)
{
    struct point at = {p->latitude, p->longitude};
    struct point centre = geo_cell_centre(w->t->origin, w->t->grid_m, at);
    float half_diagonal = (float)(w->t->grid_m * sqrt(0.5));
    p->latitude = centre.latitude;
    p->longitude = centre.longitude;
    if (!(p->accuracy_m >= half_diagonal))
        p->accuracy_m = half_diagonal;
    w->changed = true;
}

/* The place in words would tell what the points no longer do. */
static void coarsen_area(struct work *w, Fedgate__V1__Area *a)
{
    for (size_t i = 0; i < a->n_point; i++)
        coarsen_position(w, a->point[i]);
    (void)drop(w, &a->base, reflect_named(a->base.descriptor, bytes_of_text("place")));
}

static enum result coarsen(struct work *w, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    for (size_t i = 0; i < reflect_count(m, f); i++) {
        void *value = reflect_value(m, f, i);
        if (f->descriptor == &fedgate__v1__position__descriptor)
            coarsen_position(w, *(Fedgate__V1__Position **)value);
        else if (f->descriptor == &fedgate__v1__area__descriptor)
            coarsen_area(w, *(Fedgate__V1__Area **)value);
        else
            return drop(w, m, f);
    }
    return RESULT_OK;
}

static enum result set_cameras(struct work *w)
{
    const ProtobufCFieldDescriptor *f =
        reflect_named(w->body->descriptor, bytes_of_text("camera_id"));
    size_t n = w->t->cameras;
    char **id = arena_take(w->m->arena, n * sizeof *id);
    if (id == NULL)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const char *text = w->t->camera[i];
        id[i] = (char *)arena_copy(w->m->arena, bytes_of(text, strlen(text) + 1)).p;
        if (id[i] == NULL)
            return RESULT_NO_MEMORY;
    }
    reflect_set_items(w->body, f, id, n);
    return RESULT_OK;
}

static enum result to_cameras(struct work *w, ProtobufCMessage *m,
                              const ProtobufCFieldDescriptor *f)
{
    bool was_there = reflect_count(m, f) > 0;
    TRY(drop(w, m, f));
    return was_there && kind_names_cameras(w->m->kind) ? set_cameras(w) : RESULT_OK;
}

/* ---- finding the field */

static enum result change_field(struct work *w, ProtobufCMessage *m,
                                const ProtobufCFieldDescriptor *f)
{
    switch (w->t->op) {
    case TRANSFORM_DROP: return drop(w, m, f);
    case TRANSFORM_MASK: return each_text(w, m, f, mask);
    case TRANSFORM_PSEUDONYM: return each_text(w, m, f, pseudonym);
    case TRANSFORM_COARSEN: return coarsen(w, m, f);
    case TRANSFORM_TO_CAMERAS: return to_cameras(w, m, f);
    }
    return RESULT_STATE;
}

/* As deep as a path is long. */
static enum result follow(struct work *w, ProtobufCMessage *m, size_t level)
{
    const uint16_t *number = w->t->path.number;
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field(m->descriptor, number[level]);
    if (f == NULL)
        return RESULT_OK;
    if (level + 1 == PATH_DEPTH || number[level + 1] == 0)
        return change_field(w, m, f);
    for (size_t i = 0; reflect_type_of(f) != NULL && i < reflect_count(m, f); i++)
        TRY(follow(w, *(ProtobufCMessage **)reflect_value(m, f, i), level + 1));
    return RESULT_OK;
}

enum result message_transform(struct message *m, const struct transform *t, bool *changed)
{
    struct work w = {.m = m, .body = message_body(m), .t = t};
    enum result r = follow(&w, w.body, 0);
    *changed = w.changed;
    return r;
}

bool message_drop_original(struct message *m, struct field_path *path)
{
    static const char field[] = "signed_cap";
    ProtobufCMessage *body = message_body(m);
    const ProtobufCFieldDescriptor *f = reflect_named(body->descriptor, bytes_of_text(field));
    if (f == NULL || reflect_count(body, f) == 0)
        return false;
    reflect_clear(body, f);
    *path = (struct field_path){{(uint16_t)f->id}};
    return true;
}

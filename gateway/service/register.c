#include "service/register.h"

#include "audit/fact.h"
#include "base/mem.h"
#include "ipc/register.h"
#include "message/reflect.h"

#include <fedgate/v1/fedgate.pb-c.h>

/* ---- the key */

bool register_is_ready(struct edge *e)
{
    const uint8_t *key;
    if (e->register_scope == 0 || e->register_ready)
        return true;
    e->register_ready = scope_key(e, e->register_scope, &key) == RESULT_OK;
    if (e->register_ready)
        mac_derive_key(key, REGISTER_SUBJECTS, e->subjects_key);
    return e->register_ready;
}

enum result register_take_scope(struct edge *e, struct bytes body)
{
    struct cursor in = cursor_over(body);
    TRY(cursor_u64(&in, &e->register_scope));
    TRY(cursor_done(&in));
    e->register_ready = false;
    (void)register_is_ready(e);
    return RESULT_OK;
}

/* ---- sealing */

static enum result seal(struct edge *e, const uint8_t *key, struct bytes plain,
                        struct road_fact *out, struct buf *room)
{
    struct body_keys k;
    uint8_t *to = buf_extend(room, plain.n + SEAL_TAG);
    if (to == NULL)
        return RESULT_TOO_LARGE;
    out->scope = e->register_scope;
    random_take(&e->random, out->seed, ROAD_SEED);
    seal_body_keys(key, out->seed, &k);
    commitment_of(e, k.salt, plain, out->commitment);
    seal_body_under(&k, bytes_of_text(REGISTER_CONTEXT), plain, to);
    out->sealed = buf_view(room);
    return RESULT_OK;
}

/* "party/ref", as a tag that only the register's key makes again. */
static enum result tag_subject(struct edge *e, const struct facts *f, char hex[FACT_SUBJECT + 1],
                               struct fact *out)
{
    uint8_t tag[TAG_BYTES];
    size_t n = f->subject_party.n + 1 + f->subject_ref.n;
    uint8_t *name = arena_take(e->arena, n);
    if (name == NULL)
        return RESULT_NO_MEMORY;
    memcpy(name, f->subject_party.p, f->subject_party.n);
    name[f->subject_party.n] = '/';
    memcpy(name + f->subject_party.n + 1, f->subject_ref.p, f->subject_ref.n);
    mac_tag(e->subjects_key, bytes_of(name, n), tag);
    bytes_to_hex(bytes_of(tag, sizeof tag), hex);
    out->subject = bytes_of(hex, FACT_SUBJECT);
    return RESULT_OK;
}

/* `subject`: the facts that name whose data it is, or NULL. */
static enum result keep(struct edge *e, const struct fact *said, const struct facts *subject,
                        struct road_fact *out, struct buf *room)
{
    struct buf *plain = &e->drafts.plain;
    struct fact f = *said;
    char hex[FACT_SUBJECT + 1];
    const uint8_t *key;
    *out = (struct road_fact){0};
    buf_clear(room);
    if (e->register_scope == 0)
        return RESULT_OK;
    if (!register_is_ready(e) || scope_key(e, e->register_scope, &key) != RESULT_OK)
        return RESULT_UNAVAILABLE;
    if (subject != NULL)
        TRY(tag_subject(e, subject, hex, &f));
    if (fact_is_empty(&f))
        return RESULT_OK;
    enum result r = fact_write(&f, plain);
    if (r == RESULT_OK)
        r = seal(e, key, buf_view(plain), out, room);
    buf_reuse(plain, DRAFT_KEPT);
    return r;
}

/* ---- parts of facts */

/* "POSITION_METHOD_GNSS" as "gnss": what stands behind the name of the enumeration. Empty for what
 * is not given. */
static struct bytes enum_word(struct edge *e, const ProtobufCEnumDescriptor *type, int value)
{
    static const char none[] = "UNSPECIFIED";
    const ProtobufCEnumValue *zero = protobuf_c_enum_descriptor_get_value(type, 0),
                             *v = protobuf_c_enum_descriptor_get_value(type, value);
    if (v == NULL || zero == NULL || v == zero)
        return bytes_of(NULL, 0);
    size_t prefix = strlen(zero->name) - strlen(none), n = strlen(v->name) - prefix;
    char *out = arena_take(e->arena, n + 1);
    for (size_t i = 0; out != NULL && i < n; i++) {
        char c = v->name[prefix + i];
        out[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return bytes_of(out, out == NULL ? 0 : n);
}

static void take_actor(const struct facts *f, struct fact *out)
{
    out->staff = f->actor_ref;
    out->role = f->actor_role;
    for (size_t i = 0; i < f->evidences && out->evidences < FACT_EVIDENCE_MAX; i++)
        out->evidence[out->evidences++] =
            (struct fact_evidence){f->evidence[i].kind, f->evidence[i].value};
}

static void take_about(const struct edge *e, const Fedgate__V1__LogRef *ref, struct fact *out)
{
    out->has_about = ref != NULL && bytes_is(bytes_of_text(ref->origin), edge_origin(e));
    if (out->has_about)
        out->about = ref->index;
}

/* Whose case it is stands nowhere else; the log has the Act and the date. */
static void take_retained(const Fedgate__V1__DestructionReceipt *r, struct fact *out)
{
    _Static_assert((int)LIMIT_RETAINED <= (int)FACT_RETAINED_MAX, "a receipt fits into a fact");
    for (; out->retains < r->n_retained && out->retains < FACT_RETAINED_MAX; out->retains++)
        out->retained[out->retains] =
            (struct fact_retained){r->retained[out->retains]->item->index,
                                   bytes_of_text(r->retained[out->retains]->case_ref)};
}

/* What only some kinds say, and a register asks for. */
static void take_kind(struct edge *e, const struct message *m, struct fact *out)
{
    const Fedgate__V1__Message *pb = m->pb;
    switch (m->facts.kind) {
    case KIND_RELEASE_REQUEST:
        out->document = bytes_of_text(pb->release_request->document_no);
        out->result =
            enum_word(e, &fedgate__v1__requester__descriptor, (int)pb->release_request->requester);
        break;
    case KIND_RELEASE_ANSWER:
        take_about(e, pb->header->in_reply_to, out);
        out->result =
            enum_word(e, &fedgate__v1__release_result__descriptor, (int)pb->release_answer->result);
        break;
    case KIND_FEEDBACK:
        out->result = bytes_of_text(pb->feedback->helped ? "helped" : "not-helped");
        break;
    case KIND_NOTICE_RECEIPT: take_about(e, pb->notice_receipt->provision, out); break;
    case KIND_NOTICE_DEFERRAL:
        take_about(e, pb->notice_deferral->provision, out);
        out->until_us =
            pb->notice_deferral->until == NULL ? 0 : pb->notice_deferral->until->seconds * US_PER_S;
        break;
    case KIND_DESTRUCTION_RECEIPT:
        out->staff = bytes_of_text(pb->destruction_receipt->staff_ref);
        take_retained(pb->destruction_receipt, out);
        break;
    default: break;
    }
}

static void take_position(struct edge *e, const Fedgate__V1__Position *p, struct fact *out)
{
    if (p == NULL)
        return;
    out->method = enum_word(e, &fedgate__v1__position_method__descriptor, (int)p->method);
    out->origin = enum_word(e, &fedgate__v1__position_origin__descriptor, (int)p->origin);
}

/* The fields that the recipient gets, by name; and of two of them how they were made. */
static void take_items(struct edge *e, const struct message *m, struct fact *out)
{
    const ProtobufCMessage *body = message_body(m);
    for (unsigned i = 0; body != NULL && i < body->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &body->descriptor->fields[i];
        if (reflect_count(body, field) == 0 || out->items == FACT_ITEMS_MAX)
            continue;
        out->item[out->items++] = bytes_of_text(field->name);
        if (reflect_type_of(field) == &fedgate__v1__position__descriptor &&
            field->label != PROTOBUF_C_LABEL_REPEATED)
            take_position(e, *(Fedgate__V1__Position **)reflect_value(body, field, 0), out);
        if (strcmp(field->name, "media_type") == 0)
            out->form = bytes_of_text(*(char **)reflect_value(body, field, 0));
    }
}

static bool has_item(const struct fact *f, const char *name)
{
    for (size_t i = 0; i < f->items; i++)
        if (bytes_is(f->item[i], name))
            return true;
    return false;
}

static void take_cameras(const struct facts *f, struct fact *out)
{
    for (size_t i = 0; i < f->cameras && out->cameras < FACT_CAMERAS_MAX; i++)
        out->camera[out->cameras++] = f->camera[i];
}

/* ---- what there is to keep */

enum result register_received(struct edge *e, const struct message *m, struct road_fact *out,
                              struct buf *room)
{
    struct fact f = {0};
    take_actor(&m->facts, &f);
    take_kind(e, m, &f);
    return keep(e, &f, NULL, out, room);
}

/* The facts are those of the message as it came: what a transform took out is not among the items.
 */
enum result register_delivered(struct edge *e, const struct message *m, struct road_fact *out,
                               struct buf *room)
{
    struct fact f = {0};
    take_items(e, m, &f);
    bool is_image = m->facts.kind == KIND_SCENE_IMAGE;
    if (is_image && has_item(&f, "camera_id"))
        take_cameras(&m->facts, &f);
    if (is_image && has_item(&f, "taken_at") && m->facts.recorded_us > 0)
        f.begins_us = m->facts.recorded_us;
    const struct facts *subject =
        m->facts.has_subject && has_item(&f, "subject") ? &m->facts : NULL;
    return keep(e, &f, subject, out, room);
}

enum result register_stream(struct edge *e, const struct facts *stream,
                            enum media_container container, const struct facts *who,
                            struct road_fact *out, struct buf *room)
{
    static const struct bytes item = {(const uint8_t *)"video", 5};
    struct fact f = {
        .item = {item}, .items = 1, .form = bytes_of_text(media_container_type(container))};
    take_cameras(stream, &f);
    take_actor(who, &f);
    return keep(e, &f, stream->has_subject ? stream : NULL, out, room);
}

enum result register_opening(struct edge *e, const Fedgate__V1__Actor *actor, struct bytes reason,
                             struct road_fact *out, struct buf *room)
{
    const struct fact f = {.staff = bytes_of_text(actor->staff_ref),
                           .role = bytes_of_text(actor->role),
                           .workstation = bytes_of_text(actor->workstation),
                           .method = bytes_of_text(actor->authenticated_by),
                           .reason = reason};
    return keep(e, &f, NULL, out, room);
}

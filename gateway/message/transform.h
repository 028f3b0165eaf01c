/*
 * Transforms: what a recipient gets instead of what was sent. A path is a chain of field numbers
 * from the Message's body, such as guardian_alert's position.latitude; compilers of policy resolve
 * names to paths here, so that a path that does not exist is an error then and not at run time.
 */
#ifndef FEDGATE_MESSAGE_TRANSFORM_H
#define FEDGATE_MESSAGE_TRANSFORM_H

#include "message/message.h"

enum { PATH_DEPTH = 4, TRANSFORM_CAMERAS_MAX = 64 };

/* Field numbers from the kind's own message downwards; 0 ends it. A repeated field on the way means
 * each of its items. */
struct field_path {
    uint16_t number[PATH_DEPTH];
};

/* What a path ends at; a repeated field has the shape of its items. */
enum field_shape {
    FIELD_TEXT,
    FIELD_BYTES,
    FIELD_NUMBER, /* not enumerations and booleans, which are OTHER */
    FIELD_POSITION,
    FIELD_AREA,
    FIELD_OTHER
};

/* Resolves "position.latitude" in a kind (not KIND_VIDEO). RESULT_UNKNOWN when no such field
 * exists; *nearest is then a field name near to the wrong one, or NULL. */
MUST_USE enum result field_path_resolve(const struct kind *kind, struct bytes text,
                                        struct field_path *out, enum field_shape *shape,
                                        const char **nearest);

/* Whether the kind can carry a Position (or an Area of them) anywhere that none of `removed` takes
 * away; a Position of which only parts are removed is still one. */
bool kind_carries_position(const struct kind *kind, const struct field_path *removed, size_t count);

/* Whether the kind has the repeated field camera_id, for TRANSFORM_TO_CAMERAS. */
bool kind_names_cameras(const struct kind *kind);

enum transform_op {
    TRANSFORM_DROP,    /* the field is as if not sent */
    TRANSFORM_MASK,    /* text: every character becomes '*', but the last `keep` */
    TRANSFORM_COARSEN, /* positions: moved to the centre of their grid cell, accuracy at least half
                          its diagonal; areas: each point, and the place in words goes */
    TRANSFORM_PSEUDONYM, /* text: a keyed tag that differs for each recipient, in hexadecimal */
    TRANSFORM_TO_CAMERAS /* an area or position: dropped; camera_id is set to `camera` */
};

struct transform {
    enum transform_op op;
    struct field_path path;
    uint32_t keep;             /* MASK */
    double grid_m;             /* COARSEN */
    struct point origin;       /* COARSEN: where the grid's edges run through */
    const uint8_t *key;        /* PSEUDONYM: 32 bytes, of the recipient's */
    const char *const *camera; /* TO_CAMERAS */
    size_t cameras;
};

/*
 * Applies one transform to the decoded structure, in its arena, and says whether anything changed.
 * An operation that does not fit the field's shape drops the field: it was meant to hide something.
 * RESULT_NO_MEMORY is the only failure; the message must not be used then. `facts` stay as they
 * were until message_facts.
 */
MUST_USE enum result message_transform(struct message *m, const struct transform *t, bool *changed);

/* Takes away the signed original of a message that a transform has changed, for it says what the
 * fields said before. False when it has none; else its path. */
bool message_drop_original(struct message *m, struct field_path *path);

/* Writes the path as text ("position.latitude") for Obligations.changed_field. `out` holds `n`
 * characters. */
void field_path_text(const struct kind *kind, const struct field_path *path, char *out, size_t n);

#endif

/*
 * What one or two sets know, by name: what is compared over two sets is the same message to both.
 * Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_UNIVERSE_H
#define FEDGATE_POLICY_UNIVERSE_H

#include "policy/snapshot.h"

enum { SIDES = 2 }; /* the set itself, or the old one; and the new one */

/* A word, a basis or a camera with its row in each set; ROW_NONE: that set does not know it. */
struct known {
    const char *name;
    uint32_t row[SIDES];
};

struct knowns {
    struct known *item;
    size_t count;
};

/* Cameras that no condition about them alone tells apart. */
struct camera_class {
    bool known[SIDES];
    bool moved; /* the sets disagree about the place */
    uint8_t kind[SIDES];
    uint64_t purposes[SIDES];
};

struct universe {
    const struct policy *p[SIDES]; /* the second NULL: there is one set only */
    unsigned sides;
    int64_t now_us; /* the time for examples, where any will do */
    struct knowns words[WORD_CLASSES], bases, cameras;
    uint32_t *class_of; /* each camera's */
    struct camera_class *classes;
    size_t classes_count;
    bool moved;   /* any camera is */
    bool shifted; /* grids are: the service areas' corners differ */
};

/* The sets must outlive it. */
void universe_init(struct universe *u, const struct policy *one, const struct policy *other,
                   int64_t now_us);
void universe_free(struct universe *u);

/* Where a set has the camera; of one that it does not know, where the other set has it, so that
 * nothing but that parts them. */
struct point universe_camera_place(const struct universe *u, size_t camera, unsigned side);

#endif

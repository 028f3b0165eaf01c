/*
 * The cells of the dimensions (region.h) for one line of questions: a kind from a unit to another,
 * for a service and a purpose. What the grants of that line ask are its atoms: an atom is a
 * question about one dimension. Two values for which all atoms give the same answers lie in one
 * cell; so no decision can tell them apart, and there are few cells however many values there are.
 * Inside policy/ only.
 */
#ifndef FEDGATE_POLICY_SPACE_H
#define FEDGATE_POLICY_SPACE_H

#include "policy/region.h"
#include "policy/universe.h"

enum {
    SPACE_CELLS = 64,
    SPACE_ATOMS = 64,
    SPACE_WORDS = FACTS_LIST_MAX, /* of a list in a message */
    SPACE_CAMERAS = 3,
    SPACE_NOWHERES = 32
};

/* Cells of the dimensions that are the same everywhere. */
enum { CONSENT_ABSENT, CONSENT_OVER, CONSENT_STANDS };
/* A request for a location as it can be: a witness consents, a person to be rescued wishes it, and
 * a wish may be confirmed on any ground (location_request.c). */
struct request_cell {
    unsigned ground; /* 0: no such request */
    bool wish, witness;
};

enum { STATE_UNKNOWN, STATE_CLOSED, STATE_OPEN };

enum atom_op {
    ATOM_IN_FORCE,    /* time: from `number` until `until` */
    ATOM_WINDOW,      /* time: an exercise of the two units is declared */
    ATOM_HOURS,       /* time: local, minutes from `number` until `until` */
    ATOM_DAYS,        /* time: a day of `mask` */
    ATOM_ROW_IN,      /* one word or basis: it is one of `mask` */
    ATOM_NEEDS,       /* one basis: the evidence that it asks for is `mask` */
    ATOM_KNOWN,       /* one word, cameras: the set knows it, all of them */
    ATOM_GIVEN,       /* one word, cameras, a place: there is one */
    ATOM_ANY_OF,      /* several words: at least one of `mask` */
    ATOM_ALL_OF,      /* several words: all of `mask` */
    ATOM_SUBSET,      /* bits: none outside `mask` */
    ATOM_MEETS,       /* bits: one of `mask` */
    ATOM_TEXT,        /* a text, or several: `text` */
    ATOM_CAMERA_KIND, /* every camera's is one of `mask` */
    ATOM_CAMERA_PURPOSE,
    ATOM_YOUNGER, /* age: under `number` */
    ATOM_AREA,    /* a place: in one of the regions of `mask` */
    ATOM_WITHIN   /* a distance: at most `metres`, from the centre of a cell of `grid_m` */
};

struct atom {
    uint8_t op, side;
    uint64_t mask;
    int64_t number, until;
    double metres, grid_m;
    const char *text;
};

/* A cell: which atoms hold, and a value for examples. */
struct cell {
    uint64_t signature;
    union {
        int64_t us;
        uint32_t bits;      /* also those of several texts, by the number of their atom */
        struct point place; /* when ATOM_GIVEN */
        double metres[SIDES];
        struct {
            uint16_t item[SPACE_WORDS]; /* in the universe's list; of cameras: classes */
            uint8_t count;
        } list;
    } value;
};

struct axis {
    unsigned atoms, cells;
    struct atom atom[SPACE_ATOMS];
    struct cell cell[SPACE_CELLS];
};

/* How a question is asked. */
enum manner {
    MANNER_MESSAGE,
    MANNER_WATCH, /* a stream, for a watcher */
    MANNER_OFFER  /* a stream, for its sender */
};

/* A line of questions. Names live in the sets. */
struct line_of {
    enum kind_id kind;
    enum manner manner;
    const char *from, *to, *service;
    const char *purpose, *watcher_purpose; /* the sender's, the watcher's */
};

/* Cells of an incident's place, for which and for the cameras of a cell no place was found. */
struct place_cells {
    uint64_t place, distance, route;
};
struct nowhere {
    size_t camera_cell;
    struct place_cells cells;
};

struct space {
    const struct universe *u;
    struct line_of line;
    uint32_t from[SIDES], to[SIDES]; /* units, or ROW_NONE */
    unsigned asks;                   /* kind_asks */
    unsigned incidents;              /* how many the message names */
    enum dim ignored;                /* asks nothing (DIMS_KINDS: each does) */
    bool gathering;                  /* atoms are collected, and every one may hold */
    bool full;     /* more atoms or cells than there is room for: nothing may be concluded */
    bool unproven; /* no place was found for what the cells say, nor a reason why there is none */
    struct nowhere nowhere[SPACE_NOWHERES];
    unsigned nowheres;
    struct axis dim[DIMS_KINDS];
};

/* Begins to collect atoms. */
void space_begin(struct space *s, const struct universe *u, const struct line_of *line);

/* Ends it: the cells for messages that name so many incidents. May be called again. */
void space_build(struct space *s, unsigned incidents);

/* The cells in which the atom holds. */
uint64_t space_ask(struct space *s, enum dim dim, struct atom a);

/* Everything. */
void space_all(const struct space *s, struct box_cells *out);

/* The cells of DIM_REQUEST. */
struct request_cell space_request(const struct space *s, unsigned cell);
unsigned space_requests(const struct space *s);

/* So many incidents a message of the kind names at least; at most so many make a difference. */
unsigned space_fewest_incidents(const struct space *s);
unsigned space_most_incidents(const struct space *s);

/* ---- how the dimensions get their cells (cells.c, cells_place.c) */
void cells_of_time(struct space *s);
void cells_of_bases(struct space *s, enum dim dim);
void cells_of_words(struct space *s, enum dim dim, enum word_class class, bool none);
void cells_of_lists(struct space *s, enum dim dim, enum word_class class, size_t most);
void cells_of_items(struct space *s);
void cells_of_bits(struct space *s, enum dim dim, uint32_t all);
void cells_of_texts(struct space *s, enum dim dim, bool several);
void cells_of_ages(struct space *s);
void cells_of_cameras(struct space *s);
void cells_of_places(struct space *s);
void cells_of_distances(struct space *s, enum dim dim);

/* A place to the digits that examples tell, a centimetre: only such places are tried, so that what
 * is told is what was asked. */
enum { PLACE_DIGITS = 7 };
struct point space_place_told(struct point at);

/* The signature of a place in DIM_PLACE; NULL: none is known. */
uint64_t space_place_signature(const struct space *s, const struct point *at);

/* The signature of a camera of this class in DIM_CAMERA. */
uint64_t space_camera_signature(const struct space *s, size_t class);

/* Whether the two sets may measure different distances from one place to one camera. */
bool space_sides_differ(const struct space *s, enum dim dim);

/* The key of the policy language that a dimension is about: "incident.younger_than". */
const char *dim_key(enum dim dim);

/* The cell of DIM_BASIS with this basis; 0: no set knows it. */
uint64_t cells_with_basis(const struct space *s, struct bytes code);

/* Adds a cell unless one with this signature is there; false when it was, or there is no room. */
bool cells_add(struct space *s, enum dim dim, const struct cell *c);

#endif

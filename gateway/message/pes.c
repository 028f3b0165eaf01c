#include "message/pes.h"

#include "message/unit.h"

enum {
    PES_FIXED = 9,   /* up to the length of the optional fields */
    SOUND_ID = 0xc0, /* to 0xdf */
    SOUND_MASK = 0xe0,
    VIDEO_ID = 0xe0, /* to 0xef */
    VIDEO_MASK = 0xf0
};

bool pes_begins(struct bytes payload)
{
    size_t n = payload.n < PES_PREFIX ? payload.n : PES_PREFIX;
    return n > 0 && memcmp(payload.p, "\0\0\1", n) == 0;
}

bool pes_is_sound(struct bytes payload)
{
    return (payload.p[PES_PREFIX] & SOUND_MASK) == SOUND_ID;
}

bool pes_is_video(struct bytes payload)
{
    return (payload.p[PES_PREFIX] & VIDEO_MASK) == VIDEO_ID;
}

struct bytes pes_data(struct bytes payload)
{
    size_t head = payload.n < PES_FIXED ? payload.n : PES_FIXED + (size_t)payload.p[PES_FIXED - 1];
    return head > payload.n ? bytes_of(NULL, 0) : bytes_of(payload.p + head, payload.n - head);
}

/* Of a start code the last byte is looked for: it is rarer than its zeros. */
static bool has(enum psi_kind video, struct bytes data,
                bool (*is_wanted)(enum psi_kind video, uint8_t first))
{
    size_t at = 2;
    const uint8_t *one;
    while (at + 1 < data.n && (one = memchr(data.p + at, 1, data.n - at - 1)) != NULL) {
        if (one[-1] == 0 && one[-2] == 0 && is_wanted(video, one[1]))
            return true;
        at = (size_t)(one - data.p) + 1;
    }
    return false;
}

bool pes_has_unit(enum psi_kind video, struct bytes data)
{
    return has(video, data, unit_is_known);
}

bool pes_has_entry(enum psi_kind video, struct bytes data)
{
    return has(video, data, unit_is_entry);
}

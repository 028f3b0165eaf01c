/*
 * Where a camera that moves is: its sender says so between the frames, and it counts for
 * LIMIT_CAMERA_FIX_AGE. So a distance is judged as the camera moves: out of the circle the stream
 * ends, as it does when nothing more is heard. What needs no distance needs no position.
 */
#include "service/stream.h"

static bool moves(const struct sender *s)
{
    const struct facts *f = &s->facts;
    return f->cameras > 0 && !f->recorded && policy_camera_moves(s->edge->policy, f->camera[0]);
}

/* By its own clock and by ours, for its own may be ahead. */
static bool is_recent(const struct sender *s)
{
    const struct edge *e = s->edge;
    return s->place.fixed_us != 0 && edge_now(e) - s->place.fixed_us <= LIMIT_CAMERA_FIX_AGE &&
           clock_steady_us(&e->config.clock) - s->placed_us <= LIMIT_CAMERA_FIX_AGE;
}

void stream_place(struct sender *s)
{
    struct facts *f = &s->facts;
    f->camera_place = !moves(s) ? CAMERA_LISTED : is_recent(s) ? CAMERA_PLACED : CAMERA_UNPLACED;
    f->camera_at = s->place.at;
}

bool stream_waits_for_place(const struct sender *s)
{
    return s->facts.camera_place == CAMERA_UNPLACED && s->place.fixed_us == 0 &&
           clock_steady_us(&s->edge->config.clock) - s->begun_us < LIMIT_CAMERA_FIX_AGE;
}

/* Farther from the last one than a camera moves, beyond what both may be off. */
static bool is_jump(const struct sender *s, const struct video_fix *fix)
{
    const struct video_fix *last = &s->place;
    const double seconds = (double)(fix->fixed_us - last->fixed_us) / (double)US_PER_S;
    return last->fixed_us != 0 &&
           !geo_within(last->at, fix->at,
                       LIMIT_CAMERA_MPS * seconds + last->accuracy_m + fix->accuracy_m);
}

static void misplaced(struct sender *s, enum reason reason, const char *why)
{
    if (s->state == STREAM_PLACING) {
        stream_refuse(s, reason, "", why);
        stream_run(s);
    } else if (s->state == STREAM_OPEN) {
        stream_stop(s, reason, s->clause, why);
    } /* while its opening is on the way to disk, the next one tells, or that none comes */
}

/* Older than the last one, or hardly newer. */
static bool is_passed_over(const struct sender *s, const struct video_fix *fix)
{
    return s->place.fixed_us != 0 && fix->fixed_us < s->place.fixed_us + LIMIT_CAMERA_FIX_EVERY;
}

enum result stream_take_position(struct sender *s, struct bytes frame)
{
    const struct check_limits limits = session_limits(s->session);
    struct findings found;
    struct video_fix fix;
    if (!moves(s))
        return RESULT_MALFORMED;
    arena_reset(s->edge->arena);
    enum result r = video_fix_take(s->edge->arena, frame, &limits, &fix, &found);
    arena_reset(s->edge->arena);
    TRY(r);
    if (found.refused) {
        misplaced(s, found.finding[0].reason, found.finding[0].text);
        return RESULT_OK;
    }
    if (is_passed_over(s, &fix))
        return RESULT_OK;
    if (is_jump(s, &fix)) {
        misplaced(s, REASON_IMPLAUSIBLE,
                  "position: no farther from the last one than a camera moves");
        return RESULT_OK;
    }
    s->place = fix;
    s->placed_us = clock_steady_us(&s->edge->config.clock);
    if (s->state == STREAM_PLACING)
        stream_run(s);
    else
        stream_judge(s);
    return RESULT_OK;
}

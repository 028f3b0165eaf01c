/* The limits of a grant: how much, how often, how large; and the evidence of what passes. */
#include "policy/clause.h"

#include "base/limits.h"
#include "message/media.h"

#include <stdio.h>
#include <stdlib.h>

static struct row_duties *row(void *target)
{
    return &((struct grant *)target)->duties;
}

static void read_streams(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "streams_per_incident", 1, 1000, &v))
        row(target)->streams_per_incident = (uint32_t)v;
}

static void read_mbit(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "mbit_per_s", 1, 10000, &v))
        row(target)->bits_per_s = (uint64_t)v * 1000000;
}

bool grant_read_sound(struct reader *r, const struct node *n, uint8_t *allowed)
{
    static const char *const words[] = {"refuse", "allow"};
    unsigned chosen;
    if (!read_choice(r, n, "audio", words, ARRAY_LEN(words), &chosen))
        return false;
    *allowed = (uint8_t)chosen;
    return true;
}

static void read_audio(struct reader *r, const struct node *n, void *target)
{
    (void)grant_read_sound(r, n, &((struct grant *)target)->row.audio_allowed);
}

/* "1920x1080": a side of 16 to 16384 pixels. */
static bool split_size(const char *text, uint32_t *width, uint32_t *height)
{
    char *end;
    unsigned long w, h;
    if (*text < '0' || *text > '9')
        return false;
    w = strtoul(text, &end, 10);
    if (*end != 'x' || end[1] < '0' || end[1] > '9')
        return false;
    h = strtoul(end + 1, &end, 10);
    *width = (uint32_t)w;
    *height = (uint32_t)h;
    return *end == '\0' && w >= 16 && w <= 16384 && h >= 16 && h <= 16384;
}

static void read_resolution(struct reader *r, const struct node *n, void *target)
{
    struct row_duties *d = row(target);
    if (read_is_text(r, n, "resolution") && !split_size(node_c(n), &d->width, &d->height))
        read_fail(r, n, DIAGNOSE_NOT_A_RESOLUTION, "resolution", NULL, NULL);
}

static void add_codec(struct reader *r, const struct node *n, void *target)
{
    const char *words[MEDIA_CODECS];
    unsigned chosen;
    for (unsigned i = 0; i < MEDIA_CODECS; i++)
        words[i] = media_codec_word(i);
    if (read_choice(r, n, "codecs", words, MEDIA_CODECS, &chosen))
        *(uint8_t *)target |= (uint8_t)(1u << chosen);
}

static void read_codecs(struct reader *r, const struct node *n, void *target)
{
    source_each_text(r, n, "codecs", add_codec, &((struct grant *)target)->row.codecs);
}

static void read_rate(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "messages_per_s", 1, 1000000, &v))
        row(target)->messages_per_s = (uint32_t)v;
}

static void read_bytes(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_size(r, n, "bytes_per_s", 1, INT64_C(1) << 40, &v))
        row(target)->bytes_per_s = (uint64_t)v;
}

static void read_largest(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_size(r, n, "largest", 1, LIMIT_MESSAGE, &v))
        row(target)->largest = (uint32_t)v;
}

static void read_uses(struct reader *r, const struct node *n, void *target)
{
    int64_t v;
    if (read_number(r, n, "uses", 1, 1000, &v))
        row(target)->uses = (uint32_t)v;
}

void grant_read_limits(struct reader *r, const struct node *n, void *target)
{
    static const struct read_key video[] = {{"streams_per_incident", false, read_streams},
                                            {"mbit_per_s", false, read_mbit},
                                            {"resolution", false, read_resolution},
                                            {"codecs", false, read_codecs},
                                            {"uses", false, read_uses},
                                            {"audio", true, read_audio}};
    static const struct read_key message[] = {{"messages_per_s", false, read_rate},
                                              {"bytes_per_s", false, read_bytes},
                                              {"largest", false, read_largest},
                                              {"uses", false, read_uses}};
    const struct kind *kind = ((struct grant *)target)->kind;
    if (kind == NULL)
        return;
    if (kind->id == KIND_VIDEO)
        (void)read_map(r, n, "limits of video", video, ARRAY_LEN(video), target);
    else
        (void)read_map(r, n, "limits", message, ARRAY_LEN(message), target);
}

void grant_read_stream_digest(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"sha256"};
    struct grant *g = target;
    unsigned chosen;
    if (g->kind != NULL && g->kind->id != KIND_VIDEO)
        read_fail(r, n, DIAGNOSE_CONDITION_NOT_FOR_KIND, "stream_digest", g->kind->name, NULL);
    else if (read_choice(r, n, "stream_digest", words, ARRAY_LEN(words), &chosen))
        g->row.stream_digest = 1;
}

/* Of kinds that say where one person is, one message after the other. */
void grant_read_supersede(struct reader *r, const struct node *n, void *target)
{
    static const char *const words[] = {"position"};
    struct grant *g = target;
    unsigned chosen;
    const bool may = g->kind != NULL &&
                     (g->kind->id == KIND_GUARDIAN_ALERT || g->kind->id == KIND_LOCATION_UPDATE);
    if (grant_kind_may(r, n, g, "supersede", may) &&
        read_choice(r, n, "supersede", words, ARRAY_LEN(words), &chosen))
        g->duties.supersedes = 1;
}

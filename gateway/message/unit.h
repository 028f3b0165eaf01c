/* The first byte of a unit of video, which says what it is: H.264 (7.3.1, table 7-1), H.265
 * (7.3.1.2, table 7-1). */
#ifndef FEDGATE_MESSAGE_UNIT_H
#define FEDGATE_MESSAGE_UNIT_H

#include "message/psi.h"

enum { H264_SPS = 7, H264_SUBSET_SPS = 15 /* of scalable or multiview video */, H265_SPS = 33 };

static inline unsigned unit_type(enum psi_kind video, uint8_t first)
{
    return video == PSI_H264 ? first & 0x1fu : first >> 1 & 0x3fu;
}

/* Not one of those that the standards leave to anybody's use (H.264: 0 and 24 on; H.265: 48 on),
 * nor one whose forbidden bit is set. */
static inline bool unit_is_known(enum psi_kind video, uint8_t first)
{
    unsigned type = unit_type(video, first);
    return (first & 0x80) == 0 && (video == PSI_H264 ? type >= 1 && type <= 23 : type <= 47);
}

/* A picture from which a decoder can start, or the parameter sets in front of it: H.264 IDR 5, SPS
 * 7; H.265 IRAP 16 to 23, VPS 32, SPS 33. */
static inline bool unit_is_entry(enum psi_kind video, uint8_t first)
{
    unsigned type = unit_type(video, first);
    if (video == PSI_H264)
        return type == 5 || type == H264_SPS;
    return (type >= 16 && type <= 23) || type == 32 || type == H265_SPS;
}

/* A sequence parameter set. */
static inline bool unit_is_sps(enum psi_kind video, uint8_t first)
{
    unsigned type = unit_type(video, first);
    return video == PSI_H264 ? type == H264_SPS || type == H264_SUBSET_SPS : type == H265_SPS;
}

#endif

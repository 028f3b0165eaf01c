/*
 * Packets of elementary streams (ISO/IEC 13818-1, 2.4.3.6), and where units of H.264 and H.265
 * begin in them (annex B of both).
 */
#ifndef FEDGATE_MESSAGE_PES_H
#define FEDGATE_MESSAGE_PES_H

#include "message/psi.h"

enum { PES_PREFIX = 3 }; /* its start code; the stream id is behind it */

/* Whether a PES packet begins here, with as much of its start code as there is. */
bool pes_begins(struct bytes payload);

/* Whether its stream id, which is there, is one of sound, or of video (table 2-22). */
bool pes_is_sound(struct bytes payload);
bool pes_is_video(struct bytes payload);

/* What lies behind its header; empty when that is not all there. */
struct bytes pes_data(struct bytes payload);

/* Whether a unit begins in these bytes that the codec knows; and one from which a decoder can
 * start, or the parameter sets in front of it. Looks no farther: encoders put them first. */
bool pes_has_unit(enum psi_kind video, struct bytes data);
bool pes_has_entry(enum psi_kind video, struct bytes data);

#endif

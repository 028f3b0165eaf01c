/* Cameras and walls of screens, by ffmpeg as a child: RTSP in; RTSP and HLS (RFC 8216) out. Nothing
 * is encoded again. */
#ifndef FEDGATE_CLI_AGENT_MEDIA_H
#define FEDGATE_CLI_AGENT_MEDIA_H

#include "cli/agent/child.h"

/* Whether this is the address of something that speaks RTSP, and no file. */
bool agent_is_rtsp(const char *path);

/* The first video of a camera, and its first sound if `sound`, as a transport stream or, `is_mp4`,
 * as fragmented MP4. A camera that says nothing for ten seconds has ended. */
struct agent_child *agent_camera_start(struct agent *a, const char *url, bool is_mp4, bool sound,
                                       int *fd);

/* Hands what it is given to a server that takes streams by RTSP (ANNOUNCE, RECORD). */
struct agent_child *agent_rtsp_start(struct agent *a, const char *url, int *fd);

/*
 * Writes it as HLS into a folder: index.m3u8 and the last six pieces of two seconds, as files that
 * the group may read. The folder is made, or empty, as agent_hls_begin sees to (false after an
 * error message); agent_hls_end removes what was written, for it is footage.
 */
bool agent_hls_begin(const char *folder);
struct agent_child *agent_hls_start(struct agent *a, const char *folder, int *fd);
bool agent_hls_end(const char *folder);

#endif

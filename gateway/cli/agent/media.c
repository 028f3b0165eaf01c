/* The arguments of ffmpeg, and the folder of HLS. */
#include "cli/agent/media.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUIETLY "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error"
/* From the pipe come what the gateway looked into: one of the two containers, and no playlist that
 * would lead elsewhere. */
#define FROM_PIPE "-format_whitelist", "mpegts,mov", "-protocol_whitelist", "pipe", "-i", "pipe:0"

bool agent_is_rtsp(const char *path)
{
    return strncmp(path, "rtsp://", 7) == 0 || strncmp(path, "rtsps://", 8) == 0;
}

struct agent_child *agent_camera_start(struct agent *a, const char *url, bool is_mp4, bool sound,
                                       int *fd)
{
#define CAMERA                                                                                     \
    QUIETLY, "-rtsp_transport", "tcp", "-timeout", "10000000", "-protocol_whitelist",              \
        "rtp,tcp,tls,crypto", "-i", url, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy",          \
        sound ? "-sn" : "-an", "-flush_packets", "1"
    const char *const ts[] = {
        CAMERA,   "-f", "mpegts", "-muxdelay", "0", "-mpegts_flags", "+resend_headers",
        "pipe:1", NULL};
    const char *const mp4[] = {
        CAMERA,   "-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof",
        "pipe:1", NULL};
#undef CAMERA
    return agent_child_start(a, is_mp4 ? mp4 : ts, true, fd);
}

struct agent_child *agent_rtsp_start(struct agent *a, const char *url, int *fd)
{
    const char *const argv[] = {QUIETLY, FROM_PIPE,         "-map", "0", "-c", "copy", "-f",
                                "rtsp",  "-rtsp_transport", "tcp",  url, NULL};
    return agent_child_start(a, argv, false, fd);
}

/* ---------------------------------------------------------------- HLS */

bool agent_hls_begin(const char *folder)
{
    if (mkdir(folder, 0750) == 0)
        return true;
    int why = errno, entries = 0;
    DIR *d = why == EEXIST ? opendir(folder) : NULL;
    if (d == NULL) {
        cli_error("%s: %s", folder, strerror(why == EEXIST ? errno : why));
        return false;
    }
    while (readdir(d) != NULL)
        entries++;
    (void)closedir(d);
    if (entries > 2) /* "." and ".." */
        cli_error("%s: is not empty; what HLS needs is written there, and removed at the end",
                  folder);
    return entries <= 2;
}

struct agent_child *agent_hls_start(struct agent *a, const char *folder, int *fd)
{
    char pieces[PATH_MAX], index[PATH_MAX];
    if (snprintf(pieces, sizeof pieces, "%s/%%09d.ts", folder) >= (int)sizeof pieces ||
        snprintf(index, sizeof index, "%s/index.m3u8", folder) >= (int)sizeof index) {
        cli_error("%s: is too long a name", folder);
        return NULL;
    }
    const char *const argv[] = {QUIETLY,
                                FROM_PIPE,
                                "-map",
                                "0",
                                "-c",
                                "copy",
                                "-f",
                                "hls",
                                "-hls_time",
                                "2",
                                "-hls_list_size",
                                "6",
                                "-hls_flags",
                                "delete_segments+temp_file+omit_endlist+independent_segments",
                                "-hls_delete_threshold",
                                "1",
                                "-hls_segment_filename",
                                pieces,
                                index,
                                NULL};
    return agent_child_start(a, argv, false, fd);
}

static bool is_ours(const char *name)
{
    static const char *const ends[] = {".ts", ".m3u8", ".tmp"};
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (n > strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

bool agent_hls_end(const char *folder)
{
    DIR *d = opendir(folder);
    bool all = d != NULL;
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        all = (!is_ours(e->d_name) || unlinkat(dirfd(d), e->d_name, 0) == 0) && all;
    if (!all)
        cli_error("%s: footage may be left there: %s", folder, strerror(errno));
    if (d != NULL)
        (void)closedir(d);
    return all;
}

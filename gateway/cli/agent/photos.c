/* Photos of messages as files. */
#include "cli/agent/message.h"

#include "base/ident.h"

#include <errno.h>
#include <fcntl.h>
#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 80 };

/* Where a kind has its photo. */
struct place {
    char **media_type;
    ProtobufCBinaryData *photo;
    Google__Protobuf__Timestamp **taken_at; /* NULL: it has no room for one */
};

/* False when the kind has no photo. */
static bool find(Fedgate__V1__Message *m, struct place *out)
{
    switch (m->body_case) {
    case FEDGATE__V1__MESSAGE__BODY_SCENE_IMAGE:
        *out = (struct place){&m->scene_image->media_type, &m->scene_image->image,
                              &m->scene_image->taken_at};
        return true;
    case FEDGATE__V1__MESSAGE__BODY_GUARDIAN_ALERT:
        *out = (struct place){&m->guardian_alert->media_type, &m->guardian_alert->photo, NULL};
        return true;
    case FEDGATE__V1__MESSAGE__BODY_DISPATCH_REQUEST:
        *out = (struct place){&m->dispatch_request->media_type, &m->dispatch_request->photo, NULL};
        return true;
    default: return false;
    }
}

bool agent_put_photo(Fedgate__V1__Message *m, struct bytes photo, Google__Protobuf__Timestamp *time)
{
    static char jpeg[] = "image/jpeg";
    struct place p;
    if (!find(m, &p))
        return false;
    *p.photo = (ProtobufCBinaryData){photo.n, (uint8_t *)(uintptr_t)photo.p};
    *p.media_type = jpeg;
    if (p.taken_at != NULL && *p.taken_at == NULL)
        *p.taken_at = time;
    return true;
}

/* ---------------------------------------------------------------- out */

/* Two agencies may use the same id, so the record's number stands behind it. An id that is no UUID
 * is no part of a name. */
static void file_name(const Fedgate__V1__Message *m, uint64_t record, const char *media_type,
                      char *out)
{
    struct uuid id;
    const char *ending = strcmp(media_type, "image/jpeg") == 0 ? "jpg" : "bin";
    if (m->header != NULL && uuid_parse(bytes_of_text(m->header->id), &id))
        (void)snprintf(out, NAME, "%s-%" PRIu64 ".%s", m->header->id, record, ending);
    else
        (void)snprintf(out, NAME, "record-%" PRIu64 ".%s", record, ending);
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, p, n);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            p += written;
            n -= (size_t)written;
        }
    }
    return fdatasync(fd) == 0;
}

/* A redelivery writes the same once more. */
static bool save(int folder, const char *name, const ProtobufCBinaryData *photo)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool saved = fd >= 0 && write_all(fd, photo->data, photo->len);
    int error = errno;
    if (fd >= 0 && close(fd) != 0 && saved) {
        saved = false;
        error = errno;
    }
    errno = error;
    return saved;
}

bool agent_save_photo(int folder, const char *folder_name, Fedgate__V1__Message *m, uint64_t record,
                      struct buf *path)
{
    struct place p;
    char name[NAME];
    if (!find(m, &p) || p.photo->len == 0)
        return true;
    file_name(m, record, *p.media_type, name);
    if (!save(folder, name, p.photo) || fsync(folder) != 0) {
        cli_error("%s/%s: %s", folder_name, name, strerror(errno));
        return false;
    }
    buf_printf(path, "%s/%s", folder_name, name);
    p.photo->len = 0;
    return true;
}

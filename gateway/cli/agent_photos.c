/* Photos of messages as files. */
#include "cli/agent_message.h"

#include "base/ident.h"

#include <errno.h>
#include <fcntl.h>
#include <fedgate/v1/fedgate.pb-c.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 64 };

/* A message's id is a name only if it is a UUID; else the record's number is. */
static void file_name(const Fedgate__V1__Message *m, uint64_t record, const char *media_type,
                      char *out)
{
    struct uuid id;
    const char *ending = strcmp(media_type, "image/jpeg") == 0 ? "jpg" : "bin";
    if (m->header != NULL && uuid_parse(bytes_of_text(m->header->id), &id))
        (void)snprintf(out, NAME, "%s.%s", m->header->id, ending);
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

/* Where a kind has its photo; NULL when it has none. */
static ProtobufCBinaryData *photo_of(Fedgate__V1__Message *m, const char **media_type)
{
    switch (m->body_case) {
    case FEDGATE__V1__MESSAGE__BODY_SCENE_IMAGE:
        *media_type = m->scene_image->media_type;
        return &m->scene_image->image;
    case FEDGATE__V1__MESSAGE__BODY_GUARDIAN_ALERT:
        *media_type = m->guardian_alert->media_type;
        return &m->guardian_alert->photo;
    case FEDGATE__V1__MESSAGE__BODY_DISPATCH_REQUEST:
        *media_type = m->dispatch_request->media_type;
        return &m->dispatch_request->photo;
    default: return NULL;
    }
}

bool agent_save_photo(int folder, const char *folder_name, Fedgate__V1__Message *m, uint64_t record,
                      struct buf *path)
{
    const char *media_type;
    ProtobufCBinaryData *photo = photo_of(m, &media_type);
    char name[NAME];
    if (photo == NULL || photo->len == 0)
        return true;
    file_name(m, record, media_type, name);
    if (!save(folder, name, photo)) {
        cli_error("%s/%s: %s", folder_name, name, strerror(errno));
        return false;
    }
    buf_printf(path, "%s/%s", folder_name, name);
    photo->len = 0;
    return true;
}

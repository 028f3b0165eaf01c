/*
 * The journal: the only files that an acknowledgement depends on. Records are collected into a
 * frame; journal_commit writes the frame and returns after fdatasync did. Frames are chained by
 * keyed MACs. The crash argument stands above the code that syncs (commit.c), the layout of a frame
 * in frame.h.
 *
 * Any error of write or fdatasync is final: RESULT_IO, and the caller ends its process and recovers
 * from disk.
 */
#ifndef FEDGATE_JOURNAL_JOURNAL_H
#define FEDGATE_JOURNAL_JOURNAL_H

#include "base/aside.h"
#include "base/buf.h"
#include "base/log.h"
#include "crypto/mac.h"

struct journal;

/* Where a record's body lies, so that it can be read again without keeping it in memory. */
struct journal_place {
    uint32_t segment; /* number of the segment file */
    uint32_t offset;  /* of the body in it */
    uint32_t length;
    uint32_t check; /* over the body, as long as this process lives */
};

/* A record as it comes back at recovery; the body is a view that ends with the call. */
struct journal_record {
    uint64_t sequence; /* 1, 2, 3 ... over the journal's whole life */
    uint8_t type;      /* the owner's word (ledger/records.def) */
    struct bytes body;
    struct journal_place place;
};

struct journal_config {
    int folder;             /* descriptor of a folder that holds nothing else; stays the caller's */
    int second_folder;      /* the same on another device, for when the first is full; 0 or less:
 none */
    uint32_t second_spares; /* segments that are kept in it; up to 64 */
    uint32_t segment_bytes; /* size of a segment, a multiple of 4096, 64 KiB to 1 GiB; the last
                               frame in it may reach beyond */
    uint32_t spares; /* segments that are kept for a full disk, beside the next one; up to 64 */
    uint8_t mac_key[KEY_BYTES];
    const struct log *log;
    struct aside *aside; /* makes segments ahead, and takes old ones away, once the journal is open;
                            stays the caller's, who uses it for nothing else; NULL: at once */
};

/* Where and why a journal cannot be used. */
struct journal_fault {
    uint32_t segment;
    uint64_t offset;
    char text[160];
};

/*
 * Opens the journal in the folder, or begins one. Every record that is on disk is handed to `apply`
 * in order, on the caller's thread, while another one reads ahead until this returns; a result
 * other than RESULT_OK from it ends the opening with that result. A torn last frame (never
 * acknowledged) is cut off, and the tail is copied to a new segment and synced before this returns.
 * RESULT_DAMAGED with `fault` filled for damage anywhere else, also when the MAC key is another
 * one, or when the second folder, or what lies in it, is not there; RESULT_FULL when the disk has
 * no room for that segment; RESULT_IO. `fault` always has a text then.
 */
MUST_USE enum result journal_open(const struct journal_config *config,
                                  enum result (*apply)(void *arg, const struct journal_record *r),
                                  void *arg, struct journal **out, struct journal_fault *fault);

/*
 * Hands over every record as journal_open does, and changes nothing: for whoever looks at the files
 * of a journal, at rest or while another process writes it. Of `config` folders and key are used. A
 * tail that is not whole yet is passed over; what another process retires meanwhile, too.
 * RESULT_DAMAGED, RESULT_IO with `fault` filled, or what `apply` answers.
 */
MUST_USE enum result journal_look(const struct journal_config *config,
                                  enum result (*apply)(void *arg, const struct journal_record *r),
                                  void *arg, struct journal_fault *fault);

/* Closes without committing what was only added. Accepts NULL. */
void journal_close(struct journal *j);

/* Adds a record to the frame being collected, and says where its body will lie. RESULT_TOO_LARGE
 * past 16 MiB a frame (commit first), RESULT_FULL when the disk has no room for it: nothing was
 * added, what was added before can be committed, and behind that commit the next segment may have
 * room. */
MUST_USE enum result journal_add(struct journal *j, uint8_t type, struct bytes body,
                                 struct journal_place *place);

/* Whether anything was added since the last commit. */
bool journal_is_pending(const struct journal *j);

/* Whether the disk had no room for another segment: what is left of the present one, and the spare
 * ones, are for acknowledgements, destructions and ends of incidents. Space is looked for again at
 * every commit and when segments are retired. */
bool journal_is_low(const struct journal *j);

/* Whether a low journal has room in the second folder, for messages of the urgent lane too. Its
 * spare segments are used before the first folder's, which are left to the rest when it is full. */
bool journal_takes_urgent(const struct journal *j);

/* Whether the segment being written lies in the second folder. */
bool journal_is_over(const struct journal *j);

/* The bytes that are left of the present segment, and in spare ones behind it. A low journal begins
 * a spare one behind a commit that leaves less than 256 KiB, or half a segment; the last stays for
 * the next start. */
uint64_t journal_left(const struct journal *j);
uint64_t journal_spare(const struct journal *j);

/* Writes the frame and syncs it. Nothing to do is RESULT_OK. On RESULT_OK everything added is on
 * stable storage. */
MUST_USE enum result journal_commit(struct journal *j);

/* Frames that stay in memory behind their commit, and up to which size: a message that is delivered
 * at once is read from there. */
enum { JOURNAL_RECENT = 8, JOURNAL_RECENT_BYTES = 512 << 10 };

/* Reads a record's body again, also one that was only added, appended to `out`, whose ceiling
 * leaves room for a mark in every 512 bytes. RESULT_NOT_FOUND when its segment is gone,
 * RESULT_DAMAGED when the record is not what was added or recovered: `out` is as it was, and the
 * place is logged. */
MUST_USE enum result journal_read(struct journal *j, struct journal_place place, struct buf *out);

/* The number of the oldest segment, and of the one being written. */
uint32_t journal_oldest(const struct journal *j);
uint32_t journal_newest(const struct journal *j);

/* The next record begins a segment. Nothing may be pending. RESULT_FULL: it does not; RESULT_IO. */
MUST_USE enum result journal_begin_segment(struct journal *j);

/* Whether that would not have to wait for the disk. */
bool journal_has_next(const struct journal *j);

/* From now on the files of so many retired segments may be kept, beside the spare ones, and are
 * written again: that saves writing zeros into new ones. None, before that. */
void journal_keep_retired(struct journal *j, uint32_t segments);

/* Unlinks, or keeps, all segments older than `segment`: nothing in them is needed any more. With a
 * thread aside the next one of them, when that has nothing else to do: call again. What fails there
 * ends the journal at a later step. */
MUST_USE enum result journal_retire(struct journal *j, uint32_t segment);
bool journal_may_retire(const struct journal *j);

/* Re-reads about a MiB from the disk and verifies it: one segment after the other but the one being
 * written. RESULT_OK: call again some time; RESULT_END: all was read, the next call begins anew;
 * RESULT_DAMAGED, RESULT_IO with `fault` filled: the next call goes on behind that segment. */
MUST_USE enum result journal_scrub(struct journal *j, struct journal_fault *fault);

#endif

/* The witnesses that the configuration names. */
#ifndef FEDGATE_PROCESS_WITNESS_KEYS_H
#define FEDGATE_PROCESS_WITNESS_KEYS_H

#include "audit/note.h"
#include "config/settings.h"

/* Reads them into `out`; their count in *count. The first that is none is told in *wrong (a text of
 * the settings), and the result is RESULT_MALFORMED; RESULT_EXISTS for one that stands there twice.
 */
MUST_USE enum result witness_keys_read(const struct settings *s,
                                       struct note_key out[SETTINGS_FILES], size_t *count,
                                       const char **wrong);

/* Tells what is wrong with them, in the configuration `file`. False when something is. */
bool witness_keys_check(const struct settings *s, const char *file, struct diagnose *d);

#endif

#include "process/witness_keys.h"

static bool stands_there(const struct note_key *list, size_t count, const struct note_key *key)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(list[i].id, key->id, sizeof key->id) == 0)
            return true;
    return false;
}

/* Two of one id would have one file for what they confirmed. */
enum result witness_keys_read(const struct settings *s, struct note_key out[SETTINGS_FILES],
                              size_t *count, const char **wrong)
{
    struct hasher *h = hasher_new();
    enum result r = RESULT_OK;
    *count = 0;
    for (size_t i = 0; i < SETTINGS_FILES && s->witnesses[i][0] != '\0' && r == RESULT_OK; i++) {
        *wrong = s->witnesses[i];
        r = note_key_read(h, bytes_of_text(s->witnesses[i]), &out[*count]);
        if (r != RESULT_OK || out[*count].type != NOTE_KEY_COSIGNATURE)
            r = RESULT_MALFORMED;
        else if (stands_there(out, *count, &out[*count]))
            r = RESULT_EXISTS;
        *count += r == RESULT_OK;
    }
    hasher_free(h);
    return r;
}

bool witness_keys_check(const struct settings *s, const char *file, struct diagnose *d)
{
    struct note_key key[SETTINGS_FILES];
    size_t count;
    const char *wrong = "";
    if (witness_keys_read(s, key, &count, &wrong) == RESULT_OK)
        return true;
    diagnose_add(d, DIAGNOSE_NOT_A_WITNESS, &(struct diagnose_place){.file = file}, wrong, NULL,
                 NULL);
    return false;
}

/* Signatures of a set: officers' over set.yaml, parties' over memoranda. */
#include "policy/seal_check.h"

#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SUFFIX ".minisig"

static enum seal_state state_of(const struct seal_officer *o,
                                const struct minisign_signature *signature, struct bytes text)
{
    if (minisign_check(&o->key, signature, text) == RESULT_OK)
        return SEAL_SIGNED;
    return minisign_check_comment(&o->key, signature) == RESULT_OK ? SEAL_STALE : SEAL_FORGED;
}

static enum seal_state judge(const struct seal_trust *keys, struct bytes signature_text,
                             struct bytes text, size_t *which)
{
    struct minisign_signature signature;
    if (minisign_signature_read(signature_text, &signature) != RESULT_OK)
        return SEAL_FORGED;
    for (*which = 0; *which < keys->officers; (*which)++)
        if (memcmp(keys->officer[*which].key.id, signature.id, MINISIGN_ID) == 0)
            return state_of(&keys->officer[*which], &signature, text);
    return SEAL_FOREIGN;
}

enum seal_state seal_check_signature(struct compilation *c, const char *path,
                                     const struct seal_trust *keys, struct bytes text,
                                     size_t *which)
{
    struct buf signature = BUF_INIT(MINISIGN_FILE_MAX + 2 * 65536);
    enum seal_state state = SEAL_UNSIGNED;
    *which = keys->officers;
    if (faccessat(c->sources->folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        state = source_bytes(c, c->sources->folder, path, MINISIGN_FILE_MAX, &signature)
                    ? judge(keys, buf_view(&signature), text, which)
                    : SEAL_FORGED;
    buf_free(&signature);
    return state;
}

/* ---- officers */

/* "set.yaml.PARTY.PERSON.minisig" to "PARTY/PERSON". */
static bool name_in(const char *file, char name[SEAL_NAME])
{
    static const char prefix[] = "set.yaml.", suffix[] = SUFFIX;
    size_t n = strlen(file), head = sizeof prefix - 1, tail = sizeof suffix - 1;
    if (n <= head + tail || n - head - tail >= SEAL_NAME || strncmp(file, prefix, head) != 0 ||
        strcmp(file + n - tail, suffix) != 0)
        return false;
    (void)snprintf(name, SEAL_NAME, "%.*s", (int)(n - head - tail), file + head);
    char *dot = strchr(name, '.');
    if (dot == NULL)
        return false;
    *dot = '/';
    return ident_split_unit(bytes_of_text(name), NULL, NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum { NAMES_MAX = 4 * SEAL_OFFICERS_MAX };

/* The officers whose signature files there are, in order. */
static size_t list_names(const struct compilation *c, char names[NAMES_MAX][SEAL_NAME])
{
    int fd =
        openat(c->sources->folder, "signatures", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *e;
    size_t count = 0;
    while (dir != NULL && count < NAMES_MAX && (e = readdir(dir)) != NULL)
        count += name_in(e->d_name, names[count]);
    if (dir != NULL)
        (void)closedir(dir);
    else if (fd >= 0)
        (void)close(fd);
    qsort(names, count, SEAL_NAME, by_name);
    return count;
}

static void count_signer(struct seal *s, const char *name, size_t which)
{
    struct seal_claim *claim = &s->claim;
    const struct seal_officer *o = &s->trust->officer[which];
    for (size_t i = 0; i < claim->signers; i++)
        if (memcmp(claim->signer[i].key.key, o->key.key, SIGN_PUBLIC) == 0)
            return; /* one key, two files */
    if (claim->signers == SEAL_OFFICERS_MAX)
        return;
    claim->signer[claim->signers] = *o;
    (void)snprintf(claim->signer[claim->signers++].name, SEAL_NAME, "%s", name);
}

/* Whose key is trusted under another name is not the one who is said to have signed. */
static enum seal_state check_officer(struct compilation *c, const char *name, struct bytes set_yaml)
{
    const struct seal *s = c->sources->seal;
    char path[SEAL_PATH], dotted[SEAL_NAME];
    size_t which;
    (void)snprintf(dotted, sizeof dotted, "%s", name);
    *strchr(dotted, '/') = '.';
    (void)snprintf(path, sizeof path, "signatures/set.yaml.%s" SUFFIX, dotted);
    enum seal_state state = seal_check_signature(c, path, s->trust, set_yaml, &which);
    const char *known = which < s->trust->officers ? s->trust->officer[which].name : "";
    if (known[0] != '\0' && strcmp(known, name) != 0)
        state = SEAL_FOREIGN;
    if (state == SEAL_SIGNED)
        count_signer(c->sources->seal, name, which);
    static const uint8_t none[SHA256_BYTES];
    (void)manifest_add(&c->sources->seal->signatures, path + strlen("signatures/"), none);
    return state;
}

static bool is_known(const struct seal *s)
{
    for (size_t i = 0; i < s->trust->knowns; i++)
        if (memcmp(s->trust->known[i], s->set_sha256, SHA256_BYTES) == 0)
            return true;
    return false;
}

/* With two that are good, what else there is counts only when it was changed: a third officer's
 * signature over an earlier set, or that of an officer to be. */
void seal_check_officers(struct compilation *c, struct bytes set_yaml)
{
    struct seal *s = c->sources->seal;
    char(*names)[SEAL_NAME] = mem_new_array(NAMES_MAX, SEAL_NAME);
    enum seal_state state[NAMES_MAX];
    enum seal_verdict worst = SEAL_IS_GOOD;
    size_t count = list_names(c, names);
    for (size_t i = 0; i < count; i++) {
        state[i] = check_officer(c, names[i], set_yaml);
        enum seal_verdict v = seal_state_verdict(state[i]);
        worst = v > worst ? v : worst;
    }
    bool enough = s->claim.signers >= SEAL_SIGNERS || is_known(s);
    if (!enough && worst < SEAL_IS_STALE)
        worst = s->claim.signers == 0 ? SEAL_IS_STRIPPED : SEAL_IS_PARTIAL;
    if (!enough || worst == SEAL_IS_TAMPERED)
        seal_judge(s, worst);
    for (size_t i = 0; i < count; i++)
        seal_say_if(c, !enough || state[i] == SEAL_FORGED, "set.yaml", names[i], state[i]);
    if (!enough)
        seal_say_too_few(c);
    mem_free(names);
}

/* ---- parties */

/* `party` acknowledges the memorandum in `path`; whether it signed its text. */
static enum seal_state check_party(struct compilation *c, const char *path, const char *party,
                                   struct bytes text)
{
    static const uint8_t none[SHA256_BYTES];
    struct seal_trust key = {0};
    char file[SEAL_PATH];
    size_t which;
    const struct row_signer *s = builder_signer(c, bytes_of_text(party));
    if (s != NULL && s->has_key) {
        struct minisign_public k;
        memcpy(k.id, s->id, sizeof k.id);
        memcpy(k.key, s->key, sizeof k.key);
        (void)seal_trust_add(&key, bytes_of_text(party), &k);
    }
    if (snprintf(file, sizeof file, "signatures/%s.%s" SUFFIX, path, party) >= (int)sizeof file)
        return SEAL_UNSIGNED;
    (void)manifest_add(&c->sources->seal->signatures, file + strlen("signatures/"), none);
    return seal_check_signature(c, file, &key, text, &which);
}

void seal_memorandum(struct compilation *c, const char *path, const struct node *acknowledged,
                     struct bytes text)
{
    struct seal *s = c->sources->seal;
    size_t signed_by = 0, parties = 0;
    if (s == NULL || acknowledged == NULL || node_type(acknowledged) != NODE_LIST)
        return;
    for (size_t i = 0; i < node_count(acknowledged); i++) {
        const struct node *by = node_member(node_item(acknowledged, i), "by");
        if (by == NULL || names_find(c, names_of(c, SECTION_PARTIES), node_text(by)) == ROW_NONE)
            continue; /* told already */
        enum seal_state state = check_party(c, path, node_c(by), text);
        signed_by += state != SEAL_UNSIGNED;
        parties++;
        seal_judge(s, seal_state_verdict(state));
        seal_say(c, path, node_c(by), state);
    }
    if (parties > 0 && signed_by == 0)
        seal_judge(s, SEAL_IS_STRIPPED);
}

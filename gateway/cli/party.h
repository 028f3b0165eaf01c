/* fedgatectl party: what it takes to let an agency in, on the gateway's side. Inside cli/ only. */
#ifndef FEDGATE_CLI_PARTY_H
#define FEDGATE_CLI_PARTY_H

#include "base/ident.h"
#include "cli/policy_set.h"
#include "crypto/certificate.h"

#define PARTIES_FILE "inventory/parties.yaml"

enum { PARTY_UNITS_MAX = 16, PARTY_ROLES_MAX = 8, PARTY_FILE_MAX = 64 << 10 };

/* A title in both languages; `ko` is NULL where one serves for both. */
struct party_title {
    const char *en, *ko;
};

struct party_unit {
    const char *name;
    struct party_title title;
};

/* What is to be added: a party with units, or units to one that is there. */
struct party_entry {
    const char *party;
    struct party_title title;
    const char *role[PARTY_ROLES_MAX];
    size_t roles;
    bool public_institution, synthetic;
    struct party_unit unit[PARTY_UNITS_MAX];
    size_t units;
};

/* ---- party_entry.c: the text of parties.yaml, of which every line stays as it is */

/* Where lines were put in: behind so many lines, so many bytes from the front. */
struct party_change {
    size_t line, at;
    struct buf added;
};

/* The lines of a new party, for the end of the file; or (to_party) those of units, for the end of
 * the party's own. False: the file has no such place, and a person has to write it. */
bool party_change_make(const struct party_entry *e, bool to_party, struct bytes file,
                       struct party_change *out);

/* The file with them; and as a unified diff (GNU diff -u), both appended. */
void party_change_apply(const struct party_change *c, struct bytes file, struct buf *out);
void party_change_diff(const struct party_change *c, struct bytes file, const char *path,
                       struct buf *out);

/* ---- party_files.c */

/* A party's roots in DER, one by one: false past the last. */
bool party_root(const struct policy *p, const char *party, size_t nth, struct bytes *der);

/* The revocation lists of a PEM file, taken together; `by_root`: one of the party's roots signed
 * one of them. False when there is none. */
enum { PARTY_CRL_MAX = 2 << 20 };
bool party_lists(const struct policy *p, const char *party, struct bytes pem,
                 struct crl_facts *out);

/* ---- party_text.c */

/* Commands that make a unit's key and the request for its certificate, appended. */
void party_request(const char *unit, struct buf *out);

/* What each side does, in order, appended. */
void party_checklist(const char *party, bool korean, struct buf *out);

int party_show_run(int argc, char **argv);
int party_test_run(int argc, char **argv);

/* Whether the set has the party, or the unit; false after an error message with the nearest. The
 * party's name comes out either way. */
bool party_is_there(const struct policy *p, const char *name, char party[IDENT_UNIT_MAX + 1]);

#endif

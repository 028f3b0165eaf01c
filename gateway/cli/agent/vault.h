/* fedgate-agent vault: one file a verb; here is what they share. */
#ifndef FEDGATE_CLI_AGENT_VAULT_H
#define FEDGATE_CLI_AGENT_VAULT_H

#include "cli/agent/agent.h"
#include "vault/persons.h"

extern const struct cli_command agent_vault_commands[];

int agent_vault_init_run(int argc, char **argv);
int agent_vault_run_run(int argc, char **argv);
int agent_vault_list_run(int argc, char **argv);
int agent_vault_status_run(int argc, char **argv);
int agent_vault_open_run(int argc, char **argv);
int agent_vault_destroy_run(int argc, char **argv);
int agent_vault_clock_run(int argc, char **argv);

/* ---------------------------------------------------------------- vault_place.c: where it is */

struct vault_place {
    const char *items, *keys; /* paths: --items, --key-store */
    int items_fd, keys_fd;
    struct vault *vault; /* NULL: not open */
};

#define VAULT_PLACE_OPTIONS(p)                                                                     \
    {"items", &(p).items, NULL},                                                                   \
    {                                                                                              \
        "key-store", &(p).keys, NULL                                                               \
    }

/* What is not among the options from the environment; opens the folders, which are made when `make`
 * says so. Whatever is written from now on is the owner's alone. CLI_OK, or the exit code after an
 * error message. Ended by vault_place_close in any case. */
int vault_place_folders(struct vault_place *p, bool make);

/* The same, and the vault in them. */
int vault_place_open(struct vault_place *p);
void vault_place_close(struct vault_place *p);

/* Says why the vault could not do something. The exit code. */
int vault_place_failed(const struct vault_place *p, enum result r);

/* The index of a record, as list shows it; false after an error message. */
bool vault_record_of(const char *text, uint64_t *record);

/* What an entry's state is called; `state` of one that is past its deadline is what it was. */
const char *vault_state_word(const struct vault_entry *e);

/* ---------------------------------------------------------------- vault_person.c: who opens */

struct vault_proof {
    struct vault_person person;
    char workstation[VAULT_WORD_MAX + 1];
    char method[MINISIGN_ID_TEXT + 16]; /* "minisign 0123456789ABCDEF" */
};

/*
 * The person with the secret key in this file: must stand in the file of persons (NULL: "persons"
 * in the key store), which nobody else may write to, and signs what is opened and why. Fills
 * `use` but for its record. CLI_OK, or the exit code after an error message.
 */
int vault_person_prove(const struct vault_place *p, const char *persons, const char *key_file,
                       int password_fd, struct vault_use *use, struct vault_proof *out);

#endif

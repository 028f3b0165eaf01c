/* fedgate-agent vault init: makes a vault. */
#include "base/ident.h"
#include "cli/agent/vault.h"
#include "cli/audit_log.h"

int agent_vault_init_run(int argc, char **argv)
{
    struct vault_place place = {.items_fd = -1, .keys_fd = -1};
    const char *key = NULL, *unit = NULL;
    struct note_key log;
    const struct cli_option options[] = {VAULT_PLACE_OPTIONS(place),
                                         {"log-key", &key, NULL},
                                         {"unit", &unit, NULL},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("vault init takes no \"%s\"", argv[1]);
    if (count != 0)
        return CLI_USAGE;
    if (!agent_has((const struct agent_needed[]){{"log-key", key}, {"unit", unit}, {NULL, NULL}}))
        return CLI_USAGE;
    if (!ident_split_unit(bytes_of_text(unit), NULL, NULL)) {
        cli_error("--unit is party/unit, as the certificate names it");
        return CLI_USAGE;
    }
    if (!audit_key_read(key, NOTE_KEY_ED25519, &log))
        return CLI_FAILED;
    int code = vault_place_folders(&place, true);
    if (code == CLI_OK) {
        const struct vault_config config = {place.items_fd, place.keys_fd, clock_system()};
        enum result r = vault_create(&config, log.name, unit);
        if (r == RESULT_EXISTS)
            cli_error("%s or %s has a vault, or a part of one, already", place.items, place.keys);
        code = r == RESULT_OK       ? CLI_OK
               : r == RESULT_EXISTS ? CLI_FAILED
                                    : vault_place_failed(&place, r);
    }
    vault_place_close(&place);
    return code;
}

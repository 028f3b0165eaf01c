/* fedgate-agent vault destroy: before its time, by the unit's own decision. */
#include "cli/agent/vault.h"

#include <inttypes.h>
#include <stdio.h>

enum { PURPOSE_FULFILLED = 2 }; /* DestructionCause of the contract */

/* NULL: it may be. */
static const char *why_not(const struct vault_entry *e)
{
    return e == NULL                    ? "it is not here"
           : e->state > VAULT_RECORDING ? "it is destroyed already"
           : e->held_us != 0            ? "an order preserves it (see vault list)"
                                        : NULL;
}

/* What would become of each; false when one of them may not be destroyed. */
static bool tell(const struct vault *v, const uint64_t *record, size_t n)
{
    bool all = true;
    for (size_t i = 0; i < n; i++) {
        const struct vault_entry *e = vault_get(v, record[i]);
        const char *why = why_not(e);
        if (why == NULL)
            (void)printf("%" PRIu64 "\t%s\t%s\t%" PRIu64 " bytes\n", record[i], e->kind,
                         e->provider, e->size);
        else
            cli_error("%" PRIu64 ": %s", record[i], why);
        all = all && why == NULL;
    }
    return all;
}

static int destroy(const struct vault_place *p, const uint64_t *record, size_t n, bool dry,
                   bool yes)
{
    if (!tell(p->vault, record, n))
        return CLI_NO;
    if (dry)
        return CLI_OK;
    if (!yes && !cli_confirm("Destroy these for good? (yes/no) "))
        return CLI_NO;
    enum result r = vault_destroy(p->vault, record, n, "", PURPOSE_FULFILLED);
    return r == RESULT_OK ? CLI_OK : vault_place_failed(p, r);
}

int agent_vault_destroy_run(int argc, char **argv)
{
    struct vault_place place = {.items_fd = -1, .keys_fd = -1};
    uint64_t record[VAULT_ASK_MAX];
    bool dry = false, yes = false;
    const struct cli_option options[] = {VAULT_PLACE_OPTIONS(place),
                                         {"dry-run", NULL, &dry},
                                         {"yes", NULL, &yes},
                                         {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count == 0 || count > VAULT_ASK_MAX)
        cli_error("vault destroy needs the records to be destroyed, at most %d", VAULT_ASK_MAX);
    if (count <= 0 || count > VAULT_ASK_MAX)
        return CLI_USAGE;
    for (int i = 0; i < count; i++)
        if (!vault_record_of(argv[i + 1], &record[i]))
            return CLI_USAGE;
    int code = vault_place_open(&place);
    if (code == CLI_OK)
        code = destroy(&place, record, (size_t)count, dry, yes);
    vault_place_close(&place);
    return code;
}

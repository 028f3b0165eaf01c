/* fedgate-agent vault clock: the machine's clock, and the latest time on record. */
#include "cli/agent/vault.h"

#include <stdio.h>

static void show(const char *what, int64_t us)
{
    char text[TIME_TEXT];
    time_text_s(us, zone_named("Asia/Seoul"), text);
    (void)printf("%-24s%s\n", what, text);
}

static int look(const struct vault *v)
{
    show("the machine's clock:", vault_told_us(v, INT64_MAX));
    show("latest time on record:", vault_now(v));
    return vault_clock_is_behind(v) ? CLI_NO : CLI_OK;
}

static int set(const struct vault_place *p, bool yes)
{
    if (!yes && !cli_confirm("Is the machine's clock right? (yes/no) "))
        return CLI_NO;
    enum result r = vault_set_clock(p->vault);
    return r == RESULT_OK ? look(p->vault) : vault_place_failed(p, r);
}

int agent_vault_clock_run(int argc, char **argv)
{
    struct vault_place place = {.items_fd = -1, .keys_fd = -1};
    bool sets = false, yes = false;
    const struct cli_option options[] = {
        VAULT_PLACE_OPTIONS(place), {"set", NULL, &sets}, {"yes", NULL, &yes}, {NULL, NULL, NULL}};
    int count = cli_options(options, argc, argv);
    if (count > 0)
        cli_error("vault clock takes no \"%s\"", argv[1]);
    if (count != 0)
        return CLI_USAGE;
    int code = vault_place_open(&place);
    if (code == CLI_OK)
        code = look(place.vault);
    if (code != CLI_FAILED && place.vault != NULL && sets)
        code = set(&place, yes);
    vault_place_close(&place);
    return code;
}

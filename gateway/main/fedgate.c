/* fedgate: the gateway. Without a role it is the supervisor; the supervisor starts it again with
 * one. */
#include "config/settings.h"
#include "main/version.h"
#include "process/role.h"
#include "process/supervisor.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { USAGE = 2 };

static void print_help(FILE *out)
{
    struct settings_row row;
    (void)fputs(
        "usage: fedgate [--check] --config FILE\n"
        "\n"
        "Runs the gateway in the foreground until SIGTERM or SIGINT. SIGHUP reads the policy set,\n"
        "revocation lists and certificate again, and keeps the running ones when they have "
        "errors.\n"
        "\n"
        "  -c, --config FILE  the configuration, YAML\n"
        "      --check        read configuration and policy set, say what is wrong, and exit\n"
        "  -h, --help         this text\n"
        "      --version      the version\n"
        "\n"
        "exit: 0 done, 1 could not start or has errors, 2 wrong usage\n"
        "\n"
        "settings (relative paths begin at the configuration file's folder):\n",
        out);
    for (size_t i = 0; settings_row(i, &row); i++)
        (void)fprintf(out, "  %-18s %-10s  %s%s%s%s\n", row.key, row.type, row.help,
                      row.standard[0] == '\0' ? "" : " [", row.standard,
                      row.standard[0] == '\0' ? "" : "]");
}

static int run_role(const char *name)
{
    static const struct {
        const char *name;
        int (*main)(void);
    } roles[] = {{"keeper", keeper_main},
                 {"ledger", ledger_main},
                 {"edge", edge_main},
                 {"console", console_main},
                 {"compiler", compiler_main}};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(roles[i].name, name) == 0)
            return roles[i].main();
    (void)fprintf(stderr, "fedgate: there is no role '%s'\n", name);
    return USAGE;
}

int main(int argc, char **argv)
{
    enum { CHECK = 256, ROLE, VERSION };
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, CHECK},
        {"role", required_argument, NULL, ROLE},  {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, VERSION},  {NULL, 0, NULL, 0}};
    const char *config = NULL;
    bool check = false;
    for (int c; (c = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        switch (c) {
        case 'c': config = optarg; break;
        case CHECK: check = true; break;
        case ROLE: return run_role(optarg);
        case 'h': print_help(stdout); return 0;
        case VERSION: (void)puts("fedgate " FEDGATE_VERSION); return 0;
        default: print_help(stderr); return USAGE;
        }
    }
    if (config == NULL || optind != argc) {
        (void)fputs("fedgate: --config FILE is needed; fedgate --help tells more\n", stderr);
        return USAGE;
    }
    if (!check)
        return supervisor_run("/proc/self/exe", config);
    int code = supervisor_check("/proc/self/exe", config);
    (void)printf("%s: %s\n", config,
                 code == 0 ? "configuration and policy set are in order" : "has errors");
    return code;
}

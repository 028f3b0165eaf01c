/* fedgatectl: what officers, operators and auditors do at a command line. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "crypto/init.h"
#include "main/version.h"

static const struct cli_command commands[] = {
    {"status", LIVE_ARGUMENTS, "how a running gateway stands", live_help, status_run, NULL},
    {"health", LIVE_ARGUMENTS, "whether it takes messages: for load balancers and monitoring",
     live_help, health_run, NULL},
    {"parties", LIVE_ARGUMENTS " [--of NAME]", "who may connect there, and what waits for whom",
     live_list_help, parties_run, NULL},
    {"sessions", LIVE_ARGUMENTS " [--of NAME]", "who is connected there", live_list_help,
     sessions_run, NULL},
    {"streams", LIVE_ARGUMENTS " [--of NAME]", "which video runs there", live_list_help,
     streams_run, NULL},
    {"incidents", LIVE_ARGUMENTS " [--of NAME] [--all]",
     "which incidents are open there; with --all those of the last week that ended, too",
     live_list_help, incidents_run, NULL},
    {"reload", OPERATE_ARGUMENTS,
     "read policy set, revocation lists and certificate again, and tell whether that was accepted",
     operate_help, reload_run, NULL},
    {"drain", "[--dry-run] [--within TIME] [--stay] " OPERATE_ARGUMENTS,
     "take nothing more, deliver what waits to who is connected, and end", drain_help, drain_run,
     NULL},
    {"policy", NULL, "check what lawyers wrote, without a running gateway", NULL, NULL,
     cli_policy_commands},
    {"party", NULL, "let an agency in: its entry, its certificates, what it may do", NULL, NULL,
     cli_party_commands},
    {"audit", NULL, "check and read the audit log, without a running gateway", NULL, NULL,
     cli_audit_commands},
    {"destruction", NULL, "what was destroyed, when, where, and the proof of it", NULL, NULL,
     cli_destruction_commands},
    {"approvals", NULL, "what waits for approval in a running gateway", NULL, NULL,
     cli_approvals_commands},
    {"quarantine", NULL, "what was set apart there until an officer has looked at it", NULL, NULL,
     cli_quarantine_commands},
    {"emergencies", NULL, "uses in an emergency that officers have to review", NULL, NULL,
     cli_emergencies_commands},
    {"suspensions", NULL, "what is suspended there", NULL, NULL, cli_suspensions_commands},
    {"suspend", "[--dry-run] " CONTROL_ACT_ARGUMENTS " grant|unit|party NAME",
     "stop a grant (MOU#GRANT), a unit (PARTY/UNIT) or a party at once", control_stop_help,
     suspend_run, NULL},
    {"revoke", "[--dry-run] " CONTROL_ACT_ARGUMENTS " certificate SHA-256",
     "end the sessions of a certificate, and begin none with it any more", control_stop_help,
     revoke_run, NULL},
    {"cut", "[--dry-run] " OPERATE_ARGUMENTS " PARTY|PARTY/UNIT",
     "end sessions now; their units may connect again", operate_help, cut_run, NULL},
    {"resume", CONTROL_ACT_ARGUMENTS " grant|unit|party|certificate|offender NAME",
     "lift a suspension or revocation; two officers have to, or one for an offender, which the "
     "gateway suspended",
     control_act_help, resume_run, NULL},
    {"hold", NULL,
     "what is preserved in a running gateway for an order of the Commission or a court", NULL, NULL,
     cli_hold_commands},
    {"request", NULL,
     "what citizens and companies ask of a centre's footage, until when, and what it comes to",
     NULL, NULL, cli_request_commands},
    {"destroy", "[--dry-run] " CONTROL_ACT_ARGUMENTS " record|incident|scope NAME",
     "destroy at once what was processed unlawfully; two officers have to", control_destroy_help,
     destroy_run, NULL},
    {"clock", NULL, "whether a running gateway trusts its clock; to say whether it is right", NULL,
     NULL, cli_clock_commands},
    {"init", "--keys DIR --log-name NAME", "make the keys of a new gateway",
     "  --keys DIR        the folder for them; made when it is not there; nothing in it is "
     "overwritten\n"
     "  --log-name NAME   origin of the audit log, such as fedgate.daejeon.example/log\n"
     "\n"
     "Prints the log's verifier key, which also stands in DIR/log.vkey: hand it to auditors.\n",
     init_run, NULL},
    {"reasons", "[--lang en|ko] [--markdown]",
     "every reason that a receipt can give, and what to do",
     "  --lang en|ko   of the texts\n"
     "  --markdown     as the table of README.md\n"
     "\n"
     "In the urgent lane (alerts, incidents, video requests) a reason refuses; or flags: the "
     "message is\n"
     "delivered, marked; or breaks: a named person may go past it, reviewed afterwards.\n"
     "Retry says whether sending again helps: never, with the same id, or later as a new "
     "message.\n",
     reasons_run, NULL},
    {0}};

int main(int argc, char **argv)
{
    if (crypto_init() != RESULT_OK) {
        cli_error("a cryptographic library does not start");
        return CLI_FAILED;
    }
    return cli_run("fedgatectl", FEDGATE_VERSION, commands, argc, argv);
}

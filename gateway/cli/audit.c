#include "cli/audit_log.h"
#include "cli/commands.h"

const struct cli_command cli_audit_commands[] = {
    {"verify", "--log DIR --key FILE [--old CHECKPOINT] [--entries] [--quiet]",
     "check that a log is whole and was never rewritten",
     "  --log DIR         the log's folder, or a copy of it\n"
     "  --key FILE        the log's verifier key: name+id+key in one line\n"
     "  --old CHECKPOINT  a checkpoint saved earlier: the log must contain that tree\n"
     "  --entries         read every entry too, and check that it stands at its index\n"
     "  --quiet           say nothing when all is well\n"
     "\n"
     "Exit code 0: it verifies; 1: it does not; 3: it could not be read.\n",
     audit_verify_command, NULL},
    {"show", "--log DIR [filters] [--format table|jsonl|csv] [--lang en|ko]",
     "print the entries of a log",
     "  --log DIR         the log's folder\n"
     "  --party P         from or to this agency (npa-daejeon) or unit (npa-daejeon/112-control)\n"
     "  --incident I      of this incident\n"
     "  --event E         of this event (received, released, destroyed ...)\n"
     "  --reason R        with this reason for a recipient (no-grant ...)\n"
     "  --kind K          of this kind of message\n"
     "  --from TIME       not before: 2026-11-21, or 2026-11-21T10:00:00+09:00\n"
     "  --until TIME      before this time\n"
     "  --format F        table (the default); jsonl: the entries as they are; csv: one row for\n"
     "                    each recipient\n"
     "  --lang en|ko      of events and reasons in the table\n"
     "\n"
     "Times are those of Asia/Seoul. Nothing is verified: see \"verify\".\n",
     audit_show_command, NULL},
    {"flows", "--log DIR [--lang en|ko]", "what became of every message, recipient by recipient",
     "  --log DIR         the log's folder\n"
     "  --lang en|ko      of the table\n"
     "\n"
     "For each message: when it came, its kind, who sent it; and for each recipient: whether it\n"
     "was delivered, held, refused, withheld or expired, until when it may be kept, when it was\n"
     "acknowledged, when its key was destroyed, and the clause or condition that decided.\n"
     "A unit in reserve stands there when nobody attended in time, or need not.\n"
     "Video streams stand among the messages, with the bytes that they carried.\n"
     "Nothing is verified: see \"verify\".\n",
     audit_flows_command, NULL},
    {"unseal", "--log DIR --socket FILE --officer PARTY/PERSON --reason TEXT --key FILE --out FILE",
     "open what the register keeps of a time, for one who may read it",
     "  --log DIR                 the log's folder\n"
     "  --socket FILE             the gateway's control socket\n"
     "  --officer PARTY/PERSON    a records-officer or privacy-officer of the policy set\n"
     "  --reason TEXT             why, in one line; it is kept with the act\n"
     "  --key FILE                the officer's key, which signs the act\n"
     "  --password-fd N           its password comes from descriptor N\n"
     "  --from TIME, --until TIME facts of this time: 2026-11-21, or 2026-11-21T10:00:00+09:00\n"
     "  --out FILE                a new file for the facts; keep it as what it holds\n"
     "  --lang en|ko              of messages\n"
     "\n"
     "Each use is an act, signed and in the log. An officer gets the facts of what the own party\n"
     "sent or got; one of an auditor's, or of whoever runs the gateway, gets all. They come\n"
     "sealed to a key that is made for this one use. \"register\" and \"ask\" compare each fact "
     "with\n"
     "the commitment in its leaf.\n",
     audit_unseal_command, NULL},
    {0}};

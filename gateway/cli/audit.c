#include "cli/audit_log.h"
#include "cli/commands.h"

/* What register, ask and statistics have in common. */
#define REPORT_OPTIONS                                                                             \
    "  --log DIR          the log's folder\n"                                                      \
    "  --facts FILE       what \"audit unseal\" opened of the register; without it the cells "     \
    "that "                                                                                        \
    "need\n"                                                                                       \
    "                     it are empty\n"                                                          \
    "  --policy DIR       a policy set that was in force, for titles and duties; several times\n"  \
    "  --from TIME        not before: 2026-11-21, or 2026-11-21T10:00:00+09:00\n"                  \
    "  --until TIME       before this time\n"                                                      \
    "  --format table|csv|json|html\n"                                                             \
    "                     csv: RFC 4180 with a byte order mark; html: a page for A4 without "      \
    "scripts\n"                                                                                    \
    "  --lang en|ko       of titles and headings\n"
#define REPORT_ARGUMENTS                                                                           \
    "--log DIR [--facts FILE] [--policy DIR]... [--from TIME] [--until TIME] [--format "           \
    "table|csv|json|html] "                                                                        \
    "[--lang en|ko]"

const struct cli_command cli_audit_commands[] = {
    {"verify", "--log DIR --key FILE [--old CHECKPOINT] [--entries] [--partial] [--quiet]",
     "check that a log is whole and was never rewritten",
     "  --log DIR         the log's folder, or a copy of it\n"
     "  --key FILE        the log's verifier key: name+id+key in one line\n"
     "  --old CHECKPOINT  a checkpoint saved earlier: the log must contain that tree\n"
     "  --entries         read every entry too, and check that it stands at its index\n"
     "  --partial         for an export of some time: where entries are missing, their hashes\n"
     "                    stand for them\n"
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
     "  --mou M           under this memorandum (mou), or this clause of it (mou#grant)\n"
     "  --from TIME       not before: 2026-11-21, or 2026-11-21T10:00:00+09:00\n"
     "  --until TIME      before this time\n"
     "  --format F        table (the default); jsonl: the entries as they are; csv: one row for\n"
     "                    each recipient\n"
     "  --lang en|ko      of events and reasons in the table\n"
     "\n"
     "Times are those of Asia/Seoul. Nothing is verified: see \"verify\".\n",
     audit_show_command, NULL},
    {"events", "[--lang en|ko] [--markdown]", "what the entries of a log say: every event and word",
     "  --lang en|ko  of the texts\n"
     "  --markdown    as policy/EVENTS.md has them\n",
     audit_events_command, NULL},
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
    {"prove", "--log DIR --key FILE [--entry FILE] INDEX",
     "prove that an entry stands in the log, for whoever has only its key",
     "  --log DIR         the log's folder\n"
     "  --key FILE        the log's verifier key\n"
     "  --entry FILE      put the entry into a new file too\n"
     "\n"
     "Prints the proof (C2SP tlog-proof), with the entry in its extra line. The index is that of\n"
     "a receipt's or a delivery's record.\n",
     audit_prove_command, NULL},
    {"verify-proof",
     "--key FILE [--witness FILE ...] [--entry FILE] [--bytes FILE --salt SALT] FILE",
     "check such a proof, offline",
     "  --key FILE        the log's verifier key\n"
     "  --witness FILE    the verifier key of a witness that must have confirmed the checkpoint;\n"
     "                    may be given several times\n"
     "  --entry FILE      the entry, when the proof does not carry it\n"
     "  --bytes FILE      the message as it was sent or delivered: whether it is the one that the\n"
     "                    entry is committed to, with\n"
     "  --salt SALT       commitment_salt of its receipt or delivery, in base64 or hexadecimal\n"
     "\n"
     "Prints what is proved, and the entry. Exit code 0: it is proved; 1: it is not; 3: a file\n"
     "could not be read.\n",
     audit_verify_proof_command, NULL},
    {"checkpoint", "--log DIR --key FILE [--witness FILE ...] [--save FILE]",
     "show the log's newest checkpoint, and keep it for later",
     "  --log DIR         the log's folder\n"
     "  --key FILE        the log's verifier key\n"
     "  --witness FILE    the verifier key of a witness: what it confirmed last, and when; may be\n"
     "                    given several times\n"
     "  --save FILE       keep it there; one that is there already is replaced only when the log\n"
     "                    still holds all that it saw\n"
     "\n"
     "Exit code 0: all is well; 1: the checkpoint is not the log's, a witness has confirmed "
     "nothing\n"
     "that it holds, or it does not hold what was saved; 3: a file could not be read or written.\n",
     audit_checkpoint_command, NULL},
    {"export", "--log DIR --key FILE --to DIR [--from TIME] [--until TIME] [--quiet]",
     "copy a log, or a time of it, for an auditor",
     "  --log DIR         the log's folder\n"
     "  --key FILE        the log's verifier key\n"
     "  --to DIR          a new folder for the copy; one that is there is never written to\n"
     "  --from TIME       only entries from then on: 2026-11-21, or 2026-11-21T10:00:00+09:00\n"
     "  --until TIME      only entries before this time\n"
     "  --quiet           say nothing when all is well\n"
     "\n"
     "Copies whole bundles of 256 entries with what the register keeps of them, all hashes and "
     "the\n"
     "checkpoint, and verifies the copy. The register's files stay sealed, and their digests are "
     "in\n"
     "register.sha256, which sha256sum -c reads. \"unseal\" has the gateway open what they hold;\n"
     "\"register\" and \"ask\" compare that with what the entries are committed to. \"verify\" "
     "checks a\n"
     "copy again with these files, \"verify --partial\" one of some time.\n",
     audit_export_command, NULL},
    {"keygen", "--key FILE --name NAME", "make the key of a witness",
     "  --key FILE        the new secret key; FILE.vkey, for a FILE.key, is its verifier key\n"
     "  --name NAME       of the witness, such as npa-daejeon.example/witness\n",
     audit_keygen_command, NULL},
    {"cosign", "--log DIR --log-key FILE --key FILE --state DIR [--begin]",
     "confirm the log's checkpoint, as an agency's witness",
     "  --log DIR         the log's folder, or a copy of it\n"
     "  --log-key FILE    the log's verifier key\n"
     "  --key FILE        the witness's secret key (\"audit keygen\")\n"
     "  --state DIR       what it signed last; one folder for one log\n"
     "  --begin           the first time: there is no such folder yet\n"
     "\n"
     "Signs only a checkpoint whose log holds all that was signed before, and keeps it on disk\n"
     "before it signs. Prints the checkpoint with the confirmation (C2SP tlog-cosignature).\n"
     "Exit code 0: signed; 1: never to be signed, for the log shrank or was forked, and the\n"
     "evidence is in --state; 3: it could not be told. Over the network: fedgate-agent witness.\n",
     audit_cosign_command, NULL},
    {"reconcile",
     "--party P [--from TIME] [--until TIME] [--format table|jsonl] [--lang en|ko] "
     "DIR FILE ...",
     "compare what an agency says it sent and received with the log",
     "  DIR               the log's folder\n"
     "  FILE              the agency's lists: JSON lines with direction (sent, received), id,\n"
     "                    index, commitment; or receipts and deliveries as fedgate-agent prints\n"
     "                    them; or CSV whose first line names these columns. An id or an index is\n"
     "                    enough; commitment is SHA-256(salt || bytes), of the receipt's or\n"
     "                    delivery's salt\n"
     "  --party P         the agency (npa-daejeon) or unit (npa-daejeon/112-control)\n"
     "  --from TIME       only entries of the log from then on; --until TIME: before\n"
     "  --format F        table (the default) or jsonl\n"
     "  --lang en|ko      of the table\n"
     "\n"
     "Shows what the one has and the other lacks, and where the content differs. Sent is what the\n"
     "gateway received and decided; received is what it handed over. Nothing is verified: see\n"
     "\"verify\". Exit code 0: the same; 1: not; 3: a file could not be read.\n",
     audit_reconcile_command, NULL},
    {"register", REPORT_ARGUMENTS " out-of-purpose|personal-video|location|requests",
     "the registers that law asks for, of any period",
     REPORT_OPTIONS
     "\n"
     "  out-of-purpose     out-of-purpose use and provision to third parties (PIPA Decree 15)\n"
     "  personal-video     personal video: used, provided, viewed, destroyed (Standard Guideline)\n"
     "  location           confirmation data (LIA 16(2)); never a location\n"
     "  requests           citizens' and companies' requests for footage (PIPA 35)\n"
     "\n"
     "Each row has the index of its leaf, so that it can be checked against the signed log. A "
     "fact\n"
     "that is not what its leaf is committed to is left out, and the exit code is 1.\n",
     audit_register_command, NULL},
    {"ask", REPORT_ARGUMENTS " [--at TIME] QUESTION [NAME]", "questions of auditors",
     REPORT_OPTIONS
     "  --at TIME          instead of --from and --until: this minute\n"
     "\n"
     "  camera CAMERA      who watched this camera, and got its pictures; needs --facts\n"
     "  case CASE          all provisions for an incident, or for a number that evidence or a\n"
     "                     letter names, also after destruction\n"
     "  subject PARTY/REF  where this subject's data went (LIA 24); needs --facts\n"
     "  publications       provisions whose publication under PIPA 18(4) is late, or was\n"
     "  emergencies        uses in an emergency, and their reviews\n"
     "  exposure           what each recipient got between two times\n"
     "  notices            notices to subjects that were not sent, or deferred\n"
     "  incidents          incidents that were never closed\n",
     audit_ask_command, NULL},
    {"statistics", REPORT_ARGUMENTS,
     "cases, requests, hits, refusals and location counts of a period",
     REPORT_OPTIONS "\n"
                    "Cases by service and month, requests for recordings by outcome, how often "
                    "cameras helped, why\n"
                    "something was refused, the two counts of LIA 30 (30(1) and 29(11)), and what "
                    "citizens and\n"
                    "companies asked for, by outcome. The page has plots.\n",
     audit_statistics_command, NULL},
    {"prune",
     "--log DIR --before TIME (--dry-run | --socket FILE --officer PARTY/PERSON --reason TEXT "
     "(--key FILE | --print FILE)) | --socket FILE --signature FILE",
     "let go of entries that are older than all that has to be kept",
     "  --log DIR                 the log's folder\n"
     "  --before TIME             whole bundles of 256 entries that are all older\n"
     "  --dry-run                 only say what would go\n"
     "  --socket FILE             the gateway's control socket\n"
     "  --officer PARTY/PERSON    a records-officer or privacy-officer of an auditor, or of "
     "whoever\n"
     "                            runs the gateway\n"
     "  --reason TEXT             why, in one line\n"
     "  --key FILE                sign here; --print FILE: write the text, to be signed elsewhere\n"
     "  --signature FILE          send such a text; --text FILE: when it is not named as minisign "
     "does\n"
     "  --password-fd N           the password comes from descriptor N\n"
     "  --lang en|ko              of messages\n"
     "\n"
     "The gateway refuses what is younger than two years or than register_keep. The statement, as\n"
     "it was signed, stands beside the tiles: pruned, pruned.minisig. All hashes stay: proofs "
     "hold\n"
     "as before, and \"verify --partial\" checks what is left.\n",
     audit_prune_command, NULL},
    {0}};

#include "cli/commands.h"
#include "cli/destruction.h"

const struct cli_command cli_destruction_commands[] = {
    {"due", "--socket FILE [--within DURATION] [--format table|csv|json|html] [--lang en|ko]",
     "what a running gateway will destroy, when and why",
     "  --socket FILE     the gateway's control socket\n"
     "  --within DURATION only what is due within this time: \"90 seconds\", \"6 hours\", \"30 "
     "days\"\n"
     "  --format F        table (the default), csv, json, html\n"
     "  --lang en|ko      of titles and words\n"
     "\n"
     "One row for each key scope, those that are due first in front, with how many deliveries "
     "wait\n"
     "in it. Times are those of Asia/Seoul (+09:00).\n",
     destruction_due_command, NULL},
    {"overdue", "--log DIR [--policy DIR]... [--format table|csv|json|html] [--lang en|ko]",
     "recipients that owe the receipt of a destruction",
     "  --log DIR         the log's folder\n"
     "  --policy DIR      a policy set that was in force, for titles; several times\n"
     "  --format F        table (the default), csv, json, html\n"
     "  --lang en|ko      of titles and words\n"
     "\n"
     "Orders of destruction whose receipt was due by now, and how many provisions nobody has\n"
     "answered for. Nothing is verified: see \"audit verify\". Exit code 0: none; 1: some are; 3: "
     "the\n"
     "log could not be read.\n",
     destruction_overdue_command, NULL},
    {"show", "--log DIR [--policy DIR]... [--format table|csv|json|html] [--lang en|ko] RECORD",
     "what became of a record, from its arrival to its destruction",
     "  RECORD            index of an entry of the log: a receipt's or a delivery's record, or "
     "any\n"
     "                    later entry about the message or stream\n"
     "  --log DIR         the log's folder\n"
     "  --policy DIR      a policy set that was in force, for titles; several times\n"
     "  --format F        table (the default), csv, json, html\n"
     "  --lang en|ko      of titles and headings\n"
     "\n"
     "Three tables: the chain, entry by entry; the keys at the gateway; the recipients. Times are\n"
     "those of Asia/Seoul (+09:00). A date that passed is never taken for a destruction. Nothing "
     "is\n"
     "verified: see \"audit verify\".\n",
     destruction_show_command, NULL},
    {"try-open",
     "--log DIR --data DIR --keys DIR [--urgent DIR] [--format table|csv|json|html] [--lang en|ko] "
     "RECORD",
     "try to open a record with all that the gateway has, and show why it cannot be",
     "  RECORD            index of an entry of the log, as of \"show\"\n"
     "  --log DIR         the log's folder\n"
     "  --data DIR        data_folder: journal and key file; or a copy, such as a backup\n"
     "  --keys DIR        key_folder: master key and wrapping secret\n"
     "  --urgent DIR      urgent_journal, the journal's second folder, where there is one\n"
     "  --format F        table (the default), csv, json, html\n"
     "  --lang en|ko      of texts\n"
     "\n"
     "Reads these files as the gateway's user or root, and changes nothing: the gateway may run "
     "or\n"
     "not. What its keeper has in memory are the keys of these files and no others. Every place\n"
     "where the record's key may stand wrapped is tried under the wrapping secret in force, and "
     "the\n"
     "body under the key. Content is never shown.\n"
     "\n"
     "Exit code 0: it cannot be opened; 1: it CAN be opened, so it is not destroyed; 3: it could "
     "not\n"
     "be told.\n",
     destruction_try_open_command, NULL},
    {"certificate", "--log DIR --key FILE --out NAME [--policy DIR]... [--lang en|ko] RECORD",
     "a page and a file that prove a record's destruction",
     "  RECORD            index of an entry of the log, as of \"show\"\n"
     "  --log DIR         the log's folder\n"
     "  --key FILE        the log's verifier key\n"
     "  --out NAME        two new files: NAME.html, a page for paper without scripts, and\n"
     "                    NAME.json, for programs, with the entries, their proofs and the signed\n"
     "                    checkpoint\n"
     "  --policy DIR      a policy set that was in force, for titles; several times\n"
     "  --lang en|ko      of the page\n"
     "\n"
     "Exit code 0: both were written; 1: the record is not destroyed, or the log does not bear it\n"
     "out, and nothing was written; 3: a file could not be read or written.\n",
     destruction_certificate_command, NULL},
    {"verify", "--key FILE [--witness FILE ...] [--format table|csv|json|html] [--lang en|ko] FILE",
     "check such a file, offline",
     "  FILE              NAME.json of \"certificate\"; - for standard input\n"
     "  --key FILE        the log's verifier key\n"
     "  --witness FILE    the verifier key of a witness that must have confirmed the checkpoint;\n"
     "                    may be given several times\n"
     "  --format F        of what it proves: table (the default), csv, json, html\n"
     "  --lang en|ko      of texts\n"
     "\n"
     "Exit code 0: it proves that the record was destroyed at the gateway; 1: it does not; 3: a "
     "file\n"
     "could not be read. It proves nothing of what it leaves out.\n",
     destruction_verify_command, NULL},
    {0}};

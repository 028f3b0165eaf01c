/* The commands of fedgate-agent vault, with their help. */
#include "cli/agent/help.h"
#include "cli/agent/vault.h"

#define VAULT_PLACE                                                                                \
    "\n"                                                                                           \
    "the vault:\n"                                                                                 \
    "  --items DIR              folder of the sealed items; FEDGATE_VAULT_ITEMS\n"                 \
    "  --key-store DIR          folder of its half of their keys, on another path, better on\n"    \
    "                           another device; FEDGATE_VAULT_KEY_STORE\n"

static const char vault_init_help[] =
    "Makes an empty vault for one unit and the log of one gateway: two folders, which belong to\n"
    "this user alone. Neither may lie in the other.\n"
    "\n"
    "  --unit UNIT              party/unit, as the certificate names it\n"
    "  --log-key FILE           the log's public key, as for proof; it names the log\n" VAULT_PLACE
    "\n"
    "exit code:\n"
    "  0: made\n"
    "  2: usage\n"
    "  3: there is one already, or a file is at fault\n"
    "\n"
    "example: fedgate-agent vault init --unit npa-daejeon/112-control --log-key audit.vkey \\\n"
    "             --items /srv/vault --key-store /media/stick/vault-keys\n";

static const char vault_run_help[] =
    "Keeps what the unit is delivered, sealed, and acknowledges it once it is on disk. Each key "
    "has\n"
    "two halves: one in the key store, one that the gateway gives for each opening, as long as "
    "the\n"
    "unit may have the item. What is ordered to be destroyed, or past its time, is destroyed at\n"
    "once, and orders are answered with a signed receipt; what officers hold at the gateway, for "
    "an\n"
    "order of the Commission or a court, is kept until they release it. Goes on until a signal. "
    "What\n"
    "happens comes\n"
    "as JSON, one object a line: stored, refused, recording, cut-off, destroyed, never-stored,\n"
    "reported; and where the clause has the digest of a stream recorded, digest-agrees or\n"
    "digest-differs.\n"
    "\n"
    "  --queue NAME             the unit's queue; \"default\" when not given\n"
    "  --receipt-key FILE       the unit's secret key for receipts (minisign), whose public half\n"
    "                           stands in the policy set; without it receipts stay owed\n"
    "  --password-fd N          its password, as a line from this descriptor\n"
    "  --watch UUID             records this stream too; may be given several times, with\n"
    "                           --purpose WORD, --basis CODE and what the basis requires\n"
    "  --for SECONDS            end after this time\n"
    "  --reconnect              when the connection is lost, connect again, for ever\n" BASIS PERSON
        VAULT_PLACE CONNECTION "\n"
    "exit code:\n"
    "  0: ended as told\n"
    "  1: another consumer took the queue\n" EXIT "\n"
    "example: fedgate-agent vault run --reconnect --receipt-key unit.key\n";

static const char vault_list_help[] =
    "Shows what is in the vault without opening any of it: record, state, kind, who provided it,\n"
    "under which clause, when it is to be destroyed, when it came (Asia/Seoul), its size in "
    "bytes,\n"
    "how often it may still be opened, and since when and for what an order preserves it.\n"
    "\n"
    "  --all                    what was destroyed, too\n"
    "  --json                   one object a line\n" VAULT_PLACE "\n"
    "exit code:\n"
    "  0: shown\n"
    "  2: usage\n"
    "  3: the vault cannot be read\n";

static const char vault_status_help[] =
    "Counts what is in the vault, what is due, what is owed to the gateway. Nothing is opened.\n"
    "\n"
    "  --json                   as one object\n" VAULT_PLACE "\n"
    "exit code:\n"
    "  0: in order\n"
    "  1: something is past its deadline and still here (does \"vault run\" run?), or without its\n"
    "     half of the key; or the machine's clock is behind (see \"vault clock\")\n"
    "  2: usage\n"
    "  3: the vault cannot be read\n";

static const char vault_open_help[] =
    "Opens one item for a person, for a reason. The gateway has it on record before it gives its\n"
    "half of the key, and refuses when the purpose has ended or it was opened often enough. "
    "Prints\n"
    "the delivery as subscribe would, a recording as it is. Nothing else is left on disk. Where "
    "the\n"
    "clause allows it, a vault that cannot reach the gateway opens for a while without it, and\n"
    "tells it afterwards.\n"
    "\n"
    "  --reason TEXT            what for; on record with the person\n"
    "  --person FILE            that person's secret key (minisign); the public half stands with\n"
    "                           the person's reference and role in the file of persons\n"
    "  --password-fd N          its password, as a line from this descriptor\n"
    "  --persons FILE           the file of persons: lines \"STAFF ROLE PUBLIC-KEY\"; \"persons\" "
    "in\n"
    "                           the key store when not given\n"
    "  --output FILE            a new file, readable for its owner only, instead of standard "
    "output\n"
    "  --raw                    the bytes as they were stored\n" VAULT_PLACE CONNECTION "\n"
    "exit code:\n"
    "  0: opened\n"
    "  1: refused, not here, or nobody with this key may open\n" EXIT "\n"
    "example: fedgate-agent vault open 4711 --person ~/p-417.key --reason \"case 2026-117\"\n";

static const char vault_destroy_help[] =
    "Destroys items before their time: their half of the key is erased, then their bytes. When an\n"
    "order names them later, the receipt says so.\n"
    "\n"
    "  --dry-run                show what would be destroyed, and do nothing\n"
    "  --yes                    do not ask\n" VAULT_PLACE "\n"
    "exit code:\n"
    "  0: destroyed; or with --dry-run, all of them are here\n"
    "  1: one is not here, or preserved by an order, or not confirmed: nothing was destroyed\n"
    "  2: usage\n"
    "  3: the vault cannot do it\n";

static const char vault_clock_help[] =
    "Shows the machine's clock beside the latest time on record. A clock that is an hour and more\n"
    "behind stores nothing: each deadline would have passed. Where the clock is right, and was\n"
    "ahead once, --set goes by it from now on. What was destroyed stays so, and nothing opens\n"
    "without the gateway before that was reached.\n"
    "\n"
    "  --set                    the clock is right\n"
    "  --yes                    do not ask\n" VAULT_PLACE "\n"
    "exit code:\n"
    "  0: in order\n"
    "  1: the clock is behind, or not confirmed\n"
    "  2: usage\n"
    "  3: the vault cannot be read or written\n";

const struct cli_command agent_vault_commands[] = {
    {"init", "[options] --unit UNIT --log-key FILE", "make an empty vault", vault_init_help,
     agent_vault_init_run, NULL},
    {"run", "[options]", "keep what the unit is delivered, and destroy it when it is due",
     vault_run_help, agent_vault_run_run, NULL},
    {"list", "[options]", "what is in the vault", vault_list_help, agent_vault_list_run, NULL},
    {"open", "[options] --reason TEXT --person FILE RECORD", "open an item, on record",
     vault_open_help, agent_vault_open_run, NULL},
    {"destroy", "[options] RECORD ...", "destroy items before their time", vault_destroy_help,
     agent_vault_destroy_run, NULL},
    {"status", "[options]", "what is due and owed", vault_status_help, agent_vault_status_run,
     NULL},
    {"clock", "[options]", "the clock, and the latest time on record", vault_clock_help,
     agent_vault_clock_run, NULL},
    {0}};

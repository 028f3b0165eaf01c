/* The commands of fedgate-agent, with their help. */
#include "cli/agent/vault.h"

#define CONNECTION                                                                                 \
    "\n"                                                                                           \
    "connection:\n"                                                                                \
    "  --gateway HOST:PORT      or the environment variable FEDGATE_GATEWAY\n"                     \
    "  --certificate FILE       the unit's certificate in PEM; FEDGATE_CERTIFICATE\n"              \
    "  --key FILE               its private key in PEM; FEDGATE_KEY\n"                             \
    "  --root FILE              root of the gateway's certificate in PEM; FEDGATE_ROOT\n"          \
    "  --lang en|ko             language of the sentences on standard error\n"                     \
    "  --quiet                  on standard error, only what makes the exit code 2, 3 or 4\n"

#define BASIS                                                                                      \
    "  --basis CODE             the legal basis, such as kr/pipa/18-2-3\n"                         \
    "  --evidence KIND=VALUE    as the basis requires; may be given several times\n"

#define PERSON                                                                                     \
    "  --staff REF              the person behind it, by the agency's own reference; with\n"       \
    "                           --role WORD, --workstation NAME, --authenticated-by HOW\n"

#define EXIT                                                                                       \
    "  2: usage\n"                                                                                 \
    "  3: input, output or a file is at fault\n"                                                   \
    "  4: the gateway is not reachable or not trusted, or the connection was lost\n"               \
    "  130, 143: interrupted; of several, the highest\n"

static const char conform_help[] =
    "What a vendor's messages have to stand before they go live, against a gateway for tests or a\n"
    "test bench of a real one. FILE is a right message as the vendor's program makes it; it is "
    "sent\n"
    "as TEST, then again, then with one thing wrong at a time, and each receipt has to give the\n"
    "reason that belongs to it. Connections are broken in the middle. Where policy lets this unit\n"
    "send no TEST message, nothing is sent.\n"
    "\n"
    "  --message FILE           in JSON, as publish takes it\n"
    "  --queue NAME             a recipient: what waits in this queue of the unit's "
    "(\"default\"),\n"
    "                           which has to be there, is not acknowledged, comes again, and is;\n"
    "                           whoever else consumes it is cut off\n"
    "  --receipt-key FILE       with --staff REF and --queue: an order of destruction in it is\n"
    "                           answered with a signed receipt, so what it names has to be\n"
    "                           destroyed already; --password-fd N as in destroyed\n"
    "  --staff REF              the person in charge, by the agency's own reference\n"
    "  --video FILE             a sender of video: the first second of this transport stream,\n"
    "  --video-start FILE       under this VideoStart in JSON, as TEST\n"
    "  --wait SECONDS           for each answer; 10 when not given\n"
    "  --json, --markdown       the report for programs, or for the gateway's operator\n" CONNECTION
    "\n"
    "exit code:\n"
    "  0: every mandatory check passed, and no other failed\n"
    "  1: not, or policy lets no TEST message pass\n" EXIT "\n"
    "example: fedgate-agent conform --message tests/data/message/guardian-alert.json --markdown\n";

static const char doctor_help[] =
    "Looks at each step between this machine and a first message, and says of each whether it is "
    "in\n"
    "order, and of what is not, why and whom to tell: whoever runs this machine, who issues the\n"
    "agency's certificates, the network team, the gateway's operator.\n"
    "\n"
    "  files         the certificate, its key and the gateway's root can be read, and fit\n"
    "  certificate   its dates, its uses, its key, the unit that it names\n"
    "  name, tcp     the gateway's host has an address, and its port answers\n"
    "  tls           the gateway's certificate holds under the root\n"
    "  accepted      the gateway takes this unit's certificate\n"
    "  identity      the unit that the gateway takes it for\n"
    "  clock         how far this machine's clock is from the gateway's: 5 s at most\n"
    "  policy        what this unit may send and receive, with whom, on which legal basis, by the\n"
    "                policy set in force\n"
    "  message       a TEST message there, and its receipt back\n"
    "\n"
    "  --message FILE           send the message in FILE, in JSON as publish takes it, as TEST: "
    "under\n"
    "                           a new id, created now; where policy lets none pass it is skipped\n"
    "  --wait SECONDS           for each answer; 10 when not given\n"
    "  --json                   for programs\n" CONNECTION "\n"
    "exit code:\n"
    "  0: nothing failed\n"
    "  1: certificate, identity, clock, policy or message failed\n" EXIT "\n"
    "example: fedgate-agent doctor --gateway gateway.example:8443 --root gateway-root.pem \\\n"
    "             --certificate 112-control.pem --key 112-control.key\n";

static const char publish_help[] =
    "Each FILE (none, or -: standard input) holds messages as JSON objects, one a line or over\n"
    "several, in protobuf's JSON mapping of fedgate.v1.Message. Prints one receipt a line, as\n"
    "JSON, in their order. Examples: tests/data/message/ in the source.\n"
    "\n"
    "header (each replaces what the message says):\n"
    "  --service WORD, --purpose WORD\n" BASIS
    "  --incident ID            party/unit:UUID; may be given several times\n"
    "  --to UNIT                party/unit; may be given several times\n"
    "  --id UUID                of a single message; a new one when it has none\n"
    "  --sent TIME              createdAt; now when it has none\n"
    "  --destroy-by TIME        the sender's own limit\n"
    "  --status WORD            actual, exercise or test; actual when it has none\n" PERSON
    "  TIME is as 2026-11-21T10:00:00+09:00, or as +30m, -5s, +90d from now (s, m, h, d).\n"
    "  The source is the certificate's unit when the message has none.\n"
    "\n"
    "  --format NAME            each FILE is one document in this format instead (\"convert\" "
    "tells\n"
    "                           which); what has no place in a message is told, a line each; a\n"
    "                           deadline in it stays, where --destroy-by is later\n"
    "  --photo FILE             a JPEG for the message; sceneImage.takenAt is the file's time "
    "when\n"
    "                           it has none\n"
    "  --reconnect              when the connection is lost, connect again, for ever; what has no\n"
    "                           receipt, or one with retry SAME_ID, is sent again under its "
    "id\n" CONNECTION "\n"
    "exit code:\n"
    "  0: all accepted\n"
    "  1: something was refused, held, or accepted for some only\n" EXIT "\n"
    "examples: fedgate-agent publish --incident \"$INCIDENT\" "
    "tests/data/message/video-request.json\n"
    "          fedgate-agent publish --photo scene.jpg tests/data/message/scene-image.json\n"
    "          tail -n +1 -F alerts.jsonl | fedgate-agent publish --reconnect - | jq .verdict\n"
    "          fedgate-agent publish --format cap --service disaster --purpose public-warning \\\n"
    "              --basis kr/pipa/18-2-10 --evidence incident-id=D-2026-11 notice.cap\n";

static const char subscribe_help[] =
    "Prints one delivery a line, as JSON: the message, what it obliges to, its place in the audit\n"
    "log; and acknowledges it once it is written, in a file once it is on disk. De-duplicate by\n"
    "\"record\".\n"
    "\n"
    "  --queue NAME             the unit's queue; \"default\" when not given\n"
    "  --kind KIND              what this queue is for: only these kinds, such as stream_notice;\n"
    "                           may be given several times\n"
    "  --incident ID            the same: only of these incidents.\n"
    "                           A queue is made, and its filter fixed, when it is first named;\n"
    "                           from then on it gets what matches, and \"default\" the rest.\n"
    "  --count N                end after N deliveries\n"
    "  --for SECONDS            end after this time\n"
    "  --no-ack                 acknowledge nothing: all of it comes again\n"
    "  --max-in-flight N        unacknowledged deliveries at most; 1 with --count, so that none "
    "is\n"
    "                           taken off the queue beyond it\n"
    "  --format NAME            \"document\", a message in this format (\"convert\" tells which), "
    "is in\n"
    "                           place of \"message\", and \"notCarried\" lists what it has no "
    "place\n"
    "                           for; a message that it cannot carry stays, and \"refused\" says "
    "why.\n"
    "                           A signed notice comes byte for byte, with its \"header\" beside "
    "it\n"
    "  --save DIR               photos become files there, and \"saved\" names them\n"
    "  --reconnect              when the connection is lost, connect again, for ever\n" CONNECTION
    "\n"
    "exit code:\n"
    "  0: ended as told\n"
    "  1: fewer than --count came, or another consumer took the queue\n" EXIT "\n"
    "examples: fedgate-agent subscribe --reconnect >> alerts.jsonl\n"
    "          fedgate-agent subscribe --queue notices --kind stream_notice --count 1 |\n"
    "              jq -r .message.streamNotice.streamId\n";

static const char convert_help[] =
    "Reads one document from FILE (none, or -: standard input) and prints it in another format;\n"
    "no gateway is needed. What narrows or binds (recipients, purpose, legal basis, deadline,\n"
    "status) and has no place in the other format is an error; what else has none is told, a line\n"
    "each.\n"
    "\n"
    "  --from NAME, --to NAME   the formats; json, a message in protobuf's JSON mapping, when not\n"
    "                           given\n"
    "  --fields NAME            print the table of this format: which place in a document is "
    "which\n"
    "                           field of the contract\n"
    "  --source UNIT            party/unit of a message that has no source\n"
    "  --json                   one line: {\"format\":...,\"document\":...,\"notCarried\":[...]}\n"
    "  --lang en|ko             language of the table and of what is told\n"
    "  --quiet                  do not tell what is not carried\n"
    "\n"
    "formats:\n"
    "  json: a message, one object\n"
    "  cap: Common Alerting Protocol 1.2; public notices, with a signed original whole; disaster\n"
    "  reports under the scope Restricted. Without document type and entities, in UTF-8\n"
    "  pidf-lo: PIDF-LO (RFC 4119, RFC 5491); locationUpdate as a point or a circle in a tuple;\n"
    "  of an ellipse, the circle around it\n"
    "  cloudevents: CloudEvents 1.0 in structured mode; any message, as JSON in data\n"
    "  edxl-de, edxl-de-2: EDXL Distribution Element 1.0 and 2.0; any message, as JSON in its\n"
    "  content; a notice of CAP 1.2 is read out of it\n"
    "\n"
    "exit code:\n"
    "  0: converted\n"
    "  2: usage\n"
    "  3: it cannot be converted, or input or output is at fault\n"
    "\n"
    "examples: fedgate-agent convert --from cap notice.cap\n"
    "          fedgate-agent convert --to cap --source daejeon-city-center/disaster-room \\\n"
    "              tests/data/message/public-notice.json\n"
    "          fedgate-agent convert --fields cap --lang ko\n";

static const char receipt_help[] =
    "Prints the current receipt of a message that this unit sent, as JSON; a held one changes "
    "when\n"
    "a person decides.\n" CONNECTION "\n"
    "exit code:\n"
    "  0: accepted\n"
    "  1: refused, held, accepted for some only, or there is no such message\n" EXIT "\n"
    "example: fedgate-agent receipt 019aa2b0-0000-7000-8000-000000000001\n";

static const char destroyed_help[] =
    "Answers an order of destruction with a receipt, signed with the unit's receipt key, whose\n"
    "public half stands in the gateway's inventory. ORDER (none, or -: standard input) is the\n"
    "delivery as subscribe prints it. What no option names was destroyed. Prints the gateway's\n"
    "answer as JSON.\n"
    "\n"
    "  --receipt-key FILE       the secret key (\"fedgatectl policy keygen\", or minisign)\n"
    "  --password-fd N          its password, as a line from this descriptor\n"
    "  --staff REF              the person in charge, by the agency's own reference\n"
    "  --method WORD            how the rest was destroyed: key-erased, overwritten or\n"
    "                           medium-destroyed\n"
    "  --at TIME                when; now when not given\n"
    "  --never-stored RECORDS   these were never stored, as 4711,4720-4725; may be given several\n"
    "                           times\n"
    "  --retained RECORD,ACT,CASE,UNTIL\n"
    "                           this one is retained under an Act until a time; may be given\n"
    "                           several times\n"
    "  --stored-separately      what is retained is stored apart from other data (PIPA 21(3))\n"
    "  --print                  print the signed message, and send nothing; publish sends it\n"
    "  TIME and UNTIL are as 2026-11-21T10:00:00+09:00, or as -5m, +90d from now (s, m, h, "
    "d).\n" CONNECTION "\n"
    "exit code:\n"
    "  0: accepted\n"
    "  1: refused\n" EXIT "\n"
    "example: fedgate-agent subscribe --queue orders --kind destruction_order --count 1 |\n"
    "             fedgate-agent destroyed --receipt-key unit.key --staff p-417 \\\n"
    "                 --method overwritten\n";

static const char send_video_help[] =
    "Sends an MPEG transport stream, or fragmented MP4, from FILE or (none, or -) standard\n"
    "input; or what a camera or a VMS at rtsp://HOST/PATH shows (ffmpeg fetches it over TCP and\n"
    "encodes nothing again). What happens to the stream comes as JSON, one object a line:\n"
    "opening, opened or refused, watchers, source-lost, stopped, ended. A stream ends with its\n"
    "connection; whoever sends begins another.\n"
    "\n"
    "  --camera ID              as in the inventory\n"
    "  --incident ID            party/unit:UUID; may be given several times\n"
    "  --service WORD, --purpose WORD\n" BASIS
    "  --to UNIT                only for this unit; may be given several times\n"
    "  --stream UUID            the stream's id; a new one when not given\n" PERSON
    "  --container WORD         mpegts or fmp4 (default-base-is-moof); mpegts when not given\n"
    "  --realtime               send at the pace of the clock in the stream, as a camera would\n"
    "  --loop                   a file again and again, with --realtime\n"
    "  --sound                  a camera's sound too, where the grant permits it\n"
    "  --reconnect              a camera that is lost is asked again, for ever, while the stream\n"
    "                           stays open\n" CONNECTION "\n"
    "exit code:\n"
    "  0: sent to its end, or the purpose is fulfilled\n"
    "  1: refused, or stopped by the gateway\n" EXIT "\n"
    "examples: fedgate-agent send-video --camera dj-3028 --incident \"$INCIDENT\" \\\n"
    "              --service 112-onsite-video --purpose crime-response --basis kr/pipa/18-2-3 \\\n"
    "              --realtime --loop tests/data/cctv-20s.ts\n"
    "          fedgate-agent send-video --camera dj-3028 --incident \"$INCIDENT\" ... \\\n"
    "              --reconnect rtsp://camera.example/1\n"
    "          ffmpeg -i udp://239.0.0.1:5000 -an -c copy -f mpegts - |\n"
    "              fedgate-agent send-video --camera dj-3028 --incident \"$INCIDENT\" ...\n";

static const char watch_video_help[] =
    "Writes a stream, in the container it is sent in, to standard output or --output; tells what\n"
    "it obliges to, and why it ended. What happens to the stream comes as JSON, one object a\n"
    "line, with --output on standard output: opened, gap, stopped, ended. Where the clause has\n"
    "the digest of the stream recorded, stopped says it (sha256, base64): it is that of the bytes\n"
    "written.\n"
    "\n"
    "  --stream UUID            as a stream_notice names it\n"
    "  --purpose WORD           what it is watched for\n" BASIS PERSON
    "  --output FILE            not to standard output; readable for its owner only\n"
    "  --output rtsp://...      to a server that takes streams by RTSP, for a wall of screens\n"
    "  --hls DIR                as HLS for players and browsers: index.m3u8 and the last pieces,\n"
    "                           in a folder that is empty or made, readable for the group; they\n"
    "                           are removed at the end\n"
    "  --events FILE            the JSON is added to this file\n" CONNECTION "\n"
    "exit code:\n"
    "  0: the sender or the purpose ended, or the player was closed\n"
    "  1: refused, or stopped by the gateway\n" EXIT "\n"
    "example: fedgate-agent watch-video --stream 019aa2b0-0000-7000-8000-00000000000a \\\n"
    "             --purpose crime-response --basis kr/pipa/18-2-3 --staff p-417 \\\n"
    "             --role duty-officer | ffplay -\n";

static const char proof_help[] =
    "Asks for the proof that a record stands in the gateway's audit log (C2SP tlog-proof), checks\n"
    "it, and prints it with the entry in its extra line. The index is that of a receipt's or a\n"
    "delivery's record; a proof is given to who sent the message, or is the one recipient that\n"
    "the record is about. \"fedgatectl audit verify-proof\" checks it again, anywhere.\n"
    "\n"
    "  --log-key FILE           the log's verifier key\n" CONNECTION "\n"
    "exit code:\n"
    "  0: proved\n"
    "  1: there is no such record for this unit, or the proof does not hold\n" EXIT "\n"
    "example: fedgate-agent proof --log-key audit.vkey 1234 > 1234.tlog-proof\n";

static const char witness_help[] =
    "Confirms, as an agency's witness, that the gateway's audit log only grows: fetches the "
    "newest\n"
    "checkpoint and the tiles that show that it holds all that was confirmed before, keeps it on\n"
    "disk, signs it (C2SP tlog-cosignature) and hands that in. The gateway has to know the\n"
    "witness's key (\"witnesses\" in its configuration).\n"
    "\n"
    "  --log-key FILE           the log's verifier key\n"
    "  --witness-key FILE       the witness's secret key (\"fedgatectl audit keygen\")\n"
    "  --state DIR              what it signed last; one folder for one log\n"
    "  --begin                  the first time: there is no such folder yet\n"
    "  --every SECONDS          again and again, until a signal; the connection is made again "
    "when\n"
    "                           it is lost\n" CONNECTION "\n"
    "exit code:\n"
    "  0: confirmed\n"
    "  1: never to be signed, for the log shrank or was forked: the evidence is in --state; or "
    "the\n"
    "     gateway does not know the witness\n" EXIT "\n"
    "example: fedgate-agent witness --every 60 --log-key audit.vkey --witness-key npa.key \\\n"
    "             --state /var/lib/npa-witness\n";

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

const struct cli_command agent_commands[] = {
    {"conform", "[options] --message FILE", "do a vendor's messages stand what they have to?",
     conform_help, agent_conform_run, NULL},
    {"doctor", "[options]", "what stands between this machine and a first message?", doctor_help,
     agent_doctor_run, NULL},
    {"publish", "[options] [FILE ...]", "hand messages in, get receipts", publish_help,
     agent_publish_run, NULL},
    {"subscribe", "[options]", "take messages out of the unit's queue", subscribe_help,
     agent_subscribe_run, NULL},
    {"convert", "[--from NAME] [--to NAME] [FILE]", "a document in another format", convert_help,
     agent_convert_run, NULL},
    {"receipt", "[options] ID", "what became of a message", receipt_help, agent_receipt_run, NULL},
    {"destroyed", "[options] --receipt-key FILE --staff REF [ORDER]",
     "answer an order of destruction", destroyed_help, agent_destroyed_run, NULL},
    {"send-video", "[options] [FILE]", "send a live stream", send_video_help, agent_send_video_run,
     NULL},
    {"watch-video", "[options] --stream UUID", "watch a live stream", watch_video_help,
     agent_watch_video_run, NULL},
    {"proof", "[options] --log-key FILE INDEX", "prove that a record stands in the audit log",
     proof_help, agent_proof_run, NULL},
    {"witness", "[options] --log-key FILE --witness-key FILE --state DIR",
     "confirm that the audit log only grows", witness_help, agent_witness_run, NULL},
    {"vault", NULL, "keep deliveries sealed, open them on record, destroy them", NULL, NULL,
     agent_vault_commands},
    {0}};

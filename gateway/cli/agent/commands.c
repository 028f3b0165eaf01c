/* The commands of fedgate-agent, with their help. */
#include "cli/agent/help.h"
#include "cli/agent/vault.h"

#define SPOOL_ROOM                                                                                 \
    "  --spool-messages N, --spool-mib N\n"                                                        \
    "                           how much may wait there: 100000 messages and 1024 MiB when not\n"  \
    "                           given\n"

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

static const char answer_help[] =
    "Plays a unit of a test bench (a party with \"synthetic: yes\" in the policy set), so that "
    "who\n"
    "develops against the gateway has somebody on the other side. Until a signal it takes the\n"
    "unit's queue, sets aside what is no TEST, and answers the rest.\n"
    "\n"
    "  guardian_alert           NEW: a dispatch_request to whoever policy permits; FOUND and "
    "CANCEL:\n"
    "                           the incident is closed\n"
    "  dispatch_request         a dispatch_answer: accepted\n"
    "  video_request            a video_answer, and the clip of --video once somebody watches\n"
    "  location_request         a location_update with --position\n"
    "  release_request          a release_answer: there is no such recording\n"
    "  stream_notice            the stream is watched to its end\n"
    "  destruction_order        a signed receipt, with --receipt-key\n"
    "  anything else            is acknowledged\n"
    "\n"
    "  --queue NAME             \"default\" when not given\n"
    "  --video FILE             the front of this transport stream, a mebibyte at most; of\n"
    "                           --camera ID (else the first that is asked for), --codec h264\n"
    "  --position LAT,LON       in degrees\n"
    "  --receipt-key FILE       the unit's key for receipts of destruction; --password-fd N as in\n"
    "                           destroyed\n"
    "  --open TYPE              opens an incident of this type at --position, asks for video of "
    "it,\n"
    "                           and closes it when the next one is opened\n"
    "  --locate                 asks for the position of whoever made the emergency call that\n"
    "                           --evidence emergency-call=NUMBER names\n"
    "  --every SECONDS          when it opens or asks again; 600 when not given\n"
    "  --service WORD, --purpose WORD\n" BASIS
    "                           of what the unit begins itself; an answer has those of what it\n"
    "                           answers\n" PERSON
    "  --reconnect              when the connection is lost, connect again, for ever\n" CONNECTION
    "\n"
    "exit code:\n"
    "  1: another consumer took the queue\n" EXIT "\n"
    "example: fedgate-agent answer --reconnect --staff bench --receipt-key 112-control.key \\\n"
    "             --open robbery --position 36.3504,127.3845 --service 112-onsite-video \\\n"
    "             --purpose crime-response --basis kr/pipa/18-2-3\n";

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
    "  --status WORD            actual, exercise or test; actual when it has none\n"
    "  --wish REASON            of a test: what would be accepted is refused with this reason, "
    "such\n"
    "                           as rate-exceeded (README.md's appendix lists them)\n" PERSON
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
    "id\n"
    "  --spool DIR              nothing is sent: each message is put into this folder, and a line\n"
    "                           {\"id\":...,\"spooled\":true} printed once it is on disk; no "
    "gateway\n"
    "                           is needed, and \"forward\" sends it. FEDGATE_SPOOL; with none, "
    "the\n"
    "                           message is sent, whatever the configuration file says\n" SPOOL_ROOM
        CONNECTION "\n"
    "exit code:\n"
    "  0: all accepted; or all in the spool\n"
    "  1: something was refused, held, or accepted for some only\n" EXIT "\n"
    "examples: fedgate-agent publish --incident \"$INCIDENT\" "
    "tests/data/message/video-request.json\n"
    "          fedgate-agent publish --photo scene.jpg tests/data/message/scene-image.json\n"
    "          tail -n +1 -F alerts.jsonl | fedgate-agent publish --reconnect - | jq .verdict\n"
    "          fedgate-agent publish --format cap --service disaster --purpose public-warning \\\n"
    "              --basis kr/pipa/18-2-10 --evidence incident-id=D-2026-11 notice.cap\n"
    "          fedgate-agent publish --spool /var/lib/carrier/spool alerts.jsonl\n";

static const char forward_help[] =
    "Sends the messages that \"publish --spool\" put into a folder, in their order, the urgent "
    "lane\n"
    "first, and removes each behind its receipt; prints each receipt as JSON, one a line. What "
    "has\n"
    "no receipt stays, and is sent again under its id, so that nothing is lost and nothing comes\n"
    "twice. What is refused goes to \"refused\" in the folder, with the receipt beside it; the\n"
    "latest 1000 of these are kept. One process sends from a folder, which is this user's alone.\n"
    "\n"
    "  --spool DIR              the folder\n"
    "  --follow                 when all is sent, wait for more, until a signal\n"
    "  --reconnect              when the connection is lost, connect again, for ever\n" SPOOL_ROOM
        CONNECTION "\n"
    "exit code:\n"
    "  0: all accepted, nothing waits\n"
    "  1: something was refused, held, or accepted for some only\n" EXIT "\n"
    "example: fedgate-agent forward --spool /var/lib/carrier/spool --follow --reconnect\n";

static const char settings_help[] =
    "Prints what this machine is configured with, a setting each line, as JSON: its value, and\n"
    "where it is from: an option, else the environment, else the configuration file, else the\n"
    "default. The file is one map in YAML, --config, or the environment variable FEDGATE_CONFIG,\n"
    "or else " AGENT_CONFIG " where that can be read.\n"
    "\n"
    "  --spool DIR, --receipt-key FILE\n" SPOOL_ROOM "\n"
    "settings of the file, with their defaults:\n"
#define A(member, option, type, variable, standard, least, most, help)                             \
    "  " #member " " #type "  " help " [" standard "]\n"
#include "cli/agent/settings.def"
#undef A
    CONNECTION "\n"
    "exit code:\n"
    "  0: in order\n"
    "  1: one is missing that must be given\n"
    "  2: usage\n"
    "  3: the file cannot be read, or has errors\n"
    "\n"
    "example: fedgate-agent settings --config agent.yaml\n";

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
    "opening, opened or refused, watchers, source-lost, positions-ended, stopped, ended. A stream\n"
    "ends with its connection; whoever sends begins another.\n"
    "\n"
    "  --camera ID              as in the inventory\n"
    "  --incident ID            party/unit:UUID; may be given several times\n"
    "  --service WORD, --purpose WORD\n" BASIS
    "  --to UNIT                only for this unit; may be given several times\n"
    "  --stream UUID            the stream's id; a new one when not given\n" PERSON
    "  --container WORD         mpegts or fmp4 (default-base-is-moof); mpegts when not given\n"
    "  --positions FILE         where a drone or vehicle is, lines from FILE or - as it moves:\n"
    "                           {\"time\":TIME,\"lat\":36.35,\"lon\":127.38,\"accuracy\":5}; TIME "
    "as\n"
    "                           2026-11-21T10:00:00+09:00, or in seconds from the beginning, or\n"
    "                           none: now; accuracy in metres, at most 100. At least every ten\n"
    "                           seconds, where the clause asks for a distance\n"
    "  --realtime               send at the pace of the clock in the stream, as a camera would\n"
    "  --loop                   a file again and again, with --realtime\n"
    "  --sound                  a camera's sound too, where the grant permits it\n"
    "  --reconnect              a camera that is lost is asked again, for ever, while the stream\n"
    "                           stays open; with mpegts, for fmp4 cannot begin again\n" CONNECTION
    "\n"
    "exit code:\n"
    "  0: sent to its end, or the purpose is fulfilled\n"
    "  1: refused, or stopped by the gateway\n" EXIT "\n"
    "examples: fedgate-agent send-video --camera dj-3028 --incident \"$INCIDENT\" \\\n"
    "              --service 112-onsite-video --purpose crime-response --basis kr/pipa/18-2-3 \\\n"
    "              --realtime --loop tests/data/cctv-20s.ts\n"
    "          fedgate-agent send-video --camera dj-3028 --incident \"$INCIDENT\" ... \\\n"
    "              --reconnect rtsp://camera.example/1\n"
    "          ffmpeg -i udp://239.0.0.1:5000 -an -c copy -f mpegts - |\n"
    "              fedgate-agent send-video --camera dj-3028 --incident \"$INCIDENT\" ...\n"
    "          tail -f drone.jsonl | fedgate-agent send-video --camera dj-4282 ... \\\n"
    "              --positions - rtsp://drone.example/1\n";

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

const struct cli_command agent_commands[] = {
    {"conform", "[options] --message FILE", "do a vendor's messages stand what they have to?",
     conform_help, agent_conform_run, NULL},
    {"doctor", "[options]", "what stands between this machine and a first message?", doctor_help,
     agent_doctor_run, NULL},
    {"answer", "[options]", "play a unit of a test bench", answer_help, agent_answer_run, NULL},
    {"publish", "[options] [FILE ...]", "hand messages in, get receipts", publish_help,
     agent_publish_run, NULL},
    {"forward", "[options] --spool DIR", "send what waits in a spool, until it has receipts",
     forward_help, agent_forward_run, NULL},
    {"settings", "[options]", "what this machine is configured with", settings_help,
     agent_settings_run, NULL},
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

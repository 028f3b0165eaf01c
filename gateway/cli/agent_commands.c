/* The commands of fedgate-agent, with their help. */
#include "cli/agent.h"

#define CONNECTION                                                                                 \
    "\n"                                                                                           \
    "  --gateway HOST:PORT  or the environment variable FEDGATE_GATEWAY\n"                         \
    "  --certificate FILE   the unit's certificate in PEM; FEDGATE_CERTIFICATE\n"                  \
    "  --key FILE           its private key in PEM; FEDGATE_KEY\n"                                 \
    "  --root FILE          root of the gateway's certificate in PEM; FEDGATE_ROOT\n"              \
    "  --lang en|ko         language of explanations\n"                                            \
    "  --quiet              on standard error, only what makes the exit code 2 or 3\n"

#define RECONNECT "  --reconnect          when the connection is lost, connect again, for ever\n"

static const char publish_help[] =
    "Each FILE (none, or -: standard input) holds messages as JSON objects, one a line or over\n"
    "several, in protobuf's JSON mapping of fedgate.v1.Message. What a header leaves out is "
    "filled:\n"
    "id, source (from the certificate), createdAt (now), status (ACTUAL). Prints one receipt a "
    "line.\n" CONNECTION RECONNECT "\n"
    "Exit 0: all accepted; 1: something was refused or held; 3: something could not be sent.\n"
    "\n"
    "examples: fedgate-agent publish alert.json\n"
    "          tail -F alerts.jsonl | fedgate-agent publish --reconnect -\n"
    "          fedgate-agent publish --lang ko alert.json | jq .verdict\n";

static const char subscribe_help[] =
    "Prints one delivery a line, as JSON: the message, what it obliges to, its place in the audit\n"
    "log; and acknowledges it once it is written. De-duplicate by \"record\".\n"
    "\n"
    "  --queue NAME         the unit's queue; \"default\" when not given\n"
    "  --kind KIND          only these kinds, such as guardian_alert; may be given several times\n"
    "  --incident ID        only of these incidents; may be given several times\n"
    "  --count N            end after N deliveries\n"
    "  --for SECONDS        end after this time\n"
    "  --no-ack             acknowledge nothing: all of it comes again\n"
    "  --max-in-flight N    unacknowledged deliveries at most; 1 with --count, so that none is "
    "taken\n"
    "                       off the queue beyond it\n"
    "  --save DIR           photos become files there, and \"saved\" names them\n" CONNECTION
        RECONNECT "\n"
    "Exit 0: ended as told; 1: fewer than --count came; 3: the connection was lost.\n"
    "\n"
    "examples: fedgate-agent subscribe --reconnect >> alerts.jsonl\n"
    "          fedgate-agent subscribe --kind stream_notice --count 1 --for 30 |\n"
    "              jq -r .message.streamNotice.streamId\n";

static const char receipt_help[] =
    "Prints the current receipt of a message that this unit sent; a held one changes when a "
    "person\n"
    "decides.\n" CONNECTION "\n"
    "Exit 0: accepted; 1: refused, held, partly, or there is no such message; 3: no answer.\n"
    "\n"
    "example: fedgate-agent receipt 019aa2b0-0000-7000-8000-000000000001\n";

static const char send_video_help[] =
    "Sends an MPEG transport stream from FILE or (none, or -) standard input. Events come as "
    "JSON,\n"
    "one a line.\n"
    "\n"
    "  --camera ID           as in the inventory\n"
    "  --incident ID         party/unit:UUID; may be given several times\n"
    "  --service, --purpose  words of the vocabulary\n"
    "  --basis CODE          the legal basis, such as kr/pipa/18-2-3\n"
    "  --evidence KIND=VALUE as the basis requires; may be given several times\n"
    "  --to UNIT             only for this unit; may be given several times\n"
    "  --stream UUID         the stream's id; a new one when not given\n"
    "  --staff REF           the person who sends; --role ROLE\n"
    "  --realtime            send a file at the pace of the clock in it\n"
    "  --events FILE         events go there, not to standard error\n" CONNECTION "\n"
    "Exit 0: sent to its end, or the purpose is fulfilled; 1: refused or stopped by the gateway;\n"
    "3: the connection was lost, or the input is no transport stream; 130: interrupted.\n"
    "\n"
    "examples: fedgate-agent send-video --camera cam-0001 --incident \"$INCIDENT\"\n"
    "              --service 112-onsite-video --purpose crime-response --basis kr/pipa/18-2-3\n"
    "              --evidence case_number=2026-1102 --realtime street.ts\n"
    "          ffmpeg -i rtsp://camera.example/1 -an -c copy -f mpegts - |\n"
    "              fedgate-agent send-video --camera cam-0001 ...\n";

static const char watch_video_help[] =
    "Writes a stream's MPEG transport stream to standard output or --output; shows what it "
    "obliges\n"
    "to. Events come as JSON, one a line.\n"
    "\n"
    "  --stream UUID         as a stream_notice names it\n"
    "  --purpose WORD        what it is watched for\n"
    "  --basis CODE          the legal basis, such as kr/pipa/18-2-3\n"
    "  --evidence KIND=VALUE as the basis requires; may be given several times\n"
    "  --staff REF           the person who watches, by the agency's own reference; --role ROLE,\n"
    "                        --workstation NAME\n"
    "  --output FILE         instead of standard output; readable for its owner only\n"
    "  --events FILE         events go there, not to standard error\n" CONNECTION "\n"
    "Exit 0: the sender or the purpose ended, or the player was closed; 1: refused or stopped by "
    "the\n"
    "gateway; 3: the connection was lost; 130: interrupted.\n"
    "\n"
    "example: fedgate-agent watch-video --stream 019aa2b0-0000-7000-8000-00000000000a\n"
    "             --purpose crime-response --basis kr/pipa/18-2-3 --evidence "
    "case_number=2026-1102\n"
    "             --staff p-1042 --role operator | ffplay -\n";

const struct cli_command agent_commands[] = {
    {"publish", "[options] [FILE ...]", "hand messages in, get receipts", publish_help,
     agent_publish_run, NULL},
    {"subscribe", "[options]", "take messages out of the unit's queue", subscribe_help,
     agent_subscribe_run, NULL},
    {"receipt", "[options] ID", "what became of a message", receipt_help, agent_receipt_run, NULL},
    {"send-video", "[options] [FILE]", "send a live stream", send_video_help, agent_send_video_run,
     NULL},
    {"watch-video", "[options] --stream UUID", "watch a live stream", watch_video_help,
     agent_watch_video_run, NULL},
    {0}};

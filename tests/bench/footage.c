#include "footage.h"

#include "base/clock.h"
#include "contract.h"

#define INCIDENT FOOTAGE_WATCHER ":0192a000-0000-7000-8000-000000000001"
#define STREAM   "0192a000-0000-7000-8000-000000000002"

/* With the last digit of the id, of one sender each another: each run has a gateway of its own. */
static const char header[] =
    "\"header\":{\"id\":\"0192a000-0000-7000-8000-00000000000%c\",\"source\":\"%s\","
    "\"createdAt\":\"%s\",\"status\":\"STATUS_ACTUAL\",\"service\":\"112-onsite-video\","
    "\"purpose\":\"crime-response\",\"basis\":{\"code\":\"kr/pipa/18-2-3\"},"
    "\"incidentId\":[\"" INCIDENT "\"]}";

static struct buf encode(const char *type, char id, const char *unit, int64_t wall_us,
                         const char *rest)
{
    struct buf json = BUF_INIT(4096);
    char now[TIME_TEXT];
    time_text(wall_us, zone_named("UTC"), now);
    buf_text(&json, "{");
    buf_printf(&json, header, id, unit, now);
    buf_printf(&json, ",%s}", rest);
    struct buf out = contract_encode(type, buf_c(&json));
    buf_free(&json);
    return out;
}

struct buf footage_incident(int64_t wall_us)
{
    return encode("Message", 'a', FOOTAGE_WATCHER, wall_us,
                  "\"incidentReport\":{\"type\":\"robbery\",\"area\":{\"point\":[{"
                  "\"latitude\":36.3504,\"longitude\":127.3845}],\"radiusM\":50}}");
}

struct buf footage_close(int64_t wall_us)
{
    return encode("Message", 'b', FOOTAGE_WATCHER, wall_us,
                  "\"incidentClose\":{\"outcome\":\"INCIDENT_OUTCOME_RESOLVED\"}");
}

struct buf footage_start(int64_t wall_us)
{
    return encode("VideoStart", 'a', FOOTAGE_SENDER, wall_us,
                  "\"streamId\":\"" STREAM "\",\"cameraId\":\"dj-3028\","
                  "\"container\":\"mpegts\",\"codec\":\"h264\"");
}

struct buf footage_request(void)
{
    return contract_encode(
        "WatchRequest",
        "{\"streamId\":\"" STREAM "\",\"purpose\":\"crime-response\",\"basis\":{\"code\":"
        "\"kr/pipa/18-2-3\"},\"actor\":{\"staffRef\":\"p-417\",\"role\":\"duty-officer\","
        "\"workstation\":\"w2\",\"authenticatedBy\":\"smartcard\"}}");
}

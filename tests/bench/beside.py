"""The row about alerts beside video: how long one takes while a stream takes all that the machine has."""
import json
import statistics
import tempfile

import servers
from loads import ALERT_WINDOW, CHUNK, LATENCY, RUNS, VIDEO_WINDOW, load_for, run_load
from tables import progress, range_of, show, spread, talk

RATE = 500


def one_turn(pki, seconds, mebibytes):
    """Alerts at a low rate; with `mebibytes` of video, which have to last longer than the alerts."""
    server = servers.Fedgate(tempfile.mkdtemp(dir=RUNS), pki)
    try:
        if mebibytes:
            video = load_for(server, pki, "--window", VIDEO_WINDOW, "--warm", 64, "--count", mebibytes * (1 << 20) // CHUNK, driver="fedgate-video")
            talk(video, server, "", "ready")
            video.stdin.write("\n")
            video.stdin.flush()
        result = run_load(server, pki, "--window", ALERT_WINDOW, "--warm", RATE, "--rate", RATE, "--count", int(RATE * seconds))
        if mebibytes:
            seen = json.loads(talk(video, server, "", "{"))
            video.stdin.close()
            video.wait()
            result["video_mib_s"] = seen["bytes"] / (1 << 20) / seen["elapsed_s"]
            if seen["elapsed_s"] < result["elapsed_s"]:
                raise SystemExit("the video was over before the alerts were: more --mebibytes")
        return result
    finally:
        server.stop()


def measure(pki, turns, seconds, mebibytes):
    alone, beside = [], []
    for turn in range(turns):
        progress("  alerts beside video, turn %d of %d" % (turn + 1, turns))
        alone.append(one_turn(pki, seconds, 0))
        beside.append(one_turn(pki, seconds, mebibytes))
    progress("")
    return {"rate": RATE, "alone": alone, "beside": beside, "video_mib_s": spread([t["video_mib_s"] for t in beside]),
            "ratio": statistics.median(t["p99_ms"] for t in beside) / statistics.median(t["p99_ms"] for t in alone)}


def show_beside(r):
    print("Alerts beside video: %d a second, alone and while one stream is relayed as fast as the machine does it;\n"
          "latency from when an alert was due to its arrival" % r["rate"])
    show(["", *(k[:-3].replace("999", "99.9") + " ms" for k in LATENCY), "video MiB/s"],
         [[name, *(range_of(spread([t[k] for t in r[name]]), 2) for k in LATENCY), range_of(r["video_mib_s"], 0) if name == "beside" else ""]
          for name in ("alone", "beside")])
    print("  p99 beside video / alone: %.2f\n" % r["ratio"])

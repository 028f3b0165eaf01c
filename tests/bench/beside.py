"""The rows about alerts beside something else: how long one takes while a stream takes all that the machine has, or while another party
sends urgent messages as fast as the gateway takes them."""
import json
import os
import statistics
import subprocess
import tempfile

import servers
from loads import ALERT_WINDOW, CHUNK, FOLDER, LATENCY, RUNS, VIDEO_WINDOW, load_for, run_load
from tables import progress, range_of, show, spread, talk

RATE = 500
FLOOD = os.path.join(FOLDER, "flood")


class Video:
    """One stream, which has to last longer than the alerts."""
    what, figure = "one stream is relayed as fast as the machine does it", "video MiB/s"

    def __init__(self, mebibytes):
        self.mebibytes = mebibytes

    def begin(self, server, pki):
        self.load = load_for(server, pki, "--window", VIDEO_WINDOW, "--warm", 64, "--count", self.mebibytes * (1 << 20) // CHUNK,
                             driver="fedgate-video")
        talk(self.load, server, "", "ready")
        self.load.stdin.write("\n")
        self.load.stdin.flush()

    def end(self, server, elapsed_s):
        seen = json.loads(talk(self.load, server, "", "{"))
        self.load.stdin.close()
        self.load.wait()
        if seen["elapsed_s"] < elapsed_s:
            raise SystemExit("the video was over before the alerts were: more --mebibytes")
        return seen["bytes"] / (1 << 20) / seen["elapsed_s"]


class Flood:
    """Eight calls of 112 to the video centre, which takes all of it."""
    what, figure = "another party sends urgent messages of 1 KiB on eight calls, as fast as they are taken", "flood 1/s"

    def begin(self, server, pki):
        self.load = subprocess.Popen([FLOOD, str(server.port), pki], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        talk(self.load, server, "", "ready")

    def end(self, _server, _elapsed_s):
        said = json.loads(self.load.communicate()[0])
        return said["receipts"] / said["elapsed_ns"] * 1e9


def one_turn(pki, seconds, other):
    """Alerts at a low rate."""
    server = servers.Fedgate(tempfile.mkdtemp(dir=RUNS), pki)
    try:
        if other:
            other.begin(server, pki)
        result = run_load(server, pki, "--window", ALERT_WINDOW, "--warm", RATE, "--rate", RATE, "--count", int(RATE * seconds))
        if other:
            result["other"] = other.end(server, result["elapsed_s"])
        return result
    finally:
        server.stop()


def measure(pki, turns, seconds, other):
    alone, beside = [], []
    for turn in range(turns):
        progress("  alerts beside %s, turn %d of %d" % (type(other).__name__.lower(), turn + 1, turns))
        alone.append(one_turn(pki, seconds, None))
        beside.append(one_turn(pki, seconds, other))
    progress("")
    return {"rate": RATE, "what": other.what, "figure": other.figure, "alone": alone, "beside": beside,
            "other": spread([t["other"] for t in beside]),
            "ratio": statistics.median(t["p99_ms"] for t in beside) / statistics.median(t["p99_ms"] for t in alone)}


def show_beside(r):
    print("Alerts, %d a second, alone and while %s;\nlatency from when an alert was due to its arrival" % (r["rate"], r["what"]))
    show(["", *(k[:-3].replace("999", "99.9") + " ms" for k in LATENCY), r["figure"]],
         [[name, *(range_of(spread([t[k] for t in r[name]]), 2) for k in LATENCY), range_of(r["other"], 0) if name == "beside" else ""]
          for name in ("alone", "beside")])
    print("  p99 beside it / alone: %.2f\n" % r["ratio"])

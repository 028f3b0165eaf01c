"""The program load, against one running server."""
import json
import os
import subprocess
import time

from servers import BUILD, ROOT
from tables import talk

FOLDER = os.path.join(BUILD, "bench")
RUNS = os.path.join(FOLDER, "runs-%d" % os.getpid())  # a folder for each server, while the benchmark runs
LOAD = os.path.join(FOLDER, "load")
CLIP = os.path.join(ROOT, "tests", "data", "cctv-20s.ts")
ALERT_WINDOW = 200  # the gateway begins to press back at 256
VIDEO_WINDOW = 64
CHUNK = 348 * 188
SETTLE_S = 1.1  # what a server puts off for up to a second (a signature over its log) is counted too


LATENCY = ("p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms")


def load_for(server, pki, *options, driver=None):
    command = [LOAD, "--driver", driver or server.driver, "--port", str(server.port), "--pki", pki, "--clip", CLIP, *server.load_options,
               *map(str, options)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run_load(server, pki, *options):
    """One load from beginning to end: what it saw, with the server's CPU time by process."""
    load = load_for(server, pki, *options)
    talk(load, server, "", "ready")
    before = server.cpu()
    result = json.loads(talk(load, server, "\n", "{"))
    time.sleep(SETTLE_S)
    after = server.cpu()
    load.stdin.close()
    load.wait()
    result["cpu_s"] = {role: after[role] - before[role] for role in after}
    if result["repeated"] or result["out_of_order"]:
        raise SystemExit("%s: %d repeated, %d out of order" % (server.name, result["repeated"], result["out_of_order"]))
    return result

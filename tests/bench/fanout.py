"""The row about one stream and many watchers: what each of them costs, and what the edge needs for all of them."""
import json
import tempfile
import time

import servers
from loads import CHUNK, RUNS, load_for
from tables import progress, range_of, show, spread, talk

WATCHERS = (1, 8, 64)
WINDOW = 16  # chunks under way until all watchers have them
REST_S = 3.1  # after two quiet seconds buffers are given back


def one_turn(pki, watchers, mebibytes):
    """So much video is delivered in all."""
    server = servers.FedgateVideo(tempfile.mkdtemp(dir=RUNS), pki)
    try:
        count = max(WINDOW, mebibytes * (1 << 20) // CHUNK // watchers)
        load = load_for(server, pki, "--watchers", watchers, "--window", WINDOW, "--warm", WINDOW, "--count", count)
        talk(load, server, "", "ready")
        before = server.cpu()
        seen = json.loads(talk(load, server, "\n", "{"))
        edge = server.pids()["edge"]
        highest = servers.memory_of(edge, "VmHWM")
        time.sleep(REST_S)
        after, resting = server.cpu(), servers.memory_of(edge, "VmRSS")
        load.stdin.close()
        load.wait()
        gib = seen["bytes"] * watchers / (1 << 30)
        return {"cpu": (sum(after.values()) - sum(before.values())) / gib, "rate": gib * 1024 / seen["elapsed_s"],
                "load_cpu": seen["load_cpu_s"] / gib, "highest_mib": highest / (1 << 20), "resting_mib": resting / (1 << 20)}
    finally:
        server.stop()


FIGURES = ("cpu", "rate", "load_cpu", "highest_mib", "resting_mib")


def measure(pki, turns, mebibytes):
    found = {watchers: [] for watchers in WATCHERS}
    for turn in range(turns):
        for watchers in WATCHERS:
            progress("  one stream, %d watchers, turn %d of %d" % (watchers, turn + 1, turns))
            found[watchers].append(one_turn(pki, watchers, mebibytes))
    progress("")
    return [{"watchers": watchers, **{k: spread([t[k] for t in found[watchers]]) for k in FIGURES}, "turns": found[watchers]}
            for watchers in WATCHERS]


def show_fanout(results, mebibytes):
    print("One stream, many watchers: chunks of %d bytes, %d under way until all have them, %d MiB delivered in all;\n"
          "CPU for what is delivered, the edge's memory at most and three seconds after the last chunk" % (CHUNK, WINDOW, mebibytes))
    show(["watchers", "CPU s/GiB", "delivered MiB/s", "load's own s/GiB", "most MiB", "then MiB"],
         [["%d" % r["watchers"]] + [range_of(r[k], digits) for k, digits in zip(FIGURES, (2, 0, 2, 1, 1))] for r in results])
    print()

"""The row about allocations: how often all processes of the gateway ask for memory for an alert, and for a chunk of video."""
import json
import os
import struct
import tempfile

import servers
from loads import ALERT_WINDOW, FOLDER, RUNS, VIDEO_WINDOW, load_for
from tables import progress, show, talk

PRELOAD = os.path.join(FOLDER, "allocated.so")


class Counted:
    """Of each process there is a count, read from outside."""

    def command(self):
        os.mkdir(self.path("allocations"))
        return ["env", "LD_PRELOAD=" + PRELOAD, "BENCH_ALLOCATIONS=" + self.path("allocations"), *super().command()]

    def allocations(self):
        counts = {}
        for role, pid in self.pids().items():
            with open(self.path("allocations", str(pid)), "rb") as f:
                counts[role] = struct.unpack("=Q", f.read(8))[0]
        return counts


class FedgateCounted(Counted, servers.Fedgate):
    pass


class FedgateAttendedCounted(Counted, servers.FedgateAttended):
    pass


class FedgateVideoCounted(Counted, servers.FedgateVideo):
    name = "fedgate, video"


def one(kind, pki, warm, count):
    server = kind(tempfile.mkdtemp(dir=RUNS), pki)
    try:
        load = load_for(server, pki, "--window", VIDEO_WINDOW if kind.video else ALERT_WINDOW, "--warm", warm, "--count", count)
        talk(load, server, "", "ready")
        before = server.allocations()
        json.loads(talk(load, server, "\n", "{"))
        after = server.allocations()
        load.stdin.close()
        load.wait()
        return {role: (after[role] - before[role]) / count for role in after}
    finally:
        server.stop()


def measure(pki, alerts, chunks):
    results = []
    for kind, count in ((FedgateCounted, alerts), (FedgateAttendedCounted, alerts), (FedgateVideoCounted, chunks)):
        progress("  allocations: %s" % kind.name)
        results.append({"name": kind.name, "pieces": count, "roles": one(kind, pki, count // 2, count)})
    progress("")
    return results


def show_allocated(results):
    print("Allocations in steady state, by all processes and their libraries, for an alert or a chunk of video")
    show(["server", "pieces", "allocations for each", "of it"],
         [[r["name"], "%d" % r["pieces"], "%.2f" % sum(r["roles"].values()), ", ".join("%s %.2f" % role for role in r["roles"].items())]
          for r in results])
    print()

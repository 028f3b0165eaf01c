"""The rows about connections: what a full handshake costs, and what an idle connection keeps in memory."""
import json
import os
import resource
import subprocess
import tempfile
import time

import peers
import servers
from tables import progress, range_of, show, spread, talk

SETTLE_S = 1.1
FOR_EACH, SPARE = 2, 500  # descriptors of a relay, or of the client that is its sink too; of anything else


def allow_descriptors(count):
    """As many as they need, where this may be raised; else fewer connections: how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count * FOR_EACH + SPARE
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), max(wanted, hard)))
    except (ValueError, PermissionError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(count, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE) // FOR_EACH)


class Connections:
    """The program connect, ready to begin against a server."""

    def __init__(self, program, server, pki, unit, units, count):
        self.server = server
        sink = str(getattr(server, "sink", 0))
        self.process = subprocess.Popen([program, server.hello, str(server.port), sink, pki, unit, str(units), str(count)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        talk(self.process, server, "", "ready")

    def make(self):
        return json.loads(talk(self.process, self.server, "\n", "{"))

    def still_stand(self):
        talk(self.process, self.server, "\n", "{")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def one_turn(program, kind, runs, pki, unit, units, count):
    server = kind(tempfile.mkdtemp(dir=runs), pki)
    try:
        c = Connections(program, server, pki, unit, units, count)
        before, resident = server.cpu(), server.resident()
        result = c.make()
        time.sleep(SETTLE_S)
        if units:
            c.still_stand()
        result["resident"] = server.resident() - resident
        result["cpu_s"] = {role: s - before[role] for role, s in server.cpu().items()}
        c.close()
        return result
    finally:
        server.stop()


def measure(program, kinds, runs, pki, turns, what, unit, units, count):
    results = {kind: [] for kind in kinds}
    for turn in range(turns):
        for kind in kinds:
            progress("  %s, turn %d of %d: %s" % (what, turn + 1, turns, kind.name))
            results[kind].append(one_turn(program, kind, runs, pki, unit, units, count))
    progress("")
    return [{"name": kind.name, "version": kind.version(), "promises": kind.promises, "turns": of,
             "cpu_ms": spread([sum(t["cpu_s"].values()) / t["connections"] * 1e3 for t in of]),
             "kib": spread([t["resident"] / t["connections"] / 1024 for t in of])} for kind, of in results.items()]


def measure_handshakes(program, runs, pki, turns, count):
    """One after the other, each new: what the server takes for it, and for closing it."""
    return measure(program, [servers.FedgateMany, peers.HAProxyEnd], runs, pki, turns, "handshakes", "carrier-hana/guardian-service", 0, count)


def show_handshakes(results, count):
    print("Full handshakes: mutual TLS 1.3, P-256, %d one after the other, each connection closed when its certificate was accepted" % count)
    show(["server", "CPU ms", results[0]["name"] + "/it"],
         [["%s (%s)" % (r["name"], r["version"]), range_of(r["cpu_ms"], 2), "%.2f" % (results[0]["cpu_ms"]["median"] / r["cpu_ms"]["median"])]
          for r in results])
    print()


def measure_idle(program, runs, pki, turns, count):
    count = allow_descriptors(count)
    return measure(program, [servers.FedgateMany, peers.HAProxyMany, peers.MosquittoMany], runs, pki, turns, "idle connections",
                   "carrier-hana/branch", servers.BRANCHES, count)


def show_idle(results):
    print("Idle connections: %d, mutual TLS 1.3, resident memory of all processes for each" % results[0]["turns"][0]["connections"])
    show(["server", "KiB", results[0]["name"] + "/it", "CPU ms to connect"],
         [["%s (%s)" % (r["name"], r["version"]), range_of(r["kib"], 1), "%.2f" % (results[0]["kib"]["median"] / r["kib"]["median"]),
           range_of(r["cpu_ms"], 2)] for r in results])
    for r in results:
        print("  %s: %s" % (r["name"], r["promises"]))
    print()

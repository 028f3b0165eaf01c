"""The row about flat cost: what an alert costs as that grows which a message does not touch."""
import os
import tempfile

import servers
from connections import Connections, allow_descriptors
from loads import ALERT_WINDOW, FOLDER, RUNS, run_load
from tables import progress, show

ALERTS, WARM = 10000, 500
CONNECT = os.path.join(FOLDER, "connect")


class FedgateCameras(servers.FedgateMany):
    """With so many cameras more in its inventory."""
    cameras = 0

    def lift_limits(self):
        super().lift_limits()
        with open(self.path("policy", "inventory", "cameras.csv"), "a") as f:
            for i in range(self.cameras):
                f.write("bench-%d,36.%06d,127.%06d,fixed,crime-prevention,daejeon-city-center,no\n" %
                        (i, 250000 + i * 7919 % 200000, 250000 + i * 104729 % 300000))


def cost(server, pki, run, *options):
    """CPU time of all processes for an alert, by process, in us; the load before it warms up what is new."""
    r = run_load(server, pki, "--window", ALERT_WINDOW, "--warm", WARM, "--count", ALERTS, "--run", run, *options)
    return {role: s / ALERTS * 1e6 for role, s in r["cpu_s"].items()}


def queued(pki, counts):
    """One gateway: each alert leaves a notice to the carrier, which nobody fetches."""
    server, waiting = servers.FedgateMany(tempfile.mkdtemp(dir=RUNS), pki), 0
    try:
        for run, count in enumerate(counts):
            progress("  flat: %d queued" % count)
            if count > waiting + 2:
                run_load(server, pki, "--window", ALERT_WINDOW, "--warm", 1, "--count", count - waiting - 2, "--run", 2 * run)
            yield count, cost(server, pki, 2 * run + 1)
            waiting = max(count, waiting) + ALERTS + WARM + 1
    finally:
        server.stop()


def sessions(pki, counts):
    for count in counts:
        progress("  flat: %d sessions" % count)
        count = allow_descriptors(count)
        server = servers.FedgateMany(tempfile.mkdtemp(dir=RUNS), pki)
        try:
            idle = Connections(CONNECT, server, pki, "carrier-hana/branch", servers.BRANCHES, count)
            idle.make()
            yield count, cost(server, pki, 0)
            idle.still_stand()
            idle.close()
        finally:
            server.stop()


def incidents(pki, counts):
    for count in counts:
        progress("  flat: %d incidents" % count)
        server = servers.FedgateMany(tempfile.mkdtemp(dir=RUNS), pki)
        try:
            yield count, cost(server, pki, 0, "--incidents", count)
        finally:
            server.stop()


def cameras(pki, counts):
    for count in counts:
        progress("  flat: %d cameras" % count)
        server = type("FedgateSoMany", (FedgateCameras,), {"cameras": count})(tempfile.mkdtemp(dir=RUNS), pki)
        try:
            yield count, cost(server, pki, 0)
        finally:
            server.stop()


GROWS = ((queued, (1000, 10000, 100000, 1000000, 3000000)), (sessions, (10, 100, 1000, 10000)), (incidents, (10, 1000, 100000)),
         (cameras, (10, 1000, 100000)))


def measure(pki):
    results = {grows.__name__: [{"count": count, "us": us} for count, us in grows(pki, counts)] for grows, counts in GROWS}
    progress("")
    return results


def show_flat(results):
    print("Flat cost: CPU of all processes for an alert, in us, over %d of them, as that grows which it does not touch; one turn each" % ALERTS)
    rows = []
    for what, points in results.items():
        least = sum(points[0]["us"].values())
        for p in points:
            total = sum(p["us"].values())
            rows.append(["%d %s" % (p["count"], what), "%.1f" % total, "%.2f" % (total / least),
                         ", ".join("%s %.1f" % role for role in p["us"].items() if role[1] > 0)])
    show(["with", "CPU us/alert", "to the least", "of it"], rows)
    print()

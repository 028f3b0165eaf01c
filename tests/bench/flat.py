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
    more = 0

    def lift_limits(self):
        super().lift_limits()
        with open(self.path("policy", "inventory", "cameras.csv"), "a") as f:
            for i in range(self.more):
                f.write("bench-%d,36.%06d,127.%06d,fixed,crime-prevention,daejeon-city-center,no\n" %
                        (i, 250000 + i * 7919 % 200000, 250000 + i * 104729 % 300000))


MEMORANDUM = """mou: bench-%03d
title: A memorandum
instrument: {document_no: B-1, signed_on: 2016-07-18, signatories: [molit, carriers]}
acknowledged: [{by: carrier-hana, on: 2016-08-01}]
processor: daejeon-gateway-operator
in_force: {from: 2016-07-18, until: 2099-07-17, legal_review_by: 2099-03-01}
recipient_duties: [Response to the incident only]
assessment: {no_unfair_infringement: Limited, by: officer, on: 2016-07-01}
registers: [third-party-provision]
grants:
"""
GRANT = """  - grant: grant-%d
    service: %s
    kind: traffic_info
    from: %s
    to: [%s]
    purpose: %s
    basis_any_of: [kr/pipa/18-2-3]
    when: {incident: {state: open, participant: %s}, actor: required}
    destroy: {starts_at: incident-end, delay: 24 hours}
"""
GRANTS_A_FILE = 500
WORDS = [(service, purpose) for service in ("112-onsite-video", "112-patrol", "119-dispatch", "disaster")
         for purpose in ("crime-response", "life-rescue", "fire-response", "disaster-response")]


class FedgateGrants(servers.FedgateMany):
    """With so many grants more, between the branches."""
    more, patience_s = 0, 120

    def lift_limits(self):
        super().lift_limits()
        for first in range(0, self.more, GRANTS_A_FILE):
            number = first // GRANTS_A_FILE
            with open(self.path("policy", "mou", "bench-%03d.yaml" % number), "w") as f:
                f.write(MEMORANDUM % number)
                for i in range(first, min(first + GRANTS_A_FILE, self.more)):
                    f.write(self.grant(i))

    @staticmethod
    def grant(i):
        pair, (service, purpose) = i // len(WORDS), WORDS[i % len(WORDS)]
        sender = pair % servers.BRANCHES
        receiver = (sender + 1 + pair // servers.BRANCHES) % servers.BRANCHES
        names = ["carrier-hana/branch-%02d" % unit for unit in (sender, receiver)]
        return GRANT % (i, service, *names, purpose, names[0])


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


def with_more(kind, pki, what, counts):
    for count in counts:
        progress("  flat: %d %s" % (count, what))
        server = type(kind.__name__, (kind,), {"more": count})(tempfile.mkdtemp(dir=RUNS), pki)
        try:
            yield count, cost(server, pki, 0)
        finally:
            server.stop()


def cameras(pki, counts):
    return with_more(FedgateCameras, pki, "cameras", counts)


def grants(pki, counts):
    return with_more(FedgateGrants, pki, "grants", counts)


GROWS = {"queued": (queued, (1000, 10000, 100000, 1000000)), "sessions": (sessions, (10, 100, 1000, 10000)),
         "incidents": (incidents, (10, 1000, 50000)),  # of 100,000 keys at once each has one
         "cameras": (cameras, (10, 1000, 100000)), "grants": (grants, (10, 1000, 100000))}


def measure(what, pki, most=None):
    """In front of `most`, if it is given, those that are fewer."""
    grows, counts = GROWS[what]
    if most is not None:
        counts = [count for count in counts if count < most] + [most]
    points = [{"count": count, "us": us} for count, us in grows(pki, counts)]
    progress("")
    return points


def show_flat(what, points):
    print("Flat cost: CPU of all processes for an alert, in us, over %d of them, beside more and more %s; one turn each" %
          (ALERTS, what))
    totals = [sum(p["us"].values()) for p in points]
    show(["with", "CPU us/alert", "to the least", "of it"],
         [["%d %s" % (p["count"], what), "%.1f" % total, "%.2f" % (total / totals[0]),
           ", ".join("%s %.1f" % role for role in p["us"].items() if role[1] > 0)] for p, total in zip(points, totals)])
    print()

"""The row about an attack: how long a carrier's alerts take while a unit that has nothing to do with them attacks as fast as it can, and what
the edge keeps in memory for that. The attacker is that of tests/judges/, a process of its own on the same machine."""
import os
import subprocess
import tempfile

import servers
from loads import ALERT_WINDOW, LATENCY, RUNS, run_load
from servers import ROOT
from tables import progress, range_of, show, spread

RATE = 500
PYTHON = "/usr/bin/python3"  # the system's, whose packages have hyperframe and hpack
ATTACKER = os.path.join(ROOT, "tests", "judges", "attacker.py")
UNIT = "daejeon-tax/audit-desk"  # alerts neither come from it nor go to it
ATTACKS = ("rapid_reset", "made_you_reset_by_too_much_window", "header_bomb", "malformed_messages", "handshakes")
GOAL = 2  # p99 attacked, of p99 alone
MOST_GROWN_MIB = 100  # of the edge, by one unit: its share of connections, each with what may be kept on one (SECURITY.md)
MIB = 1 << 20


class FedgateAttacked(servers.Fedgate):
    """It suspends nobody, so that the attack lasts."""
    settings = "offences: 0\n"


def begin_attack(attack, server, pki, seconds):
    words = [attack, str(seconds), str(server.port), os.path.join(pki, "gateway", "root.pem"), *(os.path.join(pki, UNIT + end) for end in (".pem", ".key"))]
    attacker = subprocess.Popen([PYTHON, ATTACKER, *words], stdout=subprocess.PIPE, text=True,
                                env=dict(os.environ, PYTHONPATH=os.path.join(ROOT, "tests", "e2e")))
    if attacker.stdout.readline() != "ready\n":
        raise SystemExit("the attacker does not begin: python3-hyperframe and python3-hpack are needed")
    return attacker


def one_turn(pki, seconds, attack=None):
    server = FedgateAttacked(tempfile.mkdtemp(dir=RUNS), pki)
    attacker = None
    try:
        if attack:
            attacker = begin_attack(attack, server, pki, seconds + 3)  # longer than the alerts, and their beginning
        result = run_load(server, pki, "--window", ALERT_WINDOW, "--warm", RATE, "--rate", RATE, "--count", int(RATE * seconds))
        result["edge_bytes"] = servers.memory_of(int(server.role_pids()["edge"]), "VmHWM")
        if attacker:
            if attacker.poll() is not None:
                raise SystemExit("%s was over before the alerts were" % attack)
            result["connections"] = int(attacker.communicate(timeout=60)[0])
        return result
    finally:
        if attacker and attacker.poll() is None:
            attacker.kill()
            attacker.wait()
        server.stop()


def measure(pki, turns, seconds):
    taken = {attack: [] for attack in (None, *ATTACKS)}
    for turn in range(turns):
        for attack in taken:
            progress("  alerts, %s, turn %d of %d" % (attack or "alone", turn + 1, turns))
            taken[attack].append(one_turn(pki, seconds, attack))
    progress("")
    return [{"attack": attack or "alone", "rate": RATE, **{k: spread([t[k] for t in of]) for k in LATENCY},
             "edge_mib": spread([t["edge_bytes"] / MIB for t in of]), "turns": of} for attack, of in taken.items()]


def show_attacked(results):
    alone = results[0]
    print("Alerts of a carrier, %d a second, alone and while a unit that they do not concern attacks as fast as it can and connects again\n"
          "whenever it is ended; it is not suspended (offences: 0). Latency from when an alert was due to its arrival; the edge's memory at most" % RATE)
    show(["attack", *(k[:-3].replace("999", "99.9") + " ms" for k in LATENCY), "p99 / alone", "edge MiB"],
         [[r["attack"].replace("_", " "), *(range_of(r[k], 2) for k in LATENCY), "%.2f" % (r["p99_ms"]["median"] / alone["p99_ms"]["median"]),
           range_of(r["edge_mib"], 0)] for r in results])
    worst = max(r["p99_ms"]["median"] for r in results[1:]) / alone["p99_ms"]["median"]
    grown = max(r["edge_mib"]["max"] for r in results[1:]) - alone["edge_mib"]["median"]
    print("  goal: p99 %d times that alone: %.2f; the edge at most %d MiB larger: %.0f\n" % (GOAL, worst, MOST_GROWN_MIB, grown))

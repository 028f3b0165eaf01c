"""The row about judging again: how long it takes after an incident was closed, a certificate revoked, a set activated."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import servers
import verification
from loads import ALERT_WINDOW, FOLDER, RUNS, run_load
from servers import ROOT
from tables import progress, range_of, show, spread, talk

JUDGED = os.path.join(FOLDER, "judged")
PARTY, UNIT, A_UNIT = "carrier-hana", "carrier-hana/branch", 100
WHAT = (("incident", "the incident closes: its watches"), ("revoked", "their certificates are revoked: the sessions"),
        ("activated", "a set without their units: the sessions"))


class FedgateJudged(servers.FedgateMany):
    """With revocation lists of its own."""

    def prepare(self):
        super().prepare()
        shutil.copytree(os.path.join(self.pki, "crls"), self.path("crls"))
        with open(self.path("fedgate.yaml")) as f:
            text = f.read()
        self.write("fedgate.yaml", text.replace("crl_folder: pki/crls", "crl_folder: crls"))

    def revoke(self, units):
        """The list of PARTY, as its CA writes it, from a copy of the CA."""
        ca = self.path("ca")
        shutil.copytree(os.path.join(self.pki, PARTY), ca)
        with open(os.path.join(ca, "ca.cnf")) as f:
            text = re.sub(r"(?<== )%s" % re.escape(os.path.join(self.pki, PARTY)), ca, f.read())
        self.write("ca/ca.cnf", text)
        for unit in units:
            self.openssl_ca("-revoke", os.path.join(self.pki, unit + ".pem"))
        self.openssl_ca("-gencrl", "-out", self.path("crls", PARTY + ".crl"))

    def openssl_ca(self, *options):
        subprocess.run(["openssl", "ca", "-batch", "-config", self.path("ca", "ca.cnf"), *options], check=True, stderr=subprocess.DEVNULL)

    def forgive(self):
        shutil.copy(os.path.join(self.pki, "crls", PARTY + ".crl"), self.path("crls"))

    def drop_units(self):
        """A next set, without the units that branches are."""
        shutil.copy(os.path.join(ROOT, "policy", "inventory", "parties.yaml"), self.path("policy", "inventory"))
        path = self.path("policy", "set.yaml")
        with open(path) as f:
            text = re.sub(r"(?m)^serial: (\d+)$", lambda m: "serial: %d" % (int(m.group(1)) + 1), f.read())
        with open(path, "w") as f:
            f.write(text)
        self.sign()

    def signal_reload(self):
        self.reloads = self.read_log().count(" reloaded ")
        self.process.send_signal(signal.SIGHUP)

    def await_reload(self):
        self.await_(lambda: self.read_log().count(" reloaded ") > self.reloads)


def one_turn(pki, queued, sessions):
    server = FedgateJudged(tempfile.mkdtemp(dir=RUNS), pki)
    try:
        # Each alert leaves a notice to the carrier, which is not there.
        run_load(server, pki, "--window", ALERT_WINDOW, "--warm", 1, "--count", queued)
        many = subprocess.Popen([JUDGED, str(server.port), pki, UNIT, str(sessions), str(sessions)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        talk(many, server, "sessions\n", "sessions")
        talk(many, server, "watches\n", "watches")
        result = {"incident": json.loads(talk(many, server, "close\n", "{"))}
        server.signal_reload()
        server.await_reload()
        talk(many, server, "stay\n", "stayed")  # an activation drops nothing that it permits
        server.revoke(["%s-%02d" % (UNIT, i) for i in range(sessions // A_UNIT)])
        result["revoked"] = until_gone(server, many)
        server.forgive()
        server.signal_reload()
        server.await_reload()
        talk(many, server, "sessions\n", "sessions")
        server.drop_units()
        result["activated"] = until_gone(server, many)
        many.stdin.close()
        many.wait()
        server.end()
        result["verification"] = verification.verify(server)  # there is no larger log around
        return result
    finally:
        server.stop()


def until_gone(server, many):
    """From the signal on; that the set is read and compiled anew before is in it."""
    began = time.monotonic()
    server.signal_reload()
    signalled = time.monotonic() - began
    gone = json.loads(talk(many, server, "gone\n", "{"))
    return {k: v + signalled for k, v in gone.items()}


def measure(pki, turns, queued, sessions):
    results = []
    for turn in range(turns):
        progress("  judged again, turn %d of %d" % (turn + 1, turns))
        results.append(one_turn(pki, queued, sessions))
    progress("")
    return {"queued": queued, "sessions": sessions, "turns": results,
            **{k: {at: spread([r[k][at] for r in results]) for at in ("first_s", "last_s")} for k, _ in WHAT}}


def show_judged(r):
    print("Judged again: %d sessions, %d watches of one stream, %d messages queued; until the first and the last of them were told.\n"
          "For the last two from the SIGHUP: all of the set is read, compiled and checked first" % (r["sessions"], r["sessions"], r["queued"]))
    show(["what", "first s", "last s"], [[text, range_of(r[k]["first_s"], 3), range_of(r[k]["last_s"], 3)] for k, text in WHAT])
    print()

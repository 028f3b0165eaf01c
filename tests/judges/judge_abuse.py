"""One unit attacks at full rate, and another one's messages go on. The attacker is a process of its own, and connects again as often as it is ended."""
import json
import os
import subprocess
import sys
import unittest

from judge import POLICE, ROOT, Judge

SECONDS = 3
# How late an honest unit may be: twice what it takes alone is the goal on a quiet machine; the rest is for a machine that is not.
RATIO, MORE_MS = 2, 200
GROWTH_MIB = 100  # of the edge, over all attacks
ATTACKS = ("handshakes", "half_handshakes", "malformed_messages", "rapid_reset", "made_you_reset_by_too_much_window", "settings_flood", "ping_flood",
           "continuation_flood", "header_bomb", "empty_data_flood", "padding_that_pays_for_pings", "calls_that_are_refused")


def resident_mib(pid):
    with open("/proc/%d/statm" % pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


def suspend_nobody(folder):
    """So that an attack lasts."""
    with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
        f.write("offences: 0\n")


class Abuse(Judge):
    """Of the tree's own making, with hyperframe and hpack."""
    tool, packages = "an attacker at full rate", ("python3-hyperframe", "python3-hpack")
    change = staticmethod(suspend_nobody)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commands.append("tests/judges/attacker.py ATTACK %d $PORT $ROOT $UNIT.pem $UNIT.key" % SECONDS)
        cls.honest = cls.begin("honest.py", cls.gateway.folder, str(cls.gateway.port))
        cls.addClassCleanup(cls.honest.communicate)
        cls.took(1)
        cls.alone = cls.took(SECONDS)
        cls.before_mib = resident_mib(cls.pids["edge"])

    @classmethod
    def begin(cls, program, *words):
        return subprocess.Popen([sys.executable, os.path.join(ROOT, "tests", "judges", program), *words], text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=os.path.join(ROOT, "tests", "e2e")))

    @classmethod
    def took(cls, seconds):
        cls.honest.stdin.write("%d\n" % seconds)
        cls.honest.stdin.flush()
        return json.loads(cls.honest.stdout.readline())

    def beside(self, attack):
        attacker = self.begin("attacker.py", attack, str(SECONDS), str(self.gateway.port), *self.credentials(POLICE))
        self.assertEqual("ready\n", attacker.stdout.readline())
        took = self.took(SECONDS)
        connections = int(attacker.communicate(timeout=60)[0])
        grown = resident_mib(self.pids["edge"]) - self.before_mib
        self.figure("p99 %.1f ms, %.1f alone; median %.1f, %.1f; %d connections; edge +%d MiB" % (
            took["p99"], self.alone["p99"], took["median"], self.alone["median"], connections, grown))
        self.assertGreater(connections, 0)
        self.assertLess(took["p99"], RATIO * self.alone["p99"] + MORE_MS, "an honest unit had to wait")
        self.assertLess(grown, GROWTH_MIB, "the edge has grown")


def check_of(attack):
    def check(self):
        self.beside(attack)
    check.__doc__ = "%s: another unit's receipts come in time, the edge does not grow by %d MiB." % (attack.replace("_", " ").capitalize(), GROWTH_MIB)
    return check


for one in ATTACKS:
    setattr(Abuse, "test_" + one, check_of(one))

if __name__ == "__main__":
    unittest.main()

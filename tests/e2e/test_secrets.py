"""Keys of a running gateway, looked for in the memory of all of its processes: whoever uses one has it, in pages that are
locked, outside core dumps and empty in a child, and nobody has a second copy. As root; else it skips."""
import os
import re
import resource
import subprocess
import unittest

import sealed
from console import ConsoleGateway
from contract import Unit, incident_report, new_incident, pb, video_request
from gateway import BIN, Gateway
from marks import SanitizersShadow, memory_of

ROLES = ("supervisor", "keeper", "ledger", "edge", "console")
PROTECTED = {"lo", "dd", "wf"}  # proc(5), VmFlags


def tls_key(path):
    """The number that an EC key is, as it is written and as a processor of today holds it, and the lines of its file."""
    text = subprocess.run(["openssl", "pkey", "-in", path, "-noout", "-text"], check=True, capture_output=True, text=True).stdout
    number = bytes.fromhex(re.sub(r"[:\s]", "", re.search(r"priv:\n((?: +[0-9a-f:]+\n)+)", text).group(1)))[-32:]
    with open(path) as f:
        lines = [line.strip().encode() for line in f if not line.startswith("-")]
    return [number, number[::-1], *(line[8:40] for line in lines if len(line) >= 40)]


def key_file(path):
    """The 32 bytes of a key file, and their digits."""
    with open(path) as f:
        digits = f.read().split("\n")[1]
    return [bytes.fromhex(digits), digits.encode()]


def derived(master, label):
    """A key out of the master key, as crypto/mac.c has it."""
    return sealed.keyed(master, b"fedgate-key-v1", label.encode())


def flags_of(pid):
    """(begin, end, flags) of every mapping."""
    found, place = [], None
    with open("/proc/%d/smaps" % pid) as f:
        for line in f:
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line)
            if m:
                place = int(m.group(1), 16), int(m.group(2), 16)
            elif line.startswith("VmFlags:"):
                found.append((*place, set(line.split()[1:])))
    return found


def places(content, word):
    at = content.find(word)
    while at >= 0:
        yield at
        at = content.find(word, at + 1)


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = ConsoleGateway()
        for _ in range(3):  # handshakes that the keys sign
            assert cls.gateway.curl().returncode == 0
            unit = Unit(cls.gateway, "npa-daejeon/112-control")
            incident = new_incident(unit)
            for message in incident_report(unit, incident), video_request(unit, incident):  # this one waits, sealed
                receipt = unit.publish(message)[0]
                assert receipt.verdict == pb.VERDICT_ACCEPTED, receipt
            unit.close()
        cls.gateway.leaf(receipt.record.index)

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def pid(self, role):
        return self.gateway.process.pid if role == "supervisor" else self.gateway.pid_of(role)

    def found(self, words):
        """(role, flags of the page) of every place that holds one of these."""
        out = []
        for role in ROLES:
            try:
                flags, parts = flags_of(self.pid(role)), list(memory_of(self.pid(role)))
            except PermissionError:
                self.skipTest("reading another process's memory is not permitted here")
            except SanitizersShadow:
                self.skipTest("a sanitizer's shadow fills the address space: the build without one is searched")
            self.assertLess(100000, sum(len(content) for _, content in parts), role)
            for place, content in parts:
                begin = int(place.split()[-1], 16)
                for at in (begin + x for word in words for x in places(content, word)):
                    out.append((role, next(f for low, high, f in flags if low <= at < high)))
        return out

    def assert_have(self, roles, words, what):
        found = self.found(words)
        self.assertEqual(roles, {where for where, _ in found}, what)
        for _, flags in found:
            self.assertEqual(PROTECTED, flags & PROTECTED, "%s lies in pages with the flags %s" % (what, " ".join(sorted(flags))))

    def test_the_tls_key_lies_in_the_keepers_locked_pages_alone(self):
        self.assert_have({"keeper"}, tls_key(self.gateway.path("pki", "gateway", "server.key")), "the TLS key")

    def test_the_consoles_key_lies_in_the_keepers_locked_pages_alone(self):
        self.assert_have({"keeper"}, tls_key(self.gateway.path("pki", "gateway", "console.key")), "the console's key")

    def test_the_logs_key_lies_in_the_keepers_locked_pages_alone(self):
        self.assert_have({"keeper"}, key_file(self.gateway.path("keys", "log.key")), "the log's key")

    def test_the_wrapping_secret_lies_in_the_keepers_locked_pages_alone(self):
        secret = sealed.Secret(self.gateway.path("keys", "wrapping.secret"))
        self.assert_have({"keeper"}, [secret.bytes], "the wrapping secret")

    def test_keys_that_the_master_key_gives_lie_in_locked_pages_of_those_who_use_them(self):
        master = key_file(self.gateway.path("keys", "master.key"))[0]
        for label, role in (("journal", "ledger"), ("tags", "edge")):
            self.assert_have({"keeper", role}, [derived(master, label)], "the key of " + label)

    def test_keys_of_scopes_lie_in_locked_pages_of_keeper_and_edge(self):
        secret, files = sealed.Secret(self.gateway.path("keys", "wrapping.secret")), sealed.Files(self.gateway.path("data"))
        keys = [files.key(secret, scope) for scope in sealed.scopes_of(self.gateway.leaves())]
        self.assertTrue(keys and all(keys))
        self.assert_have({"keeper", "edge"}, keys, "the key of a scope")

    def test_the_master_key_lies_nowhere_any_more(self):
        self.assertEqual([], self.found(key_file(self.gateway.path("keys", "master.key"))))

    def test_no_process_leaves_a_core_gains_privileges_or_runs_without_its_filter(self):
        for role in ROLES:
            with open("/proc/%d/limits" % self.pid(role)) as f:
                self.assertRegex(f.read(), r"Max core file size +0 +0 ", role)
            with open("/proc/%d/status" % self.pid(role)) as f:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            self.assertEqual("1", status["NoNewPrivs"], role)
            if "ASAN_OPTIONS" not in os.environ:  # a sanitizer's build has no filter
                self.assertEqual("2", status["Seccomp"], role)


@unittest.skipUnless(os.geteuid() == 0, "only root can take away the right to lock any memory")
@unittest.skipIf("ASAN_OPTIONS" in os.environ, "the address sanitizer takes mlock away")
class Locking(unittest.TestCase):
    def test_a_gateway_that_may_lock_no_memory_does_not_start_and_says_so(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        gateway.stop()
        for more in [], ["--check"]:
            r = subprocess.run(["setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock", os.path.join(BIN, "fedgate"), "--config",
                                gateway.path("fedgate.yaml"), *more], capture_output=True, text=True, timeout=60,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (4096, 4096)))
            self.assertEqual(1, r.returncode, r.stderr)
            self.assertIn("memory-not-lockable", r.stderr)
            self.assertIn("RLIMIT_MEMLOCK", r.stderr)


if __name__ == "__main__":
    unittest.main()

"""A real gateway for a test: its own folder, its own port, its own processes."""
import itertools
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import shutil

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
BIN = os.path.join(os.path.abspath(BUILD), "bin")
PROMPTLY = 5.0  # s: not by a time-out, on a machine that is busy with other tests; how fast it is, is in make bench


# Below those that the system gives to clients; each lane of run-e2e has its own, so that nobody takes a port before it is used.
PORTS = itertools.cycle(range(20000 + 4000 * int(os.environ.get("E2E_LANE", 0)), 24000 + 4000 * int(os.environ.get("E2E_LANE", 0))))
next_port = itertools.islice(PORTS, os.getpid() % 4000, None)


def free_port():
    for port in next_port:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def edit(path, old, new):
    """The first place where a file has `old` has `new` instead."""
    with open(path) as f:
        text = f.read()
    assert old in text, "%s does not hold %r" % (path, old)
    with open(path, "w") as f:
        f.write(text.replace(old, new, 1))


class Gateway:
    """Starts with the policy set of the tree; `change(folder)` may edit the copy before. Without a folder named, all of it is gone
    with close(). The edge has so many worker threads, or as many as EDGE_WORKERS says."""

    def __init__(self, change=None, folder=None, workers=os.environ.get("EDGE_WORKERS")):
        self.is_kept = folder is not None
        self.folder = folder or tempfile.mkdtemp(prefix="fedgate-e2e-")
        self.port = free_port()
        env = dict(os.environ, BIN=BIN)
        subprocess.run([os.path.join(ROOT, "tests/demo/make-gateway"), self.folder, str(self.port)], check=True, env=env)
        if workers:
            with open(self.path("fedgate.yaml"), "a") as f:
                f.write("edge_workers: %d\n" % int(workers))
        if change:
            change(self.folder)
            self.sign()
        self.log = []
        self.env = {}
        self.process = None
        self.start()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def start(self):
        self.mark = len(self.log)
        self.process = subprocess.Popen([os.path.join(BIN, "fedgate"), "--config", self.path("fedgate.yaml")],
                                        stderr=subprocess.PIPE, text=True, env=dict(os.environ, **self.env))
        self.reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        self.wait_for("in-service")

    def _read(self, stream):
        for line in stream:
            self.log.append(line.rstrip("\n"))

    def wait_for(self, text, within=60.0):
        """The first line since the last start (or mark) that holds the text."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            for line in self.log[self.mark:]:
                if text in line:
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError("the log does not say %r:\n%s" % (text, "\n".join(self.log[self.mark:][-30:])))

    def pid_of(self, role):
        for line in reversed(self.log):
            m = re.search(r"role-ready role=%s pid=(\d+)" % role, line)
            if m:
                return int(m.group(1))
        raise AssertionError("no %s in the log" % role)

    def kill_role(self, role):
        """kill -9; returns when the supervisor has started it again."""
        self.mark = len(self.log)
        try:
            os.kill(self.pid_of(role), signal.SIGKILL)
        except ProcessLookupError:
            return
        self.wait_for("role-ready role=%s" % role)

    def skew(self, seconds):
        """From the next start on the gateway's wall clock is so far ahead of the machine's."""
        library = self.path("skew.so")
        if not os.path.exists(library):
            subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", library, os.path.join(ROOT, "tests/e2e/skew.c")], check=True)
        asan = os.environ.get("ASAN_OPTIONS", "")
        self.env = {"LD_PRELOAD": library, "FEDGATE_TEST_AHEAD_S": str(seconds),
                    "ASAN_OPTIONS": asan + (":" if asan else "") + "verify_asan_link_order=0"}

    def kill_all(self):
        """As a power cut would end the processes: nothing is told to stop."""
        self.process.kill()
        self.ended()

    def ended(self):
        self.process.wait(20)
        self.reader.join(5)
        self.process.stderr.close()

    def reload(self):
        self.mark = len(self.log)
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.ended()
        return self.process.returncode

    def close(self):
        self.stop()
        if not self.is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def sign(self):
        """Seals the policy set as it is now, and signs it with every development key."""
        subprocess.run([os.path.join(ROOT, "tests/demo/sign-set"), self.folder], check=True, env=dict(os.environ, BIN=BIN))

    def seal_and_sign_broken(self):
        """The same for a set that does not compile, which fedgatectl would not sign."""
        policy, signing = self.path("policy"), self.path("signing")
        subprocess.run([os.path.join(BIN, "fedgatectl"), "policy", "seal", policy], check=True, stdout=subprocess.DEVNULL)
        for folder, _, names in os.walk(os.path.join(policy, "signatures")):
            for name in names:
                file, who = re.match(r"(.*\.yaml)\.(.*)\.minisig", name).groups()
                text = os.path.join(policy, "mou" if folder.endswith("mou") else "", file)
                subprocess.run(["minisign", "-S", "-s", os.path.join(signing, who.split(".")[-1] + ".key"), "-m", text, "-x",
                                os.path.join(folder, name)], check=True, stdout=subprocess.DEVNULL)

    def ctl(self, *words):
        return subprocess.run([os.path.join(BIN, "fedgatectl"), *words], text=True, capture_output=True)

    def verify(self):
        """The log must verify, every entry a leaf at its place."""
        r = self.ctl("audit", "verify", "--entries", "--quiet", "--log", self.path("audit"), "--key", self.path("audit.vkey"))
        assert r.returncode == 0, r.stdout + r.stderr

    def leaves(self):
        """Every leaf as a dictionary."""
        import json
        r = self.ctl("audit", "show", "--format", "jsonl", "--log", self.path("audit"))
        assert r.returncode == 0, r.stderr
        return [json.loads(line) for line in r.stdout.splitlines()]

    def leaves_of(self, holds, within=60.0):
        """The entries of which holds(entry) is true, when there is one: the log's files have it a moment later."""
        until = time.monotonic() + within
        while True:
            found = [x for x in self.leaves() if holds(x)]
            if found:
                return found
            assert time.monotonic() < until, "the log does not show the entry"
            time.sleep(0.05)

    def leaf(self, index):
        """An entry, when the log's files have it."""
        return self.leaves_of(lambda x: x["index"] == index)[0]

    def certificate(self, unit):
        return self.path("pki", unit + ".pem"), self.path("pki", unit + ".key")

    def fingerprint(self, unit):
        """SHA-256 of a certificate's DER form, as openssl tells it without the colons."""
        r = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", self.certificate(unit)[0]], check=True,
                           capture_output=True, text=True)
        return r.stdout.strip().split("=")[1].replace(":", "").lower()

    @property
    def root(self):
        return self.path("pki", "gateway", "root.pem")

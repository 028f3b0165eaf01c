"""What the tests of destruction share: a place to live whose blocks can be searched, keys that are taken out of the files while they are
there, and waiting for what the log says."""
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import sealed
from contract import pb
from flood import Flood, kind_of

LIVES = 20  # seconds until what the flood sends is destroyed
ROLES = ("supervisor", "edge", "ledger", "keeper")
EXT4_IOC_SHUTDOWN, EVERYTHING_UNWRITTEN_IS_LOST = 0x8004587d, (2).to_bytes(4, "little")


def run(*words):
    return subprocess.run(words, capture_output=True, text=True)


class Place:
    """Where a gateway lives: an ext4 of its own in a loop device, whose raw image is searched; without root a folder, of which only the
    files can be."""

    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="fedgate-e2e-")
        self.image, self.mounted = os.path.join(self.top, "image"), os.path.join(self.top, "mounted")
        os.mkdir(self.mounted)
        self.is_image = os.geteuid() == 0 and run("truncate", "-s", "256M", self.image).returncode == 0 and \
            run("mkfs.ext4", "-q", self.image).returncode == 0 and self.mount()

    def mount(self):
        return run("mount", "-o", "loop", self.image, self.mounted).returncode == 0

    def unmount(self):
        """What still ends there is waited for, and the device: mounted again while it is attached, it would be the same file system, as
        it was."""
        until = time.monotonic() + 20
        while os.path.ismount(self.mounted) and run("umount", self.mounted).returncode != 0 or run("losetup", "-j", self.image).stdout:
            assert time.monotonic() < until, "the file system stays busy"
            time.sleep(0.05)

    def cut_power(self):
        """What was not synced is lost; the file system takes nothing any more."""
        folder = os.open(self.mounted, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, EVERYTHING_UNWRITTEN_IS_LOST)
        os.close(folder)

    def contents(self):
        """(what, bytes) of all that was ever written and not overwritten; or of the files."""
        if self.is_image:
            os.sync()
            with open(self.image, "rb", 0) as f:
                at, size = 0, os.path.getsize(self.image)
                while (at := next_data(f.fileno(), at)) is not None and at < size:
                    end = os.lseek(f.fileno(), at, os.SEEK_HOLE)
                    f.seek(at)
                    yield "image from %d" % at, f.read(end - at)
                    at = end
            return
        for folder, _, names in os.walk(self.mounted):
            for path in (os.path.join(folder, name) for name in names):
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path, sealed.read(path)

    def close(self):
        if self.is_image:
            self.unmount()
        shutil.rmtree(self.top, ignore_errors=True)


def next_data(fd, at):
    try:
        return os.lseek(fd, at, os.SEEK_DATA)
    except OSError:
        return None  # there is no more


class BriefFlood(Flood):
    """Messages that end soon. Their keys are taken before anything ends them."""

    def __init__(self, gateway, marks, known):
        super().__init__(gateway, marks)
        self.known, self.last, self.taken_at = known, 0, time.monotonic()

    def anew(self, m):
        m = super().anew(m)
        m.header.destroy_by.FromSeconds(int(time.time()) + LIVES)
        return m

    def send(self, where, name, *messages):
        receipts = super().send(where, name, *messages)
        self.last = max([self.last] + [r.record.index for r in receipts])
        return receipts

    def take(self, unit, template):
        kind = kind_of(template)
        ends = kind == "incident_close" or (kind == "guardian_alert" and template.guardian_alert.phase == pb.ALERT_PHASE_FOUND)
        if ends or time.monotonic() - self.taken_at > LIVES / 3:
            self.known.take(self.last)
            self.taken_at = time.monotonic()
        return super().take(unit, template)


class Known:
    """All keys of scopes and bodies that the gateway's files ever gave away, with the secrets that opened them."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.secrets, self.sectors, self.scopes, self.bodies = {}, {}, {}, {}

    def take(self, last):
        """Of all messages up to this entry of the log."""
        until = time.monotonic() + 10
        while len(leaves := self.gateway.leaves()) <= last:
            assert time.monotonic() < until, "the log does not reach entry %d" % last
            time.sleep(0.1)
        secret, files = self.take_secret(), sealed.Files(self.gateway.path("data"))
        gone = set(sealed.destroyed(leaves))  # to look for them takes longest
        for scope, messages in sealed.scopes_of(leaves).items():
            key = self.scopes.get(scope) or (None if scope in gone else files.key(secret, scope))
            if key:
                self.scopes[scope] = key
                self.bodies.setdefault(scope, {}).update({body: (salt, plain) for body, salt, plain in
                                                          files.bodies(scope, key, sealed.contexts_of(messages))})

    def take_secret(self):
        secret = sealed.Secret(self.gateway.path("keys", "wrapping.secret"))
        self.secrets[secret.generation] = secret
        self.sectors[secret.generation] = sealed.read(self.gateway.path("keys", "wrapping.secret"))
        return secret

    def back_up(self, to):
        """The data as one secret opens them: every destruction makes a new one, also while files are copied."""
        for _ in range(20):
            before = self.take_secret()
            shutil.copytree(self.gateway.path("data"), to, ignore=shutil.ignore_patterns("control.sock"))
            if sealed.Secret(self.gateway.path("keys", "wrapping.secret")).generation == before.generation:
                return to
            shutil.rmtree(to)
        raise AssertionError("no backup between two destructions")

    def keys(self, but=()):
        return [key for scope in self.scopes if scope not in but for key in
                [self.scopes[scope]] + [x for body, (salt, _) in self.bodies[scope].items() for x in (body, salt)]]


def wait_for_destruction(gateway, scopes, within=60):
    """The leaves, once they say that all of these were destroyed."""
    until = time.monotonic() + within
    while True:
        leaves = gateway.leaves()
        left = set(scopes) - set(sealed.destroyed(leaves))
        if not left:
            return leaves
        assert time.monotonic() < until, "not destroyed: %s\n%s" % (left, "\n".join(gateway.log[-20:]))
        time.sleep(0.3)


# ---- ends in the middle

def needs_to_trace(what):
    if os.geteuid() != 0 or not shutil.which("strace") or run("strace", "-o", "/dev/null", "true").returncode != 0:
        print("SKIPPED: %s needs root and strace" % what)
        raise unittest.SkipTest("no strace that may trace")


def signalled_at(test, pid, paths, call, nth, name):
    """The process gets the signal at its n-th such call on one of these files; the process that traces it."""
    words = ["strace", "-f", "-p", str(pid), "-o", "/dev/null", "-e", "trace=" + call,
             "-e", "inject=%s:signal=%s:when=%d" % (call, name, nth)]
    for path in paths:
        words += ["-P", path]
    tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    test.addCleanup(tracer.stderr.close)
    test.addCleanup(tracer.kill)
    line = tracer.stderr.readline()
    assert "attached" in line, line
    return tracer


def wait_for(what, holds):
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def state_of(pid):
    """T: stopped, Z: ended; None: nothing is left of it."""
    try:
        return sealed.read("/proc/%d/stat" % pid).rsplit(b") ", 1)[1][:1].decode().upper()
    except (FileNotFoundError, ProcessLookupError):  # the latter between opening and reading
        return None


def is_stopped(pid):
    """For longer than a call that is traced stands still."""
    for _ in range(5):
        if state_of(pid) != "T":
            return False
        time.sleep(0.01)
    return True

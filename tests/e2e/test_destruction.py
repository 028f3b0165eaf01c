"""What is destroyed is gone: from files and free blocks, from the memory of every role, for backups; also when a process is killed or the
power fails in the middle of it. Keys are taken out of the files before by another program (sealed.py), so that they can be looked for."""
import collections
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

import grpc

import sealed
from contract import Unit, incident_report, pb, video_request
from flood import POLICE, Flood, kind_of
from gateway import ROOT, Gateway
from marks import Marks, SanitizersShadow, memory_of

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
        """What still ends there is waited for."""
        until = time.monotonic() + 20
        while run("umount", self.mounted).returncode != 0:
            assert time.monotonic() < until, "the file system stays busy"
            time.sleep(0.05)

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
        secret = sealed.Secret(self.gateway.path("keys", "wrapping.secret"))
        files = sealed.Files(self.gateway.path("data"))
        self.secrets[secret.generation] = secret
        self.sectors[secret.generation] = sealed.read(self.gateway.path("keys", "wrapping.secret"))
        for scope, messages in sealed.scopes_of(leaves).items():
            key = self.scopes.get(scope) or files.key(secret, scope)
            if key:
                self.scopes[scope] = key
                self.bodies.setdefault(scope, {}).update({body: (salt, plain) for body, salt, plain in
                                                          files.bodies(scope, key, sealed.contexts_of(messages))})

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


def police_sends(gateway, make):
    """The receipts of the messages that make(unit) makes; sent again while the gateway has no ledger or is being started."""
    until, messages = time.monotonic() + 20, None
    while True:
        police = Unit(gateway, POLICE)
        messages = messages or make(police)
        try:
            receipts = list(police.exchange(messages, timeout=20, wait=True))
            assert receipts[-1].verdict == pb.VERDICT_ACCEPTED, receipts
            return receipts
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE and time.monotonic() < until, error
            time.sleep(0.1)
        finally:
            police.close()


def wait_for(what, holds):
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def state_of(pid):
    """T: stopped, Z: ended; None: nothing is left of it."""
    try:
        return sealed.read("/proc/%d/stat" % pid).rsplit(b") ", 1)[1][:1].decode().upper()
    except FileNotFoundError:
        return None


class CanarySearch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = place = Place()
        cls.addClassCleanup(place.close)
        if not place.is_image:
            print("SKIPPED: the raw image of a file system: ext4 in a loop device needs root; files are searched instead")
        cls.gateway = gateway = Gateway(folder=os.path.join(place.mounted, "gateway"))
        cls.addClassCleanup(gateway.stop)
        cls.marks, cls.known = Marks(), Known(gateway)
        cls.flood = flood = BriefFlood(gateway, cls.marks, cls.known)
        flood.takes_all()
        flood.plays_video()
        flood.take_deliveries()
        cls.send_what_is_not_due()
        cls.known.take(max(flood.last, cls.alive_receipt.record.index))
        cls.stored = {s: m for s, m in sealed.scopes_of(gateway.leaves()).items()}
        # Of the gateway's own notices, whose end nobody can bring forward, nothing is expected.
        cls.gone = {s for s, messages in cls.stored.items() if all(r.get("deadline_us", 0) / 1e6 < time.time() + 600
                                                                  for m in messages for r in m["recipients"])}
        cls.alive = {s for s, messages in cls.stored.items() if any(m["index"] == cls.alive_receipt.record.index for m in messages)}
        cls.backup = os.path.join(place.top, "backup")
        shutil.copytree(gateway.path("data"), cls.backup, ignore=shutil.ignore_patterns("control.sock"))
        cls.leaves = wait_for_destruction(gateway, cls.gone)

    @classmethod
    def send_what_is_not_due(cls):
        """A message that is still there when all others are gone; nobody takes it over."""
        cls.alive_marks = Marks()
        flood = Flood(cls.gateway, cls.alive_marks)
        m = flood.example("npa-daejeon/investigation", "release-request")
        m.release_request.reason = cls.alive_marks.token
        cls.alive_receipt, = cls.flood.unit("npa-daejeon/investigation").publish(m)
        assert cls.alive_receipt.verdict == pb.VERDICT_ACCEPTED, cls.alive_receipt

    @classmethod
    def tearDownClass(cls):
        cls.flood.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()

    def destroyed_keys(self):
        return self.known.keys(but=set(self.stored) - self.gone)

    def memory(self, role):
        try:
            return list(memory_of(self.gateway.process.pid if role == "supervisor" else self.gateway.pid_of(role)))
        except PermissionError:
            self.skipTest("reading another process's memory is not permitted here")
        except SanitizersShadow:
            self.skipTest("a sanitizer's shadow fills the address space: the build without one is searched")

    def test_another_program_opened_every_kind_before(self):
        self.assertEqual(set(self.stored), set(self.known.scopes))
        opened = {m["kind"] for s, messages in self.stored.items() for m in messages if len(self.known.bodies[s]) >= len(messages)}
        self.assertEqual(set(self.flood.taken) - opened, {kind for kind, taken in self.flood.taken.items() if not self.was_stored(kind)})
        marked = [plain for bodies in self.known.bodies.values() for _, plain in bodies.values() if self.marks.found_in(plain)]
        self.assertLess(30, len(marked))

    def was_stored(self, kind):
        return any(m["kind"] == kind for messages in self.stored.values() for m in messages)

    def test_no_block_has_a_marker_a_key_or_a_secret_that_wrapped_one(self):
        old = [s.bytes for g, s in self.known.secrets.items() if g < max(self.known.secrets)] + \
            [s.bytes for s in self.known.secrets.values() if s.generation < sealed.Secret(self.gateway.path("keys", "wrapping.secret")).generation]
        self.assertLess(0, len(old))
        needles, searched = sealed.Needles(self.destroyed_keys() + old), 0
        # Some cameras of the policy set stand where the flood's people do, to four digits.
        cameras = self.marks.found_in(sealed.read(self.gateway.path("policy", "inventory", "cameras.csv")))
        for what, content in self.place.contents():
            searched += len(content)
            self.assertEqual([], needles.found_in(content), what)
            self.assertEqual([], [x for x in self.marks.found_in(content) if x not in cameras], what)
        self.assertLess(1 << 20, searched)

    def test_no_role_remembers_a_marker_or_a_key(self):
        needles = sealed.Needles(self.destroyed_keys())
        for role in ROLES:
            for what, content in self.memory(role):
                self.assertEqual([], needles.found_in(content), "%s, %s" % (role, what))
                self.assertEqual([], self.marks.found_in(content), "%s, %s" % (role, what))

    def test_the_search_finds_what_is_still_there(self):
        self.assertEqual(1, len(self.alive))
        needles = sealed.Needles([self.known.scopes[s] for s in self.alive])
        self.assertTrue(any(needles.found_in(content) for _, content in self.memory("keeper")))
        secret = sealed.Secret(self.gateway.path("keys", "wrapping.secret"))
        self.assertTrue(any(sealed.Needles([secret.bytes]).found_in(content) for _, content in self.place.contents()))
        files = sealed.Files(self.gateway.path("data"))
        for scope in self.alive:
            self.assertEqual(self.known.scopes[scope], files.key(secret, scope))
        planted = b"." * 5 + self.known.keys()[0] + b"." * 9
        self.assertEqual(1, len(sealed.Needles(self.known.keys()).found_in(planted)))

    def test_what_is_due_is_told_from_the_running_gateway(self):
        words = ("destruction", "due", "--lang", "en", "--format", "json", "--socket", self.gateway.path("data", "control.sock"))
        rows = json.loads(self.gateway.ctl(*words).stdout)["rows"]
        told = {int(row["scope"]) for row in rows}
        self.assertLessEqual(self.alive, told)
        self.assertEqual(set(), told & self.gone)
        self.assertEqual(sorted(row["due"] for row in rows), [row["due"] for row in rows])
        self.assertIn(("its time was over", "arrival", "1"), {(row["why"], row["starts"], row["waiting"]) for row in rows})
        soon = json.loads(self.gateway.ctl(*words, "--within", "1 hour").stdout)["rows"]
        self.assertLess(len(soon), len(rows))
        owed = self.gateway.ctl("destruction", "overdue", "--log", self.gateway.path("audit"))
        self.assertEqual(0, owed.returncode, owed.stdout + owed.stderr)

    def try_open(self, record, data, keys, *words):
        return self.gateway.ctl("destruction", "try-open", "--log", self.gateway.path("audit"), "--data", data, "--keys", keys,
                                "--lang", "en", *words, str(record))

    def test_the_gateways_own_attempt_opens_what_is_not_due_and_nothing_else(self):
        data, keys = self.gateway.path("data"), self.gateway.path("keys")
        alive = self.try_open(self.alive_receipt.record.index, data, keys)
        self.assertEqual(1, alive.returncode, alive.stdout + alive.stderr)
        self.assertIn("It CAN be opened", alive.stdout)
        self.assertEqual([], self.alive_marks.found_in(alive.stdout.encode()))
        then = os.path.join(self.place.top, "keys then")
        shutil.copytree(keys, then)
        with open(os.path.join(then, "wrapping.secret"), "wb") as f:
            f.write(self.known.sectors[max(self.known.sectors)])
        for scope in sorted(self.gone):
            record = self.stored[scope][0]["index"]
            gone = self.try_open(record, data, keys)
            self.assertEqual(0, gone.returncode, gone.stdout + gone.stderr)
            self.assertIn("cannot be opened: there is no key", gone.stdout)
            self.assertEqual(0, self.try_open(record, self.backup, keys).returncode, "a backup of the data, the secret of now")
        # The one thing that must not be kept: with the secret of its time the backup opens.
        opened = [scope for scope in self.gone
                  if self.try_open(self.stored[scope][0]["index"], self.backup, then).returncode == 1]
        self.assertLess(3, len(opened))

    def test_a_backup_without_the_secret_opens_nothing(self):
        """It opened everything with the secret of its time; that one is in no block any more."""
        files, now = sealed.Files(self.backup), sealed.Secret(self.gateway.path("keys", "wrapping.secret"))
        then = self.known.secrets[max(self.known.secrets)]
        self.assertLess(then.generation, now.generation)
        due = [s for s in self.gone if files.key(then, s)]
        self.assertLess(3, len(due))
        for scope in due:
            self.assertIsNone(files.key(now, scope))

    def test_every_destruction_is_recorded_once(self):
        self.assertEqual([], [s for s, times in collections.Counter(sealed.destroyed(self.leaves)).items() if times > 1])

    def test_a_certificate_of_each_kind_is_checked_by_another_program(self):
        with open(self.gateway.path("audit.vkey")) as f:
            key = f.read().strip()
        records = {m["kind"]: m["index"] for s, messages in self.stored.items() if s in self.gone for m in messages
                   if len(sealed.words(m, "scopes")[0].split(",")) == 1}
        self.assertLess(15, len(records))
        for kind, index in records.items():
            name = os.path.join(self.place.top, kind)
            made = self.gateway.ctl("destruction", "certificate", "--log", self.gateway.path("audit"), "--key", self.gateway.path("audit.vkey"),
                                    "--out", name, str(index))
            self.assertEqual(0, made.returncode, made.stderr)
            checked = run("python3", os.path.join(ROOT, "tests", "audit", "verify_log.py"), "--certificate", name + ".json", key)
            self.assertEqual("ok %d" % index, " ".join(checked.stdout.split()[:2]), checked.stdout + checked.stderr)
            self.assertEqual([], self.marks.found_in(sealed.read(name + ".html")))
        refused = self.gateway.ctl("destruction", "certificate", "--log", self.gateway.path("audit"), "--key", self.gateway.path("audit.vkey"),
                                   "--out", os.path.join(self.place.top, "none"), str(self.alive_receipt.record.index))
        self.assertEqual(1, refused.returncode, refused.stdout)
        self.assertIn("Not destroyed", refused.stderr)


class Interrupted(unittest.TestCase):
    """A destruction that ends in the middle, at each of its calls: it is finished after the start, and stands in the log once."""

    # In their order: the survivors are written, the secret is overwritten, the old half is zeroed and cut off. (role, call, which of them)
    CALLS = [("ledger", "write", 1), ("ledger", "fsync", 1), ("keeper", "pwrite64", 1), ("keeper", "fsync", 1),
             ("ledger", "write", 2), ("ledger", "fsync", 2), ("ledger", "ftruncate", 1), ("ledger", "fsync", 3)]
    FILES = {"ledger": ("data/slots.0", "data/slots.1"), "keeper": ("keys/wrapping.secret",)}

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0 or not shutil.which("strace") or run("strace", "-o", "/dev/null", "true").returncode != 0:
            print("SKIPPED: ending a destruction in the middle needs root and strace")
            raise unittest.SkipTest("no strace that may trace")
        cls.place = Place()
        cls.addClassCleanup(cls.place.close)
        cls.gateway = Gateway(folder=os.path.join(cls.place.mounted, "gateway"))
        cls.addClassCleanup(cls.gateway.stop)
        cls.stays = cls.seal_one()  # a key that outlives every destruction
        incident, scope, _ = cls.seal_one()
        cls.end(incident)
        wait_for_destruction(cls.gateway, [scope])  # from now on there is an old half to be zeroed

    @classmethod
    def seal_one(cls):
        """An incident with a message under a key of its own: (incident, scope, key)."""
        incident = "%s:%s" % (POLICE, uuid.uuid4())
        _, receipt = police_sends(cls.gateway, lambda police: [incident_report(police, incident), video_request(police, incident)])
        known = Known(cls.gateway)
        known.take(receipt.record.index)
        scope, = [s for s, messages in sealed.scopes_of(cls.gateway.leaves()).items() if any(m["index"] == receipt.record.index for m in messages)]
        return incident, scope, known.scopes[scope]

    @classmethod
    def end(cls, incident):
        def close(police):
            m = police.message("112-onsite-video", "crime-response", incident=incident)
            m.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
            return [m]
        police_sends(cls.gateway, close)

    def ends_at(self, role, call, nth, signal_name):
        """The role gets the signal at its n-th such call of the destruction; the process that traces it."""
        words = ["strace", "-f", "-p", str(self.gateway.pid_of(role)), "-o", "/dev/null", "-e", "trace=" + call,
                 "-e", "inject=%s:signal=%s:when=%d" % (call, signal_name, nth)]
        for name in self.FILES[role]:
            words += ["-P", self.gateway.path(name)]
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        self.addCleanup(tracer.stderr.close)
        self.addCleanup(tracer.kill)
        line = tracer.stderr.readline()
        assert "attached" in line, line
        return tracer

    def assert_gone(self, scope, key, where):
        leaves = wait_for_destruction(self.gateway, [scope])
        self.assertEqual(1, sealed.destroyed(leaves).count(scope), where)
        secret, files = sealed.Secret(self.gateway.path("keys", "wrapping.secret")), sealed.Files(self.gateway.path("data"))
        self.assertIsNone(files.key(secret, scope), where)
        self.assertEqual(self.stays[2], files.key(secret, self.stays[1]), where)
        needles = sealed.Needles([key])
        try:
            for role in ROLES:
                for what, content in memory_of(self.gateway.process.pid if role == "supervisor" else self.gateway.pid_of(role)):
                    self.assertEqual([], needles.found_in(content), "%s: %s, %s" % (where, role, what))
        except SanitizersShadow:
            pass  # the build without a sanitizer is searched

    def test_kill_9_at_each_call(self):
        for role, call, nth in self.CALLS:
            where = "%s, %s %d" % (role, call, nth)
            incident, scope, key = self.seal_one()
            tracer, killed = self.ends_at(role, call, nth, "KILL"), self.gateway.pid_of(role)
            self.end(incident)
            tracer.wait(20)
            wait_for("not killed: " + where, lambda: state_of(killed) in (None, "Z"))
            self.assert_gone(scope, key, where)

    def test_power_cut_at_each_call(self):
        if not self.place.is_image:
            self.skipTest("shutting a file system down needs ext4 in a loop device")
        for role, call, nth in self.CALLS:
            where = "%s, %s %d" % (role, call, nth)
            incident, scope, key = self.seal_one()
            tracer = self.ends_at(role, call, nth, "STOP")
            self.end(incident)
            wait_for("not stopped: " + where, lambda: state_of(self.gateway.pid_of(role)) == "T")
            folder = os.open(self.place.mounted, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, EVERYTHING_UNWRITTEN_IS_LOST)
            os.close(folder)
            pids = [self.gateway.pid_of(role) for role in ("edge", "ledger", "keeper")]
            self.gateway.process.kill()
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.gateway.ended()
            tracer.wait(20)
            self.place.unmount()
            self.assertTrue(self.place.mount(), where)
            self.gateway.start()
            self.assert_gone(scope, key, where)
        self.gateway.verify()


if __name__ == "__main__":
    unittest.main()

"""What is destroyed is gone: from files and free blocks, from the memory of every role, for backups. Keys are taken out of the files before
by another program (sealed.py), so that they can be looked for."""
import collections
import json
import os
import shutil
import time
import unittest

import sealed
from canary import ROLES, BriefFlood, Known, Place, run, wait_for_destruction
from contract import pb
from flood import Flood
from gateway import ROOT, Gateway
from marks import Marks, SanitizersShadow, memory_of


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
        cls.backup = cls.known.back_up(os.path.join(place.top, "backup"))
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

    def test_the_search_of_memory_finds_the_key_of_what_is_still_there(self):
        needles = sealed.Needles([self.known.scopes[s] for s in self.alive])
        self.assertTrue(any(needles.found_in(content) for _, content in self.memory("keeper")))

    def test_the_search_of_blocks_finds_the_secret_that_is_in_force_and_its_keys(self):
        self.assertEqual(1, len(self.alive))
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


if __name__ == "__main__":
    unittest.main()

"""What a vault destroyed is gone: from the files and free blocks of its folders, from its memory, for a copy of both. Keys are taken out of
the files before, by another program (sealed.py), so that they can be looked for."""
import json
import os
import random
import shutil
import signal
import time
import unittest
import uuid

import sealed
from canary import Place, is_stopped, needs_to_trace, signalled_at, wait_for
from contract import Unit, incident_report, new_incident, pb, video_request
from gateway import Gateway, edit
from marks import PIECE, Marks, SanitizersShadow, memory_of
from vault import POLICE, Vault, film, limited, watching

LIVES = 25  # seconds of what has a deadline
RECORDED = "    destroy: {starts_at: incident-end, delay: 24 hours, at_most_after_recording"  # of the grant onsite-live-video


def soon(folder):
    """As for the other tests of vaults; and recordings, too, end with the incident."""
    limited(folder)
    edit(os.path.join(folder, "policy", "mou", "molit-npa-2015.yaml"), RECORDED, RECORDED.replace("24 hours", "0 seconds"))


class VaultCanarySearch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.close)
        if not cls.place.is_image:
            print("SKIPPED: the raw image of a vault's file system: ext4 in a loop device needs root; files are searched instead")
        cls.gateway = Gateway(soon)
        cls.addClassCleanup(cls.gateway.close)
        cls.police = Unit(cls.gateway, POLICE)
        cls.addClassCleanup(cls.police.close)
        cls.marks, cls.reason, cls.alive_marks = Marks(), Marks(), Marks()
        cls.centre, cls.recorder = cls.vault("centre"), cls.vault("112", POLICE, "signing/112-control.key")
        cls.fill()
        cls.take_keys()
        cls.search_before()
        cls.destroy()

    @classmethod
    def vault(cls, name, *of):
        folder = os.path.join(cls.place.mounted, name)
        os.mkdir(folder)
        vault = Vault(cls.gateway, folder, *of)
        cls.addClassCleanup(vault.stop)
        return vault

    @classmethod
    def request(cls, incident, marks, **more):
        """A request for video in the centre's vault: its record."""
        before = {i["record"] for i in cls.centre.list("--all")}
        m = video_request(cls.police, incident)
        m.video_request.reason = marks.texts()[0]
        if more:
            m.header.destroy_by.FromSeconds(int(time.time()) + more["lives"])
        receipt, = cls.police.publish(m)
        assert receipt.verdict == pb.VERDICT_ACCEPTED, receipt
        new = lambda items: [i["record"] for i in items if i.get("kind") == "video_request" and i["record"] not in before]
        return new(cls.centre.wait_for(new))[0]

    @classmethod
    def fill(cls):
        """What ends with the incident, a recording with it; what has a deadline; and what stays."""
        cls.incident, cls.other, stream = new_incident(cls.police), new_incident(cls.police), str(uuid.uuid4())
        cls.police.publish(incident_report(cls.police, cls.incident), incident_report(cls.police, cls.other))
        cls.centre.run()
        cls.ordered = cls.request(cls.incident, cls.marks)
        cls.stays = cls.request(cls.other, cls.alive_marks)
        cls.due = cls.request(cls.other, cls.marks, lives=LIVES)
        sending = film(cls.gateway, cls.incident, stream, 2)
        cls.recorder.run(*watching(stream))
        sending.join()
        kept = lambda items: [i["record"] for i in items if i.get("kind") == "video" and i["state"] == "kept"]
        cls.recorded, = kept(cls.recorder.wait_for(kept))
        cls.open_them()

    @classmethod
    def open_them(cls):
        """One from the gateway, one without it, for a reason that names somebody."""
        r = cls.centre.open(cls.due, reason=cls.reason.texts()[0])
        assert r.returncode == 0 and cls.marks.token in r.stdout, r.stderr
        port, cls.gateway.port = cls.gateway.port, 1
        r = cls.centre.open(cls.ordered, reason=cls.reason.texts()[0])
        cls.gateway.port = port
        assert r.returncode == 0 and cls.marks.token in r.stdout, r.stderr

    @classmethod
    def item(cls, vault, record):
        return sealed.read(os.path.join(vault.items, "%d.item" % record))

    @classmethod
    def take_keys(cls):
        """Of each item: its halves, its key, those of its pieces, with what they open."""
        cls.stores = {v: sealed.KeyStore(v.keys) for v in (cls.centre, cls.recorder)}
        secret, files = sealed.Secret(cls.gateway.path("keys", "wrapping.secret")), sealed.Files(cls.gateway.path("data"))
        due = cls.gateway.ctl("destruction", "due", "--lang", "en", "--format", "json", "--socket", cls.gateway.path("data", "control.sock"))
        scopes = [key for row in json.loads(due.stdout)["rows"] if (key := files.key(secret, int(row["scope"])))]
        cls.keys, cls.opened = {}, {}
        for vault, record in ((cls.centre, cls.ordered), (cls.centre, cls.stays), (cls.centre, cls.due), (cls.recorder, cls.recorded)):
            item, from_scopes = cls.item(vault, record), [sealed.half_of(key, record) for key in scopes]
            for own, beside in cls.stores[vault].halves():
                for gateways in [beside] if beside else from_scopes:
                    key = sealed.item_key(own, gateways)
                    if found := list(sealed.pieces(item, key)):
                        cls.keys[record] = [own, gateways, key] + [own for own, _ in found]
                        cls.opened[record] = b"".join(plain for _, plain in found)

    @classmethod
    def search_before(cls):
        """What the search finds while it is there."""
        cls.copy = os.path.join(cls.place.top, "copy")
        shutil.copytree(cls.place.mounted, cls.copy, ignore=shutil.ignore_patterns("lost+found"))
        cls.wrapped = [w for store in cls.stores.values() for w in store.wrapped.values()]
        cls.secrets = [store.secret.bytes for store in cls.stores.values()]
        cls.searched_before = {x.hex() for x in cls.wrapped + cls.secrets}
        needles = sealed.Needles(cls.wrapped + cls.secrets)
        cls.found_before = {found for _, content in cls.place.contents() for found in needles.found_in(content)}
        wait_for("the opening without the gateway is not reported",
                 lambda: any(x["event"] == "opened" and x.get("refers") == cls.ordered for x in cls.gateway.leaves()))

    @classmethod
    def destroy(cls):
        close = cls.police.message("112-onsite-video", "crime-response", incident=cls.incident)
        close.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        cls.police.publish(close)
        state = lambda items: {i["record"]: i["state"] for i in items}
        kept = state(cls.centre.wait_for(lambda items: state(items)[cls.ordered] == "destroyed"))[cls.due] == "kept"
        assert kept, "the machine is too slow: the deadline has passed before the order came"
        between = sealed.KeyStore(cls.centre.keys)  # the second destruction has another half of the key file to be zeroed
        cls.wrapped += between.wrapped.values()
        cls.secrets.append(between.secret.bytes)
        for vault, records in ((cls.centre, {cls.ordered, cls.due}), (cls.recorder, {cls.recorded})):
            reported = lambda items: {i["record"] for i in items if i["state"] == "destroyed" and "reportedAt" in i}
            vault.wait_for(lambda items: records <= reported(items), within=LIVES + 30)

    @property
    def gone(self):
        return [key for record, keys in self.keys.items() if record != self.stays for key in keys]

    def video(self):
        """Pieces of the recording that stand nowhere by chance."""
        picture = self.opened[self.recorded]
        return [picture[at:at + PIECE] for at in random.sample(range(len(picture) - PIECE), 400) if len(set(picture[at:at + PIECE])) > 16]

    def test_another_program_opened_each_before(self):
        self.assertEqual({self.ordered, self.due, self.stays, self.recorded}, set(self.opened))
        for record in (self.ordered, self.due):
            self.assertNotEqual([], self.marks.found_in(self.opened[record]))
        self.assertLess(100000, len(self.opened[self.recorded]))
        self.assertLess(100, len(self.video()))

    def test_the_search_of_blocks_found_the_secrets_and_the_wrapped_halves_before(self):
        self.assertLess(5, len(self.found_before))
        self.assertEqual(self.searched_before, self.found_before)

    def test_no_block_has_a_marker_a_key_a_half_or_a_secret_that_wrapped_one(self):
        needles, searched = sealed.Needles(self.gone + self.wrapped + self.secrets), 0
        video = sealed.Needles(self.video())
        for what, content in self.place.contents():
            searched += len(content)
            self.assertEqual([], needles.found_in(content), what)
            self.assertEqual([], video.found_in(content), what)
            self.assertEqual([], self.marks.found_in(content) + self.reason.found_in(content), what)
        self.assertLess(1 << 16, searched)

    def test_no_block_has_an_index_that_tells_of_an_opening_that_was_reported(self):
        """Who has the vault has the key of its index: what indexes of before said is looked for in the clear."""
        indexes = 0
        for what, content in self.place.contents():
            at = content.find(sealed.INDEX)
            while at >= 0:
                for store in self.stores.values():
                    self.assertEqual([], self.reason.found_in(store.index(content[at:at + 65536])), "%s, %d" % (what, at))
                indexes += 1
                at = content.find(sealed.INDEX, at + 1)
        self.assertLessEqual(2, indexes)

    def test_the_vaults_process_remembers_no_marker_and_no_key(self):
        needles, video = sealed.Needles(self.gone + self.secrets), sealed.Needles(self.video())
        for vault in (self.centre, self.recorder):
            try:
                for what, content in memory_of(vault.running.pid):
                    self.assertEqual([], needles.found_in(content), what)
                    self.assertEqual([], video.found_in(content), what)
                    self.assertEqual([], self.marks.found_in(content) + self.reason.found_in(content), what)
                self.assertTrue(self.in_memory(vault, [sealed.KeyStore(vault.keys).secret.bytes]), "what is there is not found")
            except SanitizersShadow:
                self.skipTest("a sanitizer's shadow fills the address space: the build without one is searched")

    @staticmethod
    def in_memory(vault, keys):
        needles = sealed.Needles(keys)
        return any(needles.found_in(content) for _, content in memory_of(vault.running.pid))

    def test_the_searches_find_what_is_still_there(self):
        store = sealed.KeyStore(self.centre.keys)
        (own, gateways), = [h for h in store.halves() if sealed.item_key(*h) == self.keys[self.stays][2]]
        piece, = sealed.pieces(self.item(self.centre, self.stays), sealed.item_key(own, gateways))
        self.assertNotEqual([], self.alive_marks.found_in(piece[1]))
        self.assertTrue(any(sealed.Needles([store.secret.bytes]).found_in(content) for _, content in self.place.contents()))
        r = self.centre.open(self.stays)
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertIn(self.alive_marks.token, r.stdout)

    def test_a_copy_of_before_opens_with_its_own_secret_and_with_none_that_is_left(self):
        for name, vault, records in (("centre", self.centre, (self.ordered, self.due)), ("112", self.recorder, (self.recorded,))):
            copy = sealed.KeyStore(os.path.join(self.copy, name, "keys"))
            now = sealed.KeyStore(vault.keys).secret
            self.assertLess(copy.secret.generation, now.generation)
            self.assertLessEqual({self.keys[r][0] for r in records}, {own for own, _ in copy.halves()})
            self.assertEqual([], copy.halves(now))


class InterruptedVault(unittest.TestCase):
    """A destruction in the vault that ends in the middle, at each call on its key store and its items: it is finished by the next process,
    and one receipt says so."""

    # In their order: the halves that stay are written, the secret is overwritten, the old half of the key file is zeroed and cut off, what
    # came since, too.
    CALLS = [("write", 1), ("fsync", 1), ("pwrite64", 1), ("fsync", 2), ("write", 2), ("fsync", 3), ("ftruncate", 1), ("fsync", 4),
             ("pwrite64", 2), ("fdatasync", 1), ("ftruncate", 2), ("fdatasync", 2)]
    # The index says what is doomed; the item is removed; the index says that it is gone.
    NAMES = [("renameat", 1), ("unlinkat", 1), ("renameat", 2)]
    STORE = ("keys/secret", "keys/slots.0", "keys/slots.1", "keys/fresh")

    @classmethod
    def setUpClass(cls):
        needs_to_trace("ending a vault's destruction in the middle")
        cls.place = Place()
        cls.addClassCleanup(cls.place.close)
        cls.gateway = Gateway(limited)
        cls.addClassCleanup(cls.gateway.close)
        cls.police = Unit(cls.gateway, POLICE)
        cls.addClassCleanup(cls.police.close)
        cls.folder = os.path.join(cls.place.mounted, "vault")
        os.mkdir(cls.folder)
        cls.vault = Vault(cls.gateway, cls.folder)
        cls.addClassCleanup(cls.vault.stop)
        cls.vault.run()
        cls.stays = cls.store_one()
        gone = cls.store_one()
        cls.end(gone)
        cls.wait_until_reported(gone)  # from now on there is an old half to be zeroed

    @classmethod
    def store_one(cls):
        """An item with an incident of its own: (incident, record, the vault's half)."""
        known = {own for own, _ in sealed.KeyStore(cls.vault.keys).halves()}
        incident = new_incident(cls.police)
        before = {i["record"] for i in cls.vault.list("--all")}
        cls.police.publish(incident_report(cls.police, incident), video_request(cls.police, incident))
        new = lambda items: [i["record"] for i in items if i.get("kind") == "video_request" and i["record"] not in before]
        record, = new(cls.vault.wait_for(new))
        own, = {own for own, _ in sealed.KeyStore(cls.vault.keys).halves()} - known
        return incident, record, own

    @classmethod
    def end(cls, item):
        close = cls.police.message("112-onsite-video", "crime-response", incident=item[0])
        close.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        cls.police.publish(close)

    @classmethod
    def wait_until_reported(cls, item):
        items = cls.vault.wait_for(lambda items: any(i["record"] == item[1] and "reportedAt" in i for i in items), within=30)
        return next(i for i in items if i["record"] == item[1])

    def signalled_at(self, call, nth, name):
        paths = ["items"] if (call, nth) in self.NAMES else self.STORE
        return signalled_at(self, self.vault.running.pid, [os.path.join(self.folder, path) for path in paths], call, nth, name)

    def assert_gone(self, item, where):
        entry = self.wait_until_reported(item)
        self.assertEqual("destroyed", entry["state"], where)
        self.assertFalse(os.path.exists(os.path.join(self.vault.items, "%d.item" % item[1])), where)
        halves = {own for own, _ in sealed.KeyStore(self.vault.keys).halves()}
        self.assertNotIn(item[2], halves, where)
        self.assertIn(self.stays[2], halves, where)
        try:
            for what, content in memory_of(self.vault.running.pid):
                self.assertEqual([], sealed.Needles([item[2]]).found_in(content), "%s: %s" % (where, what))
        except SanitizersShadow:
            pass  # the build without a sanitizer is searched
        wait_for("no receipt: " + where, lambda: self.receipts(item))
        self.assertEqual(1, self.receipts(item), where)

    def assert_opens_what_stays(self):
        r = self.vault.open(self.stays[1])
        self.assertEqual(0, r.returncode, r.stderr)

    def receipts(self, item):
        return sum(x["event"] == "recipient-destroyed" and sealed.words(x, "items") == [str(item[1])] for x in self.gateway.leaves())

    def test_kill_9_at_each_call(self):
        for call, nth in self.CALLS + self.NAMES:
            where, item = "%s %d" % (call, nth), self.store_one()
            tracer = self.signalled_at(call, nth, "KILL")
            self.end(item)
            tracer.wait(20)
            self.assertEqual(-signal.SIGKILL, self.vault.running.wait(20), where)
            self.vault.run()
            self.assert_gone(item, where)
        self.assert_opens_what_stays()

    def test_power_cut_at_each_call(self):
        if not self.place.is_image:
            self.skipTest("shutting a file system down needs ext4 in a loop device")
        for call, nth in self.CALLS + self.NAMES:
            where, item = "%s %d" % (call, nth), self.store_one()
            tracer = self.signalled_at(call, nth, "STOP")
            self.end(item)
            wait_for("not stopped: " + where, lambda: is_stopped(self.vault.running.pid))
            self.place.cut_power()
            self.vault.stop(signal.SIGKILL)
            tracer.wait(20)
            self.place.unmount()
            self.assertTrue(self.place.mount(), where)
            self.vault.run()
            self.assert_gone(item, where)
        self.assert_opens_what_stays()


if __name__ == "__main__":
    unittest.main()

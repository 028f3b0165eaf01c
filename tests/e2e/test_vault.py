"""fedgate-agent vault against a real gateway: what is delivered is sealed, opened on record, and destroyed for good; and what neither a
copy of everything nor a kill at any moment changes of that."""
import datetime
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

from contract import Unit, incident_report, new_incident, read, video_request
from gateway import BIN, Gateway, edit
from marks import SanitizersShadow, memory_of
from vault import AGENT, CENTRE, POLICE, STAFF, Vault, film, limited, watching

MARK = "marked-4f7c1e"


class VaultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(limited)
        cls.police = Unit(cls.gateway, POLICE)

    @classmethod
    def tearDownClass(cls):
        cls.police.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fedgate-vault-")
        self.addCleanup(self.folder.cleanup)
        self.vault = Vault(self.gateway, self.folder.name)
        for unit in (POLICE, CENTRE):
            self.addCleanup(self.empty_queue, unit)
        self.addCleanup(self.vault.stop)

    def empty_queue(self, name):
        """What one test leaves there is not the next one's."""
        unit = Unit(self.gateway, name)
        subscription = unit.subscribe("default")
        while not subscription.arrived.empty() or not self.is_quiet(subscription):
            delivery, _ = subscription.next()
            subscription.ack(delivery)
        time.sleep(0.3)
        subscription.close()
        unit.close()

    @staticmethod
    def is_quiet(subscription, within=0.5):
        until = time.monotonic() + within
        while time.monotonic() < until:
            if not subscription.arrived.empty():
                return False
            time.sleep(0.05)
        return True

    def request(self, vault=None, seconds=None):
        """A request for video that reaches the centre, to be destroyed so soon: its incident, and its record in the vault."""
        vault = vault or self.vault
        before = {i["record"] for i in vault.list("--all")}
        incident = new_incident(self.police)
        m = video_request(self.police, incident)
        if seconds is not None:
            m.header.destroy_by.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds))
        m.video_request.reason = MARK
        self.police.publish(incident_report(self.police, incident), m)
        items = vault.wait_for(lambda items: any(i.get("kind") == "video_request" and i["record"] not in before for i in items))
        return incident, next(i["record"] for i in items if i.get("kind") == "video_request" and i["record"] not in before)

    def both(self, *words):
        """Two officers of the operator hold something, or release it."""
        for officer in ("seo", "yoon"):
            r = self.gateway.ctl("hold", *words, "--officer", "daejeon-gateway-operator/" + officer, "--reason", "court order 2026-1234", "--key",
                                 self.gateway.path("signing", officer + ".key"), "--socket", self.gateway.path("data", "control.sock"), "--lang", "en")
            self.assertEqual(0, r.returncode, r.stderr)

    def close_incident(self, incident):
        close = self.police.message("112-onsite-video", "crime-response", incident=incident)
        close.incident_close.outcome = 1
        self.police.publish(close)

    def leaves(self, event, record):
        return self.gateway.leaves_of(lambda x: x["event"] == event and x.get("refers") == record)

    def assert_no_leaf(self, event, record):
        time.sleep(1.5)
        self.assertEqual([], [x for x in self.gateway.leaves() if x["event"] == event and x.get("refers") == record])

    def wait_for_leaf(self, event, order, within=30):
        """The entry about an order."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            for x in self.gateway.leaves():
                if x["event"] == event and "order=" + order in x.get("detail", ""):
                    return x
            time.sleep(0.3)
        raise AssertionError("no entry %s of order %s" % (event, order))

    def entry(self, record):
        return next(i for i in self.vault.list("--all") if i["record"] == record)

    def test_a_delivery_is_stored_listed_and_opened_for_a_reason_and_all_of_it_is_on_record(self):
        self.vault.run()
        _, record = self.request()
        entry = self.entry(record)
        self.assertEqual("kept", entry["state"])
        self.assertEqual(POLICE, entry["provider"])
        self.assertEqual("molit-npa-2015#video-request", entry["clause"])
        self.assertTrue(entry["gatewayHalf"])
        self.assertEqual((2, 2), (entry["uses"], entry["usesLeft"]))
        r = self.vault.open(record)
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertEqual(MARK, json.loads(r.stdout)["message"]["videoRequest"]["reason"])
        self.assertEqual(1, self.entry(record)["usesLeft"])
        self.assertEqual(1, len(self.leaves("vault-stored", record)))
        opened = self.leaves("opened", record)
        self.assertEqual(1, len(opened))
        self.assertEqual(CENTRE, opened[0]["recipients"][0]["unit"])
        self.assertIn("register", opened[0])                  # who and why: sealed in the register
        self.assertNotIn(STAFF, json.dumps(opened[0]))
        self.assertNotIn("2026-117", json.dumps(opened[0]))

    def test_what_was_opened_as_often_as_it_may_opens_no_more(self):
        self.vault.run()
        _, record = self.request()
        self.assertEqual([0, 0, 1], [self.vault.open(record).returncode for _ in range(3)])
        self.assertEqual(1, len(self.leaves("opening-refused", record)))

    def test_a_file_that_is_there_costs_no_opening_and_one_that_opens_nothing_leaves_none(self):
        self.vault.run()
        _, record = self.request()
        there, new = (os.path.join(self.folder.name, name) for name in ("there", "new"))
        open(there, "w").close()
        self.assertEqual(3, self.vault.open(record, "--output", there).returncode)
        self.assertEqual(2, self.entry(record)["usesLeft"])
        self.assert_no_leaf("opened", record)
        self.assertEqual([0, 0], [self.vault.open(record, "--output", new + str(i)).returncode for i in range(2)])
        self.assertIn(MARK, read(new + "0").decode())
        self.assertEqual(1, self.vault.open(record, "--output", new).returncode)
        self.assertFalse(os.path.exists(new))

    def test_nobody_opens_without_a_key_that_the_vault_knows(self):
        self.vault.run()
        _, record = self.request()
        other = os.path.join(self.folder.name, "other.key")
        subprocess.run([os.path.join(BIN, "fedgatectl"), "policy", "keygen", "--no-password", "--key", other], check=True,
                       stdout=subprocess.DEVNULL)
        r = self.vault.agent("open", str(record), "--reason", "x", "--person", other)
        self.assertEqual(1, r.returncode)
        self.assertEqual("", r.stdout)
        os.chmod(os.path.join(self.vault.keys, "persons"), 0o666)
        self.assertEqual(3, self.vault.open(record).returncode)
        self.assert_no_leaf("opened", record)

    def test_when_the_purpose_has_ended_nothing_opens_not_even_a_copy_of_everything_from_before(self):
        self.vault.run()
        incident, record = self.request()
        copy = tempfile.mkdtemp(prefix="fedgate-copy-")
        self.addCleanup(shutil.rmtree, copy)
        self.vault.stop()
        shutil.copytree(self.vault.items, os.path.join(copy, "items"))
        shutil.copytree(self.vault.keys, os.path.join(copy, "keys"))
        self.vault.run()
        self.close_incident(incident)
        self.vault.wait_for(lambda items: any(i["record"] == record and i["state"] == "destroyed" for i in items))
        self.assertFalse(os.path.exists(os.path.join(self.vault.items, "%d.item" % record)))
        self.assertEqual(1, self.vault.open(record).returncode)
        destroyed = self.vault.wait_for(lambda items: any(i["record"] == record and "reportedAt" in i for i in items))
        order = next(i["order"] for i in destroyed if i["record"] == record)
        self.assertEqual(CENTRE, self.wait_for_leaf("ordered", order)["recipients"][0]["unit"])
        self.assertIn("items=%d" % record, self.wait_for_leaf("recipient-destroyed", order)["detail"])
        self.vault.stop()

        # The copy has the bytes and its own half, and lacks the gateway's, which nobody can make any more.
        shutil.rmtree(self.vault.items)
        shutil.rmtree(self.vault.keys)
        shutil.copytree(os.path.join(copy, "items"), self.vault.items)
        shutil.copytree(os.path.join(copy, "keys"), self.vault.keys)
        self.assertEqual("kept", self.entry(record)["state"])
        r = self.vault.open(record)
        self.assertEqual((1, ""), (r.returncode, r.stdout))
        self.assertIn("purpose-fulfilled", r.stderr)

    def test_what_officers_hold_is_kept_unopened_until_they_release_it(self):
        self.vault.run()
        incident, record = self.request()
        self.both("place", "incident", incident)
        self.close_incident(incident)
        time.sleep(2)
        self.vault.stop()
        self.vault.run()                                            # it asks when it begins, and every minute
        held = next(i for i in self.vault.wait_for(lambda items: any("heldSince" in i for i in items)) if i["record"] == record)
        self.assertEqual(("kept", "incident " + incident), (held["state"], held["heldFor"]))
        self.assertIn("incident " + incident, self.vault.agent("list").stdout)
        self.assertIn("held by an order:   ", self.vault.agent("status").stdout)
        refused = self.vault.agent("destroy", "--yes", str(record))
        self.assertEqual(1, refused.returncode)
        self.assertIn("an order preserves it", refused.stderr)
        self.assertIn("purpose-fulfilled", self.vault.open(record).stderr)
        self.both("release", "incident", incident)
        self.vault.wait_for(lambda items: any(i["record"] == record and i["state"] == "destroyed" and "reportedAt" in i for i in items))

    def test_a_hold_placed_before_the_deadline_is_heard_of_at_the_deadline(self):
        self.vault.run()
        _, other = self.request(seconds=9)
        _, record = self.request(seconds=9)
        self.both("place", "record", str(record))
        self.vault.wait_for(lambda items: any(i["record"] == other and i["state"] == "destroyed" for i in items), within=60)
        kept = self.entry(record)
        self.assertEqual(("kept", "record %d" % record), (kept["state"], kept["heldFor"]))
        self.assertEqual(0, self.vault.agent("status").returncode)  # it is not past its deadline by fault
        self.both("release", "record", str(record))
        self.vault.wait_for(lambda items: any(i["record"] == record and i["state"] == "destroyed" for i in items))

    def test_what_was_held_when_the_gateway_was_there_is_held_while_it_is_away(self):
        self.vault.run()
        _, record = self.request(seconds=12)
        self.both("place", "record", str(record))
        self.vault.stop()
        self.vault.run()
        self.vault.wait_for(lambda items: any("heldSince" in i for i in items))
        self.vault.stop()
        away = dict(self.vault.environment(), FEDGATE_GATEWAY="127.0.0.1:1")
        subprocess.run([AGENT, "vault", "run", "--reconnect", "--for", "22"], env=away, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        self.assertEqual("kept", self.entry(record)["state"])
        self.both("release", "record", str(record))
        self.vault.run()
        self.vault.wait_for(lambda items: any(i["record"] == record and i["state"] == "destroyed" for i in items))

    def test_an_order_that_came_while_it_was_away_is_answered_with_what_was_never_here_too(self):
        incident = new_incident(self.police)
        self.vault.run()
        self.police.publish(incident_report(self.police, incident), video_request(self.police, incident))
        self.vault.wait_for(lambda items: any(i.get("kind") == "video_request" for i in items))
        self.vault.stop()
        elsewhere = Unit(self.gateway, CENTRE)                      # another program takes one, and keeps nothing
        subscription = elsewhere.subscribe("default")
        self.police.publish(video_request(self.police, incident))
        gone, _ = subscription.next()
        subscription.ack(gone)
        time.sleep(0.5)
        subscription.close()
        elsewhere.close()
        self.close_incident(incident)
        time.sleep(1)
        self.vault.run()
        items = self.vault.wait_for(lambda items: len(items) > 1 and all("reportedAt" in i for i in items if "order" in i) and
                                    any(i["state"] == "never-stored" for i in items))
        self.assertEqual({"destroyed", "never-stored"}, {i["state"] for i in items if "order" in i})
        self.assertEqual([gone.record.index], [i["record"] for i in items if i["state"] == "never-stored"])
        order = next(i["order"] for i in items if i["state"] == "never-stored")
        self.assertIn("items=%d" % gone.record.index, self.wait_for_leaf("never-stored", order)["detail"])
        self.wait_for_leaf("recipient-destroyed", order)

    def renew_receipt_key(self):
        """The next one of the centre's, in its own hands; the inventory does not have it yet."""
        key = os.path.join(self.folder.name, "next.key")
        subprocess.run([os.path.join(BIN, "fedgatectl"), "policy", "keygen", "--no-password", "--key", key], check=True,
                       stdout=subprocess.DEVNULL)
        return key

    def activate(self, receipt_key):
        shutil.copy(receipt_key[:-4] + ".pub", self.gateway.path("policy", "inventory", "keys", "video-monitoring.pub"))
        path = self.gateway.path("policy", "set.yaml")
        serial = int(next(line for line in read(path).decode().splitlines() if line.startswith("serial: "))[8:])
        edit(path, "serial: %d" % serial, "serial: %d" % (serial + 1))
        self.gateway.sign()
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")

    def test_a_receipt_by_a_key_that_the_inventory_does_not_have_yet_is_sent_again(self):
        key = self.vault.receipt_key = self.renew_receipt_key()
        self.vault.run()
        incident, record = self.request()
        self.close_incident(incident)
        self.vault.wait_for(lambda items: any(i["record"] == record and i["state"] == "destroyed" for i in items))
        time.sleep(2)
        self.assertNotIn("reportedAt", self.entry(record))
        self.activate(key)
        self.addCleanup(self.activate, self.gateway.path("centre.key"))
        self.vault.wait_for(lambda items: any(i["record"] == record and "reportedAt" in i for i in items), within=60)

    def test_a_clock_that_was_ahead_does_not_spoil_the_receipt_once_it_is_right(self):
        self.vault.run()
        incident, record = self.request()
        self.vault.stop()
        self.gateway.skew(3 * 86400)
        self.vault.clock, self.gateway.env = self.gateway.env, {}
        self.assertEqual(0, self.vault.agent("destroy", str(record), "--yes").returncode)
        self.vault.clock = {}
        self.assertEqual([1, 1, 3], [self.vault.agent(word).returncode for word in ("status", "clock", "run")])
        r = self.vault.agent("clock", "--set", "--yes")
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertEqual(0, self.vault.agent("status").returncode)
        self.close_incident(incident)
        self.vault.run()
        self.vault.wait_for(lambda items: any(i["record"] == record and "reportedAt" in i for i in items))

    def test_with_only_the_vaults_half_destroyed_nothing_opens_either(self):
        self.vault.run()
        _, record = self.request()
        copy = os.path.join(self.folder.name, "copy")
        self.vault.stop()
        shutil.copytree(self.vault.items, copy)
        self.assertEqual(0, self.vault.agent("destroy", str(record), "--dry-run").returncode)
        self.assertEqual("kept", self.entry(record)["state"])
        self.assertEqual(0, self.vault.agent("destroy", str(record), "--yes").returncode)
        shutil.rmtree(self.vault.items)
        shutil.copytree(copy, self.vault.items)
        self.assertEqual("kept", self.entry(record)["state"])      # so the old index says
        r = self.vault.open(record)                                # and the gateway would give its half
        self.assertEqual((3, ""), (r.returncode, r.stdout))
        self.assertIn("key store", r.stderr)
        self.assertEqual(1, self.vault.agent("status").returncode)

    def test_a_kill_while_it_stores_loses_nothing_that_was_acknowledged(self):
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        for i in range(6):
            self.vault.run()
            self.police.publish(*[video_request(self.police, incident) for _ in range(10)])
            time.sleep(0.15 + 0.05 * i)
            self.vault.stop(signal.SIGKILL)
        self.vault.run()
        items = self.vault.wait_for(lambda items: sum(i.get("kind") == "video_request" for i in items) == 60, within=60)
        self.vault.stop()
        records = [i["record"] for i in items]
        self.assertEqual(len(records), len(set(records)))
        self.assertEqual(0, self.vault.agent("status").returncode)  # each has its half
        files = {n for n in os.listdir(self.vault.items) if n.endswith(".item")}
        self.assertEqual({"%d.item" % r for r in records}, files)
        for record in records[::20]:
            self.assertEqual(0, self.vault.open(record).returncode)

    def test_a_kill_while_it_destroys_is_made_up_for(self):
        self.vault.run()
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident), *[video_request(self.police, incident) for _ in range(30)])
        kept = self.vault.wait_for(lambda items: sum(i.get("kind") == "video_request" for i in items) == 30)
        records = [i["record"] for i in kept if i.get("kind") == "video_request"]
        self.close_incident(incident)
        for _ in range(5):
            time.sleep(0.05)
            self.vault.stop(signal.SIGKILL)
            self.vault.run()
        self.vault.wait_for(lambda items: all(i["state"] == "destroyed" for i in items if i["record"] in records), within=60)
        for record in records:
            self.assertFalse(os.path.exists(os.path.join(self.vault.items, "%d.item" % record)))

    def test_nothing_of_what_was_delivered_stands_on_the_vaults_disk(self):
        self.vault.run()
        _, record = self.request()
        self.vault.stop()

        def found():
            return [os.path.join(folder, n) for top in (self.vault.items, self.vault.keys) for folder, _, names in os.walk(top)
                    for n in names if MARK.encode() in read(os.path.join(folder, n))]
        self.assertEqual([], found())
        self.assertEqual([], [n for n in os.listdir(self.vault.items) if "new" in n and n != "index.new"])
        out = os.path.join(self.vault.items, "shown")               # a control: what a person writes there is found
        self.assertEqual(0, self.vault.open(record, "--output", out).returncode)
        self.assertEqual([out], found())

    def record(self, seconds):
        """A vault of 112's that records a stream: it, and the sending thread."""
        folder = os.path.join(self.folder.name, "112")
        os.mkdir(folder)
        vault = Vault(self.gateway, folder, POLICE, "signing/112-control.key")
        self.addCleanup(vault.stop)
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        self.police.publish(incident_report(self.police, incident))
        sending = film(self.gateway, incident, stream, seconds)
        vault.run(*watching(stream))
        vault.wait_for(lambda items: any(i["state"] == "recording" for i in items))
        return vault, sending

    def test_a_stream_is_recorded_and_opens_as_it_was(self):
        vault, sending = self.record(4)
        sending.join()
        video = next(i for i in vault.wait_for(lambda items: any(i.get("kind") == "video" and i["state"] == "kept" for i in items))
                     if i.get("kind") == "video")
        self.assertEqual("molit-npa-2015#onsite-live-video", video["clause"])
        self.assertTrue(video["gatewayHalf"])
        out = os.path.join(self.folder.name, "shown.ts")
        r = vault.open(video["record"], "--output", out)
        self.assertEqual(0, r.returncode, r.stderr)
        shown = read(out)
        self.assertEqual(video["size"], len(shown))
        self.assertGreater(len(shown), 100000)
        self.assertEqual(0, len(shown) % 188)
        self.assertEqual(b"\x47\x40\x00", shown[:3])
        self.assertEqual(1, len(self.leaves("vault-stored", video["record"])))
        self.assertEqual(1, len(self.leaves("opened", video["record"])))
        [ended] = self.leaves("watch-ended", video["record"])
        self.assertIn(" sha256=" + hashlib.sha256(shown).hexdigest(), ended["detail"])
        told = [json.loads(line) for line in read(os.path.join(vault.folder, "events")).splitlines()]
        self.assertEqual(["recording", "digest-agrees", "stored"], [x["event"] for x in told if x["record"] == video["record"]])
        self.assertNotIn(shown[188 * 40:188 * 41], read(os.path.join(vault.items, "%d.item" % video["record"])))

    def test_a_recording_whose_machine_was_killed_opens_up_to_there(self):
        vault, sending = self.record(4)
        time.sleep(1.5)
        vault.stop(signal.SIGKILL)
        sending.join()
        vault.run()
        video = next(i for i in vault.wait_for(lambda items: any(i["state"] == "cut-off" for i in items)) if i.get("kind") == "video")
        r = vault.open(video["record"], "--output", os.path.join(self.folder.name, "shown.ts"))
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertIn("cut off", r.stderr)
        self.assertEqual(video["size"], os.path.getsize(os.path.join(self.folder.name, "shown.ts")))

    def memory_holds(self, mark):
        """Where in the memory of the vault's process it stands."""
        try:
            return [place for place, content in memory_of(self.vault.running.pid) if mark.encode() in content]
        except SanitizersShadow as shadow:
            self.skipTest("a sanitizer's memory is not searched: %s" % shadow)

    def test_what_is_destroyed_stands_in_the_memory_of_the_vaults_process_no_more(self):
        self.vault.run()
        incident, record = self.request()
        self.assertNotEqual([], self.memory_holds(POLICE))         # a control: the index has it
        self.close_incident(incident)
        self.vault.wait_for(lambda items: any(i["record"] == record and "reportedAt" in i for i in items))
        time.sleep(0.5)
        self.assertEqual([], self.memory_holds(MARK))

    def test_what_the_gateway_could_never_be_told_opens_nothing_without_it_either(self):
        """Its report would have stood before all others, for good."""
        self.vault.run()
        _, record = self.request()
        self.vault.stop()
        port, self.gateway.port = self.gateway.port, 1
        r = self.vault.agent("open", str(record), "--reason", "r" * 201, "--person", self.vault.person)
        self.gateway.port = port
        self.assertEqual((2, ""), (r.returncode, r.stdout))
        self.assertIn("reason", r.stderr)
        self.assertEqual(2, self.entry(record)["usesLeft"])

    def test_a_vault_that_lost_the_gateway_opens_for_a_while_and_says_so_afterwards(self):
        self.vault.run()
        _, record = self.request()
        port = self.gateway.port
        self.vault.stop()
        self.gateway.port = 1                                       # nobody listens there
        r = self.vault.open(record)
        self.gateway.port = port
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertIn(MARK, r.stdout)
        self.assert_no_leaf("opened", record)
        self.vault.run()
        opened = self.leaves("opened", record)
        self.assertEqual(1, len(opened))
        self.assertIn("used=", opened[0]["detail"])
        self.assertEqual(1, self.entry(record)["usesLeft"])


if __name__ == "__main__":
    unittest.main()

"""Orders of destruction and their receipts: the signed text is made here, from the contract alone, and signed by another implementation
of Ed25519 (OpenSSL, through python3-cryptography)."""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import time
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from contract import Unit, new_incident, pb, reason
from gateway import BIN, Gateway, ROOT, edit

POLICE, CENTRE, TRAFFIC = "npa-daejeon/112-control", "daejeon-city-center/video-monitoring", "daejeon-traffic/traffic-feed"
KEY_ID, STAFF = bytes(range(8)), "staff-7QXW3"
MEMORANDUM = os.path.join(ROOT, "tests", "scenarios", "mou", "destruction.yaml")


def signed_text(unit, r):
    """The text of the contract (DestructionReceipt)."""
    lines = [("D", i.origin, i.index, "D\t%s\t%d" % (i.origin, i.index)) for i in r.destroyed]
    lines += [("N", i.origin, i.index, "N\t%s\t%d" % (i.origin, i.index)) for i in r.never_stored]
    lines += [("R", x.item.origin, x.item.index, "R\t%s\t%d\t%s\t%s\t%d\t%d" % (
        x.item.origin, x.item.index, x.act, x.case_ref, x.until.seconds, x.stored_separately)) for x in r.retained]
    lines.sort(key=lambda line: line[1:3])
    return "".join(line + "\n" for line in ["fedgate-destruction-v1", unit, r.order_id] + [line[3] for line in lines] +
                   [str(r.destroyed_at.seconds), str(r.method), r.staff_ref]).encode()


class Destruction(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.key = Ed25519PrivateKey.generate()

        def change(folder):
            shutil.copy(MEMORANDUM, os.path.join(folder, "policy", "mou"))
            edit(os.path.join(folder, "policy", "mou", "destruction.yaml"), "delay: 10 minutes, receipt_within: 72 hours",
                 "delay: 1 second, receipt_within: 4 seconds")
            edit(os.path.join(folder, "policy", "mou", "destruction.yaml"), "evidence: [case-number]}",
                 "evidence: [case-number], approval: {role: privacy-officer}}")
            subprocess.run([os.path.join(BIN, "fedgatectl"), "policy", "keygen", "--no-password", "--key", os.path.join(folder, "signing", "moon.key")],
                           check=True, stdout=subprocess.DEVNULL)
            shutil.move(os.path.join(folder, "signing", "moon.pub"), os.path.join(folder, "policy", "inventory", "keys", "moon.pub"))
            edit(os.path.join(folder, "policy", "inventory", "parties.yaml"), "    signing_key: npa-daejeon.pub\n",
                 "    signing_key: npa-daejeon.pub\n    officers: {moon: {role: privacy-officer, key: moon.pub}}\n")
            raw = cls.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            with open(os.path.join(folder, "policy", "inventory", "keys", "112-control.pub"), "w") as f:
                f.write("untrusted comment: a test's\n%s\n" % base64.b64encode(b"Ed" + KEY_ID + raw).decode())
        cls.gateway = Gateway(change)
        cls.connect()

    @classmethod
    def connect(cls):
        cls.police, cls.traffic = Unit(cls.gateway, POLICE), Unit(cls.gateway, TRAFFIC)

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.police, cls.traffic):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    # ---- what is said

    def say(self, incident, what):
        m = self.police.message("112-onsite-video", "crime-response", incident=incident)
        getattr(m, what).SetInParent()
        if what == "incident_report":
            m.incident_report.type = "robbery"
        else:
            m.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(m)[0].verdict)

    def provide(self, incident):
        m = self.traffic.message("112-onsite-video", "crime-response", incident=incident)
        segment = m.traffic_info.segment.add()
        segment.id, segment.closed = "r-1", True
        return self.traffic.publish(m)[0]

    @staticmethod
    def take(queue, kind, incident, taken=True):
        """The next of a kind about an incident; what other tests left is passed over."""
        while True:
            delivery, m = queue.next()
            ours = m.WhichOneof("body") == kind and incident in m.header.incident_id
            if taken or not ours:
                queue.ack(delivery)
            if ours:
                return delivery, m

    def order(self, queue, items=1, taken=True):
        """An order for so many deliveries of an incident that has ended, and their records."""
        incident, records = new_incident(self.police), []
        self.say(incident, "incident_report")
        for _ in range(items):
            self.assertEqual("REASON_PERMITTED", reason(self.provide(incident)))
            records.append(self.take(queue, "traffic_info", incident)[0].record)
        self.say(incident, "incident_close")
        m = self.take(queue, "destruction_order", incident, taken)[1]
        self.assertEqual("gateway/self", m.header.source)
        self.assertEqual(pb.DESTRUCTION_CAUSE_PURPOSE_FULFILLED, m.destruction_order.why)
        self.assertEqual([(r.origin, r.index) for r in records], [(i.origin, i.index) for i in m.destruction_order.item])
        return m

    def receipt(self, order, change=None, after=None):
        """Signed; `change` edits it before, `after` behind the signature."""
        m = self.police.message("112-onsite-video", "crime-response")
        r = m.destruction_receipt
        r.order_id = order.destruction_order.order_id
        r.method, r.staff_ref, r.key_id = pb.DESTRUCTION_METHOD_OVERWRITTEN, STAFF, KEY_ID[::-1].hex().upper()
        r.destroyed_at.GetCurrentTime()
        if change is None:
            r.destroyed.extend(order.destruction_order.item)
        else:
            change(r)
        r.signature = self.key.sign(signed_text(POLICE, r))
        if after is not None:
            after(r)
        return self.police.publish(m)[0]

    def events(self, word, order):
        return [x for x in self.gateway.leaves() if x["event"] == word and order.destruction_order.order_id in x.get("detail", "")]

    # ---- the tests

    def test_a_receipt_signed_elsewhere_is_accepted_and_one_that_was_changed_is_not(self):
        queue = self.police.subscribe()
        order = self.order(queue, 3)
        first, second, third = order.destruction_order.item

        def some(r):
            r.destroyed.append(first)
            r.never_stored.append(third)
            kept = r.retained.add(act="kr/pipa/21-1-proviso", case_ref="2026고단117", stored_separately=True)
            kept.item.CopyFrom(second)
            kept.until.GetCurrentTime()
            kept.until.seconds += 86400

        def turn(r):
            r.signature = bytes([r.signature[0] ^ 1]) + r.signature[1:]
        changed = [turn, lambda r: setattr(r, "staff_ref", "p-418"), lambda r: setattr(r.destroyed_at, "seconds", r.destroyed_at.seconds - 1),
                   lambda r: setattr(r, "method", pb.DESTRUCTION_METHOD_KEY_ERASED), lambda r: setattr(r.retained[0], "case_ref", "2026고단118"),
                   lambda r: setattr(r.retained[0].until, "seconds", r.retained[0].until.seconds + 1),
                   lambda r: setattr(r.retained[0], "stored_separately", False), lambda r: setattr(r, "key_id", "0" * 16),
                   lambda r: setattr(r.destroyed[0], "index", second.index) or setattr(r.retained[0].item, "index", first.index)]
        for after in changed:
            self.assertEqual("REASON_SIGNATURE_INVALID", reason(self.receipt(order, some, after)))
        self.assertEqual("REASON_PERMITTED", reason(self.receipt(order, some)))
        self.assertEqual("REASON_PERMITTED", reason(self.receipt(order, some)))  # said again, it changes nothing
        for word, item in (("recipient-destroyed", first), ("never-stored", third), ("retained", second)):
            self.assertTrue(self.wait_for_event(word, order), word)
            leaf, = self.events(word, order)
            self.assertIn("items=%d" % item.index, leaf["detail"])
        self.assertIn("under=kr/pipa/21-1-proviso", self.events("retained", order)[0]["detail"])
        for path in self.files():
            with open(path, "rb") as f:
                content = f.read()
            for word in ("2026고단117", STAFF):  # both stand in the register, sealed
                self.assertNotIn(word.encode(), content, path)
        self.assertNotIn("2026고단117", "\n".join(self.gateway.log))
        queue.close()

    def ctl(self, *words):
        return self.gateway.ctl(*words, "--socket", self.gateway.path("data", "control.sock"), "--lang", "en")

    def decide(self, how, subject):
        return self.ctl("approvals", how, subject, "--officer", "npa-daejeon/moon", "--reason", "checked the file", "--key",
                        self.gateway.path("signing", "moon.key"))

    def test_what_is_kept_waits_for_an_officer_of_the_recipient_who_may_refuse_it(self):
        queue = self.police.subscribe()
        for how in ("approve", "refuse"):
            order = self.order(queue)
            item, = order.destruction_order.item

            def keep(r):
                kept = r.retained.add(act="kr/pipa/21-1-proviso", case_ref="2026고단117", stored_separately=True)
                kept.item.CopyFrom(item)
                kept.until.GetCurrentTime()
                kept.until.seconds += 86400
            receipt = self.receipt(order, keep)
            self.assertEqual(("REASON_PERMITTED", "keep.approval"), (reason(receipt), receipt.recipient[0].failed))
            self.assertTrue(self.wait_for_event("retained", order))
            again = self.receipt(order, keep)                   # said again, it asks nobody anew
            self.assertEqual("", again.recipient[0].failed)
            listed = self.ctl("approvals", "list", "--json")
            waits = [json.loads(line) for line in listed.stdout.splitlines()]
            subject = "%d-0" % receipt.record.index
            self.assertIn(subject, [x["subject"] for x in waits])
            self.assertNotIn("%d-0" % again.record.index, [x["subject"] for x in waits])
            done = self.decide(how, subject)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertNotIn(subject, self.ctl("approvals", "list", "--json").stdout)
        second = self.take(queue, "destruction_order", order.header.incident_id[0])[1]
        self.assertNotEqual(order.destruction_order.order_id, second.destruction_order.order_id)
        self.assertEqual([item.index], [i.index for i in second.destruction_order.item])
        self.receipt(second)
        queue.close()

    def files(self):
        for folder in ("data", "audit", "keys"):
            for path, _, names in os.walk(self.gateway.path(folder)):
                yield from (os.path.join(path, n) for n in names if os.path.isfile(os.path.join(path, n)))

    def wait_for_event(self, word, order):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if self.events(word, order):
                return True
            time.sleep(0.1)
        return False

    def test_killed_between_order_and_receipt_the_order_is_the_same(self):
        queue = self.police.subscribe()
        order = self.order(queue, taken=False)
        queue.close()
        for role in ("ledger", "edge"):
            self.gateway.kill_role(role)
            self.gateway.wait_for("in-service")
        self.connect()
        queue = self.police.subscribe()
        again = self.take(queue, "destruction_order", order.header.incident_id[0])[1]
        self.assertEqual(order.destruction_order, again.destruction_order)
        self.assertEqual("REASON_PERMITTED", reason(self.receipt(again)))
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        self.connect()
        self.assertEqual("REASON_PERMITTED", reason(self.receipt(again)))
        self.assertTrue(self.wait_for_event("recipient-destroyed", order))
        self.assertEqual(1, len(self.events("ordered", order)))
        self.assertEqual(1, len(self.events("recipient-destroyed", order)))
        queue.close()

    def test_overdue_the_clause_is_suspended_until_the_receipt_comes(self):
        queue, sent = self.police.subscribe(), self.traffic.subscribe()
        other = new_incident(self.police)
        self.say(other, "incident_report")
        order = self.order(queue)
        self.gateway.wait_for("order=" + order.destruction_order.order_id)
        outcome = sent.take()
        self.assertEqual("REASON_DESTRUCTION_OVERDUE", reason(outcome.outcome.receipt))
        refused = self.provide(other)
        self.assertEqual("REASON_DESTRUCTION_OVERDUE", reason(refused))
        self.assertEqual("destruction#traffic", refused.recipient[0].clause)
        again = self.take(queue, "destruction_order", order.header.incident_id[0])[1]
        self.assertEqual(order.destruction_order, again.destruction_order)
        self.assertEqual("REASON_PERMITTED", reason(self.receipt(order)))
        self.assertEqual("REASON_PERMITTED", reason(self.provide(other)))
        queue.close()
        sent.close()

    def test_the_agent_answers_an_order(self):
        queue = self.police.subscribe()
        order = self.order(queue, taken=False)
        queue.close()
        key = self.gateway.path("agent")
        seed = self.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        self.write_secret(key, seed)
        certificate, tls_key = self.gateway.certificate(POLICE)
        env = dict(os.environ, FEDGATE_GATEWAY="127.0.0.1:%d" % self.gateway.port, FEDGATE_CERTIFICATE=certificate, FEDGATE_KEY=tls_key,
                   FEDGATE_ROOT=self.gateway.root)
        agent = os.path.join(BIN, "fedgate-agent")
        shown = subprocess.run([agent, "subscribe", "--for", "2"], env=env, capture_output=True, text=True).stdout
        line, = [x for x in shown.splitlines() if order.destruction_order.order_id in x]
        answer = subprocess.run([agent, "destroyed", "--receipt-key", key, "--staff", "p-417", "--method", "overwritten"], env=env, input=line,
                                capture_output=True, text=True)
        self.assertEqual(0, answer.returncode, answer.stderr)
        self.assertEqual("VERDICT_ACCEPTED", json.loads(answer.stdout)["verdict"])
        self.assertTrue(self.wait_for_event("recipient-destroyed", order))

    @staticmethod
    def write_secret(path, seed):
        """minisign's form of a secret key without a password: algorithms, no salt, then id, key and checksum in the clear."""
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        checksum = hashlib.blake2b(b"Ed" + KEY_ID + seed + public, digest_size=32).digest()
        text = b"Ed" + b"\0\0" + b"B2" + bytes(32) + bytes(16) + KEY_ID + seed + public + checksum
        with open(path, "w") as f:
            f.write("untrusted comment: a test's\n%s\n" % base64.b64encode(text).decode())


if __name__ == "__main__":
    unittest.main()

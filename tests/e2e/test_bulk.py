"""The feed of a carrier that watches over many: positions that give way to newer ones, and an alert that stands behind no photo."""
import os
import random
import signal
import threading
import unittest
import uuid

from contract import Unit, pb, read
from gateway import ROOT, Gateway, edit

CARRIER, DESK = "carrier-hana/guardian-service", "daejeon-city-center/protection-desk"
WARD = "    purpose: vulnerable-protection\n    basis_any_of: [kr/location/26]\n"
ALERTS, POSITIONS = 10, 100
CALLS, PHOTOS = 4, 6             # of half a MiB each: less than the gateway takes of a call without a receipt
AT_LEDGER = (6 << 20) // (1 << 19)  # photos that the ledger has at once (base/limits.h)


def supersede(folder):
    edit(os.path.join(folder, "policy", "mou", "molit-carriers-2016.yaml"), WARD, WARD + "    supersede: position\n")


def large_photo():
    """A picture whose scan is half a MiB longer."""
    jpeg = read(os.path.join(ROOT, "tests", "data", "message", "baseline.jpg"))
    scan = jpeg.index(b"\xff\xda") + 32
    return jpeg[:scan] + bytes(b % 0xff for b in random.Random(1).randbytes(1 << 19)) + jpeg[scan:]


class Bulk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(supersede)
        cls.addClassCleanup(cls.gateway.close)

    def setUp(self):
        self.carrier, self.desk = Unit(self.gateway, CARRIER), Unit(self.gateway, DESK)
        self.addCleanup(self.carrier.close)
        self.addCleanup(self.desk.close)

    def alert(self, alert, sequence=1, photo=b""):
        m = self.carrier.message("vulnerable-persons", "vulnerable-protection", basis="kr/location/26", evidence={"guardian-registration": "G-77"},
                                 incident=None if sequence == 1 else DESK + ":" + alert)
        a = m.guardian_alert
        a.alert_id, a.sequence = alert, sequence
        a.phase = pb.ALERT_PHASE_NEW if sequence == 1 else pb.ALERT_PHASE_UPDATE
        a.subject.party, a.subject.ref = "carrier-hana", "s-" + alert
        a.category.append(pb.SUBJECT_CATEGORY_CHILD)
        a.age_band, a.trigger = pb.AGE_BAND_UP_TO_8, pb.ALERT_TRIGGER_BUTTON
        a.consent.ref, a.consent.given_by = "c-" + alert, pb.CONSENT_GIVER_LIA_26_GUARDIAN
        a.consent.item.extend(["location", "photo"])
        a.consent.recipient.append("daejeon-city-center")
        a.consent.purpose.append("vulnerable-protection")
        a.position.latitude, a.position.longitude, a.position.origin = 36.35 + 1e-6 * sequence, 127.38, pb.POSITION_ORIGIN_LIA_CONSENT
        a.position.fixed_at.GetCurrentTime()
        if photo:
            a.media_type, a.photo = "image/jpeg", photo
        return m

    def accepted(self, receipts):
        self.assertEqual({pb.VERDICT_ACCEPTED}, {r.verdict for r in receipts})
        return [r.record.index for r in receipts]

    def taken(self, alerts, count):
        """What the desk takes of these alerts, and that there is no more of them."""
        desk, taken = self.desk.subscribe(), []
        self.addCleanup(desk.close)
        while len(taken) < count or not desk.is_quiet():
            a = desk.take(60).guardian_alert
            if a.alert_id in alerts:  # and not the last one of the test before, whose acknowledgement came too late
                taken.append(a)
        self.assertEqual(count, len(taken))
        return taken

    def test_a_desk_that_was_away_gets_every_alert_and_each_person_s_newest_position(self):
        alerts = [str(uuid.uuid4()) for _ in range(ALERTS)]
        self.accepted(self.carrier.publish(*[self.alert(a) for a in alerts], timeout=60))
        positions = self.accepted(self.carrier.publish(*[self.alert(a, 2 + i) for i in range(POSITIONS) for a in alerts], timeout=120))
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        taken = self.taken(alerts, 2 * ALERTS)
        for alert in alerts:
            self.assertEqual([1, 1 + POSITIONS], [t.sequence for t in taken if t.alert_id == alert])
        self.gateway.leaf(positions[-1] + 1)
        over = {leaf["refers"]: leaf for leaf in self.gateway.leaves() if leaf["event"] == "superseded"}
        self.assertEqual(set(positions[:-ALERTS]), set(over))
        for older, newer in zip(positions, positions[ALERTS:]):
            self.assertIn("newer=%d" % newer, over[older]["detail"].split())

    def sent(self, messages):
        """A call, and what is set once all of its messages have left."""
        left = threading.Event()

        def each():
            yield from messages
            left.set()

        return self.carrier.exchange(each(), timeout=120), left

    def test_an_alert_stands_behind_no_photo_of_its_own_connection(self):
        photo = large_photo()
        alerts = [str(uuid.uuid4()) for _ in range(CALLS * PHOTOS + 1)]
        ledger = self.gateway.pid_of("ledger")
        os.kill(ledger, signal.SIGSTOP)
        try:
            calls = [self.sent([self.alert(a, photo=photo) for a in alerts[1 + i::CALLS]]) for i in range(CALLS)]
            for _, left in calls:
                self.assertTrue(left.wait(60))
            alert, left = self.sent([self.alert(alerts[0])])
            self.assertTrue(left.wait(60))
            self.carrier._method("unary_unary", "PolicyService/GetGrants", pb.GetGrantsRequest, pb.Grants)(pb.GetGrantsRequest(), timeout=60)
        finally:
            os.kill(ledger, signal.SIGCONT)
        index, = self.accepted(list(alert))
        photos = self.accepted([r for call, _ in calls for r in call])
        self.assertGreaterEqual(sum(index < p for p in photos), CALLS * PHOTOS - AT_LEDGER)
        self.assertEqual(alerts[0], self.taken(alerts, len(alerts))[0].alert_id)


if __name__ == "__main__":
    unittest.main()

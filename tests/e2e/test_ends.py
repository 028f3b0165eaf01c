"""What ends before its deadline: a consent withdrawn."""
import time
import unittest
import uuid

from contract import Unit, pb, reason
from gateway import Gateway

CONSENT = {"consent-reference": "c-9"}


class Ends(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.carrier = Unit(cls.gateway, "carrier-hana/guardian-service")
        cls.desk = Unit(cls.gateway, "daejeon-city-center/protection-desk")

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.carrier, cls.desk):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def alert(self, subject):
        m = self.carrier.message("vulnerable-persons", "vulnerable-protection", basis="kr/location/19", evidence=CONSENT)
        a = m.guardian_alert
        a.alert_id, a.sequence, a.phase = str(uuid.uuid4()), 1, pb.ALERT_PHASE_NEW
        a.subject.party, a.subject.ref = "carrier-hana", subject
        a.category.append(pb.SUBJECT_CATEGORY_LIVING_ALONE)
        a.age_band, a.trigger = pb.AGE_BAND_ADULT, pb.ALERT_TRIGGER_BUTTON
        a.consent.ref, a.consent.given_by = "c-9", pb.CONSENT_GIVER_SUBJECT
        a.consent.item.append("location")
        a.consent.recipient.append("daejeon-city-center")
        a.consent.purpose.append("vulnerable-protection")
        a.position.latitude, a.position.longitude, a.position.origin = 36.3504, 127.3845, pb.POSITION_ORIGIN_LIA_CONSENT
        return m

    def change(self, subject, state):
        m = self.carrier.message("vulnerable-persons", "vulnerable-protection", basis="kr/location/19", evidence=CONSENT)
        m.consent_change.subject.party, m.consent_change.subject.ref = "carrier-hana", subject
        m.consent_change.consent_ref, m.consent_change.state = "c-9", state
        receipt = self.carrier.publish(m)[0]
        self.assertEqual(pb.VERDICT_ACCEPTED, receipt.verdict)

    def destroyed(self):
        return [x for x in self.gateway.leaves() if x["event"] == "destroyed" and "cause=consent-withdrawn" in x["detail"]]

    def test_a_consent_withdrawn_destroys_what_waits_within_a_second(self):
        receipts = self.carrier.publish(self.alert("s-1"), self.alert("s-2"))
        self.assertEqual(["REASON_PERMITTED"] * 2, [reason(r) for r in receipts])
        self.change("s-1", pb.CONSENT_STATE_WITHDRAWN)
        at = time.monotonic()
        while not self.destroyed():
            self.assertLess(time.monotonic() - at, 3)  # the log's checkpoint comes once a second
        first = self.destroyed()[0]
        changed = next(x for x in self.gateway.leaves() if x["event"] == "consent-changed")
        self.assertIn("step=withdrawn", changed["detail"])
        self.assertLessEqual(first["time_us"] - changed["time_us"], 1_000_000)
        # Hers is gone, his is not.
        queue = self.desk.subscribe()
        self.assertEqual("s-2", queue.take().guardian_alert.subject.ref)
        self.assertEqual("s-1", queue.take().consent_change.subject.ref)
        self.assertTrue(queue.is_empty())
        self.assertEqual("REASON_CONSENT_WITHDRAWN", reason(self.carrier.publish(self.alert("s-1"))[0]))
        queue.close()


if __name__ == "__main__":
    unittest.main()

"""Who comes first: lanes, and in a lane the parties in turns. Counted, not timed."""
import unittest

from contract import Unit, incident_report, new_incident, pb, video_request
from gateway import Gateway
from vault import CENTRE, POLICE

FIRE = "daejeon-fire/119-control"
FLOOD, QUIET, CALLS = 400, 20, 4
TURN = 4    # small messages of each other party that one waits for (base/lanes.h)
GUARD = 16  # as many alerts pass a message that is not urgent, if they are as small


class LanesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.close)

    def unit(self, name):
        unit = Unit(self.gateway, name)
        self.addCleanup(unit.close)
        return unit

    def setUp(self):
        self.police, self.fire, self.centre = self.unit(POLICE), self.unit(FIRE), self.unit(CENTRE)
        self.robbery, self.fire_incident = new_incident(self.police), new_incident(self.fire)
        self.accepted(self.police.publish(incident_report(self.police, self.robbery)))
        self.accepted(self.fire.publish(incident_report(self.fire, self.fire_incident, "fire", "119-dispatch", "fire-response")))

    def accepted(self, receipts):
        self.assertEqual({pb.VERDICT_ACCEPTED}, {r.verdict for r in receipts})
        return receipts

    def police_requests(self, count):
        return [video_request(self.police, self.robbery) for _ in range(count)]

    def fire_request(self):
        return video_request(self.fire, self.fire_incident, "119-dispatch", "fire-response")

    def feedback(self):
        m = self.police.message("112-onsite-video", "crime-response", incident=self.robbery)
        m.feedback.camera_id.append("dj-3028")
        m.feedback.helped = True
        return m

    def taken(self, receipts):
        """Their messages, as the centre takes them, ten at a time and a megabyte."""
        consumer, missing, taken = self.centre.subscribe(max_in_flight=10, max_bytes_in_flight=1000000), {r.id for r in receipts}, []
        try:
            while missing:
                m = consumer.take()
                if m.header.id in missing:  # and not the last one of the test before, whose acknowledgement came too late
                    missing.remove(m.header.id)
                    taken.append(m)
            return taken
        finally:
            consumer.close()

    def test_a_flood_that_waits_delays_another_party_s_alert_by_four_of_its_own(self):
        normal = self.accepted(self.police.publish(*[self.feedback() for _ in range(FLOOD // 4)]))
        flood = self.accepted(self.police.publish(*self.police_requests(FLOOD), timeout=60))
        quiet = self.accepted(self.fire.publish(*[self.fire_request() for _ in range(QUIET)], timeout=60))
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        taken = self.taken(normal + flood + quiet)
        waits, run, passed, urgent = [], 0, 0, len(flood) + len(quiet)
        for m in taken:
            if m.WhichOneof("body") == "feedback":
                self.assertTrue(passed >= GUARD or urgent == 0)
                passed = 0
                continue
            urgent, passed = urgent - 1, passed + 1
            if m.header.source == FIRE:
                waits.append(run)
            run = 0 if m.header.source == FIRE else run + 1
        self.assertEqual(QUIET, len(waits))
        self.assertLessEqual(max(waits), TURN)
        for source in POLICE, FIRE:
            ids = [m.header.id for m in taken if m.header.source == source and m.WhichOneof("body") == "video_request"]
            self.assertEqual([r.id for r in (flood if source == POLICE else quiet)], ids)

    def test_calls_that_send_as_fast_as_they_may_end_nobody_else_s(self):
        floods = [self.police.exchange(self.police_requests(FLOOD), timeout=120) for _ in range(CALLS)]
        quiet = [self.accepted(self.fire.publish(self.fire_request(), timeout=60))[0] for _ in range(QUIET)]
        flood = self.accepted([r for call in floods for r in call])
        self.assertEqual(CALLS * FLOOD, len(flood))
        self.assertEqual(QUIET, len({r.record.index for r in quiet}))
        self.assertEqual(len(flood) + QUIET, len(self.taken(flood + quiet)))


if __name__ == "__main__":
    unittest.main()

"""A recipient that reads nothing: what the edge holds for it goes with its key, and is not sent when it reads again."""
import struct
import time
import unittest
import uuid

import sealed
from canary import Known, wait_for, wait_for_destruction
from contract import Unit, clip_frames, incident_report, new_incident, pb, video_request, watch_request
from gateway import Gateway
from marks import Marks, SanitizersShadow, memory_of
from raw import DATA, HEADERS, NO_WINDOW, PUBLISH, RST_STREAM, WATCH, WINDOW_UPDATE, Raw, frame, message
from vault import CENTRE, POLICE, film

SUBSCRIBE = "/fedgate.v1.ExchangeService/Subscribe"
CANCEL = 8


class Slow(Raw):
    """A call whose answer nobody reads: its window is shut."""

    def __init__(self, gateway, unit, path, request):
        super().__init__(gateway, unit, NO_WINDOW)
        self.open(path)
        self.data = b""  # of deliveries
        self.send(frame(DATA, 0, self.stream, message(request.SerializeToString())))
        self.until(HEADERS, self.stream)

    def give(self, window):
        self.send(frame(WINDOW_UPDATE, 0, self.stream, struct.pack(">I", window)))

    def take(self):
        """The next delivery's message, as it was encoded."""
        while len(self.data) < 5 or len(self.data) < 5 + struct.unpack_from(">I", self.data, 1)[0]:
            self.data += self.until(DATA, self.stream)
        end = 5 + struct.unpack_from(">I", self.data, 1)[0]
        delivery, self.data = pb.Delivery.FromString(self.data[5:end]), self.data[end:]
        return delivery.message

    def is_reset(self):
        return CANCEL == struct.unpack(">I", self.until(RST_STREAM, self.stream))[0]


class SlowRecipientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.close)
        cls.police = Unit(cls.gateway, POLICE)
        cls.addClassCleanup(cls.police.close)

    def setUp(self):
        self.gateway.mark = len(self.gateway.log)
        self.marks, self.kept = Marks(), Marks()

    def call(self, unit, path, request):
        slow = Slow(self.gateway, unit, path, request)
        self.addCleanup(slow.close)
        return slow

    def subscribe(self):
        request = pb.SubscribeRequest()
        request.start.queue = "default"
        self.slow = self.call(CENTRE, SUBSCRIBE, request)

    def request(self, marks, lives=None):
        """A request for video to the slow one: (incident, scopes)."""
        incident = new_incident(self.police)
        m = video_request(self.police, incident)
        m.video_request.reason = marks.texts()[0]
        if lives:
            m.header.destroy_by.FromSeconds(int(time.time()) + lives)
        _, receipt = self.police.publish(incident_report(self.police, incident), m)
        self.assertEqual(pb.VERDICT_ACCEPTED, receipt.verdict)
        wait_for("no delivery", lambda: any(x["event"] == "released" and x.get("refers") == receipt.record.index for x in self.gateway.leaves()))
        scopes = [s for s, messages in sealed.scopes_of(self.gateway.leaves()).items() if receipt.record.index in {m["index"] for m in messages}]
        self.assertEqual(1, len(scopes))
        return incident, scopes

    def close_incident(self, incident):
        m = self.police.message("112-onsite-video", "crime-response", incident=incident)
        m.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        self.police.publish(m)

    def edge_holds(self, found_in):
        """What of it the edge's memory has."""
        try:
            return sorted({x for _, content in memory_of(self.gateway.pid_of("edge")) for x in found_in(content)})
        except PermissionError:
            self.skipTest("reading another process's memory is not permitted here")
        except SanitizersShadow:
            self.skipTest("a sanitizer's shadow fills the address space: the build without one is searched")

    @staticmethod
    def token(marks):
        return lambda content: [x for x in marks.found_in(content) if marks.token in x]

    def assert_is_withdrawn(self, scopes):
        """From memory; and what is sent now is what came after it."""
        wait_for_destruction(self.gateway, scopes)
        self.assertEqual([], self.edge_holds(self.token(self.marks)))
        self.assertIn("unit=" + CENTRE, self.gateway.wait_for("delivery-withdrawn"))
        self.request(self.kept)
        self.assertNotEqual([], self.edge_holds(self.token(self.kept)))
        self.slow.give(1 << 20)
        taken = b""
        while self.kept.token.encode() not in taken:
            taken = self.slow.take()
            self.assertNotIn(self.marks.token.encode(), taken)

    def test_what_waits_for_it_goes_when_the_incident_ends(self):
        self.subscribe()
        incident, scopes = self.request(self.marks)
        self.assertNotEqual([], self.edge_holds(self.token(self.marks)))      # a control: it is there, and found
        self.close_incident(incident)
        self.assert_is_withdrawn(scopes)

    def test_what_waits_for_it_goes_at_its_deadline(self):
        self.subscribe()
        _, scopes = self.request(self.marks, lives=4)
        self.assertNotEqual([], self.edge_holds(self.token(self.marks)))
        self.assert_is_withdrawn(scopes)

    def test_a_delivery_that_went_in_part_goes_no_further_and_the_call_ends(self):
        self.subscribe()
        self.slow.give(20)
        incident, scopes = self.request(self.marks)
        self.assertEqual(20, len(self.slow.until(DATA, self.slow.stream)))
        self.assertNotEqual([], self.edge_holds(self.token(self.marks)))
        self.close_incident(incident)
        wait_for_destruction(self.gateway, scopes)
        self.assertEqual([], self.edge_holds(self.token(self.marks)))
        self.assertTrue(self.slow.is_reset())

    def test_a_receipt_that_waits_loses_its_salt_and_its_call_ends(self):
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        slow = self.call(POLICE, PUBLISH, video_request(self.police, incident))
        received = lambda: [x for x in self.gateway.leaves() if x["event"] == "received" and incident in x.get("incidents", ())]
        wait_for("nothing is received", lambda: len(received()) == 2)
        leaf = received()[-1]
        known = Known(self.gateway)
        known.take(leaf["index"])
        scopes = [int(s) for s in sealed.words(leaf, "scopes")]
        salts = sealed.Needles([salt for s in scopes for salt, _ in known.bodies[s].values()])
        self.assertNotEqual([], self.edge_holds(salts.found_in))
        self.close_incident(incident)
        wait_for_destruction(self.gateway, scopes)
        self.assertEqual([], self.edge_holds(salts.found_in))
        self.assertTrue(slow.is_reset())

    def test_video_that_waits_goes_within_a_second_of_the_incidents_end(self):
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        self.police.publish(incident_report(self.police, incident))
        sending = film(self.gateway, incident, stream, 6)
        slow = self.call(POLICE, WATCH, watch_request(stream))
        picture = sealed.Needles([chunk[at:at + 64] for chunk in list(clip_frames())[:40] for at in range(188, len(chunk) - 188, 188 * 7)])
        wait_for("nothing waits", lambda: self.edge_holds(picture.found_in))
        time.sleep(1)
        self.close_incident(incident)
        self.assertTrue(slow.is_reset())
        sending.join()
        self.assertEqual([], self.edge_holds(picture.found_in))


if __name__ == "__main__":
    unittest.main()

"""A standard gRPC client plays the road of 112-onsite-video over real sockets."""
import threading
import time
import unittest
import uuid

import grpc

from contract import (Unit, clip_frames, incident_report, new_incident, pb, reason, video_request, video_start,
                      watch_request)
from gateway import PROMPTLY, Gateway


class Services(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        names = {"police": "npa-daejeon/112-control", "centre": "daejeon-city-center/video-monitoring",
                 "fire": "daejeon-fire/119-control", "tax": "daejeon-tax/audit-desk"}
        for key, name in names.items():
            setattr(cls, key, Unit(cls.gateway, name))

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.police, cls.centre, cls.fire, cls.tax):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def test_receipts_come_in_order_and_the_request_names_an_incident_that_is_not_on_disk_yet(self):
        incident = new_incident(self.police)
        receipts = self.police.publish(incident_report(self.police, incident), video_request(self.police, incident))
        self.assertEqual([pb.VERDICT_ACCEPTED] * 2, [r.verdict for r in receipts])
        self.assertEqual("molit-npa-2015#video-request", receipts[1].recipient[0].clause)
        self.assertLess(receipts[0].record.index, receipts[1].record.index)

    def test_the_receipt_opens_the_commitment_in_the_log(self):
        import hashlib
        m = incident_report(self.police, new_incident(self.police))
        encoded = m.SerializeToString()
        receipt = self.police.publish_raw(encoded)[0]
        self.assertEqual(hashlib.sha256(encoded).digest(), receipt.committed_sha256)
        leaf = self.gateway.leaf(receipt.record.index)
        self.assertEqual(hashlib.sha256(receipt.commitment_salt + encoded).hexdigest(), leaf["commitment"])

    def test_a_delivery_opens_its_commitment_and_says_what_was_changed(self):
        import hashlib
        incident = new_incident(self.police)
        subscription = self.centre.subscribe("commitments", kind=["video_request"], incident_id=[incident])
        self.police.publish(incident_report(self.police, incident), video_request(self.police, incident))
        delivery, message = subscription.next()
        subscription.ack(delivery)
        self.assertFalse(message.video_request.HasField("around"))
        self.assertTrue(message.video_request.camera_id)
        self.assertEqual(["around"], list(delivery.must.changed_field))
        leaf = self.gateway.leaf(delivery.record.index)
        self.assertEqual("released", leaf["event"])
        self.assertEqual(hashlib.sha256(delivery.commitment_salt + delivery.message).hexdigest(), leaf["commitment"])
        subscription.close()

    def test_video_is_watched_refused_to_others_and_stops_within_a_second_of_the_close(self):
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        notices = self.police.subscribe("notices", kind=["stream_notice"], incident_id=[incident])
        self.police.publish(incident_report(self.police, incident))
        go_on = threading.Event()

        def frames():
            yield video_start(self.centre, incident, stream)
            time.sleep(0.3)
            while not go_on.is_set():
                for chunk in clip_frames():
                    yield pb.VideoFrame(data=chunk)
                    time.sleep(0.005)
                    if go_on.is_set():
                        return

        controls = self.centre.send_video(frames())
        self.assertEqual(pb.VERDICT_ACCEPTED, next(controls).opened.verdict)
        notice = notices.take()
        self.assertTrue(notice.stream_notice.open)
        self.assertEqual(stream, notice.stream_notice.stream_id)

        with self.assertRaises(grpc.RpcError) as refused:
            refusal = list(self.tax.watch(watch_request(stream)))
            self.assertEqual("REASON_NO_GRANT", pb.Reason.Name(refusal[0].end.why.reason))
        self.assertEqual(grpc.StatusCode.PERMISSION_DENIED, refused.exception.code())

        watch = self.police.watch(watch_request(stream))
        first = next(watch)
        self.assertEqual("onsite-live-video", first.start.must.grant)
        seen = b""
        while len(seen) < 400000:
            seen += next(watch).data
        self.assertEqual(0, len(seen) % 188)
        self.assertEqual(b"\x47\x40\x00", seen[:3], "the PAT comes first")

        close = self.police.message("112-onsite-video", "crime-response", incident=incident)
        close.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        began = time.monotonic()
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(close)[0].verdict)
        end = None
        for frame in watch:
            end = frame
        self.assertLess(time.monotonic() - began, PROMPTLY)
        self.assertEqual("REASON_PURPOSE_FULFILLED", pb.Reason.Name(end.end.why.reason))
        stopped = list(controls)[-1]
        self.assertEqual("REASON_PURPOSE_FULFILLED", pb.Reason.Name(stopped.stop.why.reason))
        go_on.set()
        notices.close()

    def test_a_second_consumer_replaces_the_first(self):
        first = self.fire.subscribe("one-reader")
        time.sleep(0.2)
        second = self.fire.subscribe("one-reader")
        delivery, error = first.arrived.get(timeout=30)
        self.assertIsNone(delivery)
        self.assertEqual(grpc.StatusCode.ABORTED, error.code())
        second.close()

    def test_the_receipt_can_be_asked_for_again(self):
        m = incident_report(self.police, new_incident(self.police))
        first = self.police.publish(m)[0]
        again = self.police.receipt(m.header.id)
        self.assertTrue(again.repeated)
        self.assertEqual(first.record.index, again.record.index)
        self.assertEqual(first.verdict, again.verdict)
        with self.assertRaises(grpc.RpcError) as missing:
            self.police.receipt(str(uuid.uuid4()))
        self.assertEqual(grpc.StatusCode.NOT_FOUND, missing.exception.code())

    def test_a_flood_that_never_waits_for_receipts_gets_every_one_of_them(self):
        # Messages that were still within the window when the gateway asked to wait once made it forget that it had asked: the
        # call then stood still for ever.
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        messages = [video_request(self.police, incident) for _ in range(4000)]
        receipts = self.police.publish_raw(*[m.SerializeToString() for m in messages], timeout=30)
        self.assertEqual([m.header.id for m in messages], [r.id for r in receipts])

    def test_bytes_that_are_no_message_are_a_receipt_and_the_call_goes_on(self):
        good = incident_report(self.police, new_incident(self.police)).SerializeToString()
        receipts = self.police.publish_raw(b"\xff\xff\xff", b"", b"\x0a\x03abc", good)
        self.assertEqual([pb.VERDICT_REFUSED] * 3 + [pb.VERDICT_ACCEPTED], [r.verdict for r in receipts])
        self.assertEqual("REASON_MALFORMED", reason(receipts[0]))

    def test_a_method_that_is_not_offered_is_unimplemented(self):
        with self.assertRaises(grpc.RpcError) as e:
            self.police.channel.unary_unary("/fedgate.v1.TransparencyService/GetMore")(b"", timeout=5)
        self.assertEqual(grpc.StatusCode.UNIMPLEMENTED, e.exception.code())


if __name__ == "__main__":
    unittest.main()

"""A city's drill on its production gateway: the five services as EXERCISE, within a declared window, beside what happens in earnest."""
import os
import time
import unittest
import uuid

from contract import PLACE, Unit, clip_frames, example_alert, incident_report, new_incident, pb, reason, video_request, video_start, watch_request
from gateway import Gateway

UNITS = {"police": "npa-daejeon/112-control", "car": "npa-daejeon/patrol-11", "room": "daejeon-city-center/video-monitoring",
         "desk": "daejeon-city-center/protection-desk", "disaster": "daejeon-city-center/disaster-room", "fire": "daejeon-fire/119-control",
         "carrier": "carrier-hana/guardian-service", "ndms": "mois-ndms/intake"}
OUTSIDE = "daejeon-traffic/road-signs"


def declare(folder):
    with open(os.path.join(folder, "policy", "inventory", "exercises.yaml"), "w") as f:
        f.write("exercises:\n  - exercise: drill\n    from: 2020-01-01\n    until: 2099-12-31\n    units: [%s]\n" % ", ".join(UNITS.values()))


def exercise(m):
    """The same message, as EXERCISE."""
    m.header.status = pb.STATUS_EXERCISE
    return m


def closing(unit, incident, service="112-onsite-video", purpose="crime-response"):
    m = unit.message(service, purpose, incident=incident)
    m.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
    return m


class Drill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(declare)
        for key, name in UNITS.items():
            setattr(cls, key, Unit(cls.gateway, name))

    @classmethod
    def tearDownClass(cls):
        for key in UNITS:
            getattr(cls, key).close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def accepted(self, unit, *messages):
        receipts = unit.publish(*messages)
        self.assertEqual([pb.VERDICT_ACCEPTED] * len(messages), [r.verdict for r in receipts], receipts)
        for receipt, m in zip(receipts, messages):
            self.assertEqual(m.header.status, receipt.status)
        return receipts

    def take_until(self, subscription, kind, wanted=lambda m: True):
        """The first message of this kind; all before it are acknowledged too."""
        while True:
            m = subscription.take()
            if m.WhichOneof("body") == kind and wanted(m):
                return m

    def test_each_service_is_drilled_in_a_queue_of_its_own(self):
        queues = {key: getattr(self, key).subscribe("exercise") for key in ("room", "fire", "ndms", "desk", "police", "carrier")}
        # 112-onsite-video and 112-patrol
        incident = new_incident(self.police)
        assignment = self.police.message("112-patrol", "crime-response", incident=incident)
        assignment.unit_assignment.unit, assignment.unit_assignment.assigned = UNITS["car"], True
        self.accepted(self.police, exercise(incident_report(self.police, incident)), exercise(video_request(self.police, incident)),
                      exercise(assignment))
        self.take_until(queues["room"], "video_request", lambda m: list(m.header.incident_id) == [incident])
        # 119-dispatch
        fire = new_incident(self.fire)
        self.accepted(self.fire, exercise(incident_report(self.fire, fire, "fire", "119-dispatch", "fire-response")))
        # disaster: no headquarters works in earnest, and one is supposed
        report = self.disaster.message("disaster", "disaster-response", "kr/pipa/18-2-10", evidence={"incident-id": "X-1"})
        report.disaster_report.type, report.disaster_report.severity = "earthquake", pb.SEVERITY_EXTREME
        report.disaster_report.area.place, report.disaster_report.description = "Seo-gu", "drill"
        self.accepted(self.disaster, exercise(report))
        self.assertEqual(pb.STATUS_EXERCISE, self.take_until(queues["ndms"], "disaster_report").header.status)
        # vulnerable-persons
        id = str(uuid.uuid4())
        self.accepted(self.carrier, exercise(example_alert(self.carrier, id=id)))
        self.take_until(queues["desk"], "guardian_alert", lambda m: m.guardian_alert.alert_id == id)
        self.assertEqual(pb.STATUS_EXERCISE, self.take_until(queues["carrier"], "provision_notice").header.status)
        dispatch = self.desk.message("vulnerable-persons", "vulnerable-protection", incident=UNITS["desk"] + ":" + id, to=[UNITS["police"]])
        dispatch.dispatch_request.type = "vulnerable-person"
        self.accepted(self.desk, exercise(dispatch))
        self.take_until(queues["police"], "dispatch_request")
        for subscription in queues.values():
            subscription.close()
        listed = self.gateway.ctl("incidents", "--json", "--all", "--socket", self.gateway.path("data", "control.sock")).stdout
        self.assertIn('"status":"exercise"', listed.replace(": ", ":"))

    def test_a_stream_of_a_drill_is_marked_from_its_notice_to_the_log(self):
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        notices = self.police.subscribe("exercise")
        self.accepted(self.police, exercise(incident_report(self.police, incident)))
        start = video_start(self.room, incident, stream)
        start.start.header.status = pb.STATUS_EXERCISE
        frames = [start] + [pb.VideoFrame(data=chunk) for chunk in clip_frames()][:1]
        hold = []

        def sent():
            yield from frames
            while not hold:
                time.sleep(0.05)

        controls = self.room.send_video(sent())
        opened = next(controls).opened
        self.assertEqual((pb.VERDICT_ACCEPTED, pb.STATUS_EXERCISE), (opened.verdict, opened.status))
        notice = self.take_until(notices, "stream_notice", lambda m: m.stream_notice.stream_id == stream)
        self.assertEqual(pb.STATUS_EXERCISE, notice.header.status)
        watch = self.police.watch(watch_request(stream))
        self.assertEqual(pb.STATUS_EXERCISE, next(watch).start.header.status)
        hold.append(True)
        list(watch)
        list(controls)
        self.assertEqual("exercise", self.gateway.leaf(opened.record.index)["status"])
        notices.close()

    def test_who_is_not_in_the_window_is_refused_by_name(self):
        m = self.disaster.message("disaster", "public-warning", "kr/pipa/18-2-10", evidence={"incident-id": "X-1"}, to=[OUTSIDE])
        n = m.public_notice
        n.type, n.category, n.event, n.urgency = pb.NOTICE_TYPE_ALERT, "Met", "Flood", "Immediate"
        n.severity, n.certainty, n.headline, n.area_description, n.language = pb.SEVERITY_SEVERE, "Observed", "drill", "Seo-gu", "ko-KR"
        n.effective_at.GetCurrentTime()
        n.expires_at.seconds = n.effective_at.seconds + 3600
        receipt = self.disaster.publish(exercise(m))[0]
        self.assertEqual((pb.VERDICT_REFUSED, "REASON_STATUS_NOT_LIVE", OUTSIDE, pb.STATUS_EXERCISE),
                         (receipt.verdict, reason(receipt), receipt.recipient[0].to, receipt.status))
        self.assertIn("declared window", receipt.recipient[0].failed)

    def test_a_real_alert_does_not_wait_behind_a_drill(self):
        backlog = [exercise(example_alert(self.carrier)) for _ in range(100)]
        self.accepted(self.carrier, *backlog)
        id = str(uuid.uuid4())
        self.accepted(self.carrier, example_alert(self.carrier, id=id))
        real = self.desk.subscribe()
        m = self.take_until(real, "guardian_alert", lambda m: m.guardian_alert.alert_id == id)
        self.assertEqual(pb.STATUS_ACTUAL, m.header.status)
        self.assertTrue(real.is_empty(0.2), "exercises wait in their own queue")
        real.close()

    def test_a_drill_and_what_is_real_do_not_touch_each_other(self):
        real, played = new_incident(self.police), new_incident(self.police)
        self.accepted(self.police, incident_report(self.police, real), exercise(incident_report(self.police, played)))
        crossed = self.police.publish(video_request(self.police, played), exercise(video_request(self.police, real)),
                                      exercise(incident_report(self.police, real)), exercise(closing(self.police, real)))
        self.assertEqual(["REASON_INCIDENT_UNKNOWN"] * 2 + ["REASON_STATUS_NOT_LIVE"] * 2, [reason(r) for r in crossed])
        self.accepted(self.police, video_request(self.police, real), closing(self.police, real))

    def test_a_consent_withdrawn_in_a_drill_stands_in_earnest(self):
        withdrawn = self.carrier.message("vulnerable-persons", "vulnerable-protection", "kr/location/26",
                                         evidence={"guardian-registration": "G-77"})
        withdrawn.consent_change.subject.party, withdrawn.consent_change.subject.ref = "carrier-hana", "s-1001"
        withdrawn.consent_change.consent_ref, withdrawn.consent_change.state = "c-drill", pb.CONSENT_STATE_WITHDRAWN
        self.accepted(self.carrier, exercise(withdrawn))
        played = self.carrier.publish(exercise(example_alert(self.carrier, consent="c-drill")))[0]
        self.assertEqual("REASON_CONSENT_WITHDRAWN", reason(played))
        self.accepted(self.carrier, example_alert(self.carrier, consent="c-drill"))

    def test_a_headquarters_of_a_drill_works_for_no_real_position(self):
        status = self.disaster.message("disaster", "disaster-response", "kr/pipa/18-2-10", evidence={"incident-id": "X-1"})
        status.disaster_status.region, status.disaster_status.headquarters_active = "daejeon-seo", True
        self.accepted(self.disaster, exercise(status))

        def position():
            m = self.carrier.message("disaster", "disaster-response", "kr/disaster/74-3", evidence={"headquarters-order": "HQ-1"},
                                     to=[UNITS["disaster"]])
            m.location_update.subject.party, m.location_update.subject.ref = "carrier-hana", "s-7"
            p = m.location_update.position
            p.latitude, p.longitude, p.origin = PLACE[0], PLACE[1], pb.POSITION_ORIGIN_DISASTER
            return m

        self.accepted(self.carrier, exercise(position()))
        self.assertEqual("REASON_DISASTER_HQ_NOT_ACTIVE", reason(self.carrier.publish(position())[0]))


if __name__ == "__main__":
    unittest.main()

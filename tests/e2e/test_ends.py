"""What ends before its deadline, or after it: a consent withdrawn, an order to destroy, a memorandum's end, a hold;
and live video, which is never kept."""
import datetime
import json
import os
import shutil
import threading
import time
import unittest
import uuid

from contract import (Unit, clip_frames, incident_report, new_incident, pb, reason, video_request, video_start,
                      watch_request)
from gateway import PROMPTLY, Gateway, edit

CONSENT = {"consent-reference": "c-9"}


class Ends(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.carrier = Unit(cls.gateway, "carrier-hana/guardian-service")
        cls.desk = Unit(cls.gateway, "daejeon-city-center/protection-desk")
        cls.police = Unit(cls.gateway, "npa-daejeon/112-control")
        cls.centre = Unit(cls.gateway, "daejeon-city-center/video-monitoring")

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.carrier, cls.desk, cls.police, cls.centre):
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

    def destroyed(self, cause="consent-withdrawn"):
        return [x for x in self.gateway.leaves() if x["event"] == "destroyed" and "cause=" + cause in x["detail"]]

    def ctl(self, *words):
        return self.gateway.ctl(*words, "--socket", self.gateway.path("data", "control.sock"), "--lang", "en")

    def act(self, *words, officer):
        return self.ctl(*words, "--officer", "daejeon-gateway-operator/" + officer, "--reason", "court order 2026-1234",
                        "--key", self.gateway.path("signing", officer + ".key"))

    def both(self, *words):
        """Two officers of the operator; one alone does nothing yet."""
        first = self.act(*words, officer="seo")
        self.assertEqual(0, first.returncode, first.stderr)
        self.assertIn("another officer has to act as well", first.stdout)
        self.assertEqual(1, self.act(*words, officer="seo").returncode)
        second = self.act(*words, officer="yoon")
        self.assertEqual(0, second.returncode, second.stderr)
        return second.stdout

    def stored(self, seconds):
        """A request that nobody fetches, and that has to be destroyed so soon; its record."""
        incident = new_incident(self.police)
        m = video_request(self.police, incident)
        m.header.destroy_by.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds))
        receipt = self.police.publish(incident_report(self.police, incident), m)[1]
        self.assertEqual("REASON_PERMITTED", reason(receipt))
        return receipt.record.index

    def until(self, what, within=30):
        at = time.monotonic()
        while not what():
            self.assertLess(time.monotonic() - at, within)
            time.sleep(0.05)

    def test_a_consent_withdrawn_destroys_what_waits_within_a_second(self):
        receipts = self.carrier.publish(self.alert("s-1"), self.alert("s-2"))
        self.assertEqual(["REASON_PERMITTED"] * 2, [reason(r) for r in receipts])
        self.change("s-1", pb.CONSENT_STATE_WITHDRAWN)
        at = time.monotonic()
        while not self.destroyed():
            self.assertLess(time.monotonic() - at, PROMPTLY)
        first = self.destroyed()[0]
        changed = next(x for x in self.gateway.leaves() if x["event"] == "consent-changed")
        self.assertIn("step=withdrawn", changed["detail"])
        self.assertLessEqual(first["time_us"] - changed["time_us"], PROMPTLY * 1_000_000)
        # Hers is gone, his is not.
        queue = self.desk.subscribe()
        self.assertEqual("s-2", queue.take().guardian_alert.subject.ref)
        self.assertEqual("s-1", queue.take().consent_change.subject.ref)
        self.assertTrue(queue.is_empty())
        self.assertEqual("REASON_CONSENT_WITHDRAWN", reason(self.carrier.publish(self.alert("s-1"))[0]))
        queue.close()


    def on_disk(self, needle):
        """Files of the gateway's data, keys and log that hold these bytes."""
        found = []
        for folder in ("data", "audit", "keys"):
            for where, _, names in os.walk(self.gateway.path(folder)):
                for name in names:
                    path = os.path.join(where, name)
                    if os.path.isfile(path):
                        with open(path, "rb") as f:
                            found += [path] if needle in f.read() else []
        return found

    def test_live_video_keeps_nothing_on_disk(self):
        incident, stream, over = new_incident(self.police), str(uuid.uuid4()), threading.Event()
        clip = b"".join(clip_frames())
        mark = clip[188 * 400 + 20:188 * 400 + 84]  # 64 bytes of payload, which a watcher gets as they are

        def frames():
            yield video_start(self.centre, incident, stream)
            time.sleep(0.3)
            while not over.is_set():
                for chunk in clip_frames():
                    yield pb.VideoFrame(data=chunk)
                    time.sleep(0.005)
                    if over.is_set():
                        return

        self.police.publish(incident_report(self.police, incident))
        controls = self.centre.send_video(frames())
        self.assertEqual(pb.VERDICT_ACCEPTED, next(controls).opened.verdict)
        seen, watch = b"", self.police.watch(watch_request(stream))
        while mark not in seen:
            seen += next(watch).data
        self.assertEqual([], self.on_disk(mark))
        # The search finds what is there.
        control = self.gateway.path("data", "control-of-the-search")
        with open(control, "wb") as f:
            f.write(b"before" + mark)
        self.assertEqual([control], self.on_disk(mark))
        os.remove(control)
        over.set()
        list(controls)
        watch.cancel()
        self.assertEqual([], self.on_disk(mark))

    def test_a_hold_keeps_what_is_past_its_deadline_until_two_officers_release_it(self):
        index = self.stored(4)
        text = self.both("hold", "place", "record", str(index))
        self.assertIn("act: hold\nsubject: record %d\nnow: scopes=1 deliveries=" % index, text)
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        listed = self.ctl("hold", "list", "--json")
        held = [json.loads(line) for line in listed.stdout.splitlines()]
        self.assertEqual(["record %d" % index], [x["subject"] for x in held if x["inForce"]])
        scope = self.gateway.leaf(index)["detail"].split("=")[1]
        time.sleep(5)
        gone = lambda: [x for x in self.gateway.leaves() if x["event"] == "destroyed" and "scope=%s " % scope in x["detail"]]
        self.assertEqual([], gone())
        refused = self.act("destroy", "record", str(index), officer="seo")
        self.assertEqual(1, refused.returncode)
        self.assertIn("a hold keeps it", refused.stderr)
        queue = self.centre.subscribe("held")
        self.assertTrue(queue.is_empty(1))
        queue.close()
        self.both("hold", "release", "record", str(index))
        self.until(gone)
        self.assertIn("nothing", self.ctl("hold", "list").stdout)

    def test_two_officers_destroy_what_was_unlawful_and_see_before_what_goes(self):
        index = self.stored(3600)
        dry = self.ctl("destroy", "--dry-run", "--json", "record", str(index))
        self.assertEqual(0, dry.returncode, dry.stderr)
        shown = json.loads(dry.stdout)
        self.assertEqual(1, shown["scopes"])
        self.assertLess(0, shown["deliveries"])
        self.assertEqual([], self.destroyed("unlawful"))
        self.both("destroy", "record", str(index))
        self.until(lambda: self.destroyed("unlawful"))
        again = self.ctl("destroy", "--dry-run", "record", str(index))
        self.assertEqual(1, again.returncode)
        self.assertIn("nothing of this name is stored", again.stderr)


class Memorandum(unittest.TestCase):
    def test_what_is_under_a_memorandum_is_destroyed_when_the_set_has_it_no_more(self):
        gateway = Gateway()
        desk = Unit(gateway, "npa-daejeon/investigation")
        m = desk.message("investigation-footage", "criminal-investigation", basis="kr/pipa/18-2-7", evidence={"case-number": "2026-12345"})
        m.header.actor.staff_ref, m.header.actor.role = "p-9", "investigator"
        r = m.release_request
        r.requester, r.camera_id, r.reason, r.document_no = pb.REQUESTER_INVESTIGATOR, "dj-3783", "a robbery", "2026-777"
        for field, minutes in ((r.begins_at, 90), (r.ends_at, 60)):
            field.FromDatetime(datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes))
        self.assertEqual("REASON_PERMITTED", reason(desk.publish(m)[0]))
        os.remove(gateway.path("policy", "mou", "investigation-footage.yaml"))
        shutil.rmtree(gateway.path("policy", "signatures"))
        edit(gateway.path("policy", "set.yaml"), "serial: 1", "serial: 2")
        gateway.sign()
        gateway.reload()
        gateway.wait_for("reloaded")
        gateway.wait_for("destroyed scopes=")
        desk.close()
        self.assertEqual(0, gateway.stop())
        ended = [x for x in gateway.leaves() if x["event"] == "ended-early"]
        self.assertEqual(['cause=mou-ended about="investigation-footage" scopes=1 groups=0'], [x["detail"] for x in ended])
        self.assertTrue(any(x["event"] == "destroyed" and "cause=mou-ended" in x["detail"] for x in gateway.leaves()))
        gateway.verify()
        gateway.close()


if __name__ == "__main__":
    unittest.main()

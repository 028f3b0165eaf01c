"""The register: facts are opened by an officer's signed act, registers and answers are made of them, a changed one is noticed."""
import csv
import io
import json
import os
import time
import unittest
import uuid

from contract import Unit, incident_report, new_incident, pb, video_start, watch_request
from gateway import Gateway
from test_services import clip_frames

CASE, STAFF, CENTRE_STAFF = "2026-112-4711", "p-417", "c-77"


class Register(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.socket = cls.gateway.path("data", "control.sock")
        cls.police = Unit(cls.gateway, "npa-daejeon/112-control")
        cls.centre = Unit(cls.gateway, "daejeon-city-center/video-monitoring")
        cls.play()

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.police, cls.centre):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    @classmethod
    def play(cls):
        """A watched camera, an answer that offers another one, a word on what helped."""
        cls.incident, stream = new_incident(cls.police), str(uuid.uuid4())
        cls.police.publish(incident_report(cls.police, cls.incident))

        def frames():
            start = video_start(cls.centre, cls.incident, stream)
            start.start.header.actor.staff_ref = CENTRE_STAFF
            yield start
            for chunk in clip_frames():
                yield pb.VideoFrame(data=chunk)
                time.sleep(0.05)

        sending = cls.centre.send_video(frames())
        assert next(sending).opened.verdict == pb.VERDICT_ACCEPTED
        watching = cls.police.watch(watch_request(stream, staff=STAFF))
        assert next(watching).HasField("start")
        cls.watched = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        offer = cls.centre.message("112-onsite-video", "crime-response", incident=cls.incident, to=[cls.police.name])
        offer.video_answer.result = pb.VIDEO_ANSWER_RESULT_OFFERED
        offer.video_answer.camera_id.append("dj-0303")
        helped = cls.police.message("112-onsite-video", "crime-response", "kr/pipa/18-2-7", cls.incident, {"case-number": CASE})
        helped.feedback.helped = True
        answers, words = cls.police.subscribe("answers", kind=["video_answer"]), cls.centre.subscribe("words", kind=["feedback"])
        assert cls.centre.publish(offer)[0].verdict == pb.VERDICT_ACCEPTED
        assert cls.police.publish(helped)[0].verdict == pb.VERDICT_ACCEPTED
        for subscription in (answers, words):
            subscription.take()
            subscription.close()
        close = cls.police.message("112-onsite-video", "crime-response", incident=cls.incident)
        close.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        cls.police.publish(close)
        assert [f for f in watching if f.HasField("end")]
        time.sleep(1.5)  # a checkpoint over it

    def unseal(self, name, officer="daejeon-audit-commission/nam"):
        out = self.gateway.path(name)
        return out, self.gateway.ctl("audit", "unseal", "--log", self.gateway.path("audit"), "--socket", self.socket, "--officer", officer,
                                     "--reason", "monthly check", "--key", self.gateway.path("signing", officer.split("/")[1] + ".key"),
                                     "--out", out, "--lang", "en")

    def report(self, *words, facts=None):
        more = ("--facts", facts) if facts else ()
        return self.gateway.ctl("audit", *words, "--log", self.gateway.path("audit"), "--policy", self.gateway.path("policy"), *more)

    def opened(self):
        if not hasattr(Register, "facts"):
            Register.facts, r = self.unseal("facts.jsonl")
            self.assertEqual(0, r.returncode, r.stderr)
        return Register.facts

    def test_the_log_holds_nothing_that_the_register_keeps(self):
        with open(self.opened()) as f:
            facts = f.read()
        for word in (CASE, STAFF, CENTRE_STAFF, "dj-3028"):
            self.assertIn(word, facts)
        for folder, _, names in os.walk(self.gateway.path("audit")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    content = f.read()
                for word in (CASE, STAFF, CENTRE_STAFF, "dj-3028"):
                    self.assertNotIn(b'"' + word.encode() + b'"', content, os.path.join(folder, name))
        self.assertEqual(0o600, os.stat(self.opened()).st_mode & 0o777)

    def test_who_watched_a_camera_at_a_minute(self):
        r = self.report("ask", "camera", "dj-3028", "--at", self.watched, "--format", "json", "--lang", "en", facts=self.opened())
        self.assertEqual(0, r.returncode, r.stderr)
        rows = json.loads(r.stdout)["rows"]
        self.assertEqual([STAFF], [row["staff"] for row in rows])
        self.assertIn("npa-daejeon/112-control", rows[0]["recipient"])
        leaf = self.gateway.leaf(int(rows[0]["index"]))
        self.assertEqual("watch-opened", leaf["event"])
        self.assertEqual([], json.loads(self.report("ask", "camera", "dj-0303", "--format", "json", facts=self.opened()).stdout)["rows"],
                         "a camera that was only offered was watched by nobody")

    def test_a_case_is_found_by_its_number_and_by_its_incident(self):
        for name in (CASE, self.incident, self.incident.split(":")[1]):
            r = self.report("ask", "case", name, "--format", "json", facts=self.opened())
            self.assertEqual(0, r.returncode, r.stderr)
            self.assertLess(0, len(json.loads(r.stdout)["rows"]), name)
        self.assertIn("--facts", self.report("ask", "camera", "dj-3028").stderr)

    def test_the_registers_are_spreadsheets_and_pages_in_both_languages(self):
        r = self.report("register", "personal-video", "--format", "csv", "--lang", "ko", facts=self.opened())
        self.assertEqual("\ufeff", r.stdout[0])
        rows = list(csv.DictReader(io.StringIO(r.stdout[1:])))
        self.assertEqual("제공", rows[0]["구분"])
        self.assertEqual(CENTRE_STAFF + " / " + STAFF, rows[0]["담당자"])
        self.assertIn("dj-3028", rows[0]["파일명/형태"])
        self.assertIn("개인정보 보호법", rows[0]["이용·제공 근거"])
        page = self.report("register", "out-of-purpose", "--format", "html", "--lang", "en", facts=self.opened()).stdout
        self.assertIn("<html lang=\"en\">", page)
        self.assertNotIn("<script", page)
        self.assertEqual(2, self.report("register", "out-of-purposes").returncode)

    def test_statistics_count_the_hit(self):
        r = self.report("statistics", "--format", "html", "--lang", "en", facts=self.opened())
        self.assertIn("hit rate 100.0 %", r.stdout)
        self.assertIn("<svg", r.stdout)

    def test_a_changed_fact_is_noticed(self):
        changed = self.gateway.path("changed.jsonl")
        with open(self.opened()) as f, open(changed, "w") as to:
            to.write(f.read().replace(STAFF, "p-999"))
        r = self.report("register", "personal-video", "--format", "csv", facts=changed)
        self.assertEqual(1, r.returncode)
        self.assertIn("not what the log is committed to", r.stderr)
        self.assertNotIn("p-999", r.stdout)

    def test_each_reading_is_an_act_in_the_log_and_not_every_officer_may(self):
        _, r = self.unseal("of-the-centre.jsonl", "daejeon-city-center/park")
        self.assertEqual(0, r.returncode, r.stderr)
        _, r = self.unseal("of-nobody.jsonl", "daejeon-city-center/kim")  # who signs sets
        self.assertEqual(1, r.returncode)
        self.assertFalse(os.path.exists(self.gateway.path("of-nobody.jsonl")))
        self.gateway.leaves_of(lambda x: x["event"] == "act" and "act=read-register" in x["detail"] and
                               "officer=daejeon-city-center/park effect=done" in x["detail"])

    def test_the_register_outlives_a_killed_ledger(self):
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        out, r = self.unseal("after.jsonl")
        self.assertEqual(0, r.returncode, r.stderr)
        with open(out) as f:
            self.assertIn(CENTRE_STAFF, f.read())


if __name__ == "__main__":
    unittest.main()

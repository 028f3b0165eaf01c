"""Officers act through the control socket, with keys of the real minisign: approvals, quarantine, emergencies, suspensions."""
import datetime
import hashlib
import json
import os
import stat
import subprocess
import time
import unittest
import uuid

from contract import Unit, incident_report, new_incident, pb, reason, video_request, video_start, watch_request
from gateway import PROMPTLY, Gateway, edit
from test_services import clip_frames

# Beside those of the tree, whose keys fedgatectl made: these have keys of minisign's.
OFFICERS = ("choi", "jung", "han")


def an_hour_far_from_now():
    """One minute of the day, half a day away from now in Korea."""
    far = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))) + datetime.timedelta(hours=12)
    return "%s-%s" % (far.strftime("%H:%M"), (far + datetime.timedelta(minutes=1)).strftime("%H:%M"))


def appoint(folder):
    """Officers with keys that minisign made, and clauses that ask for them."""
    parties = os.path.join(folder, "policy", "inventory", "parties.yaml")
    mou = os.path.join(folder, "policy", "mou", "molit-npa-2015.yaml")
    for person in OFFICERS:
        subprocess.run(["minisign", "-G", "-W", "-f", "-p", os.path.join(folder, "policy", "inventory", "keys", person + ".pub"),
                        "-s", os.path.join(folder, "signing", person + ".key")], check=True, capture_output=True)
    edit(parties, "park: {role: privacy-officer, key: park.pub}",
         "park: {role: privacy-officer, key: park.pub}, choi: {role: privacy-officer, key: choi.pub}, "
         "jung: {role: privacy-officer, key: jung.pub}")
    edit(parties, "officers: {seo:", "officers: {han: {role: duty-officer, key: han.pub}, seo:")
    edit(mou, "participant: npa-daejeon/112-control}, footage: live}\n    transform:",
         "participant: npa-daejeon/112-control}, footage: live, period: {hours: \"%s\"}}\n    transform:" % an_hour_far_from_now())
    with open(mou) as f:
        grants = f.read().split("\n\n")
    at = next(i for i, grant in enumerate(grants) if "- grant: video-answer\n" in grant)
    grants[at] += "\n    approval: {role: privacy-officer, persons: 2, within: 30 minutes}"
    with open(mou, "w") as f:
        f.write("\n\n".join(grants))


class Acts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(appoint)
        cls.socket = cls.gateway.path("data", "control.sock")
        cls.police = Unit(cls.gateway, "npa-daejeon/112-control")
        cls.centre = Unit(cls.gateway, "daejeon-city-center/video-monitoring")
        cls.fire = Unit(cls.gateway, "daejeon-fire/119-control")
        cls.traffic = Unit(cls.gateway, "daejeon-traffic/traffic-feed")

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.police, cls.centre, cls.fire, cls.traffic):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        assert not os.path.exists(cls.socket), "the control socket stays behind"
        cls.gateway.verify()
        cls.gateway.close()

    def ctl(self, *words):
        return self.gateway.ctl(*words, "--socket", self.socket, "--lang", "en")

    def listed(self, group):
        r = self.ctl(group, "list", "--json")
        self.assertEqual(0, r.returncode, r.stderr)
        return [json.loads(line) for line in r.stdout.splitlines()]

    def key(self, person):
        return self.gateway.path("signing", person + ".key")

    def act(self, *words, officer, key=None, why="checked with the control room"):
        """Signed here, by fedgatectl, with a key of minisign's."""
        return self.ctl(*words, "--officer", officer, "--reason", why, "--key", self.key(key or officer.split("/")[1]))

    def answer(self, incident):
        m = self.centre.message("112-onsite-video", "crime-response", incident=incident)
        m.video_answer.result = pb.VIDEO_ANSWER_RESULT_NO_CAMERA
        return m

    def held_answer(self):
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        m = self.answer(incident)
        receipt = self.centre.publish(m)[0]
        self.assertEqual(pb.VERDICT_HELD, receipt.verdict)
        self.assertEqual("REASON_APPROVAL_PENDING", reason(receipt))
        return incident, m, "%d-0" % receipt.record.index

    def test_the_socket_is_for_the_gateways_user(self):
        mode = os.stat(self.socket).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(0o600, stat.S_IMODE(mode))

    def test_two_officers_approve_and_it_is_delivered(self):
        incident, m, subject = self.held_answer()
        waiting = self.police.subscribe("approvals", kind=["video_answer"], incident_id=[incident])
        outcomes = self.centre.subscribe("approval-outcomes", kind=["outcome"])
        first = self.act("approvals", "approve", subject, officer="daejeon-city-center/choi")
        self.assertEqual(0, first.returncode, first.stderr)
        self.assertIn("fedgate-act-v1\nlog: fedgate.daejeon.example/log\nact: approve\nsubject: " + subject, first.stdout)
        self.assertIn("another officer has to act as well", first.stdout)
        again = self.act("approvals", "approve", subject, officer="daejeon-city-center/choi")
        self.assertEqual(1, again.returncode)
        self.assertIn("a second person has to", again.stderr)
        # The machine fails in between: what was counted stays counted.
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        item = next(x for x in self.listed("approvals") if x["subject"] == subject)
        self.assertEqual(["daejeon-city-center/choi"], item["officers"])
        self.assertEqual("molit-npa-2015#video-answer", item["clause"])
        waiting = self.police.subscribe("approvals", kind=["video_answer"], incident_id=[incident])
        outcomes = self.centre.subscribe("approval-outcomes", kind=["outcome"])
        self.assertTrue(waiting.is_empty())
        second = self.act("approvals", "approve", subject, officer="daejeon-city-center/jung")
        self.assertEqual(0, second.returncode, second.stderr)
        self.assertIn("approve: done", second.stdout)
        self.assertEqual(m.header.id, waiting.take().header.id)
        outcome = outcomes.take().outcome
        self.assertEqual(m.header.id, outcome.receipt.id)
        self.assertEqual("REASON_PERMITTED", reason(outcome.receipt))
        self.assertEqual(0, len(outcome.status))
        now = self.centre.receipt(m.header.id)
        self.assertEqual(pb.VERDICT_ACCEPTED, now.verdict)
        self.assertEqual("REASON_PERMITTED", reason(now))
        late = self.act("approvals", "refuse", subject, officer="daejeon-city-center/park")
        self.assertEqual(1, late.returncode)
        waiting.close()
        outcomes.close()

    def test_a_citizens_request_is_entered_masked_and_granted_by_two_officers(self):
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))).strftime("%Y-%m-%d")
        masked = self.gateway.path("masked.mp4")
        with open(masked, "wb") as f:
            f.write(b"with everybody else's face covered")
        asks = ["--camera", "dj-3028", "--from", "2026-11-20T21:00:00+09:00", "--until", "2026-11-20T21:30:00+09:00"]
        opened = self.act("request", "open", *asks, "2026-481", "data-subject", officer="daejeon-city-center/choi", why="a fall on the stairs")
        self.assertEqual(0, opened.returncode, opened.stderr)
        self.assertIn("subject: request 2026-481 by data-subject received " + today, opened.stdout)
        about = "camera dj-3028, 2026-11-20T21:00:00+09:00 to 2026-11-20T21:30:00+09:00: a fall on the stairs"
        self.assertIn("reason: " + about, opened.stdout)
        decide = ["request", "decide", "2026-481", "granted-in-part"]
        early = self.act(*decide, officer="daejeon-city-center/choi")
        self.assertEqual((1, True), (early.returncode, "nobody has stated the masked file yet" in early.stderr), early.stderr)
        stated = self.act("request", "mask", "2026-481", masked, officer="daejeon-city-center/jung")
        self.assertEqual(0, stated.returncode, stated.stderr)
        first = self.act(*decide, officer="daejeon-city-center/choi", why="another person's way home is cut out")
        self.assertIn("another officer has to act as well", first.stdout)
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        with open(masked, "rb") as f:
            digest = "sha256:" + hashlib.sha256(f.read()).hexdigest()
        item = next(x for x in self.listed("request") if x["number"] == "2026-481")
        self.assertEqual(("granted-in-part", digest, about), (item["outcome"], item["masked"], item["about"]))
        self.assertTrue(item["due"].endswith("T23:59:59+09:00"))
        self.assertEqual(0, self.act(*decide, officer="daejeon-gateway-operator/seo").returncode)
        self.assertNotIn("2026-481", [x["number"] for x in self.listed("request")])
        said = [x["detail"] for x in self.gateway.leaves() if "request 2026-481" in x.get("detail", "")]
        self.assertFalse([x for x in said if "dj-3028" in x or "stairs" in x], "the log knows what was asked for")
        until = time.monotonic() + 20  # the log's files have an entry a moment later
        while True:
            made = self.gateway.ctl("audit", "register", "requests", "--log", self.gateway.path("audit"), "--format", "csv", "--lang", "en")
            if "granted in part" in made.stdout or time.monotonic() > until:
                break
            time.sleep(0.1)
        self.assertIn('"2026-481","who is to be seen on it (PIPA 35)","%s"' % today, made.stdout)
        self.assertIn('"granted in part","daejeon-city-center/choi, daejeon-gateway-operator/seo"', made.stdout)

    def test_a_text_is_signed_elsewhere_with_minisign_and_is_good_once(self):
        _, m, subject = self.held_answer()
        text = self.gateway.path("act-%s.txt" % subject)
        printed = self.ctl("approvals", "refuse", subject, "--officer", "daejeon-city-center/choi", "--reason", "not the right incident",
                           "--print", text)
        self.assertEqual(0, printed.returncode, printed.stderr)
        with open(text) as f:
            self.assertIn("reason: not the right incident\n", f.read())
        key = self.key("choi")
        subprocess.run(["minisign", "-S", "-s", key, "-m", text], check=True, capture_output=True)
        sent = self.ctl("approvals", "refuse", "--signature", text + ".minisig")
        self.assertEqual(0, sent.returncode, sent.stderr)
        self.assertEqual("REASON_APPROVAL_REFUSED", reason(self.centre.receipt(m.header.id)))
        replay = self.ctl("approvals", "refuse", "--signature", text + ".minisig")
        self.assertEqual(1, replay.returncode)
        self.assertIn("used already", replay.stderr)

    def test_a_text_that_was_changed_and_a_foreign_key_are_refused(self):
        _, _, subject = self.held_answer()
        text = self.gateway.path("changed-%s.txt" % subject)
        self.ctl("approvals", "refuse", subject, "--officer", "daejeon-city-center/choi", "--reason", "no", "--print", text)
        edit(text, "act: refuse", "act: approve")
        subprocess.run(["minisign", "-S", "-s", self.key("choi"), "-m", text], check=True, capture_output=True)
        self.assertEqual(1, self.ctl("approvals", "approve", "--signature", text + ".minisig").returncode)
        stolen = self.act("approvals", "approve", subject, officer="daejeon-city-center/choi", key="yoon")
        self.assertEqual(1, stolen.returncode)
        self.assertIn("not this officer's", stolen.stderr)
        foreign = self.act("approvals", "approve", subject, officer="daejeon-gateway-operator/yoon")
        self.assertEqual(1, foreign.returncode)
        self.assertIn("may not decide this", foreign.stderr)
        self.assertIn(subject, [x["subject"] for x in self.listed("approvals")])
        refusals = [x["detail"] for x in self.gateway.leaves_of(lambda x: x["event"] == "act-refused" and subject in x.get("detail", ""))]
        self.assertEqual(1, len(refusals))
        self.assertIn("why=bad-signature", refusals[0])

    def test_a_doubtful_number_waits_in_quarantine(self):
        incident = new_incident(self.fire)
        report = incident_report(self.fire, incident, type="fire", service="119-dispatch", purpose="fire-response")
        self.fire.publish(report)
        m = self.traffic.message("119-dispatch", "fire-response", incident=incident, to=["daejeon-fire/119-control"])
        m.traffic_info.segment.add(id="R-1", speed_kmh=301)
        receipt = self.traffic.publish(m)[0]
        self.assertEqual(pb.VERDICT_HELD, receipt.verdict)
        self.assertEqual("REASON_QUARANTINED", reason(receipt))
        self.assertIn("speed_kmh", receipt.recipient[0].failed)
        subject = "%d-0" % receipt.record.index
        shown = self.ctl("quarantine", "show", subject)
        self.assertEqual(0, shown.returncode, shown.stderr)
        self.assertIn("traffic_info.segment[0].speed_kmh: 0 to 300", shown.stdout)
        self.assertNotIn("301", shown.stdout, "nothing out of the message")
        subscription = self.fire.subscribe("quarantine", kind=["traffic_info"])
        self.assertTrue(subscription.is_empty())
        released = self.act("quarantine", "release", subject, officer="daejeon-gateway-operator/yoon")
        self.assertEqual(0, released.returncode, released.stderr)
        delivery, message = subscription.next()
        subscription.ack(delivery)
        self.assertEqual(301, message.traffic_info.segment[0].speed_kmh)
        self.assertEqual([pb.REASON_OUT_OF_RANGE], list(delivery.flag))
        subscription.close()

    def test_an_emergency_is_delivered_and_reviewed_by_two(self):
        incident = new_incident(self.police)
        m = video_request(self.police, incident)
        m.header.emergency.reason_code, m.header.emergency.reason = "life-at-stake", "a person is in the water"
        m.header.actor.staff_ref, m.header.actor.role = "p-417", "duty-officer"
        m.header.actor.workstation, m.header.actor.authenticated_by = "w1", "smartcard"
        receipts = self.police.publish(incident_report(self.police, incident), m)
        self.assertEqual("REASON_PERMITTED_EMERGENCY", reason(receipts[1]))
        subject = "%d-0" % receipts[1].record.index
        item = next(x for x in self.listed("emergencies") if x["subject"] == subject)
        self.assertEqual(2, item["persons"])
        self.assertEqual(0, self.act("emergencies", "review", subject, officer="daejeon-gateway-operator/yoon").returncode)
        self.assertIn(subject, [x["subject"] for x in self.listed("emergencies")])
        self.assertEqual(0, self.act("emergencies", "review", subject, officer="daejeon-gateway-operator/seo").returncode)
        self.assertNotIn(subject, [x["subject"] for x in self.listed("emergencies")])

    def test_one_officer_suspends_within_a_second_and_two_resume(self):
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        self.police.publish(incident_report(self.police, incident))

        def frames():
            yield video_start(self.centre, incident, stream)
            for chunk in clip_frames():
                yield pb.VideoFrame(data=chunk)
                time.sleep(0.1)

        sending = self.centre.send_video(frames())
        self.assertTrue(next(sending).HasField("opened"))
        watching = self.police.watch(watch_request(stream))
        self.assertTrue(next(watching).HasField("start"))
        began = time.monotonic()
        suspended = self.act("suspend", "grant", "molit-npa-2015#onsite-live-video", officer="daejeon-gateway-operator/han")
        self.assertEqual(0, suspended.returncode, suspended.stderr)
        ended = [f for f in watching if f.HasField("end")]
        self.assertLess(time.monotonic() - began, PROMPTLY)
        self.assertEqual(pb.REASON_SUSPENDED, ended[0].end.why.reason)
        self.assertEqual(["grant molit-npa-2015#onsite-live-video"], [x["subject"] for x in self.listed("suspensions")])
        words = ("resume", "grant", "molit-npa-2015#onsite-live-video")
        self.assertIn("another officer", self.act(*words, officer="daejeon-gateway-operator/han").stdout)
        self.assertEqual(1, self.act(*words, officer="daejeon-gateway-operator/han").returncode)
        self.assertIn("resume: done", self.act(*words, officer="daejeon-gateway-operator/yoon").stdout)
        self.assertEqual([], self.listed("suspensions"))
        unknown = self.act("suspend", "unit", "npa-daejeon/nobody", officer="daejeon-gateway-operator/han")
        self.assertEqual(1, unknown.returncode)

    def test_a_dismissed_officer_acts_no_more(self):
        _, _, subject = self.held_answer()
        parties = self.gateway.path("policy", "inventory", "parties.yaml")
        with open(parties) as f:
            before = f.read()
        edit(parties, ", jung: {role: privacy-officer, key: jung.pub}", "")
        edit(self.gateway.path("policy", "set.yaml"), "serial: 1", "serial: 2")
        self.gateway.sign()
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")
        self.gateway.wait_for("set=new")
        refused = self.act("approvals", "approve", subject, officer="daejeon-city-center/jung")
        self.assertEqual(1, refused.returncode)
        self.assertIn("no such officer", refused.stderr)
        with open(parties, "w") as f:
            f.write(before)
        edit(self.gateway.path("policy", "set.yaml"), "serial: 2", "serial: 3")
        self.gateway.sign()
        self.gateway.reload()
        self.gateway.wait_for("set=new")
        self.assertEqual(0, self.act("approvals", "approve", subject, officer="daejeon-city-center/jung").returncode)

    def test_tables_are_for_people_in_both_languages(self):
        _, _, subject = self.held_answer()
        english = self.gateway.ctl("approvals", "list", "--socket", self.socket, "--lang", "en")
        korean = self.gateway.ctl("approvals", "list", "--socket", self.socket, "--lang", "ko")
        self.assertTrue(english.stdout.startswith("subject "))
        self.assertTrue(korean.stdout.startswith("대상"))
        self.assertTrue(any(line.startswith(subject) and "+09:00" in line and "0/2" in line for line in english.stdout.splitlines()))
        self.assertEqual(1, self.gateway.ctl("approvals", "show", "7-7", "--socket", self.socket).returncode)
        self.assertEqual(3, self.gateway.ctl("approvals", "list", "--socket", self.socket + "x").returncode)
        self.assertEqual(2, self.gateway.ctl("approvals", "list").returncode)


if __name__ == "__main__":
    unittest.main()

"""The test bench of the shipped set, played as packaging/answer/ has it, on a gateway on which real units do their work: neither sees the other."""
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

from contract import Unit, clip_frames, example_alert, incident_report, new_incident, pb, reason, video_request, video_start, watch_request
from gateway import BIN, ROOT, Gateway

CARRIER, DESK, ROOM, POLICE = ("carrier-hana/guardian-service", "daejeon-city-center/protection-desk", "daejeon-city-center/video-monitoring",
                               "npa-daejeon/112-control")
REAL = (CARRIER, DESK, ROOM, POLICE, "daejeon-fire/119-control", "npa-daejeon/112-duty")
BENCH = ("test-112/control", "test-112/duty", "test-carrier/service", "test-centre/desk", "test-centre/room")
DEVELOPER, OF_112, OF_CENTRE = "test-carrier/developer", "test-112/developer", "test-centre/developer"
WITHIN = 60


def test(m):
    """The same message, as TEST."""
    m.header.status = pb.STATUS_TEST
    return m


def developers_alert(unit, **more):
    """What a developer's client sends: a subject of the bench's carrier, with a consent that names the bench's centre."""
    m = test(example_alert(unit, **more))
    m.guardian_alert.subject.party = "test-carrier"
    m.guardian_alert.consent.recipient[:] = ["test-centre"]
    return m


def is_bench(unit):
    return unit.startswith("test-")


def reasons():
    """The names of message/reasons.def by which a message is refused."""
    with open(os.path.join(ROOT, "gateway", "message", "reasons.def")) as f:
        rows = re.findall(r"^X\((\w+), ", f.read(), re.M)
    return [name for name in rows if name not in ("UNSPECIFIED", "PERMITTED", "PERMITTED_EMERGENCY")]


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.close)
        cls.bench = subprocess.Popen([os.path.join(ROOT, "tests/demo/play-bench"), cls.gateway.folder, str(cls.gateway.port)],
                                     env=dict(os.environ, BIN=BIN), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        cls.addClassCleanup(cls.end_bench)
        cls.units = {name: Unit(cls.gateway, name) for name in REAL + (DEVELOPER, OF_112, OF_CENTRE)}
        for unit in cls.units.values():
            cls.addClassCleanup(unit.close)

    @classmethod
    def end_bench(cls):
        if cls.bench.poll() is None:
            os.killpg(cls.bench.pid, signal.SIGTERM)
        cls.bench.wait(20)

    @classmethod
    def tearDownClass(cls):
        cls.end_bench()
        assert cls.bench.returncode in (143, -signal.SIGTERM), "the bench did not end as told: %r" % cls.bench.returncode
        for unit in cls.units.values():
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()

    def accepted(self, unit, *messages):
        receipts = self.units[unit].publish(*messages)
        self.assertEqual([(pb.VERDICT_ACCEPTED, m.header.status) for m in messages], [(r.verdict, r.status) for r in receipts], receipts)
        return receipts

    def take_until(self, queue, kind, wanted=lambda m: True):
        """The first message of this kind; all before it are acknowledged, and of the same status."""
        while True:
            m = queue.take(WITHIN)
            self.assertEqual(pb.STATUS_TEST, m.header.status)
            if m.WhichOneof("body") == kind and wanted(m):
                return m

    def sees_nothing_of_each_other(self):
        """Of all that is on record: what is TEST is between units of the bench and the gateway, and they have nothing else."""
        seen = {True: 0, False: 0}
        for x in self.gateway.leaves():
            if x["event"] == "received" and x["recipients"][0]["reason"] not in ("permitted", "permitted-emergency"):
                continue    # one that was refused
            for unit in [x.get("source")] + [r["unit"] for r in x.get("recipients", ())]:
                if not unit or "/" not in unit or unit.startswith("gateway/") or "status" not in x:
                    continue
                self.assertEqual(is_bench(unit), x["status"] == "test", x)
                seen[is_bench(unit)] += 1
        self.assertLess(0, min(seen.values()), "there is something on either side")

    # ---------------------------------------------------------------- a carrier's client

    def test_a_developers_alert_is_answered_by_the_bench_while_a_real_one_goes_its_way(self):
        queues = {name: self.units[name].subscribe() for name in REAL + (DEVELOPER,)}
        played, real = developers_alert(self.units[DEVELOPER]), example_alert(self.units[CARRIER])
        self.accepted(DEVELOPER, played)
        receipt = self.accepted(CARRIER, real)[0]
        self.assertEqual([DESK], [r.to for r in receipt.recipient])
        of_played, of_real = "test-centre/desk:" + played.guardian_alert.alert_id, DESK + ":" + real.guardian_alert.alert_id
        # the bench sends 112, and the carrier hears who got the position
        for kind, unit in (("dispatch_request", "test-centre/desk"), ("dispatch_answer", "test-112/control")):
            leaf = self.gateway.leaves_of(lambda x, kind=kind: x["event"] == "released" and x.get("kind") == kind and of_played in x.get("incidents", ()))[0]
            self.assertEqual((unit, "test"), (leaf["source"], leaf["status"]))
        notice = self.take_until(queues[DEVELOPER], "provision_notice")
        self.assertEqual("test-centre/desk", notice.provision_notice.recipient)
        # it is asked for a position by 112's duty desk, and gives it
        asked = self.take_until(queues[DEVELOPER], "location_request")
        self.assertEqual("test-112/duty", asked.header.source)
        position = test(self.units[DEVELOPER].message("vulnerable-persons", "life-rescue", "kr/location/29", evidence={"emergency-call": "TEST-1"}))
        position.location_update.subject.party, position.location_update.subject.ref = "test-carrier", "s-1"
        p = position.location_update.position
        p.latitude, p.longitude, p.origin = 36.3504, 127.3845, pb.POSITION_ORIGIN_LIA_29
        self.assertEqual(["test-112/duty"], [r.to for r in self.accepted(DEVELOPER, position)[0].recipient])
        found = developers_alert(self.units[DEVELOPER], phase=pb.ALERT_PHASE_FOUND, id=played.guardian_alert.alert_id, incident=of_played)
        self.accepted(DEVELOPER, found)
        self.gateway.leaves_of(lambda x: x["event"] == "incident-ended" and of_played in x.get("incidents", ()))
        # what is real stayed among who is real
        m = queues[DESK].take(WITHIN)
        while m.WhichOneof("body") != "guardian_alert" or m.guardian_alert.alert_id != real.guardian_alert.alert_id:
            m = queues[DESK].take(WITHIN)
        self.assertEqual(CARRIER, m.header.source)
        self.assertIn(of_real, self.gateway.ctl("incidents", "--json", "--socket", self.gateway.path("data", "control.sock")).stdout)
        for name in REAL:
            while not queues[name].is_empty(0.2):
                pass
            queues[name].close()
        queues[DEVELOPER].close()
        self.sees_nothing_of_each_other()

    def test_no_real_queue_gets_a_test_and_no_queue_of_the_bench_what_is_real(self):
        queues = {name: self.units[name].subscribe() for name in REAL}
        self.accepted(DEVELOPER, *[developers_alert(self.units[DEVELOPER]) for _ in range(20)])
        self.accepted(CARRIER, *[example_alert(self.units[CARRIER]) for _ in range(20)])
        # Whatever a real unit says as TEST, and the bench in earnest, reaches nobody.
        crossed = [(CARRIER, test(example_alert(self.units[CARRIER]))), (DEVELOPER, example_alert(self.units[DEVELOPER])),
                   (POLICE, test(incident_report(self.units[POLICE], new_incident(self.units[POLICE])))),
                   (OF_112, incident_report(self.units[OF_112], new_incident(self.units[OF_112])))]
        for name, m in crossed:
            receipt = self.units[name].publish(m)[0]
            self.assertEqual((pb.VERDICT_REFUSED, "REASON_STATUS_NOT_LIVE"), (receipt.verdict, reason(receipt)), (name, receipt))
        addressed = test(example_alert(self.units[CARRIER]))
        addressed.header.to.append("test-centre/desk")
        self.assertEqual("REASON_NO_GRANT", reason(self.units[CARRIER].publish(addressed)[0]))
        got = 0
        for queue in queues.values():
            while not queue.is_quiet(0.5):
                m = queue.take()
                self.assertEqual(pb.STATUS_ACTUAL, m.header.status, m)
                self.assertFalse(is_bench(m.header.source), m)
                got += 1
            queue.close()
        self.assertLess(0, got, "real queues had what is real")
        self.sees_nothing_of_each_other()

    def test_each_reason_of_the_table_comes_as_asked_for(self):
        names = reasons()
        self.assertEqual(set("REASON_" + n for n in names) | {"REASON_UNSPECIFIED", "REASON_PERMITTED", "REASON_PERMITTED_EMERGENCY"},
                         set(pb.Reason.keys()), "the table and the contract name the same")
        alerts = [developers_alert(self.units[DEVELOPER]) for _ in names]
        for m, name in zip(alerts, names):
            m.header.test_wish = pb.Reason.Value("REASON_" + name)
        receipts = self.units[DEVELOPER].publish(*alerts, timeout=WITHIN)
        self.assertEqual([(pb.VERDICT_REFUSED, pb.STATUS_TEST, "test-centre/desk", "REASON_" + name) for name in names],
                         [(r.verdict, r.status, r.recipient[0].to, reason(r)) for r in receipts])
        wished = {m.guardian_alert.alert_id for m in alerts}
        self.assertFalse([x for x in self.gateway.leaves() if x["event"] == "released" and any(i.split(":")[1] in wished for i in x.get("incidents", ()))])
        real = example_alert(self.units[CARRIER])
        real.header.test_wish = pb.REASON_QUEUE_FULL
        self.assertEqual("REASON_OUT_OF_RANGE", reason(self.units[CARRIER].publish(real)[0]), "in earnest nobody may ask for it")

    # ---------------------------------------------------------------- the clients of 112 and of a centre

    def test_112s_developer_watches_the_benchs_video(self):
        unit, incident = self.units[OF_112], new_incident(self.units[OF_112])
        queue = unit.subscribe()
        self.accepted(OF_112, test(incident_report(unit, incident)))
        self.assertEqual(["test-centre/room"], [r.to for r in self.accepted(OF_112, test(video_request(unit, incident)))[0].recipient])
        self.assertEqual(["dj-3028"], list(self.take_until(queue, "video_answer").video_answer.camera_id))
        notice = self.take_until(queue, "stream_notice", lambda m: incident in m.header.incident_id)
        watch = unit.watch(watch_request(notice.stream_notice.stream_id))
        start = next(watch)
        self.assertEqual(pb.STATUS_TEST, start.start.header.status)
        data = b"".join(f.data for f in watch)
        self.assertEqual((b"G", 0), (data[:1], len(data) % 188), "it is a transport stream")
        queue.close()
        ended = self.gateway.leaves_of(lambda x: x["event"] == "watch-ended" and incident in x.get("incidents", ()))[0]
        self.assertEqual("test", ended["status"])

    def test_the_bench_asks_a_centres_developer_for_video_and_watches_it(self):
        unit = self.units[OF_CENTRE]
        queue = unit.subscribe()
        asked = self.take_until(queue, "video_request")
        queue.close()
        incident, stream = asked.header.incident_id[0], str(uuid.uuid4())
        self.assertTrue(incident.startswith("test-112/control:"))
        start = video_start(unit, incident, stream)
        start.start.header.status = pb.STATUS_TEST

        def frames():
            yield start
            for chunk in clip_frames():
                yield pb.VideoFrame(data=chunk)
                time.sleep(0.02)

        controls = unit.send_video(frames(), timeout=WITHIN)
        opened = next(controls).opened
        self.assertEqual((pb.VERDICT_ACCEPTED, pb.STATUS_TEST), (opened.verdict, opened.status), opened)
        list(controls)
        ended = self.gateway.leaves_of(lambda x: x["event"] == "watch-ended" and x["source"] == OF_CENTRE)[0]
        self.assertEqual(("test", ["test-112/control"]), (ended["status"], [r["unit"] for r in ended["recipients"]]))
        self.assertRegex(ended["detail"], r"bytes=[1-9]")

    def test_a_developer_asks_the_benchs_carrier_for_a_position(self):
        unit = self.units[OF_112]
        queue = unit.subscribe("positions", kind=["location_update"])
        m = test(unit.message("vulnerable-persons", "life-rescue", "kr/location/29", evidence={"emergency-call": "112-7"}))
        m.header.actor.staff_ref = "p-1"
        m.location_request.ground, m.location_request.call_id = pb.LOCATION_GROUND_CALLER, "112-7"
        m.location_request.phone_number = "010-0000-0000"
        self.assertEqual(["test-carrier/service"], [r.to for r in self.accepted(OF_112, m)[0].recipient])
        self.assertEqual("test-carrier/service", self.take_until(queue, "location_update").header.source)
        queue.close()

    # ---------------------------------------------------------------- as printed

    def test_what_readme_says_of_the_bench_is_so(self):
        """The commands of README's "Connecting an agency", as printed, by a developer's certificate."""
        with open(os.path.join(ROOT, "README.md")) as f:
            printed = re.search(r"how a city runs a drill of all services on the gateway that it uses\.\n\n((?: {7}.*\n)+)", f.read()).group(1)
        commands = [line.split("  #")[0].strip() for line in printed.splitlines()]
        self.assertEqual(["sed", "fedgate-agent", "fedgate-agent", "fedgate-agent"], [c.split()[0] for c in commands])
        certificate, key = self.gateway.certificate(DEVELOPER)
        with tempfile.TemporaryDirectory(prefix="fedgate-bench-") as folder:
            os.symlink(os.path.join(ROOT, "tests"), os.path.join(folder, "tests"))
            env = dict(os.environ, PATH=BIN + ":" + os.environ["PATH"], FEDGATE_GATEWAY="localhost:%d" % self.gateway.port,
                       FEDGATE_ROOT=self.gateway.root, FEDGATE_CERTIFICATE=certificate, FEDGATE_KEY=key, LC_ALL="C.UTF-8")
            done = [subprocess.run(c, shell=True, cwd=folder, env=env, text=True, capture_output=True) for c in commands]
        self.assertEqual([0, 0, 1, 0], [r.returncode for r in done], [r.stderr + r.stdout for r in done])
        self.assertIn("VERDICT_ACCEPTED", done[1].stdout)
        self.assertIn("REASON_RATE_EXCEEDED", done[2].stdout)

    # ---------------------------------------------------------------- registers and statistics

    def reports(self):
        """Every register and the statistics, as made of the log so far."""
        said = []
        for words in (("register", "location"), ("register", "out-of-purpose"), ("register", "personal-video"), ("statistics",)):
            r = self.gateway.ctl("audit", *words, "--log", self.gateway.path("audit"), "--policy", self.gateway.path("policy"), "--lang", "en",
                                 "--format", "json")
            self.assertEqual(0, r.returncode, r.stderr)
            said.append(r.stdout)
        return said

    def delivered(self, sender, m, incident):
        """An alert is sent and on record as delivered."""
        self.accepted(sender, m)
        self.gateway.leaves_of(lambda x: x["event"] == "released" and x.get("kind") == "guardian_alert" and incident in x.get("incidents", ()))

    def deliver_real(self):
        m = example_alert(self.units[CARRIER])
        queue = self.units[DESK].subscribe()
        self.delivered(CARRIER, m, DESK + ":" + m.guardian_alert.alert_id)
        queue.close()

    def test_registers_and_statistics_count_what_is_real_alone(self):
        self.deliver_real()
        before = self.reports()
        m = developers_alert(self.units[DEVELOPER], consent="")
        self.assertEqual(pb.VERDICT_REFUSED, self.units[DEVELOPER].publish(m)[0].verdict)
        m = developers_alert(self.units[DEVELOPER])
        self.delivered(DEVELOPER, m, "test-centre/desk:" + m.guardian_alert.alert_id)
        self.assertEqual(before, self.reports(), "a test changes nothing in them")
        self.deliver_real()
        after = self.reports()
        self.assertNotEqual(before[0], after[0], "what is real is in the register of locations")
        self.assertNotEqual(before[3], after[3], "what is real is in the statistics")
        self.assertNotRegex("".join(after), r"test-(112|centre|carrier)")


if __name__ == "__main__":
    unittest.main()

"""fedgatectl at a running gateway: what is there, and what an operator may do with it."""
import json
import os
import queue
import re
import subprocess
import threading
import time
import unittest
import uuid

import grpc

from contract import Unit, incident_report, new_incident, pb, reason, video_request, video_start, watch_request
from gateway import Gateway, edit
from raw import Raw
from test_services import clip_frames

TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00$"
SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3


class Health:
    """The health service of gRPC, by its two messages' bytes: field 1 of each."""

    def __init__(self, unit):
        self.unit = unit

    @staticmethod
    def request(service):
        name = service.encode()
        return b"" if not name else b"\x0a" + bytes([len(name)]) + name

    @staticmethod
    def status(answer):
        return answer[1] if answer else 0

    def check(self, service=""):
        call = self.unit.channel.unary_unary("/grpc.health.v1.Health/Check", request_serializer=self.request,
                                             response_deserializer=self.status)
        return call(service, timeout=10)

    def watch(self, service=""):
        call = self.unit.channel.unary_stream("/grpc.health.v1.Health/Watch", request_serializer=self.request,
                                              response_deserializer=self.status)
        return call(service, timeout=60)


class Ctl(unittest.TestCase):
    change = None

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(cls.change)
        cls.socket = cls.gateway.path("data", "control.sock")
        cls.police = Unit(cls.gateway, "npa-daejeon/112-control")
        cls.centre = Unit(cls.gateway, "daejeon-city-center/video-monitoring")

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.police, cls.centre):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def ctl(self, *words, lang="en"):
        return self.gateway.ctl(*words, "--socket", self.socket, "--lang", lang)

    def listed(self, *words):
        r = self.ctl(*words, "--json")
        self.assertEqual(0, r.returncode, r.stderr)
        return [json.loads(line) for line in r.stdout.splitlines()]


class Looks(Ctl):
    def test_status_tells_edge_and_ledger(self):
        self.police.publish(incident_report(self.police, new_incident(self.police)))
        status = self.listed("status")[0]
        self.assertTrue(status["serves"])
        self.assertGreaterEqual(status["edge"]["sessions"], 1)
        self.assertGreaterEqual(status["ledger"]["incidents"], 1)
        self.assertGreaterEqual(status["ledger"]["entries"], 3)
        self.assertEqual("daejeon", status["ledger"]["set"])
        self.assertRegex(status["edge"]["since"], TIME)
        self.assertRegex(status["ledger"]["signed"], TIME)
        self.assertIn("in service", self.ctl("status").stdout)
        self.assertIn("서비스 중", self.ctl("status", lang="ko").stdout)

    def test_status_tells_what_waits_in_each_lane(self):
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        self.police.publish(video_request(self.police, incident))  # urgent, and nobody reads the queue that it is for
        status = self.listed("status")[0]
        lane = {x["lane"]: x for x in status["lanes"]}
        self.assertEqual(["urgent", "normal", "bulk"], [x["lane"] for x in status["lanes"]])
        for count in "waiting", "unacknowledged":
            self.assertEqual(status["ledger"][count], sum(x[count] for x in lane.values()))
        for x in lane.values():
            self.assertEqual(x["waiting"] > 0, "oldest" in x)
        self.assertGreater(lane["urgent"]["waiting"], 0)
        self.assertRegex(lane["urgent"]["oldest"], TIME)
        parties = self.listed("parties")
        for count, of_all in (("waiting", status["ledger"]["waiting"]), ("urgent", lane["urgent"]["waiting"])):
            self.assertEqual(of_all, sum(x[count] for x in parties))
        self.assertRegex(self.ctl("status", lang="ko").stdout, r"(?m)^urgent +%d " % lane["urgent"]["waiting"])

    def test_status_tells_every_role(self):
        status = self.listed("status")[0]
        role = {r["role"]: r for r in status["roles"]}
        self.assertEqual({"supervisor", "keeper", "ledger", "edge", "console"}, set(role))
        self.assertEqual((0, "off"), (role["console"]["pid"], role["console"]["reason"]))  # it is not switched on here
        self.assertEqual(self.gateway.process.pid, role["supervisor"]["pid"])
        for name in ("keeper", "ledger", "edge"):
            self.assertEqual(self.gateway.pid_of(name), role[name]["pid"])
            self.assertRegex(role[name]["since"], TIME)
            self.assertRegex(role[name]["shutIn"], r"^landlock=\d+ calls=\d+ memory=locked$")
            self.assertEqual(0, role[name]["restarts"])
            self.assertNotIn("reason", role[name])
        self.assertRegex(self.ctl("status").stdout, r"(?m)^keeper +%d " % role["keeper"]["pid"])
        self.assertRegex(self.ctl("status", lang="ko").stdout, r"(?m)^역할 +프로세스 ")
        self.assertNotIn("roles", self.listed("health")[0])

    def test_sessions_are_listed_with_their_certificates(self):
        self.police.publish(incident_report(self.police, new_incident(self.police)))
        mine = self.listed("sessions", "--of", "npa-daejeon/112-control")
        self.assertEqual({"npa-daejeon/112-control"}, {s["unit"] for s in mine})
        self.assertEqual("127.0.0.1", mine[0]["address"])
        self.assertRegex(mine[0]["since"], TIME)
        self.assertEqual(self.gateway.fingerprint("npa-daejeon/112-control"), mine[0]["certificate"])
        self.assertEqual([], self.listed("sessions", "--of", "daejeon-fire"))
        self.assertIn("nothing", self.ctl("sessions", "--of", "daejeon-fire").stdout)

    def test_a_stream_is_listed_while_it_runs(self):
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        self.police.publish(incident_report(self.police, incident))
        frames = Gate([video_start(self.centre, incident, stream)])
        controls = self.centre.send_video(frames)
        self.assertEqual("REASON_PERMITTED", pb.Reason.Name(next(controls).opened.recipient[0].reason))
        watching = self.police.watch(watch_request(stream))
        next(watching)
        row = next(s for s in self.listed("streams") if s["stream"] == stream)
        self.assertEqual("daejeon-city-center/video-monitoring", row["unit"])
        self.assertEqual(incident, row["incident"])
        self.assertEqual(1, row["watchers"])
        self.assertEqual("stream-opened", self.gateway.leaf(row["record"])["event"])
        frames.end()
        list(controls)
        watching.cancel()
        self.assertNotIn(stream, [s["stream"] for s in self.listed("streams")])

    def test_incidents_are_listed_until_they_end(self):
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        row = next(i for i in self.listed("incidents") if i["incident"] == incident)
        self.assertEqual(("robbery", "npa-daejeon/112-control", False), (row["type"], row["owner"], row["emergency"]))
        close = self.police.message("112-onsite-video", "crime-response", incident=incident)
        close.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        self.police.publish(close)
        self.assertNotIn(incident, [i["incident"] for i in self.listed("incidents")])
        ended = next(i for i in self.listed("incidents", "--all") if i["incident"] == incident)
        self.assertRegex(ended["ended"], TIME)

    def test_parties_are_listed_with_what_waits_for_them(self):
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        party = {p["party"]: p for p in self.listed("parties")}
        self.assertGreaterEqual(party["npa-daejeon"]["sessions"], 1)
        self.assertEqual(0, party["daejeon-fire"]["sessions"])
        before = party["daejeon-city-center"]["waiting"]
        self.police.publish(video_request(self.police, incident))
        self.assertEqual(before + 1, self.listed("parties", "--of", "daejeon-city-center")[0]["waiting"])

    def test_a_wrong_socket_is_told(self):
        r = self.gateway.ctl("health", "--socket", self.gateway.path("nothing.sock"))
        self.assertEqual(3, r.returncode)
        self.assertIn("is it the control socket of a gateway that runs?", r.stderr)
        self.assertEqual(2, self.gateway.ctl("health").returncode)

    def test_the_health_service_of_grpc_answers_every_party(self):
        health = Health(self.police)
        self.assertEqual(SERVING, health.check())
        self.assertEqual(SERVING, health.check("fedgate.v1.ExchangeService"))
        with self.assertRaises(grpc.RpcError) as refused:
            health.check("fedgate.v1.Exchange")
        self.assertEqual(grpc.StatusCode.NOT_FOUND, refused.exception.code())
        watch = health.watch("no.such.Service")
        self.assertEqual(SERVICE_UNKNOWN, next(watch))
        watch.cancel()


PRIVACY = ("daejeon-city-center/park", "daejeon-city-center/choi")


def appoint(folder):
    """A second privacy officer beside park, with a key that minisign made."""
    subprocess.run(["minisign", "-G", "-W", "-f", "-p", os.path.join(folder, "policy", "inventory", "keys", "choi.pub"),
                    "-s", os.path.join(folder, "signing", "choi.key")], check=True, capture_output=True)
    edit(os.path.join(folder, "policy", "inventory", "parties.yaml"), "park: {role: privacy-officer, key: park.pub}",
         "park: {role: privacy-officer, key: park.pub}, choi: {role: privacy-officer, key: choi.pub}")


class Bars(Ctl):
    change = staticmethod(appoint)

    def act(self, *words, officer=PRIVACY[0], why="a test of this act"):
        key = self.gateway.path("signing", officer.split("/")[1] + ".key")
        return self.ctl(*words, "--officer", officer, "--reason", why, "--key", key)

    def done(self, *words, **more):
        r = self.act(*words, **more)
        self.assertEqual(0, r.returncode, r.stdout + r.stderr)
        return int(re.search(r"\(record (\d+)\)", r.stdout).group(1))

    def lift(self, *subject):
        for officer in PRIVACY:
            self.done("resume", *subject, officer=officer)

    def recorded(self, detail):
        """How many entries of the log say so."""
        return sum(detail in x.get("detail", "") for x in self.gateway.leaves())

    def farewell(self, unit):
        """What a new connection of this unit is told at its end."""
        raw = Raw(self.gateway, unit)
        told = raw.farewell()
        raw.close()
        return told

    def request(self):
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        m = video_request(self.police, incident)
        self.assertEqual("REASON_PERMITTED", reason(self.police.publish(m)[0]))
        return m.header.id

    def test_a_suspended_party_is_cut_off_with_the_reason_until_two_officers_lift_it(self):
        kept = self.request()
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        self.police.publish(incident_report(self.police, incident))
        frames = Gate([video_start(self.centre, incident, stream)])
        controls = self.centre.send_video(frames)
        next(controls)
        watching = self.police.watch(watch_request(stream))
        next(watching)
        waiting = self.centre.subscribe("bars", kind=["feedback"])
        self.assertTrue(waiting.is_empty())
        subject = ("party", "daejeon-city-center")
        reach = self.listed("suspend", "--dry-run", *subject)[0]
        self.assertGreaterEqual(reach["sessions"], 1)
        self.assertEqual(1, reach["streams"])
        self.assertGreaterEqual(reach["waiting"], 1)

        record = self.done("suspend", *subject)
        self.assertIn("subject=\"party daejeon-city-center\" officer=daejeon-city-center/park", self.gateway.leaf(record)["detail"])
        # The stream ends for who watches it and for who sends it, each with the reason.
        ends = [f.end.why.reason for f in watching if f.HasField("end")]
        self.assertEqual([pb.REASON_PARTY_SUSPENDED], ends)
        self.assertEqual(pb.REASON_PARTY_SUSPENDED, next(c.stop.why.reason for c in controls if c.HasField("stop")))
        delivery, error = waiting.arrived.get(timeout=30)
        self.assertIsNone(delivery)
        self.assertIn("party-suspended: officers have suspended this agency", error.details())
        # New sessions are told so and end; the others' go on.
        self.assertIn(b"party-suspended", self.farewell("daejeon-city-center/video-monitoring"))
        row = self.listed("parties", "--of", "daejeon-city-center")[0]
        self.assertRegex(row["suspended"], TIME)
        waits = row["waiting"]
        self.assertGreaterEqual(waits, 1)
        self.assertEqual(SERVING, Health(self.police).check())
        again = self.act("suspend", *subject)
        self.assertEqual(1, again.returncode)
        self.assertIn("it is suspended already", again.stderr)

        # kill -9 of everything, and a policy set that is read again: it stays, and so does what waits.
        self.gateway.kill_all()
        self.gateway.start()
        self.assertIn(b"party-suspended", self.farewell("daejeon-city-center/video-monitoring"))
        self.assertEqual(waits, self.listed("parties", "--of", "daejeon-city-center")[0]["waiting"])

        self.done("resume", *subject, officer=PRIVACY[0])
        alone = self.act("resume", *subject, officer=PRIVACY[0])
        self.assertEqual(1, alone.returncode)
        self.assertIn("a second person has to", alone.stderr)
        self.assertIn(b"party-suspended", self.farewell("daejeon-city-center/video-monitoring"))
        self.done("resume", *subject, officer=PRIVACY[1])
        back = self.centre.subscribe()
        seen = []
        while kept not in seen:
            seen.append(back.take().header.id)
        back.close()
        self.assertEqual(1, self.act("resume", *subject).returncode)
        events = [x for x in self.gateway.leaves() if x["event"] == "withheld"]
        self.assertEqual([], events, "what waited was not lost")

    def test_a_revoked_certificate_ends_its_sessions_and_begins_none(self):
        unit = Unit(self.gateway, "daejeon-fire/119-control")
        waiting = unit.subscribe("bars")
        self.assertTrue(waiting.is_empty())
        fingerprint = self.gateway.fingerprint("daejeon-fire/119-control")
        subject = ("certificate", fingerprint)
        self.assertEqual(1, self.listed("revoke", "--dry-run", *subject)[0]["sessions"])
        self.done("revoke", *subject)
        delivery, error = waiting.arrived.get(timeout=30)
        self.assertIsNone(delivery)
        self.assertIn("certificate-revoked: an officer has revoked this certificate", error.details())
        self.assertIn(b"certificate-revoked", self.farewell("daejeon-fire/119-control"))
        self.gateway.kill_role("edge")
        self.gateway.wait_for("in-service")
        self.assertIn(b"certificate-revoked", self.farewell("daejeon-fire/119-control"))
        self.assertIn("certificate " + fingerprint, [s["subject"] for s in self.listed("suspensions", "list")])
        self.lift(*subject)
        self.assertEqual(SERVING, Health(unit).check())
        unit.close()

    def test_a_name_that_nobody_has_is_refused(self):
        for words in (("suspend", "party", "npa"), ("suspend", "party", "npa-daejeon/112-control"), ("revoke", "certificate", "00ff"),
                      ("suspend", "certificate", "0" * 64), ("revoke", "party", "npa-daejeon")):
            r = self.act(*words)
            self.assertEqual(1, r.returncode, words)
            self.assertIn("has no such grant, unit or party", r.stderr)
        self.assertEqual(2, self.ctl("suspend", "--dry-run", "something", "else").returncode)

    def test_a_suspension_on_its_way_survives_a_ledger_that_is_killed(self):
        taken = 0
        for _ in range(3):
            acting = threading.Thread(target=self.act, args=("suspend", "party", "daejeon-tax"))
            acting.start()
            self.gateway.kill_role("ledger")
            acting.join()
            self.gateway.wait_for("in-service")
            suspended = "suspended" in self.listed("parties", "--of", "daejeon-tax")[0]
            told = [s["subject"] for s in self.listed("suspensions", "list")]
            self.assertEqual(suspended, "party daejeon-tax" in told)
            taken += suspended
            until = time.monotonic() + 20
            while self.recorded("act=suspend subject=\"party daejeon-tax\"") != taken:
                self.assertLess(time.monotonic(), until, "the log tells another number of acts than the ledger did")
                time.sleep(0.05)
            if suspended:
                self.lift("party", "daejeon-tax")


class Operators(Ctl):
    """Each has a gateway of its own where it ends one."""

    def order(self, *words, why="planned work", operator="seo"):
        return self.ctl(*words, "--reason", why, "--operator", operator)

    def operated(self, record):
        leaf = self.gateway.leaf(record)
        self.assertEqual("operated", leaf["event"])
        return leaf["detail"]

    def test_a_reload_tells_whether_the_set_was_accepted(self):
        serial = self.listed("status")[0]["ledger"]["serial"]
        manifest = self.gateway.path("policy", "set.yaml")
        edit(manifest, "serial: %d" % serial, "serial: %d" % (serial + 1))
        self.gateway.sign()
        good = self.order("reload")
        self.assertEqual(0, good.returncode, good.stderr)
        record = int(re.search(r"\(record (\d+)\)", good.stdout).group(1))
        self.assertEqual('act=reload subject="policy" operator=seo effect=done', self.operated(record))
        self.assertEqual(serial + 1, self.listed("status")[0]["ledger"]["serial"])
        edit(manifest, "serial: %d" % (serial + 1), "serial: %d" % serial)
        self.gateway.sign()
        stale = self.order("reload")
        self.assertEqual(1, stale.returncode)
        self.assertIn("the new set is refused, and the running one stays: stale", stale.stderr)
        self.assertEqual(serial + 1, self.listed("status")[0]["ledger"]["serial"])
        edit(manifest, "serial: %d" % serial, "serial: %d" % (serial + 2))
        self.gateway.sign()
        self.assertEqual(0, self.order("reload").returncode)

    def test_sessions_are_cut_and_their_units_connect_again(self):
        waiting = self.centre.subscribe("operators")
        self.assertTrue(waiting.is_empty())
        self.assertGreaterEqual(self.listed("cut", "--dry-run", "daejeon-city-center")[0]["sessions"], 1)
        cut = self.order("cut", "daejeon-city-center")
        self.assertEqual(0, cut.returncode, cut.stderr)
        self.assertRegex(cut.stdout, r"cut: done \(record \d+\), [1-9]\d* sessions")
        delivery, error = waiting.arrived.get(timeout=30)
        self.assertIsNone(delivery)
        self.assertIn("an operator ended this session: connect again", error.details())
        self.assertEqual(SERVING, Health(self.centre).check())
        self.assertIn(", 0 sessions", self.order("cut", "daejeon-fire").stdout)

    def test_who_and_why_have_to_be_told(self):
        for words, expected in ((("--operator", "two words", "--reason", "x"), "an operator is named by one word"),
                                (("--operator", "seo", "--reason", "two\nlines"), "a reason is one line"),
                                (("--operator", "seo", "--reason", ""), "a reason is one line")):
            r = self.ctl("reload", *words)
            self.assertEqual(1, r.returncode)
            self.assertIn(expected, r.stderr)
        self.assertEqual(2, self.ctl("reload").returncode)
        self.assertEqual(2, self.ctl("cut", "--reason", "x").returncode)
        self.assertEqual(2, self.ctl("drain", "--reason", "x", "--within", "soon").returncode)

    def test_an_edge_that_is_killed_under_a_reload_leaves_an_answer(self):
        asking = {}
        thread = threading.Thread(target=lambda: asking.update(r=self.order("reload")))
        thread.start()
        self.gateway.kill_role("edge")
        thread.join(60)
        self.assertIn(asking["r"].returncode, (0, 1))
        self.gateway.wait_for("in-service")


class Drains(Ctl):
    def setUp(self):
        self.gateway = Gateway()
        self.socket = self.gateway.path("data", "control.sock")
        self.police = Unit(self.gateway, "npa-daejeon/112-control")
        self.centre = Unit(self.gateway, "daejeon-city-center/video-monitoring")

    def tearDown(self):
        for unit in (self.police, self.centre):
            unit.close()
        self.gateway.stop()
        self.gateway.verify()
        self.gateway.close()

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def drain(self, *words):
        return self.ctl("drain", "--reason", "planned work", "--operator", "seo", *words)

    def waiting_request(self):
        """A message for the centre, which has it in hand and has not acknowledged it."""
        incident = new_incident(self.police)
        self.police.publish(incident_report(self.police, incident))
        self.police.publish(video_request(self.police, incident))
        subscription = self.centre.subscribe(kind=["video_request"])
        delivery, _ = subscription.next()
        return subscription, delivery

    def test_what_is_in_hand_is_waited_for_and_then_the_gateway_ends(self):
        subscription, delivery = self.waiting_request()
        self.assertEqual(1, self.listed("drain", "--dry-run")[0]["deliverable"])
        acknowledging = threading.Timer(2.5, subscription.ack, args=(delivery,))
        acknowledging.start()
        drained = self.drain("--within", "30 seconds")
        self.assertEqual(0, drained.returncode, drained.stdout + drained.stderr)
        self.assertIn("waiting: 1 deliveries for who is connected", drained.stdout)
        self.gateway.ended()
        self.assertEqual(0, self.gateway.process.returncode)
        self.gateway.start()
        self.assertEqual(0, self.listed("parties", "--of", "daejeon-city-center")[0]["waiting"])

    def test_what_nobody_takes_in_time_stays_for_the_next_start(self):
        self.waiting_request()
        late = self.drain("--within", "1 second")
        self.assertEqual(1, late.returncode, late.stdout)
        self.assertIn("some deliveries still wait: they stay on disk", late.stderr)
        self.gateway.ended()
        self.gateway.start()
        self.assertEqual(1, self.listed("parties", "--of", "daejeon-city-center")[0]["waiting"])

    def test_a_drained_gateway_that_stays_takes_nothing(self):
        watch = Health(self.police).watch()
        self.assertEqual(SERVING, next(watch))
        self.assertEqual(0, self.drain("--stay").returncode)
        self.assertEqual(NOT_SERVING, next(watch))
        watch.cancel()
        self.assertEqual(1, self.ctl("health").returncode)
        self.assertTrue(self.listed_status()["edge"]["draining"])
        with self.assertRaises(grpc.RpcError) as refused:
            self.police.publish(incident_report(self.police, new_incident(self.police)))
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, refused.exception.code())
        self.assertIn("the gateway is being drained", refused.exception.details())
        again = self.drain()
        self.assertEqual(1, again.returncode)
        self.assertIn("being drained already", again.stderr)
        # A new edge is told as well; with a new ledger the drain is over.
        self.gateway.kill_role("edge")
        self.gateway.wait_for("draining")
        self.assertEqual(1, self.ctl("health").returncode)
        self.gateway.kill_role("ledger")
        self.gateway.wait_for("in-service")
        self.assertEqual(0, self.ctl("health").returncode)
        again = Unit(self.gateway, self.police.name)
        self.gateway.leaf(again.publish(incident_report(again, new_incident(again)))[0].record.index)
        again.close()
        self.assertEqual(1, sum("act=drain" in x.get("detail", "") for x in self.gateway.leaves()), "the second drain was not recorded")

    def listed_status(self):
        return json.loads(self.ctl("status", "--json").stdout)


class Restarts(Ctl):
    def roles(self):
        return {r["role"]: r for r in self.listed("status")[0]["roles"]}

    def test_status_tells_how_a_role_ended_and_that_it_runs_again(self):
        before = self.roles()
        for role in ("keeper", "edge", "ledger"):
            self.gateway.kill_role(role)
            self.gateway.wait_for("in-service") if role != "keeper" else None
            until, now = time.monotonic() + 20, {}
            while now.get(role, {}).get("shutIn") is None:  # it was told of its start, and not yet of its door
                self.assertLess(time.monotonic(), until, now)
                r = self.ctl("status", "--json")
                now = {x["role"]: x for x in json.loads(r.stdout)["roles"]} if r.stdout else {}
                time.sleep(0.02)
            self.assertEqual("signal 9", now[role]["reason"])
            self.assertEqual(before[role]["restarts"] + 1, now[role]["restarts"])
            self.assertEqual(self.gateway.pid_of(role), now[role]["pid"])
            self.assertRegex(now[role]["ended"], TIME)
            for other in set(before) - {role}:
                self.assertEqual((before[other]["pid"], before[other]["restarts"]), (now[other]["pid"], now[other]["restarts"]), other)
            before = now

    def test_health_follows_a_ledger_that_is_away(self):
        watch = Health(self.police).watch()
        self.assertEqual(SERVING, next(watch))
        self.assertEqual(0, self.ctl("health").returncode)
        self.gateway.kill_role("ledger")
        self.assertEqual(NOT_SERVING, next(watch))
        self.gateway.wait_for("in-service")
        self.assertEqual(SERVING, next(watch))
        watch.cancel()
        self.assertEqual(0, self.ctl("health").returncode)


class Gate:
    """Frames of a stream that goes on until it is told to end."""

    def __init__(self, frames):
        self.queue = queue.Queue()
        for frame in frames:
            self.queue.put(frame)
        for chunk in clip_frames():
            self.queue.put(pb.VideoFrame(data=chunk))

    def end(self):
        self.queue.put(None)

    def __iter__(self):
        return self

    def __next__(self):
        frame = self.queue.get()
        if frame is None:
            raise StopIteration
        return frame


if __name__ == "__main__":
    unittest.main()

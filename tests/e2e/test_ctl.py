"""fedgatectl at a running gateway: what is there, and what an operator may do with it."""
import json
import queue
import unittest
import uuid

import grpc

from contract import Unit, incident_report, new_incident, pb, video_start, watch_request
from gateway import Gateway
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
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
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
        self.assertIn("in service", self.ctl("status").stdout)
        self.assertIn("서비스 중", self.ctl("status", lang="ko").stdout)

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
        request = self.police.message("112-onsite-video", "crime-response", incident=incident)
        request.video_request.around.point.add(latitude=36.3504, longitude=127.3845)
        request.video_request.max_streams = 1
        self.police.publish(request)
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


class Restarts(Ctl):
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

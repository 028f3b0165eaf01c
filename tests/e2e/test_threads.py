"""Four worker threads under everything at once: alerts of many connections, a stream with many watchers, connections that come and
go, policy sets that come into force, keys that are destroyed under what waits, and the incident's end. Built with SANITIZE=thread
(make tsan) it also looks for what two threads do to one thing."""
import os
import threading
import time
import unittest
import uuid

import grpc

from contract import Unit, clip_frames, incident_report, new_incident, pb, reason, video_request, video_start, watch_request
from gateway import Gateway

POLICE, CENTRE = "npa-daejeon/112-control", "daejeon-city-center/video-monitoring"
WORKERS, WATCHERS, PUBLISHERS, BATCHES = 4, 8, 6, 12


class Watching(threading.Thread):
    """Watches until the stream ends; what it saw, and why it ended."""

    def __init__(self, gateway, stream):
        super().__init__(daemon=True)
        self.unit, self.stream, self.seen, self.end = Unit(gateway, POLICE), stream, 0, None
        self.start()

    def run(self):
        for frame in self.unit.watch(watch_request(self.stream), timeout=120):
            self.seen += len(frame.data)
            self.end = frame.end if frame.HasField("end") else None
        self.unit.close()


class Publishing(threading.Thread):
    """Publishes batch after batch; some messages live two seconds only."""

    def __init__(self, gateway, incident):
        super().__init__(daemon=True)
        self.unit, self.incident, self.accepted, self.short, self.faults = Unit(gateway, POLICE), incident, set(), set(), []
        self.start()

    def batch(self):
        for i in range(20):
            m = video_request(self.unit, self.incident)
            if i % 5 == 0:
                m.header.destroy_by.FromNanoseconds(time.time_ns() + 2_000_000_000)
                self.short.add(m.header.id)
            yield m

    def run(self):
        for _ in range(BATCHES):
            messages = list(self.batch())
            for m, receipt in zip(messages, self.unit.publish(*messages, timeout=60)):
                if receipt.id != m.header.id or receipt.verdict != pb.VERDICT_ACCEPTED:
                    self.faults.append((receipt.id, reason(receipt)))
                self.accepted.add(m.header.id)
        self.unit.close()


class Threads(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(workers=WORKERS)
        self.police, self.centre = Unit(self.gateway, POLICE), Unit(self.gateway, CENTRE)
        self.over = threading.Event()
        self.visits = 0

    def tearDown(self):
        self.over.set()
        self.police.close()
        self.centre.close()
        self.gateway.close()

    def film(self, incident, stream):
        yield video_start(self.centre, incident, stream)
        while not self.over.is_set():
            for chunk in clip_frames():
                if self.over.is_set():
                    return
                yield pb.VideoFrame(data=chunk)
                time.sleep(0.005)

    def come_and_go(self):
        while not self.over.is_set():
            unit = Unit(self.gateway, POLICE)
            try:
                unit.publish(incident_report(unit, new_incident(unit)), timeout=60)
                self.visits += 1
            except grpc.RpcError:  # a machine that is slow enough lets it wait for SETTINGS for too long
                pass
            unit.close()

    def close_incident(self, incident):
        close = self.police.message("112-onsite-video", "crime-response", incident=incident)
        close.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(close, timeout=60)[0].verdict)

    def thread_names(self):
        tasks = "/proc/%d/task" % self.gateway.pid_of("edge")
        names = []
        for task in os.listdir(tasks):
            with open(os.path.join(tasks, task, "comm")) as f:
                names.append(f.read().strip())
        return names

    def test_everything_at_once_on_four_workers(self):
        for name in ["edge-door"] + ["edge-worker-%d" % (i + 1) for i in range(WORKERS)]:
            self.assertIn(name, self.thread_names())
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(incident_report(self.police, incident))[0].verdict)
        controls = self.centre.send_video(self.film(incident, stream), timeout=120)
        self.assertEqual(pb.VERDICT_ACCEPTED, next(controls).opened.verdict)
        reader = self.centre.subscribe("everything")
        slow = self.centre.subscribe("slow")  # never acknowledges, so that messages wait for it until their keys go
        visitor = threading.Thread(target=self.come_and_go, daemon=True)
        visitor.start()
        watching = [Watching(self.gateway, stream) for _ in range(WATCHERS)]
        publishing = [Publishing(self.gateway, incident) for _ in range(PUBLISHERS)]
        seen = set()
        reloads = 0
        while any(p.is_alive() for p in publishing):
            delivery, message = reader.next(30)
            seen.add(message.header.id)
            reader.ack(delivery)
            if len(seen) // 100 > reloads:
                reloads += 1
                self.gateway.reload()
                self.gateway.wait_for("policy-in-force", 60)
        self.assertEqual([], [fault for p in publishing for fault in p.faults])
        wanted = set().union(*(p.accepted - p.short for p in publishing))
        until = time.monotonic() + 60
        while not wanted <= seen and time.monotonic() < until:
            delivery, message = reader.next(30)
            seen.add(message.header.id)
            reader.ack(delivery)
        self.assertEqual(set(), wanted - seen, "not delivered")
        self.close_incident(incident)
        for w in watching:
            w.join(30)
            self.assertFalse(w.is_alive(), "a watch did not end with its incident")
            self.assertGreater(w.seen, 0)
            self.assertEqual("REASON_PURPOSE_FULFILLED", pb.Reason.Name(w.end.why.reason))
        self.over.set()
        self.assertEqual("REASON_PURPOSE_FULFILLED", pb.Reason.Name(list(controls)[-1].stop.why.reason))
        visitor.join(60)
        reader.close()
        slow.close()
        self.assertGreater(reloads, 1)
        self.assertGreater(self.visits, 1)
        self.assertEqual(0, self.gateway.stop())
        self.gateway.verify()
        self.assertEqual([], [line for line in self.gateway.log if "ThreadSanitizer" in line or "role-ended" in line])


if __name__ == "__main__":
    unittest.main()

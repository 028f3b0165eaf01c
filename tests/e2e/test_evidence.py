"""What a watcher was sent is on record by its SHA-256, as the clause asks: computed here with another library, from what came."""
import hashlib
import os
import re
import subprocess
import threading
import time
import unittest
import uuid

from contract import Unit, clip_frames, incident_report, new_incident, pb, video_start, watch_request
from gateway import Gateway, edit


def evidence(folder):
    """112's live video has its digest on record; 119's has not."""
    edit(os.path.join(folder, "policy", "mou", "molit-npa-2015.yaml"), "resolution: 1920x1080, audio: refuse}\n",
         "resolution: 1920x1080, audio: refuse}\n    stream_digest: sha256\n")


class Evidence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(evidence)
        cls.police = Unit(cls.gateway, "npa-daejeon/112-control")
        cls.centre = Unit(cls.gateway, "daejeon-city-center/video-monitoring")

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.police, cls.centre):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def send(self, go_on):
        """A stream of the clip, again and again until told to stop: its id."""
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        self.police.publish(incident_report(self.police, incident))

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
        self.sending = controls
        return stream

    def leaf(self, event, record, within=30):
        until = time.monotonic() + within
        while time.monotonic() < until:
            for x in self.gateway.leaves():
                if x["event"] == event and x.get("refers") == record:
                    return x
            time.sleep(0.2)
        raise AssertionError("no entry %s of %d" % (event, record))

    def test_two_watchers_who_begin_at_different_pictures_each_find_on_record_what_they_got(self):
        go_on = threading.Event()
        stream = self.send(go_on)
        watches, came, ends = [], [b"", b""], [None, None]
        for i, bytes_before_the_next in enumerate((400000, 200000)):
            watches.append(self.police.watch(watch_request(stream)))
            while len(came[i]) < bytes_before_the_next:
                came[i] += next(watches[i]).data
        go_on.set()
        for i, watch in enumerate(watches):
            for frame in watch:
                came[i] += frame.data
                ends[i] = frame
        list(self.sending)
        self.assertNotEqual(came[0], came[1])
        for data, end in zip(came, ends):
            digest = hashlib.sha256(data)
            self.assertEqual((len(data), digest.digest()), (end.end.bytes, end.end.sha256))
            detail = self.leaf("watch-ended", end.end.record.index)["detail"]
            self.assertRegex(detail, "^bytes=%d .* sha256=%s$" % (len(data), digest.hexdigest()))

    def test_an_auditor_checks_a_recording_with_sha256sum(self):
        go_on = threading.Event()
        stream = self.send(go_on)
        watch = self.police.watch(watch_request(stream))
        path = self.gateway.path("recording.ts")
        with open(path, "wb") as f:
            for frame in watch:
                f.write(frame.data)
                if f.tell() > 300000:
                    go_on.set()
        list(self.sending)
        self.leaf("watch-ended", frame.end.record.index)
        shown = self.gateway.ctl("audit", "show", "--log", self.gateway.path("audit"), "--event", "watch-ended", "--format", "jsonl")
        size, digest = re.search(r"bytes=(\d+) [^\n]* sha256=(\w+)", shown.stdout.splitlines()[-1]).groups()
        summed = subprocess.run("head -c %s %s | sha256sum" % (size, path), shell=True, text=True, capture_output=True, check=True).stdout
        self.assertEqual(digest, summed.split()[0])
        with open(path, "r+b") as f:   # a recording that was touched is not the one that was sent
            f.seek(1000)
            byte = f.read(1)
            f.seek(1000)
            f.write(bytes([byte[0] ^ 1]))
        summed = subprocess.run("head -c %s %s | sha256sum" % (size, path), shell=True, text=True, capture_output=True, check=True).stdout
        self.assertNotEqual(digest, summed.split()[0])

    def test_a_clause_that_does_not_ask_has_no_digest(self):
        fire, go_on = Unit(self.gateway, "daejeon-fire/119-control"), threading.Event()
        incident, stream = new_incident(fire), str(uuid.uuid4())
        fire.publish(incident_report(fire, incident, type="fire", service="119-dispatch", purpose="fire-response"))

        def frames():
            yield video_start(self.centre, incident, stream, camera="dj-3028", service="119-dispatch", purpose="fire-response")
            time.sleep(0.3)
            for chunk in clip_frames():
                if go_on.is_set():
                    return
                yield pb.VideoFrame(data=chunk)
                time.sleep(0.005)

        controls = self.centre.send_video(frames())
        self.assertEqual(pb.VERDICT_ACCEPTED, next(controls).opened.verdict)
        size = 0
        for frame in fire.watch(watch_request(stream, purpose="fire-response")):
            size += len(frame.data)
            if size > 100000:
                go_on.set()
        list(controls)
        self.assertEqual((size, b""), (frame.end.bytes, frame.end.sha256))
        self.assertNotIn("sha256", self.leaf("watch-ended", frame.end.record.index)["detail"])
        fire.close()


if __name__ == "__main__":
    unittest.main()

"""fedgate-agent between a camera that speaks RTSP and a wall of screens: RTSP in, RTSP and HLS out, with ffmpeg as its child, and a
browser that nobody changed."""
import functools
import http.server
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
import uuid

from camera import Camera
from test_agent import CENTRE, CLIP, HERE, PERMITTED, POLICE, ROAD, WATCH, AgentTest, lines

PAGE = b"""<!DOCTYPE html><video id=v muted autoplay src=/index.m3u8></video>
<script>v.ontimeupdate=()=>fetch("/at/"+v.currentTime+"/"+v.videoWidth);v.onerror=()=>fetch("/error/"+v.error.message)</script>"""


class Pages(http.server.SimpleHTTPRequestHandler):
    """The folder of HLS, a page that plays it, and what the page tells."""
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}

    def do_GET(self):
        if self.path.startswith(("/at/", "/error/")):
            self.server.told.append(self.path.split("/")[1:])
        if self.path == "/" or self.path.startswith(("/at/", "/error/")):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)
            return
        super().do_GET()

    def log_message(self, *_):
        pass


def wait_for(what, so, within=30):
    until = time.monotonic() + within
    while not so():
        if time.monotonic() > until:
            raise AssertionError("not within %d s: %s" % (within, what))
        time.sleep(0.05)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@unittest.skipIf(shutil.which("ffmpeg") is None, "there is no ffmpeg")
class Media(AgentTest):
    def camera(self, seconds):
        camera = Camera(CLIP, seconds)
        self.addCleanup(camera.close)
        return camera

    def send(self, incident, stream, *words):
        p = self.start(CENTRE, "send-video", "--camera", "dj-3028", "--incident", incident, "--stream", stream, *ROAD, *words)
        self.assertEqual(["opening", "opened"], [self.next_line(p)["event"] for _ in range(2)])
        return p

    def watch(self, stream, *words):
        p = self.start(POLICE, "watch-video", "--stream", stream, *WATCH, *words)
        opened = self.next_line(p)
        self.assertEqual("opened", opened["event"], opened)
        return p

    def pictures(self, path):
        r = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0", path],
                           text=True, capture_output=True, timeout=60)
        self.assertTrue(r.stdout.startswith("h264,"), r.stdout + r.stderr)
        return int(r.stdout.split()[0].split(",")[1])

    def test_a_camera_that_speaks_rtsp_is_watched_and_its_end_is_told(self):
        incident, stream, out = self.open_incident(), str(uuid.uuid4()), self.path("rtsp.ts")
        camera = self.camera(4)
        sender = self.send(incident, stream, "rtsp://viewer:s3cret@%s/1" % camera.address)
        watcher = self.watch(stream, "--output", out)
        self.assertEqual(HERE, sender.wait(30))
        self.assertIn("source-lost", [e["event"] for e in lines(sender.stdout.read().decode())])
        self.assertEqual(PERMITTED, watcher.wait(20))
        self.assertGreater(self.pictures(out), 20)
        self.assertEqual(1, camera.shown)

    def test_a_camera_that_is_lost_is_asked_again_while_the_stream_stays_open(self):
        incident, stream, out = self.open_incident(), str(uuid.uuid4()), self.path("again.ts")
        camera = self.camera(2)
        sender = self.send(incident, stream, "--reconnect", "rtsp://%s/1" % camera.address)
        watcher = self.watch(stream, "--output", out)
        wait_for("the camera was asked twice", lambda: camera.shown >= 2)
        before = os.path.getsize(out)
        wait_for("what it shows then arrives", lambda: os.path.getsize(out) > before + 300000)
        sender.send_signal(signal.SIGINT)
        self.assertEqual(130, sender.wait(20))
        self.assertEqual(PERMITTED, watcher.wait(20))

    def test_no_password_of_a_camera_is_told(self):
        incident = self.open_incident()
        p = self.start(CENTRE, "send-video", "--camera", "dj-3028", "--incident", incident, *ROAD,
                       "rtsp://viewer:s3cret@127.0.0.1:%d/1" % free_port())
        self.assertEqual(HERE, p.wait(30))
        said = p.stderr.read().decode()
        self.assertIn("ffmpeg: ", said)
        self.assertNotIn("s3cret", said + p.stdout.read().decode())

    def test_a_browser_plays_what_is_written_as_hls_and_nothing_of_it_is_left(self):
        chromium = shutil.which("chromium")
        if chromium is None:
            self.skipTest("there is no Chromium")
        incident, stream, folder = self.open_incident(), str(uuid.uuid4()), self.path("hls")
        sender = self.send(incident, stream, "--realtime", "--loop", CLIP)
        watcher = self.watch(stream, "--hls", folder)
        wait_for("a list of pieces", lambda: os.path.exists(os.path.join(folder, "index.m3u8")))
        self.assertEqual(0, os.stat(folder).st_mode & 0o007)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, directory=folder))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        server.told = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = subprocess.Popen([chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + self.path("profile"),
                                    "--autoplay-policy=no-user-gesture-required", "http://127.0.0.1:%d/" % server.server_address[1]],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(browser.wait)
        self.addCleanup(browser.kill)
        wait_for("a second of it is played", lambda: any(t[0] == "at" and float(t[1]) > 1 and t[2] == "768" for t in server.told), 60)
        self.assertEqual([], [t for t in server.told if t[0] == "error"])
        sender.send_signal(signal.SIGINT)
        self.assertEqual(PERMITTED, watcher.wait(20))
        self.assertEqual([], os.listdir(folder), "footage was left there")

    def test_a_server_of_a_control_room_is_handed_the_stream_by_rtsp(self):
        incident, stream, out, port = self.open_incident(), str(uuid.uuid4()), self.path("wall.h264"), free_port()
        wall = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-rtsp_flags", "listen", "-i", "rtsp://127.0.0.1:%d/wall" % port, "-c", "copy",
                                 "-f", "h264", out], stderr=subprocess.DEVNULL)
        self.addCleanup(wall.wait)
        self.addCleanup(wall.kill)
        time.sleep(0.5)  # it has no other way to say that it listens, and takes one connection only
        sender = self.send(incident, stream, "--realtime", "--loop", CLIP)
        watcher = self.watch(stream, "--output", "rtsp://127.0.0.1:%d/wall" % port)
        wait_for("the wall shows it", lambda: os.path.exists(out) and os.path.getsize(out) > 200000)
        sender.send_signal(signal.SIGINT)
        self.assertEqual(PERMITTED, watcher.wait(20))
        wall.wait(20)
        self.assertGreater(self.pictures(out), 10)

    def test_what_cannot_be_is_said_before_anything_is_sent(self):
        full = self.path("full")
        os.mkdir(full)
        open(os.path.join(full, "letter.txt"), "w").close()
        for words, code, says in ((["send-video", "--camera", "dj-3028", *ROAD, "--realtime", "rtsp://127.0.0.1/1"], 2, "for files"),
                                  (["send-video", "--camera", "dj-3028", *ROAD, "--sound", CLIP], 2, "for a camera"),
                                  (["watch-video", "--stream", str(uuid.uuid4()), *WATCH, "--hls", full, "--output", "x"], 2, "one or the other"),
                                  (["watch-video", "--stream", str(uuid.uuid4()), *WATCH, "--hls", full], HERE, "is not empty")):
            _, said = self.run_agent(CENTRE, *words, code=code)
            self.assertIn(says, said)
        self.assertEqual(["letter.txt"], os.listdir(full))


if __name__ == "__main__":
    unittest.main()

"""fedgate-agent between a camera that speaks RTSP and a wall of screens: RTSP in, RTSP and HLS out, with ffmpeg as its child, and a
browser that nobody changed."""
import functools
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest
import uuid

from camera import Camera
from gateway import free_port
from test_agent import CENTRE, CLIP, HERE, PERMITTED, POLICE, ROAD, WATCH, AgentTest, lines

# As a viewer's page is: what failed is asked for again. It tells each second how far it is.
PAGE = b"""<!DOCTYPE html><video id=v muted autoplay src=/index.m3u8></video><script>
const tell=(...what)=>fetch("/told/"+what.map(encodeURIComponent).join("/"));
setInterval(()=>tell("at",v.currentTime,v.videoWidth,v.readyState),1000);
v.onerror=()=>{tell("error",v.error.code,v.error.message);setTimeout(()=>v.load(),1000)}</script>"""


class Pages(http.server.SimpleHTTPRequestHandler):
    """The folder of HLS, a page that plays it, and what the page tells."""
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"}

    def do_GET(self):
        if self.path.startswith("/told/"):
            self.server.told.append(self.path.split("/")[2:])
        if self.path == "/" or self.path.startswith("/told/"):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)
            return
        super().do_GET()

    def log_message(self, *_):
        pass


def wait_for(what, so, within=60):
    until = time.monotonic() + within
    while not so():
        if time.monotonic() > until:
            raise AssertionError("not within %d s: %s" % (within, what))
        time.sleep(0.05)


def listens(port):
    """Without a connection: ffmpeg takes one only."""
    with open("/proc/net/tcp") as f:
        return any(row.split()[1].endswith(":%04X" % port) and row.split()[3] == "0A" for row in f)


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
        self.assertEqual(HERE, sender.wait(60))
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

    def serve(self, folder):
        """The folder and the page over HTTP."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, directory=folder))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        server.told = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def browse(self, server, within):
        """Whether Chromium plays more than a second of what the server has; else what it had to say."""
        log = self.path("browser-%d.log" % server.server_address[1])
        with open(log, "w") as out:
            browser = subprocess.Popen(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                                        "--autoplay-policy=no-user-gesture-required", "--user-data-dir=" + log + ".profile",
                                        "http://127.0.0.1:%d/" % server.server_address[1]], stdout=out, stderr=out)
        until = time.monotonic() + within
        try:
            while time.monotonic() < until:
                if any(t[0] == "at" and float(t[1]) > 1 and t[2] == "768" for t in list(server.told)):
                    return None
                time.sleep(0.1)
        finally:
            browser.kill()
            browser.wait()
        with open(log, errors="replace") as out:
            return "told: %s\n%s" % (server.told[-8:], out.read()[-2000:])

    def test_what_is_written_as_hls_is_played_and_nothing_of_it_is_left(self):
        incident, stream, folder = self.open_incident(), str(uuid.uuid4()), self.path("hls")
        sender = self.send(incident, stream, "--realtime", "--loop", CLIP)
        watcher = self.watch(stream, "--hls", folder)
        wait_for("a list of pieces", lambda: os.path.exists(os.path.join(folder, "index.m3u8")))
        self.assertEqual(0, os.stat(folder).st_mode & 0o007)
        server, out = self.serve(folder), self.path("played.h264")
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", "http://127.0.0.1:%d/index.m3u8" % server.server_address[1], "-t", "2", "-c", "copy",
                        "-f", "h264", out], check=True, timeout=120)
        self.assertGreater(self.pictures(out), 20)
        if shutil.which("chromium"):
            self.assert_a_browser_plays_it(server)
        sender.send_signal(signal.SIGINT)
        self.assertEqual(PERMITTED, watcher.wait(20))
        self.assertEqual([], os.listdir(folder), "footage was left there")

    def assert_a_browser_plays_it(self, server):
        """Or, with ffmpeg's own pieces of the same clip as a control, that this browser plays nothing of the kind on this machine."""
        said = self.browse(server, 90)
        if said is None:
            return
        control = self.path("control")
        os.mkdir(control)
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", CLIP, "-c", "copy", "-f", "hls", "-hls_list_size", "0",
                        os.path.join(control, "index.m3u8")], check=True, timeout=60)
        self.assertIsNotNone(self.browse(self.serve(control), 60), "Chromium plays HLS, but not the agent's:\n" + said)
        print("Chromium plays no HLS on this machine, so it did not judge the agent's: " + said, file=sys.stderr)

    def test_a_server_of_a_control_room_is_handed_the_stream_by_rtsp(self):
        incident, stream, out, port = self.open_incident(), str(uuid.uuid4()), self.path("wall.h264"), free_port()
        wall = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-rtsp_flags", "listen", "-i", "rtsp://127.0.0.1:%d/wall" % port, "-c", "copy",
                                 "-f", "h264", out], stderr=subprocess.DEVNULL)
        self.addCleanup(wall.wait)
        self.addCleanup(wall.kill)
        wait_for("the wall listens", lambda: listens(port))
        sender = self.send(incident, stream, "--realtime", "--loop", CLIP)
        watcher = self.watch(stream, "--output", "rtsp://127.0.0.1:%d/wall" % port)
        wait_for("the wall shows it", lambda: os.path.exists(out) and os.path.getsize(out) > 200000)
        sender.send_signal(signal.SIGINT)
        self.assertEqual(PERMITTED, watcher.wait(20))
        wall.wait(60)
        self.assertGreater(self.pictures(out), 10)

    def test_footage_is_removed_also_when_ffmpeg_fails(self):
        folder, programs = self.path("left"), self.path("bin")
        os.mkdir(programs)
        with open(os.path.join(programs, "ffmpeg"), "w") as f:
            f.write('#!/bin/sh\nfor last; do :; done\necho piece >"${last%/*}/000000001.ts"\ncat >/dev/null\nexit 1\n')
        os.chmod(os.path.join(programs, "ffmpeg"), 0o755)
        self.run_agent(POLICE, "watch-video", "--stream", str(uuid.uuid4()), *WATCH, "--hls", folder, code=HERE,
                       env={"PATH": programs + ":" + os.environ["PATH"]})
        self.assertEqual([], os.listdir(folder), "footage was left there")

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

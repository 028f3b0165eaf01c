"""The pages of proto/quickstart/, played as they are printed: a carrier and 112, with the city centre between them, on connections that
break."""
import os
import random
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

from gateway import BUILD, ROOT, edit

PAGES = os.path.join(ROOT, "proto", "quickstart")
CARRIER, POLICE, DESK = "carrier-hana/guardian-service", "npa-daejeon/112-control", "daejeon-city-center/protection-desk"
PATIENCE = 120


def limit_alerts(folder):
    """So few alerts a second that a carrier is told to wait."""
    edit(os.path.join(folder, "policy", "mou", "molit-carriers-2016.yaml"),
         "      origin: [lia-consent, device]\n    attend: {within: 60 seconds, else: daejeon-city-center/video-monitoring}\n    notify: {within: 10 minutes}\n"
         "    destroy: {starts_at: found, delay: 0 seconds}\n\n  - grant: dispatch-request",
         "      origin: [lia-consent, device]\n    limits: {messages_per_s: 1}\n    attend: {within: 60 seconds, else: daejeon-city-center/video-monitoring}\n"
         "    notify: {within: 10 minutes}\n    destroy: {starts_at: found, delay: 0 seconds}\n\n  - grant: dispatch-request")


class Cutter:
    """A road to the gateway on which connections break, without a word, after so many bytes, or (answers) so many of the gateway's; when
    `after` has no more, it holds."""

    def __init__(self, port, after, answers=False):
        self.gateway, self.after, self.cut, self.answers = port, iter(after), 0, answers
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            try:
                gateway = socket.create_connection(("127.0.0.1", self.gateway))
            except OSError:
                client.close()
                continue
            left = [next(self.after, None)]
            for source, sink, counted in ((client, gateway, [None] if self.answers else left), (gateway, client, left)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pump, args=(source, sink, counted), daemon=True).start()

    def _pump(self, source, sink, left):
        try:
            while part := source.recv(4096):
                if left[0] is not None:
                    left[0] -= len(part)
                    if left[0] < 0:
                        self.cut += 1
                        left[0] = 1 << 62
                        return self._break(source, sink)
                sink.sendall(part)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._break(source, sink)

    @staticmethod
    def _break(*sockets):
        for s in sockets:
            try:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                s.shutdown(socket.SHUT_RDWR)    # wakes the other direction
            except OSError:
                pass                            # it has ended by itself, or was broken by the other direction
            s.close()

    def close(self):
        self.socket.close()


class Page:
    """A page, unpacked into a folder of its own."""

    def __init__(self, gateway, name, env=None):
        self.folder = tempfile.TemporaryDirectory(prefix="fedgate-quickstart-")
        self.running = []
        for page in (os.path.join(PAGES, "README.md"), os.path.join(PAGES, name, "README.md")):
            subprocess.run([os.path.join(PAGES, "unpack"), page, self.folder.name], check=True)
        # Debian's python3 has Debian's grpcio; another one may stand before it.
        self.env = {**os.environ, "PATH": "/usr/bin:" + os.environ["PATH"], "FEDGATE_TREE": ROOT, "FEDGATE_DEV": gateway.folder,
                    "FEDGATE_BUILD": os.path.relpath(BUILD, ROOT), **(env or {})}
        self.env.pop("MAKEFLAGS", None)     # what the make around the tests was told is for that one
        self.port = gateway.port

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self, command, port=None, cwd=None):
        """One of the page's blocks of commands, in a terminal of its own."""
        env = dict(self.env, FEDGATE_GATEWAY="localhost:%d" % (port or self.port))
        said = open(self.path(command + ".said"), "w")
        script = '. "$1/env.sh"; . "$1/%s"' % command
        process = subprocess.Popen(["sh", "-eu", "-c", script, "sh", self.folder.name], cwd=cwd or self.folder.name, env=env, text=True,
                                   stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
        said.close()
        self.running.append(process)
        return process

    def said(self, command):
        with open(self.path(command + ".said")) as f:
            return f.read()

    def ends_well(self, command, process):
        """What it said."""
        try:
            code = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            code = "no end"
        assert code == 0, "%s: %s\n%s" % (command, code, self.said(command))
        return self.said(command)

    def run(self, command, **how):
        return self.ends_well(command, self.start(command, **how))

    def close(self):
        for process in self.running:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        self.folder.cleanup()


def assert_watched(case, path):
    """A file holds enough of the camera's video, as ffprobe reads it."""
    r = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", path], text=True, capture_output=True)
    case.assertIn("h264,768", r.stdout, r.stderr)
    case.assertLessEqual(100000, os.path.getsize(path))


class Story:
    """A mixin for tests of one page, with `gateway` of its own, changed by limit_alerts. The story is played once; each test looks at it."""
    page = None
    positions = 4
    env = None      # what tools of the page need

    @classmethod
    def play(cls):
        page = Page(cls.gateway, cls.page, cls.env)
        cls.addClassCleanup(page.close)
        cut_after = random.Random(7)
        cls.road = Cutter(cls.gateway.port, [cut_after.randrange(500, 9000) for _ in range(6)])
        cls.addClassCleanup(cls.road.close)
        if os.path.exists(page.path("setup")):
            page.run("setup")
        page.start("run-centre", cwd=ROOT)
        control = page.start("run-control")
        cls.carrier = page.run("run-carrier", port=cls.road.port)
        cls.control = page.ends_well("run-control", control)
        cls.unpacked = page
        cls.log = cls.whole_log()

    @classmethod
    def whole_log(cls):
        """What the gateway has on record, once that has what comes last: 112's receipt of destruction, and its closing of the incident."""
        until = time.monotonic() + PATIENCE
        while True:
            log = cls.gateway.leaves()
            last = {x["event"] for x in log if x.get("kind") == "incident_close" and x.get("source") == POLICE or x["event"] == "recipient-destroyed"}
            if len(last) > 1 or time.monotonic() > until:
                return log
            time.sleep(0.1)

    def entries(self, **wanted):
        return [x for x in self.log if all(x.get(key) == value for key, value in wanted.items())]

    def test_each_alert_is_released_once(self):
        """An alert, its positions and its end reach the centre once each, over connections that broke while they were sent."""
        self.assertLess(2, self.road.cut)
        self.assertEqual(2 + self.positions, len(self.entries(event="released", kind="guardian_alert")))

    def test_waits_when_told(self):
        """Sends again what the gateway wants to have later, under the same id, after the time that it was told."""
        self.assertNotEqual([], [x for x in self.entries(event="received", kind="guardian_alert") if "RATE" in str(x).upper()])

    def test_refusal(self):
        """A refusal is told by its reason: a person without consent."""
        self.assertIn("CONSENT_MISSING", self.carrier.upper().replace("-", "_"))

    def test_provision_notice(self):
        """Learns to whom a position went, and says that the guardian was told."""
        self.assertNotEqual([], self.entries(event="released", kind="notice_receipt"))

    def test_video(self):
        """Watches a camera into a file that ffprobe takes, until the incident is closed."""
        assert_watched(self, self.unpacked.path("video.ts"))
        self.assertNotEqual([], self.entries(event="received", kind="incident_close", source=POLICE))

    def test_order_of_destruction(self):
        """Destroys what it is ordered to, and its signed receipt holds."""
        self.assertEqual(1, len(self.entries(event="recipient-destroyed")))

"""A vault for a test: fedgate-agent vault of one unit's, in folders of its own."""
import json
import os
import shutil
import signal
import subprocess
import threading
import time

from contract import Unit, clip_frames, pb, video_start
from gateway import BIN, edit

AGENT = os.path.join(BIN, "fedgate-agent")
POLICE, CENTRE = "npa-daejeon/112-control", "daejeon-city-center/video-monitoring"
STAFF = "p-417"
ANSWER = "    answer: {by: [video_answer], within: 60 seconds, else: npa-daejeon/112-duty}\n"   # of the grant video-request, and then
DESTROY = "    destroy: {starts_at: incident-end, delay: 0 seconds"
UNIT = "      video-monitoring: {name: {en: Video monitoring room, ko: 영상관제실}"
DUTY = "112-duty:    {name: {en: 112 duty desk, ko: 112 상황실 당직}"   # gets it by `else`


def limited(folder):
    """The centre may open a request for video twice, without the gateway for a minute; and owes a receipt of its destruction. What
    is sent of a stream has its digest on record."""
    edit(os.path.join(folder, "policy", "mou", "molit-npa-2015.yaml"), ANSWER + DESTROY,
         ANSWER + "    limits: {uses: 2}\n    offline: {open_for: 1 minute}\n" + DESTROY + ", receipt_within: 1 hour, overdue: alarm")
    edit(os.path.join(folder, "policy", "mou", "molit-npa-2015.yaml"), "resolution: 1920x1080, audio: refuse}\n",
         "resolution: 1920x1080, audio: refuse}\n    stream_digest: sha256\n")
    give_receipt_key(folder, "centre", UNIT, "video-monitoring.pub")
    give_receipt_key(folder, "duty", DUTY, "112-duty.pub")


def give_receipt_key(folder, name, unit, file):
    subprocess.run([os.path.join(BIN, "fedgatectl"), "policy", "keygen", "--no-password", "--key", os.path.join(folder, name + ".key")],
                   check=True, stdout=subprocess.DEVNULL)
    shutil.copy(os.path.join(folder, name + ".pub"), os.path.join(folder, "policy", "inventory", "keys", file))
    edit(os.path.join(folder, "policy", "inventory", "parties.yaml"), unit, unit + ", receipt_key: " + file)


class Vault:
    """A vault of one unit's, in a folder of its own, with one person who may open."""

    def __init__(self, gateway, folder, unit=CENTRE, receipt_key="centre.key"):
        self.gateway, self.unit, self.receipt_key = gateway, unit, gateway.path(receipt_key)
        self.folder = folder
        self.clock = {}                                             # more of its environment
        self.items, self.keys, self.person = (os.path.join(folder, x) for x in ("items", "keys", "person.key"))
        self.running = None
        r = self.agent("init", "--unit", unit, "--log-key", gateway.path("audit.vkey"))
        assert r.returncode == 0, r.stderr
        subprocess.run([os.path.join(BIN, "fedgatectl"), "policy", "keygen", "--no-password", "--key", self.person], check=True,
                       stdout=subprocess.DEVNULL)
        with open(self.person[:-4] + ".pub") as f:
            key = f.read().splitlines()[1]
        path = os.path.join(self.keys, "persons")
        with open(path, "w") as f:
            f.write("# who may open\n%s duty-officer %s\n" % (STAFF, key))
            f.flush()
            os.fsync(f.fileno())
        os.chmod(path, 0o600)

    def environment(self, **more):
        certificate, key = self.gateway.certificate(self.unit)
        return dict(os.environ, FEDGATE_GATEWAY="127.0.0.1:%d" % self.gateway.port, FEDGATE_ROOT=self.gateway.root,
                    FEDGATE_CERTIFICATE=certificate, FEDGATE_KEY=key, FEDGATE_VAULT_ITEMS=self.items,
                    FEDGATE_VAULT_KEY_STORE=self.keys, **self.clock, **more)

    def agent(self, *words, **how):
        return subprocess.run([AGENT, "vault", *words], capture_output=True, text=True, timeout=30, env=self.environment(), **how)

    def run(self, *words):
        with open(os.path.join(self.folder, "events"), "a") as events:
            self.running = subprocess.Popen([AGENT, "vault", "run", "--reconnect", "--receipt-key", self.receipt_key, *words],
                                            env=self.environment(), stdout=events)

    def stop(self, how=signal.SIGTERM):
        if self.running is None:
            return
        self.running.send_signal(how)
        self.running.wait(20)
        self.running = None

    def list(self, *words):
        r = self.agent("list", "--json", *words)
        assert r.returncode == 0, r.stderr
        return [json.loads(line) for line in r.stdout.splitlines()]

    def open(self, record, *words, reason="case 2026-117"):
        return self.agent("open", str(record), "--reason", reason, "--person", self.person, *words)

    def wait_for(self, holds, within=15):
        """The list, once this holds of it."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            items = self.list("--all")
            if holds(items):
                return items
            time.sleep(0.1)
        raise AssertionError("the vault has %r" % items)


def film(gateway, incident, stream, seconds):
    """The centre's camera, for so long; a thread that sends."""
    centre = Unit(gateway, CENTRE)
    until = time.monotonic() + seconds

    def frames():
        yield video_start(centre, incident, stream)
        time.sleep(0.3)
        for chunk in clip_frames():
            if time.monotonic() > until:
                return
            yield pb.VideoFrame(data=chunk)
            time.sleep(0.02)
    opened = threading.Event()

    def work():
        for control in centre.send_video(frames()):
            if control.HasField("opened"):
                opened.set()
        centre.close()
    thread = threading.Thread(target=work)
    thread.start()
    assert opened.wait(10), "the gateway does not take the stream"
    return thread


def watching(stream):
    """What `vault run` is told to record it."""
    return "--watch", stream, "--purpose", "crime-response", "--basis", "kr/pipa/18-2-3", "--staff", STAFF, "--role", "duty-officer"

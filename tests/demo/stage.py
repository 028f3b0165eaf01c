"""The stage of the demonstration: a gateway, and the agencies' units, each of them fedgate-agent with its own certificate."""
import base64
import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from datetime import datetime, timezone

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from console import ConsoleGateway  # noqa: E402
from gateway import BIN  # noqa: E402

CLIP = os.path.join(ROOT, "tests", "data", "cctv-20s.ts")
PLACE = {"latitude": 36.3504, "longitude": 127.3845}
PATIENCE = 10.0  # seconds for anything that must come

GREEN, RED, DIM, BOLD, PLAIN = ("\033[32m", "\033[31m", "\033[2m", "\033[1m", "\033[0m") if sys.stdout.isatty() else ("",) * 5


def say(text):
    print(text, flush=True)


def now(seconds=0):
    return datetime.fromtimestamp(time.time() + seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def photo():
    with open(os.path.join(ROOT, "tests", "data", "message", "baseline.jpg"), "rb") as f:
        return base64.b64encode(f.read()).decode()


def told(unit, what, colour="", verdict="", details=()):
    """One line of what a unit did and what came of it; below it, why."""
    line = "  %-36s  %-50s" % (unit.name, what)
    say(line + "  %s%s%s" % (colour, verdict, PLAIN) if verdict else line.rstrip())
    for detail in details:
        say("  %36s  %s" % ("", detail))


def permits(recipient):
    """Who gets it under which clause; in an emergency also the condition that was passed over."""
    words = recipient["to"] + ": " + recipient["clause"]
    if recipient["reason"] == "REASON_PERMITTED_EMERGENCY":
        words += " in an emergency" + (", past " + recipient["failed"] if "failed" in recipient else "")
    return DIM + words + PLAIN


def because(recipient):
    """Why one recipient is refused: reason, clause, the condition that failed, the law's words."""
    parts = [recipient.get("to"), recipient["reason"].removeprefix("REASON_"), recipient.get("clause"), recipient.get("failed"),
             recipient.get("explanation")]
    return RED + ": ".join(p for p in parts if p) + PLAIN


def make_witness(folder, name):
    """An agency's key as a witness; its verifier key."""
    key = os.path.join(folder, "witness-" + name)
    subprocess.run([os.path.join(BIN, "fedgatectl"), "audit", "keygen", "--key", key + ".key", "--name", name + ".example/witness"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(key + ".vkey") as f:
        return f.read().strip()


class Stage:
    def __init__(self, folder, change):
        self.folder, self.units = folder, {}
        os.makedirs(os.path.join(folder, "video"))
        say("Making keys, certificates and a policy set, and starting the gateway ...")
        self.gateway = ConsoleGateway(change, folder=folder)
        say("%sThe gateway listens on 127.0.0.1:%d; %s sends it real messages over mutual TLS.%s" % (
            DIM, self.gateway.port, "fedgate-agent", PLAIN))

    def service(self, number, name, about):
        say("\n%s%d. %s%s: %s" % (BOLD, number, name, PLAIN, about))

    def keys_destroyed(self):
        r = self.gateway.ctl("audit", "show", "--event", "destroyed", "--format", "jsonl", "--log", self.gateway.path("audit"))
        return sum(json.loads(line)["size"] for line in r.stdout.splitlines())

    def sees_keys_destroyed(self, before, what):
        """Within the seconds that the demonstration waits; the log says so."""
        until = time.monotonic() + PATIENCE
        while self.keys_destroyed() == before:
            assert time.monotonic() < until, "no key was destroyed"
            time.sleep(0.1)
        say("  %-36s  %-50s  %s" % ("the gateway", "destroys the keys of " + what, "%d erased" % (self.keys_destroyed() - before)))

    def acts(self, officer, what, *words):
        """An officer acts through the control socket, with a signature by the officer's own key."""
        r = self.gateway.ctl(*words, "--socket", self.gateway.path("data", "control.sock"), "--officer", officer, "--reason", what, "--key",
                             self.gateway.path("signing", officer.split("/")[1] + ".key"), "--lang", "en")
        assert r.returncode == 0, r.stdout + r.stderr
        say("  %-36s  %-50s  %s" % (officer, what, r.stdout.splitlines()[-1].split(" (record")[0]))

    def waiting(self, group):
        """The subjects that officers have to decide or review; there is one at least."""
        r = self.gateway.ctl(group, "list", "--socket", self.gateway.path("data", "control.sock"), "--json")
        assert r.returncode == 0 and r.stdout, r.stderr
        return [json.loads(line)["subject"] for line in r.stdout.splitlines()]

    def unit(self, name):
        if name not in self.units:
            self.units[name] = Unit(self, name)
        return self.units[name]

    def close(self):
        for unit in self.units.values():
            unit.close()
        self.gateway.stop()
        with open(os.path.join(self.folder, "gateway.log"), "w") as f:
            f.write("\n".join(self.gateway.log) + "\n")


class Unit:
    """One unit of an agency; it subscribes to its queue from the first."""

    def __init__(self, stage, name):
        self.stage, self.name = stage, name
        certificate, key = stage.gateway.certificate(name)
        self.environment = dict(os.environ, FEDGATE_GATEWAY="127.0.0.1:%d" % stage.gateway.port, FEDGATE_CERTIFICATE=certificate,
                                FEDGATE_KEY=key, FEDGATE_ROOT=stage.gateway.root)
        self.arrived, self.running = queue.Queue(), []
        self.said = open(os.path.join(stage.folder, "agents.log"), "a")
        self.subscription = self.agent("subscribe")
        threading.Thread(target=self.read, daemon=True).start()

    def agent(self, *words, **more):
        process = subprocess.Popen([os.path.join(BIN, "fedgate-agent"), *words, "--quiet"], env=self.environment, text=True,
                                   stdin=more.get("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE, stderr=self.said)
        self.running.append(process)
        return process

    def read(self):
        for line in self.subscription.stdout:
            self.arrived.put(json.loads(line))

    def close(self):
        for process in self.running:
            if process.poll() is None:
                process.terminate()
            process.wait(PATIENCE)
            process.stdout.close()
        self.said.close()

    # ---- messages

    def new_incident(self):
        return "%s:%s" % (self.name, uuid.uuid4())

    def send(self, what, header, kind, incident, body, expect="ACCEPTED"):
        """Publishes one message and shows its receipt, which must be as expected."""
        header = dict(header, **({"incidentId": [incident]} if incident else {}))
        self.sent_at = time.time()
        process = self.agent("publish", "-", stdin=subprocess.PIPE)
        out, _ = process.communicate(json.dumps({"header": header, kind: body}), timeout=PATIENCE)
        assert out, "%s: no receipt; %s tells why" % (what, self.said.name)
        receipt = json.loads(out)
        verdict = receipt["verdict"].removeprefix("VERDICT_")
        assert verdict == expect, "%s: %s, not %s: %s" % (what, verdict, expect, out)
        refused = [r for r in receipt["recipient"] if not r["reason"].startswith("REASON_PERMITTED")]
        permitted = [r for r in receipt["recipient"] if r["reason"].startswith("REASON_PERMITTED")]
        told(self, what, GREEN if permitted else RED, verdict.lower(), [permits(r) for r in permitted] + [because(r) for r in refused])
        return receipt

    def receive(self, kind):
        """The next delivery, which must be of this kind; that an earlier stream is over, what became of a message, and orders that were
        not asked for are passed by."""
        while True:
            delivery = self.arrived.get(timeout=PATIENCE)
            message = delivery["message"]
            if "outcome" in message or "streamNotice" in message and not message["streamNotice"].get("open") or \
                    "destructionOrder" in message and kind != "destructionOrder":
                continue
            assert kind in message, "a %s was expected: %s" % (kind, list(message))
            self.taken = delivery
            return message[kind]

    def replying(self, header):
        """The header of a message that answers the delivery that came last."""
        return dict(header, inReplyTo=self.taken["record"])

    def learns_of(self, stream):
        assert self.receive("streamNotice")["streamId"] == stream.id
        self.learns("that the stream is open")

    def learns(self, what):
        told(self, "learns " + what)

    # ---- destruction

    def destroys(self, what, *words):
        """Answers the order that came last, under the unit's own key."""
        key = self.stage.gateway.path("signing", self.name.split("/")[1] + ".key")
        process = self.agent("destroyed", "--receipt-key", key, *words, "-", stdin=subprocess.PIPE)
        out, _ = process.communicate(json.dumps(self.taken), timeout=PATIENCE)
        assert process.returncode == 0, "%s: %s; %s tells why" % (what, out, self.said.name)
        told(self, what, GREEN, "accepted", [permits(r) for r in json.loads(out)["recipient"]])

    # ---- the audit log

    def witnesses(self, what, name):
        """Confirms the log's checkpoints from now on, once a second."""
        path = os.path.join(self.stage.folder, "witness-" + name)
        self.agent("witness", "--every", "1", "--begin", "--log-key", self.stage.gateway.path("audit.vkey"), "--witness-key", path + ".key",
                   "--state", path + ".state")
        told(self, what)

    def proves(self, what, receipt, witnesses):
        """Within the seconds that the demonstration waits, the proof has the confirmation of every witness."""
        file, until = os.path.join(self.stage.folder, "record.tlog-proof"), time.monotonic() + PATIENCE
        key = self.stage.gateway.path("audit.vkey")
        words = [w for name in witnesses for w in ("--witness", os.path.join(self.stage.folder, "witness-%s.vkey" % name))]
        while True:
            proof, _ = self.agent("proof", "--log-key", key, receipt["record"].get("index", "0")).communicate(timeout=PATIENCE)
            with open(file, "w") as f:
                f.write(proof)
            r = self.stage.gateway.ctl("audit", "verify-proof", "--key", key, *words, file)
            if r.returncode == 0:
                break
            assert time.monotonic() < until, r.stdout + r.stderr
            time.sleep(0.2)
        told(self, what, GREEN, "proved", [DIM + line.strip() + PLAIN for line in r.stdout.splitlines()[:1 + len(witnesses)]])

    # ---- video

    def send_video(self, what, header, incident, camera):
        return Sender(self, what, header, incident, camera)

    def watch_words(self, stream, header, who, output):
        return ["watch-video", "--stream", stream.id, "--purpose", header["purpose"], "--basis", header["basis"]["code"], *who,
                "--output", output]

    def watch(self, what, stream, header, who, file):
        return Watcher(self, what, self.watch_words(stream, header, who, os.path.join(self.stage.folder, "video", file)))

    def watch_refused(self, what, stream, header, who):
        """A watcher that must not get anything."""
        path = os.path.join(self.stage.folder, "video", "refused.ts")
        process = self.agent(*self.watch_words(stream, header, who, path))
        out, _ = process.communicate(timeout=PATIENCE)
        end = next(e["end"] for e in map(json.loads, out.splitlines()) if "end" in e)
        assert process.returncode == 1 and os.path.getsize(path) == 0, out
        os.remove(path)
        told(self, what, RED, "refused", [because(end["why"])])


class Stream:
    """An agent that sends or watches, and tells its events as lines of JSON."""

    def __init__(self, unit, words):
        self.unit, self.process, self.events = unit, unit.agent(*words), queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))
        self.events.put(None)

    def wait_for(self, name):
        until, seen = time.monotonic() + PATIENCE, []
        while event := self.events.get(timeout=max(0.0, until - time.monotonic())):
            if event["event"] == name:
                return event
            seen.append(event)
        raise AssertionError("%s never came, but: %s" % (name, seen))

    def ends(self, what, closer, within=1.0):
        """Within a second of the close that another unit sent."""
        event = self.wait_for("stopped")
        took, end = datetime.fromisoformat(event["at"]).timestamp() - closer.sent_at, event["end"]
        assert took < within, "it took %.3f s" % took
        told(self.unit, what, "", "%s, after %.0f ms" % (end["why"]["reason"].removeprefix("REASON_"), took * 1000))


class Sender(Stream):
    def __init__(self, unit, what, header, incident, camera):
        self.id = str(uuid.uuid4())
        super().__init__(unit, ["send-video", "--camera", camera, "--incident", incident, "--service", header["service"], "--purpose",
                                header["purpose"], "--basis", header["basis"]["code"], "--stream", self.id, "--realtime", "--loop", CLIP])
        receipt = self.wait_for("opened")["receipt"]
        told(unit, what, GREEN, "accepted", [permits(r) for r in receipt["recipient"]])


class Watcher(Stream):
    def __init__(self, unit, what, words):
        super().__init__(unit, words)
        self.path = words[-1]
        must = self.wait_for("opened")["start"]["must"]
        told(unit, what, GREEN, "permitted", ["%s%s#%s%s" % (DIM, must["mou"], must["grant"], PLAIN)])

    def wait_for_bytes(self, least):
        until = time.monotonic() + PATIENCE
        while os.path.getsize(self.path) < least:
            assert time.monotonic() < until, "%s stays at %d bytes" % (self.path, os.path.getsize(self.path))
            time.sleep(0.02)
        with open(self.path, "rb") as f:
            assert f.read(3) == b"\x47\x40\x00", "it does not begin with the table of programmes"
        told(self.unit, "sees the pictures: more than %d KiB so far" % (least // 1024))

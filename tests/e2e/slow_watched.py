"""A carrier with very many watched persons on one connection: an alert of each, all open and kept at once, positions on top, a gateway that is
killed with all of them, and a desk that comes late. What that takes, and that another party's message is taken all the same. And how long an
alert takes beside photos of the same connection.

WATCHED: how many persons; `make watched` is for 100,000."""
import collections
import itertools
import json
import os
import queue
import re
import statistics
import subprocess
import threading
import time
import unittest
import uuid

from carrier import AGENT
from contract import ROOT, Unit, example_alert, incident_report, new_incident, pb
from gateway import PROMPTLY, Gateway, edit
from quickstart import CARRIER, DESK, POLICE
from test_bulk import large_photo, supersede

WATCHED = int(os.environ.get("WATCHED", 20000))
EVERY, POSITIONS = 100, 5     # of so many persons one moves, and sends so many positions
BESIDE_S = 10                 # so long positions come beside the destruction of others' keys
PATIENCE = 300


def change(folder):
    """A newer position stands for one that waits. Nobody has to attend in a minute: the desk is away for longer."""
    supersede(folder)
    path = os.path.join(folder, "policy", "mou", "molit-carriers-2016.yaml")
    with open(path) as f:
        grant = f.read().split("- grant: guardian-alert-ward\n")[1].split("    notify:")[0]
    edit(path, grant, re.sub(r"    attend: .*\n", "", grant))


class Desk:
    """The desk's application: which positions it took of each alert, in their order."""

    def __init__(self, environment):
        self.taken = collections.defaultdict(list)
        self.process = subprocess.Popen([AGENT, "subscribe", "--quiet", "--reconnect"], env=environment, stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            alert = json.loads(line)["message"].get("guardianAlert")
            if alert:
                self.taken[alert["alertId"]].append(alert["sequence"])

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        self.thread.join(60)
        self.process.stdout.close()


class Feed:
    """Messages on one connection of the carrier, as fast as they are taken: when the receipts came, and the newest of each person."""

    def __init__(self, environment, lines):
        self.verdicts, self.times, self.given, self.newest = collections.Counter(), [], 0, {}
        self.agent = subprocess.Popen([AGENT, "publish", "--quiet", "--reconnect", "-"], env=environment, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        self.threads = [threading.Thread(target=self._give, args=(lines,)), threading.Thread(target=self._take)]
        for t in self.threads:
            t.start()

    def _give(self, lines):
        with self.agent.stdin as feed:
            for line in lines:
                feed.write(line)
                self.given += 1
                alert = json.loads(line)["guardianAlert"]
                self.newest[alert["alertId"]] = alert["sequence"]

    def _take(self):
        with self.agent.stdout as receipts:
            for line in receipts:
                self.times.append(time.monotonic())
                self.verdicts[json.loads(line)["verdict"]] += 1

    def ended(self):
        for t in self.threads:
            t.join(PATIENCE)
        if self.agent.wait(60) != 0:
            raise AssertionError("the agent ended with %d" % self.agent.returncode)


class Others:
    """Another party's messages, one after the other, as long as the block takes; prints how long they took."""

    def __init__(self, test, what):
        self.test, self.what, self.took, self.stop = test, what, [], threading.Event()

    def _go(self):
        while True:
            began = time.monotonic()
            receipt, = self.police.publish(incident_report(self.police, new_incident(self.police)), timeout=60)
            self.took.append(time.monotonic() - began if receipt.verdict == pb.VERDICT_ACCEPTED else float("inf"))
            if self.stop.wait(0.05):
                return

    def __enter__(self):
        self.police = Unit(self.test.gateway, POLICE)
        self.thread = threading.Thread(target=self._go)
        self.thread.start()

    def __exit__(self, *failed):
        self.stop.set()
        self.thread.join(PATIENCE)
        self.police.close()
        self.test.sent += len(self.took)
        p99 = sorted(self.took)[int(0.99 * len(self.took))]
        print("  another party meanwhile: %d messages, p50 %.0f ms, p99 %.0f ms, at most %.0f ms" % (
            len(self.took), 1e3 * statistics.median(self.took), 1e3 * p99, 1e3 * max(self.took)), flush=True)
        if not any(failed):
            self.test.assertLess(p99, 2 * PROMPTLY, self.what)


class Watched(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(change=change)
        cls.addClassCleanup(cls.gateway.close)

    def setUp(self):
        with open(os.path.join(ROOT, "tests", "data", "message", "guardian-alert.json")) as f:
            self.alert = json.load(f)
        self.position = json.loads(json.dumps(self.alert))
        for more in "heightCm", "features", "guardianContact":      # with them it says more than a place, and gives way to nothing
            del self.position["guardianAlert"][more]
        self.sent = 0   # by the other party
        self.persons = [str(uuid.uuid4()) for _ in range(WATCHED)]
        self.moving = self.persons[::EVERY]

    def environment(self, unit):
        certificate, key = self.gateway.certificate(unit)
        return dict(os.environ, FEDGATE_GATEWAY="localhost:%d" % self.gateway.port, FEDGATE_ROOT=self.gateway.root,
                    FEDGATE_CERTIFICATE=certificate, FEDGATE_KEY=key)

    def line(self, person, sequence):
        message = self.alert if sequence == 1 else self.position
        header, alert = message["header"], message["guardianAlert"]
        header["id"], header["incidentId"] = str(uuid.uuid4()), [] if sequence == 1 else [DESK + ":" + person]
        alert["phase"] = "ALERT_PHASE_NEW" if sequence == 1 else "ALERT_PHASE_UPDATE"
        alert["alertId"], alert["sequence"], alert["subject"]["ref"] = person, sequence, "s-" + person
        return json.dumps(message) + "\n"

    def publish(self, what, lines):
        """All are taken, on one connection."""
        began = time.monotonic()
        with Others(self, what):
            feed = Feed(self.environment(CARRIER), iter(lines))
            feed.ended()
        self.tell(what, len(feed.times), time.monotonic() - began)
        self.accepted(feed)

    def accepted(self, feed):
        self.assertEqual({"VERDICT_ACCEPTED"}, set(feed.verdicts))
        self.assertEqual(feed.given, len(feed.times), "a receipt each")

    @staticmethod
    def tell(what, count, took):
        print("%s: %d in %.1f s, %.0f a second" % (what, count, took, count / took), flush=True)

    def status(self):
        """What the gateway itself counts; and the memory of its roles."""
        r = self.gateway.ctl("status", "--socket", self.gateway.path("data", "control.sock"), "--json")
        self.assertEqual(0, r.returncode, r.stderr)
        return json.loads(r.stdout.splitlines()[0])["ledger"]

    def live(self, when):
        """An open incident and a live key for each person, all at once: beside those of the other party's messages."""
        status = self.status()
        print("%s: %d incidents open, %d keys live; %s" % (when, status["incidents"], status["scopes"], self.memory()), flush=True)
        self.assertEqual(WATCHED + self.sent, status["incidents"])
        self.assertGreaterEqual(status["scopes"], WATCHED + self.sent)

    def memory(self):
        said = []
        for role in ("edge", "ledger", "keeper"):
            with open("/proc/%d/status" % self.gateway.pid_of(role)) as f:
                status = dict(line.split(":", 1) for line in f)
            said.append("%s %d MiB (locked %.1f)" % (role, int(status["VmRSS"].split()[0]) >> 10, int(status["VmLck"].split()[0]) / 1024))
        return ", ".join(said)

    def walk(self, desk):
        """One half moves on, round by round, while the desk takes what waited. A minute after it has them, the keys of those who stay go; then
        these move on. A message beside a destruction may be decided again, and what there is of others has no part in what that takes."""
        stays, moves = self.persons[:WATCHED // 2], self.persons[WATCHED // 2:]
        goes, stop = threading.Event(), threading.Event()

        def lines():
            for number in itertools.count(2 + POSITIONS):
                was = goes.is_set()
                for person in stays if was else moves:
                    if stop.is_set():
                        return
                    if goes.is_set() != was:
                        break
                    yield self.line(person, number)

        began = time.monotonic()
        with Others(self, "while they move on"):
            feed = Feed(self.environment(CARRIER), lines())
            try:
                self.gateway.wait_for(" destroyed ", within=PATIENCE)
            except AssertionError:
                stop.set()
                raise
            goes.set()
            destroyed = time.monotonic()
            time.sleep(BESIDE_S)
            ended = time.monotonic()
            stop.set()
            feed.ended()
        self.accepted(feed)
        before, beside = ([a <= t < b for t in feed.times].count(True) / (b - a) for a, b in ((began, destroyed), (destroyed, ended)))
        print("they move on: %.0f positions a second, for %.0f s; beside destruction %.0f" % (before, destroyed - began, beside), flush=True)
        self.assertGreater(beside, before / 4)
        return feed

    def all_taken(self, desk, within):
        """When the desk has these, at the last."""
        began = time.monotonic()
        while any(not desk.taken[p] or desk.taken[p][-1] != within[p] for p in within):
            self.assertLess(time.monotonic() - began, PATIENCE, "%d have come" % len(desk.taken))
            time.sleep(0.1)
        print("and all of it at the desk %.1f s later" % (time.monotonic() - began), flush=True)

    def test_an_alert_of_each_person_lives_at_once_and_a_desk_that_comes_late_has_where_each_is_now(self):
        print("of %d persons" % WATCHED, flush=True)
        lines = []
        for i, person in enumerate(self.persons):
            lines.append(self.line(person, 1))
            if i >= EVERY and i % EVERY < POSITIONS:  # who moved last sends a position now and then, while alerts of others come
                lines.append(self.line(self.moving[i // EVERY - 1], 2 + i % EVERY))
        self.publish("alerts, and positions among them", lines)
        self.live("with all of them")
        self.gateway.kill_all()
        began = time.monotonic()
        self.gateway.start()
        print("killed, and in service again within %.1f s" % (time.monotonic() - began), flush=True)
        self.live("after the start")
        desk = Desk(self.environment(DESK))
        self.addCleanup(desk.close)
        newest = dict.fromkeys(self.persons, 1) | dict.fromkeys(self.moving[:-1], 1 + POSITIONS)
        self.all_taken(desk, newest | self.walk(desk).newest)
        for person, taken in desk.taken.items():
            self.assertEqual(sorted(set(taken)), taken, "none twice, none behind a newer one")
            self.assertEqual(1, taken[0])
            if person in self.moving:
                self.assertNotIn(POSITIONS, taken, "the last but one that came while the desk was away")
        self.assertEqual(WATCHED + self.sent, self.status()["incidents"])


class Beside(unittest.TestCase):
    """Alerts at a steady rate: how long until their receipts, and until the desk has them, alone and beside photos on the same connection, in
    turns on one gateway. Both ends are in this process, whose share of the processors is told beside the gateway's."""
    RATE, SECONDS, TURNS, PHOTOS = 50, 5, 2, 4

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(change=change)
        cls.addClassCleanup(cls.gateway.close)
        cls.photo = large_photo()

    def setUp(self):
        self.carrier, self.desk = Unit(self.gateway, CARRIER), Unit(self.gateway, DESK)
        self.addCleanup(self.carrier.close)
        self.addCleanup(self.desk.close)
        self.consumer = self.desk.subscribe()
        self.addCleanup(self.consumer.close)

    def processor_s(self):
        """Of the gateway's roles, and of this process."""
        used = 0
        for role in ("edge", "ledger", "keeper"):
            with open("/proc/%d/stat" % self.gateway.pid_of(role)) as f:
                used += sum(int(x) for x in f.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")
        return used, time.process_time()

    def alerts(self, due, rate, photo=None):
        """For SECONDS; each has a case of its own."""
        begin = time.monotonic()
        for i in itertools.count():
            at = begin + i / rate
            if max(at, time.monotonic()) > begin + self.SECONDS:
                return
            alert = example_alert(self.carrier)
            if photo:
                alert.guardian_alert.media_type, alert.guardian_alert.photo = "image/jpeg", photo
            time.sleep(max(0.0, at - time.monotonic()))
            due[alert.header.id] = at
            yield alert

    def took(self, call, due, times):
        for receipt in call:
            times.append(time.monotonic() - due[receipt.id])
            self.assertEqual(pb.VERDICT_ACCEPTED, receipt.verdict)

    def play(self, photos):
        """(ms until the receipt, ms until the desk has it) of each alert, and photos a second."""
        due, of_photos, receipts, photo_receipts, came = {}, {}, [], [], []
        calls = [(self.carrier.exchange(self.alerts(due, self.RATE), timeout=120), due, receipts)]
        if photos:
            calls.append((self.carrier.exchange(self.alerts(of_photos, photos, self.photo), timeout=120), of_photos, photo_receipts))
        threads = [threading.Thread(target=self.took, args=c) for c in calls]
        for t in threads:
            t.start()
        left = None
        while left is None or left > 0:
            try:
                delivery, message = self.consumer.next(1)
                now = time.monotonic()
                self.consumer.ack(delivery)
                if message.header.id in due:
                    came.append(now - due[message.header.id])
            except queue.Empty:
                self.assertTrue(threads[0].is_alive() or len(came) >= len(receipts), "it does not come")
            if not any(t.is_alive() for t in threads):
                left = len(due) - len(came)
        return receipts, came, len(photo_receipts) / self.SECONDS

    def measure(self, photos):
        """What play() says, and processors used."""
        before, began = self.processor_s(), time.monotonic()
        receipts, came, rate = self.play(photos)
        took, after = time.monotonic() - began, self.processor_s()
        return receipts, came, [rate], [(after[0] - before[0]) / took], [(after[1] - before[1]) / took]

    def test_photos_at_a_rate_that_leaves_time_hardly_delay_alerts(self):
        modes = {"alone": 0, "beside %d photos of half a MiB a second" % self.PHOTOS: self.PHOTOS, "beside as many as are taken": 1000}
        said = {what: tuple([] for _ in range(5)) for what in modes}
        for _ in range(self.TURNS):
            for what, photos in modes.items():
                for to, x in zip(said[what], self.measure(photos)):
                    to.extend(x)
        p50 = []
        for what, (receipts, came, *others) in said.items():
            (r50, r99), (d50, d99) = ([1e3 * statistics.quantiles(x, n=100)[i] for i in (49, 98)] for x in (receipts, came))
            print("alerts %s: receipt p50 %.1f ms, p99 %.1f; at the desk p50 %.1f ms, p99 %.1f; %.1f photos a second; processors: gateway %.2f, "
                  "this test %.2f" % (what, r50, r99, d50, d99, *(statistics.mean(x) for x in others)), flush=True)
            self.assertLess(d99, 1e3 * PROMPTLY, what)
            p50.append(d50)
        self.assertLess(p50[1], 4 * p50[0] + 100)


if __name__ == "__main__":
    unittest.main()

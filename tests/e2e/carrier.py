"""A carrier whose line breaks again and again while it hands alerts in: each reaches the centre's application once, and none is lost."""
import collections
import json
import os
import queue
import random
import subprocess
import tempfile
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from contract import Unit
from gateway import BIN, ROOT, Gateway
from quickstart import CARRIER, DESK, Cutter

AGENT = os.path.join(BIN, "fedgate-agent")
PATIENCE = 120
UNDER_WAY = 8


def new_alerts(count):
    """Alerts of so many cases, as JSON, by the ids of their messages."""
    with open(os.path.join(ROOT, "tests", "data", "message", "guardian-alert.json")) as f:
        alert = json.load(f)
    alerts = {}
    for _ in range(count):
        alert["header"]["id"], alert["guardianAlert"]["alertId"] = str(uuid.uuid4()), str(uuid.uuid4())
        alerts[alert["header"]["id"]] = json.dumps(alert)
    return alerts


class Story:
    """A mixin for tests of one way to hand alerts in: `send(alerts)` does it, and answers with the receipts."""
    alerts, cuts = 1000, 20

    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)
        self.folder = tempfile.TemporaryDirectory(prefix="fedgate-carrier-")
        self.addCleanup(self.folder.cleanup)
        seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        print("%s: SEED=%d" % (self.id(), seed), flush=True)
        chance = random.Random(seed)
        # Some break before the handshake is done (it takes 1.3 kB), most behind a few receipts (of 0.23 kB); what is on its way to the
        # gateway then is torn anywhere.
        self.road = Cutter(self.gateway.port, [chance.randrange(500, 14000) for _ in range(self.cuts)], answers=True)
        self.addCleanup(self.road.close)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def environment(self):
        certificate, key = self.gateway.certificate(CARRIER)
        return dict(os.environ, FEDGATE_GATEWAY="localhost:%d" % self.road.port, FEDGATE_ROOT=self.gateway.root,
                    FEDGATE_CERTIFICATE=certificate, FEDGATE_KEY=key)

    def run_agent(self, *words):
        """What it printed, a JSON object each line."""
        r = subprocess.run([AGENT, *words], env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           timeout=3 * PATIENCE)
        self.assertEqual(0, r.returncode, r.stderr[-2000:])
        return [json.loads(line) for line in r.stdout.splitlines()]

    def pipe(self, alerts):
        """Receipts of alerts that go through a pipe, as they happen: a few are under way, and a cut finds some of them."""
        agent = subprocess.Popen([AGENT, "publish", "--reconnect", "--quiet", "-"], env=self.environment(), text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stuck = threading.Timer(3 * PATIENCE, agent.kill)
        stuck.start()
        with agent, agent.stdin, agent.stdout:
            receipts = []
            for i, alert in enumerate(alerts):
                if i >= UNDER_WAY:
                    receipts.append(agent.stdout.readline())
                agent.stdin.write(alert + "\n")
                agent.stdin.flush()
            agent.stdin.close()
            receipts += agent.stdout.readlines()
        stuck.cancel()
        self.assertEqual(0, agent.returncode)
        return [json.loads(line) for line in receipts]

    @staticmethod
    def taken(subscription, wanted):
        """How often each alert came: until so many have come and no more do, or none comes for long."""
        came = collections.Counter()
        try:
            while True:
                delivery, message = subscription.next(PATIENCE if len(came) < wanted else 1)
                subscription.ack(delivery)
                if message.WhichOneof("body") == "guardian_alert":
                    came[message.header.id] += 1
        except queue.Empty:
            return came

    def test_each_alert_comes_once_however_often_the_line_breaks(self):
        desk = Unit(self.gateway, DESK)
        self.addCleanup(desk.close)
        alerts = new_alerts(self.alerts)
        subscription = desk.subscribe()
        self.addCleanup(subscription.close)
        with ThreadPoolExecutor(1) as pool:
            taking = pool.submit(self.taken, subscription, len(alerts))
            receipts = self.send(list(alerts.values()))
            came = taking.result()
        came.update(self.taken(subscription, 0))
        self.assertEqual(self.cuts, self.road.cut, "all connections that were to be cut were")
        self.assertEqual(list(alerts), [r["id"] for r in receipts], "one receipt each, in the order of the alerts")
        self.assertEqual({"VERDICT_ACCEPTED"}, {r["verdict"] for r in receipts})
        self.assertEqual(set(), set(alerts) - set(came), "lost")
        self.assertEqual({1}, set(came.values()), "came more than once")
        self.assertEqual(len(alerts), len(came))
        self.assertEqual(0, self.gateway.stop())
        self.gateway.verify()

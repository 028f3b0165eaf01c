"""A carrier whose line breaks again and again while it hands alerts in: each reaches the centre's application once, and none is lost."""
import collections
import json
import os
import queue
import random
import subprocess
import tempfile
import threading
import unittest
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


class Carrier(unittest.TestCase):
    """Tests of ways to hand alerts in, at one gateway."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.close)

    @classmethod
    def tearDownClass(cls):
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fedgate-carrier-")
        self.addCleanup(self.folder.cleanup)

    def begin(self, cuts):
        """The line, which breaks so often."""
        seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        print("%s: SEED=%d" % (self.id(), seed), flush=True)
        chance = random.Random(seed)
        # Some break before the handshake is done (it takes 1.3 kB), most behind a few receipts (of 0.23 kB); what is on its way to the
        # gateway then is torn anywhere.
        self.road = Cutter(self.gateway.port, [chance.randrange(500, 14000) for _ in range(cuts)], answers=True)
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
    def taken(subscription, alerts):
        """How often each of these alerts came: until all have come and no more do, or none comes for long."""
        came = collections.Counter()
        try:
            while True:
                delivery, message = subscription.next(PATIENCE if len(came) < len(alerts) else 1)
                subscription.ack(delivery)
                if message.header.id in alerts:
                    came[message.header.id] += 1
        except queue.Empty:
            return came

    def play(self, send, count, cuts):
        """Each of so many alerts comes once, however often the line breaks; `send` hands them in, and answers with the receipts."""
        self.begin(cuts)
        desk = Unit(self.gateway, DESK)
        self.addCleanup(desk.close)
        alerts = new_alerts(count)
        subscription = desk.subscribe()
        self.addCleanup(subscription.close)
        with ThreadPoolExecutor(1) as pool:
            taking = pool.submit(self.taken, subscription, alerts)
            receipts = send(list(alerts.values()))
            came = taking.result()
        self.assertEqual(cuts, self.road.cut, "all connections that were to be cut were")
        self.assertEqual(list(alerts), [r["id"] for r in receipts], "one receipt each, in the order of the alerts")
        self.assertEqual({"VERDICT_ACCEPTED"}, {r["verdict"] for r in receipts})
        self.assertEqual(set(), set(alerts) - set(came), "lost")
        self.assertEqual(alerts.keys(), came.keys())
        self.assertEqual({1}, set(came.values()), "came more than once")

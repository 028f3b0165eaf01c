"""1,000 alerts over a line that breaks 20 times; tests/e2e/slow_carrier.py has 10,000 and 200. And alerts above a clause's limit."""
import json
import os
import subprocess
import time
import unittest

import carrier
from contract import Unit, example_alert, pb
from gateway import Gateway, edit
from quickstart import CARRIER


class Carrier(carrier.Carrier):
    def through_a_spool(self, alerts):
        with open(self.path("alerts.jsonl"), "w") as f:
            f.write("\n".join(alerts))
        told = self.run_agent("publish", "--spool", self.path("spool"), self.path("alerts.jsonl"))
        self.assertEqual(len(alerts), len(told))
        receipts = self.run_agent("forward", "--spool", self.path("spool"), "--reconnect", "--quiet")
        self.assertEqual([], os.listdir(self.path("spool/urgent")))
        return receipts

    def test_each_alert_through_a_pipe_comes_once_however_often_the_line_breaks(self):
        self.play(self.pipe, 1000, 20)

    def test_each_alert_through_a_spool_comes_once_however_often_the_line_breaks(self):
        self.play(self.through_a_spool, 300, 4)


MOST = 3  # alerts a second


def limit(folder):
    """The carrier's alerts under a guardian's consent have a limit."""
    path = os.path.join(folder, "policy", "mou", "molit-carriers-2016.yaml")
    with open(path) as f:
        grant = f.read().split("- grant: guardian-alert-ward\n")[1].split("    notify:")[0]
    edit(path, grant, grant + "    limits: {messages_per_s: %d}\n" % MOST)


class Limited(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(change=limit)
        cls.addClassCleanup(cls.gateway.close)

    def setUp(self):
        self.carrier = Unit(self.gateway, CARRIER)
        self.addCleanup(self.carrier.close)
        time.sleep(1)  # what another test used of this second

    def test_what_is_left_is_told_and_what_is_refused_passes_after_the_time_told(self):
        alerts = [example_alert(self.carrier) for _ in range(10 * MOST)]
        receipts = self.carrier.publish(*alerts)
        good = [r for r in receipts if r.verdict == pb.VERDICT_ACCEPTED]
        refused = [r for r in receipts if r.verdict == pb.VERDICT_REFUSED]
        self.assertTrue(good and refused)
        self.assertEqual(len(alerts), len(good) + len(refused))
        for r in receipts:
            self.assertEqual([("messages_per_s", MOST)], [(q.limit, q.most) for q in r.quota])
            self.assertTrue(r.quota[0].clause.startswith("molit-carriers-2016#guardian-alert-ward"))
        # In each second as many pass as the limit says, and each receipt tells how many are left after it.
        seconds = {r.quota[0].renewed_at.seconds for r in receipts}
        for second in seconds:
            of_second = [r for r in receipts if r.quota[0].renewed_at.seconds == second]
            left = [r.quota[0].left for r in of_second]
            self.assertEqual([max(0, MOST - 1 - i) for i in range(len(left))], left)
            self.assertEqual({pb.VERDICT_ACCEPTED}, {r.verdict for r in of_second[:MOST]})
        for r in refused:
            self.assertEqual((pb.REASON_RATE_EXCEEDED, pb.RETRY_SAME_ID, 0), (r.recipient[0].reason, r.retry, r.quota[0].left))
            self.assertTrue(0 < r.retry_after.ToMicroseconds() <= 1000000)
        last = refused[-1]
        time.sleep(last.retry_after.ToMicroseconds() / 1e6)
        again, = self.carrier.publish(next(a for a in alerts if a.header.id == last.id))
        self.assertEqual((last.id, pb.VERDICT_ACCEPTED, False), (again.id, again.verdict, again.repeated))
        self.assertEqual(MOST - 1, again.quota[0].left)
        # What is there already tells nothing of seconds that are over.
        repeat = self.carrier.receipt(last.id)
        self.assertEqual((True, 0, False), (repeat.repeated, len(repeat.quota), repeat.HasField("retry_after")))

    def agent(self, *words):
        certificate, key = self.gateway.certificate(CARRIER)
        env = dict(os.environ, FEDGATE_GATEWAY="localhost:%d" % self.gateway.port, FEDGATE_ROOT=self.gateway.root,
                   FEDGATE_CERTIFICATE=certificate, FEDGATE_KEY=key)
        alerts = "\n".join(carrier.new_alerts(3 * MOST).values())
        r = subprocess.run([carrier.AGENT, "publish", *words, "-"], env=env, input=alerts, capture_output=True, text=True, timeout=60)
        return r, [json.loads(line) for line in r.stdout.splitlines()]

    def test_the_agent_says_what_is_left_and_waits_when_it_may(self):
        r, receipts = self.agent()
        self.assertEqual(1, r.returncode)
        self.assertEqual(3 * MOST, len(receipts))
        self.assertIn('messages_per_s: 0 of %d are left, all of it again at ' % MOST, r.stderr)
        self.assertIn("can be sent again in 0.", r.stderr)
        self.assertEqual({str(MOST)}, {q["most"] for line in receipts for q in line["quota"]})
        r, receipts = self.agent("--reconnect", "--quiet")
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertEqual(["VERDICT_ACCEPTED"] * 3 * MOST, [line["verdict"] for line in receipts])


if __name__ == "__main__":
    unittest.main()

"""1,000 alerts over a line that breaks 20 times; tests/e2e/slow_carrier.py has 10,000 and 200."""
import os
import unittest

from carrier import Story


class Publish(Story, unittest.TestCase):
    def send(self, alerts):
        return self.pipe(alerts)


class Forward(Story, unittest.TestCase):
    alerts, cuts = 300, 4

    def send(self, alerts):
        with open(self.path("alerts.jsonl"), "w") as f:
            f.write("\n".join(alerts))
        told = self.run_agent("publish", "--spool", self.path("spool"), self.path("alerts.jsonl"))
        self.assertEqual(self.alerts, len(told))
        receipts = self.run_agent("forward", "--spool", self.path("spool"), "--reconnect", "--quiet")
        self.assertEqual([], os.listdir(self.path("spool/urgent")))
        return receipts


if __name__ == "__main__":
    unittest.main()

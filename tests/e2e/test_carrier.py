"""1,000 alerts over a line that breaks 20 times; tests/e2e/slow_carrier.py has 10,000 and 200."""
import os
import unittest

import carrier


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


if __name__ == "__main__":
    unittest.main()

"""1,000 alerts over a line that breaks 20 times; tests/e2e/slow_carrier.py has 10,000 and 200."""
import unittest

from carrier import Story


class Publish(Story, unittest.TestCase):
    def send(self, alerts):
        return self.pipe(alerts)


if __name__ == "__main__":
    unittest.main()

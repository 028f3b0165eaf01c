"""10,000 alerts of a carrier over a line that breaks 200 times: each is delivered once, none is lost."""
import unittest

from carrier import Story


class Publish(Story, unittest.TestCase):
    alerts, cuts = 10000, 200

    def send(self, alerts):
        return self.pipe(alerts)


if __name__ == "__main__":
    unittest.main()

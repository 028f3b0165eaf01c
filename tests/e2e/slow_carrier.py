"""10,000 alerts of a carrier over a line that breaks 200 times: each is delivered once, none is lost."""
import unittest

import carrier


class Carrier(carrier.Carrier):
    def test_each_alert_comes_once_however_often_the_line_breaks(self):
        self.play(self.pipe, 10000, 200)


if __name__ == "__main__":
    unittest.main()

"""A role that ends again and again, in a gateway of its own: twenty seconds of ever later starts, then an end with an alarm."""
import os
import re
import subprocess
import unittest

from gateway import BIN, Gateway


class Loop(unittest.TestCase):
    def test_a_role_that_never_comes_up_ends_the_gateway_with_an_alarm(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        self.assertEqual(0, gateway.stop())
        with open(gateway.path("keys", "log.key"), "r+") as f:  # no key any more; owner and mode stay
            f.truncate(40)
        r = subprocess.run([os.path.join(BIN, "fedgate"), "--config", gateway.path("fedgate.yaml")], capture_output=True, text=True, timeout=300)
        self.assertEqual(1, r.returncode)
        later = [int(x) for x in re.findall(r"role-ended role=keeper exit=1 restart_in_ms=(\d+)", r.stderr)]
        self.assertEqual(sorted(later), later)
        self.assertEqual((100, 1000), (later[0], later[-1]))
        self.assertRegex(r.stderr, r"fatal crash-loop role=keeper ends=%d " % len(later))
        gateway.verify()


if __name__ == "__main__":
    unittest.main()

"""How far the roles are shut in: on record, and a kernel that cannot do what the configuration asks for is refused."""
import os
import re
import subprocess
import unittest

from gateway import BIN, Gateway


class Sandbox(unittest.TestCase):
    def test_what_was_attained_is_on_record_and_too_little_is_refused(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        started = [x for x in gateway.leaves() if x["event"] == "gateway-started"]
        self.assertEqual(1, len(started))
        self.assertRegex(started[0]["detail"], r"^landlock=\d+ calls=\d+$")
        ready = [line for line in gateway.log if " ready " in line and "landlock=" in line]
        self.assertEqual(5, len(ready), "configuration, policy, keeper, ledger and edge: each says how far")
        filters = [int(re.search(r"calls=(\d+)", line).group(1)) for line in ready]
        self.assertEqual(len(set(n > 0 for n in filters)), 1, "each has a filter, or none where a sanitizer is built in")
        gateway.stop()
        with open(gateway.path("fedgate.yaml"), "a") as f:
            f.write("landlock_least: 100\n")
        for more in [], ["--check"]:
            r = subprocess.run([os.path.join(BIN, "fedgate"), "--config", gateway.path("fedgate.yaml")] + more, capture_output=True, text=True)
            self.assertEqual(1, r.returncode)
            self.assertIn("sandbox-too-weak", r.stderr)
            self.assertIn("landlock_least=100", r.stderr)


if __name__ == "__main__":
    unittest.main()

"""How far the roles are shut in: on record, and a kernel that cannot do what the configuration asks for is refused."""
import os
import re
import subprocess
import time
import unittest

from gateway import BIN, Gateway


LEVEL = r"landlock=\d+ calls=\d+ memory=locked"


class Sandbox(unittest.TestCase):
    def wait_for_roles(self, gateway, roles):
        """Until the log says of these processes, of each once, how far they are shut in."""
        until = time.monotonic() + 30
        while True:
            said = [x["detail"] for x in gateway.leaves() if x["event"] == "role-shut-in"]
            if len(said) >= len(roles) or time.monotonic() > until:
                break
            time.sleep(0.05)
        for detail in said:
            self.assertRegex(detail, r"^role=\w+ %s$" % LEVEL)
        self.assertEqual(roles, sorted(detail.split()[0].split("=")[1] for detail in said))

    def test_what_was_attained_is_on_record_and_too_little_is_refused(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        started = [x for x in gateway.leaves() if x["event"] == "gateway-started"]
        self.assertEqual(1, len(started))
        self.assertRegex(started[0]["detail"], "^%s$" % LEVEL)
        ready = [line for line in gateway.log if " ready " in line and "landlock=" in line]
        self.assertEqual(5, len(ready), "configuration, policy, keeper, ledger and edge: each says how far")
        filters = [int(re.search(r"calls=(\d+)", line).group(1)) for line in ready]
        self.assertEqual(len(set(n > 0 for n in filters)), 1, "each has a filter, or none where a sanitizer is built in")
        self.wait_for_roles(gateway, ["edge", "keeper"])
        gateway.kill_role("edge")
        self.wait_for_roles(gateway, ["edge", "edge", "keeper"])
        gateway.stop()
        gateway.verify()
        with open(gateway.path("fedgate.yaml"), "a") as f:
            f.write("landlock_least: 100\n")
        for more in [], ["--check"]:
            r = subprocess.run([os.path.join(BIN, "fedgate"), "--config", gateway.path("fedgate.yaml")] + more, capture_output=True, text=True)
            self.assertEqual(1, r.returncode)
            self.assertIn("sandbox-too-weak", r.stderr)
            self.assertIn("landlock_least=100", r.stderr)


if __name__ == "__main__":
    unittest.main()

"""curl as the client of plain HTTP of tests/unit/net/test_interop.c: PORT FOLDER (root.pem, unit.pem, unit.key). Exits with 77 without curl."""
import os
import shutil
import subprocess
import sys
import unittest

PORT, FOLDER = sys.argv[1:3]


def curl(path, *more, data=None):
    """The answer's status and fields, one a line, and its body."""
    heard = os.path.join(FOLDER, "heard")
    done = subprocess.run(["curl", "--silent", "--show-error", "--http2", "--max-time", "60", "--dump-header", heard,
                           "--cacert", FOLDER + "/root.pem", "--cert", FOLDER + "/unit.pem", "--key", FOLDER + "/unit.key", *more,
                           f"https://127.0.0.1:{PORT}{path}"], input=data, capture_output=True)
    with open(heard, encoding="utf-8") as f:
        head = f.read().splitlines()
    os.unlink(heard)
    if done.returncode != 0:
        raise AssertionError(f"curl: {done.returncode}: {done.stderr.decode()}")
    return head[0].split()[1], head[1:], done.stdout


class Plain(unittest.TestCase):
    def test_fields_go_both_ways(self):
        status, fields, body = curl("/", "--header", "Cookie: visit=1", "--header", "Accept-Language: ko")
        self.assertEqual(("200", b""), (status, body))
        for said in ("content-type: text/plain", "cache-control: no-store", "x-cookie: visit=1", "x-language: ko"):
            self.assertIn(said, fields)

    def test_a_body_comes_back(self):
        sent = bytes(i * i % 251 for i in range(3 << 20))  # larger than all windows on the way
        self.assertEqual(("200", sent), curl("/echo", "--data-binary", "@-", data=sent)[::2])

    def test_a_body_without_a_length_comes_back(self):
        self.assertEqual(("200", b"pieces"), curl("/echo", "--request", "POST", "--upload-file", "-", data=b"pieces")[::2])

    def test_a_large_answer_arrives_whole(self):
        status, _, body = curl("/large")
        self.assertEqual(("200", 8 << 20), (status, len(body)))

    def test_head_has_fields_and_no_body(self):
        status, fields, body = curl("/at-once", "--head")
        self.assertEqual("200", status)
        self.assertIn("content-length: 7", fields)
        self.assertNotIn(b"at once", body)
        self.assertEqual("200", curl("/large", "--head")[0])

    def test_who_sends_too_much_is_told(self):
        self.assertEqual("413", curl("/echo", "--data-binary", "@-", data=bytes((8 << 20) + 1))[0])

    def test_a_method_that_there_is_not(self):
        status, fields, _ = curl("/", "--request", "DELETE")
        self.assertEqual("405", status)
        self.assertIn("allow: GET, HEAD, POST", fields)


if __name__ == "__main__":
    if shutil.which("curl") is None:
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=0)

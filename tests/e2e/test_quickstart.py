"""The quick starts of proto/quickstart/, as they are printed."""
import os
import unittest

from gateway import BUILD, ROOT, Gateway
from quickstart import Page, Story, limit_alerts


class Case(Story):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(limit_alerts)
        cls.addClassCleanup(cls.gateway.close)
        cls.play()

    @classmethod
    def tearDownClass(cls):
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()


class Python(Case, unittest.TestCase):
    page = "python"


class Shell(Case, unittest.TestCase):
    page = "shell"

    def test_the_first_message_is_accepted(self):
        self.assertIn("VERDICT_ACCEPTED", self.unpacked.run("first"))


class Bench(unittest.TestCase):
    def test_the_bench_answers_as_printed(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        page = Page(gateway, "shell")
        self.addCleanup(page.close)
        page.start("run-bench", cwd=ROOT)
        said = page.run("try-bench")
        for answer in ('"provisionNotice":{', '"locationRequest":{', "test-centre/desk", "REASON_RATE_EXCEEDED", "passed"):
            self.assertIn(answer, said)


class C(Case, unittest.TestCase):
    page = "c"

    @classmethod
    def setUpClass(cls):
        with open(os.path.join(BUILD, "lib", "libfedgate-client.a"), "rb") as f:
            if b"__asan_init" in f.read():
                raise unittest.SkipTest("a library with sanitizers wants them in the program, too")
        super().setUpClass()


if __name__ == "__main__":
    unittest.main()

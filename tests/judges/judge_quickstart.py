"""The quick starts of proto/quickstart/, as they are printed, each with the client that it is for."""
import os

from judge import NODE_MODULES, ROOT, Judge, NodeJudge
from quickstart import Page, Story, assert_watched, limit_alerts


class Played(Story):
    is_client = True
    change = staticmethod(limit_alerts)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.play()


class Python(Played, Judge):
    tool, page, packages = "quick start: Python", "python", ("python3-grpcio", "python3-protobuf")


class Shell(Played, Judge):
    tool, page, packages = "quick start: shell", "shell", ("jq",)


class C(Played, Judge):
    tool, page, packages = "quick start: C", "c", ("libjansson-dev",)


class Node(Played, NodeJudge):
    tool, page, module = "quick start: Node", "node", "@grpc/grpc-js"


class Buf(NodeJudge):
    tool, module, is_client = "quick start: buf curl", "@bufbuild/buf", True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unpacked = Page(cls.gateway, "buf", {"PATH": os.path.join(NODE_MODULES, ".bin") + ":" + os.environ["PATH"]})
        cls.addClassCleanup(cls.unpacked.close)
        with open(cls.unpacked.path("all"), "w") as f:
            f.write("".join('. "$1/%s"\n' % command for command in ("setup", "publish", "repeat", "refusal", "take", "subscribe", "watch", "alert")))
        cls.unpacked.start("run-centre", cwd=ROOT)
        cls.said = cls.unpacked.run("all")

    def test_publishes(self):
        """Publishes, is answered as the first time when it repeats itself, asks for the receipt again, and is told why it may not."""
        self.assertEqual(6, self.said.count("VERDICT_ACCEPTED"), self.said)
        self.assertEqual(2, self.said.count('"repeated": true'), self.said)
        self.assertIn("REASON_NO_GRANT", self.said)

    def test_takes(self):
        """Takes deliveries, one a call, and acknowledges each, so that none comes again: 112 those of its incident, the carrier a notice."""
        self.assertIn('{"delivered":"videoAnswer"', self.said)
        self.assertIn('{"delivered":"streamNotice"', self.said)
        self.assertIn('"recipient": "daejeon-city-center', self.said)
        with open(self.unpacked.path("messages.jsonl")) as f:
            self.assertEqual(len(f.readlines()) + 1, len(os.listdir(self.unpacked.path("kept"))))   # each under its record

    def test_video(self):
        """Watches a camera into a file that ffprobe takes, until the incident is closed."""
        assert_watched(self, self.unpacked.path("video.ts"))


class Java(Played, Judge):
    tool, page = "quick start: Java", "java"
    packages = ("libgrpc-java", "libnetty-java", "libnetty-tcnative-java", "libperfmark-java", "libprotobuf-java", "protobuf-compiler-grpc-java-plugin",
                "openjdk-17-jdk-headless")

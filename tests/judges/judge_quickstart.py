"""The quick starts of proto/quickstart/, as they are printed, each with the client that it is for."""
import os

from judge import NODE_MODULES, Judge, NodeJudge
from quickstart import Page, Story, limit_alerts


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

    def test_page(self):
        """Publishes, is answered as the first time when it repeats itself, asks for the receipt again, and is told why it may not."""
        page = Page(self.gateway, "buf", {"PATH": os.path.join(NODE_MODULES, ".bin") + ":" + os.environ["PATH"]})
        self.addCleanup(page.close)
        with open(page.path("all"), "w") as f:
            f.write("".join('. "$1/%s"\n' % command for command in ("setup", "publish", "repeat", "refusal")))
        said = page.run("all")
        self.assertEqual(4, said.count("VERDICT_ACCEPTED"), said)
        self.assertEqual(2, said.count('"repeated": true'), said)
        self.assertIn("REASON_NO_GRANT", said)


class Java(Judge):
    """Debian's Netty has no ALPN, so nothing is run."""
    tool, is_client = "quick start: Java (compiled, not run)", True
    packages = ("libgrpc-java", "libnetty-java", "libprotobuf-java", "protobuf-compiler-grpc-java-plugin", "openjdk-17-jdk-headless")

    def test_compiles(self):
        """The classes that are generated from the contract, and both programs, compile as they are printed."""
        page = Page(self.gateway, "java")
        self.addCleanup(page.close)
        page.run("setup")
        for program in ("Carrier", "Control"):
            self.assertTrue(os.path.exists(page.path(os.path.join("classes", program + ".class"))), program)

"""What judges have in common: a real gateway with the development certificates, a tool that is not ours, and a verdict."""
import os
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests", "e2e"))
from gateway import BUILD, Gateway  # noqa: E402

NODE_MODULES = os.path.join(os.path.abspath(BUILD), "judges", "node_modules")
POLICE, FIRE = "npa-daejeon/112-control", "daejeon-fire/119-control"
ROLES = ("edge", "ledger", "keeper")


def debian_version(package):
    r = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return r.stdout if r.returncode == 0 else None


class Judge(unittest.TestCase):
    """A class is a tool: `tool` is its name in the report, `packages` are Debian's that it needs. The first line of a method's
    description is what the report says of its check."""
    tool, packages = None, ()
    is_client = False  # a gRPC client, which has a line in the matrix of clients
    change = None      # what is changed in the gateway's folder before it starts
    kind, gateway = Gateway, None  # of which class
    roles = ROLES     # that must not be started again meanwhile
    commands = None   # as the report shows them
    figures = {}      # by the id of a test: a line for the report

    @classmethod
    def version(cls):
        return ", ".join("%s %s" % (p, debian_version(p)) for p in cls.packages)

    @classmethod
    def setUpClass(cls):
        cls.commands = []
        missing = [p for p in cls.packages if not debian_version(p)]
        if missing:
            raise unittest.SkipTest("not installed: " + ", ".join(missing))
        cls.gateway = cls.begin_gateway()
        for role in cls.roles:
            cls.gateway.wait_for("role-ready role=%s " % role)
        cls.pids = {role: cls.gateway.pid_of(role) for role in cls.roles}

    @classmethod
    def begin_gateway(cls):
        """The gateway that is judged; it is gone with the class."""
        gateway = cls.kind(cls.change)
        cls.addClassCleanup(gateway.close)
        return gateway

    @classmethod
    def tearDownClass(cls):
        assert cls.pids == {role: cls.gateway.pid_of(role) for role in cls.roles}, "a role was started again"
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()

    @classmethod
    def shown(cls, words):
        """A command without what differs from run to run."""
        line = " ".join("'%s'" % w if " " in w or "\n" in w or w == "" else w for w in words)
        for long, short in ((os.path.splitext(cls.gateway.certificate(POLICE)[0])[0], "$UNIT"), (cls.gateway.root, "$ROOT"),
                            (cls.gateway.folder, "$GATEWAY"), (NODE_MODULES + "/.bin/", ""), (ROOT + "/", ""),
                            (":%d" % cls.gateway.port, ":$PORT"), (" %d " % cls.gateway.port, " $PORT ")):
            line = line.replace(long, short)
        return line

    @classmethod
    def ask(cls, *words, input="", timeout=120, show=True, env=None):
        """The tool's words, error output too."""
        if show and cls.shown(words) not in cls.commands:
            cls.commands.append(cls.shown(words))
        r = subprocess.run(words, input=input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                           timeout=timeout, env=dict(os.environ, **(env or {})))
        return r.stdout

    def figure(self, line):
        Judge.figures[self.id()] = line

    @classmethod
    def address(cls):
        return "127.0.0.1:%d" % cls.gateway.port

    @classmethod
    def credentials(cls, unit=POLICE):
        """Files: root, certificate, key."""
        return (cls.gateway.root, *cls.gateway.certificate(unit))


class NodeJudge(Judge):
    """One of npm's packages, which package.json names; run installs them."""
    module = None

    @classmethod
    def version(cls):
        import json
        with open(os.path.join(NODE_MODULES, cls.module, "package.json")) as f:
            return "%s %s" % (cls.module, json.load(f)["version"])

    @classmethod
    def setUpClass(cls):
        cls.commands = []
        if not shutil.which("node"):
            raise unittest.SkipTest("not installed: node")
        if not os.path.exists(os.path.join(NODE_MODULES, cls.module, "package.json")):
            raise unittest.SkipTest("not installed: %s (tests/judges/package.json, by npm)" % cls.module)
        super().setUpClass()

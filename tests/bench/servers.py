"""A server that is measured, in an empty folder of its own, its CPU time and memory read from outside; and the gateway as one."""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
TICK = os.sysconf("SC_CLK_TCK")
os.environ["PATH"] += ":/usr/sbin"  # where Debian keeps servers; not on everybody's path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def first_match(command, pattern):
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    m = re.search(pattern, r.stdout, re.MULTILINE)
    return m.group(1) if m else "?"


def cpu_s(pid):
    """utime + stime of a process, all of its threads."""
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def lives(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def memory_of(pid, what):
    """VmRSS, or VmHWM: the most that it was."""
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(what + r":\s+(\d+) kB", f.read()).group(1)) << 10


class Server:
    program = None  # as Debian calls it
    video = False
    load_options = ()
    patience_s = 20

    def __init__(self, folder, pki):
        self.folder, self.pki, self.port = folder, pki, free_port()
        self.prepare()
        self.begin()
        self.await_ready()

    def begin(self):
        self.log = open(self.path("log"), "w")
        self.process = subprocess.Popen(self.command(), stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def read_log(self):
        with open(self.path("log")) as f:
            return f.read()

    def abandon(self):
        self.process.kill()

    def fail(self, what):
        self.abandon()
        raise SystemExit("%s: %s:\n%s" % (self.name, what, self.read_log()[-4000:]))

    def await_(self, done):
        until = time.monotonic() + self.patience_s
        while not done():
            if self.process.poll() is not None or time.monotonic() > until:
                self.fail("did not start")
            time.sleep(0.02)

    def listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def await_ready(self):
        self.await_(self.listens)

    def pids(self):
        return {self.name: self.process.pid}

    def cpu(self):
        try:
            return {role: cpu_s(pid) for role, pid in self.pids().items()}
        except FileNotFoundError:
            self.fail("a process has ended")

    def resident(self):
        return sum(memory_of(pid, "VmRSS") for pid in self.pids().values())

    def end(self):
        self.process.terminate()
        self.process.wait(60)

    def stop(self):
        self.end()
        self.log.close()
        self.free_room()

    def free_room(self):
        """The large files only: after many were deleted, ext4 makes new ones slowly for some seconds, and the next server would pay."""
        for path, _, files in os.walk(self.folder):
            for name in files:
                if os.path.getsize(os.path.join(path, name)) > 1 << 20:
                    os.unlink(os.path.join(path, name))


class Fedgate(Server):
    name, driver = "fedgate", "fedgate"
    promises = "decided, recorded, sealed and on disk (fdatasync) before the receipt; a notice to the carrier of each (LIA 19(3))"
    attended = False  # whether the sender is told who took the alert up
    workers = 0  # threads of the edge that carry connections; 0: as it chooses itself
    settings = ""  # more lines of the configuration

    @classmethod
    def version(cls):
        return first_match(["git", "-C", ROOT, "describe", "--always", "--dirty"], r"^(\S+)$")

    def prepare(self):
        os.symlink(self.pki, self.path("pki"))  # made before; make-gateway leaves it as it is
        subprocess.run([os.path.join(ROOT, "tests/demo/make-gateway"), self.folder, str(self.port)], check=True)
        with open(self.path("fedgate.yaml"), "a") as f:
            f.write("edge_workers: %d\n%s" % (self.workers, self.settings))
        self.lift_limits()
        self.sign()

    def sign(self):
        subprocess.run([os.path.join(ROOT, "tests/demo/sign-set"), self.folder], check=True,
                       env=dict(os.environ, BIN=os.path.join(BUILD, "bin")))

    def lift_limits(self):
        """The policy set of the tree, but for the speed limit of a camera, the only limit that the load would meet; and, unless they
        are measured, without the duty to attend to alerts, of which the sender would be told."""
        self.change("molit-npa-2015", "mbit_per_s: 12, ")
        if not self.attended:
            self.change("molit-carriers-2016", "    attend: {within: 60 seconds, else: daejeon-city-center/video-monitoring}\n")

    def change(self, mou, taken_out, put_in=""):
        path = self.path("policy", "mou", mou + ".yaml")
        with open(path) as f:
            text = f.read()
        if taken_out not in text:
            raise SystemExit("%s: %r was not found" % (path, taken_out))
        with open(path, "w") as f:
            f.write(text.replace(taken_out, put_in))

    def command(self):
        return [os.path.join(BUILD, "bin", "fedgate"), "--config", self.path("fedgate.yaml")]

    def role_pids(self):
        return dict(re.findall(r"role-ready role=(\w+) pid=(\d+)", self.read_log()))

    def await_ready(self):
        self.await_(lambda: "in-service" in self.read_log() and {"edge", "ledger", "keeper"} <= set(self.role_pids()))

    def pids(self):
        return {"supervisor": self.process.pid, **{role: int(pid) for role, pid in self.role_pids().items()}}


class FedgateAttended(Fedgate):
    name = "fedgate, attended"
    promises = "the same, and the carrier is told that somebody attended: three stored messages"
    attended = True


class FedgateRestart(Fedgate):
    driver = "fedgate-restart"

    def kill(self):
        """All of its processes at once, and nothing of theirs is closed or flushed."""
        pids = self.pids().values()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        while any(lives(pid) for pid in pids):  # the next start needs their sockets
            time.sleep(0.01)
        self.log.close()

    def memory(self):
        """Bytes that each process had in memory at most."""
        return {role: memory_of(pid, "VmHWM") for role, pid in self.pids().items()}

    def journal_bytes(self):
        return sum(os.stat(path).st_size for path in glob.glob(self.path("data", "journal", "segment-*")))


class FedgateVideo(Fedgate):
    name, driver, video = "fedgate", "fedgate-video", True
    promises = "decided, recorded, judged again every second; container inspected"


class FedgateEvidence(FedgateVideo):
    name = "fedgate, stream_digest"
    promises = "the same, and the SHA-256 of what the watcher was sent on record"

    def lift_limits(self):
        super().lift_limits()
        self.change("molit-npa-2015", "audio: refuse}\n", "audio: refuse}\n    stream_digest: sha256\n")


class FedgateMany(Fedgate):
    """Its set has so many units more that each may have its hundred connections."""
    name, driver, hello = "fedgate", "fedgate", "fedgate"
    promises = "a gRPC call Publish is open on each"
    settings = "handshakes_of_address: 1000000\nhandshakes_of_unit: 1000000\n"  # all come from one

    def lift_limits(self):
        super().lift_limits()
        shutil.copy(os.path.join(self.pki, "parties.yaml"), self.path("policy", "inventory", "parties.yaml"))


BRANCHES = 100


def make_pki(folder):
    """The development PKI, with BRANCHES units more of the carrier, and the inventory of parties that names them."""
    pki = os.path.join(folder, "pki-%d" % BRANCHES)
    os.makedirs(pki, exist_ok=True)
    with open(os.path.join(ROOT, "policy", "inventory", "parties.yaml")) as f:
        text = f.read()
    first = "      guardian-service:"
    if text.count(first) != 1:
        raise SystemExit("parties.yaml: %r was not found" % first)
    text = text.replace(first, "".join("      branch-%02d: {name: A branch}\n" % i for i in range(BRANCHES)) + first)
    with open(os.path.join(pki, "parties.yaml"), "w") as f:
        f.write(text)
    subprocess.run([os.path.join(ROOT, "certs", "make-dev-pki"), pki, os.path.join(pki, "parties.yaml")], check=True)
    with open(os.path.join(pki, "roots.pem"), "w") as out:
        for name in sorted(glob.glob(os.path.join(pki, "roots", "*.pem"))):
            with open(name) as f:
                out.write(f.read())
    return pki

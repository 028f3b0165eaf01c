"""The servers that are compared: each starts in an empty folder of its own, and its CPU time is read from outside."""
import glob
import os
import re
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
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


def vm_hwm(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) << 10


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
        raise SystemExit("%s: %s:\n%s" % (self.name, what, self.read_log()[-2000:]))

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

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
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

    @classmethod
    def version(cls):
        return first_match(["git", "-C", ROOT, "describe", "--always", "--dirty"], r"^(\S+)$")

    def prepare(self):
        os.symlink(self.pki, self.path("pki"))  # made before; make-gateway leaves it as it is
        subprocess.run([os.path.join(ROOT, "tests/demo/make-gateway"), self.folder, str(self.port)], check=True)
        self.lift_limits()
        subprocess.run([os.path.join(ROOT, "tests/demo/sign-set"), self.folder], check=True,
                       env=dict(os.environ, BIN=os.path.join(self.build(), "bin")))

    @staticmethod
    def build():
        return os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))

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
        return [os.path.join(self.build(), "bin", "fedgate"), "--config", self.path("fedgate.yaml")]

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
        return {role: vm_hwm(pid) for role, pid in self.pids().items()}

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


class Mosquitto(Server):
    name, driver, program = "mosquitto, QoS 1", "mosquitto", "mosquitto"
    promises = "nothing on disk"

    @classmethod
    def version(cls):
        return first_match([cls.program, "-h"], r"version (\S+)")

    def prepare(self):
        self.write("mosquitto.conf", """
listener %d 127.0.0.1
allow_anonymous true
cafile %s/roots.pem
certfile %s/gateway/server.pem
keyfile %s/gateway/server.key
require_certificate true
tls_version tlsv1.3
persistence false
max_inflight_messages 1024
max_queued_messages 0
user root
""" % (self.port, self.pki, self.pki, self.pki))

    def command(self):
        return [self.program, "-c", self.path("mosquitto.conf")]


class JetStream(Server):
    name, driver, program = "NATS JetStream, file", "jetstream", "nats-server"
    promises = "in the page cache; fsync every 2 minutes"
    sync = ""

    @classmethod
    def version(cls):
        return first_match([cls.program, "--version"], r"v(\d\S*)")

    def prepare(self):
        self.write("nats.conf", """
listen: "127.0.0.1:%d"
tls { cert_file: "%s/gateway/server.pem", key_file: "%s/gateway/server.key", ca_file: "%s/roots.pem", verify: true }
jetstream { store_dir: "%s" %s }
""" % (self.port, self.pki, self.pki, self.pki, self.path("store"), self.sync))

    def command(self):
        return [self.program, "-c", self.path("nats.conf")]


class JetStreamSync(JetStream):
    """Offered only where the version has it: since 2.10."""
    name = "NATS JetStream, file, sync"
    promises = "fsync of each message before its acknowledgement"
    sync = ", sync_interval: always"

    @classmethod
    def is_there(cls):
        major, minor = (int(x) for x in re.search(r"(\d+)\.(\d+)", cls.version() + " 0.0").groups())
        return (major, minor) >= (2, 10)


def descendants(pid):
    """Of a process, by pid, their names; itself not among them."""
    parent, name = {}, {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as f:
                head, _, tail = f.read().rpartition(")")
        except FileNotFoundError:
            continue
        child = int(head.split(" ", 1)[0])
        parent[child], name[child] = int(tail.split()[1]), head.split("(", 1)[1]
    found, more = {}, {pid}
    while more:
        more = {child for child, of in parent.items() if of in more}
        found.update({child: name[child] for child in more})
    return found


class RabbitMQ(Server):
    """One node, with a port mapper of its own: nothing of it stays behind."""
    name, driver, program = "RabbitMQ, quorum queue", "rabbitmq", "/usr/lib/rabbitmq/bin/rabbitmq-server"
    promises = "one node; fsync before the confirm"
    patience_s = 90  # it starts in five seconds where nothing else runs

    @classmethod
    def version(cls):
        return first_match(["dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"], r"^([\d.]+)")

    def prepare(self):
        self.mapper_port = free_port()
        self.write("enabled_plugins", "[].\n")
        self.write("rabbitmq.conf", """
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:%d
ssl_options.cacertfile = %s/roots.pem
ssl_options.certfile = %s/gateway/server.pem
ssl_options.keyfile = %s/gateway/server.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.3
""" % (self.port, self.pki, self.pki, self.pki))

    def begin(self):
        self.mapper = subprocess.Popen(["epmd", "-port", str(self.mapper_port), "-address", "127.0.0.1"])
        super().begin()

    def command(self):
        settings = {"HOME": self.folder, "ERL_EPMD_PORT": self.mapper_port, "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_NODENAME": "bench@localhost",
                    "RABBITMQ_DIST_PORT": free_port(), "RABBITMQ_MNESIA_BASE": self.path("data"), "RABBITMQ_LOG_BASE": self.path("logs"),
                    "RABBITMQ_CONFIG_FILE": self.path("rabbitmq.conf"), "RABBITMQ_ENABLED_PLUGINS_FILE": self.path("enabled_plugins")}
        return ["env", *("%s=%s" % item for item in settings.items()), self.program]

    def node(self):
        return next(pid for pid, name in descendants(self.process.pid).items() if name == "beam.smp")

    def pids(self):
        return {self.name: self.node()}

    def abandon(self):
        for pid in descendants(self.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # ended with the one before
        self.mapper.terminate()
        self.mapper.wait()
        super().abandon()

    def stop(self):
        self.abandon()
        super().stop()


class HAProxy(Server):
    name, driver, program, video = "HAProxy, mode tcp", "tls-relay", "haproxy", True
    promises = "bytes, no inspection"

    @classmethod
    def version(cls):
        return first_match([cls.program, "-v"], r"version (\S+?)[-\s]")

    def prepare(self):
        self.sink = free_port()
        self.load_options = ("--sink", str(self.sink))
        for name, source in ("server.pem", "gateway/server"), ("client.pem", "npa-daejeon/112-control"):
            with open(os.path.join(self.pki, source + ".pem")) as c, open(os.path.join(self.pki, source + ".key")) as k:
                self.write(name, c.read() + k.read())
        self.write("haproxy.cfg", """
global
    nbthread 1
    ssl-default-bind-options ssl-min-ver TLSv1.3
    ssl-default-server-options ssl-min-ver TLSv1.3
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend front
    bind 127.0.0.1:%d ssl crt %s ca-file %s/roots.pem verify required
    default_backend back
backend back
    server sink 127.0.0.1:%d ssl crt %s ca-file %s/gateway/root.pem verify required verifyhost localhost
""" % (self.port, self.path("server.pem"), self.pki, self.sink, self.path("client.pem"), self.pki))

    def command(self):
        return [self.program, "-db", "-f", self.path("haproxy.cfg")]

    def await_ready(self):
        """A connection would be handed on to a sink that does not listen yet: the kernel's table has to do."""
        self.await_(self.is_in_table)

    def is_in_table(self):
        with open("/proc/net/tcp") as f:
            return any(line.split()[1].endswith(":%04X" % self.port) and line.split()[3] == "0A" for line in f.readlines()[1:])


class Nginx(HAProxy):
    name, program = "nginx, stream", "nginx"

    @classmethod
    def version(cls):
        return first_match([cls.program, "-v"], r"nginx/(\S+)")

    def prepare(self):
        self.sink = free_port()
        self.load_options = ("--sink", str(self.sink))
        self.write("nginx.conf", """
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
worker_processes 1;
user root;
pid nginx.pid;
error_log log.error;
events { worker_connections 64; }
stream {
    server {
        listen 127.0.0.1:%d ssl;
        ssl_protocols TLSv1.3;
        ssl_certificate %s/gateway/server.pem;
        ssl_certificate_key %s/gateway/server.key;
        ssl_client_certificate %s/roots.pem;
        ssl_verify_client on;
        proxy_pass 127.0.0.1:%d;
        proxy_ssl on;
        proxy_ssl_protocols TLSv1.3;
        proxy_ssl_certificate %s/npa-daejeon/112-control.pem;
        proxy_ssl_certificate_key %s/npa-daejeon/112-control.key;
        proxy_ssl_trusted_certificate %s/gateway/root.pem;
        proxy_ssl_verify on;
        proxy_ssl_name localhost;
    }
}
""" % (self.port, self.pki, self.pki, self.pki, self.sink, self.pki, self.pki, self.pki))

    def command(self):
        return [self.program, "-p", self.folder, "-c", self.path("nginx.conf"), "-e", self.path("log.error")]

    def pids(self):
        return {"master": self.process.pid, **{"worker": pid for pid in descendants(self.process.pid)}}

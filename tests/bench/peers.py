"""The servers that the gateway is compared with, as Debian ships them."""
import glob
import os
import re
import signal
import subprocess

from servers import Server, first_match, free_port


class Mosquitto(Server):
    name, driver, program = "mosquitto, QoS 1", "mosquitto", "mosquitto"
    promises = "nothing on disk"
    more = ""

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
%s
""" % (self.port, self.pki, self.pki, self.pki, self.more))

    def command(self):
        return [self.program, "-c", self.path("mosquitto.conf")]


class MosquittoMany(Mosquitto):
    name, hello = "mosquitto", "mosquitto"
    promises = "an MQTT session on each"
    more = "set_tcp_nodelay true"  # or each takes 40 ms to begin


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
    backend = "default_backend back"

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
    timeout client 1h
    timeout server 1h
frontend front
    bind 127.0.0.1:%d ssl crt %s ca-file %s/roots.pem verify required
    %s
backend back
    server sink 127.0.0.1:%d ssl crt %s ca-file %s/gateway/root.pem verify required verifyhost localhost
""" % (self.port, self.path("server.pem"), self.pki, self.backend, self.sink, self.path("client.pem"), self.pki))

    def command(self):
        return [self.program, "-db", "-f", self.path("haproxy.cfg")]

    def await_ready(self):
        """A connection would be handed on to a sink that does not listen yet: the kernel's table has to do."""
        self.await_(self.is_in_table)

    def is_in_table(self):
        with open("/proc/net/tcp") as f:
            return any(line.split()[1].endswith(":%04X" % self.port) and line.split()[3] == "0A" for line in f.readlines()[1:])


class HAProxyMany(HAProxy):
    name, hello = "HAProxy, with its backend leg", "tls-relay"


class HAProxyEnd(HAProxy):
    """It ends each connection as soon as the handshake is over: the least that it can do with one."""
    name, hello = "HAProxy, one thread", "tls-end"
    promises = "nothing but the handshake: it closes then"
    backend = "tcp-request session reject"


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

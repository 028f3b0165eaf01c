"""HTTP/2, as other clients speak it and as nobody should."""
import os
import re
import socket
import struct
import subprocess
import time
import unittest

import grpc

from contract import Unit, incident_report, new_incident, pb
from gateway import free_port
from judge import FIRE, POLICE, Judge
from raw import PING, Raw, frame, message


class Nghttp(Judge):
    tool, packages = "nghttp", ("nghttp2-client",)

    def test_a_checkpoint(self):
        """Gets the log's checkpoint; the gateway's SETTINGS allow 128 calls, 8 KiB of fields and windows of 1 MiB."""
        _, certificate, key = self.credentials()
        said = self.ask("nghttp", "-v", "--cert=" + certificate, "--key=" + key, "https://%s/checkpoint" % self.address(), timeout=20)
        for words in ("The negotiated protocol: h2", ":status: 200", "fedgate.daejeon.example/log", "MAX_CONCURRENT_STREAMS(0x03):128",
                      "INITIAL_WINDOW_SIZE(0x04):1048576", "MAX_HEADER_LIST_SIZE(0x06):8192"):
            self.assertIn(words, said)
        self.assertNotIn("ENABLE_CONNECT_PROTOCOL", said)
        self.assertNotIn("PUSH_PROMISE", said)


class Curl(Judge):
    tool, packages = "curl", ("curl",)

    def get(self, path, *options):
        root, certificate, key = self.credentials()
        return self.ask("curl", "-sS", "-i", "--http2", "--cacert", root, "--cert", certificate, "--key", key, *options,
                        "https://%s%s" % (self.address(), path), timeout=20)

    def fields(self, said):
        return {line.split(":")[0] for line in said.split("\n\n")[0].replace("\r", "").splitlines()[1:] if line}

    def test_a_checkpoint(self):
        """Gets the log's checkpoint."""
        said = self.get("/checkpoint")
        self.assertTrue(said.startswith("HTTP/2 200"), said)
        self.assertIn("fedgate.daejeon.example/log", said)

    def test_answers_name_no_program(self):
        """No answer, of what is there or not, names a program, a version or a folder."""
        for path in ("/checkpoint", "/", "/..%2f..%2fetc/passwd", "/tile/0/x/../../../fedgate.yaml"):
            said = self.get(path, "--path-as-is")
            self.assertRegex(said, r"^HTTP/2 (200|404)")
            self.assertFalse({"server", "via", "x-powered-by"} & self.fields(said.replace("\r\n", "\n")), said)
            self.assertNotRegex(said, r"nghttp2|OpenSSL|libevent|/tmp|root:")

    def test_without_a_certificate(self):
        """Without a certificate there is no answer."""
        said = self.ask("curl", "-sS", "-i", "--http2", "--cacert", self.gateway.root, "https://%s/checkpoint" % self.address(), timeout=20)
        self.assertNotIn("HTTP/2", said)
        self.assertIn("certificate required", said)


class H2load(Judge):
    tool, packages = "h2load, through HAProxy that shows a certificate", ("nghttp2-client", "haproxy")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.port = free_port()
        root, certificate, key = cls.credentials()
        with open(cls.gateway.path("shim.pem"), "w") as shim:
            for path in (certificate, key):
                with open(path) as f:
                    shim.write(f.read())
        with open(cls.gateway.path("shim.cfg"), "w") as f:
            f.write("defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n"
                    "frontend in\n bind 127.0.0.1:%d proto h2\n default_backend gateway\n"
                    "backend gateway\n http-reuse always\n server s %s ssl crt %s ca-file %s verify required alpn h2 proto h2\n"
                    % (cls.port, cls.address(), cls.gateway.path("shim.pem"), root))
        shim = subprocess.Popen(["haproxy", "-db", "-f", cls.gateway.path("shim.cfg")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(shim.wait)
        cls.addClassCleanup(shim.terminate)
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", cls.port)).close()
                break
            except ConnectionRefusedError:
                assert time.monotonic() < until, "HAProxy does not listen"
                time.sleep(0.05)

    def load(self, count, path, *options):
        words = ["h2load", "-n", str(count), "-c", "10", "-m", "32", *options, "http://127.0.0.1:%d%s" % (self.port, path)]
        said = self.ask(*words, timeout=60, show=False)
        self.commands.append(self.shown(words).replace(":%d" % self.port, ":$SHIM"))
        self.assertIn("%d succeeded, 0 failed, 0 errored, 0 timeout" % count, said)
        self.assertIn("status codes: %d 2xx, 0 3xx, 0 4xx, 0 5xx" % count, said)
        self.figure("%s requests a second" % re.search(r"([\d.]+) req/s", said).group(1))

    def test_gets(self):
        """20,000 GETs on ten connections, 32 at once each: all of them answered."""
        self.load(20000, "/checkpoint")

    def test_calls(self):
        """2,000 calls that publish, ten connections, 32 at once each: all of them answered, one record for one id."""
        unit = Unit(self.gateway, POLICE)
        m = incident_report(unit, new_incident(unit))
        unit.close()
        with open(self.gateway.path("message"), "wb") as f:
            f.write(message(m.SerializeToString()))
        self.load(2000, "/fedgate.v1.ExchangeService/Publish", "-d", self.gateway.path("message"), "-H", "content-type: application/grpc", "-H",
                  "te: trailers")
        unit = Unit(self.gateway, POLICE)
        index = unit.publish(m)[0].record.index
        unit.close()
        self.gateway.leaf(index)
        self.assertEqual(1, sum(leaf.get("id") == m.header.id and leaf["event"] == "received" for leaf in self.gateway.leaves()))


def let_it_come_back(folder):
    """A unit of which many connections are ended for floods would have to wait for the next one."""
    with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
        f.write("handshakes_of_unit: 10000\n")


class Hyperframe(Judge):
    """Attacks, each on a connection of one unit; then another unit is served."""
    tool, packages = "hyperframe and hpack", ("python3-hyperframe", "python3-hpack")
    change = staticmethod(let_it_come_back)
    ROUNDS, BATCH, WITHIN_S = 40000, 100, 30

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commands.append("tests/judges/attacks.py: %d rounds of each attack on one connection, until the gateway ends it" % cls.ROUNDS)
        cls.honest = Unit(cls.gateway, FIRE)
        cls.addClassCleanup(cls.honest.close)

    @classmethod
    def sent_until_the_end(cls, gateway, attack, first):
        """How many rounds the gateway bears, in batches that are answered each; None: all of them."""
        peer = Raw(gateway, POLICE)
        try:
            peer.send(first)
            for i in range(0, cls.ROUNDS, cls.BATCH):
                peer.send(b"".join(attack(k) for k in range(i, i + cls.BATCH)) + frame(PING, 0, 0, struct.pack(">Q", i)))
                while peer.until(PING, 0) != struct.pack(">Q", i):
                    pass
        except (OSError, AssertionError):
            return i
        finally:
            peer.close()
        return None

    def is_ended(self, attack):
        from attacks import ATTACKS
        began = time.monotonic()
        borne = self.sent_until_the_end(self.gateway, attack, ATTACKS[attack])
        self.assertIsNotNone(borne, "it is borne without end")
        self.assertLess(time.monotonic() - began, self.WITHIN_S)
        report = incident_report(self.honest, new_incident(self.honest), "fire", "119-dispatch", "fire-response")
        self.assertEqual(pb.VERDICT_ACCEPTED, self.honest.publish(report)[0].verdict)
        self.figure("ended within %d rounds" % (borne + self.BATCH))


def check_of(attack):
    def check(self):
        self.is_ended(attack)
    check.__doc__ = "%s: the connection is ended, and another unit is served." % attack.__name__.replace("_", " ").capitalize()
    return check


try:
    from attacks import ATTACKS
    for one in ATTACKS:
        setattr(Hyperframe, "test_" + one.__name__, check_of(one))
except ImportError:  # setUpClass says so
    Hyperframe.test_attacks = lambda self: None


class H2(Judge):
    tool, packages = "h2", ("python3-h2",)

    def test_a_call(self):
        """Its strict state machine finds nothing wrong with a call from its first frame to its trailers."""
        import h2.config
        import h2.connection
        import h2.events
        unit = Unit(self.gateway, POLICE)
        m = incident_report(unit, new_incident(unit))
        unit.close()
        peer = Raw.__new__(Raw)
        peer.connect(self.gateway, POLICE)
        self.addCleanup(peer.close)
        c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        c.initiate_connection()
        c.send_headers(1, [(":method", "POST"), (":scheme", "https"), (":path", "/fedgate.v1.ExchangeService/Publish"), (":authority", "x"),
                           ("content-type", "application/grpc"), ("te", "trailers")])
        c.send_data(1, message(m.SerializeToString()), end_stream=True)
        peer.send(c.data_to_send())
        seen, data = {}, b""
        while h2.events.StreamEnded not in seen:
            for event in c.receive_data(peer.socket.recv(65536)):
                seen[type(event)] = event
                if isinstance(event, h2.events.DataReceived):
                    data += event.data
                    c.acknowledge_received_data(event.flow_controlled_length, 1)
            peer.send(c.data_to_send() or b"")
        self.assertEqual("200", dict(seen[h2.events.ResponseReceived].headers)[":status"])
        self.assertEqual("0", dict(seen[h2.events.TrailersReceived].headers)["grpc-status"])
        self.assertEqual(m.header.id, pb.Receipt.FromString(data[5:]).id)


if __name__ == "__main__":
    unittest.main()

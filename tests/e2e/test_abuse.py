"""Budgets of handshakes, slow peers, ten thousand idle connections, malformed messages, and units that offend again and again, over real sockets.
Attackers have units and addresses of their own; an honest unit is served meanwhile, and at the end the log verifies."""
import contextlib
import json
import resource
import socket
import ssl
import time
import types
import unittest

from contract import Unit, incident_report, new_incident, pb, reason
from gateway import Gateway
from raw import (DATA, END_HEADERS, END_STREAM, HEADERS, NO_WINDOW, PING, PUBLISH, RST_STREAM, WINDOW_UPDATE, Raw, frame, message, request)

CONTROL, CENTRE, FIRE, TAX = ("npa-daejeon/112-control", "daejeon-city-center/video-monitoring", "daejeon-fire/119-control", "daejeon-tax/audit-desk")
DUTY = "npa-daejeon/112-duty"
OFFICER = "daejeon-city-center/park"
OF_ADDRESS, OF_UNIT, OFFENCES, STALL_S = 300, 80, 3, 2
FLOOD_COSTS = 25  # LIMIT_FLOOD_SESSIONS: sessions of its unit that a connection ended for a flood counts as
SETTINGS_OF_TEST = """handshakes_of_address: %d
handshakes_of_address_per_s: 50
handshakes_of_unit: %d
handshakes_of_unit_per_s: 1
offences: %d
peer_stall: %d seconds
""" % (OF_ADDRESS, OF_UNIT, OFFENCES, STALL_S)
PATIENCE_S = 40  # of a test, on a machine that does much else


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def nested(encoded):
    """As field 1 of a message."""
    return b"\x0a" + varint(len(encoded)) + encoded


def settle(folder):
    with open(folder + "/fedgate.yaml", "a") as f:
        f.write(SETTINGS_OF_TEST)


class Abuse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        cls.gateway = Gateway(settle)
        cls.honest = Unit(cls.gateway, FIRE)

    @classmethod
    def tearDownClass(cls):
        cls.honest.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def serves(self):
        report = incident_report(self.honest, new_incident(self.honest), "fire", "119-dispatch", "fire-response")
        receipt = next(self.honest.exchange([report], PATIENCE_S, wait=True))
        self.assertEqual(pb.VERDICT_ACCEPTED, receipt.verdict)

    def raw(self, unit, **how):
        peer = Raw(self.gateway, unit, **how)
        self.addCleanup(peer.close)
        return peer

    def connects(self, unit):
        """Whether it is let in."""
        try:
            with contextlib.closing(Raw(self.gateway, unit)) as peer:
                return peer.socket.recv(1) != b""
        except OSError:
            return False

    def ctl(self, *words, lang="en"):
        r = self.gateway.ctl(*words, "--socket", self.gateway.path("data", "control.sock"), "--lang", lang)
        self.assertEqual(0, r.returncode, r.stdout + r.stderr)
        return r.stdout

    def status(self):
        return json.loads(self.ctl("status", "--json"))["edge"]

    def suspended(self):
        return [json.loads(line)["subject"] for line in self.ctl("suspensions", "list", "--json").splitlines()]

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def strangers(self, address, count):
        """Connections from this address, of whom nobody says a word."""
        peers = []
        for _ in range(count):
            peers.append(socket.create_connection(("127.0.0.1", self.gateway.port), timeout=PATIENCE_S, source_address=(address, 0)))
            self.addCleanup(peers[-1].close)
        return peers

    @staticmethod
    def is_ended(peer, within=PATIENCE_S):
        """Whether the gateway closes it in that time."""
        peer.settimeout(within)
        try:
            while peer.recv(65536):
                pass
            return True
        except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True

    # ---- budgets of handshakes

    def test_an_address_that_begins_too_many_handshakes_waits_and_no_other_does(self):
        before = self.status()["refusedAddresses"]
        self.until(lambda: self.strangers("127.0.0.9", OF_ADDRESS) and self.status()["refusedAddresses"] > before, "nobody is refused")
        self.serves()
        self.gateway.wait_for("handshakes-refused count=")
        self.until(lambda: not self.is_ended(self.strangers("127.0.0.9", 1)[0], 1), "its budget never fills again")
        self.assertEqual([], self.suspended())

    def test_a_unit_that_begins_too_many_sessions_is_refused_and_no_other_is(self):
        before = self.status()["refusedUnits"]
        self.until(lambda: not self.connects(CENTRE), "it may begin as many as it likes")
        self.until(lambda: self.status()["refusedUnits"] > before, "nothing was counted")
        self.serves()
        self.until(lambda: self.connects(CENTRE), "its budget never fills again")
        self.assertNotIn("offender " + CENTRE, self.suspended())

    # ---- slow peers, and those who say nothing

    def slow_handshake(self):
        peer = socket.create_connection(("127.0.0.1", self.gateway.port))
        self.addCleanup(peer.close)
        peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
        return peer

    def slow_headers(self):
        peer = self.raw(CONTROL)
        peer.send(frame(HEADERS, 0, 1, request(PUBLISH)[:20]))
        return peer.socket

    def settings_unanswered(self):
        peer = self.raw(CONTROL, acknowledges=False)
        return peer.socket

    @staticmethod
    def drips(peer, stream):
        """Sends one more byte of a message; whether fields have come meanwhile."""
        peer.send(frame(DATA, 0, stream, b"\x0a"))
        try:
            peer.until(HEADERS, stream, 0.1)
            return True
        except TimeoutError:
            return False

    def test_slow_peers_are_ended_in_time_and_nobody_waits_for_them(self):
        slow = {of.__name__: of() for of in (self.slow_handshake, self.slow_headers, self.settings_unanswered)}
        body, drip, window = self.raw(CONTROL), self.raw(CONTROL), self.raw(CONTROL, settings=NO_WINDOW)
        half, drop = body.open(), drip.open()
        body.send(frame(DATA, 0, half, message(b"\x0a" * 400)[:100]))
        drip.send(frame(DATA, 0, drop, message(b"\x0a" * 100000)[:100]))
        unread = window.open()
        window.send(frame(DATA, 0, unread, message(b"\xff" * 40) * 20))
        self.serves()
        for _ in range(2):  # the response's fields, then its trailers: the call was ended
            body.until(HEADERS, half, PATIENCE_S)
            self.until(lambda: self.drips(drip, drop), "a message may trickle as long as it likes")
        window.until(RST_STREAM, unread, PATIENCE_S)
        for name, peer in slow.items():
            self.assertTrue(self.is_ended(peer), name)
        self.serves()
        self.assertNotIn("offender " + CONTROL, self.suspended())  # a bad line does the same

    def test_ten_thousand_idle_connections_keep_nobody_out_and_end_in_time(self):
        count = min(10000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500)
        per_address = OF_ADDRESS - 50
        peers = [peer for i in range(-(-count // per_address)) for peer in self.strangers("127.0.1.%d" % (i + 1), per_address)]
        self.serves()
        late = Unit(self.gateway, TAX)
        self.addCleanup(late.close)
        self.assertTrue(late.subscribe("idle").is_empty())
        for peer in peers:
            self.assertTrue(self.is_ended(peer))
        self.serves()

    # ---- malformed messages

    def test_malformed_messages_are_refused_each_with_its_reason_and_the_call_goes_on(self):
        unit = Unit(self.gateway, CONTROL)
        self.addCleanup(unit.close)
        report = incident_report(unit, new_incident(unit), "robbery")
        good = report.SerializeToString()
        header = report.header.SerializeToString()

        deep = b""
        for _ in range(40):
            deep = nested(deep)
        self.assertIn(nested(header), good)
        cases = {"random bytes": (b"\xff" * 40, "MALFORMED"),
                 "cut in a field": (good[:-3], "MALFORMED"),
                 "a length past the end": (b"\x0a\x7f" * 10, "MALFORMED"),
                 "a varint of eleven bytes": (good + b"\x08" + b"\xff" * 10 + b"\x01", "MALFORMED"),
                 "field number 0": (good + b"\x02\x00", "MALFORMED"),
                 "a group": (good + b"\x0b\x0c", "MALFORMED"),
                 "wire type 6": (good + b"\x0e", "MALFORMED"),
                 "wire type 7": (good + b"\x0f", "MALFORMED"),
                 "nested forty deep": (deep, "MALFORMED"),
                 "a singular field twice": (good + nested(header), "MALFORMED"),
                 "10,000 fields": (good + nested(b"") * 10000, "MALFORMED"),
                 "a million empty ones": (b"\x0a\x00" * 1000000, "MALFORMED"),
                 "a string that is no UTF-8": (good.replace(b"robbery", b"rob\xff\xfery"), "MALFORMED"),
                 "a NUL in a string": (good.replace(b"robbery", b"rob\0ery"), "MALFORMED"),
                 "the wrong wire type of a field": (good.replace(nested(header), b"\x08\x01", 1), "MALFORMED"),
                 "an unknown field": (good + b"\xfa\x7f\x01x", "UNKNOWN_FIELD")}
        for (case, (_, expected)), receipt in zip(cases.items(), unit.publish_raw(*[encoded for encoded, _ in cases.values()], good,
                                                                                  timeout=PATIENCE_S)):
            with self.subTest(case):
                self.assertEqual(pb.VERDICT_REFUSED, receipt.verdict)
                self.assertEqual("REASON_" + expected, reason(receipt))
        self.assertEqual("REASON_ID_REUSED", reason(unit.publish_raw(good)[0]), "the good one behind them was not taken")

    # ---- floods, and what comes of them

    def flood(self, unit, of):
        """Sends until the gateway ends the connection."""
        peer = Raw(self.gateway, unit)
        try:
            for i in range(1, 40000, 2):
                peer.send(of(i))
            return peer.ends(PATIENCE_S)
        except OSError:
            return True
        finally:
            peer.close()

    def test_a_unit_that_floods_again_and_again_is_suspended_until_an_officer_lifts_it(self):
        def headers(i, flags=END_HEADERS):
            return frame(HEADERS, flags, i, request(PUBLISH))

        floods = [lambda i: headers(i) + frame(WINDOW_UPDATE, 0, i, b"\x7f\xff\xff\xff"),  # MadeYouReset (CVE-2025-8671), by too much window,
                  lambda i: headers(i, END_HEADERS | END_STREAM) + frame(DATA, 0, i, b"x"),  # and by data after the end
                  lambda i: headers(i) + frame(RST_STREAM, 0, i, b"\0\0\0\x08"),
                  lambda i: frame(PING, 0, 0, b"12345678")]
        self.assertEqual(OFFENCES + 1, len(floods))
        other = self.raw(TAX)
        for of in floods[:OFFENCES - 1]:
            self.assertTrue(self.flood(TAX, of))
        self.assertEqual([], self.suspended())
        self.assertTrue(self.flood(TAX, floods[2]))
        self.assertIn("offence=flood", self.gateway.wait_for("unit-suspended unit=" + TAX))
        self.assertIn(b"party-suspended: the gateway", other.farewell(PATIENCE_S))
        self.assertEqual(["offender " + TAX], self.suspended())
        self.assertIn("범람", self.ctl("suspensions", "list", lang="ko"))
        self.serves()

        self.honest.close()
        self.assertEqual(0, self.gateway.stop())
        self.gateway.start()
        type(self).honest = Unit(self.gateway, FIRE)
        self.assertIn(b"party-suspended: the gateway", self.raw(TAX).farewell(PATIENCE_S))
        self.serves()
        self.assertEqual('act=suspend subject="offender %s" offence=flood' % TAX,
                         [x["detail"] for x in self.gateway.leaves() if x["event"] == "unit-suspended"][0])

        self.ctl("resume", "offender", TAX, "--officer", OFFICER, "--reason", "the client was repaired", "--key",
                 self.gateway.path("signing", "park.key"))
        self.assertEqual([], self.suspended())
        tax = Unit(self.gateway, TAX)
        self.addCleanup(tax.close)
        self.assertTrue(tax.subscribe("again").is_empty())

    def test_a_connection_that_is_ended_for_a_flood_costs_its_unit_further_ones(self):
        began, more = time.monotonic(), 0
        self.assertTrue(self.flood(DUTY, lambda i: frame(PING, 0, 0, b"12345678")))
        while self.connects(DUTY):
            more += 1
            self.assertLess(more, 10 * OF_UNIT, "it may begin as many as it likes")
        self.assertLessEqual(more, OF_UNIT - FLOOD_COSTS + int(time.monotonic() - began))  # one more each second

    def test_nobody_is_suspended_for_what_strangers_do_in_a_units_name(self):
        for name in ("foreign-name", "wrong-root", "self-signed", "expired"):
            bad = types.SimpleNamespace(root=self.gateway.root, port=self.gateway.port,
                                        certificate=lambda _: [self.gateway.path("pki", "bad", name + end) for end in (".pem", ".key")])
            for _ in range(2 * OFFENCES):
                try:
                    with contextlib.closing(Raw(bad, CONTROL)) as peer:
                        peer.send(frame(PING, 0, 0, b"12345678") * 2000)
                except OSError:
                    pass
        for peer in self.strangers("127.0.0.8", 10 * OFFENCES):
            peer.sendall(b"\x16\x03\x01\x40\x00" + b"x" * 16384)
        self.serves()
        self.assertEqual([], [s for s in self.suspended() if TAX not in s])


if __name__ == "__main__":
    unittest.main()

"""TLS refusals, seen with openssl s_client: who has no valid identity gets an alert, and nobody else is disturbed."""
import os
import subprocess
import unittest

from contract import Unit, incident_report, new_incident, pb
from gateway import Gateway
from raw import ACK, MAGIC, PING, SETTINGS, Raw, frame

UNIT_CONNECTIONS = 100  # LIMIT_UNIT_CONNECTIONS
KEY_UPDATES = 8  # LIMIT_TLS_KEY_UPDATES, a minute


class Renewing:
    """An HTTP/2 client by openssl s_client, which renews its keys on command."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.came, self.pongs, self.updates = b"", 0, 0
        self.wait_for(b"Verify return code", 1)
        self.process.stdin.write(MAGIC + frame(SETTINGS, 0, 0) + frame(SETTINGS, ACK, 0))
        self.is_served()

    def wait_for(self, text, count):
        while self.came.count(text) < count:
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return False
            self.came += more
        return True

    def is_served(self):
        """Whether a PING is still answered; all that was sent before has been read then."""
        self.pongs += 1
        return self.write(frame(PING, 0, 0, b"pingpong")) and self.wait_for(b"pingpong", self.pongs)

    def update(self):
        self.updates += 1
        return self.write(b"k\n") and self.wait_for(b"KEYUPDATE", self.updates) and self.is_served()

    def write(self, data):
        """In one piece: the program looks for a command at the beginning of what it reads."""
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            return False
        return True

    def close(self):
        self.process.kill()
        self.process.communicate()


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.police = Unit(cls.gateway, "npa-daejeon/112-control")

    @classmethod
    def tearDownClass(cls):
        cls.police.close()
        cls.gateway.close()

    def connect(self, certificate=None, *options):
        command = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.gateway.port, "-CAfile", self.gateway.root,
                   "-ign_eof", "-verify_return_error"]
        if certificate:
            command += ["-cert", certificate + ".pem", "-key", certificate + ".key"]
        if "-alpn" not in options and "-no-alpn" not in options:
            command += ["-alpn", "h2"]
        command += [o for o in options if o != "-no-alpn"]
        r = subprocess.run(command, input=b"", capture_output=True, timeout=20)
        return (r.stdout + r.stderr).decode(errors="replace")

    def bad(self, name):
        return self.gateway.path("pki", "bad", name)

    def assert_refused(self, output, *alerts):
        self.assertTrue(any("alert " + a in output for a in alerts), output[-800:])
        r = self.police.publish(incident_report(self.police, new_incident(self.police)))
        self.assertEqual(pb.VERDICT_ACCEPTED, r[0].verdict, "somebody else was disturbed")

    def test_a_good_certificate_is_accepted(self):
        out = self.connect(self.gateway.path("pki", "npa-daejeon", "112-control"))
        self.assertIn("Verify return code: 0 (ok)", out)
        self.assertIn("ALPN protocol: h2", out)

    def test_without_a_certificate(self):
        self.assert_refused(self.connect(), "certificate required")

    def test_an_expired_certificate(self):
        self.assert_refused(self.connect(self.bad("expired")), "certificate expired")

    def test_one_that_is_not_valid_yet(self):
        self.assert_refused(self.connect(self.bad("not-yet-valid")), "bad certificate", "certificate expired")

    def test_a_root_that_nobody_pinned(self):
        self.assert_refused(self.connect(self.bad("wrong-root")), "unknown ca")

    def test_a_self_signed_certificate(self):
        self.assert_refused(self.connect(self.bad("self-signed")), "unknown ca")

    def test_a_revoked_certificate(self):
        self.assert_refused(self.connect(self.bad("revoked")), "certificate revoked")

    def test_a_certificate_for_another_use(self):
        self.assert_refused(self.connect(self.bad("wrong-usage")), "unsupported certificate", "access denied", "bad certificate")
        self.assert_refused(self.connect(self.bad("server-only")), "unsupported certificate", "access denied", "bad certificate")

    def test_a_name_in_another_agencys_name_space(self):
        self.assert_refused(self.connect(self.bad("foreign-name")), "access denied")

    def test_without_a_name_or_with_two(self):
        self.assert_refused(self.connect(self.bad("no-uri")), "access denied")
        self.assert_refused(self.connect(self.bad("two-uris")), "access denied")

    def test_nothing_older_than_tls_1_3(self):
        out = self.connect(self.gateway.path("pki", "npa-daejeon", "112-control"), "-tls1_2")
        self.assert_refused(out, "protocol version")

    def test_no_other_protocol_than_h2(self):
        good = self.gateway.path("pki", "npa-daejeon", "112-control")
        self.assert_refused(self.connect(good, "-alpn", "http/1.1"), "no application protocol")

    def test_who_renews_its_keys_again_and_again_is_ended(self):
        certificate, key = self.gateway.certificate("npa-daejeon/112-control")
        peer = Renewing(["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.gateway.port, "-CAfile", self.gateway.root, "-alpn", "h2",
                         "-cert", certificate, "-key", key])
        self.addCleanup(peer.close)
        while peer.updates <= 2 * KEY_UPDATES and peer.update():
            self.assertLessEqual(peer.updates, 2 * KEY_UPDATES, "it is still served")
        # A minute may have begun meanwhile, but only one.
        self.assertGreater(peer.updates, KEY_UPDATES)

    def test_so_many_connections_of_a_unit_and_when_one_ends_another(self):
        fire = "daejeon-fire/119-control"
        peers = [Raw(self.gateway, fire) for _ in range(UNIT_CONNECTIONS)]
        self.assert_refused(self.connect(self.gateway.path("pki", fire)), "access denied")
        self.gateway.wait_for("too many connections of this unit")
        peers.pop().close()
        self.gateway.wait_for("session-ended unit=%s" % fire)
        peers.append(Raw(self.gateway, fire))
        peers[-1].open()
        self.assertFalse(peers[-1].ends(within=0.2))
        for peer in peers:
            peer.close()

    def test_the_log_names_the_reason_and_no_payload(self):
        self.connect(self.bad("expired"))
        line = self.gateway.wait_for("expired")
        self.assertIn("127.0.0.1", line)


if __name__ == "__main__":
    unittest.main()

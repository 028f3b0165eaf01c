"""TLS, as scanners and another TLS library see it."""
import json
import os
import re
import subprocess
import tempfile
import unittest

from judge import FIRE, Judge, ROOT
from relay import Relay

OFF = {"SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2"}
SUITES = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"]
# The gateway's peers pin its root; nobody asks anybody about revocation while a handshake waits.
BY_DESIGN = {"cert_revocation"}


class Testssl(Judge):
    tool, packages = "testssl.sh", ("testssl.sh", "openssl")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        relay = Relay(cls.gateway.port)
        cls.addClassCleanup(relay.close)
        root, certificate, key = cls.credentials()
        common = ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none"]
        # By openssl s_client with a certificate as far as the end of the handshake; by its own hellos, past ALPN, as far as ServerHello.
        unit = [*common, "--ssl-native", "--openssl", os.path.join(ROOT, "tests/judges/openssl-with-certificate"), "--add-ca", root, "-p", "-P",
                "-f", "-S"]
        stranger = [*common, "-p", "-U"]
        with tempfile.TemporaryDirectory() as folder:
            runs = []
            for name, words, address in (("unit", unit, cls.address()), ("stranger", stranger, "127.0.0.1:%d" % relay.port)):
                cls.commands.append(cls.shown([*words, address]).replace(":%d" % relay.port, ":$RELAY"))
                words = [*words, "--jsonfile-pretty", os.path.join(folder, name), address]
                runs.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                             env=dict(os.environ, CERTIFICATE=certificate, KEY=key)))
            for run in runs:
                run.wait(150)
            cls.unit, cls.stranger = [cls.findings(os.path.join(folder, name)) for name in ("unit", "stranger")]

    @staticmethod
    def findings(path):
        """id -> (severity, finding)"""
        with open(path) as f:
            scans = json.load(f)["scanResult"]
        return {x["id"]: (x["severity"], x["finding"]) for scan in scans for part in scan.values() if isinstance(part, list) for x in part}

    def test_versions(self):
        """Only TLS 1.3 is offered."""
        for name in OFF:
            self.assertIn("not offered", self.stranger[name][1], name)
        self.assertIn("not offered", " ".join(self.unit[name][1] for name in ("TLS1", "TLS1_1", "TLS1_2")))
        self.assertIn("offered with final", self.stranger["TLS1_3"][1])
        self.assertEqual("offered", self.unit["TLS1_3"][1])

    def test_suites_and_groups(self):
        """AES-256-GCM, ChaCha20-Poly1305 and AES-128-GCM, in this order; P-256, P-384 and X25519; nothing else."""
        self.assertEqual(SUITES, self.unit["cipherorder_TLSv1_3"][1].split())
        self.assertEqual({"prime256v1", "secp384r1", "X25519"}, set(self.unit["PFS_ECDHE_curves"][1].split()))

    def test_nothing_is_resumed(self):
        """No session tickets, no resumption."""
        self.assertEqual("not supported", self.unit["sessionresumption_ticket"][1])
        self.assertIn("no resumption", self.unit["sessionresumption_ID"][1])

    def test_vulnerabilities(self):
        """None of these vulnerabilities: Heartbleed, CCS, ROBOT, renegotiation, CRIME, POODLE, FREAK, DROWN, LOGJAM, BEAST, LUCKY13, RC4."""
        # SWEET32 is told as CRIME_TLS of a server that has TLS 1.3 only.
        names = ("heartbleed", "CCS", "ROBOT", "secure_renego", "secure_client_renego", "CRIME_TLS", "POODLE_SSL", "FREAK", "DROWN", "LOGJAM",
                 "BEAST", "LUCKY13", "RC4")
        self.assertEqual({}, {n: self.stranger.get(n) for n in names if self.stranger.get(n, ("missing",))[0] != "OK"})

    def test_nothing_is_rated_bad(self):
        """Nothing is rated LOW or worse, but that the certificate names no CRL: the peers pin its root."""
        rated = {n: x for seen in (self.unit, self.stranger) for n, x in seen.items() if x[0] in ("LOW", "MEDIUM", "HIGH", "CRITICAL")}
        self.assertEqual(BY_DESIGN, set(rated), rated)


class Sslscan(Judge):
    tool, packages = "sslscan", ("sslscan",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        relay = Relay(cls.gateway.port)
        cls.addClassCleanup(relay.close)
        cls.bare = cls.ask("sslscan", "--no-colour", "--show-sigs", cls.address())
        cls.relayed = cls.ask("sslscan", "--no-colour", "--show-sigs", "127.0.0.1:%d" % relay.port, show=False)
        cls.commands.append("sslscan --no-colour --show-sigs 127.0.0.1:$RELAY")

    def part(self, title):
        m = re.search(r"%s\(s\):\n((?:TLS.*\n)+)" % title, self.relayed)
        self.assertIsNotNone(m, self.relayed)
        return [line.split() for line in m.group(1).splitlines()]

    def test_versions(self):
        """Only TLS 1.3 is enabled; no renegotiation, no compression, no heartbeat."""
        for name in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"):
            self.assertRegex(self.relayed, r"(?m)^%s +disabled$" % re.escape(name))
        self.assertRegex(self.relayed, r"(?m)^TLSv1\.3 +enabled$")
        self.assertIn("Session renegotiation not supported", self.relayed)
        self.assertIn("TLSv1.3 not vulnerable to heartbleed", self.relayed)

    def test_groups(self):
        """The groups are secp256r1, secp384r1 and x25519, and no others."""
        self.assertEqual({"secp256r1", "secp384r1", "x25519"}, {words[3] for words in self.part("Server Key Exchange Group")})

    def test_signatures(self):
        """The gateway signs with ecdsa_secp256r1_sha256 and nothing else."""
        self.assertEqual([["TLSv1.3", "ecdsa_secp256r1_sha256"]], self.part("Server Signature Algorithm"))

    def test_who_speaks_no_http2_learns_nothing(self):
        """Who does not offer HTTP/2 learns nothing: no version, no suite, no certificate."""
        self.assertNotIn("enabled", self.bare)
        self.assertIn("Certificate information cannot be retrieved.", self.bare)
        self.assertNotIn("Issuer", self.bare)


class GnuTLS(Judge):
    tool, packages = "gnutls-cli", ("gnutls-bin",)

    def connect(self, *options, unit=FIRE, input=""):
        root, certificate, key = self.credentials()
        mine = ["--x509certfile=" + certificate, "--x509keyfile=" + key] if unit else []
        return self.ask("gnutls-cli", "--x509cafile=" + root, *mine, "--alpn=h2", *options, "-p", str(self.gateway.port), "127.0.0.1",
                        input=input, timeout=20)

    def test_a_unit_is_let_in(self):
        """A unit with its certificate is let in, over TLS 1.3 and HTTP/2; the gateway's certificate is trusted."""
        said = self.connect()
        for words in ("The certificate is trusted", "(TLS1.3-X.509)", "Application protocol: h2", "Handshake was completed"):
            self.assertIn(words, said)

    def test_a_certificate_is_demanded(self):
        """Without a certificate the answer is the alert certificate_required."""
        self.assertIn("alert [116]", self.connect(unit=None))

    def test_older_versions(self):
        """TLS 1.2 and older are answered with the alert protocol_version."""
        for version in ("TLS1.2", "TLS1.1", "TLS1.0"):
            self.assertIn("alert [70]", self.connect("--priority=NORMAL:-VERS-ALL:+VERS-" + version), version)

    def test_groups(self):
        """secp256r1, secp384r1 and x25519 are taken; secp521r1, x448 and finite fields are answered with handshake_failure."""
        for group in ("SECP256R1", "SECP384R1", "X25519"):
            self.assertIn("Handshake was completed", self.connect("--priority=NORMAL:-GROUP-ALL:+GROUP-" + group), group)
        for group in ("SECP521R1", "X448", "FFDHE2048", "FFDHE3072"):
            self.assertIn("alert [40]", self.connect("--priority=NORMAL:-GROUP-ALL:+GROUP-" + group), group)

    def test_suites(self):
        """AES-256-GCM, ChaCha20-Poly1305 and AES-128-GCM are taken; CCM suites are answered with handshake_failure."""
        for suite in ("AES-256-GCM", "CHACHA20-POLY1305", "AES-128-GCM"):
            self.assertIn("-(%s)" % suite, self.connect("--priority=NORMAL:-CIPHER-ALL:+" + suite), suite)
        for suite in ("AES-128-CCM", "AES-128-CCM-8"):
            self.assertIn("alert [40]", self.connect("--priority=NORMAL:-CIPHER-ALL:+" + suite), suite)

    def test_nothing_is_resumed(self):
        """A second connection is not resumed: the certificate is demanded again."""
        said = self.connect("--resume")
        self.assertNotIn("This is a resumed session", said)
        self.assertEqual(2, said.count("Server has requested a certificate"), said)

    def test_other_protocols(self):
        """Who offers http/1.1 alone is answered with the alert no_application_protocol."""
        root, certificate, key = self.credentials()
        said = self.ask("gnutls-cli", "--x509cafile=" + root, "--x509certfile=" + certificate, "--x509keyfile=" + key, "--alpn=http/1.1", "-p",
                        str(self.gateway.port), "127.0.0.1", timeout=20)
        self.assertIn("alert [120]", said)


class OpenSSL(Judge):
    tool, packages = "openssl s_client", ("openssl",)

    def connect(self, *options, input=""):
        root, certificate, key = self.credentials()
        return self.ask("openssl", "s_client", "-connect", self.address(), "-CAfile", root, "-cert", certificate, "-key", key, "-alpn", "h2",
                        *options, input=input, timeout=20)

    def test_signatures_of_clients(self):
        """Of clients no signature with SHA-1 or SHA-224, and none of DSA, is asked."""
        asked = re.search(r"(?m)^Requested Signature Algorithms: (\S+)", self.connect())
        self.assertIsNotNone(asked)
        self.assertEqual([], [a for a in asked.group(1).split(":") if re.search(r"SHA-?1$|SHA-?224|DSA\+SHA1|^DSA", a)])

    def test_names_of_authorities(self):
        """Nobody is told which authorities, and so which agencies, the gateway knows."""
        self.assertIn("No client certificate CA names sent", self.connect())

    def test_no_tickets_and_no_early_data(self):
        """After the handshake there is no session ticket; the greatest early data is none."""
        said = self.connect()
        self.assertIn("Verify return code: 0 (ok)", said)
        self.assertNotIn("Post-Handshake New Session Ticket arrived", said)
        self.assertNotRegex(said, r"Max Early Data: [1-9]")
        self.assertIn("Compression: NONE", said)


if __name__ == "__main__":
    unittest.main()

"""SIGHUP: a new policy set, revocation lists and certificate take effect at once, or the old ones stay and the log says why."""
import os
import re
import subprocess
import time
import unittest

import grpc

from contract import Unit, incident_report, new_incident, pb, reason
from gateway import ROOT, Gateway


def edit(path, old, new):
    with open(path) as f:
        text = f.read()
    assert old in text, "%s does not hold %r" % (path, old)
    with open(path, "w") as f:
        f.write(text.replace(old, new, 1))


class Reload(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.police = Unit(self.gateway, "npa-daejeon/112-control")

    def tearDown(self):
        self.police.close()
        self.gateway.close()

    def report(self):
        return self.police.publish(incident_report(self.police, new_incident(self.police)))[0]

    def test_a_new_set_decides_from_then_on(self):
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        mou = self.gateway.path("policy", "mou", "molit-npa-2015.yaml")
        edit(mou, "  - grant: incident-report\n    service: 112-onsite-video", "  - grant: incident-report\n    service: disaster")
        edit(self.gateway.path("policy", "set.yaml"), "serial: 1", "serial: 2")
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")
        refused = self.report()
        self.assertEqual("REASON_SERVICE_NOT_GRANTED", reason(refused))

    def test_a_set_with_errors_is_refused_and_the_running_one_stays(self):
        mou = self.gateway.path("policy", "mou", "molit-npa-2015.yaml")
        edit(mou, "kind: incident_report", "kind: incident_reprot")
        self.gateway.reload()
        self.gateway.wait_for("reload-refused")
        self.assertTrue(any(re.search(r"mou/molit-npa-2015\.yaml:\d+:\d+: error: unknown kind 'incident_reprot'", line)
                            for line in self.gateway.log))
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)

    def test_a_revoked_unit_loses_its_session_and_comes_in_no_more(self):
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        subscription = self.police.subscribe()
        time.sleep(0.3)
        ca = self.gateway.path("pki", "npa-daejeon", "ca.cnf")
        certificate, _ = self.gateway.certificate("npa-daejeon/112-control")
        for command in (["-revoke", certificate], ["-gencrl", "-out", self.gateway.path("pki", "crls", "npa-daejeon.crl")]):
            subprocess.run(["openssl", "ca", "-batch", "-config", ca, *command], check=True, capture_output=True)
        began = time.monotonic()
        self.gateway.reload()
        delivery, error = subscription.arrived.get(timeout=10)
        self.assertIsNone(delivery)
        self.assertLess(time.monotonic() - began, 3.0)
        self.gateway.wait_for("session-revoked")
        with self.assertRaises(grpc.RpcError):
            self.report()

    def test_a_renewed_certificate_with_a_new_key_is_shown_to_new_connections(self):
        pki = self.gateway.path("pki")
        key, pem = os.path.join(pki, "gateway", "server.key"), os.path.join(pki, "gateway", "server.pem")
        subprocess.run("openssl ecparam -name prime256v1 -genkey -noout -out %s.new && "
                       "openssl req -new -key %s.new -subj /CN=renewed -out %s.csr" % (key, key, pem), shell=True, check=True,
                       capture_output=True)
        with open(pem + ".ext", "w") as f:
            f.write("basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                    "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n")
        subprocess.run(["openssl", "ca", "-batch", "-notext", "-config", os.path.join(pki, "daejeon-gateway-operator", "ca.cnf"),
                        "-in", pem + ".csr", "-extfile", pem + ".ext", "-out", pem + ".new"], check=True, capture_output=True)
        # The certificate alone does not fit the key that the keeper has: refused, the old one stays.
        os.rename(pem, pem + ".old")
        os.rename(pem + ".new", pem)
        self.gateway.reload()
        self.gateway.wait_for("does not fit")
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        os.rename(key + ".new", key)
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")
        out = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.gateway.port, "-alpn", "h2", "-CAfile",
                              self.gateway.root], input=b"", capture_output=True).stdout.decode()
        self.assertIn("CN = renewed", out)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict, "a session that was open goes on")


if __name__ == "__main__":
    unittest.main()

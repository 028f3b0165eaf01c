"""SIGHUP: a new policy set, revocation lists and certificate take effect at once, or the old ones stay and the log says why."""
import os
import re
import signal
import socket
import ssl
import subprocess
import time
import unittest

import grpc

from contract import Unit, incident_report, new_incident, pb, reason
from gateway import PROMPTLY, ROOT, Gateway, edit


class Reload(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.police = Unit(self.gateway, "npa-daejeon/112-control")

    def tearDown(self):
        self.police.close()
        self.gateway.close()

    def report(self):
        return self.police.publish(incident_report(self.police, new_incident(self.police)))[0]

    def revoke_police(self):
        ca = self.gateway.path("pki", "npa-daejeon", "ca.cnf")
        certificate, _ = self.gateway.certificate("npa-daejeon/112-control")
        for command in (["-revoke", certificate], ["-gencrl", "-out", self.gateway.path("pki", "crls", "npa-daejeon.crl")]):
            subprocess.run(["openssl", "ca", "-batch", "-config", ca, *command], check=True, capture_output=True)

    def refuse_incident_reports(self):
        """In the policy set's files; nothing reads them yet."""
        mou = self.gateway.path("policy", "mou", "molit-npa-2015.yaml")
        edit(mou, "  - grant: incident-report\n    service: 112-onsite-video", "  - grant: incident-report\n    service: disaster")
        edit(self.gateway.path("policy", "set.yaml"), "serial: 1", "serial: 2")
        self.gateway.sign()

    def test_a_new_set_decides_from_then_on(self):
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        self.refuse_incident_reports()
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")
        refused = self.report()
        self.assertEqual("REASON_SERVICE_NOT_GRANTED", reason(refused))

    def test_a_set_with_errors_is_refused_and_the_running_one_stays(self):
        mou = self.gateway.path("policy", "mou", "molit-npa-2015.yaml")
        edit(mou, "kind: incident_report", "kind: incident_reprot")
        edit(self.gateway.path("policy", "set.yaml"), "serial: 1", "serial: 2")
        self.gateway.seal_and_sign_broken()
        self.gateway.reload()
        self.gateway.wait_for("reload-refused reason=errors")
        self.assertTrue(any(re.search(r"mou/molit-npa-2015\.yaml:\d+:\d+: error: unknown kind 'incident_reprot'", line)
                            for line in self.gateway.log))
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)

    def test_a_revoked_unit_loses_all_of_its_sessions_and_comes_in_no_more(self):
        again, centre = Unit(self.gateway, self.police.name), Unit(self.gateway, "daejeon-city-center/video-monitoring")
        self.addCleanup(again.close)
        self.addCleanup(centre.close)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        revoked = [self.police.subscribe(), again.subscribe()]
        other = centre.subscribe()
        time.sleep(0.3)
        self.revoke_police()
        began = time.monotonic()
        self.gateway.reload()
        for subscription in revoked:
            delivery, _ = subscription.arrived.get(timeout=30)
            self.assertIsNone(delivery)
        self.assertLess(time.monotonic() - began, PROMPTLY)
        self.gateway.wait_for("policy-in-force")
        lines = [line for line in self.gateway.log if "session-revoked" in line]
        self.assertEqual([True, True], ["unit=%s " % self.police.name in line for line in lines])
        self.assertTrue(other.call.is_active())
        with self.assertRaises(grpc.RpcError):
            self.report()

    def test_a_handshake_that_outlasts_a_revocation_lets_nobody_in(self):
        certificate, key = self.gateway.certificate("npa-daejeon/112-control")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.gateway.root)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["h2"])
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10) as wire:
            with self.assertRaises(ssl.SSLWantReadError):
                tls.do_handshake()
            wire.sendall(outgoing.read())
            is_done = False
            while not is_done:
                incoming.write(wire.recv(65536))
                try:
                    tls.do_handshake()
                    is_done = True
                except ssl.SSLWantReadError:
                    pass
            # The certificate is in what was not sent yet.
            self.revoke_police()
            self.gateway.reload()
            self.gateway.wait_for("policy-in-force")
            wire.sendall(outgoing.read())
            while data := wire.recv(65536):
                incoming.write(data)
            with self.assertRaisesRegex(ssl.SSLError, "ACCESS_DENIED"):
                tls.read(1)

    def test_a_compiler_that_is_killed_refuses_its_set_only(self):
        until, killed = time.monotonic() + 60, False
        while not killed and time.monotonic() < until:
            self.gateway.reload()
            while not killed and not any(" reload" in line for line in self.gateway.log[self.gateway.mark:]):
                killed = self.kill_compiler()
        self.assertTrue(killed, "it was always quicker")
        self.gateway.wait_for("role-ended role=compiler signal=9")
        self.assertIn("the compiler ended over it", self.gateway.wait_for("reload-refused"))
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        self.gateway.reload()
        self.gateway.wait_for("reloaded")

    def kill_compiler(self):
        pid = self.gateway.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            children = f.read().split()
        for child in children:
            try:
                with open("/proc/%s/cmdline" % child, "rb") as f:
                    if b"--role=compiler" in f.read():
                        os.kill(int(child), signal.SIGKILL)
                        return True
            except (FileNotFoundError, ProcessLookupError):
                pass
        return False

    def test_an_edge_that_is_started_again_does_not_find_a_set_that_was_refused(self):
        self.refuse_incident_reports()
        key = self.gateway.path("pki", "gateway", "server.key")
        os.chmod(key, 0o640)
        self.gateway.reload()
        self.gateway.wait_for("key-file-exposed")
        self.gateway.wait_for("reload-refused")
        os.chmod(key, 0o600)
        self.gateway.kill_role("edge")
        self.gateway.wait_for("in-service")
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")
        self.assertEqual("REASON_SERVICE_NOT_GRANTED", reason(self.report()))

    def test_ctrl_c_at_a_terminal_ends_the_roles_in_their_order(self):
        """It goes to every process of the terminal's foreground group."""
        pids = [self.gateway.pid_of(role) for role in ("keeper", "ledger", "edge")]
        self.assertEqual(len(pids), len({os.getpgid(pid) for pid in pids} - {os.getpgid(self.gateway.process.pid)}))
        for pid in pids:
            os.kill(pid, signal.SIGINT)
            os.kill(pid, signal.SIGTERM)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        self.assertEqual(0, self.gateway.stop())
        self.assertFalse([line for line in self.gateway.log if "role-ended" in line])

    def renew(self):
        """Key and certificate of the gateway; the next ones are beside them, under names with .new."""
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
        return key, pem

    def shown(self):
        """What openssl tells of the gateway's certificate."""
        return subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.gateway.port, "-alpn", "h2", "-CAfile",
                               self.gateway.root], input=b"", capture_output=True).stdout.decode()

    def test_a_renewed_certificate_with_a_new_key_is_shown_to_new_connections(self):
        key, pem = self.renew()
        # The certificate alone does not fit the key that the keeper has: refused, the old one stays.
        os.rename(pem, pem + ".old")
        os.rename(pem + ".new", pem)
        self.gateway.reload()
        self.gateway.wait_for("does not fit")
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        os.rename(key + ".new", key)
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")
        self.assertIn("CN = renewed", self.shown())
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict, "a session that was open goes on")

    def test_an_edge_that_is_started_again_before_the_reload_has_the_renewed_key(self):
        """It found the new certificate and a keeper with the old key, and the gateway ended over that."""
        key, pem = self.renew()
        os.rename(pem + ".new", pem)
        os.rename(key + ".new", key)
        self.gateway.kill_role("edge")
        self.gateway.wait_for("in-service")
        self.assertIn("CN = renewed", self.shown())


if __name__ == "__main__":
    unittest.main()

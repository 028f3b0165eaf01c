"""Certificates and revocation lists in the course of time: they end, are replaced, change their root; nobody else is disturbed."""
import os
import ssl
import subprocess
import time
import unittest

import grpc

from contract import Unit, incident_report, new_incident, pb, video_request
from gateway import Gateway, edit
from pki import GATEWAY, Authority, new_key, read, write
from raw import Raw
from test_crash import Load, Reader

POLICE, FIRE, CENTRE = "npa-daejeon/112-control", "daejeon-fire/119-control", "daejeon-city-center/video-monitoring"


class Identity(unittest.TestCase):
    def begin(self, change=None):
        self.gateway = Gateway(change=change)
        self.addCleanup(self.gateway.close)
        self.police = Authority(self.gateway.folder, "npa-daejeon")

    def unit(self, name=POLICE):
        unit = Unit(self.gateway, name)
        self.addCleanup(unit.close)
        return unit

    def reload(self):
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")

    def assert_let_in(self, name=POLICE):
        unit = Unit(self.gateway, name)
        with self.assertRaises(grpc.RpcError) as answer:
            unit.receipt("00000000-0000-4000-8000-000000000000")
        self.assertEqual(grpc.StatusCode.NOT_FOUND, answer.exception.code(), answer.exception)
        unit.close()

    def assert_refused(self, name=POLICE, alert=None):
        """At the handshake; in TLS 1.3 a client hears of it with the first bytes that come."""
        with self.assertRaisesRegex(ssl.SSLError, alert or "ALERT"):
            peer = Raw(self.gateway, name)
            self.addCleanup(peer.close)
            peer.socket.settimeout(20)
            self.assertNotEqual(b"", peer.socket.recv(1))
            raise AssertionError("it was let in")

    def subscribe(self, unit):
        """Open, and known to be so: what is sent to it has arrived."""
        subscription = unit.subscribe()
        subscription.call.initial_metadata()
        return subscription

    def assert_ended(self, subscription):
        delivery, _ = subscription.arrived.get(timeout=30)
        self.assertIsNone(delivery)

    # ---- revocation lists

    def test_late_lists_at_the_start_one_in_its_grace_one_past_it_and_how_both_are_replaced(self):
        def late(folder):
            for party, lasts in (("npa-daejeon", -3600), ("daejeon-fire", -2 * 86400)):
                authority = Authority(folder, party)
                authority.publish(authority.list(lasts))
        self.begin(late)
        # In its grace: who is not revoked is let in.
        self.gateway.wait_for("alarm ended-counts-on what=revocation-list party=npa-daejeon")
        self.assert_let_in()
        file = self.gateway.path("pki", POLICE)
        for end in (".pem", ".key"):
            os.rename(file + end, file + end + ".good")
            os.rename(self.gateway.path("pki", "bad", "revoked" + end), file + end)
        self.assert_refused(alert="CERTIFICATE_REVOKED")
        for end in (".pem", ".key"):
            os.rename(file + end + ".good", file + end)
        # Past it: nobody is.
        self.gateway.wait_for("alarm ended what=revocation-list party=daejeon-fire")
        self.assert_refused(FIRE, alert="CERTIFICATE_EXPIRED")
        self.assert_let_in(CENTRE)
        # What is no list changes nothing.
        fire = Authority(self.gateway.folder, "daejeon-fire")
        for text in ("", "-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n", fire.certificate):
            fire.publish(text)
            self.gateway.reload()
            self.gateway.wait_for("reload-refused reason=errors")
            self.assert_let_in()
        fire.publish()
        self.police.publish()
        self.reload()
        self.assert_let_in(FIRE)
        self.assert_let_in()
        self.assertFalse([line for line in self.gateway.log[self.gateway.mark:] if "what=revocation-list" in line])

    def test_open_sessions_end_with_their_list_or_certificate_and_others_go_on(self):
        def short(folder):
            with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
                f.write("crl_grace: 1 second\n")
        self.begin(short)
        fire = Authority(self.gateway.folder, "daejeon-fire")
        fire.issue(FIRE, lasts=14)
        brief, police, centre = [self.subscribe(self.unit(name)) for name in (FIRE, POLICE, CENTRE)]
        self.police.publish(self.police.list(lasts=9))
        self.reload()
        self.assert_ended(police)
        for event in ("ends-soon", "ended-counts-on", "ended"):
            self.gateway.wait_for("alarm %s what=revocation-list party=npa-daejeon" % event)
        self.gateway.wait_for('session-revoked unit=%s why="CRL has expired"' % POLICE)
        self.assert_refused(alert="CERTIFICATE_EXPIRED")
        self.assert_ended(brief)
        self.gateway.mark = 0  # on a slow machine that was before the reload
        self.gateway.wait_for('session-revoked unit=%s why="certificate has expired"' % FIRE)
        self.assertTrue(centre.call.is_active())
        self.police.publish()
        fire.issue(FIRE)
        self.reload()
        self.assert_let_in()
        self.assert_let_in(FIRE)

    def test_each_authority_of_a_party_needs_its_list(self):
        self.begin()
        below = self.police.found("npa-daejeon-below")
        below.issue(POLICE)
        file = self.gateway.path("pki", POLICE + ".pem")
        write(file, read(file) + below.certificate)
        self.assert_refused()
        self.police.publish(self.police.list(), below.list())
        self.reload()
        self.assert_let_in()
        below.revoke(below.path("issued", os.listdir(below.path("issued"))[0]))
        self.police.publish(self.police.list(), below.list())
        self.reload()
        self.assert_refused(alert="CERTIFICATE_REVOKED")

    # ---- certificates

    def test_what_waits_for_a_revoked_unit_comes_to_its_new_certificate(self):
        self.begin()
        police, authority = self.unit(), Authority(self.gateway.folder, "daejeon-city-center")
        incident = new_incident(police)
        requests = [video_request(police, incident) for _ in range(2)]
        before = self.unit(CENTRE).subscribe("waits", kind=["video_request"], incident_id=[incident])
        police.publish(incident_report(police, incident), requests[0])
        self.assertEqual(requests[0].header.id, before.take().header.id)
        authority.revoke(self.gateway.certificate(CENTRE)[0])
        authority.publish()
        self.reload()
        self.assert_ended(before)
        self.assertEqual(pb.VERDICT_ACCEPTED, police.publish(requests[1])[0].verdict)
        self.assert_refused(CENTRE, alert="CERTIFICATE_REVOKED")
        authority.issue(CENTRE)
        after = self.unit(CENTRE).subscribe("waits", kind=["video_request"], incident_id=[incident])
        while after.take().header.id != requests[1].header.id:
            pass  # the first again, when its acknowledgement was cut off

    # ---- roots

    def next_serial(self, serial):
        edit(self.gateway.path("policy", "set.yaml"), "serial: %d" % serial, "serial: %d" % (serial + 1))
        self.gateway.sign()
        self.reload()

    def test_a_party_changes_its_root_and_nobody_waits(self):
        self.begin()
        pinned = self.gateway.path("policy", "inventory", "roots", "npa-daejeon.pem")
        session = self.subscribe(self.unit())
        follower = Authority(self.gateway.folder, "npa-daejeon", "npa-daejeon-2027")
        # The old and the new one, with a list of each.
        write(pinned, self.police.certificate + follower.certificate)
        self.police.publish(self.police.list(), follower.list())
        self.next_serial(1)
        self.assert_let_in()
        follower.issue(POLICE)
        self.assert_let_in()
        self.assertTrue(session.call.is_active())
        renewed = self.subscribe(self.unit())
        # The new one alone: who still shows the old one's certificate is ended.
        write(pinned, follower.certificate)
        self.police.publish(follower.list())
        self.next_serial(2)
        self.assert_ended(session)
        self.assert_let_in()
        self.assertTrue(renewed.call.is_active())

    # ---- the gateway's own

    def renew(self, name):
        file = self.gateway.path("pki", "gateway", "server")
        new_key(file + ".key.new")
        Authority(self.gateway.folder, "daejeon-gateway-operator").sign(file + ".key.new", name, GATEWAY, file + ".pem.new")
        os.rename(file + ".key.new", file + ".key")
        os.rename(file + ".pem.new", file + ".pem")

    def assert_shown(self, name):
        """The door's thread has it a moment later than the log says so."""
        until = time.monotonic() + 20
        while "CN = " + name not in self.client():
            self.assertLess(time.monotonic(), until)

    def test_the_gateways_certificate_and_key_change_while_messages_flow_and_openssls_configuration_is_none_of_ours(self):
        self.begin()
        police = self.unit()
        session = self.subscribe(police)

        def flow():
            for turn in range(3):
                yield incident_report(police, new_incident(police))
                self.renew("renewed-%d" % turn)
                self.reload()
                self.assert_shown("renewed-%d" % turn)
            yield incident_report(police, new_incident(police))
        receipts = list(police.exchange(flow(), timeout=60))
        self.assertEqual(4 * [pb.VERDICT_ACCEPTED], [r.verdict for r in receipts])
        self.assertTrue(session.call.is_active())
        self.assertFalse([line for line in self.gateway.log if "role-ended" in line])

        # OpenSSL's configuration file and environment change nothing.
        conf = self.gateway.path("openssl.cnf")
        write(conf, "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = old\n[old]\nMinProtocol = TLSv1.2\nMaxProtocol = TLSv1.2\n",
              0o644)
        environment = {"OPENSSL_CONF": conf, "SSL_CERT_FILE": self.gateway.path("pki", "stranger", "root.pem")}
        self.assertIn("TLSv1.3", self.client())
        self.assertIn("alert protocol version", self.client(**environment), "a program that reads that file knows TLS 1.2 only")
        self.gateway.stop()
        self.gateway.env = environment
        self.gateway.start()
        self.assertIn("TLSv1.3", self.client())
        self.assertIn("alert protocol version", self.client("-tls1_2"))
        self.assert_let_in()

    def client(self, *options, **environment):
        certificate, key = self.gateway.certificate(POLICE)
        r = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.gateway.port, "-alpn", "h2", "-cert", certificate,
                            "-key", key, *options], input=b"", capture_output=True, env=dict(os.environ, **environment))
        return (r.stdout + r.stderr).decode(errors="replace")

    # ---- connections

    def test_connections_that_have_become_old_end_one_after_the_other_and_nothing_is_lost(self):
        def short(folder):
            with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
                f.write("connection_age: 3 seconds\nconnection_grace: 1 second\n")
        self.begin(short)
        police = self.unit()
        incident = new_incident(police)
        self.assertEqual(pb.VERDICT_ACCEPTED, police.publish(incident_report(police, incident))[0].verdict)
        load, reader = Load(self.gateway, incident), Reader(self.gateway, CENTRE)
        self.addCleanup(reader.stop.set)
        self.addCleanup(load.stop.set)
        until = time.monotonic() + 60
        while sum("session-opened unit=%s " % CENTRE in line for line in self.gateway.log) < 3:
            self.assertLess(time.monotonic(), until, "nobody connects again")
            time.sleep(0.1)
        load.stop.set()
        load.thread.join(60)
        lasting = {i for i in load.acknowledged if i not in load.deadline}
        while not lasting <= set(reader.seen):
            self.assertLess(time.monotonic(), until + 60, "acknowledged and never delivered")
            time.sleep(0.1)
        reader.stop.set()
        reader.thread.join(10)
        self.assertGreater(len(lasting), 0)
        self.assertFalse([line for line in self.gateway.log if "unit-offends" in line])


if __name__ == "__main__":
    unittest.main()

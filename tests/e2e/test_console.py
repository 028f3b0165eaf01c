"""The auditors' console as a role: who is let in and who is not, and that nothing of it disturbs the gateway."""
import os
import re
import signal
import subprocess
import time
import unittest

from console import AUDITOR, OFFICER, OPERATOR, ConsoleGateway
from contract import Unit, incident_report, new_incident, pb
from gateway import BIN, Gateway, edit
from pki import GATEWAY, Authority, new_key, read, write
from test_crash import Load

POLICE, OFFICERS = "npa-daejeon/112-control", ("daejeon-gateway-operator/seo", "daejeon-gateway-operator/yoon")
MINUTE_OF_CRASHES = 60.0  # s: twenty ends, ever later, up to a second each, on a busy machine


class Console(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = ConsoleGateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def assert_refused(self, why, alert, **who):
        self.gateway.mark = len(self.gateway.log)
        r = self.gateway.curl(**who)
        self.assertNotEqual(0, r.returncode, r.stdout)
        self.assertIn("alert " + alert, r.stderr)
        self.assertIn(" console[", self.gateway.wait_for(why))

    def bad(self, name):
        return self.gateway.path("pki", "bad", name + ".pem"), self.gateway.path("pki", "bad", name + ".key")

    def test_a_unit_with_a_console_gets_a_page_that_runs_nothing_of_others(self):
        for unit in AUDITOR, OFFICER, OPERATOR:
            status, fields, body = self.gateway.page("/en/", unit)
            self.assertEqual(200, status, body)
            self.assertIn(unit, body)
            self.assertIn("default-src 'none'", fields["content-security-policy"])
            self.assertNotIn("unsafe", fields["content-security-policy"])
            self.assertEqual("no-store", fields["cache-control"])
            self.assertEqual("nosniff", fields["x-content-type-options"])

    def test_what_is_no_page_is_not_found_and_what_is_no_method_is_not_taken(self):
        self.assertEqual(404, self.gateway.page("/en/no-such-page")[0])
        self.assertEqual(405, self.gateway.page("/en/", options=["--request", "DELETE"])[0])

    def test_who_asks_is_shown_the_own_language(self):
        status, fields, _ = self.gateway.page("/", options=["--header", "accept-language: en-GB"])
        self.assertIn(status, (302, 303, 307))
        self.assertEqual("/en/", fields["location"])

    def test_a_body_that_is_too_large_is_refused_and_nothing_else_ends(self):
        sent = self.gateway.path("much")
        with open(sent, "wb") as f:
            f.truncate(1 << 20)
        self.assertEqual(413, self.gateway.page("/en/reason", options=["--header", "sec-fetch-site: same-origin", "--data-binary", "@" + sent])[0])
        self.assertEqual(200, self.gateway.page("/en/")[0])

    def test_without_a_certificate(self):
        self.assert_refused("did not return a certificate", "certificate required", unit=None)

    def test_a_unit_that_may_not_use_it(self):
        self.assert_refused("this unit may not use the console", "access denied", unit=POLICE)

    def test_a_revoked_certificate(self):
        self.assert_refused("certificate revoked", "certificate revoked", certificate=self.bad("revoked"))

    def test_a_root_that_nobody_pinned(self):
        self.assert_refused("session-refused", "unknown ca", certificate=self.bad("wrong-root"))

    def test_nothing_older_than_tls_1_3(self):
        r = self.gateway.curl(options=["--tls-max", "1.2"])
        self.assertNotEqual(0, r.returncode)
        self.assertIn("alert protocol version", r.stderr)

    def test_it_shows_a_certificate_of_its_own(self):
        shown = []
        for port in self.gateway.port, self.gateway.console_port:
            r = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-alpn", "h2"], input="", capture_output=True, text=True)
            shown.append(re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", r.stdout, re.S).group(0))
        self.assertEqual([read(self.gateway.path("pki", "gateway", name)).strip() for name in ("server.pem", "console.pem")], shown)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, for the files of a process that nobody may look at")
    def test_of_the_gateways_folders_it_has_the_log_the_archive_and_its_own(self):
        folder = "/proc/%d/fd" % self.gateway.pid_of("console")
        files = {os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)}
        inside = {os.path.relpath(f, self.gateway.folder) for f in files if f.startswith(self.gateway.folder + "/")}
        of_the_index = {f for f in inside if f.startswith("data/console")}
        self.assertGreater(len(of_the_index), 0)
        self.assertEqual({"audit", "data/policy-archive"}, inside - of_the_index)

    def test_status_shows_how_it_stands(self):
        r = self.gateway.ctl("status", "--socket", self.gateway.path("data", "control.sock"))
        self.assertRegex(r.stdout, r"(?m)^console +\d+ .*landlock=")


class Apart(unittest.TestCase):
    """What happens to the console, and not to the gateway."""

    def begin(self, change=None, gateway=ConsoleGateway, **more):
        self.gateway = gateway(change=change, **more)
        self.addCleanup(self.gateway.close)

    def unit(self, name=POLICE):
        unit = Unit(self.gateway, name)
        self.addCleanup(unit.close)
        return unit

    def assert_takes_messages(self):
        police = self.unit()
        self.assertEqual(pb.VERDICT_ACCEPTED, police.publish(incident_report(police, new_incident(police)))[0].verdict)

    def ended(self, role):
        return [line for line in self.gateway.log if "role-ended role=" + role in line]

    def test_it_runs_only_where_it_is_asked_for(self):
        self.begin(gateway=Gateway)
        r = self.gateway.ctl("status", "--socket", self.gateway.path("data", "control.sock"))
        self.assertRegex(r.stdout, r"(?m)^console +0? +.*off")
        self.assertNotIn("role=console", "".join(self.gateway.log))

    def test_killed_again_and_again_under_load_no_message_is_lost_and_it_comes_back(self):
        self.begin()
        police = self.unit()
        incident = new_incident(police)
        police.publish(incident_report(police, incident))
        load = Load(self.gateway, incident)
        self.addCleanup(load.stop.set)
        for _ in range(5):
            self.gateway.kill_role("console")
            self.assertEqual(200, self.gateway.page("/en/")[0])
        load.stop.set()
        load.thread.join(60)
        self.assertFalse(load.thread.is_alive() or load.unsure)
        self.assertGreater(len(load.acknowledged), 100)
        self.assertEqual([], self.ended("edge") + self.ended("ledger") + self.ended("keeper"))
        self.assert_takes_messages()
        self.gateway.stop()
        self.gateway.verify()

    def test_one_that_cannot_begin_stays_down_until_a_reload_and_the_gateway_goes_on(self):
        def break_it(folder):
            write(os.path.join(folder, "pki/gateway/kept.key"), read(os.path.join(folder, "pki/gateway/console.key")))
            new_key(os.path.join(folder, "pki/gateway/console.key"))
        self.begin(break_it, waits=False)
        self.gateway.wait_for("console-down", within=MINUTE_OF_CRASHES)
        self.assert_takes_messages()
        r = self.gateway.ctl("status", "--socket", self.gateway.path("data", "control.sock"))
        self.assertRegex(r.stdout, r"(?m)^console .*stays down: a reload starts it again")
        os.rename(self.gateway.path("pki", "gateway", "kept.key"), self.gateway.path("pki", "gateway", "console.key"))
        self.gateway.reload()
        self.gateway.wait_for("role-ready role=console")
        self.assertEqual(200, self.gateway.page("/en/")[0])

    def test_the_edges_key_is_none_for_the_console(self):
        def share(folder):
            for end in ".pem", ".key":
                write(os.path.join(folder, "pki/gateway/console" + end), read(os.path.join(folder, "pki/gateway/server" + end)))
        self.begin(share, waits=False)
        self.gateway.wait_for("tls-key-refused key=console-key")
        self.gateway.wait_for("no-generation")
        self.assert_takes_messages()

    def test_a_certificate_is_renewed_with_its_key_by_a_reload(self):
        self.begin()
        authority = Authority(self.gateway.folder, "daejeon-gateway-operator")
        path = self.gateway.path("pki", "gateway", "console")
        before = self.gateway.pid_of("console")
        new_key(path + ".key")
        authority.sign(path + ".key", "localhost", GATEWAY, path + ".pem")
        self.gateway.reload()
        self.gateway.wait_for("console-in-force")
        r = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.gateway.console_port, "-alpn", "h2"], input="",
                           capture_output=True, text=True)
        self.assertIn(read(path + ".pem").strip(), r.stdout)
        self.assertEqual(200, self.gateway.page("/en/")[0])
        self.assertEqual(before, self.gateway.pid_of("console"))

    def connected(self):
        """A visitor's connection that stays, as a browser's does."""
        certificate, key = self.gateway.certificate(AUDITOR)
        self.gateway.mark = len(self.gateway.log)
        peer = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % self.gateway.console_port, "-alpn", "h2", "-quiet",
                                 "-cert", certificate, "-key", key], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(peer.communicate)
        self.addCleanup(peer.kill)
        self.gateway.wait_for("visitor-came unit=" + AUDITOR)
        return peer

    def test_who_is_revoked_while_connected_is_ended_by_the_reload(self):
        self.begin()
        peer, certificate = self.connected(), self.gateway.certificate(AUDITOR)[0]
        authority = Authority(self.gateway.folder, AUDITOR.split("/")[0])
        authority.revoke(certificate)
        authority.publish()
        self.gateway.reload()
        self.gateway.wait_for("visitor-ended unit=" + AUDITOR)
        peer.wait(20)
        self.assertIn("alert certificate revoked", self.gateway.curl().stderr)

    def test_whom_the_set_lets_in_no_more_is_ended_by_the_reload(self):
        self.begin()
        peer = self.connected()
        edit(self.gateway.path("policy", "inventory", "parties.yaml"), ", console: auditor", "")
        edit(self.gateway.path("policy", "set.yaml"), "serial: 1", "serial: 2")
        self.gateway.sign()
        self.gateway.reload()
        self.gateway.wait_for("visitor-ended unit=%s why=\"this unit may not use the console\"" % AUDITOR)
        peer.wait(20)
        self.assertIn("alert access denied", self.gateway.curl().stderr)

    def act(self, *words, officer):
        r = self.gateway.ctl(*words, "--socket", self.gateway.path("data", "control.sock"), "--officer", officer, "--reason", "a test",
                             "--key", self.gateway.path("signing", officer.split("/")[1] + ".key"))
        self.assertEqual(0, r.returncode, r.stdout + r.stderr)

    def test_whom_officers_bar_is_ended_at_once_and_stays_out_over_a_restart_until_that_is_lifted(self):
        self.begin()
        for kind, name in ("certificate", self.gateway.fingerprint(AUDITOR)), ("party", AUDITOR.split("/")[0]):
            peer = self.connected()
            self.act("revoke" if kind == "certificate" else "suspend", kind, name, officer=OFFICERS[0])
            self.gateway.wait_for("visitor-ended unit=" + AUDITOR)
            peer.wait(20)
            self.assertIn("alert access denied", self.gateway.curl().stderr)
            for role in "console", "ledger":
                self.gateway.kill_role(role)
                self.assertIn("alert access denied", self.gateway.curl().stderr)
            for officer in OFFICERS:
                self.act("resume", kind, name, officer=officer)
            self.assertEqual(200, self.gateway.page("/en/")[0])

    def test_a_page_that_tells_something_is_on_record_before_it_leaves_or_does_not_leave(self):
        self.begin()
        self.assertEqual(200, self.gateway.page("/en/now", OPERATOR)[0])
        viewed = self.gateway.leaves_of(lambda x: x["event"] == "viewed")
        self.assertEqual([(OPERATOR, "page=now form=html")], [(x["source"], x["detail"]) for x in viewed])
        os.kill(self.gateway.pid_of("ledger"), signal.SIGSTOP)
        self.addCleanup(os.kill, self.gateway.pid_of("ledger"), signal.SIGCONT)
        r = self.gateway.curl("/en/now", OPERATOR, options=["--max-time", "2"])
        self.assertNotIn("HTTP/2 200", r.stdout)
        os.kill(self.gateway.pid_of("ledger"), signal.SIGCONT)
        self.assertEqual(200, self.gateway.page("/en/now", OPERATOR)[0])

    def test_before_the_ledger_has_told_who_is_barred_nobody_is_let_in(self):
        self.begin()
        os.kill(self.gateway.pid_of("ledger"), signal.SIGSTOP)
        self.addCleanup(os.kill, self.gateway.pid_of("ledger"), signal.SIGCONT)
        self.gateway.kill_role("console")
        self.assertIn("alert access denied", self.gateway.curl().stderr)
        self.gateway.wait_for("the ledger has not told yet who is suspended")
        os.kill(self.gateway.pid_of("ledger"), signal.SIGCONT)
        until = time.monotonic() + 20
        while self.gateway.curl().returncode != 0:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.1)

    def test_check_knows_what_it_needs(self):
        self.begin()
        config = self.gateway.path("fedgate.yaml")
        check = [os.path.join(BIN, "fedgate"), "--check", "--config", config]
        self.assertEqual(0, subprocess.run(check, capture_output=True).returncode)
        os.chmod(self.gateway.path("pki", "gateway", "console.key"), 0o640)
        r = subprocess.run(check, capture_output=True, text=True)
        self.assertEqual(1, r.returncode)
        self.assertIn("key-file-exposed", r.stderr)
        edit(config, "console_key: pki/gateway/console.key\n", "")
        r = subprocess.run(check, capture_output=True, text=True)
        self.assertEqual(1, r.returncode)
        self.assertIn("console_listen needs the key 'console_key'", r.stderr)


if __name__ == "__main__":
    unittest.main()

"""What a new agency uses to join: fedgate-agent doctor against real gateways, right and wrong."""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from contract import Unit, example_alert, incident_report, new_incident, pb, reason
from gateway import BIN, ROOT, Gateway, edit, free_port

AGENT = os.path.join(BIN, "fedgate-agent")
MESSAGES = os.path.join(ROOT, "tests", "data", "message")
CLIP = os.path.join(ROOT, "tests", "data", "cctv-20s.ts")
POLICE, CARRIER, TAX = "npa-daejeon/112-control", "carrier-hana/guardian-service", "daejeon-tax/audit-desk"
ROOM, DESK = "daejeon-city-center/video-monitoring", "daejeon-city-center/protection-desk"
OK, NO, USAGE, HERE, GATEWAY = 0, 1, 2, 3, 4


def synthetic(folder):
    """A sandbox: every unit is synthetic, so that TEST messages pass and real ones do not."""
    path = os.path.join(folder, "policy", "inventory", "parties.yaml")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(re.sub(r"^    public_institution: .*$(?!\n    synthetic)", r"\g<0>\n    synthetic: yes", text, flags=re.M))


def test(m):
    """The same message, as TEST."""
    m.header.status = pb.STATUS_TEST
    return m


def leaf_of(gateway, event, wanted, said=str, within=60):
    """The first entry of this event that is wanted; the log's files have it a moment later."""
    until = time.monotonic() + within
    while True:
        for leaf in gateway.leaves():
            if leaf["event"] == event and wanted(leaf):
                return leaf
        assert time.monotonic() < until, "no such entry %s\n%s" % (event, said())
        time.sleep(0.2)


def setUpModule():
    global shipped, sandbox
    shipped, sandbox = Gateway(), Gateway(synthetic)


def tearDownModule():
    for gateway in shipped, sandbox:
        assert gateway.stop() == 0, "a gateway did not end cleanly"
        gateway.verify()
        gateway.close()


class JoiningTest(unittest.TestCase):
    def agent(self, unit, *words, at=None, gateway=None, certificate=None, key=None, root=None):
        gateway = gateway or shipped
        own, own_key = gateway.certificate(unit)
        env = dict(os.environ, FEDGATE_GATEWAY=at or "127.0.0.1:%d" % gateway.port, FEDGATE_ROOT=root or gateway.root,
                   FEDGATE_CERTIFICATE=certificate or own, FEDGATE_KEY=key or own_key, LC_ALL="C.UTF-8")
        return subprocess.run([AGENT, *words], env=env, capture_output=True, text=True, timeout=120)

    def doctor(self, unit, *words, **how):
        """Exit code, and the report by step."""
        r = self.agent(unit, "doctor", "--json", *words, **how)
        self.assertEqual(r.stderr, "")
        report = json.loads(r.stdout)
        return r.returncode, {s["step"]: s for s in report["steps"]}, report

    def expect(self, steps, **results):
        self.assertEqual({name: steps[name]["result"] for name in results}, results, steps)


class Doctor(JoiningTest):
    def test_a_unit_that_may_connect_hears_what_it_may_send_and_receive(self):
        code, steps, report = self.doctor(POLICE)
        self.assertEqual(code, OK, steps)
        self.expect(steps, files="ok", certificate="ok", name="ok", tcp="ok", tls="ok", accepted="ok", identity="ok", clock="ok",
                    policy="ok", message="skipped")
        self.assertIn("no TEST message", steps["message"]["text"])
        self.assertEqual(report["unit"], POLICE)
        self.assertEqual(report["certificate"], shipped.fingerprint(POLICE))
        grants = [g for page in report["grants"] for g in page["grant"]]
        ask = [g for g in grants if g["clause"] == "molit-npa-2015#video-request"]
        self.assertEqual({g["way"] for g in ask}, {"GRANT_WAY_DIRECT", "GRANT_WAY_UNATTENDED"})
        for g in ask:
            self.assertEqual((g["from"], g["kind"], g["status"]), (POLICE, "video_request", ["STATUS_ACTUAL"]))
            self.assertIn("kr/pipa/18-2-3", g["basis"])
        for g in grants:
            self.assertIn(POLICE, (g["from"], g["to"]))

    def test_a_unit_without_a_grant_is_told_so_and_whom_to_ask(self):
        code, steps, _ = self.doctor(TAX)
        self.assertEqual(code, NO, steps)
        self.expect(steps, accepted="ok", identity="ok", policy="failed")
        self.assertEqual(steps["policy"]["tell"], "operator")

    def test_the_report_for_people_says_whom_to_tell_in_either_language(self):
        nobody = "127.0.0.1:%d" % free_port()
        english, korean = (self.agent(POLICE, "doctor", "--lang", lang, at=nobody) for lang in ("en", "ko"))
        self.assertEqual((english.returncode, korean.returncode), (GATEWAY, GATEWAY))
        self.assertRegex(english.stdout, r"(?m)^tcp +failed ")
        self.assertIn("To your own network team:", english.stdout)
        self.assertIn("기관의 네트워크 담당자에게:", korean.stdout)
        self.assertIn(shipped.fingerprint(POLICE), english.stdout)

    def test_a_name_without_an_address_ends_it_there(self):
        code, steps, _ = self.doctor(POLICE, at="gateway.invalid:8443")
        self.assertEqual(code, GATEWAY)
        self.expect(steps, certificate="ok", name="failed", tcp="skipped", tls="skipped", policy="skipped")
        self.assertEqual(steps["name"]["tell"], "network")

    def test_something_that_is_no_gateway_is_told_at_tls(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            code, steps, _ = self.doctor(POLICE, "--wait", "1", at="127.0.0.1:%d" % other.getsockname()[1])
        self.assertEqual(code, GATEWAY)
        self.expect(steps, tcp="ok", tls="failed", accepted="skipped")

    def test_a_gateway_under_another_root_is_not_trusted(self):
        code, steps, _ = self.doctor(POLICE, root=shipped.path("pki", "npa-daejeon", "root.pem"))
        self.assertEqual(code, GATEWAY)
        self.expect(steps, tcp="ok", tls="failed", accepted="skipped")
        self.assertIn("root", steps["tls"]["text"])

    def test_each_fault_of_a_certificate_is_told_where_it_is_found(self):
        for case, certificate, accepted in (("expired", "failed", "failed"), ("not-yet-valid", "failed", "failed"),
                                            ("wrong-usage", "failed", "failed"), ("no-uri", "failed", "failed"),
                                            ("two-uris", "failed", "failed"), ("wrong-root", "ok", "failed"),
                                            ("revoked", "ok", "failed"), ("foreign-name", "ok", "failed")):
            with self.subTest(case):
                bad = shipped.path("pki", "bad", case)
                code, steps, _ = self.doctor(POLICE, certificate=bad + ".pem", key=bad + ".key")
                self.assertEqual(code, GATEWAY, steps)
                self.expect(steps, files="ok", certificate=certificate, tls="ok", accepted=accepted, policy="skipped")
        self.assertIn("fedgate://PARTY/UNIT", self.doctor(POLICE, certificate=shipped.path("pki", "bad", "no-uri.pem"),
                                                          key=shipped.path("pki", "bad", "no-uri.key"))[1]["certificate"]["text"])

    def test_a_key_of_another_certificate_is_told_before_anything_is_sent(self):
        code, steps, _ = self.doctor(POLICE, key=shipped.certificate(CARRIER)[1])
        self.assertEqual(code, GATEWAY if steps["tcp"]["result"] == "failed" else HERE)
        self.expect(steps, files="failed", tls="skipped")

    def test_a_test_message_goes_there_and_back_in_a_sandbox(self):
        file = os.path.join(MESSAGES, "guardian-alert.json")
        code, steps, _ = self.doctor(CARRIER, "--message", file, gateway=sandbox)
        self.assertEqual(code, OK, steps)
        self.expect(steps, policy="ok", message="ok")
        self.assertIn("TEST", steps["message"]["text"])
        wrong = os.path.join(MESSAGES, "video-request.json")
        code, steps, _ = self.doctor(CARRIER, "--message", wrong, gateway=sandbox)
        self.assertEqual(code, NO, steps)
        self.expect(steps, policy="ok", message="failed")

    def test_wrong_words_are_refused(self):
        self.assertEqual(self.agent(POLICE, "doctor", "more").returncode, USAGE)
        self.assertEqual(self.agent(POLICE, "doctor", at="nowhere").returncode, USAGE)
        self.assertEqual(self.agent(POLICE, "doctor", "--wait", "0").returncode, USAGE)


class Conform(JoiningTest):
    ALERT = os.path.join(MESSAGES, "guardian-alert.json")
    MANDATORY = ("right", "repeated", "receipt", "reused-id", "source", "service", "purpose", "basis", "actual", "recipient", "wish",
                 "future", "no-body", "unknown-field", "reconnect")

    def conform(self, unit, *words, **how):
        r = self.agent(unit, "conform", "--json", *words, **how)
        report = json.loads(r.stdout)
        return r.returncode, {s["step"]: s for s in report["steps"]}, report

    def test_a_right_message_passes_every_mandatory_check(self):
        code, steps, report = self.conform(CARRIER, "--message", self.ALERT, gateway=sandbox)
        self.assertEqual(code, OK, steps)
        self.assertTrue(report["passed"])
        self.expect(steps, **{name: "ok" for name in self.MANDATORY}, video="skipped", destruction="skipped")
        self.expect(steps, **{"slow-acknowledgement": "skipped"})

    def test_a_recipient_gets_what_it_did_not_acknowledge_again(self):
        self.assertEqual(self.conform(CARRIER, "--message", self.ALERT, gateway=sandbox)[0], OK)
        request = os.path.join(MESSAGES, "dispatch-request.json")
        code, steps, _ = self.conform(DESK, "--message", request, "--queue", "default", "--wait", "3", gateway=sandbox)
        self.assertEqual(code, OK, steps)
        self.expect(steps, **{"slow-acknowledgement": "ok", "right": "ok"})

    def video_start(self, folder, unit, incident):
        start = os.path.join(folder, "start.json")
        with open(start, "w") as f:
            json.dump({"header": {"source": unit, "service": "112-onsite-video", "purpose": "crime-response",
                                  "basis": {"code": "kr/pipa/18-2-3"}, "incidentId": [incident]},
                       "cameraId": "dj-3028", "container": "mpegts", "codec": "h264"}, f)
        return start

    def test_a_centre_passes_with_its_video(self):
        police = Unit(sandbox, POLICE)
        incident = new_incident(police)
        self.assertEqual(police.publish(test(incident_report(police, incident)))[0].verdict, pb.VERDICT_ACCEPTED)
        police.close()
        with tempfile.TemporaryDirectory(prefix="fedgate-join-") as folder:
            answer = os.path.join(folder, "answer.json")
            with open(os.path.join(MESSAGES, "video-answer.json")) as f:
                message = json.load(f)
            message["header"]["incidentId"] = [incident]
            with open(answer, "w") as f:
                json.dump(message, f)
            code, steps, _ = self.conform(ROOM, "--message", answer, "--video", CLIP, "--video-start",
                                          self.video_start(folder, ROOM, incident), gateway=sandbox)
        self.assertEqual(code, OK, steps)
        self.expect(steps, right="ok", video="ok")
        self.assertEqual(leaf_of(sandbox, "stream-ended", lambda x: x.get("incidents") == [incident])["status"], "test")

    def test_112_passes_with_an_order_of_destruction(self):
        police, desk, carrier = Unit(sandbox, POLICE), Unit(sandbox, DESK), Unit(sandbox, CARRIER)
        alerts = [test(example_alert(carrier)) for _ in range(3)]
        first = alerts[0].guardian_alert.alert_id

        def send(unit, m):
            receipt = unit.publish(test(m))[0]
            self.assertEqual(receipt.verdict, pb.VERDICT_ACCEPTED, receipt)

        def dispatch(alert):
            m = desk.message("vulnerable-persons", "vulnerable-protection", incident="%s:%s" % (DESK, alert.guardian_alert.alert_id),
                             to=[POLICE])
            m.dispatch_request.type = "vulnerable-person"
            send(desk, m)

        for alert in alerts:
            send(carrier, alert)
            dispatch(alert)
        queue = police.subscribe()
        m = queue.take()
        while m.WhichOneof("body") != "dispatch_request" or first not in m.header.incident_id[0]:
            m = queue.take()
        found = test(example_alert(carrier, phase=pb.ALERT_PHASE_FOUND, id=first, incident=m.header.incident_id[0]))
        send(carrier, found)
        while m.WhichOneof("body") != "destruction_order":
            _, m = queue.next()
        self.assertEqual(m.header.status, pb.STATUS_TEST)
        queue.close()
        incident = "npa-daejeon/112-control:01a1fce6-0000-7000-8000-000000000112"  # of video-request.json
        send(police, incident_report(police, incident))
        for unit in police, desk, carrier:
            unit.close()
        code, steps, _ = self.conform(POLICE, "--message", os.path.join(MESSAGES, "video-request.json"), "--queue", "default",
                                      "--receipt-key", sandbox.path("signing", "112-control.key"), "--staff", "p-1", gateway=sandbox)
        self.assertEqual(code, OK, steps)
        self.expect(steps, **{"right": "ok", "slow-acknowledgement": "ok", "destruction": "ok"})

    def test_video_that_is_refused_and_an_order_that_did_not_come_fail_their_checks(self):
        with tempfile.TemporaryDirectory(prefix="fedgate-join-") as folder:
            start, key = os.path.join(folder, "start.json"), os.path.join(folder, "unit.key")
            with open(start, "w") as f:
                json.dump({"header": {"id": "01a1fce6-0000-7000-8000-000000000777", "source": CARRIER, "service": "vulnerable-persons",
                                      "purpose": "vulnerable-protection", "basis": {"code": "kr/pipa/18-2-3"}, "status": "STATUS_ACTUAL",
                                      "createdAt": "2026-11-28T00:00:00Z"}, "cameraId": "dj-3028", "container": "mpegts",
                           "codec": "h264"}, f)
            self.assertEqual(shipped.ctl("policy", "keygen", "--no-password", "--key", key).returncode, 0)
            code, steps, _ = self.conform(CARRIER, "--message", self.ALERT, "--queue", "default", "--receipt-key", key, "--staff", "p-1",
                                          "--video", os.path.join(ROOT, "tests", "data", "cctv-20s.ts"), "--video-start", start, "--wait",
                                          "2", gateway=sandbox)
        self.assertEqual(code, NO, steps)
        self.expect(steps, reconnect="ok", video="failed", destruction="failed")
        self.assertIn("no order of destruction", steps["destruction"]["text"])
        self.assertIn("no-grant", steps["video"]["text"])

    def test_a_wrong_message_fails_and_nothing_else_is_tried(self):
        code, steps, report = self.conform(CARRIER, "--message", os.path.join(MESSAGES, "video-request.json"), gateway=sandbox)
        self.assertEqual((code, report["passed"]), (NO, False))
        self.expect(steps, right="failed", repeated="skipped", reconnect="skipped")

    def test_where_no_test_message_may_pass_nothing_is_sent(self):
        before = len(shipped.leaves())
        r = self.agent(CARRIER, "conform", "--message", self.ALERT)
        self.assertEqual((r.returncode, r.stdout), (NO, ""))
        self.assertIn("nothing was sent", r.stderr)
        self.assertFalse([leaf for leaf in shipped.leaves()[before:] if leaf["event"] == "received"])

    def test_the_report_is_a_table_for_the_operator_in_either_language(self):
        for lang, head in (("en", "# Conformance: passed"), ("ko", "# 적합성 시험: 적합")):
            r = self.agent(CARRIER, "conform", "--markdown", "--lang", lang, "--message", self.ALERT, gateway=sandbox)
            self.assertEqual((r.returncode, r.stdout.splitlines()[0]), (OK, head))
            self.assertEqual(len([row for row in r.stdout.splitlines() if row.startswith("| ")]), 19)


class Bench(JoiningTest):
    """Units of a test bench that answer, and a developer's units beside them."""

    @classmethod
    def setUpClass(cls):
        cls.gateway, cls.answering = Gateway(synthetic), []
        cls.logs = tempfile.mkdtemp(prefix="fedgate-join-")
        protection = ("--service", "vulnerable-persons", "--purpose", "vulnerable-protection", "--basis", "kr/pipa/18-2-3")
        response = ("--service", "112-onsite-video", "--purpose", "crime-response", "--basis", "kr/pipa/18-2-3")
        cls.play(DESK, *protection)
        cls.play(ROOM, "--video", CLIP, "--camera", "dj-3028")
        cls.play(POLICE, "--staff", "bench", "--receipt-key", cls.gateway.path("signing", "112-control.key"), "--open", "robbery",
                 "--position", "36.3504,127.3845", "--every", "3600", *response)
        cls.carrier = Unit(cls.gateway, CARRIER)

    @classmethod
    def tearDownClass(cls):
        cls.carrier.close()
        for process in cls.answering:
            process.terminate()
        codes = [process.wait(20) for process in cls.answering]
        shutil.rmtree(cls.logs)
        assert codes == [143] * len(codes), "an answering unit did not end as told: %r" % codes
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    @classmethod
    def play(cls, unit, *words):
        own, key = cls.gateway.certificate(unit)
        env = dict(os.environ, FEDGATE_GATEWAY="127.0.0.1:%d" % cls.gateway.port, FEDGATE_ROOT=cls.gateway.root, FEDGATE_CERTIFICATE=own,
                   FEDGATE_KEY=key, LC_ALL="C.UTF-8")
        with open(os.path.join(cls.logs, unit.replace("/", "-")), "w") as log:
            cls.answering.append(subprocess.Popen([AGENT, "answer", "--reconnect", *words], env=env, stdout=log, stderr=log))

    def leaf_of(self, event, wanted, **more):
        return leaf_of(self.gateway, event, wanted, self.said, **more)

    def said(self):
        """What the bench has written."""
        text = ""
        for name in sorted(os.listdir(self.logs)):
            with open(os.path.join(self.logs, name)) as f:
                text += "%s:\n%s" % (name, f.read())
        return text

    def test_an_alert_is_answered_from_the_dispatch_to_the_receipt_of_its_destruction(self):
        queue = self.carrier.subscribe()
        alert = test(example_alert(self.carrier))
        receipt = self.carrier.publish(alert)[0]
        self.assertEqual((receipt.verdict, receipt.status), (pb.VERDICT_ACCEPTED, pb.STATUS_TEST))
        incident = "%s:%s" % (DESK, alert.guardian_alert.alert_id)
        for kind, unit in (("dispatch_request", DESK), ("dispatch_answer", POLICE)):
            leaf = self.leaf_of("released", lambda x, kind=kind: x.get("kind") == kind and incident in x.get("incidents", ()))
            self.assertEqual((leaf["source"], leaf["status"]), (unit, "test"))
        notice = queue.take()
        while notice.WhichOneof("body") != "provision_notice":
            notice = queue.take()
        self.assertEqual(notice.header.status, pb.STATUS_TEST)
        queue.close()
        found = test(example_alert(self.carrier, phase=pb.ALERT_PHASE_FOUND, id=alert.guardian_alert.alert_id, incident=incident))
        self.assertEqual(self.carrier.publish(found)[0].verdict, pb.VERDICT_ACCEPTED)
        self.leaf_of("incident-ended", lambda x: incident in x.get("incidents", ()))
        self.leaf_of("recipient-destroyed", lambda x: x["source"] == POLICE)

    def test_112_opens_an_incident_asks_for_video_and_watches_what_it_is_sent(self):
        watched = self.leaf_of("watch-ended", lambda x: x.get("status") == "test" and "bytes=" in x.get("detail", ""))
        self.assertIn("%s:" % POLICE, watched["incidents"][0])
        self.assertNotIn("bytes=0 ", watched["detail"] + " ")

    def test_each_reason_can_be_asked_for(self):
        names = [n for n in pb.Reason.keys() if n not in ("REASON_UNSPECIFIED", "REASON_PERMITTED", "REASON_PERMITTED_EMERGENCY")]
        alerts = [test(example_alert(self.carrier)) for _ in names]
        for m, name in zip(alerts, names):
            m.header.test_wish = pb.Reason.Value(name)
        receipts = self.carrier.publish(*alerts, timeout=60)
        self.assertEqual([(pb.VERDICT_REFUSED, name) for name in names], [(r.verdict, reason(r)) for r in receipts])
        for r in receipts:
            self.assertIn("test_wish", r.recipient[0].failed)
        in_earnest = example_alert(self.carrier)
        in_earnest.header.test_wish = pb.REASON_RATE_EXCEEDED
        self.assertEqual("REASON_OUT_OF_RANGE", reason(self.carrier.publish(in_earnest)[0]))
        r = self.agent(CARRIER, "publish", "--status", "test", "--wish", "queue-full", os.path.join(MESSAGES, "guardian-alert.json"),
                       gateway=self.gateway)
        self.assertEqual((r.returncode, json.loads(r.stdout)["recipient"][0]["reason"]), (NO, "REASON_QUEUE_FULL"))
        self.assertEqual(self.agent(CARRIER, "publish", "--wish", "nothing", os.devnull, gateway=self.gateway).returncode, USAGE)

    def test_words_that_do_not_fit_are_told(self):
        for words in (("more",), ("--open", "robbery"), ("--position", "here"), ("--receipt-key", "x"), ("--every", "0")):
            self.assertEqual(self.agent(POLICE, "answer", *words, gateway=self.gateway).returncode, USAGE, words)


class Party(JoiningTest):
    def ctl(self, *words):
        return shipped.ctl("party", *words)

    def sh(self, script, folder):
        subprocess.run(["sh", "-eu", "-c", script], cwd=folder, check=True, capture_output=True)

    def root(self, folder):
        """An agency's own root and an empty revocation list."""
        self.sh("openssl ecparam -name prime256v1 -genkey -noout -out root.key\n"
                "openssl req -x509 -new -key root.key -days 30 -subj '/CN=Duri root' -addext basicConstraints=critical,CA:TRUE"
                " -addext keyUsage=critical,keyCertSign,cRLSign -out root.pem\n"
                "printf '[ca]\\ndefault_ca=here\\n[here]\\ndatabase=index.txt\\ndefault_md=sha256\\n' > ca.cnf; touch index.txt\n"
                "openssl ca -gencrl -config ca.cnf -keyfile root.key -cert root.pem -crldays 7 -out crl", folder)

    def test_an_agency_joins_by_what_is_printed_for_it(self):
        policy, crls = shipped.path("policy"), shipped.path("pki", "crls")
        with tempfile.TemporaryDirectory(prefix="fedgate-join-") as folder:
            self.root(folder)
            root, certificate, key = (os.path.join(folder, name) for name in ("root.pem", "guardian.pem", "guardian.key"))
            shutil.copy(os.path.join(folder, "crl"), os.path.join(crls, "carrier-duri.crl"))
            r = self.ctl("add", "--yes", "--name", "Duri", "--name-ko", "두리", "--role", "carrier", "--root", root, "--unit",
                         "guardian=Guardian", policy, "carrier-duri")
            self.assertEqual(r.returncode, OK, r.stderr)
            request = r.stdout[r.stdout.index("# carrier-duri/guardian"):r.stdout.index("\n 1. [ ]")]
            self.assertEqual(self.ctl("request", "carrier-duri/guardian").stdout.strip(), request.strip())
            self.sh(request, folder)
            self.sh("openssl x509 -req -in guardian.csr -CA root.pem -CAkey root.key -copy_extensions copy -days 7 -out guardian.pem", folder)
            tested = self.ctl("test", "--json", "--crls", crls, "--certificate", certificate, policy, "carrier-duri")
            results = {s["step"]: s["result"] for s in json.loads(tested.stdout)["steps"]}
            self.assertEqual(results, {"set": "ok", "root": "ok", "crl": "ok", "certificate": "ok", "grants": "failed"}, tested.stdout)
            edit(os.path.join(policy, "set.yaml"), "serial: 1", "serial: 2")
            shipped.sign()
            shipped.reload()
            shipped.wait_for("policy-in-force")
            code, steps, report = self.doctor(POLICE, certificate=certificate, key=key)
            self.assertEqual((code, report["unit"]), (NO, "carrier-duri/guardian"), steps)
            self.expect(steps, certificate="ok", accepted="ok", identity="ok", policy="failed")

    def test_a_test_names_the_check_that_fails(self):
        policy, crls, bad = shipped.path("policy"), shipped.path("pki", "crls"), shipped.path("pki", "bad")
        for case, says in (("expired", "expired"), ("not-yet-valid", "not yet valid"), ("wrong-root", "issuer"), ("revoked", "revoked"),
                           ("wrong-usage", "clients"), ("no-uri", "names no unit"), ("foreign-name", "another party")):
            with self.subTest(case):
                r = self.ctl("test", "--lang", "en", "--crls", crls, "--certificate", os.path.join(bad, case + ".pem"), policy, "npa-daejeon")
                self.assertEqual(r.returncode, NO, r.stdout)
                self.assertRegex(r.stdout, r"(?m)^crl +ok ")
                self.assertRegex(r.stdout, r"(?m)^certificate +failed .*%s" % says)
        good = shipped.certificate(POLICE)[0]
        r = self.ctl("test", "--crls", crls, "--certificate", good, policy, "npa-daejeon")
        self.assertEqual(r.returncode, OK, r.stdout)

    def test_a_list_that_another_root_signed_fails(self):
        with tempfile.TemporaryDirectory(prefix="fedgate-join-") as folder:
            shutil.copy(shipped.path("pki", "crls", "daejeon-fire.crl"), os.path.join(folder, "npa-daejeon.crl"))
            r = self.ctl("test", "--lang", "en", "--crls", folder, shipped.path("policy"), "npa-daejeon")
        self.assertEqual(r.returncode, NO)
        self.assertRegex(r.stdout, r"(?m)^crl +failed .*did not sign it")

    def test_show_tells_root_list_and_sessions(self):
        self.assertEqual(self.doctor(POLICE)[0], OK)
        r = self.ctl("show", "--lang", "en", "--crls", shipped.path("pki", "crls"), "--socket", shipped.path("data", "control.sock"),
                     shipped.path("policy"), "npa-daejeon")
        self.assertEqual(r.returncode, OK, r.stderr)
        fingerprint = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in",
                                      shipped.path("pki", "roots", "npa-daejeon.pem")], check=True, capture_output=True, text=True).stdout
        self.assertIn(fingerprint.strip().split("=")[1].replace(":", "").lower(), r.stdout)
        self.assertIn("certificates revoked", r.stdout)
        self.assertIn("what it receives", r.stdout)
        self.assertIn("\nsessions\n", r.stdout)


if __name__ == "__main__":
    unittest.main()

"""What Prometheus reads of a gateway, and that the dashboard and the alert rules ask for nothing else."""
import os
import re
import shutil
import socket
import subprocess
import time
import unittest

from console import AUDITOR, OFFICER, OPERATOR, ConsoleGateway
from contract import Unit, incident_report, new_incident, pb
from gateway import BIN, PROMPTLY, edit, free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
POLICE = "npa-daejeon/112-control"


def names():
    with open(os.path.join(ROOT, "gateway", "console", "metrics.def")) as f:
        return set(re.findall(r'^M\(\w+, "(\w+)"', f.read(), re.MULTILINE))


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = ConsoleGateway()
        cls.addClassCleanup(cls.gateway.close)

    def scrape(self, unit=OPERATOR):
        status, fields, body = self.gateway.page("/metrics", unit)
        self.assertEqual(200, status, body)
        self.assertTrue(fields["content-type"].startswith("text/plain; version=0.0.4"))
        return body

    def scrape_with(self, line):
        """What is told is up to a second old."""
        until = time.monotonic() + 2 * PROMPTLY
        body = self.scrape()
        while line not in body and time.monotonic() < until:
            time.sleep(0.2)
            body = self.scrape()
        self.assertIn(line, body)
        return body

    def test_it_tells_how_the_gateway_stands_and_of_nobody(self):
        unit = Unit(self.gateway, POLICE)
        self.addCleanup(unit.close)
        incident = new_incident(unit)
        self.assertEqual(pb.VERDICT_ACCEPTED, unit.publish(incident_report(unit, incident))[0].verdict)
        body = self.scrape_with("\nfedgate_incidents_open 1\n")
        self.assertIn("\nfedgate_ledger_up 1\n", body)
        self.assertIn("\nfedgate_edge_up 1\n", body)
        for lane in "urgent", "normal", "bulk":
            self.assertRegex(body, r'\nfedgate_lane_waiting{party="npa-daejeon",lane="%s"} \d+\n' % lane)
        self.assertLess(abs(time.time() - float(re.search(r"\nfedgate_checkpoint_timestamp_seconds ([\d.]+)\n", body)[1])), PROMPTLY)
        self.assertIn('\nfedgate_sessions{unit="%s"} 1\n' % POLICE, body)
        for role in "supervisor", "edge", "ledger", "keeper", "console":
            self.assertIn('\nfedgate_role_up{role="%s"} 1\n' % role, body)
        self.assertNotIn(incident.split(":")[-1], body)
        self.assertLessEqual(set(re.findall(r"^(\w+)", body, re.MULTILINE)), names())

    def test_it_is_for_auditors_and_operators_and_on_record_once_an_hour(self):
        self.assertEqual(403, self.gateway.page("/metrics", OFFICER)[0])
        for unit in AUDITOR, AUDITOR, AUDITOR:
            self.scrape(unit)
        viewed = self.gateway.leaves_of(lambda x: x["event"] == "viewed" and x["source"] == AUDITOR)
        self.assertEqual(["page=metrics form=text"], [x["detail"] for x in viewed])


class OfThisMachine(unittest.TestCase):
    """metrics_listen: /metrics without a certificate, on 127.0.0.1, and nothing else."""

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()

        def with_metrics(folder):
            with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
                f.write("metrics_listen: 127.0.0.1:%d\n" % cls.port)
        cls.gateway = ConsoleGateway(change=with_metrics)
        cls.addClassCleanup(cls.gateway.close)

    def curl(self, path="/metrics", *options):
        """(status, fields, body)"""
        r = subprocess.run(["curl", "--silent", "--show-error", "--include", "--max-time", "30", *options, "http://127.0.0.1:%d%s" % (self.port, path)],
                           capture_output=True, text=True)
        self.assertEqual(0, r.returncode, r.stderr)
        head, body = r.stdout.replace("\r\n", "\n").split("\n\n", 1)
        first, *lines = head.splitlines()
        return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body

    def test_it_is_what_units_get_and_on_no_record(self):
        status, fields, body = self.curl()
        self.assertEqual(200, status)
        self.assertTrue(fields["content-type"].startswith("text/plain; version=0.0.4"))
        self.assertEqual(len(body.encode()), int(fields["content-length"]))
        self.assertIn("\nfedgate_ledger_up 1\n", body)
        self.assertIn('\nfedgate_role_up{role="console"} 1\n', body)
        self.assertEqual(set(re.findall(r"^# TYPE (\w+)", self.gateway.page("/metrics", OPERATOR)[2], re.MULTILINE)),
                         set(re.findall(r"^# TYPE (\w+)", body, re.MULTILINE)))
        viewed = self.gateway.leaves_of(lambda x: x["event"] == "viewed")
        self.assertEqual([OPERATOR], [x["source"] for x in viewed])

    def test_no_other_page_is_there(self):
        for path in "/", "/en/", "/ko/now", "/en/records", "/assets/console.css", "/metrics/", "/nothing":
            status, _, body = self.curl(path)
            self.assertEqual(404, status, path)
            self.assertNotIn("npa-daejeon", body)
        self.assertEqual(405, self.curl("/metrics", "--data", "a=b")[0])
        status, _, body = self.curl("/metrics", "--head")
        self.assertEqual((200, ""), (status, body))

    def test_a_web_page_of_another_site_gets_nothing(self):
        """One that has its own name led to 127.0.0.1 (DNS rebinding) names itself."""
        status, _, body = self.curl("/metrics", "--header", "Host: evil.example:%d" % self.port)
        self.assertEqual((421, ""), (status, body))
        self.assertEqual(200, self.curl("/metrics", "--header", "Host: localhost:%d" % self.port)[0])

    def test_what_is_no_request_is_refused_and_the_console_stays(self):
        for text, answer in (b"\x16\x03\x01\r\n\r\n", b"HTTP/1.1 400 "), (b"GET /" + b"a" * 9000, b"HTTP/1.1 431 "):
            with socket.create_connection(("127.0.0.1", self.port)) as s:
                s.sendall(text)
                self.assertTrue(s.recv(100).startswith(answer))
        open_ones = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(12)]
        for s in open_ones:
            s.close()
        until, status = time.monotonic() + 2 * PROMPTLY, 0
        while status != 200 and time.monotonic() < until:
            time.sleep(0.5)
            try:
                status = self.curl()[0]
            except AssertionError:
                pass  # closed at once: its budget fills with time
        self.assertEqual(200, status)

    def test_it_is_said_when_the_gateway_starts(self):
        self.assertIn("metrics-for-this-machine address=127.0.0.1:%d" % self.port, "\n".join(self.gateway.log))

    def test_another_address_is_refused(self):
        config = self.gateway.path("elsewhere.yaml")
        shutil.copy(self.gateway.path("fedgate.yaml"), config)
        edit(config, "metrics_listen: 127.0.0.1", "metrics_listen: 0.0.0.0")
        r = subprocess.run([os.path.join(BIN, "fedgate"), "--check", "--config", config], capture_output=True, text=True)
        self.assertEqual(1, r.returncode)
        self.assertIn("metrics_listen is answered without a certificate, so it has to be 127.0.0.1 or [::1] and a port", r.stderr)


class Files(unittest.TestCase):
    def test_dashboard_and_rules_ask_for_what_there_is(self):
        for file in ("grafana", "fedgate.json"), ("prometheus", "fedgate.rules.yaml"), ("prometheus", "fedgate.test.yaml"):
            with open(os.path.join(ROOT, "packaging", *file)) as f:
                used = set(re.findall(r"\bfedgate_\w+", f.read()))
            self.assertGreater(len(used), 15)
            self.assertLessEqual(used, names())

    def test_every_alert_has_its_case(self):
        with open(os.path.join(ROOT, "packaging", "prometheus", "fedgate.rules.yaml")) as f:
            alerts = f.read().count("- alert: ")
        with open(os.path.join(ROOT, "packaging", "prometheus", "fedgate.test.yaml")) as f:
            self.assertIn("value: %d}" % alerts, f.read())

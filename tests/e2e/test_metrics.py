"""What Prometheus reads of a gateway, and that the dashboard and the alert rules ask for nothing else."""
import os
import re
import time
import unittest

from console import AUDITOR, OFFICER, OPERATOR, ConsoleGateway
from contract import Unit, incident_report, new_incident, pb
from gateway import PROMPTLY

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

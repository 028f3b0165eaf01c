"""Prometheus: its own opinion of what a gateway tells at /metrics, of the alert rules, and a scrape with a unit's certificate; another without one, of
metrics_listen."""
import json
import os
import subprocess
import time
import urllib.parse
import urllib.request

from console import OPERATOR, ConsoleGateway
from gateway import free_port
from judge import ROOT, Judge

PROMETHEUS = os.path.join(ROOT, "packaging", "prometheus")
CONFIG = """
global: {scrape_interval: 2s, evaluation_interval: 2s}
rule_files: [%s]
scrape_configs:
- job_name: fedgate
  scheme: https
  metrics_path: /metrics
  tls_config: {ca_file: %s, cert_file: %s, key_file: %s, server_name: localhost}
  static_configs: [{targets: ["127.0.0.1:%d"]}]
- job_name: local
  static_configs: [{targets: ["localhost:%d"]}]
"""


class WithMetrics(ConsoleGateway):
    def __init__(self, change=None):
        self.metrics_port = free_port()

        def listen(folder):
            with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
                f.write("metrics_listen: 127.0.0.1:%d\n" % self.metrics_port)
            if change:
                change(folder)
        super().__init__(change=listen)


class Prometheus(Judge):
    tool, packages, kind = "Prometheus", ("prometheus",), WithMetrics

    def test_the_metrics_are_well_formed_and_named_by_the_conventions(self):
        """promtool check metrics finds nothing in a real scrape."""
        status, _, body = self.gateway.page("/metrics", OPERATOR)
        self.assertEqual(200, status)
        self.assertEqual("", self.ask("promtool", "check", "metrics", input=body))
        with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.gateway.metrics_port, timeout=30) as r:
            self.assertEqual("", self.ask("promtool", "check", "metrics", input=r.read().decode()))

    def test_the_rules_are_well_formed(self):
        """promtool check rules finds nothing in the alert rules."""
        self.assertIn("SUCCESS: 21 rules found", self.ask("promtool", "check", "rules", os.path.join(PROMETHEUS, "fedgate.rules.yaml")))

    def test_the_rules_raise_what_they_are_for(self):
        """promtool test rules: a gateway that is well raises none; each is raised by what it is for."""
        said = self.ask("promtool", "test", "rules", os.path.join(PROMETHEUS, "fedgate.test.yaml"))
        self.assertIn("SUCCESS", said)
        self.assertNotIn("FAILED", said)

    def query(self, words):
        with urllib.request.urlopen("http://127.0.0.1:%d/api/v1/query?query=%s" % (self.port, urllib.parse.quote(words)), timeout=10) as r:
            return [(x["metric"], x["value"][1]) for x in json.load(r)["data"]["result"]]

    def run_prometheus(self):
        self.port, folder = free_port(), self.gateway.path("prometheus")
        os.makedirs(folder)
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w") as f:
            f.write(CONFIG % (os.path.join(PROMETHEUS, "fedgate.rules.yaml"), self.gateway.root, *self.gateway.certificate(OPERATOR),
                              self.gateway.console_port, self.gateway.metrics_port))
        p = subprocess.Popen(["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(folder, "data"),
                              "--web.listen-address=127.0.0.1:%d" % self.port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(p.wait)
        self.addCleanup(p.terminate)

    def test_it_scrapes_a_gateway(self):
        """Scrapes over HTTP/2 with a unit's certificate, and without one on this machine; no rule raises an alert."""
        self.run_prometheus()
        until, up = time.monotonic() + 60, []
        while [x[1] for x in up] != ["1", "1"] and time.monotonic() < until:
            time.sleep(1)
            try:
                up = self.query("fedgate_ledger_up")
            except OSError:
                pass
        self.assertEqual(["1", "1"], [x[1] for x in up])
        for job in "fedgate", "local":
            self.assertEqual(["1"], [x[1] for x in self.query('up{job="%s"}' % job)])
        self.assertEqual([], self.query('ALERTS{alertstate="firing"}'))
        self.figure("%s series" % self.query('scrape_samples_scraped{job="fedgate"}')[0][1])

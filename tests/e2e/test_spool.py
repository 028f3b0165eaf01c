"""fedgate-agent publish --spool and forward: what waits while the gateway is away, and what becomes of it."""
import glob
import json
import os
import pty
import signal
import subprocess
import tempfile
import unittest
import uuid

from carrier import new_alerts
from contract import Unit
from gateway import Gateway
from quickstart import limit_alerts
from test_agent import AGENT, CARRIER, DESK, GATEWAY, HERE, PERMITTED, PHOTO, POLICE, REFUSED, USAGE, AgentTest, example, lines, new_incident, text_of

AWAY = {"FEDGATE_GATEWAY": "127.0.0.1:1"}


class SpoolTest(AgentTest):
    """Each test has a spool of its own."""

    def setUp(self):
        self.spool = self.path(str(uuid.uuid4()))

    def put(self, unit, *words, **how):
        """Ids of what was put, with the gateway away."""
        told, _ = self.publish(unit, "--spool", self.spool, *words, env=AWAY, **how)
        self.assertEqual({True}, {line["spooled"] for line in told})
        return [line["id"] for line in told]

    def waiting(self, folder):
        """Ids of messages in a folder of the spool, in their order."""
        return [name[-36:] for name in sorted(os.listdir(os.path.join(self.spool, folder))) if not name.endswith(".json")]

    def forward(self, unit, *words, **how):
        return self.run_agent(unit, "forward", "--spool", self.spool, *words, **how)


class Spool(SpoolTest):
    def test_what_is_put_without_a_gateway_goes_out_under_its_id_the_urgent_lane_first(self):
        incident = new_incident()
        report = self.put(POLICE, "--incident", incident, example("incident-report"))
        photo = self.put(POLICE, "--incident", incident, "--photo", PHOTO, example("scene-image"))
        request = self.put(POLICE, "--incident", incident, example("video-request"))
        self.assertEqual((report + request, photo), (self.waiting("urgent"), self.waiting("normal")))
        for path in glob.glob(os.path.join(self.spool, "*", "*")):
            self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        receipts, said = self.forward(POLICE, code=REFUSED)  # the police take no photos
        self.assertEqual(report + request + photo, [r["id"] for r in receipts])
        self.assertEqual(["VERDICT_ACCEPTED"] * 2 + ["VERDICT_REFUSED"], [r["verdict"] for r in receipts])
        self.assertEqual(([], [], photo), tuple(self.waiting(f) for f in ("urgent", "normal", "refused")))
        with open(glob.glob(os.path.join(self.spool, "refused", "*.json"))[0]) as f:
            self.assertEqual(receipts[-1], json.load(f))
        self.assertIn("refused, and set aside in %s/refused: 1" % self.spool, said)
        self.assertEqual(([], ""), self.forward(POLICE, env=AWAY), "of an empty spool no gateway has to hear")

    def test_what_was_sent_before_its_receipt_was_lost_is_not_delivered_again(self):
        incident = self.open_incident()
        sent = self.put(POLICE, "--incident", incident, example("video-request"))
        file = glob.glob(os.path.join(self.spool, "urgent", "*"))[0]
        with open(file, "rb") as f:
            message = f.read()
        first, _ = self.forward(POLICE)
        with open(file, "wb") as f:     # as if the machine had ended before it was removed
            f.write(message)
        again, _ = self.forward(POLICE)
        self.assertEqual((sent[0], first[0]["record"], True), (again[0]["id"], again[0]["record"], again[0]["repeated"]))
        self.assertEqual([], self.waiting("urgent"))

    def test_a_gateway_that_is_away_leaves_everything_where_it_is(self):
        sent = self.put(POLICE, "--incident", new_incident(), example("incident-report"))
        receipts, said = self.forward(POLICE, env=AWAY, code=GATEWAY)
        self.assertEqual([], receipts)
        self.assertIn("messages that wait in %s: 1" % self.spool, said)
        self.assertEqual(sent, self.waiting("urgent"))

    def test_a_full_spool_refuses_by_name_and_what_is_no_message_is_told(self):
        texts = text_of("video-request") * 3
        told, said = self.publish(POLICE, "--spool", self.spool, "--spool-messages", "2", "-", input=texts, env=AWAY, code=HERE)
        self.assertEqual(2, len(told))
        self.assertRegex(said, r"standard input:\d+: message \S+: the spool is full: \"fedgate-agent forward\" empties it")
        self.assertEqual([line["id"] for line in told], self.waiting("urgent"))
        named = json.dumps({**json.loads(text_of("video-request")), "header": {"id": "../../x"}})
        _, said = self.publish(POLICE, "--spool", self.spool, "-", input=named, env=AWAY, code=HERE)
        self.assertIn("its id is no UUID", said)
        self.publish(POLICE, "--spool", self.spool, "--spool-mib", "0", example("video-request"), code=USAGE)

    def test_what_is_damaged_on_the_disk_is_set_aside_and_holds_nothing_up(self):
        sent = self.put(CARRIER, "-", input="".join(new_alerts(3).values()))
        empty, torn, _ = sorted(glob.glob(os.path.join(self.spool, "urgent", "*")))
        os.truncate(empty, 0)
        with open(torn, "r+b") as f:
            first = f.read(1)[0]
            f.seek(0)
            f.write(bytes([first ^ 0xff]))
        receipts, said = self.forward(CARRIER, code=REFUSED)
        self.assertEqual([("", "VERDICT_REFUSED"), (sent[2], "VERDICT_ACCEPTED")], [(r.get("id", ""), r["verdict"]) for r in receipts])
        self.assertIn("no message of the contract's", said)
        self.assertEqual(([], sent[:2]), (self.waiting("urgent"), self.waiting("refused")))

    def test_a_service_sends_what_comes_while_it_follows_and_another_one_is_refused(self):
        desk = Unit(self.gateway, DESK)
        self.addCleanup(desk.close)
        subscription = desk.subscribe()
        self.addCleanup(subscription.close)
        config = self.path("agent.yaml")
        certificate, key = self.gateway.certificate(CARRIER)
        with open(config, "w") as f:
            f.write("gateway: 127.0.0.1:%d\nroot: %s\ncertificate: %s\nkey: %s\nspool: %s\n" % (
                self.gateway.port, self.gateway.root, certificate, key, self.spool))
        env = {name: value for name, value in os.environ.items() if not name.startswith("FEDGATE_")}
        service = subprocess.Popen([AGENT, "forward", "--follow", "--reconnect", "--config", config], env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, service)
        for id, alert in new_alerts(3).items():
            r = subprocess.run([AGENT, "publish", "--config", config], env=env, input=alert, text=True, capture_output=True, timeout=20)
            self.assertEqual((PERMITTED, [{"id": id, "spooled": True}]), (r.returncode, lines(r.stdout)), r.stderr)
            self.assertEqual(id, subscription.take(20).header.id)
            self.assertEqual(id, self.next_line(service)["id"])
        _, said = self.forward(CARRIER, code=HERE)
        self.assertIn("another process sends what is in it", said)
        service.send_signal(signal.SIGTERM)
        self.assertEqual(143, service.wait(20))
        self.assertEqual([], self.waiting("urgent"))

    def test_a_terminal_is_told_how_far_it_is(self):
        ours, theirs = pty.openpty()
        p = self.start(POLICE, "publish", "--incident", new_incident(), example("incident-report"), stderr=theirs)
        os.close(theirs)
        self.assertEqual("VERDICT_ACCEPTED", self.next_line(p)["verdict"])
        self.assertEqual(PERMITTED, p.wait(20))
        said = b""
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:     # nobody has the other end any more
            os.close(ours)
        self.assertRegex(said.decode(), r"\d\d:\d\d  1 receipts  0/s  0 under way")
        self.assertIn("1 accepted, 0 partly", said.decode())


class Limited(SpoolTest):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(limit_alerts)
        cls.folder = tempfile.TemporaryDirectory(prefix="fedgate-agent-")

    def test_what_the_gateway_wants_to_have_later_waits_and_comes_once(self):
        alerts = new_alerts(9)
        sent = self.put(CARRIER, "-", input="".join(alerts.values()))
        receipts, _ = self.forward(CARRIER)
        self.assertEqual(list(alerts), sent)
        self.assertEqual(sorted(alerts), sorted(r["id"] for r in receipts))
        self.assertEqual({"VERDICT_ACCEPTED"}, {r["verdict"] for r in receipts})
        self.assertEqual([], self.waiting("urgent"))
        self.assertIn("RATE", str([x for x in self.gateway.leaves() if x["event"] == "received"]).upper(), "some were too many in a second")

    def test_what_ends_an_alert_that_had_to_wait_comes_behind_it(self):
        alerts = new_alerts(3)
        last = json.loads(list(alerts.values())[-1])["guardianAlert"]["alertId"]
        found = json.loads(text_of("guardian-found"))
        found["header"]["incidentId"], found["guardianAlert"]["alertId"] = ["%s:%s" % (DESK, last)], last
        sent = self.put(CARRIER, "-", input="".join([*alerts.values(), json.dumps(found)]))
        receipts, _ = self.forward(CARRIER)
        self.assertEqual({(id, "VERDICT_ACCEPTED") for id in sent}, {(r["id"], r["verdict"]) for r in receipts})
        self.assertEqual(sent[-1], receipts[-1]["id"])
        self.assertEqual(([], []), (self.waiting("urgent"), self.waiting("refused")))


if __name__ == "__main__":
    unittest.main()

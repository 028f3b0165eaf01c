"""The playbooks of packaging/OPERATING.md, with the commands that it prints, against a running gateway: what an officer reads in the middle
of the night has to work as it stands. Paths, numbers and keys are put in, as a reader would; systemd is played by the test."""
import datetime
import os
import re
import subprocess
import time
import unittest

from contract import Unit, incident_report, new_incident, video_request
from gateway import BIN, ROOT, Gateway

PAGE = os.path.join(ROOT, "packaging", "OPERATING.md")
THREE_DAYS = 3 * 86400

# What a machine with systemd would do, and a test must not.
AROUND = """
systemctl() {
    case $1 in
    reload) fedgatectl reload --socket $S --operator systemd --reason "systemctl reload" ;;
    stop | disable) kill "$GATEWAY"; while readlink "/proc/$GATEWAY/exe"; do sleep 0.1; done ;;
    esac
}
setpriv() { while [[ $1 == --* ]]; do shift; done; "$@"; }
systemd-tmpfiles() { mkdir -m 700 "$FOLDER"/{data,keys,audit}; }
editor() { sed -i 's|^log_name: .*|log_name: fedgate.daejeon.example/log-2|' "$1"; }
timedatectl() { date; }
dpkg() { [ ! -e "$FOLDER/keys" ] && [ ! -e "$FOLDER/data" ]; }
"""


def playbook(begins):
    """The commands between the line that begins so and the next heading, in order."""
    found, lines = False, []
    with open(PAGE, encoding="utf-8") as f:
        for line in f:
            if line.startswith(("**", "## ")):
                found = line.startswith(begins)
            elif found and line.startswith("    "):
                lines.append(re.split(r"\s{2,}# ", line.strip())[0])
    assert lines, "OPERATING.md has no playbook %s" % begins
    return lines


def by_another(command):
    """The same, of a second officer."""
    for officer in ("daejeon-city-center/park", "daejeon-gateway-operator/seo"):
        command = command.replace(officer, "daejeon-gateway-operator/yoon").replace(officer.split("/")[1] + ".key", "yoon.key")
    return command


class Playbook:
    """One gateway, on which commands of the page are followed."""

    def begin(self):
        self.gateway = Gateway()
        self.police = Unit(self.gateway, "npa-daejeon/112-control")

    def end(self):
        self.police.close()
        self.gateway.close()

    def record(self, **within):
        """Of a request that is stored, and nobody fetches."""
        incident = new_incident(self.police)
        m = video_request(self.police, incident)
        if within:
            m.header.destroy_by.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**within))
        return self.police.publish(incident_report(self.police, incident), m)[1].record.index

    def put_in(self, command, more):
        path = self.gateway.path
        puts = {"/mnt": path("mnt"), "/var/lib/fedgate": self.gateway.folder, "/etc/fedgate/crls": path("pki", "crls"),
                "/etc/fedgate": self.gateway.folder, **{k + ".key": path("signing", k + ".key") for k in ("park", "seo", "yoon")},
                "SHA-256": self.gateway.fingerprint("npa-daejeon/112-duty"), **more}
        return re.sub("|".join(map(re.escape, puts)), lambda m: puts[m[0]], command)

    def follow(self, commands, more=None, answers=()):
        """Runs them one after the other, each of which has to succeed, or to end as `answers` says of one that holds these words."""
        first = playbook("## When something happens")
        for command in commands:
            script = "\n".join([AROUND, self.put_in("\n".join(first), {"/run/fedgate": self.gateway.path("data")}), self.put_in(command, more or {})])
            r = subprocess.run(["bash", "-euc", script], cwd=self.gateway.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                               env=dict(os.environ, PATH=BIN + ":" + os.environ["PATH"], LC_ALL="C", FOLDER=self.gateway.folder,
                                        GATEWAY=str(self.gateway.process.pid)))
            expected = next((code for words, code in answers if words in command), 0)
            self.assertEqual(expected, r.returncode, "%s\n%s%s" % (command, r.stdout, r.stderr))
            self.said = r.stdout


class Operating(unittest.TestCase, Playbook):
    """What is done to one that goes on."""

    @classmethod
    def setUpClass(cls):
        cls.begin(cls)

    @classmethod
    def tearDownClass(cls):
        cls.end(cls)

    def test_an_agency_that_is_compromised_is_stopped_its_records_held_and_destroyed_and_it_comes_back(self):
        held, gone = self.record(), self.record()
        steps = []
        for command in playbook("**An agency, or one of its units"):
            steps += [command] + ([by_another(command)] if re.search(r"hold place|destroy record|resume", command) else [])
        self.follow(steps, {"1234": str(held), "1240": str(gone)})
        until = time.monotonic() + 20  # the log's files have an entry a moment later
        while "destroyed" not in [x["event"] for x in self.gateway.leaves()]:
            self.assertLess(time.monotonic(), until, "the log does not show that anything was destroyed")
            time.sleep(0.1)
        listed = self.gateway.ctl("suspensions", "list", "--json", "--socket", self.gateway.path("data", "control.sock"))
        self.assertNotIn("party npa-daejeon", listed.stdout)

    def test_a_request_for_footage_is_answered_as_the_page_says(self):
        with open(self.gateway.path("masked.mp4"), "wb") as f:
            f.write(b"masked")
        steps = []
        for command in playbook("**A citizen or a company asks"):
            steps += [command] + ([by_another(command)] if "request decide" in command else [])
        self.follow(steps)
        listed = self.gateway.ctl("request", "list", "--socket", self.gateway.path("data", "control.sock"), "--lang", "en")
        self.assertEqual("nothing\n", listed.stdout)

    def test_on_a_full_disk_and_on_damage_every_command_looks_and_changes_nothing(self):
        path, record = self.gateway.path, self.record()
        # There is nothing so old: the gateway says so, and nothing goes.
        self.follow(playbook("**Disk full"), answers=[("audit prune", 1)])
        os.makedirs(path("mnt", "evidence"))
        saved = self.gateway.ctl("audit", "checkpoint", "--log", path("audit"), "--key", path("audit.vkey"), "--save", path("last-visit.checkpoint"))
        self.assertEqual(0, saved.returncode, saved.stderr)
        for name, line in (("receipts.jsonl", '{"direction": "sent", "index": %d}\n' % record), ("deliveries.jsonl", "")):
            with open(path(name), "w") as f:
                f.write(line)
        self.follow(playbook("**Damage"), {"log.vkey": path("audit.vkey")}, answers=[("reconcile", 1)])
        self.gateway.verify()


class Ended(unittest.TestCase, Playbook):
    """What is done to one that stood, or is to stand no more."""

    def setUp(self):
        self.begin()

    def tearDown(self):
        self.end()

    def test_an_officer_answers_for_the_clock(self):
        self.record(hours=2)
        self.assertEqual(0, self.gateway.stop())
        self.gateway.skew(THREE_DAYS)
        self.gateway.start()
        self.gateway.wait_for("alarm clock-uncertain")
        shown = [c for c in playbook("**Clock wrong") if "clock accept" not in c]
        self.follow(shown, answers=[("clock show", 1)])
        ahead = re.search(r"\+(\d{6})\b", self.said)[0]
        self.follow([c for c in playbook("**Clock wrong") if "clock accept" in c], {"+3600": ahead})
        self.follow(shown)

    def test_with_its_keys_lost_a_gateway_begins_a_new_log_and_is_taken_out_of_service_in_the_end(self):
        self.record()
        os.remove(self.gateway.path("keys", "wrapping.secret"))
        *steps, looks = playbook("**Keys lost")
        self.follow(steps)
        self.gateway.ended()
        self.gateway.start()
        self.record()
        self.follow([looks])
        with open(self.gateway.path("keys", "log.vkey")) as f:
            self.assertIn("/log-2+", f.read())
        os.makedirs(self.gateway.path("mnt", "auditor"))
        self.follow(playbook("## Taking one out"))
        self.gateway.ended()
        self.assertTrue(os.path.exists(self.gateway.path("mnt", "auditor", "log", "checkpoint")))
        self.assertFalse(os.path.exists(self.gateway.path("keys")))

"""The auditors' console, as a browser sees it: Debian's Chromium, driven by Playwright, judged by axe-core. What it saw is kept as pictures in
build/console/."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from judge import BUILD, NODE_MODULES, POLICE, ROLES, ROOT, NodeJudge, debian_version

sys.path.append(os.path.join(ROOT, "tests", "demo"))
import demo  # noqa: E402
from console import AUDITOR, OFFICER, OPERATOR  # noqa: E402
from stage import Stage  # noqa: E402

OUT = os.path.join(os.path.abspath(BUILD), "console")
PLAYS = (demo.onsite_video, demo.patrol, demo.dispatch, demo.disaster, demo.vulnerable_persons, demo.transparency, demo.footage_held,
         demo.emergency_used)
PATIENCE = 900  # s: of a busy machine
# Of pages.def, those that are no page to look at: a stream, files, what a form is answered with. The tasks of other tests have them.
NO_PAGES = {"now/events", "records/csv", "records/json", "proof/", "acts", "acts/text", "requests/", "metrics"}


def pages(leaves, waiting, destroyed):
    """Of each role: (name of the picture, path below the language, status when it is not 200)."""
    def first(**holds):
        return next(x["index"] for x in leaves if all(x.get(k) == v for k, v in holds.items()))
    report = first(event="received", kind="incident_report")
    refused = next(x["index"] for x in leaves if x["event"] == "received" and any(r["reason"] == "not-assigned" for r in x.get("recipients", ())))
    activated, incident = first(event="policy-activated"), leaves[report]["incidents"][0]
    asking = [["%s-%s" % (kind, word), "%s/%s" % (kind, word)] for kind, words in (
        ("registers", ("location", "out-of-purpose", "personal-video", "requests", "statistics")),
        ("questions", ("emergencies", "exposure", "incidents", "notices", "publications"))) for word in words]
    policy = "policy/%d" % activated
    auditor = [["start", ""], ["reason", "reason"], ["now", "now"], ["records", "records"], ["records-of-a-party", "records?party=daejeon-tax"],
               ["records-none", "records?party=nobody"], ["records-unreadable", "records?from=yesterday", 400], ["record", "record/%d" % report],
               ["record-refused", "record/%d" % refused], ["record-destroyed", "record/%d" % destroyed], ["record-none", "record/99999999", 404],
               ["registers", "registers"], ["questions", "questions"], *asking, ["questions-case", "questions/case?argument=" + incident],
               ["questions-camera-without-facts", "questions/camera?argument=dj-3028", 409], ["statistics", "registers/statistics"],
               ["facts", "facts"], ["suspensions", "suspensions"], ["holds", "holds"], ["requests", "requests"], ["destruction", "destruction"],
               ["overdue", "destruction/overdue"], ["certificate", "certificate?record=%d" % destroyed],
               ["certificate-none", "certificate?record=%d" % report], ["policy", "policy"], ["policy-set", policy],
               ["policy-matrix", policy + "/matrix"], ["policy-tests", policy + "/tests"], ["policy-memorandum", policy + "/memorandum/molit-npa-2015"], ["picture", "picture"],
               ["approvals-refused", "approvals", 403], ["not-found", "no-such-page", 404]]
    officer = [["start", ""], ["records", "records"], ["now-refused", "now", 403], ["approvals", "approvals"], ["quarantine", "quarantine"],
               ["emergencies", "emergencies"], ["approval", "approvals/" + waiting["approvals"]],
               ["emergency", "emergencies/" + waiting["emergencies"]], ["quarantined-none", "quarantine/1-0", 404], ["destruction", "destruction"],
               ["picture", "picture"], ["suspensions", "suspensions"]]
    operator = [["start", ""], ["now", "now"], ["policy", "policy"], ["picture", "picture"], ["records-refused", "records", 403]]
    return {"auditor": auditor, "officer": officer, "operator": operator}


class Console(NodeJudge):
    tool, module = "Chromium, Playwright and axe-core", "playwright-core"
    packages = ("chromium", "libnss3-tools")
    roles, maxDiff = (*ROLES, "console"), None

    @classmethod
    def version(cls):
        with open(os.path.join(NODE_MODULES, "axe-core", "package.json")) as f:
            return "Chromium %s, %s, axe-core %s" % (debian_version("chromium"), super().version(), json.load(f)["version"])

    @classmethod
    def begin_gateway(cls):
        folder = tempfile.mkdtemp(prefix="fedgate-console-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.stage = Stage(folder, demo.prepare)
        cls.addClassCleanup(cls.stage.close)
        for play in PLAYS:
            play(cls.stage)
        os.makedirs(OUT, exist_ok=True)
        cls.trust(os.path.join(folder, "home"))
        return cls.stage.gateway

    @classmethod
    def trust(cls, home):
        """Chromium's own store has the development root, so that no error of certificates is passed over."""
        cls.home, store = home, os.path.join(home, ".pki", "nssdb")
        os.makedirs(store)
        for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "root", "-i", cls.stage.gateway.root]):
            subprocess.run(["certutil", "-d", "sql:" + store, *words], check=True)

    def drive(self, task, units=None, between=(), **job):
        """What console.js saw. `between`: (word that it says, what is done then)."""
        given = {"auditor": self.gateway.certificate(AUDITOR), "officer": self.gateway.certificate(OFFICER),
                 "operator": self.gateway.certificate(OPERATOR)} if units is None else units
        file = self.gateway.path("%s.json" % self.id().rpartition(".")[2])
        with open(file, "w") as f:
            json.dump(dict(job, address="https://localhost:%d" % self.gateway.console_port, units=given, out=OUT, home=self.home,
                           words=["English", "CSV", "JSON", "SHA-256"]), f)
        words = ["node", os.path.join(ROOT, "tests", "judges", "console.js"), task]
        if self.shown(words) + " JOB" not in self.commands:
            self.commands.append(self.shown(words) + " JOB")
        process = subprocess.Popen(words + [file], stdout=subprocess.PIPE, text=True,
                                   env=dict(os.environ, NODE_PATH=NODE_MODULES, NODE_EXTRA_CA_CERTS=self.gateway.root))
        waits = dict(between)
        for line in process.stdout:
            if line.strip() in waits:
                waits.pop(line.strip())()
            else:
                last = line
        self.assertEqual((0, {}), (process.wait(PATIENCE), waits))
        process.stdout.close()
        seen = json.loads(last)
        self.assertEqual([], seen["faults"])
        return seen

    # ---- every page

    def all_pages(self, lang):
        waiting = {group: self.stage.waiting(group)[0] for group in ("approvals", "emergencies")}
        driven = pages(self.gateway.leaves(), waiting, demo.destroyed_record(self.stage)["index"])
        self.assert_all_are_driven([path for of in driven.values() for _, path, *_ in of])
        seen = self.drive("pages", lang=lang, pages=driven)
        self.figure("%d pages, %d pictures, %d times judged by axe-core" % (seen["loads"], seen["pictures"], seen["judged"]))
        self.assertEqual([], seen["bad"])

    def assert_all_are_driven(self, paths):
        with open(os.path.join(ROOT, "gateway", "console", "pages.def")) as f:
            rows = set(re.findall(r'^P\(\w+, "([^"]*)"', f.read(), re.M)) - NO_PAGES
        plain = [p.split("?")[0] for p in paths]
        self.assertEqual(set(), {row for row in rows if not any(p == row or row.endswith("/") and p.startswith(row) for p in plain)})

    def test_every_page_in_english(self):
        """Every page of every role, in English: nothing is cut off at 1280 x 800 and 820 x 1180, light and dark; axe-core finds nothing serious; no
        request leaves for elsewhere, and nothing breaks the page's own rules."""
        self.all_pages("en")

    def test_every_page_in_korean(self):
        """The same in Korean, and no title, label or button is left in English."""
        self.all_pages("ko")

    # ---- what pages do

    def test_a_proof_is_checked_in_the_browser(self):
        """The proof of a record holds, checked by the page with WebCrypto; with one byte of the entry changed in the answer, in answer and page, or of the
        checkpoint's signature, it does not."""
        record = self.gateway.leaves_of(lambda x: x["event"] == "received" and x.get("kind") == "incident_report")[0]["index"]
        with open(self.gateway.path("audit.vkey")) as f:
            seen = self.drive("proof", record=record, key=f.read().strip())["seen"]
        self.assertEqual({"good"}, {state for state, _ in seen["true"]})
        self.assertEqual("This record stands in the signed log.", seen["true"][-1][1])
        for name, why in (("entry", "another text"), ("page", "not the checkpoint's root"), ("signature", "signature is wrong")):
            self.assertEqual("bad", seen[name][-1][0], name)
            self.assertIn(why, seen[name][-1][1])

    def test_an_officer_decides(self):
        """An officer has the text of an act made, signs it with minisign outside the browser, and brings the signature: the held message goes on."""
        demo.footage_held(self.stage)
        subject, text = self.stage.waiting("approvals")[-1], self.gateway.path("act.txt")

        def sign():
            subprocess.run(["minisign", "-S", "-s", self.gateway.path("signing", "park.key"), "-m", text], check=True, stdout=subprocess.DEVNULL)
            with open(text + ".ready", "w"):
                pass
        seen = self.drive("act", subject=subject, officer="daejeon-city-center/park", text=text, between=[("made", sign)])
        self.assertIn("has taken effect", seen["said"])
        self.assertEqual([], seen["judged"])
        done = self.gateway.leaves_of(lambda x: x["event"] == "act" and x.get("refers") == int(subject.split("-")[0]))
        self.assertIn("park", json.dumps(done))
        r = self.gateway.ctl("approvals", "list", "--socket", self.gateway.path("data", "control.sock"), "--json")
        self.assertNotIn(subject, r.stdout)

    def test_the_keyboard_is_enough(self):
        """The skip link comes first and works, all is reached in its order and is seen there, Enter sends the filter, "/", "[" and "]" do what they say."""
        seen = self.drive("keyboard")
        self.assertEqual(("A", "#main"), (seen["first"]["tag"], seen["first"]["href"]))
        self.assertEqual("MAIN", seen["skipped"])
        places = [p["place"] for p in seen["places"]]
        self.assertEqual(sorted(set(places)), places)
        self.assertEqual([], [p for p in seen["places"] if p["outline"] < 2])
        self.assertIn(seen["filter"], ("INPUT", "SELECT"))
        self.assertIn("party=daejeon-tax", seen["filtered"])
        self.assertIn("before=", seen["older"])
        self.assertIn("after=", seen["newer"])

    def test_on_paper(self):
        """Printed, a record, a list, a register and a memorandum have no form and no navigation, and are dark on white with a dark screen too."""
        record = self.gateway.leaves_of(lambda x: x["event"] == "received" and x.get("kind") == "incident_report")[0]["index"]
        activated = self.gateway.leaves_of(lambda x: x["event"] == "policy-activated")[0]["index"]
        printed = ["record/%d" % record, "records", "registers/personal-video", "policy/%d/memorandum/molit-npa-2015" % activated]
        for page in self.drive("print", printed=printed)["seen"]:
            self.assertEqual({"to": page["to"], "screen": False, "content": True, "pale": 0}, page)

    # ---- who may not

    def test_who_may_not_come_in(self):
        """Without a certificate, with one of a unit that has no console, and with a revoked one, no page opens; by Chromium's own store of roots the console
        is who it says."""
        self.gateway.mark = len(self.gateway.log)
        seen = self.drive("refused", units={"police": self.gateway.certificate(POLICE),
                                            "revoked": [self.gateway.path("pki", "bad", "revoked." + end) for end in ("pem", "key")]})["said"]
        for who in "police", "revoked":
            self.assertRegex(seen[who], "net::ERR_|^503 Playwright client-certificate error")
        self.assertIn("net::ERR_", str(seen["nobody"]))  # which one depends on what comes first, the alert or the end
        for why in "did not return a certificate", "this unit may not use the console", "certificate revoked":
            self.assertIn(" console[", self.gateway.wait_for(why))

    def test_whoever_is_revoked_while_a_page_is_open(self):
        """A page that shows how the gateway stands is live; once its visitor's certificate is revoked it says that it is old, and nothing opens any more."""
        fingerprint, police = self.gateway.fingerprint(AUDITOR), self.stage.unit(POLICE)

        def act(officer, *words):
            self.stage.acts("daejeon-gateway-operator/" + officer, "the judge asks for it", *words)
        between = [("open", lambda: police.send("opens an incident", demo.CRIME, "incidentReport", police.new_incident(),
                                                {"type": "robbery", "area": {"point": [demo.PLACE]}})),
                   ("grown", lambda: act("seo", "revoke", "certificate", fingerprint))]
        try:
            seen = self.drive("live", between=between)
        finally:
            for officer in "seo", "yoon":
                act(officer, "resume", "certificate", fingerprint)
        self.assertIn("Live", seen["on"])
        self.assertIn("connection was lost", seen["off"])
        self.assertNotEqual(200, seen["again"])
        self.assertNotIn("Filter", seen["text"])

"""fedgate-agent against a real gateway: files and pipes in, files and pipes out, exit codes that a script can trust."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

from contract import example_rows, new_incident as incident_of
from gateway import BIN, ROOT, Gateway

AGENT = os.path.join(BIN, "fedgate-agent")
CLIP = os.path.join(ROOT, "tests", "data", "cctv-20s.ts")
MESSAGES = os.path.join(ROOT, "tests", "data", "message")
PHOTO = os.path.join(MESSAGES, "baseline.jpg")
FORMATS = os.path.join(ROOT, "tests", "data", "formats")
ROOM, SIGNS = "daejeon-city-center/disaster-room", "daejeon-traffic/road-signs"
POLICE, CENTRE, FIRE = "npa-daejeon/112-control", "daejeon-city-center/video-monitoring", "daejeon-fire/119-control"
CARRIER, DESK, TAX = "carrier-hana/guardian-service", "daejeon-city-center/protection-desk", "daejeon-tax/audit-desk"
ROAD = ["--service", "112-onsite-video", "--purpose", "crime-response", "--basis", "kr/pipa/18-2-3"]
WATCH = ["--purpose", "crime-response", "--basis", "kr/pipa/18-2-3", "--staff", "p-417", "--role", "duty-officer"]
PERMITTED, REFUSED, USAGE, HERE, GATEWAY = 0, 1, 2, 3, 4


def example(name):
    return os.path.join(MESSAGES, name + ".json")


def text_of(name):
    with open(example(name)) as f:
        return f.read()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class Name:
    """An incident of a unit's own."""

    def __init__(self, unit):
        self.name = unit


def new_incident(unit=POLICE):
    return incident_of(Name(unit))


class AgentTest(unittest.TestCase):
    """Each class has a gateway of its own, and a folder for what the agents write."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.folder = tempfile.TemporaryDirectory(prefix="fedgate-agent-")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def environment(self, unit, **more):
        certificate, key = self.gateway.certificate(unit)
        return dict(os.environ, FEDGATE_GATEWAY="127.0.0.1:%d" % self.gateway.port, FEDGATE_ROOT=self.gateway.root,
                    FEDGATE_CERTIFICATE=certificate, FEDGATE_KEY=key, **more)

    def start(self, unit, *words, **how):
        """The agent, running; ended by the test's end if not before."""
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        p = subprocess.Popen([AGENT, *words], env=self.environment(unit), **how)
        self.addCleanup(self.end, p)
        return p

    @staticmethod
    def end(p):
        if p.poll() is None:
            p.kill()
        p.wait()
        for stream in (p.stdin, p.stdout, p.stderr):
            if stream:
                stream.close()

    def run_agent(self, unit, *words, input="", code=PERMITTED, env=None):
        """What it printed: the JSON of each line, and its sentences."""
        r = subprocess.run([AGENT, *words], env={**self.environment(unit), **(env or {})}, input=input, text=True,
                           capture_output=True, timeout=20)
        self.assertEqual(code, r.returncode, "%s\n%s" % (" ".join(words), r.stdout + r.stderr))
        return lines(r.stdout), r.stderr

    def publish(self, unit, *words, **how):
        return self.run_agent(unit, "publish", *words, **how)

    def open_incident(self):
        incident = new_incident()
        self.publish(POLICE, "--incident", incident, example("incident-report"))
        return incident

    def queue_for(self, unit, incident):
        """The words that subscribe to a queue of the incident's own, which is there when this returns."""
        words = ["--queue", "q" + incident[-12:], "--incident", incident]
        p = self.start(unit, "subscribe", *words)
        time.sleep(1)
        p.send_signal(signal.SIGINT)
        self.assertEqual(130, p.wait(30))
        return words

    def next_line(self, p, within=30):
        """The next line of a running agent's, as JSON."""
        stuck = signal.signal(signal.SIGALRM, lambda *_: self.fail("the agent printed nothing"))
        signal.alarm(within)
        try:
            return json.loads(p.stdout.readline())
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, stuck)


class Messages(AgentTest):
    def test_the_example_messages_are_permitted_in_the_order_of_their_readme(self):
        seen = set()
        for unit, name in example_rows():
            photo = ["--photo", PHOTO] if name in ("scene-image", "guardian-alert") else []
            held = name == "release-answer"  # until the centre's privacy officer approves
            receipts, _ = self.publish(unit, *photo, example(name), code=REFUSED if held else 0)
            verdict = "VERDICT_HELD" if held else "VERDICT_ACCEPTED"
            self.assertEqual([verdict], [r["verdict"] for r in receipts], name)
            seen.add(name + ".json")
        golden = {"alert.json", "outcome.json", "notice-deferral.json"}
        self.assertEqual({n for n in os.listdir(MESSAGES) if n.endswith(".json")} - golden, seen)

    def test_receipts_come_in_the_order_of_the_messages_and_can_be_asked_for_again(self):
        incident = new_incident()
        texts = "".join(text_of(n) for n in ("incident-report", "video-request", "incident-close"))
        receipts, _ = self.publish(POLICE, "--incident", incident, "-", input=texts)
        self.assertEqual(["gateway/self", CENTRE, "gateway/self"], [r["recipient"][0]["to"] for r in receipts])
        again, _ = self.run_agent(POLICE, "receipt", receipts[1]["id"])
        self.assertEqual((receipts[1]["record"], True), (again[0]["record"], again[0]["repeated"]))
        _, said = self.run_agent(POLICE, "receipt", str(uuid.uuid4()), code=REFUSED)
        self.assertIn("knows no message", said)

    def test_a_refusal_is_told_with_its_reason_in_both_languages_and_by_the_exit_code(self):
        receipts, said = self.publish(TAX, "--incident", new_incident(TAX), example("incident-report"), code=REFUSED)
        self.assertEqual("REASON_NO_GRANT", receipts[0]["recipient"][0]["reason"])
        self.assertRegex(said, r"incident-report.json:1: message .* refused for gateway/self: .*no-grant.*what to do: ")
        _, said = self.publish(TAX, "--lang", "ko", example("incident-report"), code=REFUSED)
        self.assertIn("수신 거부", said)
        _, said = self.publish(TAX, "--quiet", example("incident-report"), code=REFUSED)
        self.assertEqual("", said)
        self.run_agent(TAX, "receipt", receipts[0]["id"], code=REFUSED)

    def test_header_options_replace_what_the_message_says(self):
        incident, id = self.open_incident(), str(uuid.uuid4())
        queue = self.queue_for(CENTRE, incident)
        receipts, _ = self.publish(POLICE, "--incident", incident, "--id", id, "--sent", "-20s", "--destroy-by", "+1d", "--basis",
                                   "kr/pipa/18-2-3", "--evidence", "case-number=2026-1102", "--staff", "p-417", "--role",
                                   "duty-officer", "--to", CENTRE, example("video-request"))
        self.assertEqual(id, receipts[0]["id"])
        deliveries, _ = self.run_agent(CENTRE, "subscribe", *queue, "--count", "1", "--for", "5")
        header = deliveries[0]["message"]["header"]
        self.assertEqual((id, [incident], POLICE), (header["id"], header["incidentId"], header["source"]))
        self.assertLess(header["createdAt"], header["destroyBy"])
        _, said = self.publish(POLICE, "--id", str(uuid.uuid4()), "--incident", incident, example("video-request"),
                               example("video-request"), code=HERE)
        self.assertIn("--id names one message", said)

    def test_a_photo_goes_in_from_a_file_and_comes_out_as_one(self):
        incident, car = self.open_incident(), "npa-daejeon/patrol-11"
        queue = self.queue_for(car, incident)
        self.publish(POLICE, "--incident", incident, example("unit-assignment"))
        self.publish(CENTRE, "--incident", incident, "--photo", PHOTO, example("scene-image"))
        inside, _ = self.run_agent(car, "subscribe", "--no-ack", *queue, "--count", "1")
        self.assertTrue(inside[0]["message"]["sceneImage"]["image"])
        deliveries, _ = self.run_agent(car, "subscribe", "--save", self.path("photos"), *queue, "--count", "1")
        self.assertNotIn("image", deliveries[0]["message"]["sceneImage"])
        self.assertTrue(deliveries[0]["redelivery"])
        with open(deliveries[0]["saved"], "rb") as f:
            self.assertEqual(b"\xff\xd8\xff", f.read(3))
        self.assertEqual(0o600, os.stat(deliveries[0]["saved"]).st_mode & 0o777)
        self.assertIn(deliveries[0]["message"]["header"]["id"], deliveries[0]["saved"])
        self.run_agent(car, "subscribe", *queue, "--count", "1", "--for", "1", code=REFUSED)

    def test_sigint_ends_a_subscriber_and_what_it_printed_is_acknowledged(self):
        incident = self.open_incident()
        queue = self.queue_for(CENTRE, incident)
        p = self.start(CENTRE, "subscribe", *queue)
        for _ in range(3):
            self.publish(POLICE, "--incident", incident, example("video-request"))
        printed = [self.next_line(p)["message"]["header"]["id"] for _ in range(3)]
        p.send_signal(signal.SIGINT)
        self.assertEqual(130, p.wait(30))
        last, _ = self.publish(POLICE, "--incident", incident, example("video-request"))
        rest, _ = self.run_agent(CENTRE, "subscribe", *queue, "--count", "1", "--for", "5")
        self.assertEqual(last[0]["id"], rest[0]["message"]["header"]["id"])
        self.assertEqual(3, len(set(printed)))

    def test_a_reader_that_takes_nothing_keeps_no_signal_out_and_loses_nothing(self):
        incident = self.open_incident()
        queue = self.queue_for(CENTRE, incident)
        sent, _ = self.publish(POLICE, "--quiet", "--incident", incident, input=text_of("video-request") * 100)
        p = self.start(CENTRE, "subscribe", *queue, "--max-in-flight", "100")
        time.sleep(0.7)
        p.send_signal(signal.SIGTERM)
        self.assertEqual(143, p.wait(30))
        taken = p.stdout.read().decode().split("\n")[:-1]  # what stands behind the last line's end was not taken
        rest, _ = self.run_agent(CENTRE, "subscribe", *queue, "--count", str(100 - len(taken)), "--for", "10")
        self.assertLess(len(taken), 100)
        self.assertEqual([r["id"] for r in sent], [d["message"]["header"]["id"] for d in lines("\n".join(taken)) + rest])

    def test_a_pipe_that_closes_ends_it_with_nothing_more_acknowledged(self):
        incident = self.open_incident()
        queue = self.queue_for(CENTRE, incident)
        for _ in range(3):
            self.publish(POLICE, "--incident", incident, example("video-request"))
        p = self.start(CENTRE, "subscribe", *queue, "--max-in-flight", "1")
        first = self.next_line(p)
        p.stdout.close()
        p.stdout = None
        last, _ = self.publish(POLICE, "--incident", incident, example("video-request"))
        self.assertEqual(HERE, p.wait(30))
        rest, _ = self.run_agent(CENTRE, "subscribe", *queue, "--for", "1")
        ids = [d["message"]["header"]["id"] for d in rest]
        self.assertIn(last[0]["id"], ids, "what found the pipe closed comes again")
        self.assertNotIn(first["message"]["header"]["id"], ids)

    def test_what_is_at_fault_here_is_told_apart_from_the_gateway_s_answer(self):
        for text, says in (("{} x", "expected a message"), ('{"header": {', "ends inside"), ('{"videoRequst": {}}', "video_request"),
                           ('{"header": {"createdAt": "noon"}}', "created_at")):
            _, said = self.publish(POLICE, input=text, code=HERE)
            self.assertIn(says, said)
        self.publish(POLICE, self.path("missing"), code=HERE)
        self.publish(POLICE, "--photo", PHOTO, example("video-request"), code=HERE)
        for words in (["publish", "--sent", "noon"], ["publish", "--incident", "x"], ["subscribe", "--count", "0"], ["receipt", "x"],
                      ["subscribe", "--kind", "stream_notice"], ["subscribe", "--queue", "x", "--kind", "nonsense"], ["send-video"], ["watch-video", "--stream", "x"], ["publsh"]):
            self.run_agent(POLICE, *words, code=USAGE)

    def test_a_gateway_that_is_not_there_or_not_trusted_has_an_exit_code_of_its_own(self):
        away = {"FEDGATE_GATEWAY": "127.0.0.1:1"}
        receipts, said = self.publish(POLICE, example("video-request"), env=away, code=GATEWAY)
        self.assertRegex(said, "nothing listens there.*\n.*has no receipt: publish it again, with --id")
        self.run_agent(POLICE, "subscribe", env=away, code=GATEWAY)
        self.run_agent(POLICE, "receipt", str(uuid.uuid4()), env=away, code=GATEWAY)
        other_root = {"FEDGATE_ROOT": self.gateway.path("pki", "roots", "daejeon-fire.pem")}
        _, said = self.run_agent(POLICE, "subscribe", env=other_root, code=GATEWAY)
        self.assertIn("does not come from the root given", said)
        bad = self.gateway.path("pki", "bad", "revoked")
        _, said = self.run_agent(POLICE, "subscribe", env={"FEDGATE_CERTIFICATE": bad + ".pem", "FEDGATE_KEY": bad + ".key"}, code=GATEWAY)
        self.assertIn("was revoked", said)

    def test_the_help_of_each_command_has_an_example_and_that_of_publish_works_as_it_stands(self):
        helps = {}
        for command in ("publish", "receipt", "subscribe", "send-video", "watch-video"):
            r = subprocess.run([AGENT, command, "--help"], text=True, capture_output=True)
            helps[command] = r.stdout
            self.assertEqual(0, r.returncode)
            for part in ("example", "exit code:\n  0: ", "--gateway"):
                self.assertIn(part, r.stdout, command)
            for line in r.stdout.splitlines():
                self.assertLessEqual(len(line), 100, line)
        line = re.search(r"examples: (fedgate-agent publish .*)", helps["publish"]).group(1)
        env = self.environment(POLICE, INCIDENT=self.open_incident(), PATH=BIN + ":" + os.environ["PATH"])
        r = subprocess.run(["sh", "-c", line], cwd=ROOT, env=env, text=True, capture_output=True, timeout=20)
        self.assertEqual(PERMITTED, r.returncode, r.stderr)


class Formats(AgentTest):
    """What others have in formats of their own."""

    def convert(self, *words, code=PERMITTED):
        r = subprocess.run([AGENT, "convert", *words], capture_output=True, text=True, timeout=20)
        self.assertEqual(code, r.returncode, r.stderr)
        return r.stdout, r.stderr

    def test_a_notice_in_cap_goes_through_and_comes_out_as_cap(self):
        notice = os.path.join(FORMATS, "daejeon.cap")
        receipts, said = self.publish(ROOM, "--format", "cap", "--service", "disaster", "--purpose", "public-warning", "--basis",
                                      "kr/pipa/18-2-10", "--evidence", "incident-id=D-2026-11", "--sent", "+0s", notice)
        self.assertEqual("VERDICT_ACCEPTED", receipts[0]["verdict"])
        self.assertIn("not carried: /alert/info/responseType, line 14", said)
        deliveries, _ = self.run_agent(SIGNS, "subscribe", "--count", "1", "--format", "cap")
        document = deliveries[0]["document"]
        self.assertNotIn("message", deliveries[0])
        self.assertEqual("cap", deliveries[0]["format"])
        self.assertIn("<circle>36.33,127.43 0.8</circle>", document)
        self.assertIn("<sender>%s</sender>" % ROOM, document)
        self.assertIn("<value>public-warning</value>", document)
        self.assertIn("fedgate:destroy-by", document, "the deadline that the gateway set goes along")
        with open(self.path("again.cap"), "w") as f:
            f.write(document)
        message = json.loads(self.convert("--from", "cap", "--json", self.path("again.cap"))[0])["document"]
        self.assertEqual("하상도로 통제", message["publicNotice"]["headline"])
        self.assertEqual("kr/pipa/18-2-10", message["header"]["basis"]["code"])

    def test_a_notice_of_the_class_public_needs_no_evidence_and_carries_nobodys_position(self):
        notice = os.path.join(FORMATS, "daejeon.cap")
        public = ["--service", "public-data", "--purpose", "public-warning", "--basis", "kr/public", "--sent", "+0s", "--to", FIRE]
        receipts, _ = self.publish(ROOM, "--format", "cap", *public, "--id", str(uuid.uuid4()), notice)
        self.assertEqual("public-data#warnings", receipts[0]["recipient"][0]["clause"])
        deliveries, _ = self.run_agent(FIRE, "subscribe", "--count", "1", "--format", "cap")
        self.assertIn("<value>kr/public</value>", deliveries[0]["document"])
        message = json.loads(self.convert("--from", "cap", notice)[0])
        message["publicNotice"]["area"]["point"][0]["origin"] = "POSITION_ORIGIN_DEVICE"
        receipts, _ = self.publish(ROOM, *public, "--id", str(uuid.uuid4()), "-", input=json.dumps(message), code=REFUSED)
        self.assertEqual("REASON_ORIGIN_PROHIBITED", receipts[0]["recipient"][0]["reason"])

    def test_what_a_format_cannot_carry_stays_json_and_says_why(self):
        incident = self.open_incident()
        words = self.queue_for(CENTRE, incident)
        self.publish(POLICE, "--incident", incident, example("video-request"))
        deliveries, _ = self.run_agent(CENTRE, "subscribe", *words, "--count", "1", "--format", "cap")
        self.assertIn("video_request", deliveries[0]["refused"])
        self.assertIn("videoRequest", deliveries[0]["message"])

    def test_hostile_xml_ends_with_its_place(self):
        with open(self.path("hostile.cap"), "w") as f:
            f.write('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<alert>&x;</alert>')
        _, said = self.convert("--from", "cap", self.path("hostile.cap"), code=HERE)
        self.assertIn("line 1, column 13: a document type", said)
        self.assertIn("alert/info/event", self.convert("--fields", "cap")[0])

    def there_and_back(self, name, sender, recipient, kind, words=(), change=lambda text: text):
        """The example, as a document of that format, through the gateway; what the recipient's document says as JSON."""
        document = change(self.convert("--to", name, "--source", sender, example(kind))[0])
        with open(self.path("sent"), "w") as f:
            f.write(document)
        receipts, _ = self.publish(sender, "--format", name, self.path("sent"))
        self.assertEqual("VERDICT_ACCEPTED", receipts[0]["verdict"], receipts)
        deliveries, _ = self.run_agent(recipient, "subscribe", *words, "--count", "1", "--format", name)
        self.assertEqual(name, deliveries[0]["format"])
        self.assertEqual([], deliveries[0].get("notCarried"), deliveries[0])
        with open(self.path("came"), "w") as f:
            f.write(deliveries[0]["document"])
        return json.loads(self.convert("--from", name, "--json", self.path("came"))[0])["document"]

    def test_a_notice_goes_both_ways_in_each_format_that_carries_it(self):
        for name in ("cap", "cloudevents", "edxl-de", "edxl-de-2"):
            with self.subTest(name):
                message = self.there_and_back(name, ROOM, SIGNS, "public-notice")
                self.assertEqual("하상도로 통제", message["publicNotice"]["headline"])
                self.assertEqual("public-warning", message["header"]["purpose"])

    def test_a_position_goes_both_ways_in_pidf_lo(self):
        incident = self.open_incident()
        words = self.queue_for(POLICE, incident)
        named = json.loads(text_of("location-update"))["header"]["incidentId"][0]
        message = self.there_and_back("pidf-lo", CARRIER, POLICE, "location-update", words, lambda text: text.replace(named, incident))
        self.assertEqual({"party": "carrier-hana", "ref": "s-5005"}, message["locationUpdate"]["subject"])
        self.assertEqual([incident], message["header"]["incidentId"])

    def signed_notice(self):
        """The sample notice with a signature of somebody's, as bytes."""
        with open(os.path.join(FORMATS, "daejeon.cap"), "rb") as f:
            return f.read().replace(b"</alert>", b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">\r\n<SignatureValue>eA==</SignatureValue>'
                                                 b"</Signature></alert>")

    def test_a_signed_original_goes_through_byte_for_byte(self):
        terms = ("--service", "disaster", "--purpose", "public-warning", "--basis", "kr/pipa/18-2-10", "--evidence", "incident-id=D-2026-11",
                 "--sent", "+0s")
        with open(self.path("signed.cap"), "wb") as f:
            f.write(self.signed_notice())
        receipts, _ = self.publish(ROOM, "--format", "cap", *terms, self.path("signed.cap"))
        self.assertEqual("VERDICT_ACCEPTED", receipts[0]["verdict"], receipts)
        deliveries, _ = self.run_agent(SIGNS, "subscribe", "--count", "1", "--format", "cap")
        self.assertEqual(self.signed_notice(), deliveries[0]["document"].encode())
        self.assertEqual("public-warning", deliveries[0]["header"]["purpose"])

    def test_a_signed_original_that_says_something_else_than_the_fields_is_refused(self):
        with open(self.path("signed.cap"), "wb") as f:
            f.write(self.signed_notice())
        message = json.loads(self.convert("--from", "cap", "--json", self.path("signed.cap"))[0])["document"]
        message["header"].update(json.loads(text_of("public-notice"))["header"])
        del message["header"]["createdAt"]
        message["publicNotice"]["headline"] = "통제 해제"
        with open(self.path("other.json"), "w") as f:
            json.dump(message, f)
        receipts, _ = self.publish(ROOM, self.path("other.json"), code=REFUSED)
        self.assertEqual("REASON_MEDIA_REFUSED", receipts[0]["recipient"][0]["reason"])
        self.assertIn("public_notice.signed_cap", receipts[0]["recipient"][0]["failed"])


class Video(AgentTest):
    def send(self, incident, stream, *words, **how):
        p = self.start(CENTRE, "send-video", "--camera", "dj-3028", "--incident", incident, "--stream", stream, *ROAD, *words, **how)
        events = [self.next_line(p), self.next_line(p)]
        self.assertEqual(["opening", "opened"], [e["event"] for e in events])
        return p

    def test_ffmpeg_s_stream_goes_through_two_pipes_to_a_player(self):
        incident, stream = self.open_incident(), str(uuid.uuid4())
        camera = subprocess.Popen(["ffmpeg", "-v", "error", "-stream_loop", "-1", "-re", "-i", CLIP, "-an", "-c", "copy", "-f", "mpegts", "-"],
                                  stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(self.end, camera)
        sender = self.send(incident, stream, stdin=camera.stdout)
        watcher = self.start(POLICE, "watch-video", "--stream", stream, *WATCH)
        player = subprocess.run(["ffprobe", "-v", "error", "-read_intervals", "%+1", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", "-"],
                                stdin=watcher.stdout, text=True, capture_output=True, timeout=15)
        self.assertIn("h264,768", player.stdout)
        self.assertEqual("", player.stderr)
        watcher.stdout.close()
        watcher.stdout = None
        self.assertEqual(PERMITTED, watcher.wait(30), "a player that is closed ends the watching in order")
        said = watcher.stderr.read().decode()
        self.assertIn("obligations (molit-npa-2015#onsite-live-video, purpose crime-response): destroy by ", said)
        self.assertIn("the reader of the output is gone", said)
        camera.terminate()
        self.assertEqual(PERMITTED, sender.wait(30), "the camera's end is the stream's")

    def test_a_file_arrives_as_it_was_and_the_close_of_the_incident_ends_both_sides_with_its_reason(self):
        incident, stream, out = self.open_incident(), str(uuid.uuid4()), self.path("out.ts")
        sender = self.send(incident, stream, "--realtime", "--loop", CLIP)
        watcher = self.start(POLICE, "watch-video", "--stream", stream, *WATCH, "--output", out)
        self.assertEqual("opened", self.next_line(watcher)["event"])
        self.assertEqual(1, self.next_line(sender)["watchers"])
        until = time.monotonic() + 10
        while os.path.getsize(out) < 100000 and time.monotonic() < until:
            time.sleep(0.05)
        self.publish(POLICE, "--incident", incident, example("incident-close"))
        for p in (sender, watcher):
            self.assertEqual(PERMITTED, p.wait(30))
            events = lines(p.stdout.read().decode())
            stopped = next(e for e in events if e["event"] == "stopped")
            self.assertEqual(("REASON_PURPOSE_FULFILLED", stream), (stopped["end"]["why"]["reason"], stopped["streamId"]))
            self.assertEqual("ended", events[-1]["event"])
            self.assertIn("the incident that the stream served has ended", p.stderr.read().decode())
        self.assertEqual(os.path.getsize(out), events[-1]["bytes"])
        self.assertEqual(0o600, os.stat(out).st_mode & 0o777)
        with open(out, "rb") as seen, open(CLIP, "rb") as clip:
            seen, clip = seen.read(), clip.read()
        self.assertEqual(0, len(seen) % 188)
        packets = {clip[i:i + 188] for i in range(0, len(clip), 188)}
        nothing = b"\x47\x1f\xff\x10" + 184 * b"\xff"   # what nobody needs of the clip, such as the name of its service
        foreign = [i for i in range(0, len(seen), 188) if seen[i:i + 188] not in packets and seen[i:i + 188] != nothing]
        self.assertLessEqual(len(foreign), 4, "every packet is the clip's, but for the tables that the gateway puts in front")

    def test_fragmented_mp4_of_ffmpeg_goes_through_two_pipes_to_a_player_and_its_pictures_are_as_they_were(self):
        incident, stream, out = self.open_incident(), str(uuid.uuid4()), self.path("out.mp4")
        camera = subprocess.Popen(["ffmpeg", "-v", "error", "-re", "-i", CLIP, "-an", "-c", "copy", "-t", "8", "-f", "mp4",
                                   "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(self.end, camera)
        sender = self.send(incident, stream, "--container", "fmp4", stdin=camera.stdout)
        watcher = self.start(POLICE, "watch-video", "--stream", stream, *WATCH, "--output", out)
        opened = self.next_line(watcher)
        self.assertEqual("fmp4", opened["start"]["container"])
        self.assertEqual(PERMITTED, sender.wait(20))
        self.assertEqual(PERMITTED, watcher.wait(30))
        self.assertEqual("ended", lines(watcher.stdout.read().decode())[-1]["event"])

        def pictures(path):     # each by its digest, as decoded
            r = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-f", "framemd5", "-"], text=True, capture_output=True, timeout=60)
            self.assertEqual("", r.stderr)
            return [line.split(",")[-1].strip() for line in r.stdout.splitlines() if not line.startswith("#")]
        seen, sent = pictures(out), pictures(CLIP)
        self.assertGreater(len(seen), 20)
        self.assertIn(seen[0], sent)
        begin = sent.index(seen[0])
        self.assertEqual(sent[begin:begin + len(seen)], seen)

    def test_a_file_that_only_claims_to_be_fragmented_mp4_is_refused_by_name(self):
        incident = self.open_incident()
        with open(os.path.join(MESSAGES, "h264.mp4"), "rb") as f:
            good = f.read()
        zipped = self.path("zip.mp4")
        for content, says in ((b"PK\3\4" + bytes(1000), "does not begin with a file type box"), (good.replace(b"mvex", b"skip", 1), "not fragmented"),
                              (good.replace(b"avc1", b"mp4v", 1), "neither H.264 nor H.265")):
            with open(zipped, "wb") as f:
                f.write(content)
            events, said = self.run_agent(CENTRE, "send-video", "--container", "fmp4", "--camera", "dj-3028", "--incident", incident, *ROAD, zipped, code=REFUSED)
            self.assertIn(says, said)
            self.assertEqual("REASON_MEDIA_REFUSED", next(e for e in events if e["event"] == "stopped")["end"]["why"]["reason"])
        sound = os.path.join(MESSAGES, "sound.mp4")
        events, said = self.run_agent(CENTRE, "send-video", "--container", "fmp4", "--camera", "dj-3028", "--incident", incident, *ROAD, sound, code=REFUSED)
        self.assertIn("audio-refused", said)
        self.run_agent(CENTRE, "send-video", "--container", "mkv", "--camera", "dj-3028", "--incident", incident, *ROAD, sound, code=2)

    def test_a_stream_that_is_refused_or_stopped_is_told_with_its_reason(self):
        incident = self.open_incident()
        events, said = self.run_agent(CENTRE, "send-video", "--camera", "dj-9999", "--incident", incident, *ROAD, CLIP, code=REFUSED)
        self.assertEqual(["opening", "refused", "ended"], [e["event"] for e in events])
        self.assertIn("camera-unknown", said)
        sound = os.path.join(MESSAGES, "sound-aac.ts")
        events, said = self.run_agent(CENTRE, "send-video", "--camera", "dj-3028", "--incident", incident, *ROAD, sound, code=REFUSED)
        self.assertIn("audio-refused", said)
        self.assertEqual("REASON_AUDIO_REFUSED", next(e for e in events if e["event"] == "stopped")["end"]["why"]["reason"])
        with open(CLIP, "rb") as f:     # its tables stay; what they list as video is something else from then on
            clip = bytearray(f.read(188 * 400))
        for i in range(0, len(clip), 188):
            if clip[i + 1] & 0x1f == 1 and clip[i + 2] == 0:
                pes = clip.find(b"\0\0\1\xe0", i, i + 188)
                begin = i + 12 if pes < 0 else pes + 9 + clip[pes + 8]
                clip[begin:i + 188] = bytes(b ^ 0x5a for b in clip[begin:i + 188])
        claimed = self.path("claimed.ts")
        with open(claimed, "wb") as f:
            f.write(clip)
        events, said = self.run_agent(CENTRE, "send-video", "--camera", "dj-3028", "--incident", incident, *ROAD, claimed, code=REFUSED)
        self.assertIn("neither H.264 nor H.265", said)
        self.assertEqual("REASON_MEDIA_REFUSED", next(e for e in events if e["event"] == "stopped")["end"]["why"]["reason"])
        _, said = self.run_agent(CENTRE, "send-video", "--camera", "dj-3028", "--incident", incident, *ROAD, PHOTO, code=HERE)
        self.assertIn("no transport-stream packet", said)
        stream = str(uuid.uuid4())
        self.send(incident, stream, "--realtime", CLIP)
        events, said = self.run_agent(TAX, "watch-video", "--stream", stream, *WATCH, "--output", self.path("tax.ts"), code=REFUSED)
        self.assertIn("no-grant", said)
        self.assertEqual(0, os.path.getsize(self.path("tax.ts")))
        _, said = self.run_agent(POLICE, "watch-video", "--stream", str(uuid.uuid4()), *WATCH, "--output", self.path("none.ts"), code=REFUSED)
        self.assertIn("no such stream is open", said)

    def track(self, *places):
        """A file with where a drone is: (seconds from the beginning, latitude)."""
        with open(self.path("track.jsonl"), "w") as f:
            for seconds, latitude in places:
                f.write(json.dumps({"time": seconds, "lat": latitude, "lon": 127.3845, "accuracy": 5}) + "\n")
        return self.path("track.jsonl")

    def test_a_drone_s_stream_ends_where_the_circle_does_and_begins_anew_inside(self):
        incident, scene, beyond = self.open_incident(), 36.3520, 36.3570
        words = ["send-video", "--camera", "dj-4282", "--incident", incident, *ROAD, "--realtime", "--loop", "--positions"]
        p = self.start(CENTRE, *words, self.track((0, scene), (3, (scene + beyond) / 2), (6, beyond)), CLIP)
        events = [self.next_line(p)]
        while events[-1]["event"] != "stopped":
            events.append(self.next_line(p, within=30))
        self.assertEqual(["opening", "opened"], [e["event"] for e in events[:2]])
        self.assertEqual("REASON_OUTSIDE_RADIUS", events[-1]["end"]["why"]["reason"])
        self.assertIn("camera.within_m_of_incident", events[-1]["end"]["why"]["failed"])
        self.assertLess(0, int(events[-1]["end"]["bytes"]))
        self.assertEqual(REFUSED, p.wait(20))
        opened = int(events[1]["receipt"]["record"]["index"])
        again = self.start(CENTRE, *words, self.track((0, scene)), CLIP)
        events = [self.next_line(again) for _ in range(3)]
        self.assertEqual({"opening", "opened", "positions-ended"}, {e["event"] for e in events})
        _, said = self.run_agent(CENTRE, *words, self.track((0, beyond)), CLIP, code=REFUSED)
        self.assertIn("outside-radius", said)
        ended, until = None, time.monotonic() + 20
        while ended is None and time.monotonic() < until:   # the log's files have it a moment later
            ended = next((x for x in self.gateway.leaves() if x["event"] == "stream-ended" and x.get("refers") == opened), None)
        why = ended["recipients"][0]
        self.assertEqual(("outside-radius", "molit-npa-2015#onsite-live-video"), (why["reason"], why["clause"]))

    def test_positions_that_are_none_are_told_with_their_line(self):
        with open(self.path("none.jsonl"), "w") as f:
            f.write('{"lat":36.35,"lon":127.38}\n{"lat":"36","lon":127.38}\n')
        words = ["send-video", "--camera", "dj-4282", "--incident", self.open_incident(), *ROAD, "--positions"]
        _, said = self.run_agent(CENTRE, *words, self.path("none.jsonl"), CLIP, code=HERE)
        self.assertIn('none.jsonl:2: {"time":TIME', said)
        self.run_agent(CENTRE, *words, "-", "-", code=USAGE)

    def test_sigint_ends_a_sender_and_a_watcher_in_order(self):
        incident, stream = self.open_incident(), str(uuid.uuid4())
        sender = self.send(incident, stream, "--realtime", "--loop", CLIP)
        watcher = self.start(POLICE, "watch-video", "--stream", stream, *WATCH, "--output", self.path("int.ts"))
        self.next_line(watcher)
        watcher.send_signal(signal.SIGINT)
        self.assertEqual(130, watcher.wait(30))
        last = lines(watcher.stdout.read().decode())[-1]
        self.assertEqual(("ended", "CANCELLED"), (last["event"], last["status"]))
        sender.send_signal(signal.SIGINT)
        self.assertEqual(130, sender.wait(30))
        last = lines(sender.stdout.read().decode())[-1]
        self.assertEqual(("ended", "OK"), (last["event"], last["status"]))


class Restart(AgentTest):
    def test_a_gateway_that_is_killed_and_started_again_costs_no_message_and_no_delivery(self):
        incident, stream, count = self.open_incident(), str(uuid.uuid4()), 40
        subscriber = self.start(CENTRE, "subscribe", "--reconnect")
        sender = self.start(CENTRE, "send-video", "--camera", "dj-3028", "--incident", incident, "--stream", stream, *ROAD, "--realtime",
                            "--loop", CLIP)
        self.next_line(sender), self.next_line(sender)
        watcher = self.start(POLICE, "watch-video", "--stream", stream, *WATCH, "--output", self.path("restart.ts"))
        self.next_line(watcher)
        publisher = self.start(POLICE, "publish", "--reconnect", "--incident", incident, stdin=subprocess.PIPE)
        request = text_of("video-request").encode()
        for i in range(count):
            publisher.stdin.write(request)
            publisher.stdin.flush()
            if i == count // 3:
                self.gateway.kill_all()
            if i == 2 * count // 3:
                self.gateway.start()
            time.sleep(0.02)
        publisher.stdin.close()
        publisher.stdin = None
        self.assertEqual(PERMITTED, publisher.wait(30))
        receipts = lines(publisher.stdout.read().decode())
        self.assertEqual(["VERDICT_ACCEPTED"] * count, [r["verdict"] for r in receipts])
        ids = [r["id"] for r in receipts]
        self.assertEqual(count, len(set(ids)), "each went under one id")
        self.assertIn("trying again in", publisher.stderr.read().decode())
        delivered, records = set(), set()
        while not set(ids) <= delivered:
            d = self.next_line(subscriber)
            delivered.add(d["message"]["header"]["id"])
            self.assertTrue(d["record"]["index"] not in records or d["redelivery"])
            records.add(d["record"]["index"])
        for p in (sender, watcher):
            self.assertEqual(GATEWAY, p.wait(30))
            self.assertIn("the connection", p.stderr.read().decode())


if __name__ == "__main__":
    unittest.main()

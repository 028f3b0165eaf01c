"""Which policy sets come into force: sealed, signed by two officers whom the set before names, with a serial that rises. Every other is
refused with its reason, and the running set stays."""
import os
import shutil
import subprocess
import threading
import time
import unittest
import uuid

from contract import (Unit, clip_frames, incident_report, new_incident, pb, reason, video_request, video_start,
                      watch_request)
from gateway import PROMPTLY, Gateway, edit

CENTRE = "daejeon-city-center"


class Activation(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.police = Unit(self.gateway, "npa-daejeon/112-control")

    def tearDown(self):
        self.police.close()
        self.gateway.close()

    # ---- what is done to the set

    def set(self, *parts):
        return self.gateway.path("policy", *parts)

    def signature(self, name):
        return self.set("signatures", "set.yaml.%s.%s.minisig" % (CENTRE, name))

    def serial(self, number):
        with open(self.set("set.yaml")) as f:
            old = next(line for line in f if line.startswith("serial: ")).rstrip("\n")
        edit(self.set("set.yaml"), old, "serial: %d" % number)

    def change(self, serial, sign=True):
        """From now on an incident report is of another service."""
        edit(self.set("mou", "molit-npa-2015.yaml"), "  - grant: incident-report\n    service: 112-onsite-video",
             "  - grant: incident-report\n    service: disaster")
        self.serial(serial)
        if sign:
            self.gateway.sign()

    def ctl(self, *words):
        r = self.gateway.ctl("policy", *words)
        self.assertEqual(0, r.returncode, r.stderr)
        return r.stdout

    def key(self, name):
        """A key of its own, as an officer's of the centre."""
        path = self.gateway.path("signing", name)
        self.ctl("keygen", "--no-password", "--key", path + ".key")
        return path

    # ---- what comes of it

    def report(self):
        return self.police.publish(incident_report(self.police, new_incident(self.police)))[0]

    def refused(self, why):
        self.gateway.reload()
        line = self.gateway.wait_for("reload-refused")
        self.assertIn("reason=%s " % why, line)
        self.assertIn("the running set stays", line)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)

    def taken(self):
        self.gateway.reload()
        self.gateway.wait_for("policy-in-force")

    def activations(self):
        return [leaf for leaf in self.gateway.leaves() if leaf["event"] == "policy-activated"]

    # ---- refused

    def test_stripped_sets_are_refused(self):
        self.change(2)
        shutil.rmtree(self.set("signatures"))
        self.refused("stripped")

    def test_a_set_that_lists_no_files_is_refused(self):
        self.change(2)
        with open(self.set("set.yaml")) as f:
            text = f.read()
        with open(self.set("set.yaml"), "w") as f:
            f.write(text[:text.index("files:")])
        for name in ("kim", "lee"):
            subprocess.run(["minisign", "-S", "-s", self.gateway.path("signing", name + ".key"), "-m", self.set("set.yaml"), "-x",
                            self.signature(name)], check=True, capture_output=True)
        self.refused("stripped")

    def test_partial_signatures_are_refused(self):
        self.change(2)
        os.rename(self.signature("lee"), self.gateway.path("lee.minisig"))
        self.refused("partial")
        os.rename(self.gateway.path("lee.minisig"), self.signature("lee"))
        os.remove(self.set("signatures", "mou", "molit-npa-2015.yaml.npa-daejeon.minisig"))
        self.refused("partial")

    def test_stale_signatures_are_refused(self):
        """The memorandum was changed and the officers signed, but not the police."""
        old = self.gateway.path("old.minisig")
        signature = self.set("signatures", "mou", "molit-npa-2015.yaml.npa-daejeon.minisig")
        shutil.copy(signature, old)
        self.change(2)
        shutil.copy(old, signature)
        self.refused("stale")

    def test_foreign_signatures_are_refused(self):
        self.change(2)
        for name in ("kim", "lee"):
            mallory = self.key("mallory-" + name)
            subprocess.run(["minisign", "-S", "-s", mallory + ".key", "-m", self.set("set.yaml"), "-x", self.signature(name)],
                           check=True, capture_output=True)
        self.refused("foreign")

    def test_a_set_that_trusts_only_its_own_officers_is_refused(self):
        """Two others put their keys into the inventory under the officers' names, and everything fits but the trust."""
        self.serial(2)
        for name in ("kim", "lee"):
            path = self.gateway.path("signing", name)
            os.remove(path + ".key"), os.remove(path + ".pub")
            self.key(name)
            shutil.copy(path + ".pub", self.set("inventory", "keys", name + ".pub"))
        self.gateway.sign()
        self.assertEqual(0, self.gateway.ctl("policy", "verify", self.set()).returncode)
        self.refused("foreign")

    def test_tampered_sets_are_refused(self):
        self.change(2)
        mou = self.set("mou", "molit-npa-2015.yaml")
        with open(mou, "a") as f:
            f.write("# harmless\n")
        self.refused("tampered")
        self.assertTrue(any("mou/molit-npa-2015.yaml: error: the file is not the one that set.yaml lists" in line
                            for line in self.gateway.log))

    def test_a_serial_that_does_not_rise_is_refused(self):
        self.change(1)
        self.refused("stale")

    # ---- taken

    def test_a_signed_set_comes_into_force_and_is_on_record_and_archived(self):
        self.change(2)
        self.taken()
        self.assertEqual("REASON_SERVICE_NOT_GRANTED", reason(self.report()))
        self.gateway.stop()
        first, second = self.activations()
        self.assertEqual((1, 2), (first["policy"], second["policy"]))
        self.assertIn("officers=%s/kim,%s/lee" % (CENTRE, CENTRE), second["detail"])
        self.assertIn("previous=1", second["detail"])
        digest = subprocess.run(["sha256sum", self.set("set.yaml")], capture_output=True, text=True).stdout.split()[0]
        self.assertIn("sha256=" + digest, second["detail"])
        archive = self.gateway.path("data", "policy-archive", "2-" + digest[:16])
        r = self.gateway.ctl("policy", "verify", "--officer-key", self.gateway.path("signing", "kim.pub"), "--officer-key",
                             self.gateway.path("signing", "lee.pub"), archive)
        self.assertEqual(0, r.returncode, r.stdout + r.stderr)

    def test_open_streams_and_queues_are_judged_by_the_set_that_came_into_force(self):
        """What waits for a unit that may have it no more is not delivered to it."""
        incident = new_incident(self.police)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(incident_report(self.police, incident))[0].verdict)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(video_request(self.police, incident))[0].verdict)
        mou = self.set("mou", "molit-npa-2015.yaml")
        with open(mou) as f:
            text = f.read()
        begin = text.index("kind: video_request")
        with open(mou, "w") as f:
            f.write(text[:begin] + text[begin:].replace("purpose: crime-response", "purpose: life-rescue", 1))
        self.serial(2)
        self.gateway.sign()
        self.taken()
        centre = Unit(self.gateway, CENTRE + "/video-monitoring")
        subscription = centre.subscribe()
        with self.assertRaises(Exception):
            subscription.arrived.get(timeout=2)
        centre.close()
        self.gateway.stop()
        self.assertTrue([leaf for leaf in self.gateway.leaves() if leaf["event"] == "withheld"])

    def test_a_live_stream_ends_within_a_second_of_a_set_that_permits_it_no_more(self):
        incident, stream = new_incident(self.police), str(uuid.uuid4())
        centre, go_on = Unit(self.gateway, CENTRE + "/video-monitoring"), threading.Event()
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(incident_report(self.police, incident))[0].verdict)

        def frames():
            yield video_start(centre, incident, stream)
            while not go_on.is_set():
                for chunk in clip_frames():
                    yield pb.VideoFrame(data=chunk)
                    if go_on.wait(0.005):
                        return

        controls = centre.send_video(frames())
        self.assertEqual(pb.VERDICT_ACCEPTED, next(controls).opened.verdict)
        watch = self.police.watch(watch_request(stream))
        next(watch)
        mou = self.set("mou", "molit-npa-2015.yaml")
        with open(mou) as f:
            text = f.read()
        begin = text.index("kind: video\n")
        with open(mou, "w") as f:
            f.write(text[:begin] + text[begin:].replace("younger_than: 6 hours", "younger_than: 1 second", 1))
        self.serial(2)
        self.gateway.sign()
        time.sleep(1)
        self.taken()
        began, end = time.monotonic(), None
        for frame in watch:
            end = frame
        self.assertLess(time.monotonic() - began, PROMPTLY)
        self.assertEqual("REASON_INCIDENT_TOO_OLD", pb.Reason.Name(end.end.why.reason))
        go_on.set()
        centre.close()

    def test_rollback_only_to_the_fallback_that_the_running_set_names(self):
        shutil.copytree(self.set(), self.gateway.path("first"))
        digest = subprocess.run(["sha256sum", self.set("set.yaml")], capture_output=True, text=True).stdout.split()[0]
        self.serial(2)
        self.gateway.sign()
        self.taken()
        shutil.move(self.set(), self.gateway.path("second"))
        shutil.copytree(self.gateway.path("first"), self.set())
        self.refused("stale")
        shutil.rmtree(self.set())
        shutil.move(self.gateway.path("second"), self.set())
        edit(self.set("set.yaml"), "serial: 2", "serial: 3\nfallback: {serial: 1, sha256: %s}" % digest)
        self.gateway.sign()
        self.taken()
        shutil.rmtree(self.set())
        shutil.copytree(self.gateway.path("first"), self.set())
        self.taken()
        self.assertEqual(pb.VERDICT_ACCEPTED, self.report().verdict)
        # And what is in force comes back at a start, though its serial is not the highest.
        self.assertEqual(0, self.gateway.stop())
        self.gateway.start()
        self.gateway.stop()
        self.assertEqual([1, 2, 3, 1, 1], [leaf["policy"] for leaf in self.activations()])

    def test_after_the_first_set_those_whom_it_names_count_also_at_a_start(self):
        """The officers of the configuration are gone; the running set named others."""
        choi = self.key("choi")
        shutil.copy(choi + ".pub", self.set("inventory", "keys"))
        edit(self.set("inventory", "parties.yaml"), "officers: {kim:", "officers: {choi: {role: set-officer, key: choi.pub}, kim:")
        edit(self.set("set.yaml"), "/kim, %s/lee]" % CENTRE, "/choi, %s/lee]" % CENTRE)
        self.serial(2)
        self.gateway.sign()
        self.taken()
        # It comes back at a start, though one of those who signed it signs no more.
        self.assertEqual(0, self.gateway.stop())
        self.gateway.start()
        self.serial(3)
        self.gateway.sign()
        self.refused("foreign")  # by kim and lee
        self.ctl("sign", "--key", choi + ".key", "--as", CENTRE + "/choi", "--yes", self.set())
        self.taken()
        self.assertEqual(0, self.gateway.stop())
        self.gateway.start()

    def test_a_start_with_a_set_that_may_not_come_into_force_fails(self):
        self.assertEqual(0, self.gateway.stop())
        self.change(2, sign=False)
        with self.assertRaises(AssertionError):
            self.gateway.start()
        self.gateway.process.wait(20)
        self.assertEqual(1, self.gateway.process.returncode)
        self.assertTrue(any("start-refused reason=stale" in line for line in self.gateway.log), self.gateway.log)
        self.gateway.process.stderr.close()

    def test_an_unsigned_set_is_taken_where_none_is_required_and_that_is_loud(self):
        self.assertEqual(0, self.gateway.stop())
        with open(self.gateway.path("fedgate.yaml"), "a") as f:
            f.write("policy_signatures: not-required\n")
        self.gateway.start()
        self.gateway.wait_for("signatures-not-required")
        self.change(2, sign=False)
        self.taken()
        self.gateway.wait_for("signatures-not-required")
        self.assertEqual("REASON_SERVICE_NOT_GRANTED", reason(self.report()))
        self.gateway.stop()
        self.assertIn("signatures=not-required", self.activations()[-1]["detail"])


if __name__ == "__main__":
    unittest.main()

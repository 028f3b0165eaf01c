"""A full disk, and the room for urgent messages on a second one: two small file systems in memory, where root may mount them."""
import os
import shutil
import subprocess
import tempfile
import unittest

import grpc

from contract import Unit, incident_report, new_incident, pb, video_request
from gateway import BIN, Gateway, edit

PLACES = ("data", "urgent")


def mount(folder, size):
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=700,size=%dm" % size, "none", folder], capture_output=True).returncode == 0


def unmount(folder):
    subprocess.run(["umount", "-l", folder], capture_output=True)


def free_bytes(folder):
    s = os.statvfs(folder)
    return s.f_bavail * s.f_frsize


def camera_wish(unit, incident):
    m = unit.message("112-onsite-video", "crime-response", incident=incident)
    m.camera_wish.camera_id, m.camera_wish.wish = "dj-3028", "towards the north exit"
    return m


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fedgate-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for name in PLACES:
            self.addCleanup(unmount, os.path.join(self.folder, name))
            if os.geteuid() != 0 or not mount(os.path.join(self.folder, name), 24):
                print("SKIPPED: a full disk needs small file systems, which only root may mount")
                self.skipTest("no mount")
        self.gateway = Gateway(lambda folder: edit(os.path.join(folder, "fedgate.yaml"), "journal_segment: 16 MiB",
                                                   "journal_segment: 1 MiB\nurgent_journal: urgent"), self.folder)
        self.addCleanup(self.gateway.close)
        self.connect()
        self.incident = new_incident(self.police)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.police.publish(incident_report(self.police, self.incident))[0].verdict)
        self.accepted = set()

    def connect(self):
        self.police = Unit(self.gateway, "npa-daejeon/112-control")
        self.centre = Unit(self.gateway, "daejeon-city-center/video-monitoring")
        self.addCleanup(self.police.close)
        self.addCleanup(self.centre.close)

    def take(self, make, count=1):
        """How many of so many messages were accepted; the others found no room."""
        taken = 0
        for _ in range(count):
            m = make(self.police, self.incident)
            try:
                receipt = next(self.police.exchange([m], wait=True))
            except grpc.RpcError as error:
                self.assertEqual(grpc.StatusCode.UNAVAILABLE, error.code())
                self.assertIn("the disk is full", error.details())
                continue
            self.assertEqual(pb.VERDICT_ACCEPTED, receipt.verdict)
            self.accepted.add(m.header.id)
            taken += 1
        return taken

    def fill(self):
        """Another's file takes all the room there is."""
        with open(self.gateway.path("data", "filler"), "wb") as f:
            while (left := free_bytes(self.gateway.path("data"))) > 0:
                f.write(bytes(min(left, 1 << 16)))
                f.flush()

    def fill_until_refused(self):
        self.fill()
        for _ in range(200):
            if self.take(camera_wish, 20) == 0:
                return
            self.fill()
        self.fail("a full disk refuses nothing")

    def receive_all(self):
        subscription, seen = self.centre.subscribe(), set()
        while self.accepted - seen:
            seen.add(subscription.take().header.id)
        subscription.close()
        self.accepted.clear()

    def events(self, name):
        return sum(leaf["event"] == name for leaf in self.gateway.leaves())

    def refuse_to_start_with(self, folder):
        """As if the disk were not mounted, or another one were."""
        edit(self.gateway.path("fedgate.yaml"), "urgent_journal: urgent", "urgent_journal: " + folder)
        p = subprocess.Popen([os.path.join(BIN, "fedgate"), "--config", self.gateway.path("fedgate.yaml")], text=True,
                             stderr=subprocess.PIPE)
        try:
            said = []
            for line in p.stderr:
                said.append(line)
                if "ledger-ends" in line:
                    break
        finally:
            p.terminate()
            p.communicate(timeout=20)
            edit(self.gateway.path("fedgate.yaml"), "urgent_journal: " + folder, "urgent_journal: urgent")
        text = "".join(said)
        self.assertIn("urgent-journal-away", text)
        self.assertRegex(text, r"damaged segment=\d+ .*urgent_journal")
        self.assertNotIn("in-service", text)

    def test_urgent_messages_are_taken_on_a_full_disk_and_none_is_lost(self):
        gateway = self.gateway
        self.fill_until_refused()
        self.assertEqual(600, self.take(video_request, 600))
        gateway.wait_for("journal-over")
        self.assertEqual(0, self.take(camera_wish, 3))
        self.assertTrue([n for n in os.listdir(gateway.path("urgent")) if n.startswith("segment-")])
        gateway.kill_all()
        self.refuse_to_start_with("nowhere")
        gateway.start()
        self.connect()
        self.assertEqual(20, self.take(video_request, 20))
        self.receive_all()
        os.unlink(gateway.path("data", "filler"))
        self.take(camera_wish)  # the ledger looks for room whenever it commits
        for _ in range(30):  # as much as it takes to make a segment ready
            self.assertEqual(50, self.take(camera_wish, 50))
            if any("journal-back" in line for line in gateway.log):
                break
        gateway.wait_for("journal-back")
        self.receive_all()
        self.assertEqual(0, gateway.stop())
        self.assertEqual((1, 1), (self.events("journal-over"), self.events("journal-back")))
        gateway.verify()


class Check(unittest.TestCase):
    def test_a_second_folder_that_is_not_there_or_no_second_device_is_told_by_check(self):
        with tempfile.TemporaryDirectory(prefix="fedgate-e2e-") as folder:
            gateway = Gateway(folder=folder)
            self.assertEqual(0, gateway.stop())
            for name, why in (("nowhere", "No such file"), ("keys", "device of data_folder")):
                edit(gateway.path("fedgate.yaml"), "journal_segment", "urgent_journal: %s\njournal_segment" % name)
                p = subprocess.run([os.path.join(BIN, "fedgate"), "--check", "--config", gateway.path("fedgate.yaml")], text=True,
                                   capture_output=True)
                self.assertEqual(1, p.returncode)
                self.assertIn(why, p.stderr)
                self.assertIn(name, p.stderr)
                gateway.start()  # nothing lies there: an alarm, and no reserve
                gateway.wait_for("urgent-journal-away")
                self.assertEqual(0, gateway.stop())
                edit(gateway.path("fedgate.yaml"), "urgent_journal: %s\n" % name, "")
            gateway.close()


if __name__ == "__main__":
    unittest.main()

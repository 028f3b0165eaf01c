"""Nothing personal in the log, in files, in what processes print, in errors, and in the memory of roles that need none of it."""
import os
import re
import time
import unittest

from contract import pb
from flood import Flood, kinds
from gateway import Gateway
from marks import Marks, SanitizersShadow, memory_of

# Fields that take no mark: words of CAP, digests, an original that says what the other fields say.
CHOICES = {"public_notice." + name for name in ("category", "urgency", "certainty", "language", "signed_cap")} | {
    "guardian_alert.photo_sha256", "scene_image.original_sha256", "scene_image.delivered_sha256"}


class NothingPersonal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.marks = Marks()
        cls.gateway = Gateway()
        cls.flood = flood = Flood(cls.gateway, cls.marks)
        flood.takes_all()
        flood.plays_video()
        flood.holds()
        flood.refuses()
        flood.garbles()
        flood.sends_what_only_the_gateway_may()
        flood.calls_every_method()
        flood.calls_oddly()
        flood.take_deliveries()
        time.sleep(1.5)  # until the last leaf is in a tile

    @classmethod
    def tearDownClass(cls):
        cls.flood.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    def clean(self, where, content):
        found = self.marks.found_in(content)
        if found:
            at = content.index(self.marks.spellings()[found[0]])
            self.fail("%s in %s: %r" % (", ".join(found), where, content[max(0, at - 80):at + 80]))

    def test_the_flood_was_taken_and_delivered(self):
        agencies = {kind for kind, sender in kinds() if sender == "AGENCY"}
        self.assertEqual(agencies, set(self.flood.taken))
        for kind, taken in self.flood.taken.items():
            for _, message, receipt in taken:
                expected = pb.VERDICT_HELD if kind == "release_answer" else pb.VERDICT_ACCEPTED
                self.assertEqual(expected, receipt.verdict, "%s: %s" % (kind, receipt))
        self.assertEqual(pb.VERDICT_HELD, self.flood.held.verdict, self.flood.held)
        self.assertEqual(pb.VERDICT_ACCEPTED, self.flood.stream.opened.verdict, self.flood.stream)
        self.assertLess(400, len(self.flood.told))

    def test_every_field_takes_a_mark_or_is_known_to_take_none(self):
        self.assertEqual(CHOICES, {".".join(path) for path, level in self.flood.levels.items() if level is None})

    def test_files_hold_only_what_is_sealed_or_no_persons(self):
        searched = 0
        for folder in ("data", "audit", "keys"):
            for path, _, files in os.walk(self.gateway.path(folder)):
                if "policy-archive" in path:
                    continue  # the compiler's, who sees no message; cameras stand there with their places
                for name in files:
                    if os.path.isfile(os.path.join(path, name)):  # the control socket is none
                        with open(os.path.join(path, name), "rb") as f:
                            self.clean(os.path.join(path, name), f.read())
                        searched += 1
        self.assertLess(5, searched)

    def test_the_log_says_what_its_document_tells_and_nothing_else(self):
        known = set(re.findall(r"^\| `([^`]+)` \|", self.gateway.ctl("audit", "events", "--markdown").stdout, re.M))
        said = set()
        for leaf in self.gateway.leaves():
            said |= {leaf["event"], *leaf, *(key for row in leaf.get("recipients", []) for key in row)}
            said |= set(re.findall(r"(?:^| )([a-z0-9-]+)=", leaf.get("detail", "")))
        self.assertEqual(set(), said - known)
        self.assertLess(40, len(said))

    def test_processes_print_nothing_of_it(self):
        self.assertLess(5, len(self.gateway.log))
        for line in self.gateway.log:
            self.clean(line, line.encode())

    def test_receipts_outcomes_errors_and_officers_lists_tell_nothing_of_it(self):
        if self.marks.found_in(b"\0".join(told for _, told in self.flood.told)):
            for where, told in self.flood.told:
                self.clean("what was told of " + where, told)

    def memory(self, role):
        """(place, content) of a role's memory; skips where that may not be read."""
        pid = self.gateway.process.pid if role == "supervisor" else self.gateway.pid_of(role)
        try:
            parts = list(memory_of(pid))
        except PermissionError:
            self.skipTest("reading another process's memory is not permitted here")
        except SanitizersShadow:
            self.skipTest("a sanitizer's shadow fills the address space: the build without one is searched")
        self.assertLess(100000, sum(len(content) for _, content in parts), role)
        return parts

    def test_memory_of_ledger_keeper_and_supervisor_has_nothing_of_it(self):
        for role in ("ledger", "keeper", "supervisor"):
            for place, content in self.memory(role):
                self.clean("%s, %s" % (role, place), content)

    def test_the_edge_forgets_names_numbers_and_pictures_of_what_it_has_dealt_with(self):
        # It knows where open incidents and people at risk are, and who calls it.
        for place, content in self.memory("edge"):
            kept = [x for x in self.marks.found_in(content) if x.startswith(("name", self.marks.name, "telephone", "bytes"))]
            self.assertEqual([], kept, place)

    def test_no_role_may_leave_a_core(self):
        for role in ("ledger", "keeper", "edge"):
            with open("/proc/%d/limits" % self.gateway.pid_of(role)) as f:
                self.assertRegex(f.read(), r"Max core file size +0 +0 ", role)

    def test_the_search_finds_what_is_planted(self):
        for what, spelling in self.marks.spellings().items():
            self.assertIn(what, self.marks.found_in(b"... " + spelling + b" ..."))
        own = [content for _, content in memory_of(os.getpid())]
        for what in ("latitude double <", self.marks.token + " UTF-8"):
            self.assertTrue(any(self.marks.spellings()[what] in content for content in own), what)


if __name__ == "__main__":
    unittest.main()

"""A gateway that starts with its clock days ahead asks an officer before it destroys what it stored."""
import datetime
import json
import unittest

from contract import Unit, incident_report, new_incident, pb, reason, video_request
from gateway import Gateway

THREE_DAYS = 3 * 86400


class Clocks(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.socket = self.gateway.path("data", "control.sock")

    def tearDown(self):
        self.gateway.close()

    def ctl(self, *words):
        return self.gateway.ctl("clock", *words, "--socket", self.socket, "--lang", "en")

    def say(self, what, subject):
        return self.ctl(what, subject, "--officer", "daejeon-gateway-operator/seo", "--reason", "compared with two receivers",
                        "--key", self.gateway.path("signing", "seo.key"))

    def count(self, event):
        return sum(x["event"] == event for x in self.gateway.leaves())

    def store(self):
        """A request that has to be destroyed within two hours, and nobody fetches."""
        police = Unit(self.gateway, "npa-daejeon/112-control")
        incident = new_incident(police)
        m = video_request(police, incident)
        m.header.destroy_by.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2))
        receipts = police.publish(incident_report(police, incident), m)
        self.assertEqual(["REASON_PERMITTED"] * 2, [reason(r) for r in receipts])
        police.close()
        return incident

    def start_ahead(self):
        self.assertEqual(0, self.gateway.stop())
        self.gateway.skew(THREE_DAYS)
        self.gateway.start()
        self.gateway.wait_for("alarm clock-uncertain")

    def asked(self):
        r = self.ctl("show", "--json")
        self.assertEqual(1, r.returncode, r.stderr)
        return json.loads(r.stdout)

    def test_nothing_is_destroyed_until_an_officer_of_the_operator_says_that_the_clock_is_right(self):
        self.assertEqual(0, self.ctl("show").returncode)
        incident = self.store()
        self.start_ahead()
        shown = self.asked()
        self.assertFalse(shown["trusted"])
        self.assertEqual("1 of 2 scopes", shown["would_destroy"])  # the incident's place is not due
        ahead = int(shown["subject"].split("+")[1])
        self.assertAlmostEqual(THREE_DAYS, ahead, delta=60)
        # What is past its deadline by this clock does not leave; an alert does, marked.
        police, centre = Unit(self.gateway, "npa-daejeon/112-control"), Unit(self.gateway, "daejeon-city-center/video-monitoring")
        queue = centre.subscribe()
        self.assertTrue(queue.is_empty(1))
        self.assertEqual("REASON_PERMITTED", reason(police.publish(video_request(police, incident))[0]))
        delivery, message = queue.next()
        self.assertTrue(message.HasField("video_request"))
        self.assertIn(pb.REASON_CLOCK_UNCERTAIN, delivery.flag)
        queue.ack(delivery)
        wrong = self.ctl("accept", "+%d" % ahead, "--officer", "daejeon-city-center/park", "--reason", "it looks right",
                         "--key", self.gateway.path("signing", "park.key"))
        self.assertEqual(1, wrong.returncode)
        self.assertIn("may not decide this", wrong.stderr)
        self.assertEqual(0, self.count("destroyed") + self.count("expired"))
        r = self.say("accept", "+%d" % ahead)
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertIn("act: accept-clock\nsubject: clock +%d\n" % ahead, r.stdout)
        self.gateway.wait_for("destroyed scopes=")
        self.assertEqual(0, self.ctl("show").returncode)
        # It stands in the log, and the next start does not ask again.
        queue.close()
        for unit in (police, centre):
            unit.close()
        self.assertEqual(0, self.gateway.stop())
        self.gateway.start()
        self.assertEqual(0, self.ctl("show").returncode)
        self.assertEqual(1, self.count("clock-trusted"))
        self.assertLess(0, self.count("destroyed"))
        self.gateway.verify()

    def test_refused_nothing_is_destroyed_and_a_repaired_clock_needs_no_answer(self):
        self.store()
        self.start_ahead()
        ahead = self.asked()["subject"].split()[1]
        self.assertEqual(0, self.say("refuse", ahead).returncode)
        shown = self.ctl("show")
        self.assertEqual(1, shown.returncode)
        self.assertIn("refused: the time is held until the clock is repaired", shown.stdout)
        self.assertEqual(0, self.gateway.stop())
        self.gateway.skew(0)
        self.gateway.start()
        self.assertEqual(0, self.ctl("show").returncode)
        centre = Unit(self.gateway, "daejeon-city-center/video-monitoring")
        queue = centre.subscribe()
        self.assertTrue(queue.take().HasField("video_request"))
        queue.close()
        centre.close()
        self.assertEqual(0, self.count("expired"))
        self.gateway.verify()


if __name__ == "__main__":
    unittest.main()

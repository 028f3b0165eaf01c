"""kill -9 under load, round after round, with a history check: every acknowledged id is delivered at least once, none after its
deadline, none to a unit that may not have it; and the log verifies."""
import os
import random
import threading
import time
import unittest
import uuid

import grpc

from contract import Unit, incident_report, new_incident, pb, video_request
from gateway import Gateway

ROUNDS = int(os.environ.get("KILL_ROUNDS", "50"))


class Load:
    """Publishes until told to stop; remembers what was acknowledged, and sends again what was not."""

    def __init__(self, gateway, incident):
        self.gateway, self.incident = gateway, incident
        self.acknowledged, self.deadline = set(), {}
        self.unsure = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def next_batch(self, unit):
        batch = self.unsure[:50]
        while len(batch) < 20:
            m = video_request(unit, self.incident)
            if random.random() < 0.1:  # some live a few seconds only
                m.header.destroy_by.FromNanoseconds(time.time_ns() + 3_000_000_000)
                self.deadline[m.header.id] = m.header.destroy_by.ToNanoseconds() / 1e9
            batch.append(m)
        return batch

    def run(self):
        unit = Unit(self.gateway, "npa-daejeon/112-control")
        while not self.stop.is_set() or self.unsure:
            batch = self.next_batch(unit) if not self.stop.is_set() else self.unsure[:50]
            self.unsure = batch + [m for m in self.unsure if m not in batch]
            try:
                # A connection that waits is also worked on: grpcio's poller runs only while a call waits.
                for m, receipt in zip(batch, unit.exchange(batch, timeout=5, wait=True)):
                    assert receipt.id == m.header.id, "receipts out of order"
                    if receipt.verdict == pb.VERDICT_ACCEPTED:
                        self.acknowledged.add(m.header.id)
                    self.unsure.remove(m)
            except grpc.RpcError:
                time.sleep(0.05)
        unit.close()


class Reader:
    """Consumes a queue for ever, reconnecting; acknowledges what comes, some of it late."""

    def __init__(self, gateway, name):
        self.gateway, self.name = gateway, name
        self.seen, self.when = {}, {}
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        unit = Unit(self.gateway, self.name)
        while not self.stop.is_set():
            subscription, late = unit.subscribe(), []
            try:
                while not self.stop.is_set():
                    try:
                        delivery, message = subscription.arrived.get(timeout=0.2)
                    except Exception:
                        continue
                    if delivery is None:
                        break
                    self.seen[message.header.id] = self.seen.get(message.header.id, 0) + 1
                    self.when[message.header.id] = time.time()
                    late.append(delivery)
                    if random.random() < 0.9 or len(late) > 20:  # 64 in flight, and nothing more would come
                        subscription.ack(*late)
                        late = []
            finally:
                subscription.close()
            time.sleep(0.05)
        unit.close()


class Crash(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        random.seed(os.environ.get("SEED", "1"))
        gateway = Gateway()
        police = Unit(gateway, "npa-daejeon/112-control")
        incident = new_incident(police)
        self.assertEqual(pb.VERDICT_ACCEPTED, police.publish(incident_report(police, incident))[0].verdict)
        police.close()
        load = Load(gateway, incident)
        reader, stranger = Reader(gateway, "daejeon-city-center/video-monitoring"), Reader(gateway, "daejeon-tax/audit-desk")
        for i in range(ROUNDS):
            time.sleep(random.uniform(0.05, 0.5))
            victim = random.choice(["edge", "ledger", "keeper", "all"])
            if victim == "all":
                gateway.kill_all()
                gateway.start()
            else:
                gateway.kill_role(victim)
            if i % 10 == 9:
                gateway.verify()
        load.stop.set()
        load.thread.join(60)
        self.assertFalse(load.thread.is_alive(), "messages without a receipt were never taken")
        self.wait_for_all(load, reader)
        reader.stop.set()
        stranger.stop.set()
        reader.thread.join(10)
        stranger.thread.join(10)
        self.check_history(load, reader, stranger)
        self.assertEqual(0, gateway.stop())
        gateway.verify()
        print("%d rounds, %d acknowledged, %d delivered, %d more than once" % (
            ROUNDS, len(load.acknowledged), len(reader.seen), sum(n > 1 for n in reader.seen.values())))
        gateway.close()

    def wait_for_all(self, load, reader):
        until = time.monotonic() + 60
        lasting = {i for i in load.acknowledged if i not in load.deadline}
        while time.monotonic() < until and not lasting <= set(reader.seen):
            time.sleep(0.1)

    def check_history(self, load, reader, stranger):
        lost = {i for i in load.acknowledged if i not in load.deadline} - set(reader.seen)
        self.assertEqual(0, len(lost), "of %d acknowledged never delivered" % len(load.acknowledged))
        late = {i for i, t in reader.when.items() if i in load.deadline and t > load.deadline[i] + 1.0}
        self.assertEqual(0, len(late), "delivered after the deadline")
        self.assertEqual({}, stranger.seen, "delivered to a unit that may not have it")
        self.assertGreater(len(load.acknowledged), ROUNDS)


class Publishing(threading.Thread):
    """Publishes reports of new incidents, whatever becomes of them: ids that were acknowledged, and what refusals said."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.unit, self.acknowledged, self.refusals, self.over = Unit(gateway, "npa-daejeon/112-control"), [], set(), threading.Event()
        self.start()

    def run(self):
        while not self.over.is_set():
            m = incident_report(self.unit, new_incident(self.unit))
            try:
                for receipt in self.unit.exchange([m], timeout=20, wait=True):
                    if receipt.verdict == pb.VERDICT_ACCEPTED:
                        self.acknowledged.append(receipt.id)
                    else:
                        self.refusals.add((None, str(receipt)))
            except grpc.RpcError as e:
                self.refusals.add((e.code(), e.details()))
                time.sleep(0.01)


class Away(unittest.TestCase):
    """What a role that is away means for the others: which go on, and refuse by name what they cannot do."""

    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)
        self.load = Publishing(self.gateway)

    def kill_until_named(self, role, named):
        """Longer and longer it is away, up to a second."""
        others = {x: self.gateway.pid_of(x) for x in ("keeper", "ledger", "edge") if x != role}
        for _ in range(12):
            before = len(self.load.acknowledged)
            self.gateway.kill_role(role)
            until = time.monotonic() + 20
            while len(self.load.acknowledged) == before:  # it works again
                self.assertLess(time.monotonic(), until, "nothing is taken any more: %s" % self.load.refusals)
                time.sleep(0.01)
            if any(details == named for _, details in self.load.refusals):
                break
        self.assertEqual({(grpc.StatusCode.UNAVAILABLE, named)}, self.load.refusals)
        self.assertEqual(others, {x: self.gateway.pid_of(x) for x in others}, "another role ended too")

    def tearDown(self):
        self.load.over.set()
        self.load.join(30)
        unit = Unit(self.gateway, "npa-daejeon/112-control")
        for id in self.load.acknowledged[-200:]:
            self.assertEqual(pb.VERDICT_ACCEPTED, unit.receipt(id).verdict)
        unit.close()
        self.load.unit.close()
        self.assertEqual(0, self.gateway.stop())
        self.gateway.verify()

    def test_without_a_keeper(self):
        self.kill_until_named("keeper", "the keeper is not there")

    def test_without_a_ledger(self):
        self.kill_until_named("ledger", "the ledger is not there")


if __name__ == "__main__":
    unittest.main()

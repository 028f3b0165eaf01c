"""A destruction that a killed process or a power cut ends in the middle."""
import os
import signal
import time
import unittest
import uuid

import grpc

import sealed
from canary import ROLES, Known, Place, is_stopped, needs_to_trace, signalled_at, state_of, wait_for, wait_for_destruction
from contract import Unit, incident_report, pb, video_request
from flood import POLICE
from gateway import Gateway
from marks import SanitizersShadow, memory_of


def police_sends(gateway, make):
    """The receipts of the messages that make(unit) makes; sent again while the gateway has no ledger or is being started."""
    until, messages = time.monotonic() + 20, None
    while True:
        police = Unit(gateway, POLICE)
        messages = messages or make(police)
        try:
            receipts = list(police.exchange(messages, timeout=20, wait=True))
            assert receipts[-1].verdict == pb.VERDICT_ACCEPTED, receipts
            return receipts
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE and time.monotonic() < until, error
            time.sleep(0.1)
        finally:
            police.close()


class Interrupted(unittest.TestCase):
    """A destruction that ends in the middle, at each of its calls: it is finished after the start, and stands in the log once."""

    # In their order: the survivors are written, the secret is overwritten, the old half is zeroed and cut off. (role, call, which of them)
    CALLS = [("ledger", "write", 1), ("ledger", "fsync", 1), ("keeper", "pwrite64", 1), ("keeper", "fsync", 1),
             ("ledger", "write", 2), ("ledger", "fsync", 2), ("ledger", "ftruncate", 1), ("ledger", "fsync", 3)]
    FILES = {"ledger": ("data/slots.0", "data/slots.1"), "keeper": ("keys/wrapping.secret",)}

    @classmethod
    def setUpClass(cls):
        needs_to_trace("ending a destruction in the middle")
        cls.place = Place()
        cls.addClassCleanup(cls.place.close)
        cls.gateway = Gateway(folder=os.path.join(cls.place.mounted, "gateway"))
        cls.addClassCleanup(cls.gateway.stop)
        cls.stays = cls.seal_one()  # a key that outlives every destruction
        incident, scope, _ = cls.seal_one()
        cls.end(incident)
        wait_for_destruction(cls.gateway, [scope])  # from now on there is an old half to be zeroed

    @classmethod
    def seal_one(cls):
        """An incident with a message under a key of its own: (incident, scope, key)."""
        incident = "%s:%s" % (POLICE, uuid.uuid4())
        _, receipt = police_sends(cls.gateway, lambda police: [incident_report(police, incident), video_request(police, incident)])
        known = Known(cls.gateway)
        known.take(receipt.record.index)
        scope, = [s for s, messages in sealed.scopes_of(cls.gateway.leaves()).items() if any(m["index"] == receipt.record.index for m in messages)]
        return incident, scope, known.scopes[scope]

    @classmethod
    def end(cls, incident):
        def close(police):
            m = police.message("112-onsite-video", "crime-response", incident=incident)
            m.incident_close.outcome = pb.INCIDENT_OUTCOME_RESOLVED
            return [m]
        police_sends(cls.gateway, close)

    def ends_at(self, role, call, nth, signal_name):
        """The role gets the signal at its n-th such call of the destruction; the process that traces it."""
        return signalled_at(self, self.gateway.pid_of(role), [self.gateway.path(name) for name in self.FILES[role]], call, nth, signal_name)

    def assert_gone(self, scope, key, where):
        leaves = wait_for_destruction(self.gateway, [scope])
        self.assertEqual(1, sealed.destroyed(leaves).count(scope), where)
        secret, files = sealed.Secret(self.gateway.path("keys", "wrapping.secret")), sealed.Files(self.gateway.path("data"))
        self.assertIsNone(files.key(secret, scope), where)
        self.assertEqual(self.stays[2], files.key(secret, self.stays[1]), where)
        needles = sealed.Needles([key])
        try:
            for role in ROLES:
                for what, content in memory_of(self.gateway.process.pid if role == "supervisor" else self.gateway.pid_of(role)):
                    self.assertEqual([], needles.found_in(content), "%s: %s, %s" % (where, role, what))
        except SanitizersShadow:
            pass  # the build without a sanitizer is searched

    def test_kill_9_at_each_call(self):
        for role, call, nth in self.CALLS:
            where = "%s, %s %d" % (role, call, nth)
            incident, scope, key = self.seal_one()
            tracer, killed = self.ends_at(role, call, nth, "KILL"), self.gateway.pid_of(role)
            self.end(incident)
            tracer.wait(20)
            wait_for("not killed: " + where, lambda: state_of(killed) in (None, "Z"))
            self.assert_gone(scope, key, where)

    def test_power_cut_at_each_call(self):
        if not self.place.is_image:
            self.skipTest("shutting a file system down needs ext4 in a loop device")
        for role, call, nth in self.CALLS:
            where = "%s, %s %d" % (role, call, nth)
            incident, scope, key = self.seal_one()
            tracer = self.ends_at(role, call, nth, "STOP")
            self.end(incident)
            wait_for("not stopped: " + where, lambda: is_stopped(self.gateway.pid_of(role)))
            self.place.cut_power()
            pids = [self.gateway.pid_of(role) for role in ("edge", "ledger", "keeper")]
            self.gateway.process.kill()
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.gateway.ended()
            tracer.wait(20)
            self.place.unmount()
            self.assertTrue(self.place.mount(), where)
            self.gateway.start()
            self.assert_gone(scope, key, where)
        self.gateway.verify()


if __name__ == "__main__":
    unittest.main()

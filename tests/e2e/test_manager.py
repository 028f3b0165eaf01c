"""As a service: what the service manager hears by sd_notify(3), and that the watchdog's signal comes only while every role answers."""
import os
import re
import signal
import socket
import tempfile
import time
import unittest

from contract import Unit
from gateway import Gateway, edit

WATCHDOG_S = 2.0


class Manager:
    """A service manager's end: lines as they come."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fedgate-e2e-")
        self.path = os.path.join(self.folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.lines = []

    def hear(self, seconds):
        """The lines that nobody has taken yet, and those that come within that time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.socket.settimeout(max(0.001, until - time.monotonic()))
            try:
                self.lines += self.socket.recv(4096).decode().split("\n")
            except socket.timeout:
                break
        lines, self.lines = self.lines, []
        return lines

    def wait_for(self, pattern, within=60.0):
        """Takes the lines up to the next that matches; those before it."""
        until, before = time.monotonic() + within, []
        while time.monotonic() < until:
            lines = self.hear(0.05)
            for i, line in enumerate(lines):
                if re.fullmatch(pattern, line):
                    self.lines = lines[i + 1:]
                    return before + lines[:i]
            before += lines
        raise AssertionError("%r did not come; came %r" % (pattern, before))

    def close(self):
        self.socket.close()
        os.unlink(self.path)
        os.rmdir(self.folder)


class Service(unittest.TestCase):
    def setUp(self):
        self.manager = Manager()
        self.addCleanup(self.manager.close)
        os.environ.update(NOTIFY_SOCKET=self.manager.path, WATCHDOG_USEC=str(int(WATCHDOG_S * 1e6)))
        try:
            self.gateway = Gateway()
        finally:
            for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC"):
                del os.environ[name]
        self.addCleanup(self.gateway.close)

    def watched(self, seconds):
        return "WATCHDOG=1" in self.manager.hear(seconds)

    def test_it_says_that_it_is_ready_when_calls_are_answered_and_that_it_stops(self):
        before = self.manager.wait_for("READY=1")
        self.assertEqual([], [line for line in before if not line.startswith("EXTEND_TIMEOUT_USEC=")])
        self.manager.wait_for(r"STATUS=in service: 0 sessions, \d+ entries in the log")
        Unit(self.gateway, "npa-daejeon/112-control").close()
        self.gateway.process.terminate()
        self.manager.wait_for("STOPPING=1")

    def test_its_status_counts_sessions_and_entries(self):
        unit = Unit(self.gateway, "npa-daejeon/112-control")
        self.addCleanup(unit.close)
        self.addCleanup(unit.subscribe().close)
        self.manager.wait_for(r"STATUS=in service: 1 sessions, [1-9]\d* entries in the log")

    def test_a_reload_is_told_from_its_beginning_to_its_end(self):
        self.manager.wait_for("READY=1")
        edit(self.gateway.path("policy", "set.yaml"), "serial: 1", "serial: 2")
        self.gateway.sign()
        self.manager.hear(0.2)  # a socket keeps ten: where signing took long, there was no room for the next
        self.gateway.reload()
        self.manager.wait_for("RELOADING=1")
        self.assertRegex(self.manager.wait_for("READY=1")[0], r"MONOTONIC_USEC=[1-9]\d+")
        self.assertIn("policy-in-force", self.gateway.wait_for("policy-in-force"))

    def test_a_reload_that_is_refused_ends_too_and_the_status_says_so(self):
        self.manager.wait_for("READY=1")
        edit(self.gateway.path("policy", "set.yaml"), "serial: 1", "serial: 0")
        self.gateway.reload()
        self.manager.wait_for("RELOADING=1")
        self.manager.wait_for("READY=1")
        self.manager.wait_for(r"STATUS=in service: .*; the last reload was refused")

    def test_the_watchdog_hears_of_it_only_while_every_role_answers(self):
        self.manager.wait_for("WATCHDOG=1")
        for role in ("edge", "ledger", "keeper"):
            pid = self.gateway.pid_of(role)
            self.gateway.mark = len(self.gateway.log)
            os.kill(pid, signal.SIGSTOP)
            try:
                self.gateway.wait_for("role-silent role=" + role)
                self.manager.hear(0.05)  # what was said before
                self.assertFalse(self.watched(WATCHDOG_S), role)
            finally:
                os.kill(pid, signal.SIGCONT)
            self.manager.wait_for("WATCHDOG=1")

    def test_a_role_that_is_started_again_is_no_reason_to_end_all(self):
        self.manager.wait_for("WATCHDOG=1")
        for role in ("edge", "keeper", "ledger"):
            self.gateway.kill_role(role)
            self.assertTrue(self.watched(WATCHDOG_S), role)


if __name__ == "__main__":
    unittest.main()

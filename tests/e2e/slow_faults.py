"""The whole gateway under load while the disk fails it: the n-th call of the ledger returns an error or is its last (strace), and
the file system is shut down under all of it (ext4 in a loop device). Then it goes on without faults: nothing acknowledged is missing,
nothing was delivered that is not in the log, the log verifies, and a ledger whose sync has failed says nothing to anyone any more.

strace traces a program that is as it ships: it attaches from outside, to the ledger alone, or to the supervisor so that the next
ledger is traced from its first call on, while it recovers. What runs after that ledger is not traced. `make test-slow`; what needs
root or a tool that is not there is skipped, and says so."""
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from contract import Unit, incident_report, new_incident, pb
from gateway import Gateway
from test_crash import Load, Reader

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "4"))
SHUTDOWNS = int(os.environ.get("SHUTDOWN_ROUNDS", "20"))
UNDER_LOAD = ("fdatasync:error=EIO", "fdatasync:error=ENOSPC", "fdatasync:signal=KILL", "pwrite64:error=EIO", "pwrite64:error=ENOSPC",
              "pwrite64:signal=KILL")
IN_RECOVERY = ("fdatasync:error=EIO", "pwrite64:error=EIO", "pwrite64:signal=KILL", "fsync:error=EIO", "renameat:error=EIO",
               "renameat:signal=KILL", "fallocate:error=ENOSPC")
HEALTHY_S, IN_A_ROW = 10.5, 8  # a ledger that ended 20 times and never ran for ten seconds would end the gateway: each fault ends one or two
EXT4_IOC_SHUTDOWN = 0x8004587D


def skip(test, why):
    print("SKIPPED: " + why)
    test.skipTest(why)


def is_traced(pid):
    """Or gone."""
    try:
        with open("/proc/%d/status" % pid) as f:
            return "TracerPid:\t0\n" not in f.read()
    except OSError:
        return True


def lives(pid):
    """And is not merely unburied: its supervisor may take its time to wait for it."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class Faults(unittest.TestCase):
    def begin(self, folder=None):
        self.gateway = Gateway(folder=folder)
        self.addCleanup(self.gateway.close)
        police = Unit(self.gateway, "npa-daejeon/112-control")
        incident = new_incident(police)
        self.assertEqual(pb.VERDICT_ACCEPTED, police.publish(incident_report(police, incident))[0].verdict)
        police.close()
        self.load, self.reader = Load(self.gateway, incident), Reader(self.gateway, "daejeon-city-center/video-monitoring")
        self.addCleanup(self.reader.stop.set)
        self.addCleanup(self.load.stop.set)

    def end(self):
        """Without faults until all is taken; then what was said is compared with the log."""
        load, reader, gateway = self.load, self.reader, self.gateway
        load.stop.set()
        load.thread.join(60)
        self.assertFalse(load.thread.is_alive(), "messages without a receipt were never taken")
        until = time.monotonic() + 60
        lasting = {i for i in load.acknowledged if i not in load.deadline}
        while time.monotonic() < until and not lasting <= set(reader.seen):
            time.sleep(0.1)
        reader.stop.set()
        reader.thread.join(10)
        self.assertEqual(0, gateway.stop())
        gateway.verify()
        received = {leaf.get("id") for leaf in gateway.leaves() if leaf["event"] == "received"}
        self.assertEqual(set(), lasting - set(reader.seen), "acknowledged and never delivered")
        self.assertEqual(set(), load.acknowledged - received, "acknowledged and not in the log")
        self.assertEqual(set(), set(reader.seen) - received, "delivered and not in the log")
        print("%d acknowledged, %d delivered" % (len(load.acknowledged), len(reader.seen)))

    def go_on(self, more=20):
        """Until so many more messages were acknowledged."""
        until, wanted = time.monotonic() + 30, len(self.load.acknowledged) + more
        while len(self.load.acknowledged) < wanted:
            self.assertLess(time.monotonic(), until, "nothing is acknowledged any more:\n" + "\n".join(self.gateway.log[-20:]))
            time.sleep(0.02)

    def run_long(self):
        """Until the ledger has run long enough to be no crash loop."""
        until = time.monotonic() + HEALTHY_S
        while time.monotonic() < until:
            self.go_on(1)

    # ---- strace

    def trace(self, pid, fault, when, follow):
        call = fault.split(":")[0]
        trace = subprocess.Popen(["strace", "-qq", "-y", "-o", self.said, "-p", str(pid), "-e", "trace=sendmsg," + call, "-e",
                                  "inject=%s:when=%d" % (fault, when)] + (["-f"] if follow else []), stderr=subprocess.PIPE, text=True)
        self.addCleanup(trace.stderr.close)
        self.addCleanup(lambda: trace.poll() is None and trace.kill())
        until = time.monotonic() + 5
        while time.monotonic() < until and trace.poll() is None and not is_traced(pid):
            time.sleep(0.01)
        return trace

    def may_trace(self, pid):
        trace = self.trace(pid, "getppid:error=EIO", 1, False)
        may = trace.poll() is None
        trace.terminate()
        trace.wait(5)
        return may

    def lines(self):
        with open(self.said) as f:
            return f.read().splitlines()

    def assert_silent(self, fault):
        """Behind a call that failed for the journal, its process sends nothing to anyone. (A reserve may find no room. A tile that
        could not be written comes again from the journal: receipts may go on until the next checkpoint, which then is none.)"""
        final = re.compile(r"/data/journal(/segment-\d+|\b.* EIO ).*\(INJECTED\)")
        failed, lines = {}, self.lines()
        for at, line in enumerate(lines):
            m = re.match(r"(\d+ +)?(\w+)\(", line)
            if m is not None and final.search(line):
                failed[m.group(1)] = at
            elif m is not None and m.group(1) in failed and m.group(2) == "sendmsg":
                self.fail("after %s the ledger went on to speak:\n%s" % (fault, "\n".join(lines[failed[m.group(1)]:at + 1])))
        return bool(failed)

    def was_injected(self):
        return any("(INJECTED)" in line or "+++ killed by SIGKILL" in line for line in self.lines())

    def wait_for_ledger(self, before):
        """Another ledger than that one serves."""
        until = time.monotonic() + 20
        while self.gateway.pid_of("ledger") == before or not os.path.exists("/proc/%d" % self.gateway.pid_of("ledger")):
            self.assertLess(time.monotonic(), until, "no new ledger:\n" + "\n".join(self.gateway.log[-20:]))
            time.sleep(0.02)

    def fail_the_ledger(self, fault, when):
        ledger = self.gateway.pid_of("ledger")
        trace = self.trace(ledger, fault, when, False)
        try:
            trace.wait(4)  # it ends with the ledger
        except subprocess.TimeoutExpired:
            trace.terminate()
            trace.wait(5)
        hit = self.was_injected()
        if self.assert_silent(fault) or (hit and fault.startswith("fdatasync")):
            until = time.monotonic() + 5
            while lives(ledger) and time.monotonic() < until:
                time.sleep(0.01)
            self.assertFalse(lives(ledger), "the ledger outlived " + fault)
        if not lives(ledger):
            self.wait_for_ledger(ledger)
        self.go_on()
        return hit

    def fail_its_recovery(self, fault, when):
        """The next ledgers, until one has met the fault, and what is told to stop."""
        ledger = self.gateway.pid_of("ledger")
        trace = self.trace(self.gateway.process.pid, fault, when, True)
        os.kill(ledger, 9)
        until = time.monotonic() + 6
        while time.monotonic() < until and not self.was_injected():
            time.sleep(0.02)
        trace.kill()  # asked to end, it may wait for ever for the first of several threads of a process that was killed
        trace.wait(5)
        hit = self.was_injected()
        self.wait_for_ledger(ledger)
        self.go_on()
        return hit

    def test_nothing_is_lost_when_the_nth_call_of_the_ledger_fails(self):
        if shutil.which("strace") is None:
            skip(self, "there is no strace")
        with tempfile.TemporaryDirectory(prefix="fedgate-strace-") as folder:
            self.said = os.path.join(folder, "said")
            self.begin()
            if not self.may_trace(self.gateway.process.pid):
                skip(self, "strace may not attach to a process")
            rounds = []
            if self.may_trace(self.gateway.pid_of("ledger")):
                rounds = [(self.fail_the_ledger, fault, 1 + n * n * (n + 1)) for n in range(ROUNDS) for fault in UNDER_LOAD]
            else:
                print("SKIPPED: faults under load: a ledger hides its memory, and only root may attach to it")
            rounds += [(self.fail_its_recovery, fault, n) for n in (1, 2) for fault in IN_RECOVERY]
            hits = 0
            for at, (test, fault, n) in enumerate(rounds):
                hits += test(fault, n)
                if at % IN_A_ROW == IN_A_ROW - 1:
                    self.run_long()
            self.end()
            print("%d of %d faults met" % (hits, len(rounds)))
            self.assertGreater(hits, len(rounds) * 2 // 3)

    # ---- ext4

    def mount(self):
        return subprocess.run(["mount", "-o", "loop", self.image, self.place], capture_output=True).returncode == 0

    def unmount(self):
        for _ in range(100):
            if subprocess.run(["umount", self.place], capture_output=True).returncode == 0:
                return
            time.sleep(0.05)
        self.fail("the file system is still in use")

    def shut_down(self, how):
        fd = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, how.to_bytes(4, "little"))
        finally:
            os.close(fd)

    def test_nothing_is_lost_when_ext4_is_shut_down_under_the_gateway(self):
        folder = tempfile.mkdtemp(prefix="fedgate-ext4-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.image, self.place = os.path.join(folder, "image"), os.path.join(folder, "mounted")
        os.mkdir(self.place)
        with open(self.image, "wb") as f:
            f.truncate(1 << 30)
        self.addCleanup(subprocess.run, ["umount", "-l", self.place], capture_output=True)
        if (os.geteuid() != 0 or shutil.which("mkfs.ext4") is None or
                subprocess.run(["mkfs.ext4", "-q", self.image], capture_output=True).returncode != 0 or not self.mount()):
            skip(self, "ext4 in a loop device needs root, mkfs.ext4 and a free device")
        self.begin(os.path.join(self.place, "gateway"))
        for n in range(SHUTDOWNS):
            self.go_on(10 + 7 * (n % 5))
            self.shut_down(n % 3)  # all written; its journal flushed; nothing flushed
            time.sleep(0.05)
            self.gateway.kill_all()
            self.unmount()
            self.assertTrue(self.mount())
            self.gateway.start()
        self.end()


if __name__ == "__main__":
    unittest.main()

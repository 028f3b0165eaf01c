"""The audit log over the wire: checkpoints, proofs and tiles by gRPC and by curl, checked by an implementation of its own
(tests/audit/verify_log.py), and two agencies' witnesses."""
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

import grpc

from contract import Unit, incident_report, new_incident, pb, video_request
from gateway import BIN, ROOT, Gateway

sys.path.insert(0, os.path.join(ROOT, "tests", "audit"))
import verify_log  # noqa: E402

ORIGIN = "fedgate.daejeon.example/log"


def make_witnesses(folder):
    """Two agencies' keys, known to the gateway, which alarms after ten seconds."""
    keys = []
    for name in ("npa", "fire"):
        subprocess.run([os.path.join(BIN, "fedgatectl"), "audit", "keygen", "--key", os.path.join(folder, name + ".key"), "--name",
                        name + ".example/witness"], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, name + ".vkey")) as f:
            keys.append(f.read().strip())
    with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
        f.write("witnesses: ['%s', '%s']\nwitness_late: 10 seconds\n" % tuple(keys))


class Transparency(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(make_witnesses)
        with open(cls.gateway.path("audit.vkey")) as f:
            cls.key = verify_log.parse_key(f.read().strip())
        names = {"police": "npa-daejeon/112-control", "centre": "daejeon-city-center/video-monitoring", "auditor": "daejeon-audit-commission/inspection"}
        for attribute, name in names.items():
            setattr(cls, attribute, Unit(cls.gateway, name))

    @classmethod
    def tearDownClass(cls):
        for unit in (cls.police, cls.centre, cls.auditor):
            unit.close()
        assert cls.gateway.stop() == 0, "the gateway did not end cleanly"
        cls.gateway.verify()
        cls.gateway.close()

    # ---- what is asked

    def ask(self, unit, method, request, answer):
        return unit._method("unary_unary", "TransparencyService/" + method, type(request), answer)(request, timeout=10)

    def checkpoint(self, unit):
        note = self.ask(unit, "GetCheckpoint", pb.GetCheckpointRequest(), pb.Checkpoint).note
        return note, verify_log.parse_checkpoint(verify_log.open_note(note.encode(), self.key))

    def proof(self, unit, index, origin=ORIGIN):
        return self.ask(unit, "GetProof", pb.GetProofRequest(record=pb.LogRef(origin=origin, index=index)), pb.Proof)

    def tile(self, unit, path):
        return self.ask(unit, "GetTile", pb.GetTileRequest(path=path), pb.Tile).data

    def refused(self, call, *words):
        with self.assertRaises(grpc.RpcError) as e:
            call(*words)
        return e.exception.code()

    def report(self):
        return self.police.publish(incident_report(self.police, new_incident(self.police)))[0].record.index

    def curl(self, path, *options, unit="npa-daejeon/112-control"):
        certificate, key = self.gateway.certificate(unit)
        r = subprocess.run(["curl", "--silent", "--http2", "--cacert", self.gateway.root, "--cert", certificate, "--key", key,
                            "--write-out", "\n%{http_code} %{content_type}", *options,
                            "https://localhost:%d/%s" % (self.gateway.port, path)], capture_output=True, timeout=20)
        body, _, end = r.stdout.rpartition(b"\n")
        return end.decode(), body

    def witness(self, name, *options):
        certificate, key = self.gateway.certificate("npa-daejeon/112-control" if name == "npa" else "daejeon-fire/119-control")
        return subprocess.run([os.path.join(BIN, "fedgate-agent"), "witness", "--gateway", "localhost:%d" % self.gateway.port,
                               "--certificate", certificate, "--key", key, "--root", self.gateway.root, "--log-key",
                               self.gateway.path("audit.vkey"), "--witness-key", self.gateway.path(name + ".key"), "--state",
                               self.gateway.path("state-" + name), *options], text=True, capture_output=True, timeout=60)

    # ---- checkpoints, proofs, tiles

    def test_a_proof_comes_with_the_receipts_index_and_holds_for_another_implementation(self):
        index = self.report()
        answer = self.proof(self.police, index)  # waits for a checkpoint
        self.assertIn(b'"event":"received"', answer.entry)
        head, note = answer.tlog_proof.encode().split(b"\n\n", 1)
        lines = head.decode().split("\n")
        self.assertEqual(["c2sp.org/tlog-proof@v1", "index %d" % index], lines[:2])
        _, size, root = verify_log.parse_checkpoint(verify_log.open_note(note, self.key))
        path = [verify_log.base64.b64decode(line) for line in lines[2:]]
        self.assertEqual(root, verify_log.root_of_path(index, size, verify_log.leaf_hash(answer.entry), path))

    def test_nobody_learns_of_records_that_are_not_theirs(self):
        index = self.report()
        self.proof(self.police, index)
        codes = [self.refused(self.proof, self.centre, index), self.refused(self.proof, self.centre, 1 << 40)]
        self.assertEqual([grpc.StatusCode.NOT_FOUND] * 2, codes)
        self.assertIn(b'"event"', self.proof(self.auditor, index).entry)
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, self.refused(self.proof, self.police, index, "seoul.example/log"))

    def test_a_recipient_gets_the_proof_of_its_own_delivery(self):
        incident = new_incident(self.police)
        subscription = self.centre.subscribe("proofs", kind=["video_request"], incident_id=[incident])
        self.checkpoint(self.centre)  # answered behind the subscription, whose queue is there then
        self.police.publish(incident_report(self.police, incident), video_request(self.police, incident))
        delivery, _ = subscription.next()
        subscription.ack(delivery)
        self.assertIn(b'"event":"released"', self.proof(self.centre, delivery.record.index).entry)
        self.assertEqual(grpc.StatusCode.NOT_FOUND, self.refused(self.proof, Unit(self.gateway, "daejeon-fire/119-control"),
                                                                 delivery.record.index))

    def test_hashes_are_for_everybody_and_entries_for_auditors_alone(self):
        self.proof(self.police, self.report())
        _, (_, size, root) = self.checkpoint(self.centre)
        path = "tile/0/000" if size >= 256 else "tile/0/000.p/%d" % size
        hashes = self.tile(self.centre, path)
        self.assertEqual(0, len(hashes) % 32)
        if size < 256:
            self.assertEqual(root, verify_log.tree_hash([hashes[i: i + 32] for i in range(0, len(hashes), 32)]))
        entries = path.replace("tile/0", "tile/entries")
        self.assertEqual(grpc.StatusCode.PERMISSION_DENIED, self.refused(self.tile, self.police, entries))
        self.assertIn(b"gateway-started", self.tile(self.auditor, entries))
        for wrong in ("tile/0/0", "../keys/log.key", "settled", "tile/0/../../settled"):
            self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, self.refused(self.tile, self.auditor, wrong))
        self.assertEqual(grpc.StatusCode.NOT_FOUND, self.refused(self.tile, self.police, "tile/7/000"))

    def test_reading_is_on_record(self):
        index = self.report()
        self.proof(self.police, index)
        self.checkpoint(self.centre)
        for reader, what in ((self.police, {"refers": index}), (self.centre, {"detail": "what=hashes"})):
            self.gateway.leaves_of(lambda x: x["event"] == "log-read" and x["source"] == reader.name and what.items() <= x.items())

    # ---- plain GET

    def test_a_witness_with_curl_gets_checkpoint_and_hashes(self):
        end, note = self.curl("checkpoint")
        self.assertEqual("200 text/plain; charset=utf-8", end)
        _, size, _ = verify_log.parse_checkpoint(verify_log.open_note(note, self.key))
        path = "tile/0/000" if size >= 256 else "tile/0/000.p/%d" % size
        end, hashes = self.curl(path)
        self.assertEqual("200 application/octet-stream", end)
        self.assertEqual(32 * min(size, 256), len(hashes))
        self.assertEqual("403", self.curl(path.replace("tile/0", "tile/entries"))[0][:3])
        self.assertEqual("200", self.curl(path.replace("tile/0", "tile/entries"), unit="daejeon-audit-commission/inspection")[0][:3])

    def test_anything_else_by_curl_is_refused(self):
        for path in ("", "tile", "tile/0/1", "settled", "data", "x" * 4000):
            self.assertEqual("404", self.curl(path)[0][:3], path)
        self.assertEqual("415", self.curl("checkpoint", "--request", "POST")[0][:3])
        self.assertEqual("405", self.curl("checkpoint", "--head")[0][:3])
        self.assertEqual("000", self.curl("checkpoint", "--cert", self.gateway.root)[0][:3])

    # ---- the agent and its witnesses

    def test_two_witnesses_confirm_and_proofs_show_it(self):
        index = self.report()
        for name in ("npa", "fire"):
            r = self.witness(name, "--begin")
            self.assertEqual(0, r.returncode, r.stderr)
        self.proof(self.police, self.report())
        r = self.witness("npa")  # grown since
        self.assertEqual(0, r.returncode, r.stderr)
        self.assertIn("confirmed " + ORIGIN, r.stderr)
        until = time.monotonic() + 60
        while not self.is_proven_with_npa(index):  # the log has grown meanwhile, by what was read of it
            self.assertLess(time.monotonic(), until)
            self.assertEqual(0, self.witness("npa").returncode)

    def is_proven_with_npa(self, index):
        certificate, key = self.gateway.certificate("npa-daejeon/112-control")
        r = subprocess.run([os.path.join(BIN, "fedgate-agent"), "proof", "--gateway", "localhost:%d" % self.gateway.port, "--certificate",
                            certificate, "--key", key, "--root", self.gateway.root, "--log-key", self.gateway.path("audit.vkey"),
                            str(index)], text=True, capture_output=True, timeout=30)
        self.assertEqual(0, r.returncode, r.stderr)
        with tempfile.NamedTemporaryFile("w", suffix=".tlog-proof") as f:
            f.write(r.stdout)
            f.flush()
            done = self.gateway.ctl("audit", "verify-proof", "--key", self.gateway.path("audit.vkey"), "--witness",
                                    self.gateway.path("npa.vkey"), f.name)
            if "has not confirmed this checkpoint" in done.stdout:
                return False
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            with open(self.gateway.path("audit.vkey")) as log, open(self.gateway.path("npa.vkey")) as npa:
                verify_log.check_proof(f.name, log.read().strip(), [npa.read().strip()])
        return True

    def test_a_witness_that_saw_more_than_there_is_signs_nothing(self):
        subprocess.run([os.path.join(BIN, "fedgatectl"), "audit", "keygen", "--key", self.gateway.path("third.key"), "--name",
                        "third.example/witness"], check=True, stdout=subprocess.DEVNULL)
        r = self.witness("third", "--begin")  # not known to the gateway
        self.assertEqual(1, r.returncode, r.stderr)
        self.assertIn("PERMISSION_DENIED", r.stderr)
        state = self.gateway.path("state-third", "checkpoint")
        with open(state) as f:
            seen = f.read()
        with open(state, "w") as f:
            f.write(re.sub(r"\n(\d+)\n", lambda m: "\n%d\n" % (int(m[1]) + 1), seen, count=1))
        r = self.witness("third")  # its own state was changed: no note of the log's any more
        self.assertEqual(1, r.returncode, r.stderr)
        self.assertIn("not signed: the checkpoint signed last: the signature of this key is wrong", r.stderr)


class Late(unittest.TestCase):
    def test_a_silent_witness_is_an_alarm_and_its_return_a_note(self):
        def change(folder):
            make_witnesses(folder)
        gateway = Gateway(change)
        try:
            gateway.wait_for("witness-late witness=npa.example/witness", 40)
            gateway.leaves_of(lambda x: x["event"] == "witness-late")
            self.assertEqual(0, gateway.stop())
            gateway.verify()
        finally:
            gateway.close()

    def test_a_wrong_witness_is_told_before_the_gateway_starts(self):
        gateway = Gateway()
        try:
            gateway.stop()
            with open(gateway.path("fedgate.yaml"), "a") as f:
                f.write("witnesses: [npa.example/witness]\n")
            r = subprocess.run([os.path.join(BIN, "fedgate"), "--check", "--config", gateway.path("fedgate.yaml")], text=True,
                               capture_output=True)
            self.assertNotEqual(0, r.returncode)
            self.assertIn("expected verifier keys of witnesses", r.stdout + r.stderr)
        finally:
            gateway.close()


if __name__ == "__main__":
    unittest.main()

"""gRPC clients of other makers."""
import json
import os
import shutil
import time
import unittest
import uuid

from judge import NODE_MODULES, POLICE, ROOT, NodeJudge
from gateway import edit

CENTRE = "daejeon-city-center/video-monitoring"


def report(unit, **changed):
    """An incident report in the JSON of its contract, and its id."""
    id = str(uuid.uuid4())
    header = {"id": id, "source": unit, "service": "112-onsite-video", "purpose": "crime-response", "basis": {"code": "kr/pipa/18-2-3"},
              "incidentId": ["%s:%s" % (unit, id)], "createdAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "status": "STATUS_ACTUAL"}
    header.update(changed)
    return id, {"header": header, "incidentReport": {"type": "robbery", "area": {"point": [{"latitude": 36.3504, "longitude": 127.3845}]}}}


class Buf(NodeJudge):
    tool, module, is_client = "buf curl", "@bufbuild/buf", True

    def call(self, method, request, *options, protocol="grpc", unit=POLICE):
        root, certificate, key = self.credentials(unit)
        path = self.gateway.path("request.json")
        with open(path, "w") as f:
            json.dump(request, f)
        return self.ask(os.path.join(NODE_MODULES, ".bin", "buf"), "curl", "--protocol", protocol, "--schema", os.path.join(ROOT, "proto"), "--cacert",
                        root, "--cert", certificate, "--key", key, *options, "-d", "@" + path,
                        "https://%s/%s" % (self.address(), method), timeout=40)

    def test_publishes(self):
        """Publishes a report and gets its receipt, once by the call and once by its id."""
        id, m = report(POLICE)
        receipt = json.loads(self.call("fedgate.v1.ExchangeService/Publish", m))
        self.assertEqual((id, "VERDICT_ACCEPTED"), (receipt["id"], receipt["verdict"]))
        again = json.loads(self.call("fedgate.v1.ExchangeService/GetReceipt", {"id": id}))
        self.assertEqual(receipt["record"], again["record"])
        self.gateway.leaf(int(receipt["record"]["index"]))

    def test_a_refusal(self):
        """A report in another agency's name is refused, with the reason, and the call itself succeeds."""
        _, m = report(POLICE, source="daejeon-fire/119-control")
        refused = json.loads(self.call("fedgate.v1.ExchangeService/Publish", m))
        self.assertEqual("VERDICT_REFUSED", refused["verdict"])
        self.assertEqual("REASON_IDENTITY_MISMATCH", refused["recipient"][0]["reason"])

    def test_health(self):
        """Asks as load balancers do, by grpc.health.v1.Health, and is told that the gateway serves."""
        self.assertEqual({"status": "SERVING"}, json.loads(self.call("grpc.health.v1.Health/Check", {})))

    def test_other_protocols(self):
        """gRPC-Web and Connect are answered with 415, and nothing of a message."""
        for protocol in ("grpcweb", "connect"):
            said = self.call("fedgate.v1.ExchangeService/GetReceipt", {"id": str(uuid.uuid4())}, protocol=protocol)
            self.assertIn("415", said)

    def contract(self, *words, proto=os.path.join(ROOT, "proto")):
        return self.ask(os.path.join(NODE_MODULES, ".bin", "buf"), *words[:1], proto, *words[1:])

    def test_lint(self):
        """The contract is as buf lint wants it, but for what proto/buf.yaml names."""
        self.assertEqual("", self.contract("lint"))

    def test_breaking(self):
        """Nothing of the contract's released form was renumbered, renamed or taken away; a number that is changed is found."""
        released = ("breaking", "--against", os.path.join(ROOT, "tests", "judges", "contract.binpb"))
        self.assertEqual("", self.contract(*released))
        changed = shutil.copytree(os.path.join(ROOT, "proto"), self.gateway.path("contract"), ignore=shutil.ignore_patterns("quickstart"))
        edit(os.path.join(changed, "fedgate", "v1", "fedgate.proto"), "string failed = 4;", "string failed = 6;")
        self.assertIn("fedgate.proto", self.contract(*released, proto=changed))

    def test_no_reflection(self):
        """Who asks by reflection what there is, is told nothing."""
        root, certificate, key = self.credentials()
        said = self.ask(os.path.join(NODE_MODULES, ".bin", "buf"), "curl", "--protocol", "grpc", "--cacert", root, "--cert", certificate, "--key",
                        key, "--list-services", "https://" + self.address(), timeout=40)
        self.assertNotIn("fedgate.v1", said)


class GrpcJs(NodeJudge):
    tool, module, is_client = "grpc-js", "@grpc/grpc-js", True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sender, recipient = cls.credentials(POLICE), cls.credentials(CENTRE)
        script = os.path.join(ROOT, "tests", "judges", "call.js")
        _, one = report(POLICE)
        _, bad = report(POLICE, source="daejeon-fire/119-control")
        header = dict(one["header"], id=str(uuid.uuid4()))
        wanted = {"header": header, "videoRequest": {"around": {"point": [{"latitude": 36.3504, "longitude": 127.3845}]}, "maxStreams": 4}}
        cls.sent = [m["header"]["id"] for m in (one, bad, wanted)]
        cls.said = json.loads(cls.ask("node", script, cls.address(), os.path.join(ROOT, "proto"), *sender, *recipient[1:],
                                      input=json.dumps([one, bad, wanted]), timeout=60, env={"NODE_PATH": NODE_MODULES}).splitlines()[-1])

    def test_receipts(self):
        """Three messages on one call have their receipts in order: taken, refused with its reason, taken."""
        self.assertEqual(self.sent, [r["id"] for r in self.said["receipts"]])
        self.assertEqual(["VERDICT_ACCEPTED", "VERDICT_REFUSED", "VERDICT_ACCEPTED"], [r["verdict"] for r in self.said["receipts"]])
        self.assertEqual("REASON_IDENTITY_MISMATCH", self.said["receipts"][1]["recipient"][0]["reason"])

    def test_deliveries(self):
        """Another unit's subscription is delivered what it may have, byte for byte, and acknowledges it."""
        self.assertEqual([self.sent[2]], self.said["delivered"])

    def test_deadline(self):
        """A call with nothing to tell ends at its own deadline."""
        self.assertEqual("DEADLINE_EXCEEDED", self.said["deadline"])

    def test_unknown_method(self):
        """A method that does not exist is UNIMPLEMENTED."""
        self.assertEqual("UNIMPLEMENTED", self.said["unknown"])

    def test_compression(self):
        """A compressed message is refused in clear words: only identity is spoken."""
        self.assertEqual("UNIMPLEMENTED", self.said["compressed"][0])
        self.assertIn("identity", self.said["compressed"][1])

    def test_without_a_certificate(self):
        """Without a certificate every call is UNAVAILABLE."""
        self.assertEqual("UNAVAILABLE", self.said["stranger"])


if __name__ == "__main__":
    unittest.main()

"""Writes golden.json and golden.bin: one Message in protobuf's own JSON mapping and encoding, to compare message/json.c with.
Run with protoc's Python output on PYTHONPATH: protoc -Iproto --python_out=. fedgate/v1/fedgate.proto"""
import sys
from google.protobuf import json_format
from fedgate.v1 import fedgate_pb2 as pb

m = pb.Message()
h = m.header
h.id = "019aa2b0-0000-7000-8000-000000000001"
h.source = "carrier-a/alerts"
h.service = "vulnerable-persons"
h.purpose = "protection"
h.basis.code = "kr/location/26"
h.basis.evidence.add(kind="registration", value="대전-2026-17")
h.basis.evidence.add(kind="document", value='a "quoted" \\ line\n\tand \x01')
h.created_at.FromJsonString("2026-11-21T21:05:00.120+09:00")
h.destroy_by.FromJsonString("2026-11-22T00:00:00.000000001Z")
h.to.extend(["daejeon-city-center/protection", "npa-daejeon/112-control"])
h.status = pb.STATUS_ACTUAL
h.retransmission_allowed = True
h.derived_from.origin = "gateway.example/log"
h.derived_from.index = 18446744073709551615
o = m.outcome
o.receipt.id = "019aa2b0-0000-7000-8000-000000000002"
o.receipt.verdict = pb.VERDICT_PARTLY
r = o.receipt.recipient.add(to="npa-daejeon/112-control", reason=pb.REASON_PERMITTED, clause="mou#grant")
r.flag.extend([pb.REASON_STALE, pb.REASON_OUTSIDE_SERVICE_AREA])
o.receipt.record.origin = "gateway.example/log"
o.receipt.commitment_salt = bytes(range(32))
o.receipt.retry_after.FromJsonString("1.5s")
o.status.add(to="npa-daejeon/112-control", step=pb.DELIVERY_STEP_ATTENDED).at.FromJsonString("1969-12-31T23:59:59.5Z")
a = pb.GuardianAlert(alert_id=h.id, sequence=4294967295, phase=pb.ALERT_PHASE_NEW, speed_mps=1.1, heading_deg=359.5)
a.category.extend([pb.SUBJECT_CATEGORY_CHILD, pb.SUBJECT_CATEGORY_DEMENTIA])
a.position.latitude = 36.35041
a.position.longitude = 127.38454
a.position.accuracy_m = 12.7
a.photo_sha256 = b"\xff" * 32
for name, message in (("outcome", m), ("alert", pb.Message(header=h, guardian_alert=a))):
    with open(f"{sys.argv[1]}/{name}.bin", "wb") as f:
        f.write(message.SerializeToString(deterministic=True))
    with open(f"{sys.argv[1]}/{name}.json", "w", encoding="utf-8") as f:
        f.write(json_format.MessageToJson(message, indent=2, ensure_ascii=False))

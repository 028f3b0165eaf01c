"""The contract, as a standard gRPC client in Python sees it: classes made by protoc, and grpcio."""
import os
import queue
import re
import subprocess
import sys
import threading
import time
import uuid

import grpc

from gateway import BUILD, ROOT


def _generate():
    out = os.path.join(os.path.abspath(BUILD), "py")
    target = os.path.join(out, "fedgate", "v1", "fedgate_pb2.py")
    source = os.path.join(ROOT, "proto", "fedgate", "v1", "fedgate.proto")
    if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(source):
        os.makedirs(out, exist_ok=True)
        subprocess.run(["protoc", "-I" + os.path.join(ROOT, "proto"), "-I/usr/include", "--python_out=" + out, source], check=True)
    sys.path.insert(0, out)


_generate()
from fedgate.v1 import fedgate_pb2 as pb  # noqa: E402

# min_reconnect_backoff_ms is also how long an attempt to connect may take.
OPTIONS = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 2000),
           ("grpc.max_reconnect_backoff_ms", 200), ("grpc.max_receive_message_length", 4 << 20)]


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Unit:
    """One unit of an agency, connected."""

    def __init__(self, gateway, name):
        self.name = name
        certificate, key = gateway.certificate(name)
        credentials = grpc.ssl_channel_credentials(read(gateway.root), read(key), read(certificate))
        self.channel = grpc.secure_channel("127.0.0.1:%d" % gateway.port, credentials, OPTIONS)

    def close(self):
        self.channel.close()

    def _method(self, kind, path, request, response):
        return getattr(self.channel, kind)("/fedgate.v1." + path, request_serializer=request.SerializeToString,
                                           response_deserializer=response.FromString)

    def message(self, service, purpose, basis="kr/pipa/18-2-3", incident=None, evidence=None, id=None, to=()):
        m = pb.Message()
        h = m.header
        h.id = id or str(uuid.uuid4())
        h.source, h.service, h.purpose, h.basis.code = self.name, service, purpose, basis
        h.created_at.GetCurrentTime()
        h.status = pb.STATUS_ACTUAL
        if incident:
            h.incident_id.append(incident)
        for kind, value in (evidence or {}).items():
            h.basis.evidence.add(kind=kind, value=value)
        h.to.extend(to)
        return m

    def exchange(self, messages, timeout=10, wait=False):
        """The call that publishes: receipts as they come. `wait` for a connection rather than fail without one."""
        call = self._method("stream_stream", "ExchangeService/Publish", pb.Message, pb.Receipt)
        return call(iter(messages), timeout=timeout, wait_for_ready=wait)

    def publish(self, *messages, timeout=10):
        """Their receipts, in order. grpcio 1.51 has once let a call stand whose time was over, for a quarter of an hour: it is cancelled
        behind that, which its caller sees as an error."""
        call = self.exchange(messages, timeout)
        late = threading.Timer(timeout + 20, call.cancel)
        late.daemon = True
        late.start()
        try:
            return list(call)
        finally:
            late.cancel()

    def publish_raw(self, *encoded, timeout=10):
        call = self.channel.stream_stream("/fedgate.v1.ExchangeService/Publish", request_serializer=None,
                                          response_deserializer=pb.Receipt.FromString)
        return list(call(iter(encoded), timeout=timeout))

    def receipt(self, id, timeout=10):
        call = self._method("unary_unary", "ExchangeService/GetReceipt", pb.GetReceiptRequest, pb.Receipt)
        return call(pb.GetReceiptRequest(id=id), timeout=timeout)

    def subscribe(self, queue_name="default", **start):
        return Subscription(self, queue_name, start)

    def send_video(self, frames, timeout=30):
        call = self._method("stream_stream", "VideoService/Send", pb.VideoFrame, pb.VideoControl)
        return call(frames, timeout=timeout)

    def watch(self, request, timeout=30):
        call = self._method("unary_stream", "VideoService/Watch", pb.WatchRequest, pb.VideoFrame)
        return call(request, timeout=timeout)


class Subscription:
    """A consumer of one queue."""

    def __init__(self, unit, queue_name, start):
        self.requests = queue.Queue()
        first = pb.SubscribeRequest()
        first.start.queue = queue_name
        for key, value in start.items():
            if isinstance(value, list):
                getattr(first.start, key).extend(value)
            else:
                setattr(first.start, key, value)
        self.requests.put(first)
        call = unit._method("stream_stream", "ExchangeService/Subscribe", pb.SubscribeRequest, pb.Delivery)
        self.call = call(iter(self.requests.get, None), wait_for_ready=True)
        self.arrived = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for delivery in self.call:
                self.arrived.put((delivery, pb.Message.FromString(delivery.message)))
        except grpc.RpcError as error:
            self.arrived.put((None, error))
        else:
            self.arrived.put((None, None))

    def next(self, within=30):
        """The next delivery and its message."""
        delivery, message = self.arrived.get(timeout=within)
        if delivery is None:
            raise AssertionError("the subscription ended: %r" % (message,))
        return delivery, message

    def take(self, within=30):
        """The next message, acknowledged."""
        delivery, message = self.next(within)
        self.ack(delivery)
        return message

    def ack(self, *deliveries):
        r = pb.SubscribeRequest()
        r.ack.seq.extend(d.seq for d in deliveries)
        self.requests.put(r)

    def is_empty(self, within=0.5):
        try:
            self.arrived.get(timeout=within)
            return False
        except queue.Empty:
            return True

    def is_quiet(self, within=0.5):
        """As is_empty, but what has come stays for next()."""
        until = time.monotonic() + within
        while self.arrived.empty() and time.monotonic() < until:
            time.sleep(0.01)
        return self.arrived.empty()

    def close(self):
        self.requests.put(None)
        self.call.cancel()


PLACE = (36.3504, 127.3845)


def incident_report(unit, incident, type="robbery", service="112-onsite-video", purpose="crime-response", **more):
    m = unit.message(service, purpose, incident=incident, **more)
    m.incident_report.type = type
    m.incident_report.area.point.add(latitude=PLACE[0], longitude=PLACE[1])
    return m


def video_request(unit, incident, service="112-onsite-video", purpose="crime-response", **more):
    m = unit.message(service, purpose, incident=incident, **more)
    m.video_request.around.point.add(latitude=PLACE[0], longitude=PLACE[1])
    m.video_request.max_streams = 4
    return m


def video_start(unit, incident, stream, camera="dj-3028", service="112-onsite-video", purpose="crime-response"):
    f = pb.VideoFrame()
    f.start.header.CopyFrom(unit.message(service, purpose, incident=incident).header)
    f.start.stream_id, f.start.camera_id, f.start.container, f.start.codec = stream, camera, "mpegts", "h264"
    return f


def example_alert(unit, phase=pb.ALERT_PHASE_NEW, id=None, incident=None, consent="c-1"):
    """A guardian's alert about a child, on the guardian's registration."""
    m = unit.message("vulnerable-persons", "vulnerable-protection", "kr/location/26", incident, {"guardian-registration": "G-77"})
    a = m.guardian_alert
    a.alert_id, a.sequence, a.phase = id or str(uuid.uuid4()), 1, phase
    a.subject.party, a.subject.ref = "carrier-hana", "s-1001"
    a.category.append(pb.SUBJECT_CATEGORY_CHILD)
    a.age_band, a.trigger = pb.AGE_BAND_UP_TO_8, pb.ALERT_TRIGGER_BUTTON
    a.consent.ref, a.consent.given_by = consent, pb.CONSENT_GIVER_LIA_26_GUARDIAN
    a.consent.item.extend(["location", "photo"])
    a.consent.recipient.append("daejeon-city-center")
    a.consent.purpose.append("vulnerable-protection")
    a.position.latitude, a.position.longitude, a.position.origin = *PLACE, pb.POSITION_ORIGIN_LIA_CONSENT
    a.position.fixed_at.GetCurrentTime()
    return m


def watch_request(stream, purpose="crime-response", basis="kr/pipa/18-2-3", staff="p-417"):
    r = pb.WatchRequest(stream_id=stream, purpose=purpose)
    r.basis.code = basis
    if staff:
        r.actor.staff_ref, r.actor.role, r.actor.workstation, r.actor.authenticated_by = staff, "duty-officer", "w1", "smartcard"
    return r


def clip_frames(size=188 * 50):
    """The bytes of a real camera's transport stream, in pieces."""
    with open(os.path.join(ROOT, "tests", "data", "cctv-20s.ts"), "rb") as f:
        while chunk := f.read(size):
            yield chunk


def example_rows():
    """(unit, name) of the example messages, in the order of tests/data/README.md; they are permitted in it."""
    with open(os.path.join(ROOT, "tests", "data", "README.md")) as f:
        rows = re.findall(r"^\| [\w-]* *\| (\S+/\S+) \| (.*?) \|", f.read(), re.M)
    return [(unit, name) for unit, cell in rows for name in re.findall(r"`(\S+)\.json`", cell)]


def new_incident(unit):
    return unit.name + ":" + str(uuid.uuid4())


def reason(receipt, i=0):
    return pb.Reason.Name(receipt.recipient[i].reason)

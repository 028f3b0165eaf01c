"""A gateway flooded with marked values: every kind of the contract, in messages that it takes, holds, refuses and cannot read.

`told` is what anybody was told in return, beside the messages that recipients may have."""
import hashlib
import os
import queue
import re
import time
import uuid

import grpc
from google.protobuf import json_format

from contract import Unit, clip_frames, example_rows, new_incident, pb, read, video_start, watch_request
from gateway import ROOT
from marks import LATITUDE, LONGITUDE, WORDS, places_of, put, texts_of

MESSAGES = os.path.join(ROOT, "tests", "data", "message")
FORM = {pb.REASON_MALFORMED, pb.REASON_OUT_OF_RANGE, pb.REASON_MEDIA_REFUSED, pb.REASON_TOO_LARGE}
STRANGER = "daejeon-tax/audit-desk"
POLICE, CENTRE, CARRIER = "npa-daejeon/112-control", "daejeon-city-center/video-monitoring", "carrier-hana/guardian-service"


def kinds():
    """(kind, who sends it) of gateway/message/kinds.def."""
    with open(os.path.join(ROOT, "gateway", "message", "kinds.def")) as f:
        return re.findall(r"^K\(\w+, (\w+), \w+, (\w+), \w+\)", f.read(), re.M)


def kind_of(message):
    return message.WhichOneof("body")


def body_of(message):
    return getattr(message, kind_of(message))


class Flood:
    def __init__(self, gateway, marks):
        self.gateway, self.marks = gateway, marks
        self.units, self.queues = {}, {}
        self.told = []  # (by which call, what)
        self.levels = {}  # how rich a text each field takes: index in marks.texts(), or None: none of them
        self.taken, self.delivered = {}, []
        self.photo = marks.picture(read(os.path.join(MESSAGES, "baseline.jpg")))

    def unit(self, name):
        if name not in self.units:
            self.units[name] = Unit(self.gateway, name)
            self.queues[name] = self.units[name].subscribe()
        return self.units[name]

    def close(self):
        for unit in self.units.values():
            unit.close()

    # ---- what is told

    def hears(self, where, *answers):
        for a in answers:
            self.told.append((where, a if isinstance(a, bytes) else str(a).encode()))
            if hasattr(a, "SerializeToString"):
                self.told.append((where, a.SerializeToString()))

    def fails(self, where, error):
        self.hears(where, error, error.details() or "", error.debug_error_string(), *map(repr, error.trailing_metadata() or ()))

    def send(self, where, name, *messages):
        """The receipts of messages or of bytes, whatever they are."""
        encoded = [m if isinstance(m, bytes) else m.SerializeToString() for m in messages]
        try:
            receipts = self.unit(name).publish_raw(*encoded, timeout=60)
        except grpc.RpcError as error:
            self.fails(where, error)
            return []
        for r in receipts:
            for verdict in r.recipient:
                if verdict.reason == pb.REASON_RECIPIENT_UNKNOWN:
                    verdict.to = ""  # the sender's own words, to the sender alone
        self.hears(where, *receipts)
        return receipts

    def take_deliveries(self):
        """All that waits in queues. What came of a message is for its sender to hear; other messages are the recipients' own."""
        for name, subscription in self.queues.items():
            while True:
                try:
                    delivery, message = subscription.arrived.get(timeout=0.3)
                except queue.Empty:
                    break
                if delivery is None:
                    self.fails("subscribe " + name, message)
                    break
                subscription.ack(delivery)
                self.delivered.append((name, kind_of(message), delivery))
                if kind_of(message) == "outcome":
                    self.hears("outcome for " + name, message)
                delivery = pb.Delivery.FromString(delivery.SerializeToString())
                delivery.message = b""
                self.hears("delivery for " + name, delivery)

    # ---- messages

    def example(self, unit, name):
        with open(os.path.join(MESSAGES, name + ".json")) as f:
            m = json_format.Parse(f.read(), pb.Message())
        m.header.source, m.header.status = unit, pb.STATUS_ACTUAL
        if kind_of(m) == "scene_image":
            m.scene_image.taken_at.GetCurrentTime()
        return self.anew(m)

    def anew(self, m):
        m.header.id = str(uuid.uuid4())
        m.header.created_at.GetCurrentTime()
        return m

    def fields(self, m):
        """(path, owner, field) of all that can be marked in it; pictures, positions and pseudonymous actors are marked at once."""
        m.header.actor.SetInParent()
        for path, owner, field in list(texts_of(m.header, ("header",))) + list(texts_of(body_of(m), (kind_of(m),))):
            if field.name in ("photo", "image"):
                setattr(owner, field.name, self.photo)
                owner.media_type = "image/jpeg"
            elif field.name not in WORDS:
                yield path, owner, field
        for place in places_of(m):
            if place.latitude == 0 and kind_of(m) == "guardian_alert":  # not of the example, and somebody's
                place.origin = pb.POSITION_ORIGIN_DEVICE
            place.latitude, place.longitude = LATITUDE, LONGITUDE

    def value(self, field, level):
        return self.marks.raw if field.type == field.TYPE_BYTES else self.marks.texts()[level]

    def marked(self, template):
        """The message with a mark in every field, as rich as the field takes it."""
        m = self.anew(pb.Message.FromString(template.SerializeToString()))
        for path, owner, field in self.fields(m):
            level = self.levels.get(path)
            if level is not None:
                put(owner, field, self.value(field, level))
            elif field.name in ("photo_sha256", "original_sha256"):
                setattr(owner, field.name, hashlib.sha256(self.photo).digest())
        return strip_empty(m)

    def probe(self, unit, template):
        """Finds out what each field takes: all but the richest that it takes are messages that are not well-formed."""
        kind = kind_of(template)
        for path in [p for p, _, _ in self.fields(pb.Message.FromString(template.SerializeToString())) if p not in self.levels]:
            self.levels[path] = None
            for level in range(len(self.marks.texts())):
                m = self.anew(pb.Message.FromString(template.SerializeToString()))
                owner, field = next((o, f) for p, o, f in self.fields(m) if p == path)
                put(owner, field, self.value(field, level))
                receipt = self.send("probe of %s of a %s" % (".".join(path), kind), unit, strip_empty(m))[0]
                reasons = {r.reason for r in receipt.recipient} | {x for r in receipt.recipient for x in r.flag}
                if not reasons & FORM:
                    self.levels[path] = level
                    break

    # ---- the floods

    def take(self, unit, template):
        self.probe(unit, template)
        m = self.marked(template)
        receipt = self.send("a " + kind_of(m), unit, m)[0]
        self.taken.setdefault(kind_of(m), []).append((unit, m, receipt))
        return receipt

    def takes_all(self):
        for unit, name in example_rows():
            self.unit(unit)
        for unit, name in example_rows():
            self.take(unit, self.example(unit, name))
            if name == "location-update":
                self.take_deliveries()
                self.defer_the_notice()
        self.take_deliveries()

    def defer_the_notice(self):
        given = [d.record for unit, kind, d in self.delivered if (unit, kind) == (POLICE, "location_update")]
        m = self.example(POLICE, "notice-deferral")
        m.notice_deferral.provision.CopyFrom(given[-1])
        m.notice_deferral.until.FromSeconds(int(time.time()) + 3600)
        self.take(POLICE, m)

    def refuses(self):
        """The same messages, for one thing wrong each."""
        for unit, m, _ in [x for taken in self.taken.values() for x in taken]:
            again = lambda: self.anew(pb.Message.FromString(m.SerializeToString()))
            bad = [again() for _ in range(5)]
            bad[0].header.status = pb.STATUS_TEST
            bad[1].header.derived_from.origin, bad[1].header.derived_from.index = self.marks.token.lower(), 5
            bad[2].header.emergency.reason_code, bad[2].header.emergency.reason = "life-at-stake", self.marks.texts()[0]
            bad[3].header.id = m.header.id  # used for another message
            bad[4].header.created_at.FromSeconds(int(time.time()) - 40 * 86400)
            for path, _, field in list(texts_of(again())):
                if field.name in WORDS:
                    for word in self.words():
                        one = again()
                        put(*next((o, f) for p, o, f in texts_of(one) if p == path), word)
                        bad.append(strip_empty(one))
            self.send("a refused " + kind_of(m), unit, *bad)
            self.send("a stranger's " + kind_of(m), STRANGER, again())
            claimed = again()
            claimed.header.source = STRANGER
            self.send("a stranger's " + kind_of(m), STRANGER, claimed)

    def words(self):
        word = self.marks.token.lower()
        return [word, word + "/" + word, "%s/%s:%s" % (word, word, uuid.uuid4()), self.marks.texts()[0]]

    def garbles(self):
        """The same messages, not well-formed."""
        token = self.marks.token.encode()
        for unit, m, _ in [x for taken in self.taken.values() for x in taken[:1]]:
            bad = []
            for path, _, field in list(texts_of(pb.Message.FromString(m.SerializeToString()))):
                wrong = [self.marks.raw * 200] if field.type == field.TYPE_BYTES else [self.marks.texts()[0] + "\x07", self.marks.token * 400]
                for value in wrong:
                    one = self.anew(pb.Message.FromString(m.SerializeToString()))
                    put(*next((o, f) for p, o, f in texts_of(one) if p == path), value)
                    bad.append(strip_empty(one))
            places = self.anew(pb.Message.FromString(m.SerializeToString()))
            for place in places_of(places):
                place.latitude, place.longitude = LONGITUDE, LATITUDE
            encoded = self.anew(pb.Message.FromString(m.SerializeToString())).SerializeToString()
            unknown = b"\xc2\x3e" + bytes([len(token)]) + token  # field 1000
            bad += [places, encoded[:-3], encoded + unknown, encoded + b"\x7a" + unknown, encoded.replace(token, b"\xff" + token[1:]),
                    token, b"\x0a" + bytes([len(token)]) + token]
            self.send("a garbled " + kind_of(m), unit, *bad)

    def sends_what_only_the_gateway_may(self):
        """Kinds of the gateway's own, and those that no gateway carries yet."""
        agencies = {kind for kind, sender in kinds() if sender == "AGENCY"}
        for field in pb.Message.DESCRIPTOR.oneofs_by_name["body"].fields:
            if field.name in agencies:
                continue
            m = pb.Message()
            m.header.CopyFrom(self.example(POLICE, "incident-report").header)
            getattr(m, field.name).SetInParent()
            for path, owner, text in list(texts_of(m)):
                if path[0] != "header" or text.name not in WORDS:
                    put(owner, text, self.value(text, 0))
            for place in places_of(m):
                place.latitude, place.longitude = LATITUDE, LONGITUDE
            self.send("a " + field.name, POLICE, self.anew(strip_empty(m)))

    def holds(self):
        """A number that a person has to look at, in a message full of marks."""
        fire, traffic = "daejeon-fire/119-control", "daejeon-traffic/traffic-feed"
        report = self.example(fire, "fire-report")
        report.header.incident_id[0] = new_incident(self.unit(fire))
        self.send("a fire", fire, report)
        m = self.marked(self.example(traffic, "traffic-info"))
        m.header.incident_id[0] = report.header.incident_id[0]
        del m.header.to[:]
        m.header.to.append(fire)
        m.traffic_info.segment[0].speed_kmh = 301
        self.held = self.send("a doubtful number", traffic, m)[0]
        socket = self.gateway.path("data", "control.sock")
        for group in ("approvals", "quarantine"):
            listed = self.gateway.ctl(group, "list", "--json", "--socket", socket)
            self.hears(group + " list", listed.stdout, listed.stderr)
            for subject in re.findall(r'"subject": ?"([^"]+)"', listed.stdout):
                shown = self.gateway.ctl(group, "show", subject, "--socket", socket)
                self.hears(group + " show", shown.stdout, shown.stderr)

    def plays_video(self):
        """A stream with marked people on both ends, and a stranger who may not watch."""
        police, centre = self.unit(POLICE), self.unit(CENTRE)
        incident, stream = new_incident(police), str(uuid.uuid4())
        report = self.example(POLICE, "incident-report")
        report.header.incident_id[0] = incident
        self.send("a report", POLICE, report)
        start = video_start(centre, incident, stream)
        self.name_people(start.start.header.actor, start.start.subject)
        start.start.subject.party = "carrier-hana"
        bad = pb.VideoFrame.FromString(start.SerializeToString())
        bad.start.codec = self.marks.token
        ended = queue.Queue()

        def frames():
            yield start
            time.sleep(0.3)
            for chunk in clip_frames():
                yield pb.VideoFrame(data=chunk)
                if not ended.empty():
                    return
                time.sleep(0.005)

        controls = centre.send_video(frames())
        self.stream = next(controls)
        self.hears("stream", self.stream)
        for name in (POLICE, STRANGER):
            request = watch_request(stream)
            self.name_people(request.actor)
            request.basis.evidence.add(kind="case-number", value=self.marks.token)
            self.watched(name, request)
        request.stream_id = request.purpose = self.marks.token.lower()
        self.watched(POLICE, request)
        ended.put(True)
        for calls in (controls, centre.send_video(iter([bad]))):
            try:
                self.hears("stream", *calls)
            except grpc.RpcError as error:
                self.fails("stream", error)

    def name_people(self, *messages):
        for m in messages:
            for _, owner, field in texts_of(m):
                if field.name not in WORDS:
                    put(owner, field, self.marks.token)

    def watched(self, name, request):
        """Some frames: their envelopes are told, their pictures are the watcher's."""
        try:
            call = self.unit(name).watch(request)
            for _, frame in zip(range(20), call):
                if not frame.data:
                    self.hears("watch by " + name, frame)
            call.cancel()
        except grpc.RpcError as error:
            self.fails("watch by " + name, error)

    def calls_every_method(self):
        """One request of each method of the contract, its fields marked."""
        for service in pb.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                for unit in (POLICE, STRANGER):
                    for value in self.marks.texts():
                        request = getattr(pb, method.input_type.name)()
                        for _, owner, field in list(texts_of(request)):
                            put(owner, field, self.marks.raw if field.type == field.TYPE_BYTES else value)
                        call = self.unit(unit).channel.stream_stream("/%s/%s" % (service.full_name, method.name))
                        try:
                            self.hears(method.name, *call(iter([strip_empty(request).SerializeToString()]), timeout=1))
                        except grpc.RpcError as error:
                            self.fails(method.name, error)

    def calls_oddly(self):
        """Marks where no message is: ids, queues, metadata, methods."""
        unit, token = self.unit(STRANGER), self.marks.token
        subscribe = lambda name, **start: unit.subscribe(name, **start).arrived.get(timeout=2)[1]
        proof = pb.GetProofRequest(record=pb.LogRef(origin=token, index=5)).SerializeToString()
        calls = [lambda: unit.receipt(token), lambda: subscribe(token + "\x07"), lambda: subscribe("q", kind=[token]),
                 lambda: subscribe("q", incident_id=[token]), lambda: subscribe("q2", incident_id=[self.words()[2]]),
                 lambda: unit.channel.unary_unary("/fedgate.v1.%s/%s" % (token, token))(token.encode(), timeout=5),
                 lambda: unit.channel.unary_unary("/fedgate.v1.TransparencyService/GetProof")(proof, timeout=5),
                 lambda: unit.channel.unary_unary("/fedgate.v1.ExchangeService/GetReceipt")(
                     token.encode(), timeout=5, metadata=[("x-" + token.lower(), token), ("authorization", token)])]
        for i, call in enumerate(calls):
            try:
                self.hears("odd call %d" % i, call())
            except grpc.RpcError as error:
                self.fails("odd call %d" % i, error)
            except queue.Empty:
                pass  # a queue that nothing comes to


def strip_empty(m):
    """Without the sub-messages that were made only to look for texts in them; returns it."""
    for field, value in list(m.ListFields()):
        if field.message_type is None:
            continue
        if field.label == field.LABEL_REPEATED:
            whole = [x for x in value if strip_empty(x).ByteSize() > 0]
            del value[:]
            value.extend(whole)
        elif strip_empty(value).ByteSize() == 0:
            if m.DESCRIPTOR.name != "Message":
                m.ClearField(field.name)
    return m

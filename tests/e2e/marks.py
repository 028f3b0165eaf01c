"""Values that are found again wherever they come to: in files, texts and memory, in every spelling that a program may give them.

A test puts them into messages and looks for them where nothing personal may be. By reflection: whatever field the contract gets next
is filled, too."""
import base64
import hashlib
import random
import re
import string
import struct

from google.protobuf.descriptor import FieldDescriptor as Field

LATITUDE, LONGITUDE = 36.351748291, 127.385827163  # in the city, near dj-3028
PHONE = "7391-4628"
PIECE = 24  # bytes of a picture that are looked for

# Words of closed lists, units, cameras and identifiers that the gateway needs to decide: no person's. Every other text is marked.
WORDS = {"id", "source", "service", "purpose", "code", "kind", "incident_id", "to", "origin", "party", "alert_id", "camera_id",
         "media_type", "type", "region", "unit", "other", "item", "recipient", "participant", "references", "reason_code", "role",
         "request_id", "stream_id", "container", "codec", "order_id"}
# What a field (None: any of the message) is nothing without.
BESIDE = {("Evidence", None): {"kind": "case-number"}, ("SubjectRef", None): {"party": "carrier-hana"}, ("Actor", None): {"staff_ref": "s-1"},
          ("LocationRequest", "witness_consent_ref"): {"ground": 2}}
NOT_FILLED = {"google.protobuf.Timestamp", "google.protobuf.Duration", "fedgate.v1.LogRef", "fedgate.v1.Emergency"}


class Marks:
    """Of one run: nobody else writes these."""

    def __init__(self):
        letters = lambda n: "".join(random.choice(string.ascii_uppercase) for _ in range(n))
        self.token = "QX" + letters(10)
        self.name = "".join(chr(random.randint(0xac00, 0xd7a3)) for _ in range(6))
        self.raw = random.randbytes(32)
        self.pictures = []
        self.known = None, {}  # how many pictures there were, and the spellings then

    # ---- as they are written into messages

    def texts(self):
        """What a field of text is given, the richest first: free text, a reference, a word."""
        free = "%s %s 010-%s %.9f,%.9f" % (self.token, self.name, PHONE, LATITUDE, LONGITUDE)
        return [free, self.token, self.token.lower()]

    def picture(self, jpeg):
        """The same picture with marked bytes where its scan lies."""
        scan = jpeg.index(b"\xff\xda") + 32
        marked = bytes(b if b < 0xff else 0x55 for b in random.randbytes(64))
        self.pictures.append(marked)
        picture = jpeg[:scan] + marked + jpeg[scan + len(marked):]
        self.pictures.append(b"...." + hashlib.sha256(picture).digest())
        return picture

    # ---- as they may be found

    def spellings(self):
        """Every spelling, with what it is of."""
        out = {}
        for word in (self.token, self.token.lower(), self.name):
            for said, encoded in (("UTF-8", word.encode()), ("UTF-16LE", word.encode("utf-16-le")), ("UTF-16BE", word.encode("utf-16-be"))):
                out["%s %s" % (word, said)] = encoded
            out[word + " in hexadecimal"] = word.encode().hex().encode()
            out.update(in_base64(word, word.encode()))
        out["name escaped"] = self.name.encode("unicode_escape")
        out["name percent-encoded"] = "".join("%%%02X" % b for b in self.name.encode()).encode()
        for phone in (PHONE, "10" + PHONE.replace("-", ""), PHONE.replace("-", " "), PHONE.replace("-", ".")):
            out["telephone " + phone] = phone.encode()
            out["telephone %s UTF-16" % phone] = phone.encode("utf-16-le")
        for i, piece in enumerate([self.raw] + self.pictures):
            middle = piece[4:4 + PIECE] if i > 0 else piece
            out["bytes %d" % i] = middle
            out["bytes %d in hexadecimal" % i] = middle.hex().encode()
            out.update(in_base64("bytes %d" % i, middle))
        out.update(of_place())
        return out

    def found_in(self, content):
        if self.known[0] != len(self.pictures):
            self.known = len(self.pictures), self.spellings()
        return sorted(what for what, spelling in self.known[1].items() if spelling in content)


def in_base64(what, content):
    """Whatever stands before it: what is sure of each of the three alignments."""
    return {"%s in base64, %d" % (what, k): base64.b64encode(b"\0" * k + content)[(4, 4, 8)[k] if k else 0:-4] for k in range(3)}


def of_place():
    """What is short enough to stand anywhere by chance is left out, and numbers are looked for in pairs."""
    out = {}
    for name, degrees in (("latitude", LATITUDE), ("longitude", LONGITUDE)):
        for end in "<>":
            out["%s double %s" % (name, end)] = struct.pack(end + "d", degrees)
        for digits in (4, 5, 6, 7, 9):
            out["%s %d digits" % (name, digits)] = b"%.*f" % (digits, degrees)
            out["%s %d digits, cut" % (name, digits)] = (b"%.12f" % degrees)[:-(12 - digits)]
        out.update({"%s e%d" % (name, p): b"%d" % round(degrees * 10 ** p) for p in (7, 9)})
        out[name + " exponent"] = (b"%.7e" % degrees)[:9]
        minutes = degrees % 1 * 60
        out[name + " degrees and minutes"] = ("%d°%02d" % (degrees, minutes)).encode()
        out[name + " seconds"] = b"%02d'%05.2f" % (int(minutes), minutes % 1 * 60)
    for end in "<>":
        out["place float " + end] = struct.pack(end + "2f", LATITUDE, LONGITUDE)
        for p, form in ((6, "2i"), (7, "2i"), (6, "2q"), (7, "2q"), (9, "2q")):
            numbers = [round(degrees * 10 ** p) for degrees in (LATITUDE, LONGITUDE)]
            out["place e%d %s %s" % (p, form, end)] = struct.pack(end + form, *numbers)
    return out


# ---- fields by reflection

def texts_of(message, path=()):
    """(path, owner, field) of every text and every row of bytes that the message can carry; sub-messages are made."""
    for field in message.DESCRIPTOR.fields:
        at = path + (field.name,)
        if field.type == Field.TYPE_MESSAGE:
            if field.message_type.full_name in NOT_FILLED:
                continue
            if field.label == Field.LABEL_REPEATED:
                items = getattr(message, field.name)
                yield from texts_of(items[0] if len(items) else items.add(), at)
            else:
                owner = getattr(message, field.name)
                owner.SetInParent()
                yield from texts_of(owner, at)
        elif field.type in (Field.TYPE_STRING, Field.TYPE_BYTES):
            yield at, message, field


def put(owner, field, value):
    """Sets one, with what has to stand beside it."""
    if field.label == Field.LABEL_REPEATED:
        del getattr(owner, field.name)[:]
        getattr(owner, field.name).append(value)
    else:
        setattr(owner, field.name, value)
    for name, stands in BESIDE.get((owner.DESCRIPTOR.name, field.name), BESIDE.get((owner.DESCRIPTOR.name, None), {})).items():
        if not getattr(owner, name) or field.name != name and (owner.DESCRIPTOR.name, field.name) in BESIDE:
            setattr(owner, name, stands)


def places_of(message):
    """Every position in it."""
    if message.DESCRIPTOR.name == "Position":
        yield message
    for field, value in message.ListFields():
        if field.type == Field.TYPE_MESSAGE and field.message_type.full_name not in NOT_FILLED:
            for one in value if field.label == Field.LABEL_REPEATED else [value]:
                yield from places_of(one)


# ---- memory

class SanitizersShadow(Exception):
    """A sanitizer maps terabytes, which nobody can read."""


def memory_of(pid):
    """(place, content) of all that a process can write; as root. Nothing of it where there is a sanitizer's shadow."""
    places = []
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            begin, end, mode = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if "w" in mode:
                places.append((line.split()[-1] + " " + begin, int(begin, 16), int(end, 16) - int(begin, 16)))
        if any(size > 1 << 34 for _, _, size in places):
            raise SanitizersShadow
        for place, begin, size in places:
            try:
                memory.seek(begin)
                yield place, memory.read(size)
            except (OSError, ValueError, OverflowError):
                continue  # a guard page, or one that the kernel keeps

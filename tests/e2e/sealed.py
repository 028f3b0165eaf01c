"""What the gateway's files hold for whoever has all of them: the keys of scopes, and the bodies sealed under them.

Written from the formats as gateway/keeper/key_file.h, spool/slots.h, journal/frame.h and crypto/seal.h tell them, with the AEAD and the
hash of other libraries (OpenSSL's through python3-cryptography, Python's own BLAKE2b). Records of the journal are not parsed: a scope's
number is looked for, and what stands behind it is tried as a wrapped key or as a body. The AEAD tells whether it was one.
"""
import hashlib
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SECTOR, KEY, TAG, WRAPPED, SLOT = 512, 32, 16, 48, 8 + 32 + 8 + 48
REACH = 2600  # bytes behind a scope's number within which its record has the wrapped key


def read(path):
    with open(path, "rb") as f:
        return f.read()


def keyed(key, *parts, size=32):
    h = hashlib.blake2b(key=key, digest_size=size)
    for part in parts:
        h.update(part)
    return h.digest()


def opened(key, nonce, sealed, context=None):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, context)
    except InvalidTag:
        return None


class Secret:
    """The wrapping secret, as it rests in the key folder."""

    def __init__(self, path):
        sector = read(path)
        assert len(sector) == SECTOR and sector[:8] == b"fedgatWS", "no wrapping secret: " + path
        self.generation, self.bytes = struct.unpack(">Q32s", sector[8:48])

    def unwrap(self, scope, wrapped):
        return opened(self.bytes, struct.pack("<Q4x", scope), wrapped)


class Files:
    """A data folder, or a copy of one."""

    def __init__(self, data):
        self.slots = {}  # scope: [(generation, wrapped)]
        self.segments = []
        for folder, _, names in os.walk(data):
            for name in sorted(names):
                path = os.path.join(folder, name)
                if name in ("slots.0", "slots.1"):
                    self.read_slots(read(path))
                elif os.path.basename(folder) == "journal":
                    raw = read(path)
                    self.segments.append(b"".join(raw[i:i + SECTOR - 1] for i in range(0, len(raw), SECTOR)))

    def read_slots(self, half):
        if half[:8] != b"fedgatSL":  # the other half holds nothing
            return
        count, = struct.unpack(">Q", half[16:24])
        for i in range(count):
            scope, _, generation, wrapped = struct.unpack(">Q32sQ48s", half[24 + i * SLOT:24 + (i + 1) * SLOT])
            self.slots.setdefault(scope, []).append((generation, wrapped))

    def behind(self, scope):
        """(segment, place) behind each time that the scope's number stands in the journal."""
        number = struct.pack(">Q", scope)
        for segment in self.segments:
            at = segment.find(number)
            while at >= 0:
                yield segment, at + len(number)
                at = segment.find(number, at + 1)

    def key(self, secret, scope):
        """The scope's key, or None: nothing here opens under this secret."""
        for _, wrapped in self.slots.get(scope, []):
            if found := secret.unwrap(scope, wrapped):
                return found
        for segment, at in self.behind(scope):
            for place in range(at, min(at + REACH, len(segment) - WRAPPED)):
                if found := secret.unwrap(scope, segment[place:place + WRAPPED]):
                    return found
        return None

    def bodies(self, scope, key, contexts):
        """(key, salt, plain) of every body under the scope that opens in one of these contexts."""
        for segment, at in self.behind(scope):
            seed, (length,) = segment[at:at + 32], struct.unpack_from(">I", segment.ljust(at + 36, b"\0"), at + 32)
            if not TAG <= length <= len(segment) - at - 36:
                continue
            own = keyed(key, b"fedgate-body-v1", seed)
            for context in contexts:
                plain = opened(own, bytes(12), segment[at + 36:at + 36 + length], context)
                if plain is not None:
                    yield own, keyed(key, b"fedgate-salt-v1", seed, b"received"), plain
                    break


# ---- what the log says of scopes

def words(leaf, key):
    return [w[len(key) + 1:] for w in leaf.get("detail", "").split(" ") if w.startswith(key + "=")]


def scopes_of(leaves):
    """{scope: leaves "received" with a copy under it}."""
    out = {}
    for leaf in leaves:
        if leaf["event"] == "received":
            for scope in ",".join(words(leaf, "scopes")).split(","):
                if scope:
                    out.setdefault(int(scope), []).append(leaf)
    return out


def destroyed(leaves):
    """Every scope that the log says was destroyed, as often as it says so."""
    return [int(scope) for leaf in leaves if leaf["event"] == "destroyed" for scope in words(leaf, "scope")]


def contexts_of(leaves):
    """What bodies of these messages are bound to: id, commitment, deadline."""
    return [bytes.fromhex(leaf["id"].replace("-", "")) + bytes.fromhex(leaf["commitment"]) + struct.pack(">q", r.get("deadline_us", 0))
            for leaf in leaves for r in leaf["recipients"]]


# ---- looking for keys in what may be large

BLOCK = 16


class Needles:
    """Keys, found at any place in one pass: each occurrence covers a whole block of the content, which is a piece of the key."""

    def __init__(self, keys):
        self.pieces = {key[i:i + BLOCK]: key for key in keys for i in range(len(key) - BLOCK + 1)}

    def found_in(self, content):
        whole = len(content) // BLOCK * BLOCK
        near = {block for block, in struct.iter_unpack("%ds" % BLOCK, memoryview(content)[:whole]) if block in self.pieces}
        return sorted({self.pieces[block].hex() for block in near if self.pieces[block] in content})

"""What the files of a gateway or a vault hold for whoever has all of them: keys, and what is sealed under them.

Written from the formats as gateway/keeper/key_file.h, spool/slots.h, journal/frame.h, crypto/seal.h and vault/ tell them, with the AEAD and the
hash of other libraries (OpenSSL's through python3-cryptography, Python's own BLAKE2b). Records of the journal are not parsed: a scope's
number is looked for, and what stands behind it is tried as a wrapped key or as a body. The AEAD tells whether it was one.
"""
import hashlib
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

SECTOR, MARK, KEY, TAG, WRAPPED, SLOT = 512, 8, 32, 16, 48, 8 + 32 + 8 + 48
REACH = 2600  # bytes behind a scope's number within which its record has the wrapped key


def read(path):
    with open(path, "rb") as f:
        return f.read()


def keyed(key, *parts, size=32):
    h = hashlib.blake2b(key, person=b"fedgate-mac-v2", digest_size=size)
    for part in parts:
        h.update(part)
    return h.digest()


def body_keys(key, seed):
    """(the body's key, the salt of its commitment) under the key of its scope."""
    both = keyed(key, b"fedgate-body-v2", seed, size=64)
    return both[:32], both[32:]


def unwrapped(key, nonce, wrapped):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, wrapped, None)
    except InvalidTag:
        return None


def opened(key, sealed, context):
    try:
        return AESGCM(key).decrypt(bytes(12), sealed, context)
    except InvalidTag:
        return None


class Secret:
    """The wrapping secret, as it rests in the key folder."""

    def __init__(self, path):
        sector = read(path)
        assert len(sector) == SECTOR and sector[:8] == b"fedgatWS", "no wrapping secret: " + path
        self.generation, self.bytes = struct.unpack(">Q32s", sector[8:48])

    def unwrap(self, scope, wrapped):
        return unwrapped(self.bytes, struct.pack("<Q4x", scope), wrapped)


def slots_of(half):
    """(id, generation, wrapped) of what one half of a key file holds; the other one holds nothing."""
    if half[:8] == b"fedgatSL":
        count, = struct.unpack(">Q", half[16:24])
        for i in range(count):
            yield struct.unpack(">Q32xQ48s", half[24 + i * SLOT:24 + (i + 1) * SLOT])


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
                    self.segments.append(b"".join(raw[i:i + SECTOR - MARK] for i in range(0, len(raw), SECTOR)))

    def read_slots(self, half):
        for scope, generation, wrapped in slots_of(half):
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
            own, salt = body_keys(key, seed)
            for context in contexts:
                plain = opened(own, segment[at + 36:at + 36 + length], context)
                if plain is not None:
                    yield own, salt, plain
                    break


# ---- a vault

class KeyStore:
    """The key store of a vault, or a copy of one."""

    ROW = SLOT + TAG  # of what came since the last destruction

    def __init__(self, folder):
        self.secret = Secret(os.path.join(folder, "secret"))
        self.index_key = bytes.fromhex(read(os.path.join(folder, "index.key")).split(b"\n")[1].decode())
        self.wrapped = {}
        for name in ("slots.0", "slots.1"):
            if os.path.exists(os.path.join(folder, name)):
                self.wrapped.update((id, wrapped) for id, _, wrapped in slots_of(read(os.path.join(folder, name))))
        fresh = read(os.path.join(folder, "fresh"))
        for at in range(0, len(fresh), self.ROW):
            id, wrapped = struct.unpack_from(">Q40x48s", fresh, at)
            self.wrapped[id] = wrapped

    def halves(self, secret=None):
        """(the vault's half, the gateway's or None) of each item that opens with this secret."""
        known = {id: (secret or self.secret).unwrap(id, wrapped) for id, wrapped in self.wrapped.items()}
        return [(half, known.get(id | 1)) for id, half in known.items() if half and not id & 1]

    def index(self, found):
        """What an index says that begins here, wherever it was found: not checked, and more than it."""
        seed = found[10:42]
        key, _ = body_keys(self.index_key, seed)
        return Cipher(AES(key), CTR(bytes(15) + b"\2")).decryptor().update(found[42:])


INDEX = b"fedgatVX"


def half_of(scope_key, record):
    """The gateway's, of what stands at this record."""
    return keyed(scope_key, b"fedgate vault half 1", struct.pack(">Q", record))


def item_key(own, gateways):
    return keyed(own, b"fedgate vault item key 1", gateways)


def pieces(item, key):
    """(key, plain) of each piece of an item's file, as far as this key opens them."""
    assert item[:8] == b"fedgatVI", "no item of a vault"
    record, at, number = item[10:18], 18, 0
    while at + 37 <= len(item):
        last, length, seed = struct.unpack_from(">?I32s", item, at)
        own, _ = body_keys(key, seed)
        plain = opened(own, item[at + 37:at + 37 + length], b"fedgate vault item 1" + record + struct.pack(">Q?", number, last))
        if plain is None:
            return
        yield own, plain
        at, number = at + 37 + length, number + 1


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

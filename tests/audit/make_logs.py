#!/usr/bin/env python3
"""make_logs.py FOLDER: logs, proofs and signed notes made by another implementation, for tests/unit/audit/test_interop.c.

Written from RFC 6962, section 2.1, and the C2SP specifications, by recursion as they have it; Ed25519 from python3-cryptography.
FOLDER gets, for each size, a log (log-SIZE/), and the files log.vkey, witness.vkey and cases, whose lines are
  root SIZE HASH
  inclusion SIZE INDEX HASH ...       from the leaf up
  consistency OLD SIZE HASH ...
  proof FILE good|bad                 a tlog-proof with its entry
  note FILE log|witness good|bad|other|malformed    a note, and how it opens with that key
  grows SEEN NOTE SIZE sign|never     whether a witness that signed SEEN may sign NOTE, with the tiles of log-SIZE at hand
"""
import base64
import hashlib
import pathlib
import random
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verify_log import LOG, WITNESS, leaf_hash, tile_path, tree_hash, widths

SIZES = [1, 2, 3, 7, 8, 200, 255, 256, 257, 511, 700, 65536, 66049]
NAME, WITNESS_NAME = "other.example/log", "other.example/witness"
dice = random.Random(6962)


def b64(raw):
    return base64.b64encode(raw).decode()


# ---- RFC 6962, 2.1.1 and 2.1.2, over hashes of leaves

def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m, d):
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return path(m, d[:k]) + [tree_hash(d[k:])]
    return path(m - k, d[k:]) + [tree_hash(d[:k])]


def subproof(m, d, whole):
    if m == len(d):
        return [] if whole else [tree_hash(d)]
    k = split(len(d))
    if m <= k:
        return subproof(m, d[:k], whole) + [tree_hash(d[k:])]
    return subproof(m - k, d[k:], False) + [tree_hash(d[:k])]


# ---- signed notes

class Key:
    def __init__(self, name, kind, seed):
        self.name, self.kind = name, kind
        self.secret = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + self.public).digest()[:4]

    def verifier(self):
        return "%s+%s+%s\n" % (self.name, self.id.hex(), b64(bytes([self.kind]) + self.public))

    def line(self, body, time=1764288000, name=None, key_id=None):
        if self.kind == WITNESS:
            raw = time.to_bytes(8, "big") + self.secret.sign(b"cosignature/v1\ntime %d\n" % time + body)
        else:
            raw = self.secret.sign(body)
        return "\u2014 %s %s\n" % (name or self.name, b64((key_id or self.id) + raw))


log, witness = Key(NAME, LOG, b"the log"), Key(WITNESS_NAME, WITNESS, b"the witness")
stranger = Key("stranger.example/key", LOG, b"a stranger")


def checkpoint(size, root):
    return ("%s\n%d\n%s\n" % (NAME, size, b64(root))).encode()


def signed(body, *lines):
    return body + b"\n" + "".join(lines).encode()


# ---- logs

def entry(i):
    return b"entry %d " % i + b"." * (i % 19)


def write(folder, name, content):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def write_log(folder, hashes, note):
    for number, width in widths(len(hashes)):
        rows = [entry(i) for i in range(number * 256, number * 256 + width)]
        write(folder, tile_path("entries", number, width), b"".join(len(r).to_bytes(2, "big") + r for r in rows))
    level, row = 0, hashes
    while row:
        for number, width in widths(len(row)):
            write(folder, tile_path(level, number, width), b"".join(row[number * 256: number * 256 + width]))
        row = [tree_hash(row[i: i + 256]) for i in range(0, len(row) // 256 * 256, 256)]
        level += 1
    write(folder, "checkpoint", note)


def proof(index, hashes_of_path, note, extra=None):
    lines = ["c2sp.org/tlog-proof@v1", "extra " + b64(extra or entry(index)), "index %d" % index]
    return "\n".join(lines + [b64(h) for h in hashes_of_path]).encode() + b"\n\n" + note


def picks(size):
    return sorted({0, size - 1, size // 2, *(dice.randrange(size) for _ in range(6))})


def cases_of_log(folder, size, say):
    hashes = [leaf_hash(entry(i)) for i in range(size)]
    root = tree_hash(hashes)
    body = checkpoint(size, root)
    note = signed(body, log.line(body), stranger.line(body), witness.line(body))
    write_log(folder / ("log-%d" % size), hashes, note)
    say("root", size, root.hex())
    for index in picks(size):
        way = path(index, hashes)
        say("inclusion", size, index, *(h.hex() for h in way))
        for name, text, verdict in [
                ("good", proof(index, way, note), "good"),
                ("entry", proof(index, way, note, b"another entry"), "bad"),
                ("index", proof(index + 1, way, note), "bad"),
                ("longer", proof(index, way + [root], note), "bad"),
                ("short", proof(index, way[:-1], note), "bad" if way else "good"),
                ("root", proof(index, way, signed(checkpoint(size, hashlib.sha256(b"").digest()), log.line(body))), "bad")]:
            file = "proof-%d-%d-%s" % (size, index, name)
            write(folder, file, text)
            say("proof", file, verdict)
    for old in picks(size):
        if old > 0:
            say("consistency", old, size, *(h.hex() for h in subproof(old, hashes, True)))


# ---- witnesses: a log that grew, one that shrank, one that was forked

def cases_of_witnesses(folder, say):
    hashes = [leaf_hash(entry(i)) for i in range(700)]
    other = [leaf_hash(b"another " + entry(i)) for i in range(700)]

    def note(name, size, root):
        body = checkpoint(size, root)
        write(folder, name, signed(body, log.line(body)))
        return name
    now = note("seen-700", 700, tree_hash(hashes))
    for size in (0, 1, 255, 256, 257, 512, 699, 700):
        say("grows", note("seen-%d" % size, size, tree_hash(hashes[:size])), now, 700, "sign")
        if size > 0:
            say("grows", note("forked-%d" % size, size, tree_hash(other[:size])), now, 700, "never")
    say("grows", note("seen-701", 701, tree_hash(hashes + other[:1])), now, 700, "never")  # it shrank
    say("grows", now, note("moved-700", 700, tree_hash(other)), 700, "never")
    say("grows", note("seen-1000000", 1000000, tree_hash(other)), now, 700, "never")


# ---- notes: what the specification lets open, and every trap

def cases_of_notes(folder, say):
    body = b"a line\n\nafter an empty one\n"
    many = "".join(Key("k%d.example/k" % i, LOG, b"%d" % i).line(body) for i in range(15))
    twin = Key(NAME, LOG, b"the log's twin")
    cases = [
        ("plain", signed(body, log.line(body)), "log", "good"),
        ("two-empty-lines", signed(body + b"\n\n", log.line(body + b"\n\n")), "log", "good"),
        ("sixteen", signed(body, many, log.line(body)), "log", "good"),
        ("cosigned", signed(body, log.line(body), witness.line(body)), "witness", "good"),
        ("cosigned-by-none", signed(body, log.line(body)), "witness", "other"),
        ("same-name", signed(body, twin.line(body)), "log", "other"),
        ("same-id", signed(body, stranger.line(body, key_id=log.id)), "log", "other"),
        ("two-keys-one-id", signed(body, twin.line(body, key_id=log.id)), "log", "bad"),
        ("two-keys-one-id-both", signed(body, log.line(body), twin.line(body, key_id=log.id)), "log", "bad"),
        ("another-text", signed(body + b"more\n", log.line(body)), "log", "bad"),
        ("seventeen", signed(body, many, log.line(body), stranger.line(body)), "log", "malformed"),
        ("carriage-return", signed(body, log.line(body)).replace(b"\n", b"\r\n"), "log", "malformed"),
        ("not-utf8", signed(b"\xff\n", log.line(b"\xff\n")), "log", "malformed"),
        ("no-newline", signed(body, log.line(body))[:-1], "log", "malformed"),
        ("no-empty-line", body + log.line(body).encode(), "log", "malformed"),
        ("trailing", signed(body, log.line(body)) + b"\n", "log", "malformed"),
    ]
    raw = bytearray(base64.b64decode(witness.line(body).split(" ")[2]))
    raw[11] ^= 1  # of the time
    cases.append(("moved-time", signed(body, "\u2014 %s %s\n" % (witness.name, b64(bytes(raw)))), "witness", "bad"))
    for name, note, key, verdict in cases:
        write(folder, "note-" + name, note)
        say("note", "note-" + name, key, verdict)


def main(folder):
    folder = pathlib.Path(folder)
    write(folder, "log.vkey", log.verifier().encode())
    write(folder, "witness.vkey", witness.verifier().encode())
    with open(folder / "cases", "w", encoding="ascii") as cases:
        def say(*words):
            print(*words, file=cases)
        for size in SIZES:
            cases_of_log(folder, size, say)
        cases_of_notes(folder, say)
        cases_of_witnesses(folder, say)


if __name__ == "__main__":
    main(sys.argv[1])

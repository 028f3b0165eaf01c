#!/usr/bin/env python3
"""Checks logs and proofs from scratch.

verify_log.py DIR VERIFIER-KEY                        a log's folder: prints "ok SIZE ROOT"
verify_log.py --proof FILE VERIFIER-KEY [WITNESS ...] a proof (tlog-proof) that carries its entry, under a checkpoint that
                                                      every WITNESS (verifier key) has cosigned: prints "ok INDEX SIZE"
verify_log.py --certificate FILE VERIFIER-KEY         a certificate of destruction: prints "ok RECORD SIZE", and the recipients
                                                      that it names

Written from the C2SP specifications (signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-proof) and RFC 6962,
section 2.1, without looking at the gateway's code. Needs nothing but Python's standard library, and the openssl program
for Ed25519. What is wrong is printed, with exit code 1.
"""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before the 32 bytes of the key


class Wrong(Exception):
    pass


def need(condition, text):
    if not condition:
        raise Wrong(text)


# ---- RFC 6962, 2.1

def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def tree_hash(hashes):
    """MTH over hashes of leaves or of whole subtrees of one height."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + tree_hash(hashes[:k]) + tree_hash(hashes[k:])).digest()


# ---- signed-note

def ed25519_verify(key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "key").write_bytes(ED25519_SPKI + key)
        (path / "message").write_bytes(message)
        (path / "signature").write_bytes(signature)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", path / "key", "-rawin",
             "-in", path / "message", "-sigfile", path / "signature"], capture_output=True, check=False)
    return done.returncode == 0


LOG, WITNESS = 0x01, 0x04


def parse_key(text, kind=LOG):
    name, key_id, material = text.split("+", 2)
    raw = base64.b64decode(material, validate=True)
    need(raw[0] == kind and len(raw) == 33, "the key is not an Ed25519 key of this kind")
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(expected.hex() == key_id, "the key's id is not that of its name and key")
    return name, expected, raw[1:], kind


def open_note(note, key):
    name, key_id, public, kind = key
    text = note.decode("utf-8")
    need(all(c == "\n" or ord(c) >= 0x20 for c in text), "the note has control characters")
    at = text.rfind("\n\n")
    need(at >= 0 and text.endswith("\n"), "the note has no signatures")
    body, lines = text[: at + 1], text[at + 2:].splitlines()
    found = 0
    for line in lines:
        mark, line_name, signature = line.split(" ")
        need(mark == "\u2014", "a signature line has another form")
        raw = base64.b64decode(signature, validate=True)
        if line_name == name and raw[:4] == key_id:
            message, signature = body.encode(), raw[4:]
            if kind == WITNESS:  # tlog-cosignature: a time, then the signature over it and the body
                need(len(signature) == 72, "the cosignature has not its length")
                message = b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:8], "big") + message
                signature = signature[8:]
            need(ed25519_verify(public, message, signature), "the signature is wrong")
            found += 1
    need(found > 0, "there is no signature of this key")
    return body


# ---- tlog-checkpoint

def parse_checkpoint(body):
    lines = body.split("\n")
    need(len(lines) >= 4 and lines[-1] == "" and all(lines[:-1]), "the checkpoint has not its lines")
    origin, size, root = lines[:3]
    need(size == str(int(size)), "the size is not a plain number")
    root = base64.b64decode(root, validate=True)
    need(len(root) == 32, "the root has not 32 bytes")
    return origin, int(size), root


# ---- tlog-tiles

def tile_path(level, number, width):
    parts = ["%03d" % (number % 1000)]
    while number >= 1000:
        number //= 1000
        parts.insert(0, "x%03d" % (number % 1000))
    return "tile/%s/%s%s" % (level, "/".join(parts), "" if width == 256 else ".p/%d" % width)


def widths(count):
    """Number and width of each tile that `count` hashes or entries take."""
    for number in range(count // 256):
        yield number, 256
    if count % 256:
        yield count // 256, count % 256


def read_entries(folder, size):
    for number, width in widths(size):
        data, at = (folder / tile_path("entries", number, width)).read_bytes(), 0
        for _ in range(width):
            n = int.from_bytes(data[at: at + 2], "big")
            need(at + 2 + n <= len(data), "bundle %d ends too early" % number)
            yield data[at + 2: at + 2 + n]
            at += 2 + n
        need(at == len(data), "something stands behind bundle %d" % number)


def check_tiles(folder, hashes):
    """Compares the tiles of every level with what the leaves give."""
    level = 0
    while hashes:
        for number, width in widths(len(hashes)):
            path = tile_path(level, number, width)
            expected = b"".join(hashes[number * 256: number * 256 + width])
            need((folder / path).read_bytes() == expected, path + " is not what the entries give")
        hashes = [tree_hash(hashes[i: i + 256]) for i in range(0, len(hashes) // 256 * 256, 256)]
        level += 1
    need(not (folder / ("tile/%d" % level)).exists(), "there are tiles above the top of the tree")


# ---- tlog-proof

def root_of_path(index, size, leaf, path):
    """The root that a leaf and its audit path give (RFC 6962, 2.1.1: PATH, read backwards)."""
    if size == 1:
        need(not path, "the path is too long")
        return leaf
    k = 1
    while k * 2 < size:
        k *= 2
    need(path, "the path is too short")
    if index < k:
        return hashlib.sha256(b"\x01" + root_of_path(index, k, leaf, path[:-1]) + path[-1]).digest()
    return hashlib.sha256(b"\x01" + path[-1] + root_of_path(index - k, size - k, leaf, path[:-1])).digest()


def check_proof(file, key_text, witnesses):
    head, note = pathlib.Path(file).read_bytes().split(b"\n\n", 1)
    lines = head.decode().split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1", "it is no proof")
    need(lines[1].startswith("extra ") and lines[2].startswith("index "), "the proof does not carry its entry")
    entry, index = base64.b64decode(lines[1][6:], validate=True), int(lines[2][6:])
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    key = parse_key(key_text)
    origin, size, root = parse_checkpoint(open_note(note, key))
    need(origin == key[0], "the checkpoint is that of another log")
    for witness in witnesses:
        open_note(note, parse_key(witness, WITNESS))
    need(index < size, "the index lies behind the log")
    need(root_of_path(index, size, leaf_hash(entry), path) == root, "the entry does not stand there")
    print("ok", index, size)


# ---- certificates of destruction: gateway/report/certificate.h says what stands in one

def words(leaf, key):
    """The values of key=value in a leaf's detail."""
    return [w[len(key) + 1:] for w in leaf.get("detail", "").split(" ") if w.startswith(key + "=")]


ANSWERS = {"recipient-destroyed": "destroyed", "never-stored": "never-stored", "retained": "retained"}


def answer_for(leaves, given):
    """What a recipient said of its own destruction, by the newest of its receipts that lists the delivery."""
    said = "none"
    for leaf in leaves:
        ranges = [r.split("-") for r in ",".join(words(leaf, "items")).split(",") if r]
        if leaf["event"] in ANSWERS and leaf["recipients"][0]["unit"] == given["recipients"][0]["unit"] and \
                any(int(r[0]) <= given["index"] <= int(r[-1]) for r in ranges):
            said = ANSWERS[leaf["event"]]
    return said


def check_certificate(file, key_text):
    """Every entry stands in the log; and from the entries alone, every scope that the record was sealed under was destroyed."""
    told = json.loads(pathlib.Path(file).read_bytes())
    need(told.get("certificate") == "fedgate destruction 1", "it is no certificate")
    key = parse_key(key_text)
    origin, size, root = parse_checkpoint(open_note(told["checkpoint"].encode(), key))
    need(origin == key[0], "the checkpoint is that of another log")
    leaves = []
    for item in told["leaves"]:
        path = [base64.b64decode(h, validate=True) for h in item["proof"]]
        need(item["index"] < size, "an index lies behind the log")
        need(root_of_path(item["index"], size, leaf_hash(item["entry"].encode()), path) == root, "an entry does not stand there")
        leaves.append(json.loads(item["entry"]))
        need(leaves[-1]["index"] == item["index"], "an entry says another index")
    record = told["says"]["record"]
    about = [x for x in leaves if x.get("refers") == record and x["event"] in ("released", "watch-opened")]
    sealed = {s for x in leaves if x["index"] == record for s in ",".join(words(x, "scopes")).split(",") if s}
    sealed |= {s for x in about for s in words(x, "scope")}
    gone = {s: x for x in reversed(leaves) if x["event"] == "destroyed" for s in words(x, "scope")}
    need(any(x["index"] == record and x["event"] == "received" for x in leaves), "the record is not among the entries")
    need(sealed and sealed <= set(gone), "not every key was destroyed")
    says = {s["scope"]: (s["destroyed_leaf"], s["destroyed_us"], s["level"], s["method"], s["edge_confirmed"]) for s in told["says"]["scopes"]}
    need(told["says"]["state"] == "destroyed" and says == {
        s: (gone[s]["index"], gone[s]["time_us"], words(gone[s], "level")[0], words(gone[s], "method")[0], not words(gone[s], "edge"))
        for s in sealed}, "it says other things of the keys than its entries")
    need([(x["leaf"], x["unit"], x["answer"]) for x in told["says"]["recipients"]] ==
         [(x["index"], x["recipients"][0]["unit"], answer_for(leaves, x)) for x in about], "it says other recipients than its entries")
    print("ok", record, size, *(x["unit"] for x in told["says"]["recipients"]))


def main(folder, key_text):
    folder = pathlib.Path(folder)
    key = parse_key(key_text)
    origin, size, root = parse_checkpoint(open_note((folder / "checkpoint").read_bytes(), key))
    need(origin == key[0], "the checkpoint is that of another log")
    hashes = [leaf_hash(entry) for entry in read_entries(folder, size)]
    check_tiles(folder, hashes)
    need(tree_hash(hashes) == root, "the root is not that of the entries")
    print("ok", size, base64.b64encode(root).decode())


if __name__ == "__main__":
    try:
        if sys.argv[1] == "--proof":
            check_proof(sys.argv[2], sys.argv[3], sys.argv[4:])
        elif sys.argv[1] == "--certificate":
            check_certificate(sys.argv[2], sys.argv[3])
        else:
            main(sys.argv[1], sys.argv[2])
    except (Wrong, OSError, ValueError, KeyError) as wrong:
        print("wrong:", wrong)
        sys.exit(1)

"""attacker.py ATTACK SECONDS PORT ROOT CERTIFICATE KEY: a unit that has gone bad, for so long: connects, attacks as fast as it can until the
gateway ends the connection, and connects again. Says "ready" when it begins, and at the end how many connections it had."""
import socket
import ssl
import sys
import time

import attacks
from raw import ACK, MAGIC, SETTINGS, frame, message

ROUNDS = 40000
GREETING = MAGIC + frame(SETTINGS, 0, 0, b"") + frame(SETTINGS, ACK, 0)


def handshakes():
    """Whole ones, and nothing else."""
    return b""


def half_handshakes():
    """A ClientHello's first bytes: the gateway has nothing to answer yet."""
    return None


def malformed_messages():
    """Refused one by one, each with a receipt, on as many calls as one connection may have."""
    streams = [attacks.stream_of(i) for i in range(100)]
    opened = b"".join(attacks.frames(attacks.headers(s)) for s in streams)
    return opened + b"".join(attacks.frames(attacks.DataFrame(s, message(b"\xff" * 40) * 20)) for _ in range(20) for s in streams)


OF_CONNECTIONS = {of.__name__: of for of in (handshakes, half_handshakes, malformed_messages)}


def bytes_of(name):
    """What is sent on each connection."""
    if name in OF_CONNECTIONS:
        return OF_CONNECTIONS[name]()
    attack = getattr(attacks, name)
    return attacks.ATTACKS[attack] + b"".join(attack(i) for i in range(ROUNDS))


def take(peer, wait_s=0):
    """Takes what came, so that the gateway never waits for us, until nothing comes for so long; False when it has ended the connection."""
    peer.settimeout(wait_s)
    try:
        while peer.recv(65536):
            pass
        return False
    except (ssl.SSLWantReadError, BlockingIOError, TimeoutError):
        return True
    finally:
        peer.settimeout(10)


def attack_once(context, port, payload):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        if payload is None:
            plain.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
            return
        with context.wrap_socket(plain) as peer:
            peer.sendall(GREETING)
            for at in range(0, len(payload), 16384):
                peer.sendall(payload[at:at + 16384])
                if not take(peer):
                    return
            if payload:
                take(peer, 0.2)


def main():
    name, seconds, port, root, certificate, key = sys.argv[1:]
    context = ssl.create_default_context(cafile=root)
    context.check_hostname = False
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    payload, connections = bytes_of(name), 0
    print("ready", flush=True)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        try:
            attack_once(context, int(port), payload)
        except OSError:
            pass
        connections += 1
    print(connections)


if __name__ == "__main__":
    main()

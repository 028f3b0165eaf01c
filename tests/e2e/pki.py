"""An agency's certificate authority: what it does in the course of years, with openssl and the development PKI's files."""
import os
import subprocess
import time

UNIT = "basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n" \
       "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nsubjectAltName=URI:fedgate://%s\n"
GATEWAY = UNIT.replace("clientAuth", "serverAuth").replace("URI:fedgate://%s", "DNS:localhost,IP:127.0.0.1")
BELOW = "basicConstraints=critical,CA:TRUE,pathlen:0\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n" \
        "keyUsage=critical,keyCertSign,cRLSign\n"


def openssl(*words):
    r = subprocess.run(["openssl", *words], capture_output=True, text=True)
    assert r.returncode == 0, "openssl %s: %s" % (" ".join(words), r.stderr)


def moment(seconds_from_now):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds_from_now))


def read(path):
    with open(path) as f:
        return f.read()


def write(path, text, mode=0o600):
    """All or nothing, as an operator should."""
    with open(path + ".new", "w", opener=lambda p, flags: os.open(p, flags, mode)) as f:
        f.write(text)
    os.rename(path + ".new", path)


def new_key(path):
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)


class Authority:
    """The root of a party, or (`name`) another authority of its own in a folder of that name."""

    def __init__(self, folder, party, name=None, root=True):
        self.pki, self.party, self.name = os.path.join(folder, "pki"), party, name or party
        if name is None:
            return
        os.makedirs(self.path("issued"))
        write(self.path("index.txt"), "")
        write(self.path("ca.cnf"), read(os.path.join(self.pki, party, "ca.cnf")).replace("/pki/" + party, "/pki/" + name))
        new_key(self.path("root.key"))
        if root:
            openssl("req", "-x509", "-new", "-key", self.path("root.key"), "-days", "30", "-subj", "/CN=%s root" % name,
                    "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                    "-out", self.path("root.pem"))

    def path(self, *parts):
        return os.path.join(self.pki, self.name, *parts)

    @property
    def certificate(self):
        return read(self.path("root.pem"))

    def sign(self, key, name, extensions, out, *options):
        request, extension = out + ".csr", out + ".ext"
        openssl("req", "-new", "-key", key, "-subj", "/CN=" + name.replace("/", " "), "-out", request)
        write(extension, extensions)
        openssl("ca", "-batch", "-notext", "-config", self.path("ca.cnf"), "-in", request, "-extfile", extension, "-out", out, *options)

    def issue(self, unit, lasts=86400):
        """A new key and certificate of a unit, in place of what it has."""
        file = os.path.join(self.pki, unit)
        new_key(file + ".key")
        self.sign(file + ".key", unit, UNIT % unit, file + ".pem", "-enddate", moment(lasts))

    def found(self, name):
        """An authority below this one."""
        below = Authority(os.path.dirname(self.pki), self.party, name, root=False)
        self.sign(below.path("root.key"), name, BELOW, below.path("root.pem"))
        return below

    def revoke(self, certificate):
        openssl("ca", "-batch", "-config", self.path("ca.cnf"), "-revoke", certificate)

    def list(self, lasts=86400):
        """Its revocation list, of ten minutes before its end or of now."""
        out = self.path("list.crl")
        openssl("ca", "-gencrl", "-config", self.path("ca.cnf"), "-crl_lastupdate", moment(min(lasts, 0) - 600), "-crl_nextupdate",
                moment(lasts), "-out", out)
        return read(out)

    def publish(self, *lists):
        """What the gateway finds in its folder at the next reload."""
        write(os.path.join(self.pki, "crls", self.party + ".crl"), "".join(lists or [self.list()]), 0o644)

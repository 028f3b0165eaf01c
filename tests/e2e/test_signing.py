"""fedgatectl policy keygen, seal, sign, verify: with keys and signatures of the minisign program, both ways."""
import os
import shutil
import subprocess
import tempfile
import unittest

from gateway import BIN, ROOT

CENTRE = "daejeon-city-center"
PARTIES = [CENTRE, "npa-daejeon", "daejeon-fire", "carrier-hana", "daejeon-traffic", "mois-ndms", "test-centre", "test-112",
           "test-carrier"]


def ctl(*words, **more):
    return subprocess.run([os.path.join(BIN, "fedgatectl"), "policy", *words], text=True, capture_output=True, **more)


def minisign(*words, **more):
    return subprocess.run(["minisign", *words], text=True, capture_output=True, **more)


@unittest.skipUnless(shutil.which("minisign"), "minisign is missing (packaging/deps.sh test)")
class Signing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.mkdtemp(prefix="fedgate-signing-")
        subprocess.run([os.path.join(ROOT, "tests/demo/make-gateway"), cls.made], check=True, env=dict(os.environ, BIN=BIN))
        # As it was before it was sealed and signed.
        shutil.rmtree(os.path.join(cls.made, "policy", "signatures"))
        shutil.copy(os.path.join(ROOT, "policy", "set.yaml"), os.path.join(cls.made, "policy", "set.yaml"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.made)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="fedgate-set-")
        self.set = os.path.join(self.folder, "policy")
        shutil.copytree(os.path.join(self.made, "policy"), self.set)
        shutil.copytree(os.path.join(self.made, "signing"), os.path.join(self.folder, "signing"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def key(self, name, kind="key"):
        return os.path.join(self.folder, "signing", "%s.%s" % (name, kind))

    def path(self, *parts):
        return os.path.join(self.set, *parts)

    def sign(self, name, who, *more):
        return ctl("sign", "--key", self.key(name), "--as", who, "--yes", self.set, *more)

    def sign_all(self):
        for name in ("kim", "lee"):
            self.assertEqual(0, self.sign(name, "%s/%s" % (CENTRE, name)).returncode)
        for party in PARTIES:
            self.assertEqual(0, self.sign(party, party).returncode)

    def verify(self):
        return ctl("verify", "--lang", "en", "--officer-key", self.key("kim", "pub"), "--officer-key", self.key("lee", "pub"), self.set)

    def signature(self, name):
        return self.path("signatures", "set.yaml.%s.%s.minisig" % (CENTRE, name))

    def test_what_was_sealed_and_signed_verifies_here_and_with_minisign(self):
        self.assertEqual(0, ctl("seal", self.set).returncode)
        lacking = self.verify()
        self.assertEqual(1, lacking.returncode)
        self.assertIn("stripped", lacking.stdout)
        self.sign_all()
        done = self.verify()
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("sealed and signed", done.stdout)
        theirs = minisign("-V", "-p", self.key("kim", "pub"), "-m", self.path("set.yaml"), "-x", self.signature("kim"))
        self.assertEqual(0, theirs.returncode, theirs.stderr)
        self.assertIn("fedgate set=daejeon serial=1 file=set.yaml as=%s/kim" % CENTRE, theirs.stdout)
        party = self.path("signatures", "mou", "molit-npa-2015.yaml.npa-daejeon.minisig")
        theirs = minisign("-V", "-p", self.key("npa-daejeon", "pub"), "-m", self.path("mou", "molit-npa-2015.yaml"), "-x", party)
        self.assertEqual(0, theirs.returncode, theirs.stderr)

    def test_signatures_of_minisign_count_legacy_and_prehashed(self):
        ctl("seal", self.set)
        self.sign_all()
        for words in ([], ["-l"]):
            os.remove(self.signature("lee"))
            self.assertEqual(1, self.verify().returncode)
            made = minisign("-S", *words, "-s", self.key("lee"), "-m", self.path("set.yaml"), "-x", self.signature("lee"))
            self.assertEqual(0, made.returncode, made.stderr)
            self.assertEqual(0, self.verify().returncode)
        self.assertEqual(0, self.sign("lee", CENTRE + "/lee", "--legacy").returncode)
        theirs = minisign("-V", "-l", "-p", self.key("lee", "pub"), "-m", self.path("set.yaml"), "-x", self.signature("lee"))
        self.assertEqual(0, theirs.returncode, theirs.stderr)

    def test_keys_with_passwords_go_both_ways(self):
        # minisign's key, our signature.
        made = minisign("-G", "-f", "-p", self.path("inventory", "keys", "kim.pub"), "-s", self.key("kim"), input="words\nwords\n")
        self.assertEqual(0, made.returncode, made.stderr)
        shutil.copy(self.path("inventory", "keys", "kim.pub"), self.key("kim", "pub"))
        ctl("seal", self.set)
        read, write = os.pipe()
        os.write(write, b"words\n")
        os.close(write)
        ours = ctl("sign", "--key", self.key("kim"), "--as", CENTRE + "/kim", "--yes", "--password-fd", str(read), self.set,
                   pass_fds=[read])
        os.close(read)
        self.assertEqual(0, ours.returncode, ours.stderr)
        theirs = minisign("-V", "-p", self.key("kim", "pub"), "-m", self.path("set.yaml"), "-x", self.signature("kim"))
        self.assertEqual(0, theirs.returncode, theirs.stderr)
        # A wrong password, and our key with minisign's signature.
        read, write = os.pipe()
        os.write(write, b"sword\n")
        os.close(write)
        wrong = ctl("sign", "--key", self.key("kim"), "--as", CENTRE + "/kim", "--yes", "--password-fd", str(read), self.set,
                    pass_fds=[read])
        os.close(read)
        self.assertEqual(3, wrong.returncode)
        self.assertIn("password is wrong", wrong.stderr)
        read, write = os.pipe()
        os.write(write, b"words\n")
        os.close(write)
        new = os.path.join(self.folder, "new")
        self.assertEqual(0, ctl("keygen", "--key", new + ".key", "--password-fd", str(read), pass_fds=[read]).returncode)
        os.close(read)
        theirs = minisign("-S", "-s", new + ".key", "-m", self.path("set.yaml"), "-x", new + ".sig", input="words\n")
        self.assertEqual(0, theirs.returncode, theirs.stderr)
        theirs = minisign("-V", "-p", new + ".pub", "-m", self.path("set.yaml"), "-x", new + ".sig")
        self.assertEqual(0, theirs.returncode, theirs.stderr)

    def test_what_lacks_is_named(self):
        ctl("seal", self.set)
        self.sign_all()
        os.remove(self.path("signatures", "mou", "molit-npa-2015.yaml.npa-daejeon.minisig"))
        lacking = self.verify()
        self.assertEqual(1, lacking.returncode)
        self.assertRegex(lacking.stdout, r"mou/molit-npa-2015.yaml +npa-daejeon +not signed")
        self.assertIn("(partial)", lacking.stdout)
        with open(self.path("inventory", "cameras.csv"), "a") as f:
            f.write("cam-new,36.35,127.38,fixed,crime-prevention,daejeon-city-center,no\n")
        self.assertRegex(self.verify().stdout, r"inventory/cameras.csv +is not what set.yaml lists")
        korean = ctl("verify", "--lang", "ko", self.set)
        self.assertRegex(korean.stdout, r"mou/molit-npa-2015.yaml +npa-daejeon +서명하지 않음")

    def test_seal_keeps_comments_and_says_what_changed(self):
        with open(self.path("set.yaml")) as f:
            before = f.read()
        dry = ctl("seal", "--dry-run", self.set)
        self.assertIn("added   vocabulary.yaml", dry.stdout)
        with open(self.path("set.yaml")) as f:
            self.assertEqual(before, f.read())
        ctl("seal", self.set)
        with open(self.path("set.yaml")) as f:
            self.assertTrue(f.read().startswith(before))
        os.rename(self.path("mou", "molit-npa-2015.yaml"), self.path("mou", "other.yaml"))
        changed = ctl("seal", self.set).stdout
        self.assertIn("added   mou/other.yaml", changed)
        self.assertIn("removed mou/molit-npa-2015.yaml", changed)
        self.assertIn("sealed already", ctl("seal", self.set).stdout)

    def test_nobody_signs_with_anothers_key_or_what_is_not_sealed(self):
        unsealed = self.sign("kim", CENTRE + "/kim")
        self.assertEqual(1, unsealed.returncode)
        self.assertIn("seal the set first", unsealed.stderr)
        ctl("seal", self.set)
        anothers = self.sign("lee", CENTRE + "/kim")
        self.assertEqual(3, anothers.returncode)
        self.assertIn("is not the one that the inventory has", anothers.stderr)
        other = self.sign("daejeon-fire", "daejeon-fire", "mou/molit-npa-2015.yaml")
        self.assertEqual(1, other.returncode)
        self.assertIn("acknowledges no such file", other.stderr)
        unasked = ctl("sign", "--key", self.key("kim"), "--as", CENTRE + "/kim", self.set, stdin=subprocess.DEVNULL,
                      start_new_session=True)
        self.assertNotEqual(0, unasked.returncode)
        self.assertFalse(os.path.exists(self.signature("kim")))


if __name__ == "__main__":
    unittest.main()

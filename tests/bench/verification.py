"""The row about verifying the audit log, as an auditor does: of a gateway that was measured before, and has stopped."""
import os
import re
import resource
import subprocess

from servers import BUILD
from tables import range_of, show, spread

WAYS = (("hashes", []), ("entries", ["--entries"]))


def verify(server):
    """What fedgatectl takes for it, in CPU time: by the stored hashes, and with every entry read and hashed."""
    result = {}
    for name, options in WAYS:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = subprocess.run([os.path.join(BUILD, "bin", "fedgatectl"), "audit", "verify", "--log", server.path("audit"), "--key", server.path("audit.vkey"),
                              *options], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        entries = int(re.search(r"verifies: ([\d,]+) entries", out).group(1).replace(",", ""))
        result[name] = {"entries": entries, "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}
    return result


def show_verification(turns):
    print("Audit verification: a log of %d entries, by fedgatectl audit verify; entries for a second of CPU, in millions" %
          turns[-1]["entries"]["entries"])
    texts = {"hashes": "the tree, by its stored hashes", "entries": "and every entry, read and hashed (--entries)"}
    show(["what", "M entries/s"],
         [[texts[name], range_of(spread([t[name]["entries"] / t[name]["cpu_s"] / 1e6 for t in turns]), 2)] for name, _ in WAYS])
    print()

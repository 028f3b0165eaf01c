"""honest.py FOLDER PORT: a unit that reports one incident after the other. Reads how many seconds, a line each time, and says in a line of JSON how
long the receipts took, in ms: median, 99th percentile, how many."""
import json
import queue
import sys
import time
import types

from contract import Unit, incident_report, new_incident, pb
from judge import FIRE

PAUSE_S = 0.005


def main():
    folder, port = sys.argv[1:]
    pki = folder + "/pki/"
    unit = Unit(types.SimpleNamespace(port=int(port), root=pki + "gateway/root.pem", certificate=lambda n: (pki + n + ".pem", pki + n + ".key")), FIRE)
    reports = queue.Queue()
    receipts = unit.exchange(iter(reports.get, None), timeout=600)
    for line in sys.stdin:
        until, took = time.monotonic() + float(line), []
        while time.monotonic() < until:
            report = incident_report(unit, new_incident(unit), "fire", "119-dispatch", "fire-response")
            began = time.monotonic()
            reports.put(report)
            assert next(receipts).verdict == pb.VERDICT_ACCEPTED
            took.append((time.monotonic() - began) * 1e3)
            time.sleep(PAUSE_S)
        took.sort()
        print(json.dumps({"median": took[len(took) // 2], "p99": took[len(took) * 99 // 100], "count": len(took)}), flush=True)
    reports.put(None)
    unit.close()


if __name__ == "__main__":
    main()

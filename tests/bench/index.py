"""The row search: the derived index of the audit log is built and asked, and pages of the console are made over it and the log's files."""
import json
import os
import shutil
import subprocess
import tempfile

from loads import RUNS
from servers import BUILD
from tables import progress, show

MEASURE = os.path.join(BUILD, "bench", "search")
GOAL_MS, PAGE_GOAL_MS = 10, 100
QUESTIONS = (("first", "the newest fifty"), ("filtered", "of one party, refused for one reason"), ("month", "and in one month of the year"),
             ("never", "two words that never are together"), ("id", "one message by its id"), ("chain", "the chain of a record"),
             ("day", "flows of a day"), ("all", "flows of all the time"))
PAGES = (("first", "the newest fifty records"), ("filtered", "fifty of one party, refused for one reason"), ("middle", "fifty from the middle of the log"),
         ("record", "one record with its chain"), ("picture", "the picture of the last day"))


def measure(sizes):
    results = []
    for leaves in sizes:
        progress("  an index of %d entries" % leaves)
        folder = tempfile.mkdtemp(dir=RUNS)
        out = subprocess.run([MEASURE, str(leaves), folder], check=True, stdout=subprocess.PIPE, text=True).stdout
        shutil.rmtree(folder)
        results.append(json.loads(out))
    progress("")
    return results


def show_index(results):
    print("The index of the audit log: entries of %.0f bytes are read and taken; queries of fifty, in ms: median of 101, and the worst;\n"
          "the goal is %d ms" % (results[0]["entry_bytes"], GOAL_MS))
    show(["entries", "built, 1/s", "of CPU, 1/s", "bytes an entry", "longest commit ms", "opened again ms"],
         [["%d" % r["leaves"], "%d" % r["rate"], "%d" % r["cpu_rate"], "%.0f" % r["index_bytes"], "%.0f" % r["commit_worst_ms"],
           "%.0f" % r["reopen_ms"]] for r in results])
    show(["question"] + ["%d" % r["leaves"] for r in results],
         [[text] + ["%.2f (%.1f)" % (r[name + "_ms"], r[name + "_worst_ms"]) for r in results] for name, text in QUESTIONS])
    print("\nPages of the console by its engine, in ms: median of 101, and the worst; found, read from the log's files, written as HTML; without HTTP,\n"
          "TLS and the entry that says who looked; the goal of the whole is %d ms" % PAGE_GOAL_MS)
    show(["page"] + ["%d" % r["leaves"] for r in results],
         [[text] + ["%.2f (%.1f), %d KB" % (r[name + "_page_ms"], r[name + "_page_worst_ms"], r[name + "_page_bytes"] / 1000) for r in results]
          for name, text in PAGES])
    print()

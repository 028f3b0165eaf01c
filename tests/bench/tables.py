"""Figures of several turns, tables of them, and the talk with a load that waits for its lines."""
import statistics
import sys


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def progress(text):
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)


def range_of(s, digits):
    return "%.*f (%.*f-%.*f)" % (digits, s["median"], digits, s["min"], digits, s["max"])


def show(columns, rows):
    widths = [max(len(r[i]) for r in [columns] + rows) for i in range(len(columns))]
    for row in [columns, ["-" * w for w in widths]] + rows:
        print("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip())


def talk(load, server, line, expected):
    load.stdin.write(line)
    load.stdin.flush()
    said = load.stdout.readline()
    if not said.startswith(expected):
        server.fail("the load said %r instead of %r" % (said, expected))
    return said

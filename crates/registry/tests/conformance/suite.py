"""Checks a schema registry against Confluent's documented REST API, one line per check.

    suite.py --url http://127.0.0.1:8081 --flavour ours

The flavour chooses the column of the table in differences.py. A difference that is in the table is
printed with its reason; one that is not, or that is no longer there, fails the run.
"""

import argparse
import signal
import sys

import checks_client
import checks_compatibility
import checks_delete
import checks_read
import checks_register
import checks_settings
from api import Api, Skip
from differences import DIFFERENCES

MODULES = [
    checks_register,
    checks_read,
    checks_compatibility,
    checks_settings,
    checks_delete,
    checks_client,
]
# Seconds for one check.
PATIENCE = 60


def find_checks():
    for module in MODULES:
        for name, check in list(vars(module).items()):
            if callable(check) and getattr(check, "__module__", "") == module.__name__:
                if not name.startswith("_"):
                    yield name, check


def give_up(*_):
    raise TimeoutError(f"no end after {PATIENCE} s")


def run(check, api, known):
    signal.alarm(PATIENCE)
    try:
        check(api)
    except Skip as skipped:
        return "skip", str(skipped)
    except Exception as error:  # a check may fail in any way, and the others still have to run
        reason = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
        return ("differs", known) if known else ("FAIL", reason)
    finally:
        signal.alarm(0)
        api.clean()
    return ("FAIL", "is in differences.py, but does as documented") if known else ("ok", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="where the API's paths begin")
    parser.add_argument("--flavour", required=True, choices=["ours", "apicurio"])
    parser.add_argument("--only", default="", help="run the checks whose name has this in it")
    options = parser.parse_args()

    signal.signal(signal.SIGALRM, give_up)
    counts = {"ok": 0, "differs": 0, "skip": 0, "FAIL": 0}
    known = DIFFERENCES[options.flavour]
    names = set()
    for name, check in find_checks():
        names.add(name)
        if options.only not in name:
            continue
        verdict, detail = run(check, Api(options.url), known.get(name))
        counts[verdict] += 1
        print(f"{options.flavour:9} {verdict:8} {name}{': ' if detail else ''}{detail}", flush=True)
    for name in known.keys() - names:
        counts["FAIL"] += 1
        print(f"{options.flavour:9} FAIL     {name}: is in differences.py, but there is no such check")
    print(f"{options.flavour:9} " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    sys.exit(1 if counts["FAIL"] else 0)


if __name__ == "__main__":
    main()

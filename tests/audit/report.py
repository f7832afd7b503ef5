"""What the audit says: one line a check, and the first findings under each that failed."""

import json

SHOWN = 10


class Report:
    def __init__(self):
        self.checks = {}
        self.counts = {}

    def check(self, name):
        """A check, which holds unless something is added to the list."""
        return self.checks.setdefault(name, [])

    def count(self, name, number):
        self.counts[name] = number

    @property
    def failed(self):
        return any(self.checks.values())

    def print(self, as_json):
        if as_json:
            shown = {name: {"findings": len(found), "first": found[:SHOWN]} for name, found in self.checks.items()}
            print(json.dumps({"ok": not self.failed, "checks": shown, "counts": self.counts}))
            return
        for name, found in self.checks.items():
            print(f"{'FAIL' if found else 'ok  '}  {name}{f': {len(found)} findings' if found else ''}")
            for finding in found[:SHOWN]:
                print(f"        {finding}")
        for name, number in self.counts.items():
            print(f"      {name}: {number}")

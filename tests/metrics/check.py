"""Compares what running processes export with docs/metrics.md and grafana/orderline.json.

check.py --docs FILE --dashboard FILE HOST:PORT...

Every metric that is exported is in the page with its type and labels, and every one in the page is exported. Every
expression of a panel or an alert is PromQL, and each series that it names is exported with the labels that it asks for
and, where it asks for one value, with that value. Ends with 1 and a line for each finding.
"""

import argparse
import collections
import json
import re
import sys
import urllib.request

import promql_parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families

ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<type>\w+) \| (?P<labels>[^|]*)\|", re.MULTILINE)
ALERT = re.compile(r"^```promql\n(.*?)^```", re.MULTILINE | re.DOTALL)
# The series of a type are named after the metric with these; `le` is the buckets' own label.
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""], "info": ["_info"]}


class Exported:
    """What processes export: types and labels by the name in the page, samples by the name of the series."""

    def __init__(self):
        self.types, self.labels, self.samples = {}, {}, collections.defaultdict(list)

    def read(self, text):
        for family in text_string_to_metric_families(text):
            suffix = SUFFIXES[family.type][0] if family.type in ("counter", "info") else ""
            name = family.name + suffix
            self.types[name] = family.type
            own = self.labels.setdefault(name, set())
            for sample in family.samples:
                own.update(set(sample.labels) - {"le"})
                self.samples[sample.name].append(sample.labels)


def documented(text):
    rows = {}
    for row in ROW.finditer(text):
        rows[row["name"]] = (row["type"], set(re.findall(r"`(\w+)`", row["labels"])))
    return rows


def compare(exported, rows):
    for name in sorted(exported.types.keys() - rows.keys()):
        yield f"{name} is exported and is not in the page"
    for name in sorted(rows.keys() - exported.types.keys()):
        yield f"{name} is in the page and nobody exports it"
    for name in sorted(rows.keys() & exported.types.keys()):
        is_, labels = exported.types[name], exported.labels[name]
        if (is_, labels) != rows[name]:
            kind, own = rows[name]
            yield f"{name} is a {is_} with {sorted(labels)}, and in the page a {kind} with {sorted(own)}"


def expressions(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            expr = target["expr"].replace("$__rate_interval", "5m")
            yield f"panel {panel['title']!r}", expr, set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))


def wrong(expr, legend, exported):
    try:
        tree = promql_parser.parse(expr)
    except ValueError as error:
        yield f"is no PromQL: {error}"
        return
    selectors, grouped = [], set()

    def visit(node):
        if isinstance(node, promql_parser.MatrixSelector):
            selectors.append(node.vector_selector)
        elif isinstance(node, promql_parser.VectorSelector):
            selectors.append(node)
        elif isinstance(node, promql_parser.AggregateExpr) and node.modifier:
            grouped.update(node.modifier.labels)

    promql_parser.walk(tree, visit)
    if not selectors:
        yield "names no metric"
    for selector in selectors:
        samples = exported.samples.get(selector.name)
        if not samples:
            yield f"{selector.name} has no series"
            continue
        labels = set().union(*samples)
        matchers = selector.matchers.matchers
        for missing in sorted(({m.name for m in matchers} | grouped) - labels):
            yield f"{selector.name} has no label {missing}"
        for matcher in matchers:
            values = {labels.get(matcher.name) for labels in samples}
            if matcher.op == promql_parser.MatchOp.Equal and matcher.value not in values:
                yield f"{selector.name} has no {matcher.name}={matcher.value!r}, but {sorted(map(str, values))}"
    for missing in sorted(legend - grouped):
        yield f"the legend shows {missing}, by which nothing is grouped"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--docs", required=True)
    options.add_argument("--dashboard", required=True)
    options.add_argument("addresses", nargs="+")
    given = options.parse_args()
    exported = Exported()
    for address in given.addresses:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            exported.read(answer.read().decode())
    with open(given.docs, encoding="utf-8") as file:
        page = file.read()
    with open(given.dashboard, encoding="utf-8") as file:
        dashboard = json.load(file)
    all_ = [*expressions(dashboard), *((f"alert {i + 1}", a, set()) for i, a in enumerate(ALERT.findall(page)))]
    findings = list(compare(exported, documented(page)))
    for where, expr, legend in all_:
        findings.extend(f"{where}: {finding}" for finding in wrong(expr, legend, exported))
    print("\n".join(findings) or f"{len(exported.types)} metrics, {len(all_)} expressions: all agree")
    sys.exit(bool(findings))


main()

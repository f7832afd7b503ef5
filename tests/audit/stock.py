"""Stock is neither lost nor made, and what is sold is what the completed orders bought."""

import collections

from orders import ENDS, sum_by_product

LEVELS = ["on_hand", "reserved", "available", "sold", "restocked_total"]


def check(once, story, report):
    conserved = report.check("stock: restocked = on hand + sold and available = on hand - reserved, never negative")
    versions = report.check("stock: each product's levels have contiguous versions, in order")
    levels = collections.defaultdict(list)
    for record in once:
        if record.topic == "stock-levels":
            levels[record.key].append(record)
    for product, records in levels.items():
        for record in records:
            level = record.value
            if (
                level["restocked_total"] != level["on_hand"] + level["sold"]
                or level["available"] != level["on_hand"] - level["reserved"]
                or min(level[name] for name in LEVELS) < 0
            ):
                conserved.append(f"{record.where}: {level}")
        first = _first_version_due(records[0], once)
        for due, record in enumerate(records, first):
            if record.value["version"] != due:
                versions.append(f"{product}: version {record.value['version']} where {due} was due")
                break
    last = {product: records[-1].value for product, records in levels.items()}
    _check_restocked(once, last, report)
    _check_against_orders(last, story, once, report)
    _check_once_each(levels, report)
    report.count("stock", {name: sum(level[name] for level in last.values()) for name in LEVELS})


def _first_version_due(oldest, once):
    """1, unless compaction took the first away: it leaves offsets without a record, at least as many."""
    before = [r for r in once if (r.topic, r.partition) == (oldest.topic, oldest.partition) and r.offset < oldest.offset]
    compacted = oldest.offset - len(before)
    version = oldest.value["version"]
    return version if version - 1 <= compacted else 1


def _check_restocked(once, last, report):
    findings = report.check("stock: what has arrived is what the products say")
    products = {}
    for record in once:
        if record.topic == "products":
            known = products.get(record.key)
            if known is None or record.value["version"] >= known["version"]:
                products[record.key] = record.value
    for product, state in products.items():
        arrived = last[product]["restocked_total"] if product in last else 0
        if arrived != state["restocked_total"]:
            findings.append(f"{product}: {arrived} has arrived, the product says {state['restocked_total']}")
    findings.extend(f"{product} has stock and was never listed" for product in last if product not in products)


def _check_against_orders(last, story, once, report):
    sold, held = collections.Counter(), collections.Counter()
    reserved = {record.key for record in once if record.type == "StockReserved"}
    for order, records in story.items():
        if records[-1].type == "OrderCompleted":
            sold.update(sum_by_product(records[0].value["lines"]))
        elif order in reserved and records[-1].type not in ENDS:
            held.update(sum_by_product(records[0].value["lines"]))
    by_orders = report.check("stock: sold is what the completed orders bought")
    open_orders = report.check("stock: reserved is what the open orders hold")
    for product in sorted(last.keys() | sold.keys() | held.keys()):
        level = last.get(product, {"sold": 0, "reserved": 0})
        if level["sold"] != sold[product]:
            by_orders.append(f"{product}: {level['sold']} sold, orders bought {sold[product]}")
        if level["reserved"] != held[product]:
            open_orders.append(f"{product}: {level['reserved']} reserved, orders hold {held[product]}")


def _check_once_each(levels, report):
    findings = report.check("stock: no order took, sold or gave back a product twice")
    for product, records in levels.items():
        done = collections.Counter(
            (str(record.value["order_id"]), record.value["cause"]) for record in records if record.value["order_id"]
        )
        findings.extend(f"{product}: order {o} {c} {n} times" for (o, c), n in done.items() if n > 1)

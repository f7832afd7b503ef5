"""The story of each order: legal, told once, with one end, and with money that adds up."""

import collections

ENDS = {"OrderCompleted", "OrderRejected", "OrderCancelled"}
LEGAL = {
    ("OrderPlaced", "OrderReserved", "OrderCompleted"),
    ("OrderPlaced", "OrderReserved", "OrderCompleted", "OrderCancelled"),  # taken back
    ("OrderPlaced", "OrderReserved", "OrderCancelled"),
    ("OrderPlaced", "OrderReserved", "OrderRejected"),  # the payment was declined
    ("OrderPlaced", "OrderCancelled"),
    ("OrderPlaced", "OrderRejected"),
}
# What every record of one order repeats.
SAME = ["user_id", "channel", "order_ref", "email", "name", "lines", "total", "currency", "placed_at"]


def check(once, report):
    """Returns the records of each order, by its id, in the order of the log."""
    story = collections.defaultdict(list)
    for record in once:
        if record.topic == "orders":
            story[record.key].append(record)
    ended = report.check("every order that was placed has reached an end")
    legal = report.check("every order went through legal states, in order, each once")
    same = report.check("every record of an order says the same of it")
    money = report.check("every order's total is the sum of its lines")
    for order, records in story.items():
        states = tuple(record.type for record in records)
        if states[-1] not in ENDS:
            ended.append(f"{order} stands at {states[-1]}")
        elif states not in LEGAL:
            legal.append(f"{order}: {' '.join(states)}")
        placed = records[0].value
        for record in records[1:]:
            same.extend(
                f"{record.where}: {field} is {record.value[field]}, was {placed[field]}"
                for field in SAME
                if record.value[field] != placed[field]
            )
        lines = sum(line["line_total"] for line in placed["lines"])
        if lines != placed["total"] or any(line["quantity"] < 1 for line in placed["lines"]):
            money.append(f"{order}: {placed['total']} for {placed['lines']}")
    _check_reservations(once, story, report)
    _count(story, report)
    return story


def _check_reservations(once, story, report):
    answers = collections.defaultdict(list)
    for record in once:
        if record.topic == "reservations":
            answers[record.key].append(record)
    findings = report.check("inventory answered every order once, and the order went as it said")
    for order, records in story.items():
        states = [record.type for record in records]
        given = [record.type for record in answers.get(order, [])]
        if len(given) != 1:
            findings.append(f"{order}: {given} for {states}")
        elif "OrderReserved" in states and given != ["StockReserved"]:
            findings.append(f"{order}: {states} after {given}")
        elif "OrderRejected" in states and "OrderReserved" not in states and given != ["StockRejected"]:
            findings.append(f"{order}: {states} after {given}")
        elif given == ["StockReserved"] and _held(answers[order][0]) != _wanted(records[0]):
            findings.append(f"{order}: held {answers[order][0].value['lines']}")
    findings.extend(f"{order} was never placed" for order in answers if order not in story)


def _held(record):
    return sum_by_product(record.value["lines"])


def _wanted(record):
    return sum_by_product(record.value["lines"])


def sum_by_product(lines):
    total = collections.Counter()
    for line in lines:
        total[line["product_id"]] += line["quantity"]
    return total


def _count(story, report):
    channels = {}
    for records in story.values():
        placed, end = records[0].value, records[-1].type
        channel = channels.setdefault(placed["channel"], collections.Counter())
        channel["orders"] += 1
        channel["money"] += placed["total"]
        channel["quantity"] += sum(line["quantity"] for line in placed["lines"])
        channel[end] += 1
        channel[f"{end} money"] += placed["total"]
    report.count("orders", len(story))
    report.count("by channel", {name: dict(sorted(counted.items())) for name, counted in channels.items()})


def check_carts(once, story, log, report):
    """A checkout is one order, however often it was sent, or a dead letter of the order service."""
    refused = {
        (letter.headers.get("dl_partition"), letter.headers.get("dl_offset"))
        for letter in log.dead_letters()
        if letter.headers.get("dl_topic") == "carts" and letter.headers.get("dl_group") == "order"
    }
    placed = collections.defaultdict(list)
    for order, records in story.items():
        if records[0].value["checkout_id"] is not None:
            placed[str(records[0].value["checkout_id"])].append(records[0].value)
    findings = report.check("every cart that was checked out became one order, as it was")
    # A channel's reference is one order too, whatever checkout it comes under.
    refs = {(v["channel"], v["order_ref"]) for r in story.values() for v in [r[0].value] if v["order_ref"]}
    carts = {}
    for record in once:
        if record.topic != "carts" or (str(record.partition), str(record.offset)) in refused:
            continue
        cart, checkout = record.value, str(record.value["checkout_id"])
        carts[checkout] = cart
        orders = placed.get(checkout, [])
        if not orders and (cart["channel"], cart["order_ref"]) in refs:
            continue
        if len(orders) != 1:
            findings.append(f"{record.where}: checkout {checkout} became {len(orders)} orders")
        elif any(cart[f] != orders[0][f] for f in ["user_id", "channel", "order_ref", "total", "currency", "lines"]):
            findings.append(f"{record.where}: {cart} became {orders[0]}")
    findings.extend(f"checkout {checkout} was never on carts" for checkout in placed if checkout not in carts)
    report.count("carts", len(carts))


def check_accepted(story, accepted, report):
    """What HTTP said yes to is what was placed: nothing lost, nothing made."""
    web = {order for order, records in story.items() if records[0].value["channel"] == "web"}
    lost = report.check("every order that HTTP accepted was placed")
    lost.extend(f"{order} was answered with 202" for order in sorted(accepted - web))
    made = report.check("no order was placed that HTTP did not accept")
    made.extend(f"{order} was never answered with 202" for order in sorted(web - accepted))

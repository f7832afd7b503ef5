"""Money: every completed order was paid once, and what was paid for any other was given back."""

import collections
import json
import urllib.request


def read_ledger(place):
    """The payment sandbox's own books, by URL."""
    with urllib.request.urlopen(place, timeout=30) as answer:
        return json.load(answer)["payments"]


def check(once, story, ledger, report):
    told = collections.defaultdict(lambda: collections.defaultdict(list))
    for record in once:
        if record.topic == "payments":
            told[record.key][record.type].append(record)
    _check_told_once(told, story, report)
    _check_ends(told, story, report)
    _check_declined(told, story, report)
    if ledger is not None:
        _check_ledger(told, ledger, report)
    report.count(
        "money",
        {
            "captured": _sum(told, "PaymentCaptured"),
            "refunded": _sum(told, "PaymentRefunded"),
            "declined orders": sum(bool(of_order["PaymentDeclined"]) for of_order in told.values()),
            "refunded orders": sum(bool(of_order["PaymentRefunded"]) for of_order in told.values()),
        },
    )


def _sum(told, kind):
    return sum(record.value["amount"] for of_order in told.values() for record in of_order[kind])


def _check_told_once(told, story, report):
    findings = report.check("money: no order was charged, declined or given back twice")
    amounts = report.check("money: what was charged and given back is what the order cost")
    for order, kinds in told.items():
        if order not in story:
            findings.append(f"{order} was never placed")
            continue
        placed = story[order][0].value
        for kind, records in kinds.items():
            if len(records) > 1:
                findings.append(f"{order}: {len(records)} times {kind}")
            for record in records:
                said = (record.value["amount"], record.value["currency"], str(record.value["user_id"]))
                if said != (placed["total"], placed["currency"], str(placed["user_id"])):
                    amounts.append(f"{record.where}: {said}, the order costs {placed['total']} {placed['currency']}")


def _check_ends(told, story, report):
    paid = report.check("money: every completed order is paid, unless it cost nothing, and keeps its payment")
    kept = report.check("money: what was charged for an order that ended otherwise was given back")
    for order, records in story.items():
        captured, refunded = told[order]["PaymentCaptured"], told[order]["PaymentRefunded"]
        for completed in (record for record in records if record.type == "OrderCompleted"):
            named = completed.value["payment_id"]
            if completed.value["total"] == 0:
                if captured or named is not None:
                    paid.append(f"{order} cost nothing and was charged")
            elif not captured:
                paid.append(f"{order} is completed and was not charged")
            elif str(named) != str(captured[0].value["payment_id"]):
                paid.append(f"{order} names the payment {named}, which is not its own")
        if records[-1].type == "OrderCompleted":
            if refunded:
                paid.append(f"{order} is completed and its money was given back")
        elif len(captured) != len(refunded):
            kept.append(f"{order} ended as {records[-1].type}: {len(captured)} charged, {len(refunded)} given back")


def _check_declined(told, story, report):
    findings = report.check("money: an order is rejected for its payment if and only if that was declined")
    for order, records in story.items():
        end, declined = records[-1], told[order]["PaymentDeclined"]
        for_payment = end.type == "OrderRejected" and end.value["reason"] == "PAYMENT_DECLINED"
        if for_payment and not declined:
            findings.append(f"{order} is rejected for a payment that was not declined")
        elif declined and not for_payment and end.type != "OrderCancelled":
            findings.append(f"{order} was declined and ended as {end.type}")


def _check_ledger(told, ledger, report):
    findings = report.check("money: the provider's books say the same, and it charged no order twice")
    books = collections.defaultdict(collections.Counter)
    for payment in ledger:
        if payment["open"] or payment["pending"]:
            findings.append(f"{payment['payment_intent']} of {payment['order_id']} is not settled")
        books[payment["order_id"]].update({name: payment[name] for name in ("charges", "taken", "given_back")})
    for order in sorted(books.keys() | told.keys(), key=str):
        captured, refunded = told[order]["PaymentCaptured"], told[order]["PaymentRefunded"]
        ours = {
            "charges": len(captured),
            "taken": sum(record.value["amount"] for record in captured),
            "given_back": sum(record.value["amount"] for record in refunded),
        }
        theirs = {name: books[order][name] for name in ours}
        if ours != theirs:
            findings.append(f"{order}: the provider has {theirs}, the topic {ours}")

"""Whether the audit finds what it should: faults put into good books, one at a time."""

import copy
import pathlib
import sys
import tempfile
import types
import uuid

import envelope
import mails
import money
import orders
import stock
from log import Record, partition_of
from report import Report

ORDER = "0190b6ac-0000-7000-8000-000000000001"
LINES = [{"product_id": "TEA", "quantity": 2, "line_total": 200}]
ADDRESS = "ada@example.org"
PAYMENT = "0190b6ac-0000-7000-8000-000000000002"


def books():
    """One product, one order that is paid and completes, one mail."""
    order = {"order_id": ORDER, "user_id": "u", "channel": "web", "order_ref": None, "email": ADDRESS, "name": None}
    order |= {"lines": LINES, "total": 200, "currency": "EUR", "placed_at": 1, "checkout_id": None}

    def level(version, on_hand, reserved, sold, cause, of):
        value = {"product_id": "TEA", "on_hand": on_hand, "reserved": reserved, "available": on_hand - reserved}
        return value | {"sold": sold, "restocked_total": 10, "version": version, "cause": cause, "order_id": of}

    return [
        record("products", "ProductListed", "TEA", {"product_id": "TEA", "version": 1, "restocked_total": 10}),
        record("stock-levels", "StockLevelChanged", "TEA", level(1, 10, 0, 0, "RESTOCKED", None)),
        record("orders", "OrderPlaced", ORDER, order),
        record("reservations", "StockReserved", ORDER, {"order_id": ORDER, "lines": LINES}),
        record("stock-levels", "StockLevelChanged", "TEA", level(2, 10, 2, 0, "RESERVED", ORDER)),
        record("orders", "OrderReserved", ORDER, order),
        record("orders", "OrderCompleted", ORDER, order | {"payment_id": PAYMENT}),
        record("stock-levels", "StockLevelChanged", "TEA", level(3, 8, 0, 2, "SOLD", ORDER)),
        record(
            "notifications",
            "NotificationSent",
            ORDER,
            {"order_id": ORDER, "template": "order_completed", "channel": "EMAIL", "message_id": "<1@shop>"},
        ),
        payment("PaymentCaptured"),
    ]


def payment(kind, **values):
    value = {"payment_id": PAYMENT, "order_id": ORDER, "user_id": "u", "amount": 200, "currency": "EUR"}
    return record("payments", kind, ORDER, value | values)


def ledger(**values):
    """What the payment provider's books say of it."""
    paid = {"payment_intent": "pi_1", "order_id": ORDER, "open": False, "pending": 0}
    return [paid | {"charges": 1, "taken": 200, "given_back": 0} | values]


def record(topic, kind, key, value):
    name = f"orderline.{topic.replace('-', '_')}.{kind}"
    headers = {"ce_id": str(uuid.uuid4()), "ce_type": name, "ce_source": "x", "ce_specversion": "1.0"}
    headers["ce_time"] = "2026-01-31T12:00:00Z"
    made = Record(topic, partition_of(key, 6), 0, key, headers, b"x", kind, name, copy.deepcopy(value))
    return made


def audited(records, mailed=(("<1@shop>", ADDRESS),), accepted=(ORDER,), theirs=None):
    for sent in (r for r in records if r.topic == "notifications"):
        ends = [r for r in records if r.type == "OrderCompleted"]
        sent.headers.setdefault("ce_causationid", ends[0].id if ends else "")
    letters = [r for r in records if r.topic.startswith("dead-letter.")]
    partitions = {r.topic: 6 for r in records}
    log = types.SimpleNamespace(records=records, undecodable=[], partitions=partitions, dead_letters=lambda: letters)
    report = Report()
    once = envelope.check(log, report, 0)
    story = orders.check(once, report)
    orders.check_carts(once, story, log, report)
    orders.check_accepted(story, set(accepted), report)
    stock.check(once, story, report)
    money.check(once, story, ledger() if theirs is None else theirs, report)
    sent = mails.check_notifications(once, story, report)
    with tempfile.TemporaryDirectory() as folder:
        for i, (number, to) in enumerate(mailed):
            text = f"To: {to}\r\nMessage-ID: {number}\r\n\r\nHello\r\n"
            (pathlib.Path(folder) / f"{i}.eml").write_text(text)
        mails.check_mails(pathlib.Path(folder), sent, story, report)
    return {name for name, found in report.checks.items() if found}


def without(kind):
    return lambda b: [r for r in b if r.type != kind]


def twice(kind):
    """Decided twice, which is not the same as sent twice."""

    def change(b):
        again = copy.deepcopy(next(r for r in b if r.type == kind))
        again.headers["ce_id"] = str(uuid.uuid4())
        return [*b, again]

    return change


def set_value(index, **values):
    def change(b):
        b[index].value.update(values)
        return b

    return change


def set_header(index, **values):
    def change(b):
        b[index].headers.update(values)
        return b

    return change


def set_partition(b):
    b[2].partition = (b[2].partition + 1) % 6
    return b


def set_key(b):
    b[3].key = "another"
    return b


def sent_again_otherwise(b):
    again = copy.deepcopy(b[2])
    again.payload = b"y"
    return [*b, again]


def swapped(b):
    return b[:5] + [b[6], b[5]] + b[7:]


def and_then(*more):
    return lambda b: [*b, *more]


def cancelled(b):
    return [*b, record("orders", "OrderCancelled", ORDER, b[2].value)]


def dead_letter(b):
    letter = record("orders", "OrderPlaced", ORDER, {})
    letter.topic, letter.value = "dead-letter.email", None
    return [*b, letter]


def compacted(b):
    """The first level is gone, and its offset with it."""
    for offset, level in enumerate(r for r in b if r.topic == "stock-levels"):
        level.offset = offset
    return b[:1] + b[2:]


def pushed(b):
    """A push message besides the mail."""
    message = copy.deepcopy(b[8])
    message.headers["ce_id"] = str(uuid.uuid4())
    message.value |= {"channel": "PUSH", "message_id": None}
    return [*b, message]


def pushed_twice(b):
    return pushed(pushed(b))


# What goes wrong, and a part of the name of a check that must fail.
FAULTS = [
    (without("OrderCompleted"), "reached an end"),
    (without("OrderReserved"), "legal states"),
    (swapped, "reached an end"),
    (twice("OrderCompleted"), "legal states"),
    (twice("OrderPlaced"), "reached an end"),
    (set_value(2, total=199), "sum of its lines"),
    (set_value(6, total=100), "says the same"),
    (set_value(6, email="eve@example.org"), "says the same"),
    (without("StockReserved"), "answered every order once"),
    (twice("StockReserved"), "answered every order once"),
    (set_value(3, lines=[{"product_id": "TEA", "quantity": 1}]), "answered every order once"),
    (set_value(7, on_hand=7), "restocked = on hand + sold"),
    (set_value(7, on_hand=7, sold=3, available=7), "completed orders bought"),
    (set_value(7, reserved=1, available=7), "open orders hold"),
    (set_value(7, version=4), "contiguous"),
    (lambda b: b[:1] + b[2:], "contiguous"),
    (set_value(0, restocked_total=11), "has arrived"),
    (twice("StockLevelChanged"), "contiguous"),
    (set_value(7, cause="RESERVED"), "twice"),
    (without("NotificationSent"), "notifications"),
    (twice("NotificationSent"), "notifications"),
    (set_header(8, ce_causationid="another"), "notifications"),
    (set_value(8, channel="PUSH"), "notifications"),
    (pushed_twice, "notifications"),
    (set_value(8, message_id="<2@shop>"), "none is missing"),
    (set_header(2, ce_id=""), "CloudEvents"),
    (set_header(2, ce_time="yesterday"), "CloudEvents"),
    (set_header(2, ce_type="orderline.orders.OrderReserved"), "CloudEvents"),
    (set_partition, "Java's client"),
    (set_key, "own key"),
    (sent_again_otherwise, "byte for byte"),
    (dead_letter, "dead letters"),
    (set_value(2, checkout_id="c"), "cart"),
    (without("PaymentCaptured"), "is paid"),
    (twice("PaymentCaptured"), "given back twice"),
    (set_value(9, amount=100), "what the order cost"),
    (set_value(6, payment_id=None), "is paid"),
    (and_then(payment("PaymentRefunded")), "is paid"),
    (cancelled, "ended otherwise was given back"),
    (and_then(payment("PaymentDeclined")), "if and only if"),
    (and_then(payment("PaymentRefunded", amount=100)), "what the order cost"),
]


def main():
    wrong = []
    if audited(books()):
        wrong.append(f"good books: {audited(books())}")
    same = books()
    if audited([*same, copy.deepcopy(same[2])]):
        wrong.append("a record sent twice as it was is no fault")
    if audited(pushed(books())):
        wrong.append(f"a push message: {audited(pushed(books()))}")
    if audited(compacted(books())):
        wrong.append(f"compacted books: {audited(compacted(books()))}")
    for number, (fault, name) in enumerate(FAULTS):
        if not any(name in check for check in audited(fault(books()))):
            wrong.append(f"fault {number} was not found by the check of {name!r}")
    for mailed, name in [
        ((), "none is missing"),
        ((("<1@shop>", "eve@example.org"),), "customer"),
        ((("<1@shop>", ADDRESS), ("<3@shop>", ADDRESS)), "tells of an order"),
    ]:
        if not any(name in check for check in audited(books(), mailed=mailed)):
            wrong.append(f"mails {mailed}")
    for wrong_books in [[], ledger(charges=2, taken=400), ledger(given_back=200), ledger(open=True)]:
        if not any("provider's books" in check for check in audited(books(), theirs=wrong_books)):
            wrong.append(f"the provider's books {wrong_books}")
    for accepted in [(), (ORDER, "another")]:
        if not any("HTTP" in check for check in audited(books(), accepted=accepted)):
            wrong.append(f"accepted {accepted}")
    print("\n".join(wrong) or f"{len(FAULTS) + 9} faults, each found by its check")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""The same as selfcheck.py for what is kept outside the topics: refusals of the mail server, messages that
devices got, what the user service shows, and for its accounts."""

import base64
import copy
import json
import pathlib
import sys
import tempfile
import uuid

import histories
import mails
import pushes
import users
from report import Report
from selfcheck import ORDER, record

USER = "0190b6ac-0000-7000-8000-000000000003"
MESSAGE = "0190b6ac-0000-7000-8000-000000000004"
MAIL = "<1@shop>"
TOPIC = base64.urlsafe_b64encode(uuid.UUID(MESSAGE).bytes).decode().rstrip("=")
REFUSED = {"reason": "REFUSED", "detail": "mail server: not wanted here"}


def books():
    """A user with two devices; one order, whose mail was refused and whose push message one device took."""
    tokens = [json.dumps({"endpoint": f"http://127.0.0.1:1/send/{name}"}) for name in ("phone", "tablet")]
    user = {"user_id": USER, "email": "ada@example.org"}
    told = {"order_id": ORDER, "user_id": USER, "template": "order_completed"}
    return {
        "records": [
            record("users", "UserRegistered", USER, user | {"push_enabled": True, "push_tokens": tokens}),
            record("orders", "OrderPlaced", ORDER, {"order_id": ORDER, "user_id": USER, "total": 200}),
            record("orders", "OrderCompleted", ORDER, {"order_id": ORDER, "user_id": USER, "total": 200}),
            record("notifications", "NotificationFailed", ORDER, told | REFUSED | {"channel": "EMAIL", "message_id": MAIL}),
            record("notifications", "NotificationSent", ORDER, told | {"channel": "PUSH", "notification_id": MESSAGE}),
        ],
        "mail": [{"message_id": MAIL, "code": 451}, {"message_id": MAIL, "code": 554}],
        "sent": {},
        "taken": [{"device": "phone", "plain": json.dumps({"id": MESSAGE})}],
        "push": [{"device": "tablet", "topic": TOPIC, "status": status} for status in (503, 413)],
        "history": {USER: [{"order_id": ORDER, "state": "completed", "total": 200}]},
    }


def audited(given):
    report, once = Report(), given["records"]
    story = {ORDER: [r for r in once if r.topic == "orders"]}
    ends = story[ORDER][-1]
    for told in once:
        told.headers["ce_causationid"] = ends.id
    users.check(once, report)
    mails.check_notifications(once, story, report, pushes.devices(once))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for number, message in enumerate(given["taken"]):
            (folder / f"{number:04}.json").write_text(json.dumps(message))
        book = folder / "refusals.jsonl"
        book.write_text("".join(json.dumps(refusal) + "\n" for refusal in given["mail"]))
        mails.check_refused(folder, once, given["sent"], report)
        book.write_text("".join(json.dumps(refusal) + "\n" for refusal in given["push"]))
        pushes.check(folder, once, report)
    histories.check(given["history"], story, report)
    return {name for name, found in report.checks.items() if found}


def without(name, number):
    return lambda b: b[name].pop(number)


def set_value(number, **values):
    return lambda b: b["records"][number].value.update(values)


def is_failed(b):
    b["records"][4].type = "NotificationFailed"
    b["records"][4].value |= {"reason": "UNDELIVERABLE"}


def twice(number, key=None):
    def spoil(b):
        again = copy.deepcopy(b["records"][number])
        again.headers["ce_id"] = str(uuid.uuid4())
        again.key = key or again.key
        b["records"].append(again)

    return spoil


FAULTS = [
    (twice(0), "nobody registered twice"),
    (twice(0, key="another"), "nobody registered twice"),
    (without("records", 4), "decided once by mail, and once by push"),
    (without("records", 4), "if and only if a device took it"),
    (twice(4), "decided once by mail, and once by push"),
    (without("taken", 0), "if and only if a device took it"),
    (without("taken", 0), "every device took"),
    (without("push", 1), "every device took"),
    (lambda b: b["taken"].append(b["taken"][0] | {"device": "tablet"}), "every device took"),
    (lambda b: b["taken"].append(b["taken"][0] | {"device": "another's"}), "every device took"),
    (is_failed, "if and only if a device took it"),
    (without("records", 3), "the mail server refused it for good"),
    (without("mail", 1), "the mail server refused it for good"),
    (lambda b: b["sent"].update({MAIL: ORDER}), "the mail server refused it for good"),
    (set_value(3, reason="NO_RECIPIENT"), "the mail server refused it for good"),
    (set_value(3, detail="no address"), "the mail server refused it for good"),
    (lambda b: b["history"][USER].clear(), "each user sees each of their orders"),
    (lambda b: b["history"][USER][0].update(state="reserved"), "each user sees each of their orders"),
    (lambda b: b["history"][USER].append(b["history"][USER][0]), "each user sees each of their orders"),
    (lambda b: b["history"][USER][0].update(order_id="another"), "each user sees each of their orders"),
]


def main():
    wrong = []
    if audited(books()):
        wrong.append(f"good books: {audited(books())}")
    again = books()
    again["taken"] *= 2
    if audited(again):
        wrong.append(f"a message that a device got twice is no fault: {audited(again)}")
    for number, (spoil, name) in enumerate(FAULTS):
        spoilt = books()
        spoil(spoilt)
        if not any(name in check for check in audited(spoilt)):
            wrong.append(f"fault {number} was not found by the check of {name!r}: {audited(spoilt)}")
    print("\n".join(wrong) or f"{len(FAULTS)} faults outside the topics, each found by its check")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

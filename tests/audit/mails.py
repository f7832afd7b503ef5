"""Customers were told of every end once, and the mails are there."""

import collections
import email
import email.policy
import email.utils
import json

from orders import ENDS

TEMPLATES = {
    "OrderCompleted": "order_completed",
    "OrderRejected": "order_rejected",
    "OrderCancelled": "order_cancelled",
}


def check_notifications(once, story, report):
    """Returns what was sent by mail: order id and end, by Message-ID."""
    decided, sent, failed = collections.defaultdict(list), {}, 0
    for record in once:
        if record.topic == "notifications":
            decided[record.key, record.value["template"]].append(record)
    findings = report.check("notifications: one for each end of an order, and none besides")
    for order, records in story.items():
        for end in (record for record in records if record.type in ENDS):
            told = decided.pop((order, TEMPLATES[end.type]), [])
            if len(told) != 1:
                findings.append(f"{order}: {len(told)} notifications of {end.type}")
            elif told[0].headers.get("ce_causationid") != end.id:
                findings.append(f"{order}: {told[0].where} is not caused by {end.where}")
            elif told[0].type == "NotificationSent":
                sent[told[0].value["message_id"]] = order
            else:
                failed += 1
    findings.extend(f"{order}: {len(told)} of {template}, an end it never had" for (order, template), told in decided.items())
    report.count("notifications", {"sent": len(sent), "failed": failed})
    return sent


def check_mails(folder, sent, story, report):
    """Duplicates are counted, not found fault with: SMTP promises at least once."""
    missing = report.check("mails: none is missing")
    strange = report.check("mails: each tells of an order, and goes to its customer alone")
    copies = collections.Counter()
    for path in sorted(folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        number = message["Message-ID"]
        copies[number] += 1
        order = sent.get(number)
        if order is None:
            strange.append(f"{path.name}: no NotificationSent has {number}")
            continue
        customer = story[order][0].value["email"]
        to = [address for _, address in email.utils.getaddresses(message.get_all("To", []))]
        envelope = path.with_suffix(".json")
        if envelope.exists():
            to += json.loads(envelope.read_text())["to"]
        if set(to) != {customer}:
            strange.append(f"{path.name}: goes to {to}, the customer of {order} is {customer}")
    missing.extend(f"{order}: no mail has {number}" for number, order in sent.items() if not copies[number])
    report.count("mails", {"all": sum(copies.values()), "sent more than once": sum(n > 1 for n in copies.values())})

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


def check_notifications(once, story, report, devices=()):
    """Returns what was sent by mail: order id and end, by Message-ID. `devices` are the users who are told by push."""
    decided, counts = collections.defaultdict(list), collections.Counter()
    sent, silent = {}, silent_users(once)
    for record in once:
        if record.topic == "notifications":
            decided[record.key, record.value["template"], record.value["channel"]].append(record)
    findings = report.check(
        "notifications: each end of an order is decided once by mail, and once by push for who has a device"
    )
    for order, records in story.items():
        for end in (record for record in records if record.type in ENDS):
            user = str(end.value["user_id"])
            for channel, least in ("EMAIL", int(user not in silent)), ("PUSH", int(user in devices)):
                told = decided.pop((order, TEMPLATES[end.type], channel), [])
                if not least <= len(told) <= 1:
                    findings.append(f"{order}: {len(told)} notifications of {end.type} by {channel}")
                for one in told:
                    counts["sent" if one.type == "NotificationSent" else "failed", channel] += 1
                    if one.headers.get("ce_causationid") != end.id:
                        findings.append(f"{order}: {one.where} is not caused by {end.where}")
                    elif one.type == "NotificationSent" and channel == "EMAIL":
                        sent[one.value["message_id"]] = order
    for (order, template, channel), told in decided.items():
        findings.append(f"{order}: {len(told)} of {template} by {channel}, an end it never had")
    report.count("notifications", {what: counts[what, "EMAIL"] for what in ("sent", "failed")})
    report.count("push messages", {what: counts[what, "PUSH"] for what in ("sent", "failed")})
    return sent


def silent_users(once):
    """Those who have turned mails off at some time."""
    users = (record.value for record in once if record.topic == "users" and record.value)
    return {str(user["user_id"]) for user in users if not user.get("email_enabled", True)}


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
        # Without an address in the order it went to the user's own.
        if len(set(to)) != 1 or customer not in (None, to[0]):
            strange.append(f"{path.name}: goes to {to}, the customer of {order} is {customer}")
    missing.extend(f"{order}: no mail has {number}" for number, order in sent.items() if not copies[number])
    report.count("mails", {"all": sum(copies.values()), "sent more than once": sum(n > 1 for n in copies.values())})


def check_refused(folder, once, sent, report):
    """What the mail server refused for good was told as failed with its words, and nothing else was."""
    book = folder / "refusals.jsonl"
    if not book.exists():
        return
    refusals = [json.loads(line) for line in book.read_text().splitlines()]
    for_good = {refusal["message_id"] for refusal in refusals if refusal["code"] >= 500}
    failed = {
        record.value["message_id"]: record
        for record in once
        if record.type == "NotificationFailed" and record.value["channel"] == "EMAIL"
    }
    findings = report.check("mails: one is told as failed if and only if the mail server refused it for good")
    findings.extend(f"{number} was refused and not told as failed" for number in for_good - failed.keys())
    findings.extend(f"{number} was refused and told as sent" for number in for_good & sent.keys())
    for number, record in failed.items():
        said = record.value["reason"], record.value["detail"] or ""
        if number not in for_good or said[0] != "REFUSED" or "not wanted here" not in said[1]:
            findings.append(f"{record.where}: {said}")
    put_off = {refusal["message_id"] for refusal in refusals} - for_good
    report.count("mail server", {"refused for good": len(for_good), "put off": len(put_off), "refusals": len(refusals)})

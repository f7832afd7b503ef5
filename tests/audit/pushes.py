"""Each push message was decided once for each device, and what was told of it is what the push service did."""

import base64
import collections
import json
import uuid

TAKES_NOT = 413


def devices(once):
    """The names of each user's devices, by user id, where the user wants push messages."""
    last = {}
    for record in once:
        if record.topic == "users":
            last[record.key] = record.value
    return {
        user: {json.loads(token)["endpoint"].rpartition("/")[2] for token in state["push_tokens"]}
        for user, state in last.items()
        if state["push_enabled"] and state["push_tokens"]
    }


def check(folder, once, report):
    """The service took each message for good or refused it for good, a device at a time."""
    taken, refused, tries = _read(folder)
    told = {}
    for record in once:
        if record.topic == "notifications" and record.value["channel"] == "PUSH":
            told[str(record.value["notification_id"])] = record
    owned = devices(once)
    each = report.check("push: every device took each message or refused it for good, and was told of no other's")
    agreed = report.check("push: a message is told as sent if and only if a device took it")
    for number, record in told.items():
        theirs, took = owned.get(str(record.value["user_id"]), set()), set(taken[number])
        if theirs != took | refused[number] or took & refused[number]:
            each.append(f"{record.where}: of {theirs} {took} took it and {refused[number]} refused it")
        if (record.type == "NotificationSent") != bool(took):
            agreed.append(f"{record.where}: {record.type}, and {took} took it")
        elif not took and record.value["reason"] != "REFUSED":
            agreed.append(f"{record.where}: failed as {record.value['reason']}")
    agreed.extend(f"{number} was taken and never told" for number in taken if number not in told)
    agreed.extend(f"{number} was refused and never told" for number in refused if number not in told)
    copies = [n for by_device in taken.values() for n in by_device.values()]
    report.count(
        "push service",
        {
            "taken": len(copies),
            "taken more than once": sum(n > 1 for n in copies),
            "refused for good": sum(map(len, refused.values())),
            "tries put off": tries,
        },
    )


def _read(folder):
    """What was taken, how often by which device, and what was refused for good, by the message's id."""
    taken, refused, tries = collections.defaultdict(collections.Counter), collections.defaultdict(set), 0
    for path in folder.glob("[0-9]*.json"):
        message = json.loads(path.read_text())
        taken[json.loads(message["plain"])["id"]][message["device"]] += 1
    book = folder / "refusals.jsonl"
    for line in book.read_text().splitlines() if book.exists() else []:
        refusal = json.loads(line)
        number = str(uuid.UUID(bytes=base64.urlsafe_b64decode(refusal["topic"] + "==")))
        if refusal["status"] == TAKES_NOT:
            refused[number].add(refusal["device"])
        else:
            tries += 1
    return taken, refused, tries

"""What holds for every record whatever it says: it decodes, its key, its partition, its headers."""

import collections
import datetime
import uuid

from log import partition_of

# What each record's key is, by topic.
KEYS = {
    "users": "user_id",
    "products": "product_id",
    "stock-levels": "product_id",
    "carts": "user_id",
    "orders": "order_id",
    "reservations": "order_id",
    "payments": "order_id",
    "notifications": "order_id",
}
HEADERS = ["ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion"]
# Any program may publish a cart, with headers or without.
FOREIGN = "carts"


def check(log, report, dead_letters):
    """Returns the decoded records, each event once, in the order of its first copy."""
    report.check("every record of every topic decodes").extend(log.undecodable)
    misplaced = report.check("every record is on the topic of its name, under its own key")
    partition = report.check("every key is on the partition that Java's client picks")
    headers = report.check("every record of a service has CloudEvents headers that fit it")
    for record in log.records:
        where = partition_of(record.key, log.partitions[record.topic])
        if record.partition != where:
            partition.append(f"{record.where}: expected partition {where}")
        if record.value is None:
            continue
        expected = f"orderline.{record.topic.replace('-', '_')}.{record.type}"
        if record.full_name != expected or str(record.value[KEYS[record.topic]]) != record.key:
            misplaced.append(f"{record.where}: a {record.full_name}")
        if record.topic != FOREIGN:
            headers.extend(f"{record.where}: {wrong}" for wrong in _wrong_headers(record))
    _check_dead_letters(log, report, dead_letters)
    return _once(log, report)


def _wrong_headers(record):
    missing = [name for name in HEADERS if not record.headers.get(name)]
    if missing:
        return [f"lacks {', '.join(missing)}"]
    wrong = []
    if record.headers["ce_specversion"] != "1.0":
        wrong.append(f"ce_specversion is {record.headers['ce_specversion']}")
    if record.headers["ce_type"] != record.full_name:
        wrong.append(f"ce_type is {record.headers['ce_type']}, the record is {record.full_name}")
    try:
        uuid.UUID(record.headers["ce_id"])
        datetime.datetime.fromisoformat(record.headers["ce_time"])
    except ValueError as error:
        wrong.append(str(error))
    return wrong


def _once(log, report):
    changed = report.check("a record that was sent again is the same, byte for byte")
    first, twice = {}, collections.Counter()
    for record in log.records:
        if record.value is None:
            continue
        known = first.setdefault((record.topic, record.id), record)
        if known is not record:
            twice[record.topic] += 1
            if (known.payload, known.key) != (record.payload, record.key):
                changed.append(f"{record.where} differs from {known.where}, and both are {record.id}")
    report.count("records", len(log.records))
    report.count("records sent again, by topic", dict(twice))
    return list(first.values())


def _check_dead_letters(log, report, expected):
    letters = {}
    for letter in log.dead_letters():
        origin = tuple(letter.headers.get(f"dl_{name}") for name in ("group", "topic", "partition", "offset"))
        letters[origin] = letter.headers.get("dl_reason")
    findings = report.check("dead letters are those that were to be expected")
    if len(letters) != expected:
        findings.append(f"{len(letters)} instead of {expected}")
        findings.extend(f"{'/'.join(map(str, origin))}: {reason}" for origin, reason in letters.items())
    report.count("dead letters", len(letters))

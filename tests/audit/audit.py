"""Reads every record of every topic and says whether the shop's books add up.

It shares no code with the services: Confluent's client, Avro deserializer and registry client read the
topics, and the rules are written here a second time, from the READMEs. It expects a shop that has come
to rest: every order that was placed has reached its end. Exit code 0: no findings, 1: findings.
"""

import argparse
import json
import pathlib
import sys

import client
import envelope
import histories
import mails
import money
import orders
import pushes
import stock
import users
from log import Log
from report import Report


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    client.arguments(parser)
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--mail-dir", type=pathlib.Path, help="folder of .eml files")
    place.add_argument("--smtp-dir", type=pathlib.Path, help="folder of the tests' mail server: .eml with envelopes")
    parser.add_argument("--accepted", type=pathlib.Path, help="ids of the orders that HTTP accepted, one a line")
    parser.add_argument("--payment-ledger", help="URL of the payment sandbox's books, /sandbox/ledger")
    parser.add_argument("--push-dir", type=pathlib.Path, help="folder of the tests' push service, when all devices are its")
    parser.add_argument("--histories", type=pathlib.Path, help="JSON: the orders that the user service shows, by user id")
    parser.add_argument("--dead-letters", type=int, default=0, help="how many are expected, by identity; 0 by default")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    return parser.parse_args()


def main():
    opts = options()
    report = Report()
    log = Log(client.properties(opts), opts.schema_registry)
    once = envelope.check(log, report, opts.dead_letters)
    story = orders.check(once, report)
    orders.check_carts(once, story, log, report)
    if opts.accepted:
        orders.check_accepted(story, set(opts.accepted.read_text().split()), report)
    users.check(once, report)
    stock.check(once, story, report)
    money.check(once, story, money.read_ledger(opts.payment_ledger) if opts.payment_ledger else None, report)
    # With that folder whoever has a device has it since before the first order.
    devices = pushes.devices(once) if opts.push_dir else {}
    sent = mails.check_notifications(once, story, report, devices)
    folder = opts.smtp_dir or opts.mail_dir
    if folder:
        mails.check_mails(folder, sent, story, report)
    if opts.smtp_dir:
        mails.check_refused(opts.smtp_dir, once, sent, report)
    if opts.push_dir:
        pushes.check(opts.push_dir, once, report)
    if opts.histories:
        histories.check(json.loads(opts.histories.read_text()), story, report)
    report.print(opts.json)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

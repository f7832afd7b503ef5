"""Accounts: an address has one."""

import collections


def check(once, report):
    findings = report.check("users: nobody registered twice, and an address has one account")
    registered, address = collections.Counter(), {}
    for record in once:
        if record.topic == "users":
            registered[record.key] += record.type == "UserRegistered"
            address[record.key] = record.value["email"].lower()
    findings.extend(f"{user} registered {n} times" for user, n in registered.items() if n > 1)
    for email, n in collections.Counter(address.values()).items():
        if n > 1:
            findings.append(f"{n} accounts have one address: {[user for user in address if address[user] == email]}")
    report.count("accounts", len(address))

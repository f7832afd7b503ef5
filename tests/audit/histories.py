"""What the user service shows people of their orders is what became of those."""

STATES = {"OrderCompleted": "completed", "OrderRejected": "rejected", "OrderCancelled": "cancelled"}


def check(histories, story, report):
    """`histories` has the orders of each user whose history was read, by user id."""
    findings = report.check("histories: each user sees each of their orders, as it ended, and no other's")
    due = {user: {} for user in histories}
    for order, records in story.items():
        user = str(records[0].value["user_id"])
        if user in due:
            due[user][order] = (STATES.get(records[-1].type), records[0].value["total"])
    for user, orders in histories.items():
        shown = {order["order_id"]: (order["state"], order["total"]) for order in orders}
        if len(shown) != len(orders):
            findings.append(f"{user}: an order is shown twice")
        for order in sorted(due[user].keys() | shown.keys()):
            if due[user].get(order) != shown.get(order):
                findings.append(f"{user}: {order} is shown as {shown.get(order)} and is {due[user].get(order)}")
    report.count("histories", {"users": len(histories), "orders": sum(map(len, histories.values()))})

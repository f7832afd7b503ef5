"""Places orders as another program would: CartCheckedOut on `carts`, without CloudEvents headers.

Prints a line for each cart: its checkout_id.
"""

import argparse
import uuid

import client
from publish import Publisher


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    client.arguments(parser)
    parser.add_argument("--sku", required=True)
    parser.add_argument("--quantity", type=int, default=1)
    parser.add_argument("--line-total", type=int, required=True, help="minor units")
    parser.add_argument("--currency", default="EUR")
    parser.add_argument("--email", required=True)
    parser.add_argument("--channel", default="python")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--checkout-id", type=uuid.UUID, help="made anew for each cart by default")
    opts = parser.parse_args()

    publisher = Publisher(client.properties(opts), opts.schema_registry, "carts", "cart_checked_out")
    for _ in range(opts.count):
        cart = cart_of(opts)
        publisher.send(cart["user_id"], cart)
        print(cart["checkout_id"])
    publisher.close()


def cart_of(opts):
    # What is not named here gets the schema's default.
    checkout = opts.checkout_id or uuid.uuid4()
    return {
        "checkout_id": str(checkout),
        # The same checkout sent again is the same customer's.
        "user_id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(checkout))),
        "email": opts.email,
        "channel": opts.channel,
        "lines": [{"product_id": opts.sku, "quantity": opts.quantity, "line_total": opts.line_total}],
        "total": opts.line_total,
        "currency": opts.currency,
        "checked_out_at": 1_767_225_600_000_000,
    }


if __name__ == "__main__":
    main()

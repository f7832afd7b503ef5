"""Lists products with stock, as the product service would: SKU-0, SKU-1, … at 1.00, 2.00, …"""

import argparse
import datetime
import uuid

from publish import Publisher

NAME = "orderline.products.ProductListed"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--schema-registry", required=True)
    parser.add_argument("--stock", type=int, nargs="+", required=True, help="how many of each product")
    parser.add_argument("--currency", default="EUR")
    opts = parser.parse_args()

    publisher = Publisher(opts.bootstrap, opts.schema_registry, "products", "product_listed")
    for number, stock in enumerate(opts.stock):
        publisher.send(f"SKU-{number}", product(number, stock, opts.currency), headers())
    publisher.close()


def product(number, stock, currency):
    return {
        "product_id": f"SKU-{number}",
        "name": f"Product {number}",
        "description": "",
        "price": 100 * (number + 1),
        "currency": currency,
        "listed": True,
        "restocked_total": stock,
        "version": 1,
        "updated_at": datetime.datetime.now(datetime.timezone.utc),
    }


def headers():
    return {
        "ce_id": str(uuid.uuid4()),
        "ce_type": NAME,
        "ce_source": "publish_products",
        "ce_time": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "ce_specversion": "1.0",
    }


if __name__ == "__main__":
    main()

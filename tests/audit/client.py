"""How these programs reach the brokers and the registry."""

import json
import pathlib


def arguments(parser):
    parser.add_argument("--bootstrap", required=True, help="brokers, HOST:PORT,…")
    parser.add_argument("--schema-registry", required=True, help="URL of a Confluent-compatible registry")
    parser.add_argument(
        "--client-config", type=pathlib.Path, help="JSON object of librdkafka's properties, such as those of a login"
    )


def properties(opts):
    """What Confluent's clients are made with."""
    more = json.loads(opts.client_config.read_text()) if opts.client_config else {}
    return {"bootstrap.servers": opts.bootstrap, **more}

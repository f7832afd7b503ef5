"""Publishes records as any other program would: Confluent's Avro serializer, the schemas of this checkout."""

import pathlib

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

AVRO = pathlib.Path(__file__).parents[2] / "schemas/avro"


class Publisher:
    """One record type to one topic; the subject is the record's name."""

    def __init__(self, client, registry, topic, record):
        schema = (AVRO / f"{record}.avsc").read_text()
        conf = {"subject.name.strategy": record_subject_name_strategy, "auto.register.schemas": True}
        self._serialize = AvroSerializer(SchemaRegistryClient({"url": registry}), schema, conf=conf)
        # Java's partitioner, so that a key is on one partition whoever writes.
        self._producer = Producer({**client, "partitioner": "murmur2_random"})
        self._topic = topic

    def send(self, key, value, headers=None):
        payload = self._serialize(value, SerializationContext(self._topic, MessageField.VALUE))
        self._producer.produce(self._topic, key=key, value=payload, headers=headers, on_delivery=_delivered)

    def close(self):
        left = self._producer.flush(60)
        if left:
            raise SystemExit(f"{left} records were not taken in 60 s")


def _delivered(error, _):
    if error is not None:
        raise SystemExit(f"a record was not taken: {error}")

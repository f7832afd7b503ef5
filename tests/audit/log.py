"""Reads every record of every topic with Confluent's client, and knows nothing of the services' code."""

import dataclasses
import json
import struct
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

DEAD_LETTERS = "dead-letter."
PATIENCE = 30
NOT_OURS = ("__", "_schemas")


@dataclasses.dataclass
class Record:
    topic: str
    partition: int
    offset: int
    key: str
    headers: dict
    payload: bytes
    type: str = None  # the record's name without its namespace
    full_name: str = None
    value: dict = None

    @property
    def id(self):
        return self.headers.get("ce_id") or f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def where(self):
        return f"{self.topic}[{self.partition}]@{self.offset} key {self.key}"


class Log:
    """All records, in the order of each partition; `undecodable` holds what Confluent's client refuses."""

    def __init__(self, client, registry):
        self.partitions = {}
        self.undecodable = []
        self.records = []
        self._registry = SchemaRegistryClient({"url": registry})
        self._decode = AvroDeserializer(self._registry)
        self._names = {}
        self._read(client)

    def of(self, topic):
        return [record for record in self.records if record.topic == topic]

    def dead_letters(self):
        return [record for record in self.records if record.topic.startswith(DEAD_LETTERS)]

    def _read(self, client):
        # The group never commits: it is there because the client asks for one.
        consumer = Consumer(
            {
                **client,
                "group.id": f"audit-{uuid.uuid4()}",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
            }
        )
        topics = consumer.list_topics(timeout=30).topics
        left = set()
        for name, topic in sorted(topics.items()):
            if not name.startswith(NOT_OURS):
                self.partitions[name] = len(topic.partitions)
                left.update((name, number) for number in topic.partitions)
        consumer.assign([TopicPartition(name, number, OFFSET_BEGINNING) for name, number in left])
        heard = time.monotonic()
        while left:
            # It waits for so many, or for so long: there is no end that it would know of.
            messages = consumer.consume(1_000, timeout=0.2)
            if messages:
                heard = time.monotonic()
            elif time.monotonic() - heard > PATIENCE:
                raise TimeoutError(f"no end of these partitions in {PATIENCE} s: {sorted(left)}")
            for message in messages:
                error = message.error()
                if error is None:
                    self._take(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard((message.topic(), message.partition()))
                else:
                    raise RuntimeError(f"{message.topic()}: {error}")
        consumer.close()

    def _take(self, message):
        headers = {name: (value or b"").decode("utf-8", "replace") for name, value in message.headers() or []}
        key = (message.key() or b"").decode("utf-8", "replace")
        record = Record(message.topic(), message.partition(), message.offset(), key, headers, message.value())
        # A dead letter carries the bytes as they came, which may be no Avro; a tombstone carries none.
        if not record.topic.startswith(DEAD_LETTERS) and record.payload is not None:
            try:
                record.value = self._decode(
                    record.payload, SerializationContext(record.topic, MessageField.VALUE)
                )
                record.full_name = self._name_of(record.payload)
                record.type = record.full_name.rpartition(".")[2]
            except Exception as error:  # whatever the client says is the finding
                self.undecodable.append(f"{record.where}: {type(error).__name__}: {error}")
                return
        self.records.append(record)

    def _name_of(self, payload):
        """The writer's record name, by the schema id in Confluent's framing."""
        _, number = struct.unpack(">bI", payload[:5])
        if number not in self._names:
            schema = json.loads(self._registry.get_schema(number).schema_str)
            name, space = schema["name"], schema.get("namespace")
            self._names[number] = f"{space}.{name}" if space and "." not in name else name
        return self._names[number]


def partition_of(key, partitions):
    """Where Java's default partitioner puts a key: murmur2, seed 0x9747b28c, the sign bit dropped."""
    data, mask, m = key.encode(), 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for (k,) in struct.iter_unpack("<I", data[:whole]):
        k = k * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions

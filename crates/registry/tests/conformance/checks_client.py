"""The API as Confluent's own Python client uses it."""

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from api import field, record, unique


def _client(api):
    return SchemaRegistryClient({"url": api.url, "timeout": 20})


def the_client_registers_and_reads(api):
    client, subject, schema = _client(api), api.subject(), Schema(unique(field("a")), "AVRO")
    found = client.register_schema(subject, schema)
    assert client.get_schema(found).schema_type == "AVRO"
    assert client.lookup_schema(subject, schema).version == 1
    assert client.get_latest_version(subject).schema_id == found
    assert client.get_version(subject, 1).schema_id == found
    assert client.get_versions(subject) == [1]
    assert subject in client.get_subjects()


def the_client_sets_levels_and_tests(api):
    client, subject = _client(api), api.subject()
    client.register_schema(subject, Schema(record(field("a")), "AVRO"))
    client.set_compatibility(subject, "FULL")
    assert client.get_compatibility(subject) == "FULL"
    assert client.test_compatibility(subject, Schema(record(field("a")), "AVRO"))
    assert not client.test_compatibility(subject, Schema(record(), "AVRO"))


def the_client_hears_errors_by_their_codes(api):
    try:
        _client(api).get_latest_version("no-such-subject")
    except SchemaRegistryError as error:
        assert (error.http_status_code, error.error_code) == (404, 40401), error
    else:
        raise AssertionError("no error")


def the_client_deletes(api):
    client, subject = _client(api), api.subject()
    client.register_schema(subject, Schema(unique(), "AVRO"))
    assert client.delete_subject(subject) == [1]
    assert client.delete_subject(subject, permanent=True) == [1]


def a_value_goes_round_through_the_serializer(api):
    topic = api.subject()
    api.subjects.append(f"{topic}-value")
    client, context = _client(api), SerializationContext(topic, MessageField.VALUE)
    schema = unique(field("a"), field("b", ["null", "string"], default=None))
    value = {"a": 7, "b": "seven"}
    data = AvroSerializer(client, schema)(value, context)
    assert data[0] == 0
    assert AvroDeserializer(client)(data, context) == value


def an_old_value_is_read_with_a_new_schema(api):
    topic = api.subject()
    api.subjects.append(f"{topic}-value")
    client, context = _client(api), SerializationContext(topic, MessageField.VALUE)
    old = record(field("a"))
    new = record(field("a", "long"), field("b", "string", default="none"))
    data = AvroSerializer(client, old)({"a": 7}, context)
    AvroSerializer(client, new)({"a": 7, "b": "x"}, context)
    assert AvroDeserializer(client, new)(data, context) == {"a": 7, "b": "none"}


def a_value_with_a_reference_goes_round(api):
    topic, base = api.subject(), api.subject()
    api.subjects.append(f"{topic}-value")
    client, context = _client(api), SerializationContext(topic, MessageField.VALUE)
    client.register_schema(base, Schema(record(field("a"), name="Base"), "AVRO"))
    reference = SchemaReference("n.Base", base, 1)
    schema = Schema(record(field("inner", "n.Base"), name="User"), "AVRO", [reference])
    data = AvroSerializer(client, schema)({"inner": {"a": 7}}, context)
    assert AvroDeserializer(client)(data, context) == {"inner": {"a": 7}}

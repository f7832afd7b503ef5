"""Every known difference from Confluent's documented API, and why. The README repeats the first table."""

DIFFERENCES = {
    "ours": {
        "a_schema_type_other_than_avro_is_accepted": "on purpose: only Avro, the shop's one format; anything else is refused with 42201",
        "json_and_protobuf_are_among_the_schema_types": "on purpose: only Avro",
        "a_removed_schema_registered_again_gets_a_new_id": "on purpose: an id is never given away, and its content gets it back, so that old records can be read again",
    },
    "apicurio": {},
}

from api import field, is_error, is_json, record

A = record(field("a"))
A_AND_B = record(field("a"), field("b"))
A_AND_FILLED_B = record(field("a"), field("b", default=0))
NOTHING = record()
# What each level says of a new version beside version A.
EXPECTED = {
    "NONE": (True, True, True),
    "BACKWARD": (False, True, True),
    "BACKWARD_TRANSITIVE": (False, True, True),
    "FORWARD": (True, False, True),
    "FORWARD_TRANSITIVE": (True, False, True),
    "FULL": (False, False, True),
    "FULL_TRANSITIVE": (False, False, True),
}


def _verdict(api, subject, schema, version="latest", **query):
    path = f"/compatibility/subjects/{subject}/versions"
    answer = api.post(path + (f"/{version}" if version else ""), {"schema": schema}, **query)
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
    return answer.json()["is_compatible"]


def every_level_looks_the_way_it_says(api):
    subject = api.subject()
    api.register(subject, A)
    for level, expected in EXPECTED.items():
        api.put(f"/config/{subject}", {"compatibility": level})
        found = tuple(_verdict(api, subject, schema) for schema in (A_AND_B, NOTHING, A_AND_FILLED_B))
        assert found == expected, f"{level}: {found}"


def only_a_transitive_level_looks_at_all_versions(api):
    subject = api.subject()
    for schema in (A, A_AND_FILLED_B):
        api.register(subject, schema)
    for level, expected in (("BACKWARD", True), ("BACKWARD_TRANSITIVE", False)):
        api.put(f"/config/{subject}", {"compatibility": level})
        assert _verdict(api, subject, A_AND_B, version=None) == expected, level


def one_version_can_be_chosen(api):
    subject = api.subject()
    for schema in (A, A_AND_FILLED_B):
        api.register(subject, schema)
    assert _verdict(api, subject, A_AND_B, version=2)
    assert not _verdict(api, subject, A_AND_B, version=1)


def verbose_says_why(api):
    subject = api.subject()
    api.register(subject, A)
    path = f"/compatibility/subjects/{subject}/versions/latest"
    answer = api.post(path, {"schema": A_AND_B}, verbose=True).json()
    assert answer["is_compatible"] is False
    assert answer["messages"] and "READER_FIELD_MISSING_DEFAULT_VALUE" in " ".join(answer["messages"]), answer


def a_subject_without_versions_takes_anything(api):
    assert _verdict(api, "no-such-subject", A, version=None)
    assert _verdict(api, "no-such-subject", A, version="latest")


def an_unknown_version_to_compare_with_is_40402(api):
    subject = api.subject()
    api.register(subject, A)
    answer = api.post(f"/compatibility/subjects/{subject}/versions/9", {"schema": A})
    is_error(answer, 404, 40402)


def an_invalid_schema_to_compare_is_42201(api):
    subject = api.subject()
    api.register(subject, A)
    answer = api.post(f"/compatibility/subjects/{subject}/versions/latest", {"schema": "{"})
    is_error(answer, 422, 42201)


def _reads(api, reader, writer):
    subject = api.subject()
    api.register(subject, writer)
    return _verdict(api, subject, reader)


def promotions_follow_the_specification(api):
    promotes = {
        ("long", "int"), ("float", "int"), ("double", "int"), ("float", "long"), ("double", "long"),
        ("double", "float"), ("bytes", "string"), ("string", "bytes"),
    }
    kinds = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
    for writer in kinds:
        subject = api.subject()
        api.register(subject, f'"{writer}"')
        for reader in kinds:
            expected = reader == writer or (reader, writer) in promotes
            found = _verdict(api, subject, f'"{reader}"')
            assert found == expected, f"{reader} reading {writer}: {found}"


def unions_follow_the_specification(api):
    assert _reads(api, '["null","int"]', '"int"')
    assert not _reads(api, '"int"', '["null","int"]')
    assert _reads(api, '["string","null","long"]', '["null","int"]')
    assert not _reads(api, '["null","int"]', '["null","int","string"]')


def enums_follow_the_specification(api):
    two = '{"type":"enum","name":"E","symbols":["A","B"]}'
    three = '{"type":"enum","name":"E","symbols":["A","B","C"]}'
    fallback = '{"type":"enum","name":"E","symbols":["A","B"],"default":"A"}'
    assert _reads(api, three, two)
    assert not _reads(api, two, three)
    assert _reads(api, fallback, three)


def aliases_follow_the_specification(api):
    assert _reads(api, record(field("b", aliases=["a"])), A)
    assert not _reads(api, record(field("b")), A)
    assert not _reads(api, record(field("a"), name="Renamed"), A)
    assert _reads(api, record(field("a"), name="Renamed", aliases=["R"]), A)


def named_types_are_followed_to_their_definition(api):
    inline = {"type": "fixed", "name": "F", "size": 4}
    one = record(field("a", inline), field("b", "F"))
    two = record(field("b", inline), field("a", "F"))
    assert _reads(api, two, one)
    wide = {"type": "fixed", "name": "F", "size": 8}
    assert not _reads(api, record(field("b", wide), field("a", "F")), one)


def decimals_are_compared_by_their_bytes_alone(api):
    decimal = '{{"type":"bytes","logicalType":"decimal","precision":{},"scale":2}}'
    assert _reads(api, decimal.format(9), decimal.format(4))

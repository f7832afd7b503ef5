import json

from api import field, is_error, is_json, record, unique


def a_version_describes_itself(api):
    subject, schema = api.subject(), unique(field("a"))
    found = api.register(subject, schema)
    answer = api.get(f"/subjects/{subject}/versions/1").json()
    assert (answer["subject"], answer["version"], answer["id"]) == (subject, 1, found), answer
    assert json.loads(answer["schema"]) == json.loads(schema)


def latest_and_minus_one_are_the_last_version(api):
    subject = api.subject()
    for n in range(2):
        api.register(subject, record(*[field(f"f{i}", default=0) for i in range(n)]))
    assert api.get(f"/subjects/{subject}/versions/latest").json()["version"] == 2
    assert api.get(f"/subjects/{subject}/versions/-1").json()["version"] == 2


def a_versions_schema_is_the_bare_text(api):
    subject, schema = api.subject(), unique(field("a"))
    api.register(subject, schema)
    is_json(api.get(f"/subjects/{subject}/versions/latest/schema"), json.loads(schema))


def an_id_gives_its_schema(api):
    subject, schema = api.subject(), unique(field("a"))
    found = api.register(subject, schema)
    answer = api.get(f"/schemas/ids/{found}")
    assert json.loads(answer.json()["schema"]) == json.loads(schema), answer.text
    assert answer.json().get("schemaType", "AVRO") == "AVRO"
    is_json(api.get(f"/schemas/ids/{found}/schema"), json.loads(schema))


def an_id_knows_where_it_is_used(api):
    one, two, schema = api.subject(), api.subject(), unique()
    found = api.register(one, schema)
    api.register(two, schema)
    assert sorted(api.get(f"/schemas/ids/{found}/subjects").json()) == sorted([one, two])
    versions = api.get(f"/schemas/ids/{found}/versions").json()
    assert {(use["subject"], use["version"]) for use in versions} == {(one, 1), (two, 1)}, versions


def an_unknown_id_is_40403(api):
    for path in ["", "/versions", "/subjects"]:
        is_error(api.get(f"/schemas/ids/987654{path}"), 404, 40403)


def an_unknown_subject_is_40401(api):
    is_error(api.get("/subjects/no-such-subject/versions"), 404, 40401)
    is_error(api.get("/subjects/no-such-subject/versions/1"), 404, 40401)
    is_error(api.post("/subjects/no-such-subject", {"schema": '"int"'}), 404, 40401)


def an_unknown_version_is_40402(api):
    subject = api.subject()
    api.register(subject, unique())
    is_error(api.get(f"/subjects/{subject}/versions/7"), 404, 40402)


def an_invalid_version_is_42202(api):
    subject = api.subject()
    api.register(subject, unique())
    for version in ["0", "-2", "first"]:
        is_error(api.get(f"/subjects/{subject}/versions/{version}"), 422, 42202)


def a_lookup_finds_the_version(api):
    subject, schema = api.subject(), unique(field("a"))
    found = api.register(subject, schema)
    answer = api.post(f"/subjects/{subject}", {"schema": schema}).json()
    assert (answer["subject"], answer["version"], answer["id"]) == (subject, 1, found), answer


def a_lookup_of_another_schema_is_40403(api):
    subject = api.subject()
    api.register(subject, unique(field("a")))
    is_error(api.post(f"/subjects/{subject}", {"schema": unique(field("b"))}), 404, 40403)


def a_lookup_of_an_invalid_schema_is_42201(api):
    subject = api.subject()
    api.register(subject, unique())
    is_error(api.post(f"/subjects/{subject}", {"schema": "{"}), 422, 42201)


def subjects_are_listed_by_prefix(api):
    one, two = api.subject("prefix-a"), api.subject("prefix-b")
    for subject in (one, two):
        api.register(subject, unique())
    assert {one, two} <= set(api.get("/subjects").json())
    assert api.get("/subjects", subjectPrefix="prefix-a").json() == [one]


def schemas_are_listed_by_prefix(api):
    subject = api.subject("listed")
    for n in range(2):
        api.register(subject, record(*[field(f"f{i}", default=0) for i in range(n)]))
    found = api.get("/schemas", subjectPrefix=subject).json()
    assert [(one["subject"], one["version"]) for one in found] == [(subject, 1), (subject, 2)], found
    found = api.get("/schemas", subjectPrefix=subject, latestOnly=True).json()
    assert [one["version"] for one in found] == [2], found


def avro_is_among_the_schema_types(api):
    assert "AVRO" in api.get("/schemas/types").json()


def json_and_protobuf_are_among_the_schema_types(api):
    assert {"JSON", "PROTOBUF"} <= set(api.get("/schemas/types").json())

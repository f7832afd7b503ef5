from urllib.parse import quote

from api import MEDIA_TYPE, field, is_error, is_json, record, unique


def the_answer_has_the_registrys_media_type(api):
    answer = api.get("/subjects")
    assert answer.headers["Content-Type"].split(";")[0] == MEDIA_TYPE, answer.headers["Content-Type"]


def registering_gives_an_id_and_version_1(api):
    subject, schema = api.subject(), unique()
    found = api.register(subject, schema)
    assert isinstance(found, int) and found > 0
    is_json(api.get(f"/subjects/{subject}/versions"), [1])


def registering_again_changes_nothing(api):
    subject, schema = api.subject(), unique()
    assert api.register(subject, schema) == api.register(subject, schema)
    is_json(api.get(f"/subjects/{subject}/versions"), [1])


def one_schema_has_one_id_in_two_subjects(api):
    schema = unique()
    assert api.register(api.subject(), schema) == api.register(api.subject(), schema)


def white_space_makes_no_new_version(api):
    subject, schema = api.subject(), unique(field("a"))
    first = api.register(subject, schema)
    assert api.register(subject, schema.replace(",", " ,\n ").replace(":", " : ")) == first
    is_json(api.get(f"/subjects/{subject}/versions"), [1])


def normalize_is_accepted(api):
    subject, schema = api.subject(), unique(field("a"))
    answer = api.post(f"/subjects/{subject}/versions", {"schema": schema}, normalize=True)
    assert answer.status_code == 200, answer.text


def versions_count_up(api):
    subject = api.subject()
    for n in range(3):
        api.register(subject, record(*[field(f"f{i}", default=0) for i in range(n)]))
    is_json(api.get(f"/subjects/{subject}/versions"), [1, 2, 3])


def a_primitive_is_a_schema(api):
    subject = api.subject()
    api.register(subject, '"string"')
    assert api.get(f"/subjects/{subject}/versions/1").json()["schema"] == '"string"'


def json_content_type_will_do(api):
    api.session.headers["Content-Type"] = "application/json"
    api.register(api.subject(), unique())


def a_subject_may_have_a_slash(api):
    subject = api.subject("a/b c")
    api.register(subject, unique())
    assert api.get(f"/subjects/{quote(subject, safe='')}/versions/1").json()["subject"] == subject


def an_invalid_schema_is_42201(api):
    for schema in ["{", '{"type":"record"}', '{"type":"nope"}', ""]:
        is_error(api.post(f"/subjects/{api.subject()}/versions", {"schema": schema}), 422, 42201)


def an_incompatible_schema_is_409(api):
    subject = api.subject()
    api.register(subject, record(field("a")))
    answer = api.post(f"/subjects/{subject}/versions", {"schema": record(field("a", "string"))})
    assert answer.status_code == 409, answer.text
    assert answer.json()["error_code"] in (409, 40901), answer.text


def a_schema_type_other_than_avro_is_accepted(api):
    schema = '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}'
    body = {"schema": schema, "schemaType": "JSON"}
    answer = api.post(f"/subjects/{api.subject()}/versions", body)
    assert answer.status_code == 200, answer.text


def an_id_outside_import_mode_is_refused(api):
    body = {"schema": unique(), "id": 4711, "version": 1}
    is_error(api.post(f"/subjects/{api.subject()}/versions", body), 422, 42205)


def a_reference_is_followed(api):
    base, user = api.subject(), api.subject()
    api.register(base, record(field("a"), name="Base"))
    references = [{"name": "n.Base", "subject": base, "version": 1}]
    schema = record(field("b", "n.Base"), name="User")
    found = api.register(user, schema, references=references)
    answer = api.get(f"/schemas/ids/{found}").json()
    assert answer["references"] == references, answer
    is_json(api.get(f"/subjects/{base}/versions/1/referencedby"), [found])


def a_reference_to_nowhere_is_42201(api):
    body = {
        "schema": record(field("b", "n.Base"), name="User"),
        "references": [{"name": "n.Base", "subject": "no-such-subject", "version": 1}],
    }
    is_error(api.post(f"/subjects/{api.subject()}/versions", body), 422, 42201)

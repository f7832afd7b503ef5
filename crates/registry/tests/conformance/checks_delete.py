from api import field, is_error, is_json, record, unique


def _with_versions(api, count):
    subject = api.subject()
    for n in range(count):
        api.register(subject, record(*[field(f"f{i}", default=0) for i in range(n)]))
    return subject


def deleting_a_subject_is_soft(api):
    subject = _with_versions(api, 2)
    is_json(api.delete(f"/subjects/{subject}"), [1, 2])
    is_error(api.get(f"/subjects/{subject}/versions"), 404, 40401)
    assert subject not in api.get("/subjects").json()
    assert subject in api.get("/subjects", deleted=True).json()
    is_json(api.get(f"/subjects/{subject}/versions", deleted=True), [1, 2])


def deleting_a_subject_twice_is_40404(api):
    subject = _with_versions(api, 1)
    api.delete(f"/subjects/{subject}")
    is_error(api.delete(f"/subjects/{subject}"), 404, 40404)


def removing_an_active_subject_is_40405(api):
    subject = _with_versions(api, 1)
    is_error(api.delete(f"/subjects/{subject}", permanent=True), 404, 40405)


def removing_a_deleted_subject_is_for_good(api):
    subject = _with_versions(api, 2)
    api.delete(f"/subjects/{subject}")
    is_json(api.delete(f"/subjects/{subject}", permanent=True), [1, 2])
    assert subject not in api.get("/subjects", deleted=True).json()
    is_error(api.delete(f"/subjects/{subject}"), 404, 40401)


def deleting_an_unknown_subject_is_40401(api):
    is_error(api.delete("/subjects/no-such-subject"), 404, 40401)


def deleting_a_version_is_soft(api):
    subject = _with_versions(api, 3)
    is_json(api.delete(f"/subjects/{subject}/versions/2"), 2)
    is_json(api.get(f"/subjects/{subject}/versions"), [1, 3])
    is_error(api.get(f"/subjects/{subject}/versions/2"), 404, 40402)
    assert api.get(f"/subjects/{subject}/versions/2", deleted=True).json()["version"] == 2


def deleting_a_version_twice_is_40406(api):
    subject = _with_versions(api, 2)
    api.delete(f"/subjects/{subject}/versions/1")
    is_error(api.delete(f"/subjects/{subject}/versions/1"), 404, 40406)


def removing_an_active_version_is_40407(api):
    subject = _with_versions(api, 2)
    is_error(api.delete(f"/subjects/{subject}/versions/1", permanent=True), 404, 40407)


def removing_a_deleted_version_is_for_good(api):
    subject = _with_versions(api, 2)
    api.delete(f"/subjects/{subject}/versions/1")
    is_json(api.delete(f"/subjects/{subject}/versions/1", permanent=True), 1)
    is_json(api.get(f"/subjects/{subject}/versions", deleted=True), [2])


def the_latest_version_can_be_deleted(api):
    subject = _with_versions(api, 2)
    is_json(api.delete(f"/subjects/{subject}/versions/latest"), 2)
    assert api.get(f"/subjects/{subject}/versions/latest").json()["version"] == 1


def deleting_an_unknown_version_is_40402(api):
    subject = _with_versions(api, 1)
    is_error(api.delete(f"/subjects/{subject}/versions/9"), 404, 40402)


def deleting_an_invalid_version_is_42202(api):
    subject = _with_versions(api, 1)
    is_error(api.delete(f"/subjects/{subject}/versions/zero"), 422, 42202)


def a_deleted_schema_can_still_be_read_by_id(api):
    subject, schema = api.subject(), unique()
    found = api.register(subject, schema)
    api.delete(f"/subjects/{subject}")
    assert api.get(f"/schemas/ids/{found}").status_code == 200


def a_removed_schema_can_no_longer_be_read_by_id(api):
    subject, schema = api.subject(), unique()
    found = api.register(subject, schema)
    api.delete(f"/subjects/{subject}")
    api.delete(f"/subjects/{subject}", permanent=True)
    is_error(api.get(f"/schemas/ids/{found}"), 404, 40403)


def a_deleted_schema_registered_again_keeps_its_id_and_gets_a_new_version(api):
    subject, schema = api.subject(), unique()
    found = api.register(subject, schema)
    api.delete(f"/subjects/{subject}")
    assert api.register(subject, schema) == found
    is_json(api.get(f"/subjects/{subject}/versions"), [2])


def a_removed_schema_registered_again_gets_a_new_id(api):
    subject, schema = api.subject(), unique()
    found = api.register(subject, schema)
    api.delete(f"/subjects/{subject}")
    api.delete(f"/subjects/{subject}", permanent=True)
    assert api.register(subject, schema) != found


def what_is_referred_to_cannot_be_deleted(api):
    base, user = api.subject(), api.subject()
    api.register(base, record(field("a"), name="Base"))
    references = [{"name": "n.Base", "subject": base, "version": 1}]
    api.register(user, record(field("b", "n.Base"), name="User"), references=references)
    is_error(api.delete(f"/subjects/{base}/versions/1"), 422, 42206)
    is_error(api.delete(f"/subjects/{base}"), 422, 42206)

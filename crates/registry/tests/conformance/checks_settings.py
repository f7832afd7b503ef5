from api import field, has, is_error, is_json, record, unique


def the_default_level_is_backward(api):
    has(api.get("/config"), compatibilityLevel="BACKWARD")


def the_global_level_can_be_set_and_reset(api):
    before = api.get("/config").json()
    has(api.put("/config", {"compatibility": "FULL"}), compatibility="FULL")
    has(api.get("/config"), compatibilityLevel="FULL")
    assert api.delete("/config").status_code == 200
    is_json(api.get("/config"), before)


def a_subject_has_a_level_of_its_own(api):
    subject = api.subject()
    api.register(subject, unique())
    path = f"/config/{subject}"
    has(api.put(path, {"compatibility": "FORWARD"}), compatibility="FORWARD")
    has(api.get(path), compatibilityLevel="FORWARD")
    assert api.delete(path).status_code == 200
    is_error(api.get(path), 404, 40408)


def a_level_can_be_set_before_the_subject_exists(api):
    subject = api.subject()
    assert api.put(f"/config/{subject}", {"compatibility": "NONE"}).status_code == 200
    has(api.get(f"/config/{subject}"), compatibilityLevel="NONE")


def a_subject_without_a_level_is_40408(api):
    subject = api.subject()
    api.register(subject, unique())
    is_error(api.get(f"/config/{subject}"), 404, 40408)


def default_to_global_inherits(api):
    subject = api.subject()
    api.register(subject, unique())
    is_json(api.get(f"/config/{subject}", defaultToGlobal=True), api.get("/config").json())


def an_unknown_level_is_42203(api):
    is_error(api.put("/config", {"compatibility": "SIDEWAYS"}), 422, 42203)


def the_mode_is_readwrite(api):
    has(api.get("/mode"), mode="READWRITE")


def an_unknown_mode_is_42204(api):
    is_error(api.put("/mode", {"mode": "SOMETIMES"}), 422, 42204)


def a_read_only_registry_refuses_writes(api):
    subject = api.subject()
    has(api.put("/mode", {"mode": "READONLY"}), mode="READONLY")
    is_error(api.post(f"/subjects/{subject}/versions", {"schema": unique()}), 422, 42205)
    has(api.put("/mode", {"mode": "READWRITE"}), mode="READWRITE")
    api.register(subject, unique())


def a_level_takes_effect(api):
    subject = api.subject()
    api.register(subject, record(field("a")))
    other = {"schema": record(field("a", "string"))}
    assert api.post(f"/subjects/{subject}/versions", other).status_code == 409
    api.put(f"/config/{subject}", {"compatibility": "NONE"})
    assert api.post(f"/subjects/{subject}/versions", other).status_code == 200

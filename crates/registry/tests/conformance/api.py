"""What the checks share: a client that cleans up after them, and schemas."""

import json
import uuid
from urllib.parse import quote

import requests

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


class Skip(Exception):
    """The check does not apply here; the text says why."""


class Api:
    def __init__(self, url):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        self.session.headers["Content-Type"] = MEDIA_TYPE
        self.session.headers["Accept"] = f"{MEDIA_TYPE}, application/json"
        self.subjects = []
        self.settings = []

    def subject(self, prefix="check"):
        """A subject that no other check has used, removed at the end of this one."""
        name = f"{prefix}-{uuid.uuid4().hex[:12]}"
        self.subjects.append(name)
        return name

    def call(self, method, path, body=None, **query):
        query = {key: str(value).lower() for key, value in query.items()}
        data = None if body is None else json.dumps(body)
        return self.session.request(method, self.url + path, data=data, params=query, timeout=30)

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def post(self, path, body, **query):
        return self.call("POST", path, body, **query)

    def put(self, path, body, **query):
        if path in ("/config", "/mode"):
            self.settings.append(path)
        return self.call("PUT", path, body, **query)

    def delete(self, path, **query):
        return self.call("DELETE", path, **query)

    def register(self, subject, schema, **more):
        answer = self.post(f"/subjects/{quote(subject, safe='')}/versions", {"schema": schema, **more})
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        return answer.json()["id"]

    def clean(self):
        if "/mode" in self.settings:
            self.call("PUT", "/mode", {"mode": "READWRITE"})
        if "/config" in self.settings:
            self.call("DELETE", "/config")
        for subject in reversed(self.subjects):
            path = f"/subjects/{quote(subject, safe='')}"
            self.call("DELETE", f"/mode/{quote(subject, safe='')}")
            self.call("DELETE", f"/config/{quote(subject, safe='')}")
            self.call("DELETE", path)
            self.call("DELETE", path, permanent="true")


def record(*fields, name="R", **more):
    return json.dumps({"type": "record", "name": name, "namespace": "n", "fields": list(fields), **more})


def field(name, kind="int", **more):
    return {"name": name, "type": kind, **more}


def unique(*fields):
    """A record whose content nothing else has."""
    return record(*fields, doc=uuid.uuid4().hex)


def is_json(answer, expected):
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
    assert answer.json() == expected, answer.text


def has(answer, **expected):
    """The fields are there; others may be, too."""
    assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
    assert expected.items() <= answer.json().items(), answer.text


def is_error(answer, status, code):
    assert answer.status_code == status, f"expected {status}, got {answer.status_code} {answer.text}"
    body = answer.json()
    assert body["error_code"] == code, f"expected {code}, got {body}"
    assert body["message"], body

use serde_json::{Value, json};

use crate::support::{Registry, evolving};

#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_its_code() {
    let registry = Registry::fresh().await;
    registry.register("s", &evolving("R", 1)).await;
    let schema = |schema: &str| json!({ "schema": schema });
    let gets = [
        ("/subjects/x/versions", 404, 40401),
        ("/subjects/x/versions/1", 404, 40401),
        ("/subjects/s/versions/2", 404, 40402),
        ("/subjects/s/versions/0", 422, 42202),
        ("/subjects/s/versions/x/schema", 422, 42202),
        ("/schemas/ids/99", 404, 40403),
        ("/schemas/ids/99/schema", 404, 40403),
        ("/schemas/ids/99/versions", 404, 40403),
        ("/config/x", 404, 40408),
        ("/mode/x", 404, 40409),
        ("/nothing/here", 404, 404),
    ];
    for (path, status, code) in gets {
        let (got, body) = registry.get(path).await;
        assert_eq!((got, &body["error_code"]), (status, &json!(code)), "{path}: {body}");
    }
    let versions = "/subjects/s/versions";
    let posts = [
        (versions, schema("{"), 422, 42201),
        (versions, schema(""), 422, 42201),
        (versions, json!({}), 422, 42201),
        (versions, json!({"schema": "\"int\"", "schemaType": "PROTOBUF"}), 422, 42201),
        (
            versions,
            json!({"schema": "\"int\"", "metadata": {"properties": {"a": "b"}}}),
            422,
            42201,
        ),
        (versions, json!({"schema": "\"int\"", "id": 7}), 422, 42205),
        (versions, json!([1]), 400, 400),
        (versions, schema("\"int\""), 409, 409),
        ("/subjects/x", schema("\"int\""), 404, 40401),
        ("/subjects/s", schema("\"int\""), 404, 40403),
        ("/compatibility/subjects/s/versions/9", schema("\"int\""), 404, 40402),
        ("/compatibility/subjects/s/versions/zero", schema("\"int\""), 422, 42202),
        ("/compatibility/subjects/s/versions", schema("nope"), 422, 42201),
    ];
    for (path, body, status, code) in posts {
        let (got, answer) = registry.post(path, body).await;
        assert_eq!((got, &answer["error_code"]), (status, &json!(code)), "{path}: {answer}");
    }
    let (status, body) = registry.put("/config", json!({"compatibility": "SIDEWAYS"})).await;
    assert_eq!((status, &body["error_code"]), (422, &json!(42203)));
    let (status, body) = registry.put("/mode", json!({"mode": "IMPORT"})).await;
    assert_eq!((status, &body["error_code"]), (422, &json!(42204)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_may_have_any_printable_name() {
    let registry = Registry::fresh().await;
    for (path, subject) in [
        ("a%2Fb", "a/b"),
        ("%C3%A9t%C3%A9", "été"),
        ("a%20b", "a b"),
        (":.x:y", ":.x:y"),
        ("..", ""),
    ] {
        let url = format!("/subjects/{path}/versions");
        let (status, body) = registry.post(&url, json!({"schema": "\"string\""})).await;
        if subject.is_empty() {
            assert_ne!(status, 200);
            continue;
        }
        assert_eq!(status, 200, "{body}");
        let (_, found) = registry.get(&format!("/subjects/{path}/versions/latest")).await;
        assert_eq!(found["subject"], subject);
    }
    let (status, body) = registry.get("/subjects/a%00b/versions").await;
    assert_eq!((status, &body["error_code"]), (422, &json!(42208)));
    let (status, _) = registry.get(&format!("/subjects/{}/versions", "x".repeat(600))).await;
    assert_eq!(status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_as_large_as_the_limit_is_stored_and_a_larger_one_refused() {
    let registry = Registry::fresh().await;
    let with_doc = |bytes: usize| {
        let doc = "é\\u0001".repeat(bytes / 8);
        format!(r#"{{"type":"record","name":"R","doc":"{doc}","fields":[]}}"#)
    };
    let large = with_doc(900_000);
    let id = registry.register("large", &large).await;
    let (_, body) = registry.get(&format!("/schemas/ids/{id}/schema")).await;
    let sent: Value = serde_json::from_str(&large).unwrap();
    assert_eq!(body["doc"], sent["doc"]);
    let (status, body) =
        registry.post("/subjects/s/versions", json!({"schema": with_doc(1_200_000)})).await;
    assert_eq!((status, &body["error_code"]), (413, &json!(413)));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_schemas_are_answered_with_a_reason() {
    let registry = Registry::fresh().await;
    let deep = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(110), "}".repeat(110));
    let brackets = "[".repeat(400_000);
    for schema in [deep.as_str(), brackets.as_str(), "\u{0}", "\"\\ud800\""] {
        let (status, body) =
            registry.post("/subjects/s/versions", json!({ "schema": schema })).await;
        assert_eq!((status, &body["error_code"]), (422, &json!(42201)), "{body}");
        assert!(body["message"].as_str().unwrap().len() < 1_000);
    }
    assert_eq!(registry.get("/subjects").await, (200, json!([])));
}

//! The API as a Rust client uses it.

use schema_registry_converter::async_impl::schema_registry::{
    SrSettings, get_all_subjects, get_all_versions, get_schema_by_id, get_schema_by_subject,
    is_compatible_schema, post_schema,
};
use schema_registry_converter::schema_registry_common::{
    SchemaType, SubjectNameStrategy, SuppliedReference, SuppliedSchema,
};

use crate::support::{Registry, evolving};

fn supplied(schema: &str) -> SuppliedSchema {
    SuppliedSchema::new(Some("R".into()), SchemaType::Avro, schema.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_registry_converter_registers_and_reads_back() {
    let registry = Registry::fresh().await;
    let settings = SrSettings::new(registry.url.clone());
    let one = post_schema(&settings, "shop.R".into(), supplied(&evolving("R", 1))).await.unwrap();
    let same = post_schema(&settings, "other".into(), supplied(&evolving("R", 1))).await.unwrap();
    assert_eq!(one.id, same.id);

    let read = get_schema_by_id(one.id, &settings).await.unwrap();
    assert_eq!(read.schema_type, SchemaType::Avro);
    let (read, sent): (serde_json::Value, serde_json::Value) = (
        serde_json::from_str(&read.schema).unwrap(),
        serde_json::from_str(&evolving("R", 1)).unwrap(),
    );
    assert_eq!(read, sent);

    let two = post_schema(&settings, "shop.R".into(), supplied(&evolving("R", 2))).await.unwrap();
    let latest = SubjectNameStrategy::TopicNameStrategy("shop.R".into(), false);
    assert!(get_schema_by_subject(&settings, &latest).await.is_err(), "no such subject yet");
    let latest = SubjectNameStrategy::RecordNameStrategy("shop.R".into());
    assert_eq!(get_schema_by_subject(&settings, &latest).await.unwrap().id, two.id);
    assert_eq!(get_all_subjects(&settings).await.unwrap(), ["other", "shop.R"]);
    assert_eq!(get_all_versions(&settings, "shop.R".into()).await.unwrap(), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_registry_converter_hears_what_is_incompatible() {
    let registry = Registry::fresh().await;
    let settings = SrSettings::new(registry.url.clone());
    post_schema(&settings, "s".into(), supplied("\"string\"")).await.unwrap();
    let refused = post_schema(&settings, "s".into(), supplied("\"int\"")).await.unwrap_err();
    assert!(
        refused.to_string().contains("409") || format!("{refused:?}").contains("TYPE_MISMATCH"),
        "{refused:?}"
    );
    for (schema, compatible) in [("\"bytes\"", true), ("\"int\"", false)] {
        let found = is_compatible_schema(&settings, "s".into(), supplied(schema)).await.unwrap();
        assert_eq!(found, compatible, "{schema}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_registry_converter_registers_what_a_schema_refers_to() {
    let registry = Registry::fresh().await;
    let settings = SrSettings::new(registry.url.clone());
    let order = r#"{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"r","type":"shop.R"}]}"#;
    let base = SuppliedReference::new("shop.R".into(), "base".into(), evolving("R", 1));
    let posted =
        post_schema(&settings, "order".into(), supplied(order).with_references(vec![base]))
            .await
            .unwrap();
    let read = get_schema_by_id(posted.id, &settings).await.unwrap();
    assert_eq!(read.references.len(), 1);
    assert_eq!((read.references[0].subject.as_str(), read.references[0].version), ("base", 1));
}

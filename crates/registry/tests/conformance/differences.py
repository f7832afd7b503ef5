"""Every known difference from Confluent's documented API, and why.

The README of the crate repeats the first table. The second is what Apicurio Registry 3.3.3 was seen
to do, with the global rules that run.sh gives it; it tells what a client of both has to put up with.
"""

DIFFERENCES = {
    "ours": {
        "a_schema_type_other_than_avro_is_accepted": "on purpose: only Avro, the shop's one format; anything else is refused with 42201",
        "json_and_protobuf_are_among_the_schema_types": "on purpose: only Avro",
        "a_removed_schema_registered_again_gets_a_new_id": "on purpose: an id is never given away and its content gets it back, so that old records can be read again",
    },
    "apicurio": {
        "the_answer_has_the_registrys_media_type": "answers application/json",
        "an_invalid_schema_is_42201": "takes an empty schema",
        "an_id_outside_import_mode_is_refused": "ignores a given id",
        "an_invalid_version_is_42202": "answers 40402",
        "a_lookup_of_an_invalid_schema_is_42201": "answers 40403",
        "subjects_are_listed_by_prefix": "ignores subjectPrefix",
        "schemas_are_listed_by_prefix": "its entries have no subject",
        "only_a_transitive_level_looks_at_all_versions": "compares with all versions at every level",
        "verbose_says_why": "gives no messages",
        "a_subject_without_versions_takes_anything": "answers 40401",
        "a_subject_has_a_level_of_its_own": "answers the global level after a subject's is taken away",
        "a_subject_without_a_level_is_40408": "answers the global level",
        "an_unknown_mode_is_42204": "answers 42201",
        "a_read_only_registry_refuses_writes": "takes writes in mode READONLY",
        "removing_an_active_subject_is_40405": "the code is right, the status is 409",
        "deleting_a_version_twice_is_40406": "the code is right, the status is 409",
        "removing_an_active_version_is_40407": "the code is right, the status is 409",
        "deleting_an_invalid_version_is_42202": "answers 40402",
        "a_removed_schema_registered_again_gets_a_new_id": "keeps the id of a content, as ours does",
    },
}

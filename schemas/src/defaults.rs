//! Values of fields that the writer did not know, the same as in the `.avsc` files.

pub(crate) fn enabled() -> bool {
    true
}

pub(crate) fn english() -> String {
    "en".into()
}

pub(crate) fn web() -> String {
    "web".into()
}

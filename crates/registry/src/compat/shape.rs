use apache_avro::Schema as Tree;
use apache_avro::schema::{EnumSchema, FixedSchema, InnerDecimalSchema, RecordSchema, UuidSchema};

/// A schema without its logical type: resolution looks at the underlying type alone.
pub(super) enum Shape<'a> {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Array(&'a Tree),
    Map(&'a Tree),
    Union(&'a [Tree]),
    Record(&'a RecordSchema),
    Enum(&'a EnumSchema),
    Fixed(&'a FixedSchema),
    /// A name nobody defines: parsing refuses it, so it is never met.
    Unknown,
}

impl<'a> Shape<'a> {
    pub(super) fn of(tree: &'a Tree) -> Self {
        match tree {
            Tree::Null => Self::Null,
            Tree::Boolean => Self::Boolean,
            Tree::Int | Tree::Date | Tree::TimeMillis => Self::Int,
            Tree::Long
            | Tree::TimeMicros
            | Tree::TimestampMillis
            | Tree::TimestampMicros
            | Tree::TimestampNanos
            | Tree::LocalTimestampMillis
            | Tree::LocalTimestampMicros
            | Tree::LocalTimestampNanos => Self::Long,
            Tree::Float => Self::Float,
            Tree::Double => Self::Double,
            Tree::Bytes | Tree::BigDecimal | Tree::Uuid(UuidSchema::Bytes) => Self::Bytes,
            Tree::String | Tree::Uuid(UuidSchema::String) => Self::String,
            Tree::Decimal(decimal) => match &decimal.inner {
                InnerDecimalSchema::Bytes => Self::Bytes,
                InnerDecimalSchema::Fixed(fixed) => Self::Fixed(fixed),
            },
            Tree::Fixed(fixed) | Tree::Duration(fixed) | Tree::Uuid(UuidSchema::Fixed(fixed)) => {
                Self::Fixed(fixed)
            }
            Tree::Array(array) => Self::Array(&array.items),
            Tree::Map(map) => Self::Map(&map.types),
            Tree::Union(union) => Self::Union(union.variants()),
            Tree::Record(record) => Self::Record(record),
            Tree::Enum(symbols) => Self::Enum(symbols),
            Tree::Ref { .. } => Self::Unknown,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Bytes => "bytes",
            Self::String => "string",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Union(_) => "union",
            Self::Record(_) => "record",
            Self::Enum(_) => "enum",
            Self::Fixed(_) => "fixed",
            Self::Unknown => "unknown",
        }
    }

    /// Same primitive type, or one that promotes: `self` reads what `writer` wrote.
    pub(super) fn reads_primitive(&self, writer: &Shape<'_>) -> bool {
        matches!(
            (self, writer),
            (Self::Null, Shape::Null)
                | (Self::Boolean, Shape::Boolean)
                | (Self::Int, Shape::Int)
                | (Self::Long, Shape::Int | Shape::Long)
                | (Self::Float, Shape::Int | Shape::Long | Shape::Float)
                | (Self::Double, Shape::Int | Shape::Long | Shape::Float | Shape::Double)
                | (Self::Bytes | Self::String, Shape::Bytes | Shape::String)
        )
    }
}

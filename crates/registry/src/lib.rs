mod avro;
mod compat;

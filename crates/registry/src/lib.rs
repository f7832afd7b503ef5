mod avro;
mod compat;
mod log;
mod state;

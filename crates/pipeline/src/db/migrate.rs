//! Tables: the engine's own, then the service's, each applied once.

use sqlx::{AssertSqlSafe, Row};

use super::{Company, Database, DatabaseError, Dialect, Writing, postgres};

/// One step of a schema, in SQL that every supported database takes: several statements, each
/// ended by `;` at the end of a line.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its name, unique in the database; applied in the order of the list.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

const ENGINE_SQLITE: Migration =
    Migration { name: "pipeline/0001", sql: include_str!("tables.sqlite.sql") };
const ENGINE_POSTGRES: Migration =
    Migration { name: "pipeline/0001", sql: include_str!("tables.postgres.sql") };

impl Database {
    /// Applies what has not been applied yet, in one transaction; many instances may start at
    /// once, and one of them does it.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), DatabaseError> {
        let (mut tx, engine);
        match self.dialect {
            Dialect::Sqlite => {
                tx = self.begin_write(Company::Alone).await?;
                engine = ENGINE_SQLITE;
            }
            Dialect::Postgres => {
                tx = Writing::Own(self.pool.begin().await?);
                let schema = self.schema.as_deref();
                postgres::take_turn(&mut tx, postgres::MIGRATING, schema).await?;
                if let Some(schema) = schema {
                    postgres::make_schema(&mut tx, schema).await?;
                }
                engine = ENGINE_POSTGRES;
            }
        }
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, body TEXT NOT NULL)",
        )
        .execute(&mut *tx)
        .await?;
        for migration in std::iter::once(&engine).chain(migrations) {
            let applied = sqlx::query("SELECT body FROM migrations WHERE name = $1")
                .bind(migration.name)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(row) = applied {
                if row.try_get::<String, _>(0)? != migration.sql {
                    return Err(DatabaseError::Changed(migration.name.into()));
                }
                continue;
            }
            for statement in migration.sql.split(";\n").map(str::trim).filter(|s| !s.is_empty()) {
                sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await?;
            }
            sqlx::query("INSERT INTO migrations (name, body) VALUES ($1, $2)")
                .bind(migration.name)
                .bind(migration.sql)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit(None).await?)
    }
}

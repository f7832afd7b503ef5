use sqlx::AnyConnection;

/// Takes an event of a webhook; false where it has been taken before.
pub(crate) async fn take_event(
    conn: &mut AnyConnection,
    event_id: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query(
        "INSERT INTO webhook_events (event_id, at_micros) VALUES ($1, $2)
         ON CONFLICT (event_id) DO NOTHING",
    )
    .bind(event_id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(taken.rows_affected() > 0)
}

/// Forgets those that will not come again.
pub(crate) async fn forget_events(
    conn: &mut AnyConnection,
    before: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM webhook_events WHERE at_micros < $1")
        .bind(before)
        .execute(conn)
        .await
        .map(|_| ())
}

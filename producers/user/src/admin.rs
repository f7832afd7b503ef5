//! The admin that the operator names: without one, nobody could give a role to anybody.

use anyhow::anyhow;
use futures::FutureExt;
use pipeline::Cause;
use shop_events::check;
use shop_service::WrongOption;

use crate::domain::{Password, Role, User, wrong_password};
use crate::http::{App, add, give};
use crate::passwords::Verdict;
use crate::settings::FirstAdmin;
use crate::store::{admins, users};

/// Sees to it that there is a user of this address, who is admin.
///
/// One that is there already becomes admin only while there is none at all, so that a role that was
/// taken away is not given back by a restart; and only by their own password, for somebody else may
/// have registered the address before. Where that is another, the operator has to hear of it at once.
pub(crate) async fn ensure(app: &App, admin: &FirstAdmin) -> anyhow::Result<()> {
    let FirstAdmin { email, password } = admin;
    let password = Password::new(password.reveal());
    if let Some(wrong) = check::email(email) {
        return Err(WrongOption(format!("--admin-email {email} {wrong}")).into());
    }
    let mut conn = app.store.reader().acquire().await?;
    let known = users::find_by_email(&mut conn, email).await?;
    let others = admins::count(&mut conn).await?;
    drop(conn);
    match known {
        None => make(app, email, &password).await,
        Some((user, _)) if user.role == Role::Admin => Ok(()),
        Some((user, _)) if others > 0 => {
            tracing::warn!(user.id = %user.user_id, "the user that --admin-email names is no admin, and there are others: an admin may change that");
            Ok(())
        }
        Some((user, hash)) => match app.passwords.compare(&password, Some(&hash)).await? {
            Verdict::Right | Verdict::RightButOld => promote(app, &user).await,
            Verdict::Wrong => Err(WrongOption(format!(
                "--admin-email {email} is the address of somebody who is no admin and has another password: give that one, or another address"
            ))
            .into()),
        },
    }
}

async fn make(app: &App, email: &str, password: &Password) -> anyhow::Result<()> {
    if let Some(wrong) = wrong_password(password, email, None) {
        return Err(WrongOption(format!("the password of --admin-email {wrong}")).into());
    }
    let hash = app.passwords.hash(password).await?;
    let now = app.store.now_micros();
    let user_id = app.store.emitter().random.uuid_v7(now);
    let user = User::new(user_id, email.to_owned(), Role::Admin, now);
    let cause = Cause { correlation: Some(user_id.to_string()), ..Cause::default() };
    let (new, hash) = (&user, &hash);
    match app.store.write(cause, |tx| add(tx, new, hash).boxed()).await {
        Ok(()) => tracing::info!(user.id = %user_id, "the admin that --admin-email names was made"),
        // Another instance has just made the same one.
        Err(problem) if problem.status() == axum::http::StatusCode::CONFLICT => {}
        Err(problem) => return Err(anyhow!("--admin-email: {problem:?}")),
    }
    Ok(())
}

async fn promote(app: &App, user: &User) -> anyhow::Result<()> {
    let user_id = user.user_id;
    let cause = Cause { correlation: Some(user_id.to_string()), ..Cause::default() };
    let given = app.store.write(cause, |tx| give(tx, user_id, Role::Admin, None).boxed()).await;
    given.map(|_| ()).map_err(|problem| anyhow!("--admin-email: {problem:?}"))
}

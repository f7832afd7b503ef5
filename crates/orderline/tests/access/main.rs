//! Who may do what on a real, secured broker: every user of schemas/access.toml, on every topic and
//! group, may do what is declared and nothing else; and a login that is refused names its setting.

mod attempts;
mod secured;

use std::sync::Arc;

use attempts::{Attempt, What};
use secured::{Others, Secured, Untrusted};
use shop_testkit::certificates::Which;

/// Attempts at once: each has a client of its own.
const AT_ONCE: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn every_user_may_do_what_is_declared_and_nothing_else() -> anyhow::Result<()> {
    let broker = Arc::new(Secured::start().await?);
    broker.orderline("broker", &["access", "apply"])?;
    let again = broker.orderline("broker", &["access", "apply"])?;
    assert!(again.contains("0 added, 0 taken away"), "{again}");
    broker.orderline("admin", &["topics", "apply"])?;

    let attempts: Vec<Attempt> = attempts::all();
    let (allowed, count) = (attempts.iter().filter(|a| a.declared).count(), attempts.len());
    let turns = Arc::new(std::sync::Mutex::new(attempts));
    let threads: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (turns, broker) = (turns.clone(), broker.clone());
            std::thread::spawn(move || {
                let mut wrong = Vec::new();
                loop {
                    let next = turns.lock().expect("not poisoned").pop();
                    let Some(attempt) = next else { return wrong };
                    match attempt.make(&broker) {
                        Ok(may) if may == attempt.declared => {}
                        Ok(may) => wrong.push(format!("{attempt:?}: may is {may}")),
                        Err(error) => wrong.push(format!("{attempt:?}: {error}")),
                    }
                }
            })
        })
        .collect();
    let mut wrong = Vec::new();
    for thread in threads {
        wrong.extend(thread.join().expect("does not panic"));
    }
    eprintln!("{count} attempts, {allowed} of them declared");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_longer_declared_is_taken_away() -> anyhow::Result<()> {
    let broker = Secured::start().await?;
    broker.orderline("broker", &["access", "apply"])?;
    broker.orderline("admin", &["topics", "apply"])?;
    let attempt =
        |declared| Attempt { user: "viewer".into(), what: What::Write("orders".into()), declared };
    for (user, operation) in [("User:viewer", "write"), ("User:somebody", "read")] {
        let add = ["kafka-acls", "--add", "--allow-principal", user, "--operation", operation];
        broker.tool(&[&add[..], &["--topic", "orders"]].concat()).await?;
    }
    shop_testkit::wait::until(secured::PATIENCE, async || {
        attempt(true).make(&broker).is_ok_and(|may| may)
    })
    .await?;
    let listed = broker.orderline("viewer-of-rules", &["access", "list"]);
    assert!(listed.is_err(), "a user that is none may list: {listed:?}");
    let applied = broker.orderline("broker", &["access", "apply"])?;
    assert!(applied.contains("taken away: viewer may Write Topic orders"), "{applied}");
    assert!(!applied.contains("somebody"), "{applied}");
    shop_testkit::wait::until(secured::PATIENCE, async || {
        attempt(false).make(&broker).is_ok_and(|may| !may)
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_or_a_certificate_that_is_refused_names_its_setting() -> anyhow::Result<()> {
    let broker = Secured::start().await?;
    let other = Others::make().await?;
    let logins = broker.logins()?;
    let (ca, other_ca) = (logins.ca(), other.logins.ca());
    let (password, other_password) =
        (logins.password_file("order"), other.logins.password_file("order"));
    fn with<'a>(ca: &'a str, password: &'a str) -> Vec<&'a str> {
        vec!["--kafka-ca", ca, "--kafka-user", "order", "--kafka-password-file", password]
    }
    for (args, words) in [
        (
            with(&ca, &other_password),
            &["refuses the login", "--kafka-user", "--kafka-password-file"][..],
        ),
        (with(&other_ca, &password), &["certificate is refused", "--kafka-ca"]),
        (vec![], &["wants TLS", "--kafka-tls"]),
        (vec!["--kafka-ca", &ca], &["wants a login", "--kafka-user"]),
    ] {
        let error = broker.refused(&args)?;
        for word in words {
            assert!(error.contains(word), "{word} is missing in: {error}");
        }
    }
    for (which, words) in [
        (Which::Expired, ["certificate has expired", "--kafka-ca"]),
        (Which::Elsewhere, ["another host", "--brokers names"]),
    ] {
        let untrusted = Untrusted::start(which).await?;
        let error = untrusted.refused(&with(&untrusted.certificates.ca(), &password))?;
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    let plain = shop_testkit::broker::shared().await?;
    let error = secured::refused(plain.bootstrap(), &["--kafka-ca", &ca])?;
    assert!(error.contains("does not speak TLS") && error.contains("--kafka-tls"), "{error}");
    Ok(())
}

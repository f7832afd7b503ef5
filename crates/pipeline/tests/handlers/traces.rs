//! A record's trace goes on in what is emitted, with a tracer and without.

use std::sync::{Arc, Mutex};

use pipeline::transport::memory::Memory;
use pipeline::{
    Call, Effect, Emit, Failure, Outgoing, Received, Runtime, TraceContext, Tracer, Transactional,
    Tx,
};
use shop_testkit::database::Kind;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::world::{Answered, Asked, World, quick, stop};

const CAME: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const OWN: &str = "00-0af7651916cd43dd8448eb211c80319c-00000000000000aa-01";

struct Answer;

impl Transactional for Answer {
    type Event = Asked;
    type Context = ();

    async fn handle(asked: &Received<Asked>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        tx.emit(&Answered { key: asked.key.clone(), number: asked.number })?;
        if asked.mood == "bad" { Err(Failure::reject("bad mood")) } else { Ok(()) }
    }
}

struct Performed;

impl Effect for Performed {
    type Event = Asked;
    type Context = ();

    async fn perform(asked: &Received<Asked>, call: &Call, (): &()) -> Result<Emit, Failure> {
        Ok(Emit::none().and(&Answered { key: asked.key.clone(), number: asked.number }, call)?)
    }
}

/// What each span was told to join, and one context for all that is emitted.
#[derive(Clone, Default)]
struct Joined(Arc<Mutex<Vec<Option<TraceContext>>>>);

impl Tracer for Joined {
    fn join(&self, _: &Span, came: Option<&TraceContext>) -> Option<TraceContext> {
        self.0.lock().unwrap().push(came.cloned());
        TraceContext::parse(OWN, came.and_then(TraceContext::tracestate))
    }
}

fn with_headers(mut record: Outgoing, headers: &[(&str, &str)]) -> Outgoing {
    let own = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
    record.headers.extend(own);
    record
}

/// The trace headers of what was answered.
fn answered(world: &World) -> Vec<Vec<(String, String)>> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let traces = |record: &Outgoing| {
        let all = record.headers.iter().filter(|(name, _)| name.starts_with("trace"));
        all.map(|(name, value)| (name.clone(), text(value))).collect()
    };
    world.memory.broker().records("answered").iter().map(|stored| traces(&stored.record)).collect()
}

async fn handle_all(world: &World, runtime: &Runtime<Memory>, name: &str) -> anyhow::Result<()> {
    let token = CancellationToken::new();
    let group = pipeline::Group::new(name, runtime).settings(quick());
    let (store, until) = (world.store.clone(), token.clone());
    let group = match name {
        "calls" => tokio::spawn(group.effects(store, ()).on::<Performed>().run(until)),
        _ => tokio::spawn(group.transactional(store, ()).on::<Answer>().run(until)),
    };
    world.all_committed(name).await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await
}

#[tokio::test]
async fn without_a_tracer_what_came_goes_on_and_what_is_malformed_does_not() -> anyhow::Result<()> {
    let world = World::open(Kind::Sqlite).await?;
    let record = |number| world.record("a", number, "fine");
    let long = "x".repeat(100_000);
    let shapes: [&[(&str, &str)]; 3] = [
        &[("traceparent", CAME), ("tracestate", "shop=1")],
        &[("traceparent", "00-nonsense"), ("tracestate", "shop=1")],
        &[("traceparent", CAME), ("tracestate", &long)],
    ];
    for (number, headers) in shapes.iter().enumerate() {
        world.send(vec![with_headers(record(number as i64)?, headers)]).await?;
    }
    handle_all(&world, &world.runtime()?, "answers").await?;
    let parent = ("traceparent".to_owned(), CAME.to_owned());
    let state = ("tracestate".to_owned(), "shop=1".to_owned());
    assert_eq!(answered(&world), [vec![parent.clone(), state], vec![], vec![parent]]);
    world.close().await
}

#[tokio::test]
async fn with_a_tracer_what_is_emitted_names_the_span_of_its_handler() -> anyhow::Result<()> {
    for name in ["answers", "calls"] {
        let world = World::open(Kind::Sqlite).await?;
        let came = [("traceparent", CAME), ("tracestate", "shop=1")];
        world.send(vec![with_headers(world.record("a", 1, "fine")?, &came)]).await?;
        let (runtime, joined) = (world.runtime()?, Joined::default());
        runtime.trace_with(joined.clone());
        handle_all(&world, &runtime, name).await?;
        let parent = ("traceparent".to_owned(), OWN.to_owned());
        let state = ("tracestate".to_owned(), "shop=1".to_owned());
        assert_eq!(answered(&world), [vec![parent, state]], "{name}");
        assert_eq!(*joined.0.lock().unwrap(), [TraceContext::parse(CAME, Some("shop=1"))]);
        world.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_dead_letter_is_a_span_beside_its_try_and_keeps_its_headers() -> anyhow::Result<()> {
    let world = World::open(Kind::Sqlite).await?;
    world.send(vec![with_headers(world.record("a", 1, "bad")?, &[("traceparent", CAME)])]).await?;
    let (runtime, joined) = (world.runtime()?, Joined::default());
    runtime.trace_with(joined.clone());
    handle_all(&world, &runtime, "answers").await?;
    let came = TraceContext::parse(CAME, None);
    assert_eq!(*joined.0.lock().unwrap(), [came.clone(), came]);
    let letters = world.memory.broker().records("dead-letter.answers");
    let kept =
        |(name, value): &(String, Vec<u8>)| name == "traceparent" && value == CAME.as_bytes();
    assert!(letters.len() == 1 && letters[0].record.headers.iter().any(kept));
    world.close().await
}

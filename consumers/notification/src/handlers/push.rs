use std::marker::PhantomData;

use pipeline::{Call, Effect, Emit, Failure, Received};

use crate::news::News;
use crate::pusher::Pusher;

/// Tells the customer's devices and open pages.
pub(crate) struct Push<N>(PhantomData<N>);

impl<N: News> Effect for Push<N> {
    type Event = N;
    type Context = Pusher;

    async fn perform(news: &Received<N>, call: &Call, pusher: &Pusher) -> Result<Emit, Failure> {
        pusher.tell(&news.event, call).await
    }
}

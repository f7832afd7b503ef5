use std::marker::PhantomData;

use pipeline::{Call, Effect, Emit, Failure, Received};

use crate::mailer::Mailer;
use crate::news::News;

/// Tells the customer by mail.
pub(crate) struct Mail<N>(PhantomData<N>);

impl<N: News> Effect for Mail<N> {
    type Event = N;
    type Context = Mailer;

    async fn perform(news: &Received<N>, call: &Call, mailer: &Mailer) -> Result<Emit, Failure> {
        mailer.tell(&news.event, call).await
    }
}

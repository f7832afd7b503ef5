//! What a person may try after the demo.

use uuid::Uuid;

/// Commands that can be typed as they stand.
pub(super) fn words(order: Uuid) -> String {
    format!(
        r#"What to try next (the broker still runs; `make down` stops it):
  make console TOPIC=orders     the story of every order, as Kafka's own tool shows it
  make groups                   the consumer groups, their offsets and their lag
  scripts/run.sh orderline trace {order}
                                one order's records, across all topics
  scripts/run.sh orderline up   all services again. Then be a customer, in another terminal:

  # sign up, sign in
  ME='{{"email": "me@example.com", "password": "two cups of green tea"}}'
  curl -i localhost:8104/users --json "$ME"
  AS="Authorization: Bearer $(curl -s localhost:8104/sessions --json "$ME" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')"
  # ask to be told by push, and open a page that is
  curl -i localhost:8104/users/me -H "$AS" -X PATCH --json '{{"push_enabled": true}}'
  curl -sN localhost:8103/events -H "$AS" &
  # fill a cart, check out, and a moment later see the order
  curl -i localhost:8106/cart/lines/TEA-01 -H "$AS" -X PUT --json '{{"quantity": 2}}'
  curl -i localhost:8106/cart/checkout -H "$AS" -H "Idempotency-Key: $RANDOM" --json '{{"expected_total": 980}}'
  curl -i localhost:8101/orders -H "$AS""#
    )
}

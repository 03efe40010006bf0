//! Cards that are no larger than their chat takes.

use serde_json::Value;

use super::fit::fitted_chars;
use super::model::Card;

/// As much text as a card begins with, in characters.
const MAX_TEXT: usize = 2800;

/// The message that a renderer makes of a card, with as much of the card's text as the chat takes. What can be confirmed,
/// and what that means, is never cut.
pub(super) fn within(most_bytes: usize, card: &Card, render: impl Fn(&Card) -> Value) -> Value {
    let mut most = MAX_TEXT;
    loop {
        let message = render(&shortened(card, most));
        if most < 16 || message.to_string().len() <= most_bytes {
            return message;
        }
        most /= 2;
    }
}

/// The card with ten facts at most and so many characters of text; values and the next step in proportion.
pub(super) fn shortened(card: &Card, most: usize) -> Card {
    let mut card = card.clone();
    card.title = fitted_chars(&card.title, 120.min(most));
    card.text = card.text.shortened(most);
    card.facts.truncate(10);
    for fact in &mut card.facts {
        fact.value = fact.value.shortened((most / 14).max(1));
    }
    if let Some(step) = &mut card.next_step {
        step.value = step.value.shortened(most);
    }
    card.footer = card.footer.map(|footer| fitted_chars(&footer, 300.min(most)));
    card
}

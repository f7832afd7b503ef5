//! Where an order stands with its stock, and what each event of it asks for.

/// What was decided about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// All its lines are held.
    Held,
    /// There was too little; nothing is held.
    Refused,
    /// What it held is sold.
    Sold,
    /// It was rejected or cancelled: it holds nothing and will hold nothing.
    Over,
}

/// What is to be done with the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing: it has been done.
    Nothing,
    /// What is held is sold.
    Sell,
    /// What is held is free again.
    Release,
    /// What was sold is on hand again.
    TakeBack,
    /// Only remember that the order is over.
    Close,
}

impl Standing {
    /// The text in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Standing::Held => "held",
            Standing::Refused => "refused",
            Standing::Sold => "sold",
            Standing::Over => "over",
        }
    }

    /// From the text in the database.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let all = [Standing::Held, Standing::Refused, Standing::Sold, Standing::Over];
        all.into_iter().find(|standing| standing.as_str() == text)
    }
}

/// An order was completed. An error where it holds nothing: goods that nobody set aside are not
/// counted as sold, a person has to look.
pub(crate) fn completed(known: Option<Standing>) -> Result<Step, &'static str> {
    match known {
        Some(Standing::Held) => Ok(Step::Sell),
        Some(Standing::Sold) => Ok(Step::Nothing),
        Some(Standing::Refused) => Err("the order is completed, but its stock was refused"),
        Some(Standing::Over) => Err("the order is completed, but it had ended and holds no stock"),
        None => Err("the order is completed, but was never placed here"),
    }
}

/// An order was rejected or cancelled. One that had been completed gives its goods back: the order
/// service decides how an order ends, and its last word counts.
pub(crate) fn ended(known: Option<Standing>) -> Step {
    match known {
        Some(Standing::Held) => Step::Release,
        Some(Standing::Sold) => Step::TakeBack,
        Some(Standing::Refused) | None => Step::Close,
        Some(Standing::Over) => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_held_is_sold_and_only_once() {
        assert_eq!(completed(Some(Standing::Held)), Ok(Step::Sell));
        assert_eq!(completed(Some(Standing::Sold)), Ok(Step::Nothing));
        for nothing_held in [None, Some(Standing::Refused), Some(Standing::Over)] {
            assert!(completed(nothing_held).is_err());
        }
    }

    #[test]
    fn the_end_of_an_order_frees_its_stock_once() {
        assert_eq!(ended(Some(Standing::Held)), Step::Release);
        assert_eq!(ended(Some(Standing::Sold)), Step::TakeBack);
        assert_eq!(ended(Some(Standing::Over)), Step::Nothing);
        assert_eq!(ended(None), Step::Close);
    }

    #[test]
    fn the_database_gives_back_what_it_was_given() {
        for standing in [Standing::Held, Standing::Refused, Standing::Sold, Standing::Over] {
            assert_eq!(Standing::from_text(standing.as_str()), Some(standing));
        }
    }
}

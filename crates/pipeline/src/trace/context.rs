/// A place in a trace as W3C's headers tell it. Only a well-formed one can be made: what foreign
/// producers write into headers is bounded and checked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    traceparent: String,
    tracestate: Option<String>,
}

/// `00-`, 32 digits of the trace, `-`, 16 digits of the span, `-`, 2 digits of flags.
const LENGTH: usize = 55;
/// Later versions may have more behind the flags; nobody needs to read on for ever.
const LONGEST: usize = 256;
/// What W3C asks everyone to carry on at least.
const LONGEST_STATE: usize = 512;

impl TraceContext {
    /// From the two headers. None if `traceparent` is malformed; a `tracestate` that is malformed
    /// or too long is left out.
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let (known, more) = traceparent.split_at_checked(LENGTH)?;
        let mut parts = known.split('-');
        let version = parts.next().filter(|v| v.len() == 2 && is_hex(v) && *v != "ff")?;
        parts.next().filter(|id| id.len() == 32 && is_id(id))?;
        parts.next().filter(|id| id.len() == 16 && is_id(id))?;
        parts.next().filter(|flags| flags.len() == 2 && is_hex(flags))?;
        let fits = match version {
            "00" => more.is_empty(),
            _ => more.is_empty() || (more.starts_with('-') && traceparent.len() <= LONGEST),
        };
        if !fits {
            return None;
        }
        let tracestate = tracestate.map(str::trim).filter(|state| {
            !state.is_empty()
                && state.len() <= LONGEST_STATE
                && state.bytes().all(|b| matches!(b, b' '..=b'~'))
        });
        Some(TraceContext {
            traceparent: format!("00{}", &known[2..]),
            tracestate: tracestate.map(str::to_owned),
        })
    }

    /// The header `traceparent`.
    pub fn traceparent(&self) -> &str {
        &self.traceparent
    }

    /// The header `tracestate`, if there is one.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// The trace, 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        &self.traceparent[3..35]
    }

    /// The span, 16 hexadecimal digits.
    pub fn span_id(&self) -> &str {
        &self.traceparent[36..52]
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// W3C: an id of zeros alone is none.
fn is_id(text: &str) -> bool {
    is_hex(text) && text.bytes().any(|b| b != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_well_formed_context_has_its_parts() {
        let context = TraceContext::parse(GOOD, Some("shop=1")).unwrap();
        assert_eq!(context.traceparent(), GOOD);
        assert_eq!(context.tracestate(), Some("shop=1"));
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.span_id(), "b7ad6b7169203331");
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = GOOD.replacen("00", "cc", 1);
        for text in [later.clone(), format!("{later}-more")] {
            assert_eq!(TraceContext::parse(&text, None).unwrap().traceparent(), GOOD);
        }
        assert_eq!(TraceContext::parse(&format!("{later}-{}", "x".repeat(300)), None), None);
    }

    #[test]
    fn what_is_malformed_is_no_context() {
        let zeros = ["0".repeat(32), "0".repeat(16)];
        for text in [
            String::new(),
            "00-xyz".into(),
            "x".repeat(1_000_000),
            "é".repeat(40),
            GOOD.to_uppercase(),
            GOOD.replace('-', "_"),
            format!("{GOOD}-more"),
            GOOD.replacen("00", "ff", 1),
            GOOD.replace("0af7651916cd43dd8448eb211c80319c", &zeros[0]),
            GOOD.replace("b7ad6b7169203331", &zeros[1]),
        ] {
            assert_eq!(TraceContext::parse(&text, None), None, "{text:.80}");
        }
    }

    #[test]
    fn a_state_that_is_too_long_or_not_text_is_left_out() {
        for state in ["x".repeat(513), "a=\nb".into(), "a=ü".into(), "  ".into()] {
            let context = TraceContext::parse(GOOD, Some(&state)).unwrap();
            assert_eq!(context.tracestate(), None);
        }
    }
}

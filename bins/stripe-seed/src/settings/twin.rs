//! What a twin is like, from the flags of `twin`.

use ciq_stripe_twin::{Dunning, Faults, TwinSettings, WebhookTarget};
use jiff::SignedDuration;

use super::number;
use crate::cli::TwinArgs;
use crate::environment::Environment;
use crate::exit::Failure;
use crate::runtime::now;

/// The longest that a clock takes to advance.
const ADVANCE_MS_MAX: i64 = 3_600_000;

/// Reads the port.
pub(crate) fn port(args: &TwinArgs) -> Result<u16, Failure> {
    args.port.trim().parse().map_err(|_| {
        let reason = format!("{:?} is no port: use 0 to 65535", args.port);
        Failure::setting("--port", reason)
    })
}

/// Reads what the twin is like.
pub(crate) fn twin_settings(
    args: &TwinArgs,
    environment: &Environment,
) -> Result<TwinSettings, Failure> {
    let mut settings = TwinSettings::new(now);
    settings.dunning = dunning(&args.dunning)?;
    settings.advance_duration = advance_duration(&args.advance_ms)?;
    settings.failing_clock.clone_from(&args.failing_clock);
    let rate: Option<u32> = args.rate.as_deref().map(|text| number("--rate", text)).transpose()?;
    settings.requests_per_second = rate.filter(|rate| *rate > 0);
    settings.faults = faults(args)?;
    settings.log.clone_from(&args.log);
    settings.record.clone_from(&args.record);
    settings.webhook = webhook(args.webhook.as_deref(), environment)?;
    Ok(settings)
}

fn dunning(text: &str) -> Result<Dunning, Failure> {
    match text.trim() {
        "past-due" => Ok(Dunning::LeavePastDue),
        "cancel" => Ok(Dunning::Cancel),
        "unpaid" => Ok(Dunning::MarkUnpaid),
        _ => {
            let reason = format!("{text:?} is none: use past-due, cancel or unpaid");
            Err(Failure::setting("--dunning", reason))
        }
    }
}

fn advance_duration(text: &str) -> Result<SignedDuration, Failure> {
    let duration_ms: i64 = number("--advance-ms", text)?;
    if (0..=ADVANCE_MS_MAX).contains(&duration_ms) {
        return Ok(SignedDuration::from_millis(duration_ms));
    }
    let reason = format!("{duration_ms} is out of range: use 0 to {ADVANCE_MS_MAX}");
    Err(Failure::setting("--advance-ms", reason))
}

fn faults(args: &TwinArgs) -> Result<Faults, Failure> {
    let faults = Faults {
        seed: number("--seed", &args.seed)?,
        rate_limited_per_mille: per_mille("--fault-429", &args.fault_429)?,
        server_error_per_mille: per_mille("--fault-500", &args.fault_500)?,
        lost_answer_per_mille: per_mille("--fault-lost", &args.fault_lost)?,
        bad_gateway_per_mille: per_mille("--fault-html", &args.fault_html)?,
        ..Faults::default()
    };
    let all = u32::from(faults.rate_limited_per_mille)
        + u32::from(faults.server_error_per_mille)
        + u32::from(faults.lost_answer_per_mille)
        + u32::from(faults.bad_gateway_per_mille);
    if all > 1_000 {
        let reason = "together with the other faults it is more than 100";
        return Err(Failure::setting("--fault-html", reason));
    }
    Ok(faults)
}

/// Reads a share such as `5` or `0.5`, in a hundred, and returns it in a thousand.
fn per_mille(name: &'static str, text: &str) -> Result<u16, Failure> {
    let wrong = || {
        let reason = format!("{text:?} is no share: write 0 to 100, such as 5 or 0.5");
        Failure::setting(name, reason)
    };
    let (whole, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let whole: u16 = whole.parse().map_err(|_| wrong())?;
    let tenth: u16 = tenth.parse().map_err(|_| wrong())?;
    let share = whole.saturating_mul(10).saturating_add(tenth);
    if tenth < 10 && share <= 1_000 { Ok(share) } else { Err(wrong()) }
}

fn webhook(url: Option<&str>, environment: &Environment) -> Result<Option<WebhookTarget>, Failure> {
    let Some(text) = url else { return Ok(None) };
    let is_http = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if !url::Url::parse(text.trim()).is_ok_and(|url| is_http(&url)) {
        let reason = "it is no address: write http://HOST:PORT/PATH";
        return Err(Failure::setting("--webhook", reason));
    }
    let Some(secret) = environment.webhook_secret() else {
        let reason = "set it to what the other side checks signatures with, such as whsec_...";
        return Err(Failure::setting("STRIPE_WEBHOOK_SECRET", reason));
    };
    Ok(Some(WebhookTarget { url: text.trim().to_owned(), secret: secret.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_in_a_hundred() {
        for (text, expect) in [("0", 0), ("5", 50), ("0.5", 5), ("100", 1_000)] {
            assert_eq!(per_mille("--fault-429", text).unwrap(), expect, "{text}");
        }
        for text in ["101", "100.1", "0.55", "-1", "much", ""] {
            let error = per_mille("--fault-429", text).unwrap_err().to_string();
            assert!(error.starts_with("--fault-429 is unusable"), "{error}");
        }
    }
}

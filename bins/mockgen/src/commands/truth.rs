//! `truth`: who is who, and who left when and why.

use ciq_synth::Segment;
use ciq_synth::saas::{HistorySettings, LeavingReason, UserTruth, user_id, user_truth};
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::{TruthArgs, TruthFormat};
use crate::commands::generate::people;
use crate::exit::Failure;
use crate::output::Output;
use crate::target::Target;

/// The header of CSV.
const HEADER: &str = "userId,segment,joinedAt,leftAt,reason,isSilent,decidedAt,dips,meanHealth\n";

/// Users that are written at a time.
const CHUNK: u32 = 1_000;

/// What no event tells about a user.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    user_id: String,
    segment: &'static str,
    joined_at: String,
    left_at: Option<String>,
    reason: Option<&'static str>,
    is_silent: bool,
    decided_at: Option<String>,
    /// Times away that meant nothing: from and to.
    dips: Vec<[String; 2]>,
    mean_health: f64,
}

/// Writes the truth.
pub(super) fn run(output: Output, args: &TruthArgs) -> Result<(), Failure> {
    let history = people(&args.people)?;
    let users = history.population.users();
    let Target::Text(mut out) = Target::text("-")? else { return Ok(()) };
    if args.format == TruthFormat::Csv {
        out.write(HEADER.as_bytes())?;
    }
    let mut lines = Vec::new();
    for first in (0..users).step_by(CHUNK as usize) {
        lines.clear();
        for user in first..first.saturating_add(CHUNK).min(users) {
            match args.format {
                TruthFormat::Ndjson => push_truth(&history, user, &mut lines)?,
                TruthFormat::Csv => push_csv(&row(&history, user), &mut lines),
            }
        }
        out.write(&lines)?;
    }
    let written = out.finish()?;
    output.note(format_args!("{users} users, SHA-256 {}", written.sha256));
    Ok(())
}

/// Appends the truth about a user as a line of JSON.
pub(super) fn push_truth(
    history: &HistorySettings,
    user: u32,
    out: &mut Vec<u8>,
) -> Result<(), Failure> {
    let written = serde_json::to_writer(&mut *out, &row(history, user));
    written.map_err(|error| Failure::Output(error.into()))?;
    out.push(b'\n');
    Ok(())
}

fn row(history: &HistorySettings, user: u32) -> Row {
    let truth: UserTruth = user_truth(history, user);
    Row {
        user_id: user_id(&history.population, user).to_string(),
        segment: Segment::name(truth.segment),
        joined_at: time(truth.joined_ms),
        left_at: truth.left_ms.map(time),
        reason: truth.reason.map(LeavingReason::name),
        is_silent: truth.is_silent,
        decided_at: truth.decided_ms.map(time),
        dips: truth.dips.iter().map(|dip| [time(dip.start), time(dip.end)]).collect(),
        mean_health: f64::from(truth.mean_health_per_mille) / 1_000.0,
    }
}

/// Appends a row. No value has a comma, a quote or a line break.
fn push_csv(row: &Row, out: &mut Vec<u8>) {
    let dips: Vec<String> = row.dips.iter().map(|[from, to]| format!("{from}/{to}")).collect();
    let line = format!(
        "{},{},{},{},{},{},{},{},{}\n",
        row.user_id,
        row.segment,
        row.joined_at,
        row.left_at.as_deref().unwrap_or_default(),
        row.reason.unwrap_or_default(),
        row.is_silent,
        row.decided_at.as_deref().unwrap_or_default(),
        dips.join(" "),
        row.mean_health,
    );
    out.extend_from_slice(line.as_bytes());
}

fn time(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}

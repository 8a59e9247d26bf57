//! `mrr`: recurring revenue, month by month, by the snapshots in the folder.

use std::path::Path;

use ciq_stripe::mrr::{RevenueFacts, movements};
use ciq_stripe::report::{render_csv, render_json, render_svg, render_table};

use super::Surroundings;
use crate::cli::{MrrArgs, MrrFormat};
use crate::exit::Failure;
use crate::output::Output;

/// Shows recurring revenue.
pub(super) fn run(at: &Surroundings, args: &MrrArgs) -> Result<(), Failure> {
    let usual = if at.output.is_json() { MrrFormat::Json } else { MrrFormat::Table };
    let run = at.run()?;
    let months = movements(&at.snapshots(&run)?, &RevenueFacts::default());
    let text = match args.format.unwrap_or(usual) {
        MrrFormat::Table => render_table(&months),
        MrrFormat::Csv => render_csv(&months),
        MrrFormat::Json => render_json(&months),
        MrrFormat::Svg => render_svg(&months),
    };
    match &args.out_file {
        None => Output::text(&text),
        Some(path) => write(at.output, path, &text),
    }
}

fn write(output: Output, path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(Failure::file("write", path))?;
    output.note(format_args!("wrote {}", path.display()));
    Ok(())
}

//! `models`: listed and chosen.

use ciq_store::ModelView;
use serde_json::{Value, json};

use crate::cli::{ModelsArgs, ModelsCommand, SCORECARD};
use crate::exit::{Exit, Failure};
use crate::output::visible;
use crate::session::Session;
use crate::table::{Align, Table, count, minute, or_nothing};

/// Lists models, or chooses one.
pub(super) fn run(session: &mut Session, args: &ModelsArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => list(session),
        Some(ModelsCommand::Use { version }) => choose(session, version),
    }
}

fn list(session: &mut Session) -> Result<Exit, Failure> {
    let models = session.reader()?.models()?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": models }))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("version", Align::Left),
        ("in use", Align::Left),
        ("trained (UTC)", Align::Left),
        ("learned until", Align::Left),
        ("customers", Align::Right),
        ("left", Align::Right),
        ("AUC", Align::Right),
        ("Brier", Align::Right),
    ]);
    let is_trained_in_use = models.iter().any(|model| model.is_in_use);
    for model in models {
        table.row(cells(model));
    }
    let nothing = || or_nothing(None);
    table.row([
        SCORECARD.to_owned(),
        yes(!is_trained_in_use),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
    ]);
    table.write(&mut session.output)?;
    Ok(Exit::Done)
}

fn cells(model: ModelView) -> [String; 8] {
    let trained: Value = serde_json::from_str(model.report.get()).unwrap_or_default();
    let counted = |name: &str| trained["report"][name].as_u64();
    let figure = |name: &str| trained["report"][name].as_f64();
    let shown =
        |figure: Option<f64>| figure.map_or_else(|| or_nothing(None), |it| format!("{it:.4}"));
    [
        model.version,
        yes(model.is_in_use),
        minute(model.trained_at.as_deref()),
        minute(trained["cut"].as_str()),
        counted("customer_count").map_or_else(|| or_nothing(None), count),
        counted("churn_count").map_or_else(|| or_nothing(None), count),
        shown(figure("auc")),
        shown(figure("brier")),
    ]
}

fn yes(is_so: bool) -> String {
    if is_so { "yes".to_owned() } else { String::new() }
}

fn choose(session: &mut Session, version: &str) -> Result<Exit, Failure> {
    let handle = session.existing()?;
    let wanted = (version != SCORECARD).then(|| version.to_owned());
    if !handle.write_blocking(move |writer| writer.use_model(wanted.as_deref()))? {
        let version = visible(version);
        return Err(Failure::NotFound(format!(
            "there is no model {version}: list them with `customeriq models`"
        )));
    }
    handle.close();
    if session.output.is_json() {
        session.output.json(&json!({ "in_use": version }))?;
    } else {
        let version = visible(version);
        session.output.line(format_args!("{version} predicts from the next pass on"))?;
    }
    Ok(Exit::Done)
}

//! Facts about learning who leaves, from a made-up shop.
#![expect(clippy::cast_precision_loss, reason = "counts and amounts of a test are small")]

use ciq_event::{Currency, Money};
use ciq_insight::{
    Act, ActKind, EvaluationSettings, History, LEAVERS_MIN, Order, Target, TrainedModel, Trainer,
    TrainingError, TrainingSettings, evaluate, train,
};
use jiff::{SignedDuration, Timestamp};

/// The shop's first year, in days.
const DAYS: f64 = 360.0;
const CUSTOMERS: u32 = 1_500;

/// Chance, the same in each run: the generator `MMIX` of Knuth.
struct Chance(u64);

impl Chance {
    /// From 0 to 1, neither included.
    fn share(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (f64::from(u32::try_from(self.0 >> 33).unwrap()) + 0.5) / f64::from(1_u32 << 31)
    }

    /// Days until something that happens every so many days on average.
    fn days(&mut self, mean: f64) -> f64 {
        -mean * self.share().ln()
    }
}

fn start() -> Timestamp {
    "2025-01-01T00:00:00Z".parse().unwrap()
}

fn day(days: f64) -> Timestamp {
    start() + SignedDuration::from_secs_f64(days * 86_400.0)
}

/// A customer comes in the first half, buys at a rate of their own, and stays as long as they like.
fn customer(chance: &mut Chance) -> History {
    let joined = chance.share() * DAYS / 2.0;
    let (gap, stay, value) =
        (5.0 + chance.days(30.0), chance.days(120.0), 10.0 + chance.days(40.0));
    let mut history = History { first_event_at: Some(day(joined)), ..History::default() };
    let mut at = joined;
    while at < (joined + stay).min(DAYS) {
        let dollars = value * (0.5 + chance.share());
        let total = Money::parse(&format!("{dollars:.2}"), Currency::USD).unwrap();
        history.orders.push(Order { at: day(at), total, is_offline: false, items: Vec::new() });
        at += chance.days(gap);
    }
    if history.orders.is_empty() {
        let total = Money { minor: 1_000, currency: Currency::USD };
        let order = Order { at: day(joined), total, is_offline: false, items: Vec::new() };
        history.orders.push(order);
    }
    history
}

fn shop() -> Vec<History> {
    let mut chance = Chance(7);
    (0..CUSTOMERS).map(|_| customer(&mut chance)).collect()
}

fn settings(cut: f64) -> TrainingSettings {
    let currency = Currency::USD;
    TrainingSettings { cut: day(cut), horizon_days: 30, target: None, currency }
}

fn evaluation() -> EvaluationSettings {
    let currency = Currency::USD;
    EvaluationSettings { cut: day(300.0), horizon_days: 30, target: None, currency }
}

#[test]
fn a_shop_is_learned_by_its_orders() {
    let shop = shop();
    let (model, report) = train(&shop, &settings(270.0)).unwrap();
    assert_eq!((model.target, model.horizon_days), (Target::Purchase, 30));
    assert_eq!(model.customer_count, u64::from(CUSTOMERS));
    assert_eq!(report.buying_problem, None);
    assert!(model.buying.is_some() && model.spending.is_some());
    assert!(report.auc > 0.8, "{report:?}");
    let base = report.churn_count as f64 / report.customer_count as f64;
    assert!(report.brier < base * (1.0 - base), "{report:?}");
}

#[test]
fn a_version_says_when_and_of_what() {
    let shop = shop();
    let (model, _) = train(&shop, &settings(270.0)).unwrap();
    let (again, _) = train(&shop, &settings(270.0)).unwrap();
    let (other, _) = train(&shop[1..], &settings(270.0)).unwrap();
    assert_eq!(model, again);
    assert_ne!(model.version, other.version);
    let hash = model.version.strip_prefix("trained-2025-09-28-").unwrap();
    assert!(hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
}

#[test]
fn histories_one_by_one_teach_the_same() {
    let shop = shop();
    let mut trainer = Trainer::new(&settings(270.0));
    for history in &shop {
        trainer.push(history);
    }
    assert_eq!(trainer.finish(), train(&shop, &settings(270.0)));
}

#[test]
fn too_few_customers_are_refused_with_how_many_are_needed() {
    let shop = shop();
    let error = train(&shop[..20], &settings(270.0)).unwrap_err();
    assert!(matches!(error, TrainingError::NotEnough { customers: 20, .. }), "{error:?}");
    assert_eq!(
        error.to_string().split(':').next(),
        Some("not enough history"),
        "what lacks is named first"
    );
    assert!(error.to_string().contains("where 200 are needed"), "{error}");
    // After the last order everybody is gone.
    let error = train(&shop, &settings(DAYS + 1.0)).unwrap_err();
    let TrainingError::NotEnough { customers, left, left_min, .. } = error else { panic!() };
    assert_eq!((customers, left), (shop.len(), shop.len()));
    assert_eq!(left_min, LEAVERS_MIN);
    assert!(train(&[], &settings(270.0)).is_err());
}

#[test]
fn a_few_days_teach_nothing_about_months() {
    let settings = TrainingSettings { horizon_days: 90, ..settings(20.0) };
    let error = train(&shop(), &settings).unwrap_err();
    let TrainingError::TooShort { known_days, needed_days, .. } = error else { panic!("{error}") };
    assert!(known_days <= 20 && needed_days == 45, "{known_days} of {needed_days}");
}

#[test]
fn what_comes_later_changes_no_prediction() {
    let shop = shop();
    let (model, _) = train(&shop, &settings(270.0)).unwrap();
    let as_of = day(200.0);
    for history in &shop[..300] {
        let mut known = history.clone();
        known.orders.retain(|order| order.at <= as_of);
        assert_eq!(model.churn(history, as_of), model.churn(&known, as_of));
        let value = |history| model.lifetime_value(history, as_of, Currency::USD);
        assert_eq!(value(history), value(&known));
    }
}

#[test]
fn a_longer_silence_is_a_greater_chance_of_leaving() {
    let (model, _) = train(&shop(), &settings(270.0)).unwrap();
    let mut regular = History { first_event_at: Some(day(100.0)), ..History::default() };
    for number in 0..10 {
        let total = Money { minor: 3_000, currency: Currency::USD };
        let at = day(100.0 + 14.0 * f64::from(number));
        regular.orders.push(Order { at, total, is_offline: false, items: Vec::new() });
    }
    let churn = |days: f64| model.churn(&regular, day(226.0 + days)).unwrap();
    let chances = [2.0, 20.0, 40.0, 80.0].map(churn);
    assert!(chances.is_sorted(), "{chances:?}");
    assert!(chances[0] < 0.4 && chances[3] > 0.8, "{chances:?}");
}

#[test]
fn a_lifetime_value_is_what_was_spent_and_more() {
    let shop = shop();
    let (model, _) = train(&shop, &settings(270.0)).unwrap();
    let as_of = day(270.0);
    let euro = Currency::parse("EUR").unwrap();
    let (mut sum, mut spent) = (0.0, 0.0);
    for history in &shop {
        let value = model.lifetime_value(history, as_of, Currency::USD).unwrap();
        let past = history.spent_until(as_of, Currency::USD).minor as f64;
        assert!(value.is_finite() && value >= past, "{value} {past}");
        assert_eq!(model.lifetime_value(history, as_of, euro), None);
        (sum, spent) = (sum + value, spent + past);
    }
    assert!(sum > 1.05 * spent && sum < 3.0 * spent, "{sum} {spent}");
    assert_eq!(model.lifetime_value(&History::default(), as_of, Currency::USD), None);
}

#[test]
fn a_model_has_no_say_where_it_learned_nothing() {
    let (model, _) = train(&shop(), &settings(270.0)).unwrap();
    let visit = Act { at: day(1.0), kind: ActKind::Session, item: None };
    let visitor = History { acts: vec![visit], ..History::default() };
    assert_eq!(model.churn(&visitor, day(2.0)), None);
    assert_eq!(model.churn(&History::default(), day(2.0)), None);
}

#[test]
fn a_model_is_the_same_after_a_trip_through_json() {
    let shop = shop();
    let (model, _) = train(&shop, &settings(270.0)).unwrap();
    let back = TrainedModel::from_json(&model.to_json()).unwrap();
    assert_eq!((&back.version, back.trained_at_cut), (&model.version, model.trained_at_cut));
    for history in &shop[..100] {
        let [a, b] = [&model, &back].map(|model| model.churn(history, day(300.0)).unwrap());
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
}

#[test]
fn what_is_no_model_is_not_read() {
    let error = TrainedModel::from_json("{}").unwrap_err();
    assert!(matches!(error, TrainingError::Unreadable(_)), "{error}");
    let (mut model, _) = train(&shop(), &settings(270.0)).unwrap();
    model.churn.weights.pop();
    let error = TrainedModel::from_json(&model.to_json()).unwrap_err();
    assert!(matches!(error, TrainingError::OtherFeatures { .. }), "{error}");
}

#[test]
fn an_evaluation_compares_all_models() {
    let report = evaluate(&shop(), &evaluation(), &|_, _| 0.5).unwrap();
    let names: Vec<&str> = report.models.iter().map(|model| model.name.as_str()).collect();
    let expected =
        ["recency", "frequency", "scorecard", "BG/NBD", "MBG/NBD", "Pareto/NBD", "trained"];
    assert_eq!(names, expected);
    let area = |name| report.model(name).unwrap().auc.unwrap();
    assert!(area("trained") > area("recency") && area("trained") > area("frequency"));
    assert!((area("scorecard") - 0.5).abs() < 1e-12);
    assert!(report.calibration_error < 0.05, "{report:?}");
    let pareto = report.model("Pareto/NBD").unwrap();
    assert!(pareto.order_error.unwrap() < 1.0 && pareto.top_decile_capture.unwrap() > 0.2);
    assert_eq!(report.model("recency").unwrap().brier, None);
    eprintln!("{}", report.to_text());
}

#[test]
fn an_evaluation_reads_as_text_json_and_pictures() {
    let report = evaluate(&shop(), &evaluation(), &|_, _| 0.5).unwrap();
    let text = report.to_text();
    let table: Vec<&str> = text.lines().skip(2).take(8).collect();
    assert!(table[0].starts_with("model") && table[7].starts_with("trained"), "{text}");
    assert!(table.iter().all(|line| line.len() == table[0].len()), "{text}");
    let back = serde_json::from_str::<serde_json::Value>(&report.to_json()).unwrap();
    assert_eq!(back["target"], "purchase");
    assert_eq!(back["models"].as_array().unwrap().len(), 7);
    for picture in [report.to_svg(), report.to_gain_svg()] {
        assert!(picture.starts_with("<svg") && picture.contains("<title>"), "{picture}");
    }
}

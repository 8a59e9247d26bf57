//! Reports of a small run, whole.

use std::collections::BTreeMap;

use super::*;

fn month(name: &str, opening: i64, moved: [i64; 5], by_plan: [(&str, i64); 2]) -> MonthRevenue {
    let [new, expansion, contraction, churn, reactivation] = moved;
    MonthRevenue {
        month: name.to_owned(),
        opening_cents: opening,
        new_cents: new,
        expansion_cents: expansion,
        contraction_cents: contraction,
        churn_cents: churn,
        involuntary_churn_cents: churn / 2,
        reactivation_cents: reactivation,
        closing_cents: opening + new + expansion + reactivation - contraction - churn,
        customer_count: 9,
        paying_customer_count: 7,
        arppu_cents: Some(12_345),
        by_plan: BTreeMap::from(by_plan.map(|(plan, cents)| (plan.to_owned(), cents))),
        past_due_cents: 7_500,
    }
}

fn months() -> Vec<MonthRevenue> {
    vec![
        month("2026-05", 0, [860_000, 0, 0, 0, 0], [("Standard", 60_000), ("Enterprise", 800_000)]),
        month(
            "2026-06",
            860_000,
            [2_000, 90_000, 7_500, 40_000, 0],
            [("Standard", 104_500), ("Enterprise", 800_000)],
        ),
        month(
            "2026-07",
            904_500,
            [0, 5_000, 0, 1_000, 20_000],
            [("Standard", 128_500), ("A & B", 800_000)],
        ),
    ]
}

#[test]
fn the_table_is_aligned() {
    insta::assert_snapshot!(render_table(&months()));
}

#[test]
fn the_csv_has_a_line_by_month() {
    insta::assert_snapshot!(render_csv(&months()));
}

#[test]
fn the_json_is_in_cents() {
    insta::assert_snapshot!(render_json(&months()));
}

#[test]
fn the_picture_is_pinned() {
    insta::assert_snapshot!(render_svg(&months()));
}

#[test]
fn price_plans_stand_in_the_order_of_their_price() {
    assert_eq!(plan_names(&months()), ["Standard", "Enterprise", "A & B"]);
}

#[test]
fn nothing_known_is_still_a_report() {
    assert_eq!(render_csv(&[]).lines().count(), 1);
    assert!(render_table(&[]).starts_with("month  opening"));
    assert!(render_json(&[]).contains("\"months\": []"));
    assert!(render_svg(&[]).ends_with("</svg>\n"));
}

#[test]
fn a_month_without_payers_has_no_revenue_by_head() {
    let nobody = MonthRevenue { month: "2026-05".to_owned(), ..MonthRevenue::default() };
    let months = [nobody];
    assert!(render_table(&months).ends_with(" -\n"));
    assert!(render_csv(&months).ends_with(",0,0,,usd\n"));
    assert!(render_svg(&months).contains("</svg>"));
}

#[test]
fn text_in_a_picture_is_escaped() {
    let svg = render_svg(&months());
    assert!(svg.contains("A &amp; B") && !svg.contains("A & B"));
    assert!(!svg.contains("<script"));
}

//! The orders of a customer: what each cost as a line, and the latest as a table.

use ciq_event::Currency;
use ciq_store::PurchaseView;
use maud::{Markup, html};

use crate::format::{count, cut, money, text, time};

/// Most orders that the line goes through.
const DRAWN_MAX: usize = 60;

/// Orders that stand there at once; the others are folded away.
const SHOWN_AT_ONCE: usize = 10;

/// Most characters of a text that an event gave.
const TEXT_LENGTH_MAX: usize = 160;

/// Width and height of the drawing, in its own units.
const SIZE: (f64, f64) = (100.0, 24.0);

/// Shows the orders, the latest first.
pub(super) fn orders(orders: &[PurchaseView]) -> Markup {
    let (shown, folded) = orders.split_at(orders.len().min(SHOWN_AT_ONCE));
    html! {
        section.card #orders {
            h2 { "Orders" }
            @if orders.is_empty() {
                p.muted { "No orders yet. They come from purchase events." }
            } @else {
                (line(orders))
                (table("Orders", shown))
                @if !folded.is_empty() {
                    details {
                        summary { (count(count_of(folded.len()))) " earlier orders" }
                        (table("Earlier orders", folded))
                    }
                }
            }
        }
    }
}

fn table(title: &str, orders: &[PurchaseView]) -> Markup {
    html! {
        div.wide role="region" aria-label=(title) tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Product" }
                        th.number scope="col" { "Quantity" }
                        th.number scope="col" { "Total" }
                        th scope="col" { "Bought" }
                        th scope="col" { "Warranty until" }
                    }
                }
                tbody { @for order in orders { (row(order)) } }
            }
        }
    }
}

fn row(order: &PurchaseView) -> Markup {
    let quantity = order.quantity.map(|quantity| quantity.to_string());
    html! {
        tr {
            th.name scope="row" {
                (cut(&order.product_name, TEXT_LENGTH_MAX))
                span.sub.id {
                    (cut(&order.id, TEXT_LENGTH_MAX))
                    @if let Some(sku) = &order.product_sku { " \u{b7} " (cut(sku, TEXT_LENGTH_MAX)) }
                }
            }
            td.number { (text(quantity.as_deref())) }
            td.number { (money(order.total.0)) }
            td { (time(order.purchased_at.as_deref())) }
            td { (time(order.warranty_expires_at.as_deref())) }
        }
    }
}

/// Draws what the latest orders cost, in the currency of the latest: amounts of different
/// currencies have no common scale. Its numbers are beside it, folded away.
fn line(orders: &[PurchaseView]) -> Markup {
    let Some(latest) = orders.first() else { return html! {} };
    let currency = latest.total.0.currency;
    let drawn: Vec<&PurchaseView> =
        orders.iter().filter(|it| it.total.0.currency == currency).take(DRAWN_MAX).collect();
    if drawn.len() < 2 {
        return html! {};
    }
    let trace = trace(drawn.iter().rev().map(|order| order.total.0.minor));
    let (width, height) = SIZE;
    let title = format!("What the last {} orders cost", drawn.len());
    html! {
        figure.chart.spark {
            figcaption { (title) ", in " (code(currency)) }
            svg viewBox=(format!("0 0 {width} {height}")) preserveAspectRatio="none" role="img"
                aria-label=(format!("{title}: {} at last", money(latest.total.0))) {
                polygon.below points=(format!("0,{height} {trace} {width},{height}")) {}
                polyline.trace points=(trace) {}
            }
            details {
                summary { (title) " as a table" }
                div.scroll {
                    table {
                        caption.unseen { (title) }
                        thead { tr { th scope="col" { "Bought" } th.number scope="col" { "Total" } } }
                        tbody {
                            @for order in &drawn {
                                tr {
                                    th scope="row" { (time(order.purchased_at.as_deref())) }
                                    td.number { (money(order.total.0)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn code(currency: Currency) -> String {
    currency.as_str().to_owned()
}

/// Writes amounts as points from edge to edge, nothing at the bottom and the largest at the top.
fn trace(amounts: impl ExactSizeIterator<Item = i64> + Clone) -> String {
    let (width, height) = SIZE;
    let most = amounts.clone().max().unwrap_or_default().max(1);
    let step = width / small(count_of(amounts.len().saturating_sub(1).max(1)));
    let at = |(place, amount): (usize, i64)| {
        let share = (small(amount) / small(most)).clamp(0.0, 1.0);
        format!("{:.1},{:.1}", step * small(count_of(place)), height - height * share)
    };
    amounts.enumerate().map(at).collect::<Vec<_>>().join(" ")
}

/// What is beyond the range of the drawing's numbers is drawn at its edge.
fn small(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(i32::MAX))
}

fn count_of(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_goes_from_edge_to_edge() {
        let trace = |amounts: &[i64]| super::trace(amounts.iter().copied());
        assert_eq!(trace(&[0, 500, 1_000]), "0.0,24.0 50.0,12.0 100.0,0.0");
        assert_eq!(trace(&[-5, 10]), "0.0,24.0 100.0,0.0");
        assert_eq!(trace(&[0, 0]), "0.0,24.0 100.0,24.0");
    }
}

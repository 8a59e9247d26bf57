//! What a run has made, without the ids that depend on who came first.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::request::Builder;
use ciq_stripe::plan::RunPlan;
use ciq_stripe::verify;
use ciq_stripe::{InvoiceRow, SnapshotRow};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::stage::{RUN, Stage};

/// What a run has made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    clocks: Vec<(String, String)>,
    customers: BTreeMap<String, Customer>,
    snapshots: Vec<String>,
    products: usize,
    prices: usize,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Customer {
    email: String,
    cards: Vec<String>,
    default_card: String,
    subscriptions: Vec<String>,
    invoices: Vec<String>,
}

impl Outcome {
    /// Reads a finished run back, and checks that everything adds up.
    pub(crate) async fn of(stage: &Stage, plan: &RunPlan) -> Self {
        let files = stage.files();
        let run = files.run().unwrap().unwrap();
        assert!(run.finished_at.is_some(), "{run:?}");
        let snapshots = files.snapshots().unwrap().unwrap();
        let found = stage.runner().read_back(RUN).await.unwrap();
        let differences = verify::check(plan, &run, &snapshots, &found);
        assert!(differences.is_empty(), "{differences:#?}");
        assert_eq!(files.invoices().unwrap().unwrap().len(), found.invoices.len());

        let mut customers: BTreeMap<String, Customer> = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        for customer in &found.customers {
            let number = customer.number.clone().unwrap();
            let cards = stage.cards(&customer.id).await;
            let default_card = customer.default_payment_method.as_ref();
            let default_card = default_card.and_then(|id| cards.get(id)).cloned().unwrap();
            let mut card_ends: Vec<String> = cards.into_values().collect();
            card_ends.sort();
            let made = Customer {
                email: customer.email.clone().unwrap(),
                cards: card_ends,
                default_card,
                ..Customer::default()
            };
            assert!(customers.insert(number.clone(), made).is_none(), "{number} is there twice");
            numbers.insert(customer.id.clone(), number);
        }
        for it in &found.subscriptions {
            let made = customers.get_mut(&numbers[&it.customer_id]).unwrap();
            let text = format!("{} x {} {}", it.price_amount, it.screens, it.status);
            made.subscriptions.push(text);
        }
        for it in &found.invoices {
            let made = customers.get_mut(&numbers[&it.customer_id]).unwrap();
            made.invoices.push(invoice(it));
        }
        Self {
            clocks: found
                .clocks
                .iter()
                .map(|clock| {
                    (clock.name.clone(), format!("{} {}", clock.status, clock.frozen_time))
                })
                .collect(),
            customers,
            snapshots: snapshots.iter().map(|row| snapshot(row, &numbers)).collect(),
            products: stage.list("products?limit=100").await.len(),
            prices: stage.list("prices?limit=100").await.len(),
        }
    }
}

fn invoice(it: &InvoiceRow) -> String {
    let lines: Vec<String> = it
        .lines
        .iter()
        .map(|line| format!("{}{}", line.amount_cents, if line.is_proration { "p" } else { "" }))
        .collect();
    let lines = lines.join(" ");
    format!("{} {} {} {} [{lines}]", it.created_at, it.status, it.total_cents, it.attempt_count)
}

fn snapshot(row: &SnapshotRow, numbers: &BTreeMap<String, String>) -> String {
    let number = &numbers[&row.customer_id];
    format!("{} {number} {} {} {} {}", row.month, row.plan, row.screens, row.mrr_cents, row.status)
}

impl Stage {
    /// Asks the twin itself, past all that counts and fails on the way.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        loop {
            let request = Request::builder()
                .uri(format!("/v1/{path}"))
                .header("authorization", "Bearer sk_test_stage")
                .body(Body::empty())
                .unwrap();
            let response = self.twin.router().oneshot(request).await.unwrap();
            if !response.status().is_success() {
                continue;
            }
            let Ok(body) = to_bytes(response.into_body(), usize::MAX).await else { continue };
            let list: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(list["has_more"], false, "{path}");
            return list["data"].as_array().unwrap().clone();
        }
    }

    /// Writes something.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Value {
        let form_type = "application/x-www-form-urlencoded";
        let request = Request::post(format!("/v1/{path}")).header("content-type", form_type);
        self.write(request, Body::from(form.to_owned())).await
    }

    /// Deletes something.
    pub(crate) async fn delete(&self, path: &str) {
        self.write(Request::delete(format!("/v1/{path}")), Body::empty()).await;
    }

    async fn write(&self, request: Builder, body: Body) -> Value {
        let request = request.header("authorization", "Bearer sk_test_stage").body(body).unwrap();
        let response = self.twin.router().oneshot(request).await.unwrap();
        assert!(response.status().is_success(), "{response:?}");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Returns the last digits of a customer's cards by their ids.
    async fn cards(&self, customer_id: &str) -> BTreeMap<String, String> {
        let path = format!("payment_methods?customer={customer_id}&type=card&limit=100");
        let cards = self.list(&path).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        cards.iter().map(|card| (text(&card["id"]), text(&card["card"]["last4"]))).collect()
    }
}

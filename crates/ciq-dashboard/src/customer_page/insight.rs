//! What a customer's history means, and what was sent because of it.

use ciq_store::{CampaignView, InsightView, IntentView};
use maud::{Markup, html};

use super::reasons::reasons;
use crate::format::{moment, money, percent, text, time, words};
use crate::parts::{folded_json, outcome, share, state};

/// Shows the panel.
pub(super) fn insight(insight: Option<&InsightView>, messages: &[CampaignView]) -> Markup {
    html! {
        section.card #insight {
            div.event {
                h2 { "Insight" }
                @if let Some(insight) = insight {
                    span.small.muted { "as of " (time(insight.as_of.as_deref())) }
                }
            }
            @match insight {
                Some(insight) => (computed(insight)),
                None => {
                    p.muted {
                        "Nothing is computed yet. While the service runs, this takes a second or \
                         so; then load this page again."
                    }
                }
            }
            @if !messages.is_empty() { (sent(messages)) }
        }
    }
}

fn computed(insight: &InsightView) -> Markup {
    let prediction = &insight.prediction;
    let values = serde_json::from_str(insight.features.get()).unwrap_or_default();
    let wanted: Vec<_> = insight.intents.iter().filter(|it| it.status == "active").collect();
    html! {
        (facts(insight))
        p.next {
            strong { "Next best action" }
            " " (text(Some(&insight.journey.next_best_action)))
        }
        @if !prediction.recommendations.is_empty() {
            h3 { "Recommended" }
            ul.tags { @for product in &prediction.recommendations { li.tag { (product) } } }
        }
        @if !wanted.is_empty() {
            h3 { "Wants" }
            ul.plain { @for intent in wanted { li { (intended(intent)) } } }
        }
        (reasons(&values))
        (folded_json("The figures behind it", &values))
        p.small.muted { "Model " (prediction.model_version) }
    }
}

fn facts(insight: &InsightView) -> Markup {
    let (prediction, journey) = (&insight.prediction, &insight.journey);
    html! {
        dl.facts {
            div {
                dt { "Segment" }
                dd {
                    (state(&prediction.segment))
                    (change(prediction.previous_segment.as_deref(), prediction.segment_since.as_deref()))
                }
            }
            div {
                dt { "Likely to leave" }
                dd { (share("Likely to leave", percent(prediction.churn_score))) }
            }
            div {
                dt { "Predicted lifetime value" }
                dd { (money(prediction.predicted_ltv.0)) }
            }
            div {
                dt { "Stage" }
                dd {
                    (state(&journey.stage))
                    (change(journey.previous_stage.as_deref(), journey.stage_since.as_deref()))
                }
            }
            div {
                dt { "Score" }
                dd {
                    (journey.score) " of 100"
                    @if let Some(before) = journey.previous_score {
                        span.sub { "before: " (before) }
                    }
                }
            }
        }
    }
}

/// Shows what it was before, and since when it is not.
fn change(before: Option<&str>, since: Option<&str>) -> Markup {
    html! {
        @if let Some(before) = before { span.sub { "before: " (words(before)) } }
        @if since.is_some() { span.sub { "since " (time(since)) } }
    }
}

fn intended(intent: &IntentView) -> Markup {
    html! {
        div.event {
            span { (intent.product) }
            span.amount { (intent.score) " of 100" }
        }
        div.small.muted {
            @if let Some(category) = &intent.category { (category) " \u{b7} " }
            "last seen " (moment(intent.last_at))
        }
    }
}

fn sent(messages: &[CampaignView]) -> Markup {
    html! {
        h3 { "Last messages" }
        ul.plain {
            @for message in messages {
                li {
                    div.event {
                        span { (words(&message.channel)) " " (outcome(&message.status, message.reason.as_deref())) }
                        span.small.muted {
                            (time(message.sent_at.as_deref().or(message.created_at.as_deref())))
                        }
                    }
                    @if let Some(subject) = &message.subject { strong.small { (subject) } }
                    @if let Some(content) = &message.content { p.told.small { (content) } }
                }
            }
        }
    }
}

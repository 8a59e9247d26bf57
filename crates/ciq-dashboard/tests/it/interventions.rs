//! Interventions: listed, in full, and what people do about them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::house::{House, forms};
use crate::now::failing;

/// A house in which Acme fails, and the monitor has noticed.
async fn failed(tokens: &str) -> House {
    let house = House::at_1505(tokens);
    house.tell("api_usage", failing("acme", "Acme <b>")).await;
    house
}

async fn open() -> (House, String) {
    let house = failed("").await;
    house.post("/monitor/check", "").await.location();
    let list = house.page("/interventions").await;
    let id = list.split("/interventions/itv_").nth(1).unwrap()[..32].to_owned();
    (house, format!("/interventions/itv_{id}"))
}

#[tokio::test]
async fn an_intervention_says_why_it_is_and_what_to_do() {
    let (house, address) = open().await;
    let page = house.page(&address).await;
    for shown in [
        "<h1>Error Debugging</h1>",
        "</span>High</span>",
        "Error rate 18.2 % (over 10 %)",
        "240 API calls (over 10)",
        "Find out which calls fail",
        "<li>Look at the failing calls: which route, which status, since when.</li>",
        "Acme &lt;b&gt;</a>",
        "<h3>Opened</h3>",
        "by monitor",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    assert!(!page.contains("<b>\""), "{page}");
}

#[tokio::test]
async fn people_work_on_it_step_by_step() {
    let (house, address) = open().await;
    let steps = [
        ("acknowledge", "by=Kim", "acknowledged", "Acknowledged</span>"),
        ("assign", "to=lee", "assigned", "<dt>With</dt><dd>lee</dd>"),
        ("snooze", "hours=24", "snoozed", "<time datetime=\"2024-01-03T15:05:30Z\">"),
        ("comment", "text=Called+%3Cthem%3E&by=Kim", "commented", "Called &lt;them&gt;"),
        ("resolve", "note=Fixed", "resolved", "<dt>Resolved</dt>"),
        ("reopen", "", "reopened", "<h3>Reopened</h3>"),
    ];
    for (verb, form, done, shown) in steps {
        let answer = house.post(&format!("{address}/{verb}"), form).await;
        assert_eq!(answer.location(), format!("{address}?done={done}"));
        let page = house.page(answer.location()).await;
        assert!(page.contains(shown), "{verb}: {shown} is not in {page}");
        assert!(page.contains("role=\"status\""), "{page}");
    }
    let page = house.page(&address).await;
    assert!(page.contains("by Kim") && page.contains("by admin"), "{page}");
}

#[tokio::test]
async fn there_is_a_button_for_what_can_be_done_and_for_nothing_else() {
    let (house, address) = open().await;
    let verbs = async |address: &str| {
        let forms = forms(&house.page(address).await);
        let verbs =
            forms.iter().filter_map(|form| form.rsplit_once('/').map(|(_, verb)| verb.to_owned()));
        verbs.filter(|verb| verb != "check").collect::<Vec<_>>()
    };
    let all = ["acknowledge", "snooze", "snooze", "resolve", "assign"];
    assert_eq!(verbs("/").await, all);
    assert_eq!(verbs("/interventions").await, all);
    assert_eq!(verbs(&address).await, all);
    house.post(&format!("{address}/resolve"), "").await.location();
    assert_eq!(verbs(&address).await, ["reopen"]);
    assert!(house.page(&address).await.contains("/comment\""));
    assert!(verbs("/").await.is_empty());
    let again = house.post(&format!("{address}/resolve"), "").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.page);
}

#[tokio::test]
async fn a_form_leads_back_to_where_it_was() {
    let (house, address) = open().await;
    let press = async |form: &str| {
        house.post(&format!("{address}/assign"), &format!("to=kim&{form}")).await
    };
    assert_eq!(press("back=now").await.location(), "/?done=assigned");
    let filters = "back=list&filters=status%3Dopen%26x%3Dy%26cursor%3D1";
    assert_eq!(press(filters).await.location(), "/interventions?status=open&done=assigned");
    let elsewhere = "back=https%3A%2F%2Fevil.example";
    assert_eq!(press(elsewhere).await.location(), format!("{address}?done=assigned"));
}

#[tokio::test]
async fn a_list_shows_what_is_asked_for() {
    let (house, address) = open().await;
    house.post(&format!("{address}/assign"), "to=kim").await.location();
    for (query, is_there) in [
        ("", true),
        ("?status=open", true),
        ("?status=resolved", false),
        ("?status=all&severity=high", true),
        ("?severity=low", false),
        ("?kind=error_debugging&assignee=kim", true),
        ("?kind=upsell_suggestion", false),
        ("?assignee=lee", false),
        ("?severity=%3Cscript%3E&cursor=%22", true),
    ] {
        let page = house.page(&format!("/interventions{query}")).await;
        assert_eq!(page.contains(&format!("href=\"{address}\"")), is_there, "{query}: {page}");
        assert_eq!(page.contains("None of these"), !is_there, "{query}: {page}");
    }
    let page = house.page("/interventions?severity=high&brand=default").await;
    assert!(page.contains("<option value=\"high\" selected>High</option>"), "{page}");
    assert!(page.contains("<input type=\"hidden\" name=\"brand\" value=\"default\">"), "{page}");
}

#[tokio::test]
async fn without_interventions_the_page_says_how_they_come() {
    for address in ["/interventions", "/interventions?brand=acme"] {
        let page = House::open().page(address).await;
        assert!(page.contains("Nothing waits for anybody"), "{page}");
        assert!(page.contains("\"error_rate\":0.2".replace('"', "&quot;").as_str()), "{page}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (house, address) = open().await;
    let unknown = "/interventions/itv_00000000000000000000000000000000";
    for nothing in ["/interventions/x", unknown] {
        assert_eq!(house.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
        let answer = house.post(&format!("{nothing}/acknowledge"), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    assert_eq!(house.post(&format!("{address}/burn"), "").await.status, StatusCode::NOT_FOUND);
    let silent = house.post(&format!("{address}/comment"), "text=+").await;
    assert_eq!(silent.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_reader_sees_it_and_changes_nothing() {
    let house = failed("r=default:reader,w=default:writer").await;
    let with = |request: axum::http::request::Builder, token: &str| {
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.body(Body::empty()).unwrap()
    };
    house.ask(with(Request::post("/monitor/check"), "w")).await.location();
    let list = house.ask(with(Request::get("/interventions"), "r")).await.page;
    assert!(list.contains("Error Debugging"), "{list}");
    assert!(forms(&list).is_empty(), "{list}");
    let id = &list.split("/interventions/itv_").nth(1).unwrap()[..32];
    let address = format!("/interventions/itv_{id}");
    let page = house.ask(with(Request::get(&address), "r")).await.page;
    assert!(forms(&page).is_empty() && page.contains("<h3>Opened</h3>"), "{page}");
    let act = house.ask(with(Request::post(format!("{address}/acknowledge")), "r")).await;
    assert_eq!(act.status, StatusCode::FORBIDDEN);
    let act = house.ask(with(Request::post(format!("{address}/acknowledge")), "w")).await;
    assert_eq!(act.location(), format!("{address}?done=acknowledged"));
}

#[tokio::test]
async fn another_brand_has_none_of_it() {
    let (house, address) = open().await;
    let other = house.get(&format!("{address}?brand=acme")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let list = house.page("/interventions?brand=acme").await;
    assert!(list.contains("Nothing waits for anybody"), "{list}");
}

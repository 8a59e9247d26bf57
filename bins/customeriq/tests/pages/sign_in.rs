//! The pages behind tokens, in a browser.

use ciq_testkit::By;
use serde_json::json;

use crate::house::House;
use crate::visitor::Visitor;
use crate::world::account;

const TOKENS: &str = "b0ss=default:admin,z3bra=acme:admin";

#[track_caller]
fn sign_in(visitor: &Visitor, token: &str) {
    visitor.browser.type_into(&visitor.find(By::Css("input[name=token]")), token).unwrap();
    visitor.push("Sign in");
}

#[test]
fn a_wrong_token_shows_nothing_and_a_right_one_its_own_brand() {
    let house = House::with_tokens(TOKENS);
    let event =
        account("a-1", "account_created", "2026-04-29T08:00:00Z", &json!({"company": "Acme Ltd"}));
    house.place.run_with(&["import", "-"], event.to_string()).expect(0);
    let visitor = house.visitor();
    visitor.open("/customers");
    visitor.await_text("people with a token");
    visitor.expect_accessible("sign in");
    visitor.keep_picture("sign-in-1280-light");
    sign_in(&visitor, "<script>window.__pwned = 1</script>");
    visitor.await_text("That token is not valid.");
    visitor.expect_not_run();
    sign_in(&visitor, "z3bra");
    visitor.await_text("Sign out");
    visitor.open("/customers/a-1");
    visitor.await_text("No such customer");
    visitor.open("/customers?brand=default");
    visitor.await_text("Not allowed");
    visitor.open("/customers");
    visitor.push("Sign out");
    visitor.await_text("people with a token");
    sign_in(&visitor, "b0ss");
    visitor.await_text("Sign out");
    visitor.open("/customers/a-1");
    visitor.await_text("Acme Ltd");
}

//! The pages without scripts: everything can be read, and forms work.

use ciq_testkit::Scripts;

use crate::house::House;

#[test]
fn pages_are_read_without_scripts() {
    let house = House::with_shop();
    let visitor = house.visitor();
    visitor.browser.set_scripts(Scripts::Off).unwrap();
    for (path, said) in [
        ("/", "Now"),
        ("/customers", "Lifetime value"),
        ("/customers?q=maier", "found for"),
        ("/customers/cust_000040", "Sven Haddad"),
        ("/customers/atrisk-co", "AtRisk Co"),
        ("/reviews", "Mara Okafor"),
        ("/merges", "Undo"),
        ("/automations", "VIP"),
        ("/insight", "Insight"),
        ("/system", "System"),
    ] {
        visitor.open(path);
        visitor.await_text(said);
        visitor.expect_quiet();
    }
}

#[test]
fn a_review_is_settled_without_scripts() {
    let house = House::with_shop();
    let visitor = house.visitor();
    visitor.browser.set_scripts(Scripts::Off).unwrap();
    visitor.open("/reviews");
    visitor.push("Reject");
    visitor.await_text("The customers stay apart");
    visitor.push("Approve");
    visitor.await_text("The customers are one now");
    visitor.open("/merges");
    visitor.push("Undo");
    visitor.await_text("The merge is undone");
}

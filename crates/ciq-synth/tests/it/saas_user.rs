//! Facts about the users of a population.

use std::collections::BTreeSet;

use ciq_synth::saas::{
    Consent, Mix, Plan, Population, Region, USER_IDS, USER_PHONES, USERS_MAX, consents_of,
    device_count_of, plan_of, region_of, segment_of, user, user_id, user_index,
};
use ciq_synth::{Seed, Segment};
use proptest::prelude::*;

use crate::SEED;

fn population(users: u32) -> Population {
    Population::new(SEED, users).unwrap()
}

/// Checks that `count` of `of` are about so many of a thousand.
#[track_caller]
fn check_share(count: usize, of: u32, per_mille: u32, tolerance_per_mille: u32) {
    let got = u32::try_from(count).unwrap() * 1_000 / of;
    assert!(got.abs_diff(per_mille) <= tolerance_per_mille, "{got}, not {per_mille}");
}

#[test]
fn an_id_is_three_letters_and_three_digits_and_nobody_elses() {
    let all = population(USERS_MAX);
    let mut ids = BTreeSet::new();
    for index in (0..150_000).chain(USER_IDS - 50_000..USER_IDS) {
        let id = user_id(&all, index);
        let (letters, digits) = id.as_str().split_at(3);
        assert!(letters.bytes().all(|byte| byte.is_ascii_uppercase()), "{id}");
        assert!(digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
        assert!(ids.insert(id), "{id} twice");
    }
}

#[test]
fn neighbours_have_ids_that_do_not_look_alike() {
    let all = population(1_000);
    let letters: BTreeSet<u8> = (0..100).map(|index| user_id(&all, index).as_bytes()[0]).collect();
    assert!(letters.len() > 20, "{letters:?}");
}

#[test]
fn another_seed_gives_other_ids() {
    let other = Population::new(Seed::new(2), 1_000).unwrap();
    let same =
        (0..1_000).filter(|index| user_id(&other, *index) == user_id(&population(9), *index));
    assert!(same.count() < 3);
}

#[test]
fn what_is_no_id_has_no_index() {
    for text in ["", "ABC12", "ABC1234", "abc123", "123ABC", "AB1C23", "ÄBC12", "ABC12٣"] {
        assert_eq!(user_index(&population(USERS_MAX), text), None, "{text:?}");
    }
}

#[test]
fn a_user_beyond_the_population_is_not_found() {
    let id = user_id(&population(10), 10);
    assert_eq!(user_index(&population(10), id.as_str()), None);
    assert_eq!(user_index(&population(11), id.as_str()), Some(10));
}

#[test]
fn nobody_changes_when_there_are_more_users() {
    for index in [0, 1, 777, 4_999] {
        assert_eq!(user(&population(5_000), index), user(&population(6_000), index));
    }
}

#[test]
fn each_property_by_itself_is_the_users() {
    let consent = Consent { sms: true, email: true, opted_out_per_mille: 300 };
    let all = population(2_000).with_consent(consent).with_region(Region::Br);
    for index in 0..2_000 {
        let user = user(&all, index);
        assert_eq!(user.id, user_id(&all, index));
        assert_eq!(user.segment, segment_of(&all, index));
        assert_eq!(user.region, region_of(&all, index));
        assert_eq!(user.plan, plan_of(&all, index));
        assert_eq!(user.device_count, device_count_of(&all, index));
        assert_eq!((user.sms_consent, user.email_consent), consents_of(&all, index));
        assert!((1..=4).contains(&user.device_count));
    }
}

#[test]
fn a_mail_address_fits_the_name_is_reserved_and_nobody_elses() {
    let all = population(60_000);
    let mut seen = BTreeSet::new();
    for index in 0..60_000 {
        let user = user(&all, index);
        let (local, domain) = user.email.split_once('@').unwrap();
        let name = format!("{}.{}", user.first_name, user.last_name).to_lowercase();
        assert_eq!(local.trim_end_matches(|c: char| c.is_ascii_digit()), name);
        assert!(["example.com", "example.org", "example.net"].contains(&domain), "{domain}");
        assert!(seen.insert(user.email));
    }
}

#[test]
fn a_telephone_number_is_reserved_for_fiction_and_nobody_elses() {
    let all = population(USERS_MAX);
    let mut seen = BTreeSet::new();
    for index in 0..USER_PHONES {
        let phone = user(&all, index).phone.unwrap();
        let (area, rest) = phone.strip_prefix("+1").unwrap().split_at(3);
        assert!(area.parse::<u16>().is_ok_and(|area| (201..=989).contains(&area)), "{phone}");
        assert!(rest.len() == 7 && rest.starts_with("55501"), "{phone}");
        assert!(seen.insert(phone));
    }
    assert_eq!(user(&all, USER_PHONES).phone, None);
    assert_eq!(user(&all, USERS_MAX - 1).phone, None);
}

#[test]
fn segments_follow_the_mix() {
    let all = population(1).with_mix(Mix::new(0.1, 0.3, 0.6).unwrap());
    for (segment, per_mille) in
        [(Segment::Power, 100), (Segment::Casual, 300), (Segment::AtRisk, 600)]
    {
        let count = (0..50_000).filter(|index| segment_of(&all, *index) == segment).count();
        check_share(count, 50_000, per_mille, 6);
    }
}

#[test]
fn half_of_all_live_at_home_and_the_others_everywhere_else() {
    for home in [Region::In, Region::Uk] {
        let all = population(1).with_region(home);
        let count = |region| (0..50_000).filter(|index| region_of(&all, *index) == region).count();
        check_share(count(home), 50_000, 500, 7);
        for region in Region::ALL.into_iter().filter(|region| *region != home) {
            assert!((300..9_000).contains(&count(region)), "{}", region.code());
        }
    }
}

#[test]
fn power_users_pay_for_the_bigger_plans() {
    let all = population(1);
    let big_share = |segment| {
        let of_segment: Vec<u32> =
            (0..20_000).filter(|index| segment_of(&all, *index) == segment).collect();
        let is_big = |index: &&u32| plan_of(&all, **index) >= Plan::Business;
        of_segment.iter().filter(is_big).count() * 100 / of_segment.len()
    };
    assert!((55..65).contains(&big_share(Segment::Power)));
    assert!((10..18).contains(&big_share(Segment::Casual)));
    assert!((6..14).contains(&big_share(Segment::AtRisk)));
}

#[test]
fn plans_cost_what_they_say() {
    let prices = Plan::ALL.map(|plan| (plan.name(), plan.price_cents()));
    assert_eq!(
        prices,
        [("starter", 1_900), ("pro", 4_900), ("business", 9_900), ("enterprise", 49_900)]
    );
}

#[test]
fn so_many_users_said_no_as_the_settings_say() {
    let consent = Consent { sms: true, email: true, opted_out_per_mille: 100 };
    let all = population(1).with_consent(consent);
    let of = |wanted: fn((bool, bool)) -> bool| {
        (0..50_000).filter(|index| wanted(consents_of(&all, *index))).count()
    };
    check_share(of(|(sms, email)| !sms || !email), 50_000, 100, 5);
    check_share(of(|(sms, _)| !sms), 50_000, 60, 5);
    check_share(of(|(_, email)| !email), 50_000, 60, 5);
    let none = Consent { sms: false, email: true, opted_out_per_mille: 0 };
    let all = all.with_consent(none);
    assert!((0..100).all(|index| consents_of(&all, index) == (false, true)));
}

#[test]
fn a_user_is_one_object_of_json() {
    let all = population(USERS_MAX);
    let json = |index| String::from_utf8(user(&all, index).to_json()).unwrap();
    assert_eq!(
        json(0),
        r#"{"id":"ESM119","name":"Elias Flores","email":"elias.flores0@example.com","phone":"+17605550157","segment":"power","region":"EU","plan":"business","smsConsent":true,"emailConsent":true}"#
    );
    assert_eq!(
        json(USER_PHONES),
        r#"{"id":"QXT350","name":"Chloe Delgado","email":"chloe.delgado25200@example.com","phone":null,"segment":"casual","region":"IN","plan":"business","smsConsent":true,"emailConsent":true}"#
    );
}

proptest! {
    #[test]
    fn an_id_leads_back_to_its_user(seed: u64, index in 0..USERS_MAX) {
        let all = Population::new(Seed::new(seed), USERS_MAX).unwrap();
        prop_assert_eq!(user_index(&all, user_id(&all, index).as_str()), Some(index));
    }
}

//! The purchases of 23,570 customers of the music shop CDNOW, who bought first in the first
//! quarter of 1997, up to June 1998; and the tenth of them that the papers use.
//!
//! `cargo xtask data` gets the files. Each customer is seen as of 30 September 1997, 39 weeks after
//! the first day; the 39 weeks after that are held out. Purchases of one day are one purchase.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ciq_models::{Buying, Spending};

/// Where the files are, unless `CUSTOMERIQ_DATA` says.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/data");

/// The day that is the last of the calibration, 30 September 1997, counted from 1 January 1997.
const CUT: u16 = 272;

/// One customer.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    /// The purchases up to the cut, in weeks.
    pub(crate) buying: Buying,
    /// How many purchases after the first, up to the cut, and the mean of their amounts in dollars.
    pub(crate) spending: Spending,
    /// What the first day's purchase came to, in dollars.
    pub(crate) first_spend: f64,
    /// How many purchases there were in the 39 weeks after the cut.
    pub(crate) holdout_count: f64,
    /// What those came to, in dollars.
    pub(crate) holdout_spend: f64,
}

/// Returns the 2,357 customers of the sample of one in ten, in the order of the summaries.
pub(crate) fn sample() -> Option<Vec<Customer>> {
    let text = read("CDNOW_sample.txt")?;
    let purchases = text.lines().map(words).map(|[_, number, date, _, dollars]| Purchase {
        customer: number,
        date,
        dollars,
    });
    Some(customers(purchases))
}

/// Returns the 21,213 customers who are not in the sample.
pub(crate) fn rest() -> Option<Vec<Customer>> {
    let sample = read("CDNOW_sample.txt")?;
    let sampled: BTreeSet<_> = sample.lines().map(|line| words::<5>(line)[0]).collect();
    let text = read("CDNOW_master.txt")?;
    let purchases = text.lines().skip(1).map(words).map(|[id, date, _, dollars]| Purchase {
        customer: id,
        date,
        dollars,
    });
    Some(customers(purchases.filter(|purchase| !sampled.contains(purchase.customer))))
}

/// Returns the sample as published: weeks with two digits, and means of the repeat purchases.
pub(crate) fn summary() -> Option<Vec<(Buying, Spending)>> {
    let text = read("cdnow_customers_summary_with_transactions.csv")?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = |record: csv::StringRecord| {
        let number = |place: usize| record[place].parse::<f64>().unwrap();
        let buying = Buying { repeat_count: number(1), last_at: number(2), age: number(3) };
        (buying, Spending { repeat_count: number(1), mean: number(4) })
    };
    Some(reader.records().map(|record| row(record.unwrap())).collect())
}

/// Reads a file. Without it a test is left out, unless someone has said where the files are.
fn read(name: &str) -> Option<String> {
    let said = std::env::var_os("CUSTOMERIQ_DATA").map(PathBuf::from);
    let path = said.clone().unwrap_or_else(|| FOLDER.into()).join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if said.is_none() => {
            eprintln!("left out: run `cargo xtask data`: {}: {error}", path.display());
            None
        }
        Err(error) => panic!("run `cargo xtask data`: {}: {error}", path.display()),
    }
}

/// A line of a file.
struct Purchase<'a> {
    customer: &'a str,
    date: &'a str,
    dollars: &'a str,
}

fn words<const N: usize>(line: &str) -> [&str; N] {
    let words: Vec<_> = line.split_whitespace().collect();
    words.try_into().unwrap_or_else(|_| panic!("{N} words: {line}"))
}

fn customers<'a>(purchases: impl Iterator<Item = Purchase<'a>>) -> Vec<Customer> {
    let mut days = BTreeMap::<&str, BTreeMap<u16, f64>>::new();
    for Purchase { customer, date, dollars } in purchases {
        let spent = days.entry(customer).or_default().entry(day(date)).or_default();
        *spent += dollars.parse::<f64>().unwrap();
    }
    days.values().map(customer).collect()
}

fn customer(days: &BTreeMap<u16, f64>) -> Customer {
    let (first, first_spend) = days.first_key_value().unwrap();
    let (last, _) = days.range(..=CUT).next_back().unwrap();
    let repeats: Vec<_> = days.range(..=CUT).skip(1).map(|(_, spent)| *spent).collect();
    let holdout: Vec<_> = days.range(CUT + 1..).map(|(_, spent)| *spent).collect();
    let repeat_count = count(repeats.len());
    let mean = repeats.iter().sum::<f64>() / repeat_count.max(1.0);
    Customer {
        buying: Buying { repeat_count, last_at: weeks(last - first), age: weeks(CUT - first) },
        spending: Spending { repeat_count, mean },
        first_spend: *first_spend,
        holdout_count: count(holdout.len()),
        holdout_spend: holdout.iter().sum(),
    }
}

fn count(length: usize) -> f64 {
    f64::from(u32::try_from(length).unwrap())
}

fn weeks(days: u16) -> f64 {
    f64::from(days) / 7.0
}

/// Counts the days from 1 January 1997 to a date like `19980630`; neither year is a leap year.
fn day(date: &str) -> u16 {
    const BEFORE: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let part = |range: std::ops::Range<usize>| date[range].parse::<u16>().unwrap();
    let (year, month, day) = (part(0..4), part(4..6), part(6..8));
    (year - 1997) * 365 + BEFORE[usize::from(month - 1)] + day - 1
}

#[test]
fn the_sample_is_the_one_of_the_papers() {
    let (Some(sample), Some(summary)) = (sample(), summary()) else { return };
    assert_eq!((sample.len(), summary.len()), (2357, 2357));
    let repeats: f64 = sample.iter().map(|it| it.buying.repeat_count).sum();
    let holdout: f64 = sample.iter().map(|it| it.holdout_count).sum();
    assert!((repeats - 2457.0).abs() < 1e-9 && (holdout - 1882.0).abs() < 1e-9);
    assert_eq!(sample.iter().filter(|it| it.holdout_count > 0.0).count(), 684);
    let spend: f64 = sample.iter().map(|it| it.holdout_spend).sum();
    assert!((spend - 70_976.39).abs() < 1e-6, "{spend}");
    for (customer, (buying, spending)) in sample.iter().zip(&summary) {
        assert_eq!(customer.buying.repeat_count.to_bits(), buying.repeat_count.to_bits());
        assert!((customer.buying.last_at - buying.last_at).abs() < 0.006, "{customer:?}");
        assert!((customer.buying.age - buying.age).abs() < 0.006, "{customer:?}");
        assert!((customer.spending.mean - spending.mean).abs() < 0.006, "{customer:?}");
    }
}

#[test]
fn the_rest_are_nine_in_ten() {
    let Some(rest) = rest() else { return };
    assert_eq!(rest.len(), 21_213);
    assert!(rest.iter().all(|it| it.first_spend >= 0.0 && it.spending.mean >= 0.0));
}

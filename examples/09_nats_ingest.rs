//! Events over NATS, inside a program of your own.
//!
//! You will see a service beside a real NATS server: a shop publishes three events, the stream
//! confirms each, the service stores them, and what it has stored is acknowledged.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use ciq_event::Brand;
use ciq_ingest::{Brands, EngineOptions, NatsIngest, NatsSettings, SystemClock};
use ciq_nats::{Nats, NatsOptions, Outgoing, Publisher, SourceOptions, SubjectFilter};
use ciq_store::{CustomerSort, PageRequest};
use ciq_testkit::{NatsConfig, NatsServer};
use tokio::sync::watch;

const EVENTS: [&str; 3] = [
    r#"{"customer_id": "cust_7", "event_type": "purchase", "timestamp": 1736937000,
        "data": {"purchase_id": "ord_41", "product_name": "Reading lamp", "total": 89.90}}"#,
    r#"{"customer_id": "cust_7", "event_type": "note", "timestamp": 1737000000,
        "data": {"content": "Prefers to be called in the morning."}}"#,
    r#"{"customer_id": "cust_8", "event_type": "login", "timestamp": 1737018000}"#,
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = NatsServer::start(NatsConfig::default())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("shop.db");
    let brands = Arc::new(Brands::new(path, EngineOptions::default())?);

    let subjects = SubjectFilter::parse("customer.events.>")?;
    let settings = NatsSettings {
        nats: NatsOptions::new(server.url().parse()?),
        source: SourceOptions::new(vec![subjects.clone()]),
        default_brand: Brand::default(),
        is_publishing: false,
        instance: "this example".to_owned(),
        host: "this machine".to_owned(),
    };
    let nats = Nats::connect(&settings.nats).await?;
    let (stop, stopped) = watch::channel(false);
    let clock = Arc::new(SystemClock);
    let (service, mut trouble) = NatsIngest::new(settings, Arc::clone(&brands), clock, stopped);
    let running = tokio::spawn(service.run());
    // What is in the way of taking events: nothing, once it has made the stream.
    trouble.wait_for(Option::is_none).await?;

    let handle = brands.open(&Brand::default())?;
    let mut changed = handle.changed();
    let mut publisher = Publisher::new(&nats, &subjects).await?;
    for body in EVENTS {
        // The subject is for those who listen; what counts is the body.
        let (subject, body) = ("customer.events.web".to_owned(), body.into());
        publisher.publish(Outgoing { subject, body, ..Outgoing::default() }).await?;
    }
    println!("confirmed by the stream: {}", publisher.finish().await?.confirmed_count);

    let event_count = || handle.readers().read(|reader| Ok(reader.stats()?.event_count));
    while event_count()? < 3 {
        tokio::time::timeout(Duration::from_secs(10), changed.changed()).await??;
    }
    stop.send_replace(true);
    running.await??;
    let (page, sort) = (PageRequest::default(), CustomerSort::Newest);
    for customer in handle.readers().read(|reader| reader.customers(&page, sort))?.data {
        println!("{}: {} to date", customer.id, customer.lifetime_value.0);
    }
    brands.close();
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
}

//! Where events go, and where the accounts are known.

mod http;
mod nats;

use ciq_synth::activity::{Account, ActivityEvent};
use jiff::Timestamp;

use crate::exit::Failure;
use crate::output::Output;
use crate::reach::Reach;
use crate::runtime::Stop;
use crate::settings::{Settings, TargetSettings};

use http::HttpService;
use nats::NatsBus;

/// What to do about a customeriq that is down.
const HTTP_REMEDY: &str = "start `customeriq serve`, or say with --target where it is";

/// What to do about a customeriq that is down while events go to NATS.
const STATE_REMEDY: &str = "start `customeriq serve --nats`, or say with --state-from where it is";

/// What to do about NATS that is down.
const NATS_REMEDY: &str =
    "start nats-server and `customeriq serve --nats`, or say with --target where it is";

/// What became of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Those that were there already.
    pub(crate) duplicates: u64,
    /// Those that were refused.
    pub(crate) refused: u64,
    /// Why one was.
    pub(crate) refusal: Option<String>,
}

/// What is there before anything is sent.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The accounts.
    pub(crate) accounts: Vec<Account>,
    /// When the latest event of anybody happened.
    pub(crate) latest_at: Option<Timestamp>,
}

/// The way to a target.
#[derive(Debug)]
pub(crate) struct Target {
    way: Way,
    reach: Reach,
    /// Where the accounts are known, if not where events go.
    state: Option<(HttpService, Reach)>,
}

#[derive(Debug)]
enum Way {
    Http(Box<HttpService>),
    Nats(Box<NatsBus>),
}

impl Target {
    /// Opens the way. The target need not be there yet.
    pub(crate) async fn open(output: Output, settings: &Settings) -> Result<Self, Failure> {
        let reach = |name: String, remedy| Reach::new(output, name, remedy);
        Ok(match &settings.target {
            TargetSettings::Http(address) => Self {
                way: Way::Http(Box::new(HttpService::new(address, settings)?)),
                reach: reach(address.as_str().to_owned(), HTTP_REMEDY),
                state: None,
            },
            TargetSettings::Nats { servers, state_from } => {
                let state = state_from.as_ref().map(|address| {
                    let service = HttpService::new(address, settings)?;
                    Ok::<_, Failure>((service, reach(address.as_str().to_owned(), STATE_REMEDY)))
                });
                Self {
                    way: Way::Nats(Box::new(NatsBus::open(servers, settings).await?)),
                    reach: reach(servers.to_string(), NATS_REMEDY),
                    state: state.transpose()?,
                }
            }
        })
    }

    /// Finds out what is there; `None` where it is time to end before that is known. NATS by itself
    /// tells nothing.
    pub(crate) async fn known(&mut self, stop: &mut Stop) -> Result<Option<Known>, Failure> {
        let (service, reach) = match (&self.way, &mut self.state) {
            (_, Some((service, reach))) => (&*service, reach),
            (Way::Http(service), None) => (service.as_ref(), &mut self.reach),
            (Way::Nats(_), None) => return Ok(Some(Known::default())),
        };
        reach.patiently(stop, async || service.known().await).await
    }

    /// Sends events until they have arrived; `None` where it is time to end before.
    pub(crate) async fn send(
        &mut self,
        events: &[ActivityEvent],
        stop: &mut Stop,
    ) -> Result<Option<Sent>, Failure> {
        if events.is_empty() {
            return Ok(Some(Sent::default()));
        }
        let Self { way, reach, .. } = self;
        match way {
            Way::Http(service) => reach.patiently(stop, async || service.send(events).await).await,
            Way::Nats(bus) => reach.patiently(stop, async || bus.send(events).await).await,
        }
    }

    /// Closes the way.
    pub(crate) async fn close(self) {
        match self.way {
            Way::Http(_) => {}
            Way::Nats(bus) => bus.close().await,
        }
    }
}

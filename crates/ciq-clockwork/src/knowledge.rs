//! What a pass knows beside histories: products, the model, what others bought, the automations.

use ciq_automation::Automation;
use ciq_event::Currency;
use ciq_insight::{Context, History, ModelChoice, Peers, TrainedModel};
use ciq_store::{AutomationView, Products, Reader};
use jiff::Timestamp;

use crate::ClockworkError;
use crate::pass::{hash, hex};

/// The name under which what others bought is remembered.
pub(crate) const PEERS: &str = "peers";

/// What a pass knows beside histories. Kept from pass to pass, and read again where it changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Knowledge {
    pub(crate) products: Products,
    pub(crate) peers: Option<Peers>,
    pub(crate) automations: Vec<Automation>,
    model: Option<TrainedModel>,
    /// The texts that the above was read from.
    model_text: Option<String>,
    automation_texts: Vec<(String, String)>,
}

impl Knowledge {
    /// Reads again what has changed.
    pub(crate) fn refresh(&mut self, reader: &Reader) -> Result<(), ClockworkError> {
        self.products = reader.products(Some(std::mem::take(&mut self.products)))?;
        let model = reader.model_in_use()?;
        if model != self.model_text {
            self.model = model.as_deref().map(TrainedModel::from_json).transpose()?;
            self.model_text = model;
        }
        if self.peers.is_none()
            && let Some(text) = reader.pass_state(PEERS)?
        {
            self.peers = Some(Peers::from_json(&text).map_err(|_| ClockworkError::Remembered)?);
        }
        self.refresh_automations(reader.automations()?)
    }

    fn refresh_automations(&mut self, stored: Vec<AutomationView>) -> Result<(), ClockworkError> {
        let texts: Vec<(String, String)> =
            stored.into_iter().map(|view| (view.id, view.definition.get().to_owned())).collect();
        if texts == self.automation_texts {
            return Ok(());
        }
        let parsed = texts.iter().map(|(id, text)| {
            let broken = |source| ClockworkError::Automation { id: id.clone(), source };
            let value = serde_json::from_str(text).unwrap_or_default();
            Automation::parse_json(&value).map_err(broken)
        });
        self.automations = parsed.collect::<Result<_, _>>()?;
        self.automation_texts = texts;
        Ok(())
    }

    /// Names automations and model: another name, where any of them is another.
    pub(crate) fn rules(&self) -> String {
        let automations = self.automation_texts.iter().map(|(_, text)| text.as_str());
        let texts: Vec<&str> = self.model_text.as_deref().into_iter().chain(automations).collect();
        hex(hash(&texts))
    }

    /// Tells whether any automation may act.
    pub(crate) fn may_act(&self) -> bool {
        self.automations.iter().any(|automation| automation.enabled)
    }

    /// Calls `use_it` with the context that insight needs.
    pub(crate) fn with_context<T>(
        &self,
        currency: Currency,
        use_it: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        let none = Peers::default();
        let peers = self.peers.as_ref().unwrap_or(&none);
        let catalogue = &self.products.catalogue;
        let Some(model) = &self.model else {
            let model = ModelChoice::Scorecard;
            return use_it(&Context { currency, catalogue, peers, model });
        };
        let churn = |history: &History, as_of: Timestamp| model.churn(history, as_of);
        let lifetime_value = |history: &History, as_of: Timestamp, currency: Currency| {
            model.lifetime_value(history, as_of, currency)
        };
        let model = ModelChoice::Trained {
            version: &model.version,
            churn: &churn,
            lifetime_value: &lifetime_value,
        };
        use_it(&Context { currency, catalogue, peers, model })
    }
}

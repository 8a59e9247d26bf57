//! What a client does to an invoice.

use super::collection::Attempt;
use super::{Invoice, InvoiceStatus};
use crate::ApiError;
use crate::books::calendar::HOUR;
use crate::books::cards::Decline;
use crate::books::given;
use crate::books::ids::InvoiceId;
use crate::books::{Answer, Books};
use crate::params::Params;

/// How long after it was made final by hand an invoice is charged.
const CHARGE_AFTER: i64 = HOUR;

impl Books {
    /// Pays an invoice now, a draft too.
    pub(in crate::books) fn pay_invoice(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &["forgive", "off_session", "paid_out_of_band", "payment_method"])?;
        let invoice = self.writable_invoice(id)?;
        match invoice.status {
            InvoiceStatus::Draft | InvoiceStatus::Open => {}
            InvoiceStatus::Paid => return Err(ApiError::invalid("Invoice is already paid")),
            InvoiceStatus::Void => {
                return Err(ApiError::invalid("This invoice is void and cannot be paid."));
            }
        }
        let method = match given::text(params, &["payment_method"]) {
            None => None,
            Some(id) => Some(self.own_payment_method(id, &invoice.customer, "payment_method")?),
        };
        let is_out_of_band = params.boolean(&["paid_out_of_band"])? == Some(true);
        let (id, is_draft) = (invoice.id.clone(), invoice.status == InvoiceStatus::Draft);
        if is_draft {
            self.finalize(&id);
        }
        if self.invoice(id.as_str())?.status == InvoiceStatus::Open {
            if is_out_of_band {
                self.pay_off(&id);
            } else {
                let charged = self.charge(&id, method.as_ref(), Attempt::ByHand);
                charged.map_err(Decline::error)?;
            }
        }
        self.retrieve_invoice(id.as_str())
    }

    /// Makes a draft final. It is charged by itself later, unless that is not wanted.
    pub(in crate::books) fn finalize_invoice(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &["auto_advance"])?;
        let invoice = self.writable_invoice(id)?;
        if invoice.status != InvoiceStatus::Draft {
            return Err(ApiError::invalid(
                "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            ));
        }
        let auto_advance = params.boolean(&["auto_advance"])?.unwrap_or(invoice.auto_advance);
        let (id, at) = (invoice.id.clone(), self.time_of(invoice.clock.as_ref()));
        self.finalize(&id);
        self.change_invoice(&id, &[], |invoice| {
            let is_charged = auto_advance && invoice.status == InvoiceStatus::Open;
            invoice.auto_advance = auto_advance;
            invoice.next_attempt_at = is_charged.then(|| at.plus(CHARGE_AFTER));
        });
        self.retrieve_invoice(id.as_str())
    }

    /// Takes an open invoice back.
    pub(in crate::books) fn void_invoice(&mut self, id: &str, params: &Params) -> Answer {
        given::only(params, &[])?;
        let invoice = self.writable_invoice(id)?;
        if invoice.status != InvoiceStatus::Open {
            return Err(ApiError::invalid(
                "You can only pass in open invoices. This invoice isn't open.",
            ));
        }
        let (id, subscription): (InvoiceId, _) = (invoice.id.clone(), invoice.subscription.clone());
        self.void(&id);
        self.settle(&subscription);
        self.retrieve_invoice(id.as_str())
    }

    fn writable_invoice(&self, id: &str) -> Result<&Invoice, ApiError> {
        let invoice = self.invoice(id)?;
        self.check_writable(invoice.clock.as_ref())?;
        Ok(invoice)
    }
}

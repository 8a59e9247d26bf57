//! Requests: one message, and the answer of whoever serves its subject.

use async_nats::{Request, RequestErrorKind};

use crate::publish::header_map;
use crate::{Nats, NatsError};

impl Nats {
    /// Sends a request and returns the answer. Waits some seconds at most.
    pub async fn request(
        &self,
        subject: &str,
        body: Vec<u8>,
        headers: &[(String, String)],
    ) -> Result<Vec<u8>, NatsError> {
        let request = Request::new().payload(body.into()).headers(header_map(headers));
        match self.client.send_request(subject.to_owned(), request).await {
            Ok(answer) => Ok(answer.payload.into()),
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                Err(NatsError::NobodyServes { subject: subject.to_owned() })
            }
            Err(error) => Err(NatsError::server(format!("ask on {subject}"))(error)),
        }
    }
}

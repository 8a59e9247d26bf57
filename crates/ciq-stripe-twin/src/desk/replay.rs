//! A log carried out again.

use std::path::Path;

use super::Desk;
use crate::ask::Ask;
use crate::keys::Kept;
use crate::log::{Line, LoggedSettings, LoggedWrite};
use crate::request::Request;
use crate::route::Route;
use crate::{ApiError, TwinError};

impl Desk {
    /// Carries out all writes of a log, and returns the settings of the last ones.
    ///
    /// Every answer must be the one that was given then: a client believes in it.
    pub(super) fn replay(
        &mut self,
        path: &Path,
        lines: &[Line],
    ) -> Result<Option<LoggedSettings>, TwinError> {
        let mut settings = None;
        for (index, line) in lines.iter().enumerate() {
            match line {
                Line::Twin { .. } => {}
                Line::Settings(logged) => {
                    self.books.configure(logged.books());
                    settings = Some(logged.clone());
                }
                Line::Write(write) => {
                    let is_same = self.repeat(write).is_ok_and(|is_same| is_same);
                    if !is_same {
                        let (path, line) = (path.to_owned(), index + 1);
                        return Err(TwinError::LogDiffers { path, line });
                    }
                }
            }
        }
        // What happened then was told then.
        self.books.take_events();
        Ok(settings)
    }

    /// Carries out a write again, and tells whether it has the same answer.
    fn repeat(&mut self, write: &LoggedWrite) -> Result<bool, ApiError> {
        self.latest = self.latest.max(write.now);
        let request = Request {
            method: write.method.clone(),
            path: write.path.clone(),
            body: write.form.clone(),
            idempotency_key: write.idempotency_key.clone(),
            ..Request::default()
        };
        let route = Route::find(&write.method, &write.path)?;
        let params = request.params()?;
        let ask = Ask::new(&route, &write.path, params.clone())?;
        let (status, answer) = match ask.perform(&mut self.books, write.now) {
            Ok(answer) => (200, answer),
            Err(error) => (error.status(), error.body()),
        };
        // A 500 was a fault on purpose, and hides what was answered.
        let is_same = write.status == 500 || (write.status, &write.answer) == (status, &answer);
        if let Some(key) = request.key()? {
            let kept = Kept {
                path: write.path.clone(),
                params,
                at: write.now,
                request_id: write.request_id.clone(),
                status: write.status,
                body: write.answer.to_string(),
            };
            self.keys.keep(key, kept);
        }
        Ok(is_same)
    }
}

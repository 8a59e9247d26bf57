//! A customeriq within the test.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ciq_http::{ApiOptions, AppState, router, serve};
use ciq_ingest::{Brands, EngineOptions, SystemClock};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A service over files of its own.
pub(crate) struct Service {
    // Fields end in this order: whoever asks, then what is asked, then its files.
    _runtime: Runtime,
    brands: Arc<Brands>,
    pub(crate) url: String,
    _folder: TempDir,
}

impl Service {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("customeriq.db");
        let brands = Arc::new(Brands::new(path, EngineOptions::default()).unwrap());
        let clock = Arc::new(SystemClock);
        let state = AppState::new(Arc::clone(&brands), clock, ApiOptions::default());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(serve(listener, router(state), std::future::pending()));
        Self { _runtime: runtime, brands, url, _folder: folder }
    }

    /// Asks for JSON.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let address = self.url.strip_prefix("http://").unwrap();
        let (status, body) = crate::http::ask(address, ("GET", path), "");
        assert_eq!(status, 200, "{body}");
        body
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.brands.close();
    }
}

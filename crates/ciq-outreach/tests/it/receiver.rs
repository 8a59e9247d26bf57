//! A service that keeps what it is sent, and says the same to everyone.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request that the service got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Debug)]
struct Desk {
    status: StatusCode,
    headers: HeaderMap,
    requests: Mutex<Vec<Got>>,
}

/// A running service; it ends with this value.
#[derive(Debug)]
pub(crate) struct Receiver {
    address: String,
    desk: Arc<Desk>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Receiver {
    pub(crate) async fn start(status: StatusCode, headers: &[(&'static str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        });
        let desk = Desk { status, headers: headers.collect(), requests: Mutex::default() };
        let desk = Arc::new(desk);
        let service = Router::new().fallback(take).with_state(Arc::clone(&desk));
        let serving = tokio::spawn(axum::serve(listener, service).into_future());
        Self { address, desk, serving }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Got> {
        self.desk.requests.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    desk.requests.lock().unwrap().push(Got {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    (desk.status, desk.headers.clone()).into_response()
}

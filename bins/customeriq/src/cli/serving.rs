//! The flags of commands that listen, or look whether they could.

use std::net::IpAddr;

use ciq_http::PublicUrl;
use ciq_nats::Partitions;
use clap::Args;

use super::moment::Every;
use crate::nats::NatsArgs;
use crate::nats_service::worker_name;

/// Where to listen.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListenArgs {
    /// The address to listen at. Beyond this machine, tokens are needed (`CUSTOMERIQ_TOKENS`).
    #[arg(long, env = "CUSTOMERIQ_LISTEN", default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) listen: IpAddr,
    /// The port to listen at; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 3000)]
    pub(crate) port: u16,
}

/// `serve`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Secrets come from the environment or .env only:
  DATABASE_URL              PostgreSQL instead of files: postgres://USER:PASSWORD@HOST:PORT/DATABASE
  CUSTOMERIQ_TOKENS         tokens that may use the API: TOKEN=BRAND:ROLE, ...
  SHOPIFY_WEBHOOK_SECRET    checks what Shopify sends
  TWILIO_AUTH_TOKEN         checks what Twilio sends
  STRIPE_WEBHOOK_SECRET     checks what Stripe sends
  NATS_USER, NATS_PASSWORD  a user of NATS; or else NATS_TOKEN, or NATS_NKEY

Messages of automations go to the console unless these are set too:
  TWILIO_ACCOUNT_SID, TWILIO_WHATSAPP_FROM, TWILIO_SMS_FROM
                            with TWILIO_AUTH_TOKEN: WhatsApp and text messages
  SMTP_HOST, SMTP_FROM      mail; also SMTP_USER, SMTP_PASSWORD, SMTP_PORT, SMTP_TLS
  OUTREACH_WEBHOOK_SECRET   signs webhooks; without it they reach this machine only
  OUTREACH_TIMEOUT          how long one try may take (10s)")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) at: ListenArgs,
    /// The address under which the outside reaches this service; Twilio signs it.
    #[arg(long, env = "CUSTOMERIQ_PUBLIC_URL", value_name = "URL", value_parser = PublicUrl::parse)]
    pub(crate) public_url: Option<PublicUrl>,
    /// How often to look for whom time alone has changed something, such as 60s, 5m or 1h; off
    /// computes and sends nothing by itself. What happens is looked at within a second or so.
    #[arg(long, env = "CLOCKWORK_EVERY", default_value = "60s", value_name = "SPAN")]
    pub(crate) every: Every,
    /// Take events from NATS too; as `NATS_ENABLED=true` does.
    #[arg(long)]
    pub(crate) nats: bool,
    /// Take a share of so many partitions of events, beside other workers, instead of subjects.
    #[arg(long, env = "NATS_PARTITIONS", value_name = "N", hide_short_help = true)]
    pub(crate) nats_partitions: Option<Partitions>,
    /// What this process is called among workers; else it is the machine's name and a number.
    #[arg(long, env = "NATS_WORKER", value_name = "NAME", value_parser = worker_name)]
    #[arg(hide_short_help = true)]
    pub(crate) nats_worker: Option<String>,
    #[command(flatten)]
    pub(crate) nats_settings: NatsArgs,
}

/// `doctor`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) at: ListenArgs,
    /// Look for so many partitions of events instead of subjects.
    #[arg(long, env = "NATS_PARTITIONS", value_name = "N", hide_short_help = true)]
    pub(crate) nats_partitions: Option<Partitions>,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}

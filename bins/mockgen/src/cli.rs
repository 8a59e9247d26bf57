//! Every command, flag and variable. The comments here are the help that people read.

mod making;
mod playing;
mod sinks;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgAction, Args, Parser, Subcommand};

pub(crate) use self::making::{GenerateArgs, PeopleArgs, ReplayArgs, TruthArgs, TruthFormat};
pub(crate) use self::playing::{ScenarioArgs, Story};
pub(crate) use self::sinks::SinkArgs;

/// What to do after reading the short help.
const NEXT_STEPS: &str = "\
Where to begin:
  mockgen                                        the service at http://127.0.0.1:4001
  mockgen generate --users 100 --days 30         a history on the standard output
  mockgen replay FILE --speed 60x --sink http    the same again, an hour in a minute
  mockgen scenario all                           four stories told to customeriq, and checked

Exit codes: 0 ok, 1 failed, 2 wrong usage or a bad value, 3 some events refused, 4 not found,
75 try again later";

/// Made-up customers and their events: as a service, as a file, as a stream.
#[derive(Debug, Parser)]
#[command(name = "mockgen", version, max_term_width = 100, after_help = NEXT_STEPS)]
#[command(disable_help_subcommand = true, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// What to do; without one, `serve`.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Flags of every command.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct CommonArgs {
    /// Write the summary as JSON to standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell more on standard error; twice for still more.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Tell only errors on standard error.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve: seed users, stream, emit and backfill over HTTP.
    Serve(ServeArgs),
    /// Write a history: the same settings give the same bytes on any machine.
    Generate(Box<GenerateArgs>),
    /// Send the events of a file again, with the gaps between them.
    Replay(ReplayArgs),
    /// Write who is who: segments, and who left when and why.
    Truth(TruthArgs),
    /// Tell customeriq a story on its own dates, and check what it makes of it.
    Scenario(ScenarioArgs),
    /// Write completions for a shell to standard output.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual page to standard output, or all of them into a folder.
    Man {
        /// The folder.
        dir: Option<PathBuf>,
    },
}

/// `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// The port to listen at; 0 takes a free one. [default: 4001]
    #[arg(long, env = "PORT")]
    pub(crate) port: Option<String>,
    /// The address to listen at, with or without a port. Anyone who reaches it may do everything.
    /// [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<Listen>,
    /// Where most users live: IN, `US_EAST`, `US_WEST`, EU, UK, BR, SG, JP, AU or AE. [default: IN]
    #[arg(long, env = "DEFAULT_REGION", value_name = "REGION")]
    pub(crate) default_region: Option<String>,
    /// Whether users agreed to text messages. [default: true]
    #[arg(long, env = "DEFAULT_SMS_CONSENT", value_name = "BOOL")]
    pub(crate) default_sms_consent: Option<String>,
    /// Whether users agreed to mail. [default: true]
    #[arg(long, env = "DEFAULT_EMAIL_CONSENT", value_name = "BOOL")]
    pub(crate) default_email_consent: Option<String>,
    #[command(flatten)]
    pub(crate) sink: SinkArgs,
}

/// An address, perhaps with a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listen {
    pub(crate) ip: IpAddr,
    pub(crate) port: Option<u16>,
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(ip) = text.parse() {
            return Ok(Self { ip, port: None });
        }
        let address: SocketAddr =
            text.parse().map_err(|_| "write an address such as 127.0.0.1 or 127.0.0.1:4001")?;
        Ok(Self { ip: address.ip(), port: Some(address.port()) })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_address_may_have_a_port() {
        let listen = |text: &str| Listen::from_str(text).map(|it| (it.ip.to_string(), it.port));
        assert_eq!(listen("0.0.0.0"), Ok(("0.0.0.0".to_owned(), None)));
        assert_eq!(listen("[::1]:80"), Ok(("::1".to_owned(), Some(80))));
        assert!(listen("localhost").is_err());
    }
}

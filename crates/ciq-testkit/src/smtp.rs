//! A stand-in for a mail server: it takes mail, delivers none, and fails when told to.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// Why a double could not be had.
#[derive(Debug, thiserror::Error)]
#[error("could not listen on this machine")]
pub struct SmtpDoubleError(#[from] io::Error);

/// What a double does with one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpAnswer {
    /// It takes mail, as without orders.
    Accept,
    /// It says nothing, not even its greeting.
    HangOnConnect,
    /// It takes a mail, and says nothing when it is there.
    HangAfterData,
    /// It greets with 421: come back later.
    TryLater,
    /// It refuses each recipient with 550: no such mailbox.
    Refuse,
}

/// A mail that a double took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpMail {
    /// Whom the envelope says that it comes from.
    pub from: String,
    /// To whom it goes, by the envelope.
    pub to: Vec<String>,
    /// Headers and body, as they came: lines that end in `\r\n`.
    pub data: String,
    /// What the client logged in with: the command's argument, in base 64.
    pub login: Option<String>,
}

/// A stand-in for a mail server on a port of its own on this machine; it ends with this value.
///
/// It speaks no TLS, and takes any login.
#[derive(Debug)]
pub struct SmtpDouble {
    address: SocketAddr,
    desk: Arc<Desk>,
    listener: Option<JoinHandle<()>>,
}

/// What all connections share.
#[derive(Debug)]
struct Desk {
    state: Mutex<State>,
    /// Rung when all is over.
    bell: Condvar,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<SmtpAnswer>,
    connection_count: usize,
    mails: Vec<SmtpMail>,
    is_over: bool,
    open: Vec<TcpStream>,
}

impl SmtpDouble {
    /// Starts a double.
    pub fn start() -> Result<Self, SmtpDoubleError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk { state: Mutex::default(), bell: Condvar::new() });
        let ours = Arc::clone(&desk);
        let listener = thread::spawn(move || listen(&listener, &ours));
        Ok(Self { address, desk, listener: Some(listener) })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says what to do with the next connections, in this order, after those of earlier orders.
    /// When there are no more orders, each mail is taken.
    pub fn answer_next(&self, answers: &[SmtpAnswer]) {
        self.desk.lock().answers.extend(answers);
    }

    /// Returns how often a client has connected.
    #[must_use]
    pub fn connection_count(&self) -> usize {
        self.desk.lock().connection_count
    }

    /// Returns the mails that were taken, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<SmtpMail> {
        self.desk.lock().mails.clone()
    }
}

impl Drop for SmtpDouble {
    fn drop(&mut self) {
        {
            let mut state = self.desk.lock();
            state.is_over = true;
            for stream in state.open.drain(..) {
                // The peer may have closed it before.
                drop(stream.shutdown(Shutdown::Both));
            }
        }
        self.desk.bell.notify_all();
        // The listener looks at the state when a connection arrives; without one it waits on.
        let has_called = TcpStream::connect(self.address).is_ok();
        if let Some(listener) = self.listener.take().filter(|_| has_called) {
            drop(listener.join());
        }
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when all is over.
    fn hang(&self) {
        drop(self.bell.wait_while(self.lock(), |state| !state.is_over));
    }
}

fn listen(listener: &TcpListener, desk: &Arc<Desk>) {
    for client in listener.incoming().flatten() {
        let Ok(ours) = client.try_clone() else { continue };
        let order = {
            let mut state = desk.lock();
            if state.is_over {
                return;
            }
            state.open.push(ours);
            state.connection_count += 1;
            state.answers.pop_front().unwrap_or(SmtpAnswer::Accept)
        };
        let desk = Arc::clone(desk);
        // An error is an end like any other.
        thread::spawn(move || drop(Session::new(&client, order).run(&desk)));
    }
}

/// One connection, RFC 5321.
struct Session<'a> {
    reader: BufReader<&'a TcpStream>,
    writer: &'a TcpStream,
    order: SmtpAnswer,
    mail: SmtpMail,
}

impl<'a> Session<'a> {
    fn new(client: &'a TcpStream, order: SmtpAnswer) -> Self {
        let mail =
            SmtpMail { from: String::new(), to: Vec::new(), data: String::new(), login: None };
        Self { reader: BufReader::new(client), writer: client, order, mail }
    }

    fn run(mut self, desk: &Desk) -> io::Result<()> {
        match self.order {
            SmtpAnswer::HangOnConnect => {
                desk.hang();
                return Ok(());
            }
            SmtpAnswer::TryLater => {
                self.say("421 4.3.2 double.example.com is busy: come back later")?;
                return self.writer.shutdown(Shutdown::Both);
            }
            SmtpAnswer::Accept | SmtpAnswer::HangAfterData | SmtpAnswer::Refuse => {}
        }
        self.say("220 double.example.com ESMTP")?;
        while let Some(line) = self.line()? {
            let words = line.trim_end();
            let verb = words.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.say("250-double.example.com\r\n250 AUTH PLAIN")?,
                "AUTH" => self.login(words)?,
                "MAIL" => self.sender(words)?,
                "RCPT" => self.recipient(words)?,
                "DATA" => self.data(desk)?,
                "QUIT" => {
                    self.say("221 2.0.0 bye")?;
                    return self.writer.shutdown(Shutdown::Both);
                }
                _ => self.say("502 5.5.1 no such command")?,
            }
        }
        Ok(())
    }

    fn login(&mut self, words: &str) -> io::Result<()> {
        self.mail.login = words.rsplit(' ').next().map(str::to_owned);
        self.say("235 2.7.0 welcome")
    }

    fn sender(&mut self, words: &str) -> io::Result<()> {
        self.mail.from = bracketed(words);
        self.mail.to.clear();
        self.say("250 2.1.0 go on")
    }

    fn recipient(&mut self, words: &str) -> io::Result<()> {
        let to = bracketed(words);
        if self.order == SmtpAnswer::Refuse {
            return self.say(&format!("550 5.1.1 <{to}>: no such mailbox"));
        }
        self.mail.to.push(to);
        self.say("250 2.1.5 go on")
    }

    fn data(&mut self, desk: &Desk) -> io::Result<()> {
        self.say("354 end with a dot")?;
        self.mail.data.clear();
        while let Some(line) = self.line()? {
            if line.trim_end() == "." {
                desk.lock().mails.push(self.mail.clone());
                if self.order == SmtpAnswer::HangAfterData {
                    desk.hang();
                }
                return self.say("250 2.0.0 taken");
            }
            // A dot in front is doubled on the way, section 4.5.2.
            self.mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        Ok(())
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let count = self.reader.read_until(b'\n', &mut line)?;
        Ok((count > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        self.writer.write_all(format!("{words}\r\n").as_bytes())
    }
}

/// Returns what stands in angle brackets.
fn bracketed(words: &str) -> String {
    let inner = words.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or("", |(inner, _)| inner).to_owned()
}

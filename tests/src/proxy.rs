//! What lies between a tool and a server that speaks HTTP: it counts requests, and does to them what a test says.
//!
//! One connection carries one request. Understands no more of it than where it ends.

use crate::{S3, Tool};
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It passes.
    Pass,
    /// It passes after so many milliseconds.
    Delay(u64),
    /// It never gets there; this status is the answer.
    Answer(u16),
    /// It never gets there; the connection is closed.
    Drop,
    /// It is done, but nobody hears the answer.
    Unheard,
    /// It is done, and half of the answer comes back.
    Half,
    /// It never gets there, and there is no answer as long as the proxy lives.
    Stall,
    /// It never gets there, and yet the answer is that it was done.
    Swallow,
}

type Rule = Box<dyn Fn(usize, &str) -> Fate + Send + Sync>;

struct Shared {
    rule: Rule,
    seen: Mutex<Vec<String>>,
    over: AtomicBool,
    upstream: u16,
}

/// A proxy before a server; it ends with the value.
pub struct Proxy {
    shared: Arc<Shared>,
    port: u16,
}

impl Proxy {
    /// One that asks `rule` about each request: its number from 0, and its first line, such as `PUT /bucket/name HTTP/1.1`.
    pub fn before(server: &S3, rule: impl Fn(usize, &str) -> Fate + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            rule: Box::new(rule),
            seen: Mutex::default(),
            over: AtomicBool::new(false),
            upstream: server.port(),
        });
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ours.over.load(Ordering::Relaxed) {
                    return;
                }
                let ours = Arc::clone(&ours);
                // A client that goes away in the midst of it is none of our business.
                std::thread::spawn(move || drop(ours.serve(stream)));
            }
        });
        Self { shared, port }
    }

    /// The first lines of all requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Tells a tool the way to it.
    #[must_use]
    pub fn lead(&self, tool: Tool) -> Tool {
        crate::s3::lead(tool, self.port)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Wakes the listener.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut client = BufReader::new(stream.try_clone()?);
        let mut stream = stream;
        let Some(Message { head, body }) = Message::read(&mut client)? else { return Ok(()) };
        let line = head.lines().next().unwrap_or_default().to_owned();
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(line.clone());
            seen.len() - 1
        };
        let fate = (self.rule)(number, &line);
        match fate {
            Fate::Drop => return stream.shutdown(Shutdown::Both),
            Fate::Stall => {
                while !self.over.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return Ok(());
            }
            Fate::Answer(status) => {
                let body = "<Error><Code>Planned</Code><Message>as the test wants it</Message></Error>";
                let answer = format!(
                    "HTTP/1.1 {status} Planned\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                return stream.write_all(answer.as_bytes());
            }
            Fate::Swallow => {
                let answer =
                    "HTTP/1.1 200 OK\r\nETag: \"0\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                return stream.write_all(answer.as_bytes());
            }
            Fate::Delay(milliseconds) => std::thread::sleep(Duration::from_millis(milliseconds)),
            Fate::Pass | Fate::Unheard | Fate::Half => {}
        }
        let mut server = TcpStream::connect(("127.0.0.1", self.upstream))?;
        server.write_all(closing(&head).as_bytes())?;
        server.write_all(&body)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
        let head = closing(&String::from_utf8_lossy(&answer[..end]));
        match fate {
            Fate::Unheard => stream.shutdown(Shutdown::Both),
            Fate::Half => {
                stream.write_all(head.as_bytes())?;
                stream.write_all(&answer[end..end + (answer.len() - end) / 2])
            }
            _ => {
                stream.write_all(head.as_bytes())?;
                stream.write_all(&answer[end..])
            }
        }
    }
}

struct Message {
    head: String,
    body: Vec<u8>,
}

impl Message {
    fn read(stream: &mut impl std::io::BufRead) -> std::io::Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head)? == 0 {
                return Ok(None);
            }
        }
        let lengths = head.lines().filter_map(|line| line.split_once(':'));
        let length = lengths
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .find_map(|(_, value)| value.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body)?;
        Ok(Some(Self { head, body }))
    }
}

/// The same head, but for what it says of the connection: that it is closed.
fn closing(head: &str) -> String {
    let kept = head
        .trim_end()
        .split("\r\n")
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"))
        .collect::<Vec<_>>();
    format!("{}\r\nConnection: close\r\n\r\n", kept.join("\r\n"))
}

//! A file server on loopback, with faults to order.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// What happens to a request instead of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Status 500.
    Fails,
    /// Half of the file, and the connection is closed.
    Breaks,
    /// All of the file, one byte of it another one.
    Damaged,
    /// Half of the file, and the rest only once the server is told to go on.
    Hangs,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    requests: Vec<String>,
    hanging: usize,
    goes_on: bool,
}

/// The server; its threads end with their connections, and it with its owner.
pub struct Server {
    state: Arc<(Mutex<State>, Condvar)>,
    port: u16,
}

impl Server {
    /// Serves some files, by path.
    pub fn start(files: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            files,
            ..State::default()
        };
        let state = Arc::new((Mutex::new(state), Condvar::new()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                let Ok(stream) = stream else { break };
                // A client that is killed closes its end: no matter here.
                std::thread::spawn(move || drop(answer(stream, &shared)));
            }
        });
        Self { state, port }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The next requests for a path go so.
    pub fn order(&self, path: &str, faults: &[Fault]) {
        let mut state = self.state.0.lock().unwrap();
        state
            .faults
            .insert(path.to_owned(), faults.iter().copied().collect());
    }

    /// The paths asked for since the last time this was called.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.0.lock().unwrap().requests)
    }

    /// Waits until an answer hangs.
    pub fn wait_until_one_hangs(&self) {
        let state = self.state.0.lock().unwrap();
        drop(
            self.state
                .1
                .wait_while(state, |state| state.hanging == 0)
                .unwrap(),
        );
    }

    /// Lets what hangs go on.
    pub fn go_on(&self) {
        self.state.0.lock().unwrap().goes_on = true;
        self.state.1.notify_all();
    }
}

fn answer(mut stream: TcpStream, shared: &(Mutex<State>, Condvar)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    while reader.read_line(&mut line)? > 2 {}
    let (body, fault) = {
        let mut state = shared.0.lock().unwrap();
        state.requests.push(path.clone());
        let fault = state.faults.get_mut(&path).and_then(VecDeque::pop_front);
        (state.files.get(&path).cloned(), fault)
    };
    let Some(mut body) = body.filter(|_| fault != Some(Fault::Fails)) else {
        let status = if fault.is_some() {
            "500 Trouble"
        } else {
            "404 Not Found"
        };
        return write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    };
    let half = body.len() / 2;
    if fault == Some(Fault::Damaged) {
        body[half] ^= 1;
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body[..half])?;
    stream.flush()?;
    match fault {
        Some(Fault::Breaks) => return Ok(()),
        Some(Fault::Hangs) => {
            let mut state = shared.0.lock().unwrap();
            state.hanging += 1;
            shared.1.notify_all();
            drop(shared.1.wait_while(state, |state| !state.goes_on).unwrap());
        }
        _ => {}
    }
    stream.write_all(&body[half..])
}

//! `pinfra` as processes that end with the test, however that ends.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long any process may take. One that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a process is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// A child process that is killed, by its id, when it goes out of scope.
pub struct Process(Child);

impl Process {
    pub fn kill(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// How it ended, once `until` says so or it has; none where `until` came first.
    fn wait(&mut self, mut until: impl FnMut() -> bool) -> Result<Option<ExitStatus>, String> {
        let since = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().map_err(|e| e.to_string())? {
                return Ok(Some(status));
            }
            if until() {
                return Ok(None);
            }
            if since.elapsed() > PATIENCE {
                return Err(format!("it hangs: no end after {PATIENCE:?}"));
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `pinfra` without anything of this machine's user: neither credentials nor files.
fn pinfra(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pinfra"));
    command.env_clear().env("HOME", home).current_dir(home);
    command.stdin(Stdio::null());
    command
}

/// `pinfra cloud serve` on a folder.
pub struct Server {
    process: Process,
    lines: Receiver<String>,
    pub url: String,
    log: PathBuf,
}

impl Server {
    /// Serves the cloud in `<folder>/cloud`, with these faults.
    pub fn start(folder: &Path, faults: &str, time_scale: u32) -> Server {
        let rules = folder.join("faults.yaml");
        std::fs::write(&rules, faults).unwrap();
        let log = folder.join("calls.log");
        let mut child = pinfra(folder)
            .args(["cloud", "serve", "--verbose", "--port", "0", "--dir"])
            .arg(folder.join("cloud"))
            .arg("--faults")
            .arg(&rules)
            .args(["--time-scale", &time_scale.to_string()])
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let process = Process(child);
        let (send, lines) = channel();
        // Ends with the server, whose standard output it reads.
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let first: String = lines.recv_timeout(PATIENCE).expect("the server's address");
        let url = first
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        Server {
            url: url.unwrap().to_owned(),
            process,
            lines,
            log,
        }
    }

    /// The calls that were answered so far, a line each.
    pub fn calls(&self) -> Vec<String> {
        let log = std::fs::read_to_string(&self.log).unwrap();
        log.lines().map(str::to_owned).collect()
    }

    /// The line that says which call is held or lost its reply, if one is.
    fn fault(&self) -> Option<String> {
        let mut lines = self.lines.try_iter();
        lines.find(|line| line.starts_with("fault: "))
    }

    /// Ends it, so that its folder can be copied.
    pub fn stop(mut self) {
        self.process.kill();
    }
}

/// What became of one command.
#[derive(Debug)]
pub struct Ran {
    /// `None` where a call was held and the process killed.
    pub code: Option<i32>,
    /// The call that was held or lost its reply.
    pub fault: Option<String>,
    /// All that it printed.
    pub said: String,
}

/// Runs `pinfra <arguments>` in a folder. With `kill`, until a call is held: then it is killed as by
/// `kill -9`.
pub fn run(folder: &Path, server: &Server, arguments: &[&str], kill: bool) -> Result<Ran, String> {
    let output = folder.join("output.log");
    let file = File::create(&output).unwrap();
    let child = pinfra(folder)
        .args(arguments)
        .args(["--endpoint-url", &server.url])
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn();
    let mut process = Process(child.unwrap());
    let mut fault = None;
    let said = || std::fs::read_to_string(&output).unwrap_or_default();
    let ended = process.wait(|| {
        fault = fault.take().or_else(|| server.fault());
        kill && fault.is_some()
    });
    let ended = ended.map_err(|why| format!("{arguments:?}: {why}\n{}", said()))?;
    process.kill();
    let fault = fault.or_else(|| server.fault());
    Ok(Ran {
        code: ended.and_then(|status| status.code()),
        fault,
        said: said(),
    })
}

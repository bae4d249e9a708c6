//! Ctrl-C: before work begins it ends the process; then the first one starts nothing new, and the
//! second one stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the person asked to stop.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    working: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
}

/// The exit code of a process that Ctrl-C ended: 128 + SIGINT.
pub const EXIT_INTERRUPTED: i32 = 130;

impl Interrupt {
    /// Listens for Ctrl-C from now on. Until [`Interrupt::begin`] it ends the process: nothing has
    /// been done. Then `told` is called at the first one, and the second ends the process.
    pub fn listen(told: impl Fn() + Send + 'static) -> Self {
        let interrupt = Self::default();
        let own = interrupt.clone();
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                let working = own.working.load(Ordering::SeqCst);
                if !working || own.stopping.swap(true, Ordering::SeqCst) {
                    std::process::exit(EXIT_INTERRUPTED);
                }
                told();
            }
        });
        interrupt
    }

    /// Says that something is being changed from now on.
    pub fn begin(&self) {
        self.working.store(true, Ordering::SeqCst);
    }

    /// Whether nothing new should be started.
    pub fn is_set(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

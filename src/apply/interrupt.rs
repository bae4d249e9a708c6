//! Ctrl-C: the first one starts nothing new, the second one stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the person asked to stop.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

/// The exit code after a second Ctrl-C: 128 + SIGINT.
pub const EXIT_INTERRUPTED: i32 = 130;

impl Interrupt {
    /// Listens for Ctrl-C from now on. `told` is called at the first one; at the second the process
    /// ends.
    pub fn listen(told: impl Fn() + Send + 'static) -> Self {
        let interrupt = Self::default();
        let flag = Arc::clone(&interrupt.0);
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if flag.swap(true, Ordering::SeqCst) {
                    std::process::exit(EXIT_INTERRUPTED);
                }
                told();
            }
        });
        interrupt
    }

    /// Whether nothing new should be started.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

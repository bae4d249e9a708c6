//! The provider's view of one resource's observer.

use std::time::Duration;

use crate::provider::{ProviderError, Watch};
use crate::schema::Address;

use super::{Event, Interrupt, Observer};

/// Passes on what the provider tells of one resource.
pub(super) struct ResourceWatch<'a> {
    pub address: &'a Address,
    pub observer: &'a dyn Observer,
    pub interrupt: &'a Interrupt,
}

impl Watch for ResourceWatch<'_> {
    fn waiting(&self, state: &str, usual: Option<Duration>) {
        self.observer
            .on(self.address, Event::Waiting { state, usual });
    }

    fn retrying(&self, error: &ProviderError, pause: Duration) {
        self.observer
            .on(self.address, Event::Retrying { error, pause });
    }

    fn stopping(&self) -> bool {
        self.interrupt.is_set()
    }
}

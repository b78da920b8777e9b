//! Gates that tasks wait at, and inputs that notice when they are taken.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A door that tasks wait at until it is opened.
#[derive(Clone)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Gate(Arc::default())
    }

    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    pub(crate) fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(open, |open| !*open).unwrap());
    }
}

/// Counts what is taken from `inputs`.
pub(crate) fn counted<I: Iterator>(inputs: I) -> (impl Iterator<Item = I::Item>, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    (inputs.inspect(move |_| _ = counter.fetch_add(1, SeqCst)), taken)
}

/// Inputs that open the gate once this many of them have been taken.
pub(crate) fn opening(
    gate: &Gate,
    at: usize,
    inputs: std::ops::Range<usize>,
) -> impl Iterator<Item = usize> + use<> {
    let gate = gate.clone();
    inputs.inspect(move |&n| {
        if n == at {
            gate.open();
        }
    })
}

//! The bugs, and what finds each of them. The page *Prior art* of the book shows this list.

/// A bug, as a small change of the text of a file.
#[derive(Debug)]
pub struct Mutation {
    /// What is wrong, if it is in. No two have the same text.
    pub what: &'static str,
    /// The file below `lessons/hands/src`.
    pub file: &'static str,
    /// How the function or block begins in which the change is made. No other one begins so.
    pub inside: &'static str,
    /// A statement or a value that occurs there once.
    pub old: &'static str,
    /// What takes its place.
    pub new: &'static str,
    /// The program whose test finds it.
    pub scenario: &'static str,
    /// How it shows: this is in what the test then says.
    pub found: &'static str,
}

/// What shuttle must find.
pub const SHUTTLE: &[Mutation] = &[
    Mutation {
        what: "an outcome is stored, and nobody is notified",
        file: "pool/reply.rs",
        inside: "fn fill(",
        old: "self.filled.notify_all();",
        new: "",
        scenario: "submit",
        found: "deadlock",
    },
    Mutation {
        what: "whoever waits for an outcome is notified before it is stored",
        file: "pool/reply.rs",
        inside: "fn fill(",
        old: "state.outcome = Some(outcome);",
        new: "drop(state); self.filled.notify_all(); self.lock().outcome = Some(outcome); return;",
        scenario: "submit",
        found: "deadlock",
    },
    Mutation {
        what: "a worker that finds the queue empty ends",
        file: "pool/lanes.rs",
        inside: "fn pull(",
        old: "self.queue.recv()",
        new: "self.queue.try_recv()",
        scenario: "submit",
        found: "failure: Cancelled",
    },
    Mutation {
        what: "`as_completed` doesn't look whether a task has already ended",
        file: "pool/reply.rs",
        inside: "fn tell(",
        old: "state.outcome.is_some()",
        new: "false",
        scenario: "as_completed",
        found: "deadlock",
    },
    Mutation {
        what: "`as_completed` gives back the lock between looking and leaving its number",
        file: "pool/reply.rs",
        inside: "fn tell(",
        old: "state.collector = Some((collector.clone(), number));",
        new: "drop(state); self.lock().collector = Some((collector.clone(), number));",
        scenario: "as_completed",
        found: "deadlock",
    },
    Mutation {
        what: "a task that is cancelled doesn't answer",
        file: "pool/reply.rs",
        inside: "fn drop(",
        old: "self.push(Err(Failure::Cancelled));",
        new: "return;",
        scenario: "cancel",
        found: "deadlock",
    },
    Mutation {
        what: "`cancel` does nothing",
        file: "pool/handle.rs",
        inside: "pub fn cancel(",
        old: "self.caller.cancel();",
        new: "",
        scenario: "cancel",
        found: "under no schedule a task is cancelled",
    },
    Mutation {
        what: "`imap` ends as soon as there is nothing to read",
        file: "pool/results.rs",
        inside: "fn next_chunk(",
        old: "!self.window.is_waiting()",
        new: "true",
        scenario: "imap",
        found: "in the order of the inputs",
    },
    Mutation {
        what: "`imap` hands out results as they come",
        file: "pool/window.rs",
        inside: "fn arrived(",
        old: "self.order",
        new: "Order::Completion",
        scenario: "imap",
        found: "in the order of the inputs",
    },
    Mutation {
        what: "results that are dropped cancel nothing",
        file: "pool/results.rs",
        inside: "fn drop(",
        old: "self.caller.leave();",
        new: "",
        scenario: "dropped",
        found: "under no schedule a task isn't begun",
    },
    Mutation {
        what: "`join` stops the workers, and doesn't let them finish",
        file: "pool/generic.rs",
        inside: "pub fn join(",
        old: "self.lanes.close();",
        new: "self.lanes.stop(); self.lanes.close();",
        scenario: "join",
        found: "all that was submitted has run",
    },
    Mutation {
        what: "the last sender isn't dropped",
        file: "pool/lanes.rs",
        inside: "fn close(",
        old: "self.queue = None;",
        new: "",
        scenario: "join",
        found: "deadlock",
    },
    Mutation {
        what: "the last sender is dropped only after the wait for the workers",
        file: "pool/lanes.rs",
        inside: "fn close(",
        old: "self.queue = None;",
        new: "self.ended.take().into_iter().for_each(WaitGroup::wait); self.queue = None;",
        scenario: "join",
        found: "deadlock",
    },
    Mutation {
        what: "a pool that is dropped runs everything",
        file: "pool/lanes.rs",
        inside: "fn drop(",
        old: "self.stop();",
        new: "",
        scenario: "terminate",
        found: "under no schedule a task is cancelled",
    },
    Mutation {
        what: "a pool that is dropped doesn't wait for its workers",
        file: "pool/lanes.rs",
        inside: "fn close(",
        old: "ended.wait();",
        new: "drop(ended);",
        scenario: "terminate",
        found: "a task runs after its pool",
    },
    Mutation {
        what: "the graph of waits isn't told who has got a lock",
        file: "timeline/mutex.rs",
        inside: "pub fn lock(",
        old: "lock(GRAPH.get()).acquire(me.clone(), self.name.clone());",
        new: "",
        scenario: "deadlock",
        found: "deadlock",
    },
    Mutation {
        what: "a lock is free before the graph knows",
        file: "timeline/mutex.rs",
        inside: "fn drop(",
        old: "graph.release(self.name);",
        new: "drop(graph); self.inner = None; graph = lock(GRAPH.get()); graph.release(self.name);",
        scenario: "deadlock",
        found: "deadlock",
    },
];

/// What loom must find.
pub const LOOM: &[Mutation] = &[
    Mutation {
        what: "a token's state is read with `Relaxed`",
        file: "cancel/registry.rs",
        inside: "fn state(",
        old: "Ordering::Acquire",
        new: "Ordering::Relaxed",
        scenario: "seen",
        found: "what was written before",
    },
    Mutation {
        what: "`cancel` has no fence between its store and its load",
        file: "cancel/registry.rs",
        inside: "fn cancel(",
        old: "fence(Ordering::SeqCst);",
        new: "",
        scenario: "child",
        found: "a child of a token that is cancelled",
    },
    Mutation {
        what: "a token that gets a child has no fence there",
        file: "cancel/registry.rs",
        inside: "fn link(",
        old: "fence(Ordering::SeqCst);",
        new: "",
        scenario: "child",
        found: "a child of a token that is cancelled",
    },
    Mutation {
        what: "`cancel` looks for children before the token is cancelled",
        file: "cancel/registry.rs",
        inside: "fn cancel(",
        old: "self.set(ASKED);",
        new: "if !self.is_linked.load(Ordering::Acquire) { self.set(ASKED); return; }",
        scenario: "child",
        found: "a child of a token that is cancelled",
    },
    Mutation {
        what: "the graph of waits isn't told who waits",
        file: "timeline/mutex.rs",
        inside: "pub fn lock(",
        old: "graph.wait(me.clone(), self.name.clone())",
        new: "None",
        scenario: "two_locks",
        found: "deadlock",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The page of the book, on which this list stands as two tables.
    const PAGE: &str = include_str!("../../../book/src/prior-art.md");

    #[test]
    fn the_page_shows_this_list() {
        for Mutation { what, found, .. } in SHUTTLE.iter().chain(LOOM) {
            let row = format!("| {what} | {found} |");
            assert!(PAGE.contains(&row), "prior-art.md has no row {row}");
        }
    }
}

//! What every language is asked to do.

/// One measurement: what is done, by how many workers, how often, how large, and in which chunks.
pub(crate) struct Request {
    pub(crate) what: &'static str,
    pub(crate) workers: usize,
    pub(crate) count: u64,
    pub(crate) size: u64,
    pub(crate) chunk: usize,
}

impl Request {
    /// As work.py reads it.
    pub(crate) fn line(&self, way: &str) -> String {
        let Request { what, workers, count, size, chunk } = self;
        format!("{way} {what} {workers} {count} {size} {chunk}")
    }
}

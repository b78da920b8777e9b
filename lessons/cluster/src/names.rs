//! What things are called on the server: every name begins with the cluster's, and every subject that
//! belongs to a run ends with the run's.

/// The names of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Names(String);

impl Names {
    pub(crate) fn new(cluster: &str) -> Names {
        Names(cluster.to_owned())
    }

    /// The stream of tasks that wait, or are under way.
    pub(crate) fn tasks(&self) -> String {
        format!("{}-tasks", self.0)
    }

    /// The stream of results that no driver has taken yet.
    pub(crate) fn results(&self) -> String {
        format!("{}-results", self.0)
    }

    /// The stream of tasks that nobody will try again.
    pub(crate) fn dead(&self) -> String {
        format!("{}-dead", self.0)
    }

    /// From where all workers take. One name in every cluster: it lives in the stream of tasks.
    pub(crate) const WORKERS: &'static str = "workers";

    pub(crate) fn tasks_of(&self, run: &str) -> String {
        format!("{}.tasks.{run}", self.0)
    }

    pub(crate) fn results_of(&self, run: &str) -> String {
        format!("{}.results.{run}", self.0)
    }

    pub(crate) fn dead_of(&self, run: &str) -> String {
        format!("{}.dead.{run}", self.0)
    }

    /// Which run a task's subject names.
    pub(crate) fn run_of(subject: &str) -> &str {
        subject.rsplit('.').next().unwrap_or_default()
    }

    /// Where a host says, each second, that it lives.
    pub(crate) fn alive(&self, host: &str) -> String {
        format!("{}.alive.{host}", self.0)
    }

    /// Who drives this run? Its driver answers.
    pub(crate) fn driving(&self, run: &str) -> String {
        format!("{}.driving.{run}", self.0)
    }

    /// Where a host is asked to stop.
    pub(crate) fn stop(&self, host: &str) -> String {
        format!("{}.stop.{host}", self.0)
    }

    /// What each driver's consumer of a run's results is called: a new driver has a new one.
    pub(crate) fn consumer(run: &str, driver: &str) -> String {
        format!("run-{run}-{driver}")
    }

    /// The run that a consumer of results belongs to.
    pub(crate) fn run_of_consumer(consumer: &str) -> Option<&str> {
        consumer.strip_prefix("run-")?.split_once('-').map(|(run, _driver)| run)
    }
}

/// A name for a run or a driver, which nobody else has: letters and digits, short enough to type.
pub(crate) fn fresh() -> String {
    // Without those that look alike.
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    (0..8).map(|_| char::from(LETTERS[fastrand::usize(..LETTERS.len())])).collect()
}

/// Whether a name can be part of a subject, a stream and a consumer.
pub(crate) fn is_good(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=32).contains(&name.len()) && name.chars().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_name_can_be_part_of_all_names_and_comes_back_from_them() {
        let names = Names::new("hands");
        for _ in 0..1000 {
            let (run, driver) = (fresh(), fresh());
            assert!(is_good(&run), "{run}");
            assert_eq!(Names::run_of(&names.tasks_of(&run)), run);
            assert_eq!(Names::run_of_consumer(&Names::consumer(&run, &driver)), Some(&*run));
        }
        assert_eq!(Names::run_of_consumer("somebody-else"), None);
    }

    #[test]
    fn what_a_server_would_read_otherwise_is_no_name() {
        for bad in ["", "a.b", "a*", ">", "a b", "a-b", "ü", &"x".repeat(33)] {
            assert!(!is_good(bad), "{bad:?}");
        }
    }
}

//! What things are called on the server. Every name begins with the cluster's name, and every
//! subject of a run ends with the run's.

/// The names of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Names(String);

impl Names {
    /// The consumer that all hosts pull from. It lives in the stream of tasks, so it can have the
    /// same name in every cluster.
    pub(crate) const WORKERS: &'static str = "workers";

    pub(crate) fn new(cluster: &str) -> Names {
        Names(cluster.to_owned())
    }

    /// The stream of tasks that are waiting or under way.
    pub(crate) fn tasks(&self) -> String {
        format!("{}-tasks", self.0)
    }

    /// The stream of results that no driver has confirmed yet.
    pub(crate) fn results(&self) -> String {
        format!("{}-results", self.0)
    }

    /// The stream of letters about dead tasks.
    pub(crate) fn dead(&self) -> String {
        format!("{}-dead", self.0)
    }

    pub(crate) fn tasks_for(&self, run: &str) -> String {
        format!("{}.tasks.{run}", self.0)
    }

    pub(crate) fn results_for(&self, run: &str) -> String {
        format!("{}.results.{run}", self.0)
    }

    pub(crate) fn dead_for(&self, run: &str) -> String {
        format!("{}.dead.{run}", self.0)
    }

    /// Where a host sends its heartbeats.
    pub(crate) fn alive(&self, host: &str) -> String {
        format!("{}.alive.{host}", self.0)
    }

    /// Where anybody can ask who drives a run. Its driver answers.
    pub(crate) fn driving(&self, run: &str) -> String {
        format!("{}.driving.{run}", self.0)
    }

    /// Where a host is told to stop.
    pub(crate) fn stop(&self, host: &str) -> String {
        format!("{}.stop.{host}", self.0)
    }

    /// A driver's own consumer of its run's results. Whoever resumes the run makes a new one.
    pub(crate) fn consumer(run: &str, driver: &str) -> String {
        format!("run-{run}-{driver}")
    }

    /// The run in a subject that ends with it.
    pub(crate) fn run_from_subject(subject: &str) -> &str {
        subject.rsplit('.').next().unwrap_or_default()
    }

    /// The run that a consumer of results belongs to.
    pub(crate) fn run_from_consumer(consumer: &str) -> Option<&str> {
        consumer.strip_prefix("run-")?.split_once('-').map(|(run, _driver)| run)
    }
}

/// A unique name for a run or a driver, short enough to type.
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
            assert_eq!(Names::run_from_subject(&names.tasks_for(&run)), run);
            assert_eq!(Names::run_from_consumer(&Names::consumer(&run, &driver)), Some(&*run));
        }
        assert_eq!(Names::run_from_consumer("somebody-else"), None);
    }

    #[test]
    fn what_means_something_else_to_the_server_is_not_a_name() {
        for bad in ["", "a.b", "a*", ">", "a b", "a-b", "ü", &"x".repeat(33)] {
            assert!(!is_good(bad), "{bad:?}");
        }
    }
}

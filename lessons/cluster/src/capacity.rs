//! How many machines you need, worked out on paper from what was measured on one.

/// What was measured on one machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// How long one core works on a picture, in seconds.
    pub core_seconds: f64,
    /// How long a worker waits for a picture to come, in seconds.
    pub waiting_seconds: f64,
    /// How large a picture is, in bytes.
    pub picture_bytes: f64,
    /// How large its result is, in bytes.
    pub result_bytes: f64,
    /// How many tasks one server can give out and take back in a second.
    pub server_tasks: f64,
}

/// What there is to do, and the machines that do it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workload {
    /// How many pictures there are.
    pub pictures: f64,
    /// How many hosts work.
    pub hosts: f64,
    /// How many cores each of them has.
    pub cores: f64,
}

/// What a workload takes. [`table`] shows it to people.
///
/// ```
/// use cluster::capacity::{Measured, Workload};
///
/// let measured = Measured {
///     core_seconds: 0.05,
///     waiting_seconds: 0.2,
///     picture_bytes: 2e6,
///     result_bytes: 12e3,
///     server_tasks: 15e3,
/// };
/// let plan = measured.plan(Workload { pictures: 100e6, hosts: 40.0, cores: 16.0 });
/// assert_eq!(plan.pictures_per_second, 12_800.0); // 640 cores, 20 pictures a second each
/// assert_eq!(plan.hours.round(), 2.0); // 100 million of them
/// assert_eq!(plan.io_workers, 80.0); // a host: 320 pictures a second, each 0.25 s with its worker
/// assert_eq!(plan.under_way, 3200.0); // and 40 hosts
/// assert_eq!(plan.network_bits, 5.12e9); // a host: 320 pictures of 2 MB, 8 bits a byte
/// assert_eq!(plan.servers, 1.0); // 12,800 tasks a second, of 15,000
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    workload: Workload,
    /// How long all cores work, added up, in hours.
    pub core_hours: f64,
    /// How long it takes, in hours.
    pub hours: f64,
    /// How many pictures the whole cluster does in a second.
    pub pictures_per_second: f64,
    /// How many of them one I/O worker of a host does. It waits for a picture and then for a core.
    pub worker_pictures_per_second: f64,
    /// How many I/O workers a host needs.
    pub io_workers: f64,
    /// How many pictures are with the workers of all hosts at a time. The driver's window must be
    /// at least as large.
    pub under_way: f64,
    /// What comes into one host from the internet, in bits a second.
    pub network_bits: f64,
    /// What comes into all hosts together, in bytes.
    pub picture_bytes: f64,
    /// What the driver gets back, in bytes.
    pub result_bytes: f64,
    /// What comes into the driver's machine, in bits a second.
    pub result_bits: f64,
    /// How many NATS servers it takes, if each task is kept once.
    pub servers: f64,
    /// How busy they are, from 0 to 1.
    pub server_load: f64,
}

impl Measured {
    // ANCHOR: plan
    /// What this workload takes if the cores are the bottleneck, and nothing else is slower.
    pub fn plan(&self, workload: Workload) -> Plan {
        let Workload { pictures, hosts, cores } = workload;
        let seconds = pictures * self.core_seconds / (hosts * cores);
        let pictures_per_second = pictures / seconds;
        let per_host = pictures_per_second / hosts;
        let with_a_worker = self.waiting_seconds + self.core_seconds;
        let servers = (pictures_per_second / self.server_tasks).ceil();
        Plan {
            workload,
            core_hours: pictures * self.core_seconds / 3600.0,
            hours: seconds / 3600.0,
            pictures_per_second,
            worker_pictures_per_second: 1.0 / with_a_worker,
            io_workers: (per_host * with_a_worker).ceil(),
            under_way: (pictures_per_second * with_a_worker).ceil(),
            network_bits: per_host * self.picture_bytes * 8.0,
            picture_bytes: pictures * self.picture_bytes,
            result_bytes: pictures * self.result_bytes,
            result_bits: pictures_per_second * self.result_bytes * 8.0,
            servers,
            server_load: pictures_per_second / (servers * self.server_tasks),
        }
    }
    // ANCHOR_END: plan
}

/// A table with a column for each plan.
pub fn table(plans: &[Plan]) -> String {
    const ROWS: [Row; 15] = [
        ("pictures", |plan| plan.workload.pictures / 1e6, 0, "million"),
        ("hosts", |plan| plan.workload.hosts, 0, ""),
        ("cores of each", |plan| plan.workload.cores, 0, ""),
        ("work of one core", |plan| plan.core_hours, 0, "hours"),
        ("time", |plan| plan.hours, 1, "hours"),
        ("all hosts together", |plan| plan.pictures_per_second, 0, "pictures/s"),
        ("one I/O worker", |plan| plan.worker_pictures_per_second, 1, "pictures/s"),
        ("I/O workers of a host", |plan| plan.io_workers, 0, ""),
        ("under way at the same time", |plan| plan.under_way, 0, "pictures"),
        ("network into a host", |plan| plan.network_bits / 1e9, 1, "Gbit/s"),
        ("all pictures", |plan| plan.picture_bytes / 1e12, 1, "TB"),
        ("all results", |plan| plan.result_bytes / 1e12, 1, "TB"),
        ("network into the driver's machine", |plan| plan.result_bits / 1e9, 2, "Gbit/s"),
        ("NATS servers", |plan| plan.servers, 0, ""),
        ("how busy they are", |plan| 100.0 * plan.server_load, 1, "%"),
    ];
    let mut table = String::new();
    for (what, number, decimals, unit) in ROWS {
        let columns: String =
            plans.iter().map(|plan| format!("{:10.decimals$}", number(plan))).collect();
        table += format!("{what:34}{columns}  {unit}").trim_end();
        table.push('\n');
    }
    table
}

/// A label, the number from a plan, how many decimals to show, and the unit.
type Row = (&'static str, fn(&Plan) -> f64, usize, &'static str);

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURED: Measured = Measured {
        core_seconds: 0.04,
        waiting_seconds: 0.25,
        picture_bytes: 1.5e6,
        result_bytes: 10e3,
        server_tasks: 10e3,
    };

    #[test]
    fn one_core_of_one_host_is_what_was_measured() {
        let plan = MEASURED.plan(Workload { pictures: 90_000.0, hosts: 1.0, cores: 1.0 });
        assert_eq!(plan.hours, 1.0);
        assert_eq!(plan.core_hours, 1.0);
        assert_eq!(plan.pictures_per_second, 25.0);
        assert_eq!(plan.io_workers, 8.0, "25 a second, each with its worker for 0.25 s and 0.04 s");
        assert_eq!(plan.under_way, 8.0);
        assert_eq!(plan.servers, 1.0);
    }

    #[test]
    fn twice_the_hosts_take_half_the_time_and_give_the_server_twice_as_much_to_do() {
        let workload = Workload { pictures: 100e6, hosts: 10.0, cores: 16.0 };
        let (one, two) =
            (MEASURED.plan(workload), MEASURED.plan(Workload { hosts: 20.0, ..workload }));
        assert_eq!(one.hours, 2.0 * two.hours);
        assert_eq!(one.core_hours, two.core_hours);
        assert_eq!(2.0 * one.server_load, two.server_load);
        assert_eq!(one.network_bits, two.network_bits, "a host works no faster beside others");
        assert_eq!(one.result_bytes, two.result_bytes);
    }

    #[test]
    fn when_one_server_is_not_enough_there_are_more() {
        let workload = Workload { pictures: 100e6, hosts: 100.0, cores: 16.0 };
        let plan = MEASURED.plan(workload);
        assert_eq!((plan.pictures_per_second, plan.servers), (40_000.0, 4.0));
        assert!(plan.server_load <= 1.0);
    }

    #[test]
    fn plans_stand_side_by_side_each_with_its_unit() {
        let workload = Workload { pictures: 100e6, hosts: 1.0, cores: 16.0 };
        let plans = [MEASURED.plan(workload), MEASURED.plan(Workload { hosts: 2.0, ..workload })];
        let table = table(&plans);
        let time = table.lines().find(|line| line.starts_with("time")).unwrap();
        assert_eq!(time.split_whitespace().collect::<Vec<_>>(), ["time", "69.4", "34.7", "hours"]);
        assert_eq!(table.lines().count(), 15);
    }
}

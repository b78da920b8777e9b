use super::*;

pub(in super::super) fn recording(args: &[&str]) -> Recording {
    Recording {
        name: "03_imap".to_owned(),
        program: Program::Step("03_pool".to_owned()),
        gallery: false,
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        release: false,
        any_order: Vec::new(),
        parts: BTreeMap::new(),
        check_args: None,
        status: 0,
        files: Vec::new(),
        timelines: true,
        compared: false,
        plot: true,
        predict: Prediction::default(),
    }
}

#[test]
fn the_command_is_what_the_reader_types() {
    assert_eq!(recording(&[]).command(), "$ cargo run --example 03_pool");
    let with = |program, args| Recording { program, ..recording(args) };
    let bench = with(Program::Bench("downloads".to_owned()), &[]);
    assert_eq!(bench.command(), "$ cargo bench --bench downloads");
    let python = with(Program::Python("03_pool".to_owned()), &["--kind", "processes"]);
    let command = "$ python3 examples/python/03_pool.py --kind processes";
    assert_eq!(python.command(), command);
    let cluster = with(Program::Step("11_cluster".to_owned()), &["status"]);
    assert_eq!(cluster.command(), "$ cargo run --features cluster --example 11_cluster -- status");
    let release = Recording { release: true, ..recording(&["--workers", "4", "a b"]) };
    assert_eq!(release.command(), "$ cargo run --release --example 03_pool -- --workers 4 'a b'");
    let paths = ["a", "b"].map(|folder| format!("{folder}/").repeat(20));
    let long = recording(&["--links", &paths[0], "--out", &paths[1]]);
    assert_eq!(
        long.command(),
        format!("$ cargo run --example 03_pool -- \\\n    --links {} --out {}", paths[0], paths[1])
    );
}

#[test]
fn an_entry_is_one_of_step_bench_and_python() {
    let entry = |program: &str| {
        let text = format!("[[recording]]\nname = \"one\"\n{program}");
        parse(&text).map(|recordings| recordings[0].command())
    };
    assert_eq!(entry("bench = \"pool\"").unwrap(), "$ cargo bench --bench pool");
    let error = format!("{:#}", entry("step = \"a\"\nargz = []").unwrap_err());
    assert!(error.contains("unknown field `argz`"), "{error}");
    for wrong in ["", "step = \"a\"\nbench = \"b\"", "step = \"a\"\npython = \"a\""] {
        let error = entry(wrong).unwrap_err().to_string();
        assert!(error.contains("\"one\" needs one of step, bench, python"), "{error}");
    }
}

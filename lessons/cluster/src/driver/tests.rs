//! What the server knows of a driver's results.

use std::thread;
use std::time::Duration;

use async_nats::jetstream::consumer::Info;
use futures_util::StreamExt;
use harness::wait_for;

use crate::connect::Cluster;
use crate::host::{Delivery, Host};
use crate::options::{RunOptions, StreamOptions};
use crate::private_server::PrivateServer;

/// The state of the only run's consumer.
fn results(cluster: &Cluster) -> Info {
    cluster.runtime.block_on(async {
        let stream = cluster.context.get_stream(cluster.names.results()).await.unwrap();
        let name = stream.consumer_names().next().await.expect("a run").unwrap();
        stream.consumer_info(name).await.unwrap()
    })
}

#[test]
fn a_result_that_comes_again_before_it_is_safe_is_handed_out_once_and_kept() {
    let server = PrivateServer::start().unwrap();
    let there = server.server().clone();
    thread::spawn(move || {
        let cluster = Cluster::connect(&there).unwrap();
        let work = |task: &Delivery<u64>| Ok(task.input);
        Host::new("host", 1).serve(&cluster, work).unwrap();
    });
    let cluster = Cluster::connect(server.server()).unwrap();
    let streams = StreamOptions { ack_wait: Duration::from_millis(500), replicas: 1 };
    let options = RunOptions { window: 1, streams, ..RunOptions::default() };
    let mut ended = cluster.run(&options, |_| ()).unwrap().imap_unordered::<u64, u64, _>(0..2);

    let when = |what: &str, is_so: fn(&Info) -> bool| {
        wait_for(what, || is_so(&results(&cluster)).then_some(()));
    };
    let first = ended.next().unwrap().unwrap();
    when("the repetition", |results| results.num_redelivered > 0);
    let second = ended.next().unwrap().unwrap();
    assert_eq!((first.input, second.input), (0, 1), "the first is not told again");
    second.confirm();
    when("the second result to be safe", |results| results.num_ack_pending < 2);
    assert_eq!(results(&cluster).num_ack_pending, 1, "the first is not said to be safe");
    first.confirm();
    when("the first result to be safe", |results| results.num_ack_pending == 0);
    assert!(ended.next().is_none());
}

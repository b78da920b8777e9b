//! `drive`: gives links to the hosts, and saves what comes back.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use cluster::{Cluster, LocalHosts, PrivateServer};
use hands::println;
use hands::timeline::Timeline;
use pictures::args::advise_release;
use pictures::download::{Stages, stream_links};
use pictures::stopped;

use crate::flags::{Drive, Settings};
use crate::save::save_all;
use crate::work::HOST;

// ANCHOR: drive
pub(crate) fn drive(args: Drive) -> Result<ExitCode> {
    let files = args.output.files(&args.source, "11_cluster", args.timeline.as_deref());
    args.server.add_to(files).check_or_exit();
    advise_release();
    let client = args.limits.client(args.size.io_workers);
    let links = stream_links(&client, &args.source)?;
    let (dir, report) = (args.output.folder(links.gallery())?, args.output.report_for_stream()?);
    let stages = Stages::new(links.count_hint());

    let private = args.local.map(|_| PrivateServer::start()).transpose()?;
    let server = private.as_ref().map_or(&args.server, PrivateServer::server);
    ensure!(links.gallery().is_none() || server.is_here()?, FAR_FROM_THE_GALLERY);
    let cluster = Cluster::connect(server)?;
    let stop = cluster.stop_at_ctrl_c(say(&stages));
    let run = cluster.run(&args.options, say(&stages))?.token(&stop);
    let settings = |name: &str| Settings::new(name, server, args.size, &args.limits);
    let hosts = args.local.unwrap_or(0);
    let hosts = LocalHosts::start(&cluster, hosts, &HOST, settings, say(&stages))?;
    if private.is_none() {
        stages.line(format!("Run {} on {server}", run.id())); // for --resume
    }
    let (host_spans, count) = (run.host_spans(), links.count_hint());

    let timeline = Timeline::start("11_cluster");
    let start = Instant::now();
    let all_begun = save_all(run, links, &dir, &report, &stages);
    let summary = report.finish();
    println!("{summary}");
    println!("Finished in {:.2} second(s)", start.elapsed().as_secs_f64());
    let mut trace = timeline.stop();
    host_spans.add_to(&mut trace);
    trace.show(args.timeline)?;
    drop(hosts);
    if !all_begun? {
        return Ok(stopped(count.map(|links| links.saturating_sub(summary.ended()))));
    }
    Ok(summary.exit_code())
}
// ANCHOR_END: drive

fn say(stages: &Stages) -> impl Fn(&str) + Clone + Send + use<> {
    let stages = stages.clone();
    move |note| stages.line(note)
}

const FAR_FROM_THE_GALLERY: &str = "the offline gallery is on this machine alone, and hosts of a server elsewhere \
    could not reach it: give --links FILE, --imgur or --nasa, or let --local 2 do everything here";

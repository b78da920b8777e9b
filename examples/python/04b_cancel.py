"""Cancelling: an executor drops what has not begun, a task group ends its coroutines, and a process can be killed.

    python3 examples/python/04b_cancel.py
    python3 examples/python/04b_cancel.py --kind processes
"""

import argparse

# ANCHOR: main
import asyncio
import multiprocessing
import time
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, ThreadPoolExecutor, wait

from timeline import Timeline, span


def main(args):
    start = time.perf_counter()
    multiprocessing.set_start_method("fork")  # the fastest; the default on Linux up to Python 3.13
    naps = [(units * args.seconds, units == 1) for units in (4, 3, 2, 1, 5)]
    new_executor = ThreadPoolExecutor if args.kind == "threads" else ProcessPoolExecutor
    with Timeline("04b_cancel", args.timeline) as timeline:
        timeline.section("first failure")
        first_failure(new_executor(args.workers), naps)
    asyncio.run(in_a_group(naps))
    if args.kind == "threads":
        print("A thread that does not listen cannot be ended.")
    else:
        one_that_does_not_listen(ProcessPoolExecutor(1), args.seconds)
    print(f"Finished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


# ANCHOR: failure
def first_failure(executor, naps):
    print("The first failure, in an executor:", flush=True)
    futures = [executor.submit(nap, *args) for args in naps]
    wait(futures, return_when=FIRST_EXCEPTION)
    executor.shutdown(cancel_futures=True)  # and waits for those that run: nobody tells them
    for future, (seconds, _) in zip(futures, naps):
        if future.cancelled():
            print(f"It never began: {seconds:g} second(s)", flush=True)
        elif error := future.exception():
            print(f"It failed: {error}", flush=True)
        else:
            print(f"{future.result()} {seconds:g} second(s)", flush=True)
# ANCHOR_END: failure


# ANCHOR: group
async def in_a_group(naps):
    print("The first failure, in a task group:", flush=True)
    try:
        async with asyncio.TaskGroup() as group:
            for seconds, ends_badly in naps:
                group.create_task(nap_in_a_group(seconds, ends_badly))
    except* RuntimeError as failures:
        print(f"It failed: {failures.exceptions[0]}", flush=True)


async def nap_in_a_group(seconds, ends_badly):
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print(f"Stopped in its {seconds:g} second(s)", flush=True)
        raise
    if ends_badly:
        raise RuntimeError("out of luck")
# ANCHOR_END: group


# ANCHOR: kill
def one_that_does_not_listen(executor, seconds):
    print("One that does not listen:", flush=True)
    future = executor.submit(count)
    time.sleep(seconds)
    kill_workers(executor)
    print(f"It was ended: {type(future.exception()).__name__}", flush=True)


def kill_workers(executor):
    if hasattr(executor, "kill_workers"):  # since Python 3.14; terminate_workers sends SIGTERM instead
        executor.kill_workers()
        return
    processes = list(executor._processes.values())  # nothing public leads to them
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
# ANCHOR_END: kill


# ANCHOR: tasks
def nap(seconds, ends_badly):
    print(f"Sleeping {seconds:g} second(s)...", flush=True)
    with span(f"sleep {seconds:g}"):
        time.sleep(seconds)
    if ends_badly:
        raise RuntimeError("out of luck")
    return "Done sleeping"


def count():
    while True:
        pass
# ANCHOR_END: tasks


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Cancelling: in an executor, in a task group, and by killing a process.")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S", help="the unit of sleep")
    parser.add_argument("--workers", type=int, default=4, metavar="N")
    parser.add_argument("--kind", choices=["threads", "processes"], default="threads")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())

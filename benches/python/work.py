"""Python's side of benches/python: the same tasks, by every kind of worker that this Python has.

    python3 work.py serve                # each line asks for one measurement; the answer is in seconds
    python3 work.py crash WAY            # one of eight tasks kills its worker: what becomes of the others?
    python3 work.py hang WAY             # one of eight tasks never ends
    python3 work.py hold WAY             # starts eight workers and keeps them, so that their memory can be measured

A pool is started, and has done some tasks, before the clock starts, unless the start is what is measured.
"""

import concurrent.futures
import functools
import multiprocessing
import os
import sys
import time
from itertools import islice

import tasks

MIB = 1 << 20
TASKS = 8  # in crash and hang
HELD = 8  # workers in hold
ENOUGH = 5  # seconds: a result that has not come by then will never come


class Loop:
    """No workers at all."""

    def __init__(self, _workers):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def map(self, task, inputs, chunksize):
        return map(task, inputs)


def processes(method, workers):
    return concurrent.futures.ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(method))


def interpreters(workers):
    return concurrent.futures.InterpreterPoolExecutor(workers)


def joblib(workers):
    from joblib.externals import loky

    return loky.ProcessPoolExecutor(workers)


WAYS = {
    "loop": Loop,
    "threads": concurrent.futures.ThreadPoolExecutor,
    "interpreters": interpreters,
    "fork": functools.partial(processes, "fork"),
    "forkserver": functools.partial(processes, "forkserver"),
    "spawn": functools.partial(processes, "spawn"),
    "joblib": joblib,
}


def here():
    """The ways that this Python has."""
    missing = {"fork", "forkserver"} - set(multiprocessing.get_all_start_methods())
    if not hasattr(concurrent.futures, "InterpreterPoolExecutor"):
        missing.add("interpreters")
    try:
        import joblib  # noqa: F401
    except ImportError:
        missing.add("joblib")
    return [way for way in (*WAYS, "mp.Pool") if way not in missing]


def blocks(count):
    """Each is a new object. Of one that is twice in a message pickle would send one copy."""
    block = bytearray(MIB)
    for number in range(count):
        block[0] = number % 256
        yield bytes(block)


def results(way, pool, task, inputs, chunk):
    if way in ("threads", "interpreters") and chunk > 1:  # their map takes a chunksize, and ignores it
        inputs = iter(inputs)
        chunks = iter(lambda: list(islice(inputs, chunk)), [])
        return [x for part in pool.map(functools.partial(tasks.each, task), chunks) for x in part]
    return list(pool.map(task, inputs, chunksize=chunk))


def seconds(way, what, workers, count, size, chunk):
    if what == "lists":
        task, inputs, expected = tasks.lists, [(seed, size) for seed in range(count)], None
    elif what == "blocks":
        task, inputs, expected = tasks.first_byte, blocks(count), [number % 256 for number in range(count)]
    else:
        task, inputs, expected = tasks.same, range(count), list(range(count))
    start = time.perf_counter()
    with WAYS[way](workers) as pool:
        if what != "start":
            results(way, pool, tasks.nap, range(2 * workers), 1)  # so that all workers are there
            results(way, pool, tasks.same, range(100), 1)
            start = time.perf_counter()
        found = results(way, pool, task, inputs, chunk)
        end = time.perf_counter()
    assert len(found) == count and expected in (None, found), "not the same work"
    return end - start


def serve():
    import sysconfig

    threaded = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    print(sys.version.split()[0] + threaded, *here(), flush=True)
    for line in sys.stdin:
        way, what, *numbers = line.split()
        print(seconds(way, what, *map(int, numbers)), flush=True)


def fate(what, way):
    """Prints how many of the eight have come back, and how the pool is afterwards."""
    task = {"crash": tasks.crash, "hang": tasks.hang}[what]
    pool = multiprocessing.Pool(2) if way == "mp.Pool" else WAYS[way](2)
    if way == "mp.Pool":
        submit, wait = lambda task, x: pool.apply_async(task, (x,)), lambda result, limit: result.get(limit)
    else:
        submit, wait = pool.submit, lambda future, limit: future.result(limit)
    for handle in [submit(tasks.nap, number) for number in range(2)]:
        wait(handle, None)  # until both workers are there
    handles = [submit(task, number) for number in range(TASKS)]
    came, never, end = 0, 0, time.monotonic() + ENOUGH
    for handle in handles:
        try:
            wait(handle, max(0, end - time.monotonic()))
            came += 1
        except (TimeoutError, concurrent.futures.TimeoutError, multiprocessing.TimeoutError):
            never += 1
        except Exception:  # whatever it is called, it's reported
            pass
    if what == "crash":
        print(came, "hangs" if never else goes_on(submit, wait), flush=True)
        os._exit(0)
    # Whatever each of them has to get rid of a task that never ends, at the price of the whole pool.
    print(came, "killed", flush=True)
    if way == "mp.Pool":
        pool.terminate()
    elif way == "joblib":
        pool.shutdown(kill_workers=True)
    elif hasattr(pool, "kill_workers"):  # since 3.14, and for processes alone
        pool.kill_workers()
    else:
        pool.shutdown(wait=False, cancel_futures=True)


def goes_on(submit, wait):
    try:
        return "goes on" if wait(submit(tasks.same, 1), ENOUGH) == 1 else "broken"
    except Exception:
        return "broken"


def hold(way):
    print("before", flush=True)
    sys.stdin.readline()
    with WAYS[way](HELD) as pool:
        for future in [pool.submit(tasks.nap, number) for number in range(2 * HELD)]:
            future.result()
        print("workers", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "serve":
        serve()
    elif command == "hold":
        hold(rest[0])
    else:
        fate(command, rest[0])

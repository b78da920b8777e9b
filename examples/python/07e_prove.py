"""A lost update: rare by luck, certain by a schedule. The twin of 07e_prove.

    python3 examples/python/07e_prove.py
    python3 examples/python/07e_prove.py --seed 7 --schedules 10000
    python3 examples/python/07e_prove.py --replay '0 1 0 0 1 1'
"""

import argparse
import random
import sys
import threading
import time


# ANCHOR: luck
class Count:
    def __init__(self):
        self.value = 41

    def add(self):
        value = self.value
        self.value = value + 1  # and what if the other one wrote in between?


def luck(runs):
    """Counts the runs that lose an update, while Python switches threads as often as it can."""
    sys.setswitchinterval(1e-6)
    lost = 0
    for _ in range(runs):
        count = Count()
        threads = [threading.Thread(target=count.add) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lost += count.value != 43
    return lost
# ANCHOR_END: luck


# ANCHOR: program
def add(name, memory):
    """The same as a generator: after each operation it yields, and another thread may go on."""
    value = memory["count"]
    yield f"{name}: load {value}"
    memory["count"] = value + 1
    yield f"{name}: store {value + 1}"


def lost_update():
    memory = {"count": 41}
    threads = [add("thread 1", memory), add("thread 2", memory)]
    return threads, lambda: memory["count"] == 43
# ANCHOR_END: program


# ANCHOR: scheduler
def run(program, choose):
    """Steps through a program. Returns its schedule, what happened, and whether all is well."""
    threads, is_fine = program()
    ready = dict(enumerate(threads))
    schedule, happened = [], []
    while ready:
        n = choose(list(ready), len(schedule))
        schedule.append(n)
        operation = next(ready[n], None)
        if operation is None:
            del ready[n]  # it has come to its end
        else:
            happened.append(operation)
    return schedule, happened, is_fine()


def search(program, seed, schedules):
    """Tries schedules at random, until one breaks the program."""
    numbers = random.Random(seed)
    for tried in range(1, schedules + 1):
        schedule, _, is_fine = run(program, lambda ready, _: numbers.choice(ready))
        if not is_fine:
            return tried, schedule
    return None


def replay(program, schedule):
    """Runs a program under this schedule. Where that can't be done, the first thread goes on."""
    planned = dict(enumerate(schedule))
    return run(program, lambda ready, step: planned[step] if planned.get(step) in ready else ready[0])
# ANCHOR_END: scheduler


def schedule(text):
    """Reads a schedule as it was printed: the number of the thread that goes on, step by step."""
    return [int(number) for number in text.split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20_000, help="how often to try with real threads")
    parser.add_argument("--seed", type=int, default=1, help="where the random choices begin")
    parser.add_argument("--schedules", type=int, default=1000, help="how many schedules to try")
    parser.add_argument("--replay", type=schedule, metavar="SCHEDULE",
                        help="run it under this schedule instead, as an earlier run has printed it")
    args = parser.parse_args()

    print("The lost update")
    if args.replay is not None:
        _, happened, is_fine = replay(lost_update, args.replay)
        print(*(f"    {line}" for line in happened), sep="\n")
        sys.exit("under this schedule, nothing fails" if is_fine else 0)
    print(f"  real threads: {luck(args.runs)} of {args.runs} runs fail")
    start = time.perf_counter()
    found = search(lost_update, args.seed, args.schedules)
    if found is None:
        print(f"  generators: none of {args.schedules} schedules fails; try another --seed")
        return
    tried, found = found
    print(f"  generators: schedule {tried} fails, after {time.perf_counter() - start:.4f} s")
    text = " ".join(map(str, found))
    print(f"  replayed from its text, {text}:")
    for line in replay(lost_update, schedule(text))[1]:
        print(f"    {line}")


if __name__ == "__main__":
    main()

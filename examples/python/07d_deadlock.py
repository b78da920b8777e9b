"""A deadlock: each of two workers has the lock that the other waits for. And two cures.

    python3 examples/python/07d_deadlock.py
    python3 examples/python/07d_deadlock.py --cure order
    python3 examples/python/07d_deadlock.py --cure back-off
"""

import contextlib
import queue
import sys
import threading
import time

import heat
from timeline import Timeline, span


def main():
    parser = heat.arguments(__doc__.splitlines()[0])
    parser.add_argument("--cure", choices=["none", "order", "back-off"], default="none")
    parser.add_argument("--patience", type=float, default=1.0)
    args = parser.parse_args()
    expected = heat.one_by_one(args.size, args.steps)
    print(f"one by one: checksum {expected:016x}")
    with Timeline("07d_deadlock", args.timeline):
        start = time.perf_counter()
        heat.check("two locks", in_halves(args), expected)
        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


def in_halves(args):
    plate, barrier, said = heat.plate(args.size), threading.Barrier(2), queue.Queue()
    halves = [Half(me, band, plate, args) for me, band in enumerate(heat.bands(args.size, 2))]
    for half in halves:
        # daemon: otherwise the program would wait for its threads, and they for each other
        work, name = (halves[1 - half.me], barrier, said), f"worker {half.me + 1}"
        threading.Thread(target=half.run, args=work, name=name, daemon=True).start()
    watch(said, args.patience)
    return [plate[0], *halves[0].rows, *halves[1].rows, plate[-1]]


class Half:
    def __init__(self, me, band, plate, args):
        self.me, self.args, self.lock = me, args, threading.Lock()
        self.rows = plate[band[0]:band[1]]
        self.above, self.below = plate[band[0] - 1], plate[band[1]]

    # ANCHOR: work
    def run(self, other, barrier, said):
        for step in range(1, self.args.steps + 1):
            with span(f"step {step}"), self.lock:
                self.rows = heat.advance(self.above, self.rows, self.below)
            barrier.wait()
            with self.both(other, step, barrier, said):
                if self.me == 0:
                    other.above = self.rows[-1]
                else:
                    other.below = self.rows[0]
            barrier.wait()
        said.put((self.me, None))

    @contextlib.contextmanager
    def both(self, other, step, barrier, said):
        if self.args.cure == "order":
            first, second = (self, other) if self.me == 0 else (other, self)
        else:
            first, second = self, other
        while True:
            first.take(self.me, said)
            if self.args.cure == "none" and step == (self.args.steps + 1) // 2:
                barrier.wait()  # both hold one now. That is rare, so here we make sure of it
            if self.args.cure != "back-off":
                second.take(self.me, said)
                break
            if second.lock.acquire(blocking=False):
                break
            first.lock.release()
            time.sleep(0)
        try:
            yield
        finally:
            second.lock.release()
            first.lock.release()

    def take(self, who, said):
        band = ("upper", "lower")[self.me]
        said.put((who, f"waits for the {band} band"))
        with span(f"wait for the {band} band"):
            self.lock.acquire()
        said.put((who, "goes on"))
    # ANCHOR_END: work


# ANCHOR: watch
def watch(said, patience):
    """Listens to the workers. When nobody has said anything for a while, tells what each said last."""
    last = ["has not begun"] * 2
    while any(last):
        try:
            worker, what = said.get(timeout=patience)
            last[worker] = what
        except queue.Empty:
            print(f"Nobody has moved for {patience:g} second(s):")
            print(f"worker 1 has the upper band, and {last[0]}")
            print(f"worker 2 has the lower band, and {last[1]}")
            sys.exit("Error: a deadlock")
# ANCHOR_END: watch


if __name__ == "__main__":
    main()

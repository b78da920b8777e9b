"""Processes: the parent goes on while the children work.

    python3 examples/python/02_process.py
"""

# ANCHOR: main
import multiprocessing
import time

counter = 0


def main():
    global counter
    start = time.perf_counter()

    counter = 7
    child = multiprocessing.Process(target=greet, args=(1,))
    child.start()
    print(f"Hello from main process: {time.ctime()}", flush=True)
    child.join()
    print("Process complete.")
    print(f"In the main process the counter is {counter}")

    children = []
    for _ in range(10):
        child = multiprocessing.Process(target=do_something, args=(1.5,))
        child.start()
        children.append(child)
    for child in children:
        child.join()

    print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


def greet(seconds):
    global counter
    print(f"Hello from process: {time.ctime()}", flush=True)
    time.sleep(seconds)
    before, counter = counter, counter + 1
    print(f"In the child the counter was {before}, and is {counter} now")


def do_something(seconds):
    print(f"Sleeping {seconds:g} second(s)...", flush=True)
    time.sleep(seconds)
    print("Done sleeping")


if __name__ == "__main__":
    main()
# ANCHOR_END: main

"""A server on this machine that thinks a while before it answers, for the twins of step 06."""

import contextlib
import multiprocessing
import socket
import threading
import time


@contextlib.contextmanager
def slow_server(latency, at_once):
    """Runs it in a process of its own, and yields its address. It waits for `latency` milliseconds before
    each answer, and works on `at_once` requests at a time; others wait in a queue."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(latency / 1000, at_once, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()


def serve(seconds, at_once, parent):
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)

    def answer():
        while True:
            client, _ = listener.accept()
            time.sleep(seconds)
            with client, contextlib.suppress(OSError):  # one that has gone is none of our business
                client.sendall(b"done")

    for _ in range(at_once):
        threading.Thread(target=answer, daemon=True).start()
    parent.send(listener.getsockname())
    threading.Event().wait()

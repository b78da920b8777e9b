"""More than one machine, with the standard library alone: a manager serves two queues over TCP.

    pip install pillow
    python3 examples/python/11_cluster.py drive --links links.txt --local 2

Or on several machines, which share a password that nobody else knows:

    CLUSTER_KEY=... python3 examples/python/11_cluster.py drive --links links.txt --address :5000
    CLUSTER_KEY=... python3 examples/python/11_cluster.py work --address driver.example.org:5000
"""

import argparse
import secrets

# ANCHOR: main
import io
import os
import time
import urllib.request
from multiprocessing import Process
from multiprocessing.managers import BaseManager
from pathlib import Path
from queue import Queue
from threading import Thread

from PIL import Image, ImageFilter, ImageOps

from timeline import Timeline, span


class Cluster(BaseManager):
    pass


def drive(args):
    tasks, results = Queue(), Queue()  # in this process, in memory
    Cluster.register("tasks", callable=lambda: tasks)
    Cluster.register("results", callable=lambda: results)
    server = Cluster(args.address, args.key).get_server()
    with Timeline("11_cluster", args.timeline):
        for n in range(args.local):
            host = (server.address, args.key)
            Process(target=work, args=host, name=f"host {n + 1}", daemon=True).start()
        Thread(target=server.serve_forever, daemon=True).start()  # after all forks, if this Python forks (up to 3.13)

        args.out.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        links = args.links.read_text("utf-8-sig").split()
        for link in links:
            tasks.put(link)
        for _ in links:
            save(args.out, *results.get())  # for ever, if a host has died with a link
        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


def work(address, key):
    Cluster.register("tasks")
    Cluster.register("results")
    cluster = Cluster(address, key)
    cluster.connect()
    tasks, results = cluster.tasks(), cluster.results()  # proxies: each call is a message
    while True:
        link = tasks.get()  # and now no other process knows about it
        results.put((link, thumbnail(link)))


def thumbnail(link):
    name, made = os.path.basename(link), io.BytesIO()
    say(f"Downloading {link}")
    with span(f"download {name}"), urllib.request.urlopen(link, timeout=10) as answer:
        original = answer.read()
    say(f"Processing {link}")
    with span(f"process {name}"):
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(original)))
        picture = picture.convert("L")
        picture = picture.filter(ImageFilter.GaussianBlur(10))
        picture = picture.resize((128, 128), Image.Resampling.LANCZOS)
        picture.save(made, "PNG")
    return made.getvalue()


def save(folder, link, made):
    file = folder / f"processed_{Path(os.path.basename(link)).stem}.png"
    part = file.with_suffix(".part")
    with span(f"save {os.path.basename(link)}"):
        part.write_bytes(made)
        os.replace(part, file)  # whole, or not there
    say(f"Saved {file}")


def say(line):
    print(line + "\n", end="", flush=True)  # print would write the end on its own
# ANCHOR_END: main


HERE = ("127.0.0.1", 0)  # on a free port


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Downloads pictures and makes thumbnails, on several machines.")
    parser.set_defaults(key=os.environ.get("CLUSTER_KEY", "").encode())
    commands = parser.add_subparsers(required=True)
    driver = commands.add_parser("drive", help="give links to the hosts, and save what they make of them")
    driver.add_argument("--links", type=Path, metavar="FILE", required=True, help="one link a line")
    driver.add_argument("--local", type=int, default=0, metavar="N", help="start this many hosts on this machine")
    driver.add_argument("--address", type=address, default=HERE, metavar="HOST:PORT")
    driver.add_argument("--out", type=Path, default=Path("processed-images"), metavar="DIR")
    driver.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    driver.set_defaults(run=drive)
    worker = commands.add_parser("work", help="be a host")
    worker.add_argument("--address", type=address, required=True, metavar="HOST:PORT")
    worker.set_defaults(run=lambda args: work(args.address, args.key), local=0)
    arguments = parser.parse_args()
    if not arguments.key:  # whoever has it can make these programs do anything: they unpickle what comes
        if arguments.address != HERE or not arguments.local:
            parser.error("set CLUSTER_KEY to a password that all machines share, and nobody else knows")
        arguments.key = secrets.token_bytes()
    arguments.run(arguments)

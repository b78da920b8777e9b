"""Download and process at the same time: a stage each, and bounded queues between them.

    pip install pillow
    python3 examples/python/10_pipeline.py --links links.txt
"""

import argparse
import io
import os
import time
import urllib.request
from multiprocessing import Pool
from pathlib import Path
from queue import Queue
from threading import Thread

from PIL import Image, ImageFilter, ImageOps

from timeline import Timeline, span

CORES = getattr(os, "process_cpu_count", os.cpu_count)()  # since 3.13: those that this process may use
END = object()  # a queue can't be closed: this says that nothing more will come


# ANCHOR: main
def main(args):
    args.out.mkdir(parents=True, exist_ok=True)
    with Timeline("10_pipeline", args.timeline):
        start = time.perf_counter()
        with Pool(args.workers) as pool:  # before the threads: a fork, the default up to 3.13, copies only one
            links = Queue(maxsize=1)
            fetched = stage("download", args.io_workers, links, download, args.workers)
            made = stage("process", args.workers, fetched, lambda item: process(pool, item), args.workers)
            saved = stage("save", args.workers, made, lambda item: save(args.out, item), args.workers)
            Thread(target=give_each, args=(args.links, args.out, links)).start()
            while (file := saved.get()) is not END:
                say(f"Saved {file}")
        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


# ANCHOR: stage
def stage(name, workers, incoming, work, size):
    outgoing = Queue(maxsize=size)

    def run():
        while (item := incoming.get()) is not END:
            outgoing.put(work(item))
        incoming.put(END)  # for the next worker of this stage

    threads = [Thread(target=run, name=f"{name} {n}") for n in range(workers)]
    for thread in threads:
        thread.start()

    def close():  # when the last worker has ended
        for thread in threads:
            thread.join()
        outgoing.put(END)

    Thread(target=close).start()
    return outgoing
# ANCHOR_END: stage


# ANCHOR: source
def give_each(file, folder, links):
    for link in (line.strip() for line in file.open()):
        if link and (folder / name_of(link)).exists():
            say(f"Skipped {folder / name_of(link)}: it is there")
        elif link:
            links.put(link)
    links.put(END)
# ANCHOR_END: source


# ANCHOR: work
def download(link):
    say(f"Downloading {link}")
    with span(f"download {os.path.basename(link)}"), urllib.request.urlopen(link, timeout=10) as answer:
        return link, answer.read()


def process(pool, item):
    link, _ = item
    say(f"Processing {link}")
    return link, pool.apply(thumbnail, item)  # pickled, there and back


def thumbnail(link, original):
    made = io.BytesIO()
    with span(f"process {os.path.basename(link)}"):
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(original)))
        picture = picture.convert("L")
        picture = picture.filter(ImageFilter.GaussianBlur(10))
        picture = picture.resize((128, 128), Image.Resampling.LANCZOS)
        picture.save(made, "PNG")
    return made.getvalue()


def save(folder, item):
    link, made = item
    file = folder / name_of(link)
    part = file.with_suffix(".part")
    with span(f"save {file.name}"):
        part.write_bytes(made)
        os.replace(part, file)  # whole, or not there
    return file
# ANCHOR_END: work


def name_of(link):
    return f"processed_{Path(os.path.basename(link)).stem}.png"


def say(line):
    print(line + "\n", end="", flush=True)  # print would write the end on its own


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Downloads pictures and makes thumbnails, at the same time.")
    parser.add_argument("--links", type=Path, metavar="FILE", required=True, help="one link a line")
    parser.add_argument("--io-workers", type=int, default=32, metavar="N")
    parser.add_argument("--workers", type=int, default=CORES, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("processed-images"), metavar="DIR")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())

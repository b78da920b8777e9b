"""Download and process: one thread, a thread each, a process each, a pool of processes.

    pip install pillow
    python3 examples/python/09_images.py --links links.txt
"""

import argparse
import io
import os
import time
import urllib.request
from functools import partial
from multiprocessing import Pool, Process
from pathlib import Path
from threading import Thread

from PIL import Image, ImageFilter, ImageOps

from timeline import Timeline, span

CORES = getattr(os, "process_cpu_count", os.cpu_count)()  # since 3.13: those that this process may use


def main(args):
    links = [line.strip() for line in args.links.read_text("utf-8-sig").splitlines() if line.strip()]
    ways = {
        "one-by-one": one_by_one,
        "threads": partial(one_each, Thread),
        "processes": partial(one_each, Process),
        "process-pool": partial(with_pool, args.workers),
    }
    with Timeline("09_images", args.timeline) as timeline:
        begin = time.perf_counter()
        for name, way in ways.items():
            folder = args.out / name
            folder.mkdir(parents=True, exist_ok=True)
            timeline.section(name)
            start = time.perf_counter()
            way(partial(download_and_process, folder), links)
            print(f"{name}: {time.perf_counter() - start:.2f} second(s)")
        print(f"Finished in {time.perf_counter() - begin:.2f} second(s)")


# ANCHOR: ways
def one_by_one(work, links):
    for link in links:
        work(link)


def one_each(kind, work, links):
    workers = [kind(target=work, args=(link,)) for link in links]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def with_pool(workers, work, links):
    with Pool(workers) as pool:
        pool.map(work, links, chunksize=1)
# ANCHOR_END: ways


# ANCHOR: work
def download_and_process(folder, link):
    name = Path(os.path.basename(link))
    say(f"Downloading {link}")
    with span(f"download {name}"), urllib.request.urlopen(link, timeout=10) as answer:
        original = answer.read()
    say(f"Processing {link}")
    with span(f"process {name}"):
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(original)))
        picture = picture.convert("L")
        picture = picture.filter(ImageFilter.GaussianBlur(10))
        picture = picture.resize((128, 128), Image.Resampling.LANCZOS)
        file = folder / f"processed_{name.stem}.png"
        picture.save(file)
    say(f"Saved {file}")
# ANCHOR_END: work


def say(line):
    print(line + "\n", end="", flush=True)  # print would write the end on its own


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Downloads pictures and makes gray, blurred thumbnails.")
    parser.add_argument("--links", type=Path, metavar="FILE", required=True, help="one link a line")
    parser.add_argument("--workers", type=int, default=CORES, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("processed-images"), metavar="DIR")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())

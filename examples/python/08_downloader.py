"""The image downloader: one by one, then with a pool of eight.

    python3 examples/python/08_downloader.py --links links.txt
    IMGUR_CLIENT_ID=... python3 examples/python/08_downloader.py
"""

import argparse
import json
import os
import time
import urllib.request
from functools import partial
from multiprocessing import Pool
from pathlib import Path

from timeline import Timeline, span


# ANCHOR: main
def main(args):
    begin = time.perf_counter()
    links = get_links(args.links)
    with Timeline("08_downloader", args.timeline) as timeline:
        start = time.perf_counter()
        timeline.section("one-by-one")
        folder = setup_download_dir(args.out / "one-by-one")
        for link in links:
            download_link(folder, link)
        print(f"one-by-one: {time.perf_counter() - start:.2f} second(s)")

        start = time.perf_counter()
        timeline.section("pool")
        folder = setup_download_dir(args.out / "pool")
        with Pool(args.workers) as pool:
            pool.map(partial(download_link, folder), links, chunksize=1)
        print(f"pool: {time.perf_counter() - start:.2f} second(s)")
        print(f"Finished in {time.perf_counter() - begin:.2f} second(s)")
# ANCHOR_END: main


# ANCHOR: links
def get_links(file):
    if file:
        return [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    request = urllib.request.Request(
        "https://api.imgur.com/3/gallery/random/random/",
        headers={"Authorization": f"Client-ID {os.environ['IMGUR_CLIENT_ID']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        items = json.load(answer)["data"]
    kinds = {"image/jpeg", "image/png", "image/gif"}
    return [item["link"] for item in items if item.get("type") in kinds]


def setup_download_dir(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def download_link(folder, link):
    say(f"Downloading {link}")
    file = folder / os.path.basename(link)
    with span(f"download {file.name}"), urllib.request.urlopen(link, timeout=10) as answer:
        file.write_bytes(answer.read())
    say(f"Saved {file}")


def say(line):
    print(line + "\n", end="", flush=True)  # print would write the end on its own
# ANCHOR_END: links


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Downloads pictures, one by one and then with a pool.")
    parser.add_argument("--links", type=Path, metavar="FILE", help="one link a line (default: Imgur)")
    parser.add_argument("--workers", type=int, default=8, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("images"), metavar="DIR")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())

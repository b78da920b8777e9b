"""Pillow's side of the comparison: the same work, on the same pictures.

    python benches/pictures.py make FOLDER --size bench    make the pictures (bench or test)
    python benches/pictures.py reference FOLDER            what Pillow makes of each, into FOLDER/reference
    python benches/pictures.py serve FOLDER                time them, as lines on stdin ask

`cargo bench -p pictures --bench pictures` calls it with the Python of a venv that has requirements.txt.
"""

import argparse
import importlib.metadata
import io
import json
import multiprocessing
import sys
import time
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageOps

Image.MAX_IMAGE_PIXELS = None  # our own pictures: no need to be afraid of them
SIGMA = 10
SIDE = 128

# Photographs in scikit-image's wheel. Public domain (NASA): astronaut, hubble. CC0: coffee (Rachel
# Michetti), chelsea (Stefan van der Walt), retina (Häggström), rocket (SpaceX).
PHOTOGRAPHS = ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "retina.jpg", "hubble_deep_field.jpg"]

# name, photograph, megapixels (4:3), mode, what Pillow's save is told
RGB, GRAY, RGBA, PALETTE = "RGB", "L", "RGBA", "P"
PICTURES = [
    ("baseline-420.jpg", 0, 12, RGB, {"quality": 90, "subsampling": 2}),
    ("baseline-422.jpg", 1, 12, RGB, {"quality": 90, "subsampling": 1}),
    ("baseline-444.jpg", 2, 12, RGB, {"quality": 92, "subsampling": 0}),
    ("large-420.jpg", 3, 24, RGB, {"quality": 85, "subsampling": 2}),
    ("progressive-420.jpg", 4, 12, RGB, {"quality": 88, "subsampling": 2, "progressive": True}),
    ("gray.jpg", 5, 12, GRAY, {"quality": 90}),
    ("rgb.png", 1, 12, RGB, {"compress_level": 6}),
    ("rgba.png", 2, 8, RGBA, {"compress_level": 6}),
    ("gray.png", 3, 12, GRAY, {"compress_level": 6}),
    ("palette.png", 0, 8, PALETTE, {"compress_level": 6}),
    ("raw.tif", 4, 8, RGB, {}),
    ("lzw.tif", 2, 8, RGB, {"compression": "tiff_lzw"}),
    ("deflate.tif", 3, 8, RGB, {"compression": "tiff_adobe_deflate"}),
    ("photo.webp", 1, 4, RGB, {"quality": 85}),
]


def photograph(number):
    wheel = importlib.metadata.distribution("scikit-image")
    return Image.open(wheel.locate_file(f"skimage/data/{PHOTOGRAPHS[number]}")).convert(RGB)


def enlarge(photo, width, height):
    """Twice as large, then mirrored tiles until it is full, then the grain of a camera."""
    photo = photo.resize((photo.width * 2, photo.height * 2), Image.Resampling.BICUBIC)
    canvas = Image.new(RGB, (width, height))
    for row, y in enumerate(range(0, height, photo.height)):
        for column, x in enumerate(range(0, width, photo.width)):
            tile = ImageOps.mirror(photo) if column % 2 else photo
            canvas.paste(ImageOps.flip(tile) if row % 2 else tile, (x, y))
    grain = Image.merge(RGB, [Image.effect_noise((width, height), 5) for _ in range(3)])
    return ImageChops.add(canvas, grain, 1, -128)


def make(folder, size):
    for name, number, megapixels, mode, options in PICTURES:
        path = folder / name
        if path.exists():
            continue
        scale = (megapixels if size == "bench" else megapixels / 12) * 1e6
        width, height = round((scale * 4 / 3) ** 0.5), round((scale * 3 / 4) ** 0.5)
        picture = enlarge(photograph(number), width, height)
        if mode == RGBA:
            picture.putalpha(Image.linear_gradient("L").resize(picture.size))
        elif mode != RGB:
            picture = picture.convert(mode)
        # Under another name until it is whole: a run that is stopped leaves no half pictures.
        unfinished = path.with_name("unfinished-" + name)
        picture.save(unfinished, **options)
        unfinished.rename(path)
        print(f"made {path}", file=sys.stderr)
    if size == "test":  # the photographs themselves, as small as they come
        for number, name in enumerate(PHOTOGRAPHS):
            photograph(number).save(folder / f"itself-{Path(name).stem}.png")


def process(data):
    """The work of the lesson. Returns the thumbnail and the seconds that each part took."""
    start = time.perf_counter()
    picture = Image.open(io.BytesIO(data))
    ImageOps.exif_transpose(picture, in_place=True)  # which loads it, and turns it upright
    decoded = time.perf_counter()
    gray = picture.convert("L")
    turned_gray = time.perf_counter()
    blurred = gray.filter(ImageFilter.GaussianBlur(SIGMA))
    done_blurring = time.perf_counter()
    thumbnail = blurred.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    resized = time.perf_counter()
    file = io.BytesIO()
    thumbnail.save(file, "PNG")
    end = time.perf_counter()
    parts = {
        "decode": decoded - start,
        "gray": turned_gray - decoded,
        "blur": done_blurring - turned_gray,
        "resize": resized - done_blurring,
        "save": end - resized,
    }
    return thumbnail, parts


def pictures_in(folder):
    return sorted(path for path in folder.iterdir() if path.is_file())


def reference(folder):
    out = folder / "reference"
    out.mkdir(exist_ok=True)
    for path in pictures_in(folder):
        thumbnail, _ = process(path.read_bytes())
        thumbnail.save(out / (path.name + ".png"))


BYTES = {}


def process_named(name):
    process(BYTES[name])


def serve(folder):
    """Each line on stdin is one job; each line on stdout its seconds. A name: that picture, by its
    parts. `two`: all pictures in a pool of two processes."""
    for path in pictures_in(folder):
        BYTES[path.name] = path.read_bytes()
    largest_first = sorted(BYTES, key=lambda name: -len(BYTES[name]))
    with multiprocessing.get_context("fork").Pool(2) as pool:  # fork: the children have the bytes
        for line in sys.stdin:
            job = line.strip()
            if job == "two":
                start = time.perf_counter()
                pool.map(process_named, largest_first, chunksize=1)
                answer = {"total": time.perf_counter() - start}
            else:
                answer = process(BYTES[job])[1]
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["make", "reference", "serve"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=["bench", "test"], default="test")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.command == "make":
        make(arguments.folder, arguments.size)
    elif arguments.command == "reference":
        reference(arguments.folder)
    else:
        serve(arguments.folder)

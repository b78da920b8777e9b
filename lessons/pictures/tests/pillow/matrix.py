"""Small pictures of every kind that programs write, and what Pillow makes of each.

    python lessons/pictures/tests/pillow/matrix.py FOLDER

FOLDER/jpeg, FOLDER/tiff ... get the files; beside each, NAME.png is Pillow's thumbnail, or NAME.refused says
why there is none. The JPEGs come from libjpeg-turbo's cjpeg and jpegtran.
"""

import io
import itertools
import shutil
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "benches"))
from pictures import enlarge, photograph, process  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

SIZES = [(320, 240), (333, 251), (64, 64), (17, 9)]
PHOTOS = {size: enlarge(photograph(2).resize((150, 110)), *size) for size in SIZES}
PHOTO = PHOTOS[320, 240]
RAMP = Image.linear_gradient("L").resize((333, 251))
GRADIENT = Image.merge("RGB", [RAMP, ImageOps.flip(RAMP), RAMP.transpose(Image.Transpose.FLIP_LEFT_RIGHT).point(lambda v: v // 2)])
# Red, green, blue, black and white in bits of a few pixels, as drawings have them.
SATURATED = Image.effect_noise((80, 60), 200).resize((320, 240), Image.Resampling.NEAREST).quantize(8)
SATURATED.putpalette([v for n in range(8) for v in (255 * (n & 1), 255 * (n >> 1 & 1), 255 * (n >> 2))])
SATURATED = SATURATED.convert("RGB")

# A file, and the one whose thumbnail it should have: for kinds that Pillow turns white.
INSTEAD = {}

# How often luma is sampled, and each of the colors.
SAMPLINGS = ["1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4"]
SAMPLINGS += ["1x1,2x2,2x2", "1x1,2x1,2x1", "1x1,1x2,1x2", "1x2,2x1,2x1", "2x1,1x2,1x1", "2x2,2x1,1x2"]

SCANS = {
    "one-scan-each": "0; 1; 2;",
    "two-scans": "0; 1 2;",
    "progressive-one-scan-each": "0: 0-0, 0, 1; 1: 0-0, 0, 0; 2: 0-0, 0, 0; 0: 1-5, 0, 2; 1: 1-63, 0, 0; "
    "2: 1-63, 0, 0; 0: 6-63, 0, 2; 0: 1-63, 2, 1; 0: 0-0, 1, 0; 0: 1-63, 1, 0;",
}
CODINGS = {
    "baseline": [],
    "progressive": ["-progressive"],
    "restart-rows": ["-restart", "1"],
    "restart-blocks": ["-restart", "3B"],
    "progressive-restart": ["-progressive", "-restart", "2B"],
    **{name: ["-scans", name] for name in SCANS},
    "one-scan-each-restart": ["-scans", "one-scan-each", "-restart", "5B"],
}
TURNS = {"rotated": ["-rotate", "90"], "rotated-progressive": ["-rotate", "270", "-progressive"]}


def jpegs(folder):
    for name, script in SCANS.items():
        (folder / name).write_text(script)
    jobs = {}
    for (width, height), photo in PHOTOS.items():
        ppm, pgm = ppm_of(photo), ppm_of(photo.convert("L"))
        size = f"{width}x{height}"
        for sampling, (coding, how) in itertools.product(SAMPLINGS, CODINGS.items()):
            jobs[f"{sampling}-{coding}-{size}"] = (["cjpeg", "-sample", sampling, *how], ppm)
        for factors, coding in itertools.product(["1x1", "2x2", "1x2", "3x1"], list(CODINGS)[:5]):
            jobs[f"gray-{factors}-{coding}-{size}"] = (["cjpeg", "-sample", factors, *CODINGS[coding]], pgm)
        for factors, coding in itertools.product(["1x1", "2x2"], CODINGS):
            jobs[f"rgb-{factors}-{coding}-{size}"] = (["cjpeg", "-rgb", "-sample", factors, *CODINGS[coding]], ppm)
        for sampling, (turn, how) in itertools.product(SAMPLINGS, TURNS.items()):
            jobs[f"{sampling}-{turn}-{size}"] = (["jpegtran", *how], f"{sampling}-baseline-{size}")

    def make(job):
        name, (command, given) = job
        given = made[given] if isinstance(given, str) else given
        command = [*command, "-quality", "85"] if command[0] == "cjpeg" else command
        done = subprocess.run(command, input=given, capture_output=True, cwd=folder, check=True)
        made[name] = done.stdout

    made = {}
    with ThreadPoolExecutor(2) as pool:
        for program in ["cjpeg", "jpegtran"]:
            list(pool.map(make, [job for job in jobs.items() if job[1][0][0] == program]))
    for name in SCANS:
        (folder / name).unlink()
    files = {f"{name}.jpg": data for name, data in made.items()}
    for sampling, (coding, how) in itertools.product(["1x1", "2x1", "2x2", "1x2"], list(CODINGS.items())[:2]):
        for name, picture in [("gradient", GRADIENT), ("saturated", SATURATED)]:
            job = (f"{name}-{sampling}-{coding}", (["cjpeg", "-sample", sampling, *how], ppm_of(picture)))
            make(job)
            files[f"{job[0]}.jpg"] = made[job[0]]
    cmyk = PHOTO.convert("CMYK")
    files["cmyk.jpg"] = saved(cmyk, "JPEG", quality=90)
    files["cmyk-progressive.jpg"] = saved(cmyk, "JPEG", quality=90, progressive=True)
    plain = made["2x2-baseline-320x240"]
    ycck = bytearray(files["cmyk.jpg"])
    ycck[ycck.index(b"Adobe") + 11] = 2  # other colors, but the same for both
    files["ycck.jpg"] = bytes(ycck)
    files["arithmetic.jpg"] = subprocess.run(
        ["jpegtran", "-arithmetic"], input=plain, capture_output=True, check=True
    ).stdout
    return files


def ppm_of(photo):
    file = io.BytesIO()
    photo.save(file, "PPM")
    return file.getvalue()


def saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


# ------------------------------------------------------------------ TIFF

SHORT, LONG = 3, 4


def tiff(tags, chunks, order="<", big=False, tiled=False, more=0):
    """A file of these chunks (strips or tiles). `more`: how many bytes too many each count says."""
    start = 16 if big else 8
    offsets = [start + sum(map(len, chunks[:n])) for n in range(len(chunks))]
    counts = [len(chunk) + more for chunk in chunks]
    tags = {**tags, (324 if tiled else 273): offsets, (325 if tiled else 279): counts}
    data = b"".join(chunks)
    data += b"\0" * (len(data) % 2)
    at = start + len(data)
    head, inline, entry_size = ("Q", 8, 20) if big else ("L", 4, 12)
    behind = at + (8 if big else 2) + len(tags) * entry_size + inline
    entries = extra = b""
    for tag, values in sorted(tags.items()):
        values = [values] if isinstance(values, int) else values
        kind = LONG if tag in (273, 279, 324, 325) else SHORT
        packed = struct.pack(f"{order}{len(values)}{'LH'[kind == SHORT]}", *values)
        place = packed.ljust(inline, b"\0")
        if len(packed) > inline:
            place = struct.pack(f"{order}{head}", behind + len(extra))
            extra += packed + b"\0" * (len(packed) % 2)
        entries += struct.pack(f"{order}HH{head}", tag, kind, len(values)) + place
    magic = struct.pack(f"{order}HHHQ", 43, 8, 0, at) if big else struct.pack(f"{order}HL", 42, at)
    count = struct.pack(f"{order}{'Q' if big else 'H'}", len(tags))
    return {"<": b"II", ">": b"MM"}[order] + magic + data + count + entries + b"\0" * inline + extra


def tags_of(width, height, photometric, bits, **more):
    bits = [bits] if isinstance(bits, int) else bits
    names = {"fill": 266, "rows": 278, "orientation": 274, "compression": 259, "planar": 284, "colors": 320}
    names |= {"extra": 338, "format": 339, "tile_width": 322, "tile_height": 323, "subsampling": 530}
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 277: len(bits), 278: height}
    return tags | {names[name]: value for name, value in more.items()}


def packed(samples, width, bits):
    """Samples of 8 bits as samples of fewer (or 12, or 16), each row from a byte's start."""
    rows = []
    for at in range(0, len(samples), width):
        row = "".join(f"{round(sample * (2**bits - 1) / 255):0{bits}b}" for sample in samples[at : at + width])
        row = row.ljust(-(-len(row) // 8) * 8, "0")
        rows.append(int(row, 2).to_bytes(len(row) // 8, "big"))
    return b"".join(rows)


def reversed_bits(data):
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)


def tiffs():
    files = {}
    width, height = 101, 75  # no multiples of anything
    photo = PHOTO.resize((width, height))
    gray, alpha = photo.convert("L"), Image.linear_gradient("L").resize((width, height))
    modes = {mode: photo.convert(mode) for mode in ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr"]}
    files["LAB.tif"] = saved(photo.convert("LAB"), "TIFF")
    modes["LA"] = Image.merge("LA", [gray, alpha])
    modes["RGBA"].putalpha(alpha)
    compressions = [None, "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg", "group3", "group4"]
    compressions += ["tiff_ccitt", "zstd", "webp", "lzma"]
    for (mode, picture), compression in itertools.product(modes.items(), compressions):
        try:
            files[f"{mode}-{compression}.tif"] = saved(picture, "TIFF", compression=compression)
        except (OSError, ValueError, KeyError):
            continue  # the two do not go together
        files[f"{mode}-{compression}-turned.tif"] = saved(picture, "TIFF", compression=compression, tiffinfo={274: 6})
    for compression in ["tiff_lzw", "tiff_adobe_deflate"]:
        for mode in ["L", "RGB", "RGBA", "CMYK"]:
            info = {317: 2}
            files[f"{mode}-{compression}-predictor.tif"] = saved(
                modes[mode], "TIFF", compression=compression, tiffinfo=info
            )
    for size, shot in PHOTOS.items():
        for compression in [None, "tiff_lzw", "jpeg"]:
            name = f"RGB-{compression}-{size[0]}x{size[1]}.tif"
            files[name] = saved(shot, "TIFF", compression=compression)
    for orientation in range(1, 9):
        for name, how in [("raw", None), ("lzw", "tiff_lzw")]:
            files[f"orientation-{orientation}-{name}.tif"] = saved(
                photo, "TIFF", compression=how, tiffinfo={274: orientation}
            )

    for size in [(48, 36), (50, 36), (51, 36), (53, 36), (8, 1), (1, 8)]:  # a row's last code ends anywhere
        for compression in ["group3", "group4"]:
            name = f"1-{compression}-{size[0]}x{size[1]}.tif"
            files[name] = saved(PHOTO.resize(size).convert("1"), "TIFF", compression=compression)

    raw = {"gray": gray.tobytes(), "rgb": photo.tobytes(), "la": modes["LA"].tobytes(), "rgba": modes["RGBA"].tobytes()}
    ramp = [value * 257 for value in range(256)]
    for bits, order in itertools.product([1, 2, 4, 8], "<>"):
        data = packed(raw["gray"], width, bits)
        for photometric, name in [(0, "white-is-zero"), (1, "black-is-zero")]:
            for fill, stored in [(1, data), (2, reversed_bits(data))]:
                tags = tags_of(width, height, photometric, bits, fill=fill)
                files[f"{bits}-bit-{name}-fill-{fill}-{'II' if order == '<' else 'MM'}.tif"] = tiff(tags, [stored], order)
        colors = [value for channel in range(3) for value in ramp[:: 255 // (2**bits - 1)][: 2**bits]]
        for fill, stored in [(1, data), (2, reversed_bits(data))]:
            tags = tags_of(width, height, 3, bits, colors=colors, fill=fill)
            files[f"palette-{bits}-bit-fill-{fill}-{'II' if order == '<' else 'MM'}.tif"] = tiff(tags, [stored], order)
    deflated = zlib.compress(raw["rgb"])
    files["fill-2-deflate.tif"] = tiff(
        tags_of(width, height, 2, [8] * 3, fill=2, compression=8), [reversed_bits(deflated)]
    )
    files["fill-2-rgb.tif"] = tiff(tags_of(width, height, 2, [8] * 3, fill=2), [reversed_bits(raw["rgb"])])
    for extra, name in [(0, "unspecified"), (1, "premultiplied"), (2, "straight")]:
        files[f"rgba-{name}.tif"] = tiff(tags_of(width, height, 2, [8] * 4, extra=extra), [raw["rgba"]])
        files[f"la-{name}.tif"] = tiff(tags_of(width, height, 1, [8] * 2, extra=extra), [raw["la"]])
    planes = [band.tobytes() for band in photo.split()]
    files["planar.tif"] = tiff(tags_of(width, height, 2, [8] * 3, planar=2), planes)
    files["big.tif"] = tiff(tags_of(width, height, 2, [8] * 3), [raw["rgb"]], big=True)
    files["big-MM.tif"] = tiff(tags_of(width, height, 2, [8] * 3), [raw["rgb"]], ">", big=True)
    strips = [raw["rgb"][at : at + width * 3 * 10] for at in range(0, len(raw["rgb"]), width * 3 * 10)]
    files["strips.tif"] = tiff(tags_of(width, height, 2, [8] * 3, rows=10), strips)
    files["counts-too-large.tif"] = tiff(tags_of(width, height, 2, [8] * 3), [raw["rgb"]], more=1)
    files["counts-too-large-deflate.tif"] = tiff(
        tags_of(width, height, 2, [8] * 3, compression=8), [deflated], more=1
    )
    tiles = []
    for y, x in itertools.product(range(0, height, 32), range(0, width, 48)):
        tiles.append(zlib.compress(photo.crop((x, y, x + 48, y + 32)).tobytes()))
    tags = tags_of(width, height, 2, [8] * 3, tile_width=48, tile_height=32, compression=8)
    files["tiles.tif"] = tiff(tags, tiles, tiled=True)
    tiles = []
    for y, x in itertools.product(range(0, height, 32), range(0, width, 48)):
        tiles.append(saved(photo.crop((x, y, x + 48, y + 32)), "JPEG", quality=90, subsampling=2))
    tags |= {259: 7, 262: 6, 530: [2, 2]}
    files["tiles-jpeg.tif"] = tiff(tags, tiles, tiled=True)

    wide = {  # samples of other sizes and kinds, as Pillow's writers do not make them
        "16-bit-rgb": (2, [16] * 3, struct.pack(f"<{len(raw['rgb'])}H", *(v * 257 for v in raw["rgb"])), {}),
        "12-bit": (1, 12, packed(raw["gray"], width, 12), {}),
        "16-bit": (1, 16, struct.pack(f"<{width * height}H", *(v * 257 for v in raw["gray"])), {}),
        "signed": (1, 16, struct.pack(f"<{width * height}h", *raw["gray"]), {"format": 2}),
        "float": (1, 32, struct.pack(f"<{width * height}f", *raw["gray"]), {"format": 3}),
        "32-bit": (1, 32, struct.pack(f"<{width * height}L", *raw["gray"]), {}),
    }
    for name, (photometric, bits, data, more) in wide.items():
        files[f"{name}.tif"] = tiff(tags_of(width, height, photometric, bits, **more), [data])
    for name in ["12-bit.tif", "16-bit.tif"]:  # Pillow cuts such samples off at 255
        INSTEAD[files[name]] = saved(gray, "TIFF")
    return files


# ------------------------------------------------------------------ the others


def gifs():
    photo = PHOTO.resize((101, 75)).quantize(64)
    frames = [photo, photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    plain = saved(photo, "GIF", interlace=0)
    files = {
        "plain.gif": plain,
        "interlaced.gif": saved(photo, "GIF", interlace=1),
        "gray.gif": saved(PHOTO.convert("L"), "GIF"),
        "animated.gif": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "transparent.gif": saved(photo, "GIF", transparency=3),
        "no-trailer.gif": plain[:-1],
        "no-end-of-data.gif": plain[:-2],
    }
    files["animated-no-trailer.gif"] = files["animated.gif"][:-1]
    # The first picture is smaller than the screen, and lies off its corner; or reaches over it.
    for name, transparency in [("", None), ("-transparent", 5)]:
        small = bytearray(saved(photo, "GIF", interlace=0, **({} if transparency is None else {"transparency": 5})))
        screen = struct.pack("<HH", 140, 90)
        at = small.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 101, 75))
        small[at + 1 : at + 5] = struct.pack("<HH", 20, 10)
        files[f"reaches-over{name}.gif"] = bytes(small)
        small[6:10] = screen
        files[f"small-frame{name}.gif"] = bytes(small)
        small[11] = 9  # the background color, which browsers ignore, and Pillow too
        files[f"small-frame-background{name}.gif"] = bytes(small)
    return files


def pngs():
    photo = PHOTO.resize((101, 75))
    alpha = Image.linear_gradient("L").resize(photo.size)
    files = {}
    modes = {mode: photo.convert(mode) for mode in ["1", "L", "P", "RGB", "RGBA"]}
    modes["RGBA"].putalpha(alpha)
    modes["LA"] = Image.merge("LA", [photo.convert("L"), alpha])
    for mode, picture in modes.items():
        files[f"{mode}.png"] = saved(picture, "PNG")
    files["few-colors.png"] = saved(photo.quantize(4), "PNG", bits=2)
    files["transparent-color.png"] = saved(modes["P"], "PNG", transparency=7)
    files["animated.png"] = saved(photo, "PNG", save_all=True, append_images=[ImageOps.flip(photo)])
    whole = files["RGB.png"]
    for missing in range(1, 22):  # IEND has 12 bytes; before it stand the checksums of file and data
        files[f"without-{missing:02}.png"] = whole[:-missing]
    for size in [(61, 47), (2, 9), (1, 1)]:
        interlaced = adam7(PHOTO.resize(size))
        files[f"interlaced-{size[0]}x{size[1]}.png"] = interlaced
        files[f"interlaced-{size[0]}x{size[1]}-without-end.png"] = interlaced[:-12]
    return files


def adam7(photo):
    """Pillow writes no interlaced ones."""
    rows = b""
    for x, y, across, down in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for row in range(y, photo.height, down):
            pixels = [photo.getpixel((column, row)) for column in range(x, photo.width, across)]
            rows += b"\0" + bytes(itertools.chain(*pixels)) if pixels else b""
    head = png_chunk(b"IHDR", struct.pack(">LLBBBBB", *photo.size, 8, 2, 0, 0, 1))
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def webps():
    files = {}
    for size, photo in PHOTOS.items():
        alpha = photo.copy()
        alpha.putalpha(Image.linear_gradient("L").resize(photo.size))
        for name, picture in [("rgb", photo), ("rgba", alpha)]:
            for lossless in [False, True]:
                kind = "lossless" if lossless else "lossy"
                files[f"{name}-{kind}-{size[0]}x{size[1]}.webp"] = saved(picture, "WEBP", lossless=lossless, quality=85)
    for name, picture in [("gradient", GRADIENT), ("saturated", SATURATED)]:
        files[f"{name}.webp"] = saved(picture, "WEBP", quality=80)
    frames = [PHOTO, ImageOps.flip(PHOTO)]
    for lossless in [False, True]:
        files[f"animated-{lossless}.webp"] = saved(PHOTO, "WEBP", save_all=True, append_images=frames[1:], lossless=lossless)
    return files


def turned():
    """The eight orientations, in each place where programs write them."""
    files = {}
    for orientation in range(0, 10):
        exif = Image.Exif()
        exif[274] = orientation
        xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()
        for kind, suffix in [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")]:
            files[f"exif-{orientation}.{suffix}"] = saved(PHOTO, kind, exif=exif)
            if kind != "PNG":
                files[f"xmp-{orientation}.{suffix}"] = saved(PHOTO, kind, xmp=xmp)
        files[f"exif-{orientation}-lossless.webp"] = saved(PHOTO, "WEBP", exif=exif, lossless=True)
        files[f"exif-{orientation}-alpha.webp"] = saved(PHOTO.convert("RGBA"), "WEBP", exif=exif)
        big = bytearray(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0")
        big[19] = orientation
        files[f"exif-{orientation}-MM.jpg"] = saved(PHOTO, "JPEG", exif=b"Exif\0\0" + bytes(big))
        info = png_text(orientation, xmp)
        for name, chunk in info.items():
            plain = saved(PHOTO, "PNG")
            files[f"{name}-{orientation}.png"] = plain[:33] + chunk + plain[33:]
        late = saved(PHOTO, "PNG")
        files[f"late-{orientation}.png"] = late[:-12] + png_chunk(b"eXIf", exif.tobytes()[6:]) + late[-12:]
    return files


def png_text(orientation, xmp):
    exif = Image.Exif()
    exif[274] = orientation
    data = exif.tobytes()
    profile = f"\nexif\n{len(data):8}\n{data.hex()}\n".encode()
    return {
        "xmp": png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp),
        "profile": png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile)),
        "profile-plain": png_chunk(b"tEXt", b"Raw profile type exif\0" + profile),
    }


def png_chunk(kind, data):
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def main(folder):
    for kind, make in [("jpeg", jpegs), ("tiff", tiffs), ("gif", gifs), ("png", pngs), ("webp", webps), ("turned", turned)]:
        out = folder / kind
        shutil.rmtree(out, ignore_errors=True)  # of a run before
        out.mkdir(parents=True)
        for name, data in (make(out) if make is jpegs else make()).items():
            (out / name).write_bytes(data)
            try:
                process(INSTEAD.get(data, data))[0].save(out / f"{name}.png", compress_level=1)
            except Exception as error:  # whatever it says
                (out / f"{name}.refused").write_text(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

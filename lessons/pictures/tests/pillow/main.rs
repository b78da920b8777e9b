//! Do we make the same thumbnails as Pillow? From photographs, in the formats and variants that
//! cameras and programs write.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::process::Command;

use pictures::picture;
use png::{BitDepth, ColorType, Transformations};
use tiff::encoder::{TiffEncoder, colortype};

mod matrix;

/// The limits for the worst pixel of a thumbnail and for the mean of all, in gray levels of 256.
const WORST: u8 = 4;
const MEAN: f64 = 0.3;

#[test]
#[ignore = "needs Pillow 13: ./tests/run sets it up"]
fn thumbnails_agree_with_pillow() {
    let folder = photographs();
    pillow("reference", &folder);
    let mut failures = Vec::new();
    let mut compared = 0;
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let ours = picture::process(&fs::read(&path).unwrap()).unwrap();
        let [depth, color] = ours[24..26] else { panic!("{name}: the thumbnail is no PNG") };
        assert_eq!((depth, color), (8, ColorType::Grayscale as u8), "{name}: it is gray");
        let theirs = fs::read(folder.join("reference").join(format!("{name}.png"))).unwrap();
        let (worst, mean) = difference(&ours, &theirs);
        println!("{name:30} worst {worst}, mean {mean:.3}");
        if worst > WORST || mean > MEAN {
            failures.push(format!("{name}: worst {worst}, mean {mean:.3}"));
        }
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} pictures were compared");
    assert!(failures.is_empty(), "more than {WORST} at worst or {MEAN} on average: {failures:#?}");
}

/// Pillow clips samples of 16 bits at 255. Ours are scaled, so a picture with 16 bits a sample
/// gives the same thumbnail as with 8.
#[test]
#[ignore = "needs Pillow 13: ./tests/run sets it up"]
fn sixteen_bits_give_what_eight_give() {
    let folder = photographs();
    for path in files(&folder).into_iter().filter(|path| path.extension().unwrap() == "png") {
        let expected = picture::process(&fs::read(&path).unwrap()).unwrap();
        let deep = Deep::read(&path);
        for (format, file) in [("TIFF", deep.tiff()), ("PNG", deep.png())] {
            let ours = picture::process(&file).unwrap();
            assert!(ours == expected, "{} as 16-bit {format}", path.display());
        }
    }
}

/// A picture with 16 bits a sample.
struct Deep {
    width: u32,
    height: u32,
    color: ColorType,
    samples: Vec<u16>,
}

impl Deep {
    /// From a PNG with 8 bits a sample, or with a palette.
    fn read(png: &Path) -> Deep {
        let mut decoder = png::Decoder::new(BufReader::new(File::open(png).unwrap()));
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(info.bit_depth, BitDepth::Eight, "{}", png.display());
        let samples = bytes.into_iter().map(|byte| u16::from(byte) * 257).collect();
        Deep { width: info.width, height: info.height, color: info.color_type, samples }
    }

    fn png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(self.color);
        encoder.set_depth(BitDepth::Sixteen);
        encoder.set_compression(png::Compression::Fast); // the others are slow without optimisation
        let bytes: Vec<u8> = self.samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
        encoder.write_header().unwrap().write_image_data(&bytes).unwrap();
        file
    }

    fn tiff(&self) -> Vec<u8> {
        let Deep { width, height, samples, .. } = self;
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut file).unwrap();
        let written = match self.color {
            ColorType::Grayscale => {
                encoder.write_image::<colortype::Gray16>(*width, *height, samples)
            }
            ColorType::Rgb => encoder.write_image::<colortype::RGB16>(*width, *height, samples),
            ColorType::Rgba => encoder.write_image::<colortype::RGBA16>(*width, *height, samples),
            other => panic!("no photograph is {other:?}"),
        };
        written.unwrap();
        file.into_inner()
    }
}

/// A folder under target/, whose files are made only once.
fn photographs() -> PathBuf {
    static MADE: std::sync::Once = std::sync::Once::new();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("photographs");
    MADE.call_once(|| pillow("make", &folder));
    folder
}

fn pillow(command: &str, folder: &Path) {
    python("../../benches/pictures.py", &[command.as_ref(), folder.as_os_str()]);
}

/// Runs one of our scripts, and shows its output only if it fails.
fn python(script: &str, arguments: &[&OsStr]) {
    let python = std::env::var_os("PILLOW_PYTHON").expect(
        "PILLOW_PYTHON must name a Python that has benches/requirements.txt installed; ./tests/run does that",
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new(&python).arg(path).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {}\n{error}", output.status);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// How far two thumbnails, both PNG, are apart: at worst, and on average.
fn difference(ours: &[u8], theirs: &[u8]) -> (u8, f64) {
    let [ours, theirs] = [ours, theirs].map(|file| picture::decode_gray(file).unwrap());
    assert_eq!((ours.size(), theirs.size()), ((128, 128), (128, 128)));
    let pairs = ours.pixels().iter().zip(theirs.pixels());
    let differences: Vec<u8> = pairs.map(|(ours, theirs)| ours.abs_diff(*theirs)).collect();
    let sum: f64 = differences.iter().copied().map(f64::from).sum();
    (differences.iter().copied().max().unwrap(), sum / differences.len() as f64)
}

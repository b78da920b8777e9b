//! Do we make the same thumbnails as Pillow? From photographs, in the formats and variants that
//! cameras and programs write.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{ColorType, DynamicImage, ImageFormat};

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
        let ours = picture::process(&std::fs::read(&path).unwrap()).unwrap();
        let ours = image::load_from_memory(&ours).unwrap();
        assert_eq!(ours.color(), ColorType::L8, "{name}: the thumbnail is gray");
        let theirs = image::open(folder.join("reference").join(format!("{name}.png"))).unwrap();
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
        let picture = image::open(&path).unwrap();
        let expected = picture::process(&std::fs::read(&path).unwrap()).unwrap();
        let deep = match picture.color() {
            ColorType::L8 => DynamicImage::from(picture.to_luma16()),
            ColorType::Rgba8 => DynamicImage::from(picture.to_rgba16()),
            _ => DynamicImage::from(picture.to_rgb16()),
        };
        for format in [ImageFormat::Tiff, ImageFormat::Png] {
            let mut file = std::io::Cursor::new(Vec::new());
            deep.write_to(&mut file, format).unwrap();
            let ours = picture::process(file.get_ref()).unwrap();
            assert!(ours == expected, "{} as 16-bit {format:?}", path.display());
        }
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
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn difference(ours: &DynamicImage, theirs: &DynamicImage) -> (u8, f64) {
    assert_eq!((ours.width(), ours.height()), (128, 128));
    assert_eq!((theirs.width(), theirs.height()), (128, 128));
    let (ours, theirs) = (ours.to_luma8(), theirs.to_luma8()); // Pillow's may name a transparent gray
    let pairs = ours.as_raw().iter().zip(theirs.as_raw());
    let differences: Vec<u8> = pairs.map(|(ours, theirs)| ours.abs_diff(*theirs)).collect();
    let sum: f64 = differences.iter().copied().map(f64::from).sum();
    (differences.iter().copied().max().unwrap(), sum / differences.len() as f64)
}

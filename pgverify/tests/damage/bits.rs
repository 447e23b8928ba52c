//! One flipped bit, anywhere.

use crate::sound::{Copy, name};

/// A file that is no longer is damaged at each of its bytes.
const SMALL: usize = 150;

/// Of a larger one so many bytes are damaged, one run each.
const SAMPLES: usize = 20;

/// Of a block whose damage is only seen while its table is restored.
const SAMPLES_OF_ROWS: usize = 4;

/// Places spread over a file, its beginning and its end among them, and one bit for each.
fn places(bytes: usize, samples: usize) -> Vec<(usize, u8)> {
    let count = if bytes <= SMALL && samples == SAMPLES { bytes } else { samples.min(bytes) };
    let place = |number: usize| number * (bytes - 1) / (count - 1).max(1);
    (0..count).map(|number| (place(number), 1 << (number * 3 % 8))).collect()
}

/// Runs both tools on a copy in which one bit of `file` is another: each must say no, and name the file.
fn is_caught(copy: &Copy, file: &str, samples: usize) {
    let sound = copy.read(file);
    for (place, bit) in places(sound.len(), samples) {
        let mut damaged = sound.clone();
        damaged[place] ^= bit;
        copy.write(file, &damaged);
        let at = format!("bit {bit} of byte {place} of {file}");
        let mut outcome = copy.restore();
        // What tells another format is not read any further.
        let (code, said) = (outcome.code(), outcome.record("error")["code"].clone());
        assert!(
            (code == 1 && said == "damaged") || (code == 3 && said == "format_version"),
            "{at}: {outcome}"
        );
        assert!(outcome.result().get("proved").is_none(), "{at}: {outcome}");
        drop(outcome.says(name(file)));
        let mut checked = copy.check();
        assert!([1, 3].contains(&checked.code()), "{at}: {checked}");
        assert!(checked.stdout().contains(name(file)), "{at}: {checked}");
    }
    copy.write(file, &sound);
}

fn is_of_rows(copy: &Copy, file: &str) -> bool {
    ["left_one", "right_one"].iter().any(|table| copy.block_of(table) == file)
}

#[test]
fn a_flipped_bit_in_any_file_of_a_store_is_caught_and_the_file_named() {
    let copy = Copy::new();
    copy.restore().success();
    let files = copy.files();
    for kind in ["store.json", "README.md", "snapshots/", "verified/", "blocks/"] {
        assert!(files.iter().any(|file| file.starts_with(kind)), "no {kind} among {files:?}");
    }
    for file in &files {
        let samples = if is_of_rows(&copy, file) { SAMPLES_OF_ROWS } else { SAMPLES };
        is_caught(&copy, file, samples);
    }
    copy.restore().success();
}

//! Collects `checks/GROUP/NAME.sql`: a new check is one new file.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("checks");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut list = "&[\n".to_owned();
    for group in sorted(&root)?.into_iter().filter(|path| path.is_dir()) {
        println!("cargo::rerun-if-changed={}", group.display());
        for file in sorted(&group)? {
            if file.extension().is_some_and(|extension| extension == "sql") {
                writeln!(
                    list,
                    "({:?}, {:?}, include_str!({:?})),",
                    stem(&group),
                    stem(&file),
                    file.to_string_lossy()
                )?;
            }
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("checks.rs"), list + "]")?;
    Ok(())
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

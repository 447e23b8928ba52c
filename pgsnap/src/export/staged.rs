//! A directory or a file that gets its name when it is whole. Until then it has another one, and goes with its value.

use common::error::{Context as _, Error, Result};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What will be at `place`.
pub(super) struct Staged {
    place: PathBuf,
    stage: PathBuf,
    is_directory: bool,
    done: bool,
}

impl Staged {
    /// A directory that is yet to be filled.
    pub(super) fn directory(place: &Path) -> Result<Self> {
        let staged = Self::at(place, true)?;
        let make = DirBuilder::new().mode(0o700).create(&staged.stage);
        make.context(|| format!("cannot make {}", staged.stage.display()))?;
        Ok(staged)
    }

    /// A file, open to be written.
    pub(super) fn file(place: &Path) -> Result<(Self, File)> {
        let staged = Self::at(place, false)?;
        let file = create(&staged.stage)?;
        Ok((staged, file))
    }

    fn at(place: &Path, is_directory: bool) -> Result<Self> {
        if place.symlink_metadata().is_ok() {
            return Err(Error::refused("exists", format!("{} is there already", place.display()))
                .hint("name a new place, or remove what is there"));
        }
        let Some(name) = place.file_name() else {
            return Err(Error::usage(format!("{} is no name of something new", place.display())));
        };
        let mut stage = OsString::from(".");
        stage.push(name);
        stage.push(format!(".partial-{}", common::random_hex::<4>()?));
        Ok(Self { place: place.to_owned(), stage: place.with_file_name(stage), is_directory, done: false })
    }

    /// A new file in the directory, that only its owner may read.
    pub(super) fn new_file(&self, name: &str) -> Result<File> {
        create(&self.stage.join(name))
    }

    /// A file in the directory, to be written on.
    pub(super) fn append(&self, name: &str) -> Result<File> {
        let path = self.stage.join(name);
        let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        opened.context(|| format!("cannot write {}", path.display()))
    }

    /// Gives it its name; it is durable then.
    pub(super) fn commit(mut self) -> Result<()> {
        let cannot = || format!("cannot finish {}", self.place.display());
        if self.is_directory {
            sync(&self.stage).context(cannot)?;
            if self.place.symlink_metadata().is_ok() {
                return Err(Error::refused(
                    "exists",
                    format!("{} has come to be meanwhile", self.place.display()),
                ));
            }
            fs::rename(&self.stage, &self.place).context(cannot)?;
        } else {
            // Unlike a rename, a link takes nobody's place; some file systems have none.
            match fs::hard_link(&self.stage, &self.place) {
                Ok(()) => fs::remove_file(&self.stage).context(cannot)?,
                Err(error)
                    if error.kind() != ErrorKind::AlreadyExists && self.place.symlink_metadata().is_err() =>
                {
                    fs::rename(&self.stage, &self.place).context(cannot)?;
                }
                Err(error) => return Err(Error::io(cannot(), &error)),
            }
        }
        self.done = true;
        let parent = self.place.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync(parent.unwrap_or(Path::new("."))).context(cannot)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        // There is an error already that is told; the name tells what it is.
        let _ =
            if self.is_directory { fs::remove_dir_all(&self.stage) } else { fs::remove_file(&self.stage) };
    }
}

fn create(path: &Path) -> Result<File> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.context(|| format!("cannot write {}", path.display()))
}

fn sync(directory: &Path) -> std::io::Result<()> {
    File::open(directory)?.sync_all()
}

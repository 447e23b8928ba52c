//! A directory as it lies there: names in order, texts when they are asked for.
//!
//! Symbolic links are followed. Hidden entries do not count, nor does what an editor leaves behind. A name that is not
//! UTF-8 is an error when it could be a migration's: it could not be written into a history.

use common::error::{Context as _, Error, Result};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// A directory, one level of it.
#[derive(Debug)]
pub(crate) struct Directory {
    /// As it would be opened from here.
    pub(crate) path: PathBuf,
    /// Its files, by name.
    pub(crate) files: Vec<File>,
    /// Its directories, by name.
    pub(crate) directories: Vec<(String, PathBuf)>,
}

/// A file.
#[derive(Debug)]
pub(crate) struct File {
    /// Its name.
    pub(crate) name: String,
    /// As it would be opened from here.
    pub(crate) path: PathBuf,
    bytes: OnceCell<Vec<u8>>,
}

impl Directory {
    /// Reads the names in `path`.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let unreadable = || format!("cannot read directory {}", path.display());
        let entries = std::fs::read_dir(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::usage(format!("there is no directory {}", path.display()))
                .code_is("no_directory")
                .hint("say where the migrations are with --dir"),
            std::io::ErrorKind::NotADirectory => {
                Error::usage(format!("{} is no directory", path.display())).code_is("no_directory")
            }
            _ => Error::io(unreadable(), &error),
        })?;
        let mut directory = Self { path: path.to_owned(), files: Vec::new(), directories: Vec::new() };
        for entry in entries {
            directory.add(entry.context(unreadable)?.path())?;
        }
        directory.files.sort_by(|one, other| one.name.cmp(&other.name));
        directory.directories.sort();
        Ok(directory)
    }

    fn add(&mut self, path: PathBuf) -> Result<()> {
        let Some(name) = path.file_name() else { return Ok(()) };
        let Some(name) = name.to_str().map(str::to_owned) else {
            if is_sql(&name.to_string_lossy()) || path.is_dir() {
                let message = format!("the name of {} is not UTF-8", path.display());
                return Err(Error::failed("name_not_utf8", message).hint("rename it"));
            }
            return Ok(());
        };
        if name.starts_with('.') || name.ends_with('~') {
            return Ok(());
        }
        let about = std::fs::metadata(&path).context(|| format!("cannot read {}", path.display()))?;
        if about.is_dir() {
            self.directories.push((name, path));
        } else {
            self.files.push(File { name, path, bytes: OnceCell::new() });
        }
        Ok(())
    }

    /// Whether it has a file of this name, which may be a hidden one.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path.join(name).is_file()
    }

    /// Whether a file of this name lies beside it.
    pub(crate) fn beside(&self, name: &str) -> bool {
        self.parent().is_some_and(|parent| parent.join(name).is_file())
    }

    /// The directory that it lies in.
    pub(crate) fn parent(&self) -> Option<PathBuf> {
        Some(self.path.canonicalize().ok()?.parent()?.to_owned())
    }

    /// The file of this name.
    pub(crate) fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Its files of SQL.
    pub(crate) fn sql(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| is_sql(&file.name))
    }

    /// Whether nothing lies in it but what nobody would run.
    pub(crate) fn is_empty(&self) -> bool {
        let harmless = |file: &File| {
            let lower = file.name.to_lowercase();
            lower.starts_with("readme") || [".md", ".txt", ".toml"].iter().any(|end| lower.ends_with(end))
        };
        self.directories.is_empty() && self.files.iter().all(harmless)
    }

    /// All files in it and below it, in the order of their paths. A link to a directory above is not followed for ever.
    pub(crate) fn below(self) -> Result<Vec<File>> {
        let mut files = Vec::new();
        descend(self, &mut Vec::new(), &mut files)?;
        Ok(files)
    }
}

fn descend(directory: Directory, above: &mut Vec<PathBuf>, files: &mut Vec<File>) -> Result<()> {
    let own = directory.path.canonicalize();
    let own = own.context(|| format!("cannot read directory {}", directory.path.display()))?;
    if above.contains(&own) {
        return Ok(());
    }
    above.push(own);
    files.extend(directory.files);
    for (_, path) in directory.directories {
        descend(Directory::open(&path)?, above, files)?;
    }
    above.pop();
    Ok(())
}

/// Whether a file of this name holds SQL.
pub(crate) fn is_sql(name: &str) -> bool {
    name.len() > 4 && name.get(name.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(".sql"))
}

impl File {
    /// The file at `path`.
    pub(crate) fn at(path: PathBuf) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, path, bytes: OnceCell::new() }
    }

    /// Its bytes, read once.
    pub(crate) fn bytes(&self) -> Result<&[u8]> {
        if let Some(bytes) = self.bytes.get() {
            return Ok(bytes);
        }
        let bytes = std::fs::read(&self.path).context(|| format!("cannot read {}", self.path.display()))?;
        Ok(self.bytes.get_or_init(|| bytes))
    }

    /// Its text without a byte order mark.
    pub(crate) fn text(&self) -> Result<&[u8]> {
        let bytes = self.bytes()?;
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            let message = format!("{} is in UTF-16", self.path.display());
            return Err(Error::failed("utf16", message).hint("save it in UTF-8"));
        }
        Ok(bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes))
    }
}

//! `pgsnap cat`: a table's rows straight from the blocks, without a server.

use crate::cli::{Cat, RowFormat};
use crate::records::SnapResult;
use crate::rows::{csv_line, header, json_line};
use common::cli::{Session, signals};
use common::error::{Context as _, Error, Result};
use common::format::copy_text::Charset;
use common::format::manifest::{Manifest, Table};
use common::pg;
use std::io::{BufWriter, Write};

pub(crate) fn run(session: &Session<SnapResult>, args: &Cat) -> Result<()> {
    if args.output.format.is_some() {
        return Err(Error::usage("cat prints rows, not records: --format has no meaning here")
            .hint("--as text, csv or jsonl says how rows are written"));
    }
    let store = args.store.open()?;
    let manifest = store.manifest(&store.find(&args.snapshot)?)?;
    let table = table(&manifest, &args.table)?;
    if let Some(reason) = &table.left_out {
        return Err(Error::failed(
            "left_out",
            format!("the rows of {} are not in the snapshot", table.qualified()),
        )
        .cause(reason.clone()));
    }
    let charset = Charset::of(&manifest.source.encoding)?;
    let mut out = BufWriter::with_capacity(256 << 10, session.data());
    let owner = format!("table {}", table.qualified());
    let wrote = |result: std::io::Result<()>| result.context(|| "cannot write to stdout".to_owned());
    if args.row_format == RowFormat::Csv {
        wrote(out.write_all(&header(table)))?;
    }
    let mut line = Vec::new();
    for block in table.blocks() {
        if signals::stop_requested() {
            return Err(pg::wire::stopped());
        }
        let bytes = store.block(block, &owner)?;
        if args.row_format == RowFormat::Text {
            wrote(out.write_all(&bytes))?;
            continue;
        }
        for row in bytes.split_inclusive(|&byte| byte == b'\n') {
            line.clear();
            match args.row_format {
                RowFormat::Csv => csv_line(row, table, charset, &mut line).map(drop)?,
                _ => json_line(row, table, charset, &mut line)?,
            }
            wrote(out.write_all(&line))?;
        }
    }
    wrote(out.flush())
}

/// The one table that `name` means.
fn table<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a Table> {
    let fits = |table: &&Table| {
        table.name == name
            || format!("{}.{}", table.schema, table.name) == name
            || table.qualified().to_string() == name
    };
    let mut found = manifest.tables.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(table), None) => Ok(table),
        (Some(first), Some(second)) => Err(Error::usage(format!("{name:?} fits several tables"))
            .cause(format!("{}, {}", first.qualified(), second.qualified()))
            .hint("say SCHEMA.NAME")),
        (None, _) => Err(Error::failed("no_table", format!("the snapshot has no table {name:?}"))
            .hint("`pgsnap show` lists what it has; names are taken as they are, without folding")),
    }
}

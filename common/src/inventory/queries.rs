//! The queries, each a file that runs in psql as it stands, and how they fit servers of several versions.

macro_rules! queries {
    ($($what:literal),* $(,)?) => {
        &[$(($what, include_str!(concat!("../pg/sql/inventory/", $what, ".sql")))),*]
    };
}

/// What each query gives, and the query.
pub(super) const QUERIES: &[(&str, &str)] = queries![
    "database",
    "schemas",
    "extensions",
    "tables",
    "columns",
    "constraints",
    "indexes",
    "views",
    "sequences",
    "triggers",
    "functions",
    "types",
    "operators",
    "text",
    "foreign",
    "replication",
    "defaults",
    "system",
];

/// `sql` for a server of version `major`.
///
/// A line that begins with `--14+ ` is for servers from 14 on only, one with `--13- ` for those up to 13.
pub(super) fn fit(sql: &str, major: u32) -> String {
    let line = |line: &str| -> String {
        let Some((bound, rest)) = line.trim_start().strip_prefix("--").and_then(|rest| rest.split_once(' '))
        else {
            return line.to_owned();
        };
        let from = bound.strip_suffix('+').and_then(|bound| bound.parse().ok());
        let to = bound.strip_suffix('-').and_then(|bound| bound.parse().ok());
        match (from, to) {
            (Some(from), _) if major >= from => rest.to_owned(),
            (_, Some(to)) if major <= to => rest.to_owned(),
            _ => line.to_owned(),
        }
    };
    sql.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn lines_for_other_versions_stay_comments() {
        let sql = "-- What it gives.\nSELECT 1\n       --14+ , 14\n       --13- , 13\n";
        assert_eq!(fit(sql, 14), "-- What it gives.\nSELECT 1\n, 14\n       --13- , 13");
        assert_eq!(fit(sql, 13), "-- What it gives.\nSELECT 1\n       --14+ , 14\n, 13");
    }
}

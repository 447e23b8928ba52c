//! Somebody else, who works on the database meanwhile.

use crate::Database;
use std::process::{Child, Stdio};

/// Statements that run beside the test until their value goes.
pub struct Beside(Child);

impl Beside {
    /// Starts them; their application is `beside`.
    pub fn run(database: &Database, sql: &str) -> Self {
        let mut psql = database.cluster().client("psql", database.name());
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql]).env("PGAPPNAME", "beside");
        Self(psql.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap())
    }

    /// Waits for its end; whether it went well.
    pub fn finish(mut self) -> bool {
        self.0.wait().unwrap().success()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

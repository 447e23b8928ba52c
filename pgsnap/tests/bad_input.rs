//! What is typed or given wrongly ends with a clear error, and loses nothing.

#[test]
fn x() {
    let _ = testkit::newest_major();
}

//! `-n -N -t -T`.

use crate::kit::{compare, two};

const MADE: &str = "CREATE SCHEMA shop; CREATE SCHEMA \"Odd Name\"; CREATE TABLE public.t (id serial PRIMARY KEY); CREATE TABLE shop.orders (id int); \
                    CREATE TABLE shop.\"Lines\" (id int); CREATE TABLE \"Odd Name\".\"a.b\" (id int); CREATE SEQUENCE shop.s";

fn names(arguments: &[&str]) -> Vec<String> {
    let (a, b) = two("choice", MADE, MADE);
    let outcome = compare(&a, &b, &[&["-a"], arguments].concat()).success();
    let mut names: Vec<_> =
        outcome.records_of("table").iter().map(|table| table["table"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn patterns_choose_as_in_pg_dump() {
    assert_eq!(names(&[]), ["Lines", "a.b", "orders", "t"]);
    assert_eq!(names(&["-n", "shop"]), ["Lines", "orders"]);
    assert_eq!(names(&["-N", "shop", "-N", "\"Odd \"*"]), ["t"].as_slice());
    assert_eq!(names(&["-t", "t"]), ["t"]);
    assert_eq!(names(&["-t", "shop.o*", "-t", "\"Odd Name\".\"a.b\""]), ["a.b", "orders"]);
    assert_eq!(names(&["-n", "shop", "-T", "shop.\"Lines\""]), ["orders"]);
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error() {
    let (a, b) = two("choice", MADE, MADE);
    compare(&a, &b, &["-t", "lines"]).exit(3).says("matches no table");
    compare(&a, &b, &["-n", "nowhere"]).exit(3).says("matches no schema");
    compare(&a, &b, &["-t", "a.b.c"]).exit(2).says("too many dots");
    compare(&a, &b, &["-t", "a|b"]).exit(2).says("regular expression");
}

#[test]
fn what_is_left_out_is_not_missed() {
    let (a, b) = two("choice", MADE, "CREATE TABLE public.t (id serial PRIMARY KEY)");
    compare(&a, &b, &["-a", "-n", "public"]).success();
    compare(&a, &b, &["-a", "-N", "shop"]).exit(1);
}

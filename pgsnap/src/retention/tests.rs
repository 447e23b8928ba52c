//! The rules beside a model that is too simple to be wrong, and beside restic's own examples.

use super::policy::Moment;
use super::*;
use jiff::Timestamp;
use jiff::civil::DateTime;
use std::collections::HashSet;

fn time(text: &str) -> Timestamp {
    let text = if text.len() == 10 { format!("{text}T00:00") } else { text.to_owned() };
    text.parse::<DateTime>().unwrap().to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
}

fn now() -> Timestamp {
    time("2030-01-01")
}

/// The times that a policy keeps, newest first.
fn kept(policy: &Policy, times: &[Timestamp]) -> Vec<Timestamp> {
    let mut times = times.to_vec();
    times.sort_by(|one, two| two.cmp(one));
    let moments: Vec<_> = times.iter().map(|time| Moment { time: *time, tags: &[] }).collect();
    let reasons = policy.reasons(&moments, now());
    times.into_iter().zip(reasons).filter(|(_, reasons)| !reasons.is_empty()).map(|(time, _)| time).collect()
}

fn count(kind: usize, count: u32) -> Policy {
    let mut policy = Policy::default();
    policy.by_kind[kind] = Some(Count::Some(count));
    policy
}

/// Random numbers, the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What period a time is in, written as a person would.
fn name(kind: usize, time: Timestamp) -> String {
    let format = ["%Y-%m-%d %H", "%Y-%m-%d", "%G-W%V", "%Y-%m", "%Y"][kind];
    time.to_zoned(jiff::tz::TimeZone::UTC).strftime(format).to_string()
}

/// The newest of each of the `count` newest periods that have any; and the oldest of all when there are fewer periods.
fn model(kind: usize, count: usize, times: &[Timestamp]) -> HashSet<Timestamp> {
    let mut times = times.to_vec();
    times.sort_by(|one, two| two.cmp(one));
    let mut periods: Vec<String> = Vec::new();
    let mut kept = HashSet::new();
    for time in &times {
        let period = name(kind, *time);
        if !periods.contains(&period) && periods.len() < count {
            periods.push(period);
            kept.insert(*time);
        }
    }
    if periods.len() < count {
        kept.extend(times.last());
    }
    kept
}

#[test]
fn each_rule_keeps_what_a_simple_model_keeps() {
    let mut numbers = Numbers(7);
    for round in 0..600 {
        let many = numbers.below(40);
        let spread = [3600 * 5, 86400 * 9, 86400 * 60, 86400 * 900][usize::try_from(round % 4).unwrap()];
        let start = time("2019-12-29T22:30").as_second();
        let times: Vec<_> = (0..many)
            .map(|_| Timestamp::from_second(start + i64::try_from(numbers.below(spread)).unwrap()).unwrap())
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        for kind in 0..5 {
            let limit = u32::try_from(numbers.below(12)).unwrap();
            let got: HashSet<_> = kept(&count(kind, limit), &times).into_iter().collect();
            assert_eq!(got, model(kind, limit as usize, &times), "kind {kind}, {limit} of {times:?}");
        }
    }
}

#[test]
fn rules_together_keep_what_each_keeps() {
    let mut numbers = Numbers(11);
    for _ in 0..200 {
        let start = time("2024-01-01").as_second();
        let times: Vec<_> = (0..30)
            .map(|_| {
                Timestamp::from_second(start + i64::try_from(numbers.below(86400 * 500)).unwrap()).unwrap()
            })
            .collect();
        let mut all =
            Policy { last: Some(Count::Some(2)), within: Some("20d".parse().unwrap()), ..Policy::default() };
        let mut each: HashSet<Timestamp> = kept(&all, &times).into_iter().collect();
        for kind in 0..5 {
            let limit = u32::try_from(numbers.below(5)).unwrap();
            all.by_kind[kind] = Some(Count::Some(limit));
            each.extend(kept(&count(kind, limit), &times));
        }
        assert_eq!(kept(&all, &times).into_iter().collect::<HashSet<_>>(), each);
    }
}

/// The examples of "Removing snapshots according to a policy" in its documentation.
#[test]
fn restics_examples_come_out_as_it_says() {
    let sundays = [
        "2014-09-14",
        "2014-09-21",
        "2014-09-28",
        "2014-10-05",
        "2014-10-12",
        "2014-10-19",
        "2014-10-26",
        "2014-11-02",
        "2014-11-09",
        "2014-11-16",
        "2014-11-23",
        "2014-11-30",
    ]
    .map(time);
    // "--keep-daily 4": the last four snapshots, for the last four days with a snapshot.
    assert_eq!(
        kept(&count(1, 4), &sundays),
        ["2014-11-30", "2014-11-23", "2014-11-16", "2014-11-09"].map(time)
    );
    // "--keep-weekly 4": the last four weeks.
    assert_eq!(
        kept(&count(2, 4), &sundays),
        ["2014-11-30", "2014-11-23", "2014-11-16", "2014-11-09"].map(time)
    );
    // Daily backups of a hundred years: 7 daily, 5 weekly, 12 monthly, 75 yearly.
    let first = time("1915-01-01").as_second();
    let daily: Vec<_> = (0..36_525).map(|day| Timestamp::from_second(first + day * 86400).unwrap()).collect();
    let mut policy = Policy::default();
    for (kind, limit) in [(1, 7), (2, 5), (3, 12), (4, 75)] {
        policy.by_kind[kind] = Some(Count::Some(limit));
    }
    let kept = kept(&policy, &daily);
    // What a coarser rule keeps beside what a finer one keeps already.
    assert_eq!(kept.len(), 7 + 3 + 11 + 74, "{kept:?}");
    assert_eq!(kept.last(), Some(&time("1940-12-31")));
}

#[test]
fn a_rule_with_counts_left_keeps_the_oldest_and_says_so() {
    let times = [time("2024-01-01T01:00"), time("2024-01-01T02:00"), time("2024-01-02T01:00")];
    let moments: Vec<_> = times.iter().rev().map(|time| Moment { time: *time, tags: &[] }).collect();
    let reasons = count(1, 5).reasons(&moments, now());
    assert_eq!(reasons, [vec!["daily"], vec!["daily"], vec!["oldest daily"]]);
    assert_eq!(count(1, 2).reasons(&moments, now())[2], Vec::<String>::new());
}

#[test]
fn within_counts_from_the_newest_that_is_not_in_the_future() {
    let policy = Policy { within: Some("7d".parse().unwrap()), ..Policy::default() };
    let future = time("2031-05-05");
    let times = [future, time("2029-12-20"), time("2029-12-14"), time("2029-12-13"), time("2029-12-01")];
    assert_eq!(kept(&policy, &times), times[..3]);
    let policy = Policy { within: Some("1m2w".parse().unwrap()), ..Policy::default() };
    assert_eq!(kept(&policy, &[time("2024-03-31"), time("2024-02-16"), time("2024-02-15")]).len(), 2);
}

#[test]
fn one_a_day_within_a_time() {
    let mut policy = Policy::default();
    policy.within_by_kind[1] = Some("3d".parse().unwrap());
    let times = ["2029-12-20T10:00", "2029-12-20T09:00", "2029-12-19T10:00", "2029-12-10"].map(time);
    assert_eq!(kept(&policy, &times), [times[0], times[2]]);
}

#[test]
fn lengths_of_time_are_read_as_restic_does() {
    for right in ["30d", "2y5m7d3h", "1w", "3h2y"] {
        assert_eq!(right.parse::<Span>().unwrap().to_string(), right);
    }
    for wrong in ["", "30", "d", "-1d", "1x", "0d", "1d1d", "1 d", "99999999999y", "12345y", "1ä"] {
        assert!(wrong.parse::<Span>().is_err(), "{wrong:?}");
    }
    let long: Span = "9000y".parse().unwrap();
    assert!(long.before(now()) < time("0001-01-01"));
}

#[test]
fn an_empty_policy_is_known_as_one() {
    assert!(Policy::default().is_empty() && count(2, 0).is_empty());
    assert!(!count(2, 1).is_empty());
    assert!(!Policy { tags: vec![vec!["x".to_owned()]], ..Policy::default() }.is_empty());
}

fn candidate(day: u32, database: &str, part: &str, tag: &str) -> Candidate {
    let created = time(&format!("2024-01-{day:02}"));
    Candidate {
        id: SnapshotId::new(created, u32::try_from(database.len() + part.len()).unwrap()),
        created,
        database: database.to_owned(),
        system_identifier: "1".to_owned(),
        part: part.to_owned(),
        is_whole: part.is_empty(),
        tags: vec![tag.to_owned()],
        rows: 0,
        bytes: 0,
        stored_new: 0,
    }
}

fn days(all: &[Candidate], policy: &Policy, proofs: &Proofs, guard: Guard) -> Vec<(String, i8, String)> {
    let verdicts = by_policy(all, |_| true, policy, proofs, guard, now());
    let kept = verdicts.into_iter().filter(|verdict| verdict.is_kept);
    let day = |time: Timestamp| time.to_zoned(jiff::tz::TimeZone::UTC).day();
    kept.map(|kept| (kept.snapshot.database.clone(), day(kept.snapshot.created), kept.reason)).collect()
}

#[test]
fn databases_and_parts_of_them_are_judged_apart() {
    let all = [
        candidate(1, "shop", "", ""),
        candidate(2, "shop", "", ""),
        candidate(3, "shop", "orders", ""),
        candidate(1, "other", "", ""),
    ];
    let policy = Policy { last: Some(Count::Some(1)), ..Policy::default() };
    let kept = days(&all, &policy, &Proofs::default(), Guard::On);
    let kept: Vec<_> = kept.iter().map(|(name, day, _)| (name.as_str(), *day)).collect();
    assert_eq!(kept, [("other", 1), ("shop", 2), ("shop", 3)]);
}

#[test]
fn the_newest_proved_one_and_the_last_one_stay() {
    let all = [
        candidate(1, "shop", "", ""),
        candidate(2, "shop", "", ""),
        candidate(3, "shop", "", ""),
        candidate(1, "other", "", ""),
    ];
    let proofs =
        Proofs { passed: [&all[0], &all[1]].map(|proved| proved.id.clone()).into(), ..Proofs::default() };
    let policy = Policy { tags: vec![vec!["none".to_owned()]], ..Policy::default() };
    let kept = days(&all, &policy, &proofs, Guard::On);
    assert_eq!(kept[0], ("other".to_owned(), 1, "the last one of its database".to_owned()));
    assert_eq!(kept[1], ("shop".to_owned(), 2, "the newest one that was proved".to_owned()));
    assert_eq!(kept.len(), 2);
    assert!(days(&all, &policy, &proofs, Guard::Off).is_empty());
    let unknown = Proofs { unknown: [all[2].id.clone()].into(), ..Proofs::default() };
    assert_eq!(days(&all, &policy, &unknown, Guard::On)[1].1, 3);
}

#[test]
fn what_is_not_asked_about_neither_goes_nor_counts() {
    let all = [candidate(1, "shop", "", "old"), candidate(2, "shop", "", "new")];
    let policy = Policy { tags: vec![vec!["none".to_owned()]], ..Policy::default() };
    let asked = |candidate: &Candidate| candidate.tags == ["old"];
    let verdicts = by_policy(&all, asked, &policy, &Proofs::default(), Guard::On, now());
    assert_eq!(verdicts.iter().map(|verdict| verdict.is_kept).collect::<Vec<_>>(), [false]);
}

#[test]
fn a_name_does_not_outweigh_the_guard() {
    let all = [candidate(1, "shop", "", ""), candidate(2, "shop", "", "")];
    let ids = |which: &[usize]| which.iter().map(|at| all[*at].id.clone()).collect::<BTreeSet<_>>();
    let proofs = Proofs { passed: ids(&[0]), ..Proofs::default() };
    assert_eq!(by_name(&all, &ids(&[1]), &proofs, Guard::On).unwrap().len(), 1);
    for named in [ids(&[0]), ids(&[0, 1])] {
        assert_eq!(by_name(&all, &named, &proofs, Guard::On).unwrap_err().code(), "protected");
    }
    assert_eq!(by_name(&all, &ids(&[0, 1]), &Proofs::default(), Guard::On).unwrap_err().code(), "protected");
    assert_eq!(by_name(&all, &ids(&[0, 1]), &proofs, Guard::Off).unwrap().len(), 2);
}

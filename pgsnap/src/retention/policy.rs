//! restic's rules: what keeps a snapshot of a group. Any one of them is enough. All of the calendar is in UTC.
//!
//! The newest snapshot of an hour, a day, … counts for it. A rule that has counts left at the end keeps the oldest snapshot
//! too, so that a history that is still short grows to the length that was asked for.

use super::span::Span;
use jiff::tz::TimeZone;
use std::str::FromStr;

/// How many of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Some(u32),
    Unlimited,
}

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "unlimited" => Ok(Self::Unlimited),
            _ => text.parse().map(Self::Some).map_err(|_| "it is a number or `unlimited`".to_owned()),
        }
    }
}

/// What is asked to be kept. The five kinds are hours, days, weeks, months and years.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) last: Option<Count>,
    pub(crate) by_kind: [Option<Count>; 5],
    pub(crate) within: Option<Span>,
    pub(crate) within_by_kind: [Option<Span>; 5],
    /// Lists of tags; a snapshot that has all of one list is kept.
    pub(crate) tags: Vec<Vec<String>>,
}

/// A snapshot, as far as rules look at it.
pub(super) struct Moment<'a> {
    pub(super) time: jiff::Timestamp,
    pub(super) tags: &'a [String],
}

const KINDS: [&str; 5] = ["hourly", "daily", "weekly", "monthly", "yearly"];

/// A rule that keeps one snapshot of each of its periods.
struct Rule<'a> {
    name: String,
    /// Of the periods; none when each snapshot is one.
    kind: Option<usize>,
    left: Count,
    /// Only what is younger.
    since: Option<jiff::Timestamp>,
    within: Option<&'a Span>,
    /// The period of the snapshot that it kept last.
    last: Option<i64>,
}

impl Rule<'_> {
    /// Why it keeps this snapshot, if it does.
    fn look(&mut self, number: usize, time: jiff::Timestamp, is_oldest: bool) -> Option<String> {
        if self.left == Count::Some(0) || self.since.is_some_and(|since| time <= since) {
            return None;
        }
        let period =
            self.kind.map_or_else(|| i64::try_from(number).unwrap_or(i64::MAX), |kind| period(kind, time));
        let is_new = self.last != Some(period);
        if !is_new && !is_oldest {
            return None;
        }
        self.last = Some(period);
        if let Count::Some(left) = &mut self.left {
            *left -= 1;
        }
        let oldest = if is_new { "" } else { "oldest " };
        let within = self.within.map(|span| format!(" within {span}")).unwrap_or_default();
        Some(format!("{oldest}{}{within}", self.name))
    }
}

impl Policy {
    /// Whether nothing is asked to be kept.
    pub(crate) fn is_empty(&self) -> bool {
        let counts = self.by_kind.iter().chain([&self.last]).flatten();
        let none = counts.into_iter().all(|count| *count == Count::Some(0));
        none && self.within.is_none()
            && self.within_by_kind.iter().all(Option::is_none)
            && self.tags.is_empty()
    }

    /// Why each of these is kept; they come newest first. Nothing keeps those without a reason.
    pub(super) fn reasons(&self, moments: &[Moment<'_>], now: jiff::Timestamp) -> Vec<Vec<String>> {
        // What lies in the future is no measure of how old the others are.
        let latest = moments.iter().map(|moment| moment.time).find(|time| *time < now);
        let since = |span: &Span| latest.map_or(jiff::Timestamp::MIN, |latest| span.before(latest));
        let mut rules = self.rules(since);
        let within = self.within.as_ref().map(|span| (span, since(span)));
        let mut kept = Vec::new();
        for (number, moment) in moments.iter().enumerate() {
            let is_oldest = number + 1 == moments.len();
            let tagged = self.tags.iter().filter(|tags| tags.iter().all(|tag| moment.tags.contains(tag)));
            let mut reasons: Vec<String> = tagged.map(|tags| format!("tag {}", tags.join(","))).collect();
            if let Some((span, _)) = within.as_ref().filter(|(_, since)| moment.time > *since) {
                reasons.push(format!("within {span}"));
            }
            reasons.extend(rules.iter_mut().filter_map(|rule| rule.look(number, moment.time, is_oldest)));
            kept.push(reasons);
        }
        kept
    }

    fn rules(&self, since: impl Fn(&Span) -> jiff::Timestamp) -> Vec<Rule<'_>> {
        let rule = |name: &str, kind, left, within: Option<&'_ Span>| Rule {
            name: name.to_owned(),
            kind,
            left,
            since: within.map(&since),
            within: None,
            last: None,
        };
        let last = self.last.map(|left| rule("last", None, left, None));
        let counted = self.by_kind.iter().enumerate();
        let counted = counted.filter_map(|(kind, left)| Some(rule(KINDS[kind], Some(kind), (*left)?, None)));
        let within = self.within_by_kind.iter().enumerate().filter_map(|(kind, span)| {
            let span = span.as_ref()?;
            Some(Rule { within: Some(span), ..rule(KINDS[kind], Some(kind), Count::Unlimited, Some(span)) })
        });
        last.into_iter().chain(counted).chain(within).collect()
    }
}

/// A number for the hour, day, week, month or year of a time; no two of a kind have the same.
fn period(kind: usize, time: jiff::Timestamp) -> i64 {
    let date = time.to_zoned(TimeZone::UTC);
    let year = i64::from(date.year());
    match kind {
        0 => time.as_second().div_euclid(3600),
        1 => time.as_second().div_euclid(86400),
        2 => {
            let week = date.date().iso_week_date();
            i64::from(week.year()) * 100 + i64::from(week.week())
        }
        3 => year * 100 + i64::from(date.month()),
        _ => year,
    }
}

//! A script from its text.

use super::{Change, Finger, Script};
use crate::UnknownName;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

/// A line of a script makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, from 1; for a text without any, 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: ScriptProblem,
}

/// What is wrong with a line of a script. Its message says what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptProblem {
    /// The text has no line but comments.
    Empty,
    /// This is no time.
    Time(String),
    /// The time is earlier than that of the line above.
    GoesBack,
    /// The line says a time, and nothing or an empty part between commas to do then.
    NothingToDo,
    /// The action does not exist.
    Action(UnknownName),
    /// The action does not know this.
    Value {
        /// What was read, with the action.
        given: String,
        /// What the action takes.
        takes: &'static str,
    },
    /// `repeat` stands before the last line or beside other actions, or at the very beginning.
    Repeat,
}

impl fmt::Display for ScriptProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The script is empty. Write a time and what happens then, such as: 0s spo2 97"),
            Self::Time(word) => write!(
                f,
                "{word:?} is not a time. Write it as 8s, 1m30s, 2h or 500ms, a thousand hours at most; +8s counts from \
                 the line above."
            ),
            Self::GoesBack => f.write_str("This is earlier than the line above. Put the lines in the order of time."),
            Self::NothingToDo => {
                f.write_str("Nothing happens here. Write what does behind the time, actions separated by commas.")
            }
            Self::Action(error) => write!(f, "{error}"),
            Self::Value { given, takes } => write!(f, "{given:?} cannot be done. Write {takes}."),
            Self::Repeat => f.write_str("\"repeat\" stands alone in the last line, at a time after 0s."),
        }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}: {}", self.line, self.problem)
    }
}

impl core::error::Error for ScriptError {}

const ACTIONS: [&str; 12] = [
    "spo2",
    "pulse",
    "perfusion",
    "finger",
    "searching",
    "breathing",
    "motion",
    "battery",
    "wander",
    "garbage",
    "silence",
    "unplug",
];

/// So that no sum of times overflows.
const LONGEST: Duration = Duration::from_secs(1_000 * 3_600);

/// A time such as `8s`, `1m30s` or `500ms`.
fn time(word: &str) -> Option<Duration> {
    let (mut rest, mut sum) = (word, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let ms = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        sum = sum.checked_add(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(ms)?))?;
        rest = after;
    }
    Some(sum).filter(|&sum| !word.is_empty() && sum <= LONGEST)
}

/// A number in steps of a unit's `10^-places`; more places than that are refused.
fn number(word: &str, places: usize) -> Option<i32> {
    let (whole, part) = word.split_once('.').unwrap_or((word, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > places || word.ends_with('.') {
        return None;
    }
    let scale = 10_i32.pow(places as u32);
    let part = if part.is_empty() { 0 } else { part.parse::<i32>().ok()? * 10_i32.pow((places - part.len()) as u32) };
    whole.parse::<i32>().ok()?.checked_mul(scale)?.checked_add(part)
}

fn on_or_off(words: &[&str]) -> Option<bool> {
    match words {
        ["on"] => Some(true),
        ["off"] => Some(false),
        _ => None,
    }
}

/// `VALUE` or `VALUE over TIME`.
fn led(words: &[&str], places: usize, low: i32, high: i32) -> Option<(i32, Duration)> {
    let (value, over) = match words {
        [value] => (value, Duration::ZERO),
        [value, "over", over] => (value, time(over)?),
        _ => return None,
    };
    number(value, places).filter(|value| (low..=high).contains(value)).map(|value| (value, over))
}

impl Script {
    fn lead(&mut self, at: Duration, name: &str, words: &[&str]) -> Option<()> {
        let (track, places, low, high) = match name {
            "spo2" => (&mut self.spo2, 1, 10, 1_000),
            "pulse" => (&mut self.pulse, 1, 180, 3_210),
            _ => (&mut self.perfusion, 2, 2, 2_000),
        };
        let (value, over) = led(words, places, low, high)?;
        track.lead(at, value, over);
        Some(())
    }

    /// Takes in one action at `at`.
    fn act(&mut self, at: Duration, action: &str) -> Result<(), ScriptProblem> {
        let mut words = [""; 5];
        let mut count = 0;
        for word in action.split_whitespace() {
            // A word too many is no action's; what stands in its place makes the action refuse it.
            count = (count + 1).min(words.len());
            words[count - 1] = word;
        }
        let Some((&name, words)) = words[..count].split_first() else { return Err(ScriptProblem::NothingToDo) };
        let (done, takes) = match name {
            "spo2" => (self.lead(at, name, words), "spo2 and a % from 1 to 100, such as spo2 97 or spo2 84.5 over 20s"),
            "pulse" => {
                (self.lead(at, name, words), "pulse and beats per minute from 18 to 321, such as pulse 72 over 10s")
            }
            "perfusion" => {
                (self.lead(at, name, words), "perfusion and a % from 0.02 to 20, such as perfusion 0.3 over 5s")
            }
            "finger" => {
                let finger = on_or_out(words);
                (finger.map(|finger| self.change(at, Change::Finger(finger))), "finger on or finger out")
            }
            "searching" => {
                let alone = words.is_empty().then_some(Change::Finger(Finger::Searching));
                (alone.map(|change| self.change(at, change)), "searching alone; finger on ends it")
            }
            "breathing" => (self.switch(at, words, Change::Breathing), "breathing on or breathing off"),
            "motion" => (self.switch(at, words, Change::Motion), "motion on or motion off"),
            "wander" => (self.switch(at, words, Change::Wanders), "wander on or wander off"),
            "garbage" => (self.switch(at, words, Change::Garbage), "garbage on or garbage off"),
            "battery" => {
                let low = match words {
                    ["low"] => Some(true),
                    ["good"] => Some(false),
                    _ => None,
                };
                (low.map(|low| self.change(at, Change::LowBattery(low))), "battery low or battery good")
            }
            "silence" => {
                let lasts = match words {
                    [] => Some(None),
                    [lasts] => time(lasts).map(Some),
                    _ => None,
                };
                (lasts.map(|lasts| self.change(at, Change::Silence(lasts))), "silence 10s, or silence for ever")
            }
            "unplug" => {
                let lasts = if let [lasts] = words { time(lasts).filter(|lasts| !lasts.is_zero()) } else { None };
                (
                    lasts.map(|lasts| self.change(at, Change::Unplug(lasts))),
                    "unplug and for how long, such as unplug 8s",
                )
            }
            "repeat" => return Err(ScriptProblem::Repeat),
            _ => {
                let known = ACTIONS.into_iter().chain(["repeat"]);
                return Err(ScriptProblem::Action(UnknownName::new("word for what happens", name, known)));
            }
        };
        done.ok_or_else(|| ScriptProblem::Value { given: action.trim().to_owned(), takes })
    }

    fn switch(&mut self, at: Duration, words: &[&str], change: fn(bool) -> Change) -> Option<()> {
        on_or_off(words).map(|on| self.change(at, change(on)))
    }

    fn change(&mut self, at: Duration, change: Change) {
        self.changes.push((at, change));
    }
}

fn on_or_out(words: &[&str]) -> Option<Finger> {
    match words {
        ["on"] => Some(Finger::On),
        ["out"] => Some(Finger::Out),
        _ => None,
    }
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut script = Self::QUIET;
        let (mut last, mut empty) = (Duration::ZERO, true);
        for (index, line) in text.lines().enumerate() {
            let fail = |problem| ScriptError { line: index + 1, problem };
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            empty = false;
            if script.period.is_some() {
                return Err(fail(ScriptProblem::Repeat));
            }
            let (word, actions) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let at = match word.strip_prefix('+') {
                Some(span) => time(span).map(|span| last + span).filter(|&at| at <= LONGEST),
                None => time(word),
            };
            let at = at.ok_or_else(|| fail(ScriptProblem::Time(word.to_owned())))?;
            if at < last {
                return Err(fail(ScriptProblem::GoesBack));
            }
            last = at;
            if actions.trim() == "repeat" {
                script.period = Some(at).filter(|at| !at.is_zero());
                if script.period.is_none() {
                    return Err(fail(ScriptProblem::Repeat));
                }
                continue;
            }
            for action in actions.split(',') {
                script.act(at, action).map_err(fail)?;
            }
        }
        if empty { Err(ScriptError { line: 1, problem: ScriptProblem::Empty }) } else { Ok(script) }
    }
}

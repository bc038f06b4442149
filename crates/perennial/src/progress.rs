//! How far it is: a bar on a terminal, a line now and then elsewhere, silence where asked for or where it is quick.

#![expect(
    clippy::disallowed_methods,
    reason = "how long a stage has taken is shown to a person and decides nothing"
)]

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Before this nobody wonders.
const PATIENCE: Duration = Duration::from_millis(800);
/// Between lines where there is no terminal.
const LINES_APART: Duration = Duration::from_secs(10);

/// Progress of a command, on standard error.
pub struct Progress {
    is_silent: bool,
    is_terminal: bool,
    started: Instant,
    last_line: Instant,
    stage: &'static str,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Progress that is shown unless `is_silent`.
    pub fn new(is_silent: bool) -> Progress {
        Progress {
            is_silent,
            is_terminal: std::io::stderr().is_terminal(),
            started: Instant::now(),
            last_line: Instant::now(),
            stage: "",
            bar: None,
        }
    }

    /// Stage `stage` has done `done` of `total` (0: nobody knows), in `rows` rows.
    pub fn at(&mut self, stage: &'static str, done: u64, total: u64, rows: u64) {
        if self.is_silent {
            return;
        }
        if stage != self.stage {
            self.clear();
            self.stage = stage;
            self.started = Instant::now();
        }
        if self.is_terminal && self.started.elapsed() >= PATIENCE {
            self.draw(done, total, rows);
        } else if !self.is_terminal && self.last_line.elapsed() >= LINES_APART {
            self.last_line = Instant::now();
            eprintln!("{}", self.line(done, total, rows));
        }
    }

    fn line(&self, done: u64, total: u64, rows: u64) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let mut line = format!("{}…", self.stage);
        if rows > 0 {
            line += &format!(" {rows} rows, {:.0} rows/s", rows as f64 / seconds);
        }
        if total > 0 && done > 0 {
            let left = seconds * (total.saturating_sub(done)) as f64 / done as f64;
            line += &format!(", {} %, {left:.0} s left", 100 * done / total);
        }
        line
    }

    fn draw(&mut self, done: u64, total: u64, rows: u64) {
        let bar = self.bar.get_or_insert_with(|| {
            let bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::new_spinner() };
            let template = if total > 0 {
                "{prefix} {bar:24} {percent:>3} % {msg}, {eta} left"
            } else {
                "{prefix} {spinner} {msg} {elapsed}"
            };
            bar.set_style(ProgressStyle::with_template(template).expect("a constant template"));
            bar.set_prefix(self.stage);
            bar
        });
        if rows > 0 {
            bar.set_message(format!("{:.0} rows/s", rows as f64 / self.started.elapsed().as_secs_f64()));
        }
        bar.set_position(done);
    }

    /// Take the bar away.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

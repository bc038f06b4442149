//! How a command ends when it does not end well: refused, wrongly used, or failed.

use domain::port::Failure;
use engine::collect::refused::{Refused, Stopped};
use engine::understand::options as understand;
use std::fmt::Write as _;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Ended {
    /// The input is not fit: exit code 1.
    Refused(String),
    /// The command line is wrong in a way the parser cannot see: exit code 2.
    Usage(String),
    /// Disk, database, lake: exit code 3.
    Failed(anyhow::Error),
}

impl Ended {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Ended::Refused(_) => 1,
            Ended::Usage(_) => 2,
            Ended::Failed(_) => 3,
        }
    }

    /// Say it on standard error.
    pub fn print(&self) {
        match self {
            Ended::Refused(text) | Ended::Usage(text) => eprintln!("perennial: {text}"),
            Ended::Failed(error) => {
                let mut text = error.to_string();
                for cause in error.chain().skip(1) {
                    // A failure often repeats its source; each sentence is worth saying once.
                    if !text.contains(&cause.to_string()) {
                        let _ = write!(text, "\n  because {cause}");
                    }
                }
                eprintln!("perennial: {text}");
            }
        }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Ended {
        Ended::Failed(failure.into())
    }
}

impl From<assets::Failure> for Ended {
    fn from(failure: assets::Failure) -> Ended {
        Ended::Failed(failure.into())
    }
}

impl From<Refused> for Ended {
    fn from(refused: Refused) -> Ended {
        Ended::Refused(refused.to_string())
    }
}

impl From<Stopped> for Ended {
    fn from(stopped: Stopped) -> Ended {
        match stopped {
            Stopped::Refused(refused) => refused.into(),
            Stopped::Failed(failure) => failure.into(),
        }
    }
}

impl From<understand::Stopped> for Ended {
    fn from(stopped: understand::Stopped) -> Ended {
        match stopped {
            understand::Stopped::Refused(refused) => Ended::Refused(refused.to_string()),
            understand::Stopped::Failed(failure) => failure.into(),
        }
    }
}

impl From<engine::design::backtest::Stopped> for Ended {
    fn from(stopped: engine::design::backtest::Stopped) -> Ended {
        use engine::design::backtest::Stopped as S;
        match stopped {
            S::Refused(refused) => Ended::Refused(refused.to_string()),
            S::Nothing(refused) => Ended::Refused(refused.to_string()),
            S::Failed(failure) => failure.into(),
        }
    }
}

impl From<engine::people::Stopped> for Ended {
    fn from(stopped: engine::people::Stopped) -> Ended {
        match stopped {
            engine::people::Stopped::Refused(refused) => Ended::Refused(refused.to_string()),
            engine::people::Stopped::Failure(failure) => failure.into(),
        }
    }
}

impl From<store::Error> for Ended {
    fn from(error: store::Error) -> Ended {
        match error {
            store::Error::Refused(refused) => Ended::Refused(refused.to_string()),
            store::Error::Failure(failure) => failure.into(),
        }
    }
}

impl From<store::Failure> for Ended {
    fn from(failure: store::Failure) -> Ended {
        Ended::Failed(failure.into())
    }
}

/// A store's error as a port's failure: for closures handed to the engine.
pub fn as_failure(error: store::Error) -> Failure {
    Failure::because(error.to_string(), error)
}

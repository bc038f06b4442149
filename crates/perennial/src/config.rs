//! Configuration of the server: by flag, environment and file, in this order; and `perennial config show`, which says
//! where each value came from. A secret is never shown.

use crate::args::Common;
use crate::args::door::{ConfigArgs, ConfigCommand, Configured};
use crate::ended::Ended;
use crate::say;
use ipnet::IpNet;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Something that can be configured.
pub struct Setting {
    /// Its name in the file; in the environment it is `PERENNIAL_` and the name in capitals.
    pub name: &'static str,
    /// Where nothing is said.
    pub default: &'static str,
    /// What it is.
    pub about: &'static str,
}

macro_rules! settings {
    ($($name:literal $default:literal $about:literal),* $(,)?) => {
        /// All of them.
        pub const SETTINGS: &[Setting] =
            &[$(Setting { name: $name, default: $default, about: $about }),*];
    };
}

settings! {
    "listen" "127.0.0.1:8080" "where to listen",
    "tls_cert" "" "the chain of certificates, a PEM file; empty: no TLS",
    "tls_key" "" "its private key, a PEM file",
    "pepper_file" "" "what keys are hashed under, 64 hexadecimal digits; empty: pepper in the data folder",
    "attribute_keys_file" "" "keys that seal sensitive attributes, the newest first; empty: attribute-keys in the data folder",
    "country" "VN" "how telephone numbers without a country are read",
    "body_bytes" "1048576" "the largest body, after decompression",
    "json_depth" "32" "how deep a JSON body may be",
    "request_seconds" "30" "how long a request may take",
    "header_seconds" "10" "how long a client may take for headers and handshake",
    "end_seconds" "30" "how long what is under way is waited for at the end",
    "requests" "4096" "how many requests may be under way",
    "connections" "20000" "how many connections may be open",
    "readers" "16" "how many may read the database at once",
    "per_second" "1000" "how many requests a second a key may send",
    "burst" "2000" "how many it may send at once",
    "work" "auto" "scheduled work within the server: yes, no, or auto: yes on a file, no on PostgreSQL",
    "oidc_issuer" "" "who says who staff are (OpenID Connect), as https://login.example; empty: nobody",
    "oidc_client_id" "" "as whom we are known there",
    "oidc_secret_file" "" "a file with our secret there; empty: none",
    "public_url" "" "where browsers find this server, as https://shop.example",
    "smtp" "" "the mail server that sends reports, as smtps://NAME@mail.example; empty: none are sent",
    "smtp_password_file" "" "a file with the password of that name; empty: none",
    "smtp_from" "" "whose letters they are, as Corner Shop <shop@corner.example>",
    "webhook_inside" "" "networks beside the public one that webhooks may go to, as 10.1.0.0/16, with commas between",
    "till_bills" "6" "from how many bills of one card at one till in a day an alert is given",
    "till_unproven" "20" "from how many times of spending points at one till in a day without a proof",
    "open_hours" "" "when the shop is open, as 07:00-22:00; what is recorded outside is at an odd hour; empty: always",
    "traces" "" "where spans are sent, OTLP over HTTP, as http://localhost:4318; empty: nowhere",
    "traces_percent" "100" "of how many of a hundred requests that come without a trace of their own",
    "log" "info" "what is logged: error, warn, info, debug",
    "log_format" "text" "text or json",
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// A flag.
    Flag,
    /// A variable of the environment.
    Environment(String),
    /// A file.
    File(String),
    /// Nobody said anything.
    Default,
}

/// Values with where they came from.
#[derive(Debug)]
pub struct Config(BTreeMap<&'static str, (String, From)>);

impl Config {
    /// Gather what was said. A file that names something unknown is refused, so that a misspelt name is not overlooked.
    pub fn gather(common: &Common, said: &Configured) -> Result<Config, Ended> {
        Config::of(common, said, &|name| std::env::var(name).ok())
    }

    fn of(
        common: &Common,
        said: &Configured,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Config, Ended> {
        let usual = common.data.join("perennial.toml");
        let file = match &said.config {
            Some(path) => Some(path.clone()),
            None => usual.exists().then_some(usual),
        };
        let in_file = file.as_deref().map(read).transpose()?.unwrap_or_default();
        let flags = flags(said)?;
        let mut all = BTreeMap::new();
        for setting in SETTINGS {
            let variable = format!("PERENNIAL_{}", setting.name.to_uppercase());
            let value = if let Some(value) = flags.get(setting.name) {
                (value.clone(), From::Flag)
            } else if let Some(value) = environment(&variable) {
                (value, From::Environment(variable))
            } else if let Some(value) = in_file.get(setting.name) {
                let path = file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
                (value.clone(), From::File(path))
            } else {
                (setting.default.to_owned(), From::Default)
            };
            all.insert(setting.name, value);
        }
        Ok(Config(all))
    }

    /// A value as text.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |(value, _)| value)
    }

    /// A path, where one is named.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(PathBuf::from)
    }

    /// A whole number above zero.
    pub fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<T, Ended> {
        let text = self.text(name);
        let number = text.parse::<u64>().ok().filter(|number| *number > 0);
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let from = self.from(name);
            Ended::Refused(format!("{name} is '{text}' ({from}), and must be a whole number above zero"))
        })
    }

    /// Networks with commas between.
    pub fn networks(&self, name: &str) -> Result<Vec<IpNet>, Ended> {
        let words = self.text(name).split(',').map(str::trim).filter(|word| !word.is_empty());
        let read = |word: &str| {
            // One address is a network of one.
            let alone = word.parse::<IpAddr>().map(IpNet::from);
            word.parse::<IpNet>().or(alone).map_err(|_| {
                let from = self.from(name);
                Ended::Refused(format!("{name} has '{word}' ({from}), and takes networks as 10.1.0.0/16"))
            })
        };
        words.map(read).collect()
    }

    fn from(&self, name: &str) -> String {
        match self.0.get(name).map(|(_, from)| from) {
            Some(From::Flag) => "flag".to_owned(),
            Some(From::Environment(variable)) => format!("environment {variable}"),
            Some(From::File(path)) => format!("file {path}"),
            Some(From::Default) | None => "default".to_owned(),
        }
    }
}

fn flags(said: &Configured) -> Result<BTreeMap<String, String>, Ended> {
    let mut flags = BTreeMap::new();
    for pair in &said.set {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Ended::Usage(format!("--set {pair}: write it as --set name=value")));
        };
        known(name, "--set")?;
        flags.insert(name.to_owned(), value.to_owned());
    }
    if let Some(listen) = &said.listen {
        flags.insert("listen".to_owned(), listen.clone());
    }
    Ok(flags)
}

fn known(name: &str, place: &str) -> Result<(), Ended> {
    if SETTINGS.iter().any(|setting| setting.name == name) {
        return Ok(());
    }
    let all: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    Err(Ended::Refused(format!("{place}: there is no setting '{name}'; there are {}", all.join(", "))))
}

fn read(path: &Path) -> Result<BTreeMap<String, String>, Ended> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Ended::Refused(format!("{shown} cannot be read: {error}")))?;
    let table: toml::Table =
        text.parse().map_err(|error| Ended::Refused(format!("{shown} is no TOML: {error}")))?;
    let mut values = BTreeMap::new();
    for (name, value) in table {
        known(&name, &shown.to_string())?;
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            other => {
                let kind = other.type_str();
                return Err(Ended::Refused(format!("{shown}: {name} is a {kind}; write a text or a number")));
            }
        };
        values.insert(name, value);
    }
    Ok(values)
}

/// `perennial config`
pub fn run(common: &Common, args: &ConfigArgs) -> Result<(), Ended> {
    let ConfigCommand::Show(said) = &args.command;
    let config = Config::gather(common, said)?;
    let rows: Vec<_> = SETTINGS
        .iter()
        .map(|setting| (setting, open_text(config.text(setting.name)), config.from(setting.name)))
        .collect();
    let document: Vec<_> = rows
        .iter()
        .map(|(setting, value, from)| json!({"name": setting.name, "value": value, "from": from, "about": setting.about}))
        .collect();
    say::result(common, &json!({ "settings": document }), || {
        let lines = rows.iter().map(|(setting, value, from)| {
            let value = if value.is_empty() { "-" } else { value.as_str() };
            format!("{:<16} {value:<24} {from:<28} {}\n", setting.name, setting.about)
        });
        lines.collect()
    })
}

/// A value as it may be shown: the password in a URL is not, whatever letters are in it.
fn open_text(value: &str) -> String {
    let hidden = || {
        let (scheme, rest) = value.split_once("://")?;
        let (who, host) = rest.rsplit_once('@')?;
        let (name, _) = who.split_once(':')?;
        Some(format!("{scheme}://{name}:…@{host}"))
    };
    hidden().unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::Parser;

    fn common(folder: &Path) -> Common {
        let data = folder.display().to_string();
        Args::parse_from(["perennial", "--data", &data, "config", "show"]).common
    }

    #[test]
    fn flags_win_over_environment_over_file_over_default() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("perennial.toml"), "listen = 'a'\nburst = 7\nlog = 'warn'\n")
            .unwrap();
        let said = Configured { listen: None, config: None, set: vec!["log=debug".into()] };
        let environment = |name: &str| (name == "PERENNIAL_BURST").then(|| "8".to_owned());
        let config = Config::of(&common(folder.path()), &said, &environment).unwrap();
        let from = |name: &str| {
            (config.text(name).to_owned(), config.from(name).split(' ').next().unwrap().to_owned())
        };
        assert_eq!(from("log"), ("debug".into(), "flag".into()));
        assert_eq!(from("burst"), ("8".into(), "environment".into()));
        assert_eq!(from("listen"), ("a".into(), "file".into()));
        assert_eq!(from("per_second"), ("1000".into(), "default".into()));
    }

    #[test]
    fn a_password_is_not_shown() {
        for (value, shown) in [
            ("smtps://ana:se:c@r/et@mail.example:465", "smtps://ana:…@mail.example:465"),
            ("smtps://ana@mail.example", "smtps://ana@mail.example"),
            ("http://localhost:4318", "http://localhost:4318"),
            ("07:00-22:00", "07:00-22:00"),
        ] {
            assert_eq!(open_text(value), shown);
        }
    }

    #[test]
    fn what_is_misspelt_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("perennial.toml"), "lisen = 'a'\n").unwrap();
        let said = Configured { listen: None, config: None, set: vec![] };
        let error = Config::of(&common(folder.path()), &said, &|_| None).unwrap_err();
        assert!(matches!(&error, Ended::Refused(text) if text.contains("no setting 'lisen'")), "{error:?}");
    }
}

//! The command line of the server: serving, keys, configuration.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

/// Where the server's configuration comes from.
#[derive(Debug, Clone, ClapArgs)]
pub struct Configured {
    /// Where to listen, such as 0.0.0.0:8080.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// A file of settings, if not perennial.toml in the data folder.
    #[arg(long, value_name = "FILE", env = "PERENNIAL_CONFIG")]
    pub config: Option<PathBuf>,
    /// One setting: --set burst=500. `perennial config show` lists them all.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// `serve`
#[derive(Debug, ClapArgs)]
pub struct Serve {
    /// How.
    #[command(flatten)]
    pub configured: Configured,
    /// A program to install before the door opens: a folder of TOML files.
    #[arg(long, value_name = "DIR")]
    pub program: Option<PathBuf>,
}

/// `config`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show every setting, its value, and where the value came from.
    Show(Configured),
}

/// `key`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it, once. Works beside a running server.
    Create(KeyCreate),
    /// List all keys, without their secrets.
    List,
    /// Revoke a key: it opens nothing any more, within seconds.
    Revoke {
        /// Its id, as `perennial key list` shows it.
        id: String,
    },
}

/// `attribute`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct AttributeArgs {
    /// How.
    #[command(flatten)]
    pub configured: Configured,
    /// What to do.
    #[command(subcommand)]
    pub command: AttributeCommand,
}

/// What can be done with attributes.
#[derive(Debug, Subcommand)]
pub enum AttributeCommand {
    /// List them: what each holds, and whether it is sensitive.
    List,
    /// Say what one holds, best before anybody has it.
    Define(AttributeDefine),
    /// Seal everything sensitive under the newest key.
    Reseal(AttributeReseal),
}

/// `attribute define`
#[derive(Debug, ClapArgs)]
pub struct AttributeDefine {
    /// Its name, such as allergy.
    pub name: String,
    /// number, text, day or flag.
    pub kind: String,
    /// It is sensitive: what customers have of it is kept sealed, from now on and for good.
    #[arg(long)]
    pub sensitive: bool,
}

/// `attribute reseal`
#[derive(Debug, ClapArgs)]
pub struct AttributeReseal {
    /// Make a new key first, before those in the file.
    #[arg(long)]
    pub new_key: bool,
}

/// `key create`
#[derive(Debug, ClapArgs)]
pub struct KeyCreate {
    /// What people call it, such as "till north 1".
    pub name: String,
    /// What it may do: a purpose (till, shop, app, intake, page, analyst, owner) or scopes such as points:read.
    #[arg(long = "for", value_name = "PURPOSE", required = true, value_delimiter = ',')]
    pub purpose: Vec<String>,
    /// Whose ids it speaks of; without, it may name any.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub source: String,
    /// How many days it is in force; without, until it is revoked.
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    /// Where the server's configuration comes from.
    #[command(flatten)]
    pub configured: Configured,
}

/// `staff`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct StaffArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: StaffCommand,
}

/// What can be done with staff.
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Ask somebody in and print the invitation, once. Works beside a running server.
    Invite(StaffInvite),
    /// Invite somebody anew: the invitation was lost, or the telephone.
    Reinvite {
        /// Their id, as `perennial staff list` shows it.
        id: String,
        /// Where the server's configuration comes from.
        #[command(flatten)]
        configured: Configured,
    },
    /// List everybody who works or worked here.
    List,
    /// Let somebody do nothing any more.
    Disable {
        /// Their id, as `perennial staff list` shows it.
        id: String,
    },
}

/// `staff invite`
#[derive(Debug, ClapArgs)]
pub struct StaffInvite {
    /// Their address.
    pub email: String,
    /// Their name.
    #[arg(long)]
    pub name: String,
    /// What they may do: owner, marketer, analyst, service, till, auditor.
    #[arg(long)]
    pub role: String,
    /// Where the server's configuration comes from.
    #[command(flatten)]
    pub configured: Configured,
}

/// `webhook`
#[derive(Debug, ClapArgs)]
#[command(disable_help_subcommand = true)]
pub struct WebhookArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: WebhookCommand,
    /// Where the server's configuration comes from.
    #[command(flatten)]
    pub configured: Configured,
}

/// What can be done with webhooks. All of it works beside a running server, which sends.
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    /// Tell an address of what happens, and print the secret that signs, once.
    Create(WebhookCreate),
    /// List who is told, and how it goes.
    List,
    /// List what can be told.
    Topics,
    /// Show what a webhook was told and how it went, newest first.
    Log(WebhookLog),
    /// Send a test.
    Test {
        /// Its id, as `perennial webhook list` shows it.
        id: String,
    },
    /// Give it a new secret, print it, and let the one before sign as well for a while.
    Rotate(WebhookRotate),
    /// Let what it is to be told wait.
    Pause {
        /// Its id.
        id: String,
    },
    /// Put it on again: what waits is tried at once.
    Resume {
        /// Its id.
        id: String,
    },
    /// Tell it again what was given up, or what had arrived, since an instant.
    Replay(WebhookReplay),
    /// Tell it no more, and forget what it was told.
    Delete {
        /// Its id.
        id: String,
    },
}

/// `webhook create`
#[derive(Debug, ClapArgs)]
pub struct WebhookCreate {
    /// Where, such as https://shop.example/perennial.
    pub url: String,
    /// Of what: topics, groups as 'points.*', or '*' for all.
    #[arg(long, value_name = "TOPIC", required = true, value_delimiter = ',')]
    pub topic: Vec<String>,
}

/// `webhook log`
#[derive(Debug, ClapArgs)]
pub struct WebhookLog {
    /// Its id, as `perennial webhook list` shows it.
    pub id: String,
    /// Only what is waiting, done, or dead.
    #[arg(long, value_name = "STATE", default_value = "")]
    pub state: String,
}

/// `webhook rotate`
#[derive(Debug, ClapArgs)]
pub struct WebhookRotate {
    /// Its id.
    pub id: String,
    /// For how many hours the one before signs as well.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub overlap: i64,
}

/// `webhook replay`
#[derive(Debug, ClapArgs)]
pub struct WebhookReplay {
    /// Its id.
    pub id: String,
    /// From this instant on, as 2026-03-01T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub since: jiff::Timestamp,
    /// dead: what was given up; done: what had arrived.
    #[arg(long, value_name = "STATE", default_value = "dead", value_parser = ["dead", "done"])]
    pub state: String,
}

//! The one table of what each role may do. Whoever offers an operation asks [`may`]; nothing else decides.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What somebody is in the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Whose shop it is: everything.
    Owner,
    /// Programs, segments and reports; not who a customer is beyond what that needs, nor keys.
    Marketer,
    /// Numbers, never persons.
    Analyst,
    /// Helps customers: their data, their points, their returns.
    Service,
    /// A till and whoever stands at it.
    Till,
    /// Reads what happened and who did it, changes nothing.
    Auditor,
}

impl Role {
    /// All of them, in the order of the table's columns.
    pub const ALL: [Role; 6] =
        [Role::Owner, Role::Marketer, Role::Analyst, Role::Service, Role::Till, Role::Auditor];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Marketer => "marketer",
            Role::Analyst => "analyst",
            Role::Service => "service",
            Role::Till => "till",
            Role::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a text is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no role: expected owner, marketer, analyst, service, till or auditor")]
pub struct NoRole(pub String);

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Role, NoRole> {
        Role::ALL.into_iter().find(|role| role.word() == text).ok_or_else(|| NoRole(text.to_owned()))
    }
}

macro_rules! operations {
    ($($(#[doc = $about:literal])* $name:ident $word:literal [$($may:literal)*])*) => {
        /// Something that can be done, with a word for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation {
            $($(#[doc = $about])* $name,)*
        }

        impl Operation {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Operation] = &[$(Operation::$name),*];

            /// The word for it, as in the audit and in messages.
            pub fn word(self) -> &'static str {
                match self { $(Operation::$name => $word),* }
            }

            /// What it is, in a sentence.
            pub fn about(self) -> &'static str {
                match self { $(Operation::$name => concat!($($about),*)),* }
            }

            /// The row of the table: 1 where the role of that column may.
            fn row(self) -> [u8; Role::ALL.len()] {
                match self { $(Operation::$name => [$($may),*]),* }
            }
        }
    };
}

operations! {
    //                                   owner  marketer  analyst  service  till  auditor
    /// Find a customer and see who it is, what they have and what they did.
    ReadCustomers "customers.read"         [1      1         0        1        1      0]
    /// Enrol a customer; change names, identifiers, tags and attributes.
    WriteCustomers "customers.write"       [1      0         0        1        1      0]
    /// Say that two customers are one person, or that they are not.
    MergeCustomers "customers.merge"       [1      0         0        1        0      0]
    /// Hand one person's data out.
    ExportCustomers "customers.export"     [1      0         0        1        0      0]
    /// Forget a person.
    EraseCustomers "customers.erase"       [1      0         0        1        0      0]
    /// Keep what a person has agreed to, or has withdrawn.
    WriteConsents "consents.write"         [1      0         0        1        1      0]
    /// Record orders, returns, events and feedback.
    RecordOrders "orders.record"           [1      0         0        1        1      0]
    /// Send what happens on a web page, with a key that anybody can read there: visits, never orders.
    SendEvents "events.send"               [1      0         0        0        0      0]
    /// Preview a basket; hold, spend, give back and release points and vouchers for a member who is there.
    SpendPoints "points.spend"             [1      0         0        1        1      0]
    /// Give or take points by hand, with a reason.
    AdjustPoints "points.adjust"           [1      0         0        1        0      0]
    /// Make codes that are worth something.
    GenerateVouchers "vouchers.generate"   [1      1         0        0        0      0]
    /// See entries of the ledger and why they are what they are.
    ReadLedger "ledger.read"               [1      0         1        1        0      1]
    /// See programs, their versions, rewards and words.
    ReadPrograms "programs.read"           [1      1         1        1        1      1]
    /// Draft a program and see what it would change.
    PlanPrograms "programs.plan"           [1      1         1        0        0      0]
    /// Put a version of a program in force.
    ApplyPrograms "programs.apply"         [1      0         0        0        0      0]
    /// See segments and how many are in them.
    ReadSegments "segments.read"           [1      1         1        0        0      0]
    /// Make and change segments.
    WriteSegments "segments.write"         [1      1         1        0        0      0]
    /// See reports and ask the relations: numbers, no persons.
    ReadReports "reports.read"             [1      1         1        0        0      1]
    /// Take lists of customers out, with what is known of them.
    ExportLists "exports.write"            [1      1         0        0        0      0]
    /// Bring files in.
    ImportFiles "imports.write"            [1      0         1        0        0      0]
    /// See what waits, what failed and why.
    ReadJobs "jobs.read"                   [1      0         0        0        0      1]
    /// Try what failed again.
    ReplayJobs "jobs.replay"               [1      0         0        0        0      0]
    /// Say who is told of what happens, and see whether it arrived.
    ManageWebhooks "webhooks.manage"       [1      0         0        0        0      0]
    /// Make and revoke keys of tills, shops and apps.
    ManageKeys "keys.manage"               [1      0         0        0        0      0]
    /// See who works here.
    ReadStaff "staff.read"                 [1      0         0        0        0      1]
    /// Invite people, change what they may do, take it away.
    ManageStaff "staff.manage"             [1      0         0        0        0      0]
    /// See who changed what.
    ReadAudit "audit.read"                 [1      0         0        0        0      1]
    /// Change settings of the shop.
    ManageSettings "settings.manage"       [1      0         0        0        0      0]
    /// Prove the record, look whether everything is in order.
    Verify "system.verify"                 [1      0         0        0        0      1]
    /// Take a backup out.
    Backup "system.backup"                 [1      0         0        0        0      0]
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a text is no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is nothing that can be allowed")]
pub struct NoOperation(pub String);

impl FromStr for Operation {
    type Err = NoOperation;

    fn from_str(text: &str) -> Result<Operation, NoOperation> {
        let found = Operation::ALL.iter().find(|operation| operation.word() == text);
        found.copied().ok_or_else(|| NoOperation(text.to_owned()))
    }
}

/// Whether a role may do something.
pub fn may(role: Role, operation: Operation) -> bool {
    operation.row()[role as usize] == 1
}

/// Somebody may not do what they asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} is not for the role {role}; it is for: {}", .allowed.join(", "))]
pub struct NotAllowed {
    /// What they are.
    pub role: Role,
    /// What they asked for.
    pub operation: Operation,
    /// The roles that may.
    pub allowed: Vec<&'static str>,
}

/// That a role may do something, or why not.
pub fn require(role: Role, operation: Operation) -> Result<(), NotAllowed> {
    if may(role, operation) {
        return Ok(());
    }
    let allowed = Role::ALL.into_iter().filter(|role| may(*role, operation)).map(Role::word).collect();
    Err(NotAllowed { role, operation, allowed })
}

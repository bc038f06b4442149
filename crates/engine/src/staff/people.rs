//! People who work in the shop: invited, given a role, given another, shown out.

use super::actor::Actor;
use super::audit::{Change, append};
use super::permissions::{NotAllowed, Operation, Role};
use domain::{Id, Kind};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{Failure, Session, StaffRow, Writing};

/// Somebody who works here, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StaffMember {
    /// Ours, `stf_…`.
    pub id: String,
    /// In lower case; one person each.
    pub email: String,
    /// As they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Who asked them in.
    pub invited_by: String,
    /// When.
    pub invited_at: Timestamp,
    /// Since when they have been able to sign in.
    pub joined_at: Option<Timestamp>,
    /// Since when they may do nothing any more.
    pub disabled_at: Option<Timestamp>,
}

impl StaffMember {
    /// Whether they may do anything.
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// As one who asks.
    pub fn actor(&self) -> Actor {
        Actor::new(&self.id, self.role)
    }
}

/// Why somebody was not invited or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not for them to do.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// No address mail could go to.
    #[error("'{0}' is no e-mail address")]
    NotAnAddress(String),
    /// Nobody is called nothing.
    #[error("a name has 1 to 200 characters")]
    NotAName,
    /// One person, one address.
    #[error("{0} works here already, or did: change the role, or enable them again")]
    Taken(String),
    /// Nobody has that id.
    #[error("nobody of the staff has the id {0}")]
    Unknown(String),
    /// A shop without an owner could never get one again.
    #[error("{0} is the last owner: make somebody else an owner first")]
    LastOwner(String),
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// See [`Refused`].
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database said no.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<NotAllowed> for Stopped {
    fn from(refused: NotAllowed) -> Stopped {
        Stopped::Refused(refused.into())
    }
}

/// Somebody to ask in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Where to reach them; in any case.
    pub email: String,
    /// As they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// Who asks, when, and chance for ids and salts.
pub struct Asking<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// When.
    pub now: Timestamp,
    /// 128 bits of chance, new each time.
    pub chance: &'a mut dyn FnMut() -> u128,
}

/// Ask somebody in. They can sign in once they have [`join`]ed.
pub fn invite(
    session: &mut Session,
    asking: &mut Asking<'_>,
    invitation: &Invitation,
) -> Result<StaffMember, Stopped> {
    asking.actor.require(Operation::ManageStaff)?;
    let email = address(&invitation.email)?;
    let name = invitation.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Refused::NotAName.into());
    }
    let id = Id::new(Kind::Staff, asking.now.as_millisecond().max(0) as u64, (asking.chance)());
    let row = StaffRow {
        staff_id: id.to_string(),
        email,
        name: name.to_owned(),
        role: invitation.role.word().to_owned(),
        invited_by: asking.actor.id.clone(),
        invited_at: asking.now.as_microsecond(),
        joined_at: None,
        disabled_at: None,
    };
    session.write(|writing| {
        writing.lock_staff()?;
        if writing.find_staff_by_email(&row.email)?.is_some() {
            return Err(Refused::Taken(row.email.clone()).into());
        }
        writing.insert_staff(&row)?;
        told(writing, asking, &row.staff_id, Value::Null, shown(&row))?;
        Ok(member(row)?)
    })
}

/// Everybody who works or worked here.
pub fn list(reading: &Writing<'_>) -> Result<Vec<StaffMember>, Failure> {
    reading.list_staff()?.into_iter().map(member).collect()
}

/// Somebody by id.
pub fn find(reading: &Writing<'_>, id: &str) -> Result<Option<StaffMember>, Failure> {
    reading.find_staff(id)?.map(member).transpose()
}

/// Somebody by address.
pub fn find_by_email(reading: &Writing<'_>, email: &str) -> Result<Option<StaffMember>, Failure> {
    let Ok(email) = address(email) else { return Ok(None) };
    reading.find_staff_by_email(&email)?.map(member).transpose()
}

/// Give somebody another role.
pub fn set_role(
    session: &mut Session,
    asking: &mut Asking<'_>,
    id: &str,
    role: Role,
) -> Result<StaffMember, Stopped> {
    asking.actor.require(Operation::ManageStaff)?;
    change(session, asking, id, |row| row.role = role.word().to_owned())
}

/// Let somebody do nothing any more. Their name stays with what they did.
pub fn disable(session: &mut Session, asking: &mut Asking<'_>, id: &str) -> Result<StaffMember, Stopped> {
    asking.actor.require(Operation::ManageStaff)?;
    let now = asking.now.as_microsecond();
    change(session, asking, id, |row| {
        row.disabled_at.get_or_insert(now);
    })
}

/// Let somebody in again.
pub fn enable(session: &mut Session, asking: &mut Asking<'_>, id: &str) -> Result<StaffMember, Stopped> {
    asking.actor.require(Operation::ManageStaff)?;
    change(session, asking, id, |row| row.disabled_at = None)
}

/// Somebody has taken the invitation: from now on they can sign in. The actor is they themselves.
pub fn join(session: &mut Session, asking: &mut Asking<'_>, id: &str) -> Result<StaffMember, Stopped> {
    let now = asking.now.as_microsecond();
    change(session, asking, id, |row| {
        row.joined_at.get_or_insert(now);
    })
}

/// Change a row, unless that leaves the shop without an owner.
fn change(
    session: &mut Session,
    asking: &mut Asking<'_>,
    id: &str,
    edit: impl FnOnce(&mut StaffRow),
) -> Result<StaffMember, Stopped> {
    session.write(|writing| {
        let all = writing.lock_staff()?;
        let Some(before) = all.iter().find(|row| row.staff_id == id) else {
            return Err(Refused::Unknown(id.to_owned()).into());
        };
        let mut after = before.clone();
        edit(&mut after);
        if after == *before {
            return Ok(member(after)?);
        }
        let others = all.iter().any(|row| row.staff_id != id && is_owner(row));
        if is_owner(before) && !is_owner(&after) && !others {
            return Err(Refused::LastOwner(before.email.clone()).into());
        }
        writing.update_staff(&after)?;
        told(writing, asking, id, shown(before), shown(&after))?;
        Ok(member(after)?)
    })
}

fn is_owner(row: &StaffRow) -> bool {
    row.role == Role::Owner.word() && row.disabled_at.is_none()
}

fn told(
    writing: &Writing<'_>,
    asking: &mut Asking<'_>,
    id: &str,
    before: Value,
    after: Value,
) -> Result<(), Failure> {
    let change = Change {
        actor: asking.actor.clone(),
        operation: Operation::ManageStaff,
        kind: "staff",
        subject: id.to_owned(),
        before,
        after,
        salt: (asking.chance)(),
    };
    append(writing, asking.now, &[change])
}

fn shown(row: &StaffRow) -> Value {
    json!({
        "email": row.email, "name": row.name, "role": row.role,
        "has_joined": row.joined_at.is_some(), "is_disabled": row.disabled_at.is_some(),
    })
}

fn member(row: StaffRow) -> Result<StaffMember, Failure> {
    let instant = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or_default();
    let role = row.role.parse().map_err(|error: super::permissions::NoRole| Failure::Damaged {
        path: format!("staff {}", row.staff_id),
        detail: error.to_string(),
    })?;
    Ok(StaffMember {
        id: row.staff_id,
        email: row.email,
        name: row.name,
        role,
        invited_by: row.invited_by,
        invited_at: instant(row.invited_at),
        joined_at: row.joined_at.map(instant),
        disabled_at: row.disabled_at.map(instant),
    })
}

/// An address in lower case: one sign `@` with something on both sides, no blanks. More only the mail can tell.
fn address(text: &str) -> Result<String, Refused> {
    let folded = text.trim().to_lowercase();
    let is_plain =
        folded.len() <= 254 && !folded.chars().any(|sign| sign.is_whitespace() || sign.is_control());
    match folded.split_once('@') {
        Some((name, host)) if is_plain && !name.is_empty() && !host.is_empty() && !host.contains('@') => {
            Ok(folded)
        }
        _ => Err(Refused::NotAnAddress(text.to_owned())),
    }
}

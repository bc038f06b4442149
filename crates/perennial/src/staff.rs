//! `perennial staff`: who works here, beside a running server or without one.

use crate::args::Common;
use crate::args::door::{Configured, StaffArgs, StaffCommand, StaffInvite};
use crate::config::Config;
use crate::ended::Ended;
use crate::home::{chance, now_micros};
use crate::key::{fill, pepper, session};
use crate::say;
use engine::record::view;
use engine::staff::actor::Actor;
use engine::staff::people::{self, Asking, Invitation, StaffMember, Stopped};
use engine::staff::permissions::{NoRole, Role};
use serde_json::json;
use server::sign_in;
use store::Session;

/// `perennial staff`
pub fn run(common: &Common, args: &StaffArgs) -> Result<(), Ended> {
    match &args.command {
        StaffCommand::Invite(invite) => ask_in(common, invite),
        StaffCommand::Reinvite { id, configured } => ask_again(common, id, configured),
        StaffCommand::List => list(common),
        StaffCommand::Disable { id } => disable(common, id),
    }
}

fn ended(stopped: Stopped) -> Ended {
    match stopped {
        Stopped::Refused(refused) => Ended::Refused(refused.to_string()),
        Stopped::Failure(failure) => failure.into(),
    }
}

fn ask_in(common: &Common, invite: &StaffInvite) -> Result<(), Ended> {
    let role: Role = invite.role.parse().map_err(|no: NoRole| Ended::Refused(no.to_string()))?;
    let invitation = Invitation { email: invite.email.clone(), name: invite.name.clone(), role };
    let mut session = session(common)?;
    let member = with(|asking| people::invite(&mut session, asking, &invitation))?;
    give(common, &mut session, &member, &invite.configured)
}

fn ask_again(common: &Common, id: &str, configured: &Configured) -> Result<(), Ended> {
    let mut session = session(common)?;
    let found = people::find(&session.read(), id)?;
    let member = found.ok_or_else(|| Ended::Refused(format!("nobody of the staff has the id {id}")))?;
    give(common, &mut session, &member, configured)
}

/// Make an invitation and print it.
fn give(
    common: &Common,
    session: &mut Session,
    member: &StaffMember,
    said: &Configured,
) -> Result<(), Ended> {
    let pepper = pepper(common, &Config::gather(common, said)?)?;
    let (token, hash) = sign_in::invitation(&pepper, &fill);
    let now = now_micros();
    let kept = session.write(|writing| sign_in::keep_invitation(writing, &member.id, hash, now));
    kept.map_err(|problem| Ended::Failed(anyhow::anyhow!(problem.secret.unwrap_or(problem.detail))))?;
    let document = json!({"id": member.id, "email": member.email, "role": member.role, "invitation": token});
    say::result(common, &document, || {
        format!("{} may set a password within seven days, with this invitation:\n{token}\n", member.email)
    })
}

fn list(common: &Common) -> Result<(), Ended> {
    let all = people::list(&session(common)?.read())?;
    say::result(common, &json!({ "staff": all }), || {
        let state = |member: &StaffMember| match (member.disabled_at, member.joined_at) {
            (Some(_), _) => "shown out",
            (_, Some(_)) => "active",
            _ => "invited",
        };
        let lines = all.iter().map(|member| {
            format!(
                "{}  {:<10} {:<10} {} <{}>\n",
                member.id,
                member.role.word(),
                state(member),
                member.name,
                member.email
            )
        });
        lines.collect()
    })
}

fn disable(common: &Common, id: &str) -> Result<(), Ended> {
    let mut session = session(common)?;
    let member = with(|asking| people::disable(&mut session, asking, id))?;
    let now = now_micros();
    session.write(|writing| writing.end_staff_sessions(id, now))?;
    say::result(common, &json!({"id": id, "is_active": false}), || {
        format!("{} may do nothing any more\n", member.email)
    })
}

/// Whoever has the machine asks.
fn with(work: impl FnOnce(&mut Asking<'_>) -> Result<StaffMember, Stopped>) -> Result<StaffMember, Ended> {
    let mut chance = chance;
    let asking = &mut Asking { actor: &Actor::shell(), now: view::at(now_micros()), chance: &mut chance };
    work(asking).map_err(ended)
}

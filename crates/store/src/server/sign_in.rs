//! How staff prove who they are, and the sessions they have. What makes a proof is the server's business.

use crate::db::Row;
use crate::failure::Failure;
use crate::record::Writing;

/// How somebody proves who they are. Times are microseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialRow {
    /// Whose.
    pub staff_id: String,
    /// A slow hash of the password; none until the invitation is taken.
    pub password: Option<String>,
    /// The secret of the second factor, sealed.
    pub totp: Option<String>,
    /// The last step of the second factor that was used: none is used twice.
    pub totp_step: i64,
    /// Hashes of the recovery codes that are left, as JSON.
    pub recovery: String,
    /// Wrong tries in a row.
    pub failures: i64,
    /// Until when no try counts.
    pub locked_until: Option<i64>,
    /// The hash of an invitation that is open.
    pub invite_hash: Option<[u8; 32]>,
    /// Until when it is.
    pub invite_until: Option<i64>,
    /// When any of it last changed.
    pub changed_at: i64,
}

/// A session of somebody who has signed in. The token is not in it, only its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSessionRow {
    /// The hash of the token.
    pub hash: [u8; 32],
    /// Whose.
    pub staff_id: String,
    /// What a page must send back with every change.
    pub csrf: String,
    /// The browser, as it calls itself.
    pub agent: String,
    /// When they signed in.
    pub created_at: i64,
    /// When the token was last changed.
    pub rotated_at: i64,
    /// When it was last used, to the minute.
    pub seen_at: i64,
    /// When it ends.
    pub ends_at: i64,
}

const CREDENTIAL: &str =
    "select staff_id, password, totp, totp_step, recovery, failures, locked_until, invite_hash,
    invite_until, changed_at from credential";
const SESSION: &str =
    "select hash, staff_id, csrf, agent, created_at, rotated_at, seen_at, ends_at from staff_session";

fn credential(row: &Row<'_>) -> Result<CredentialRow, Failure> {
    Ok(CredentialRow {
        staff_id: row.string(0)?,
        password: row.maybe_string(1)?,
        totp: row.maybe_string(2)?,
        totp_step: row.int(3)?,
        recovery: row.string(4)?,
        failures: row.int(5)?,
        locked_until: row.maybe_int(6)?,
        // A hash is there as long as its end is.
        invite_hash: row.maybe_int(8)?.map(|_| row.hash(7)).transpose()?,
        invite_until: row.maybe_int(8)?,
        changed_at: row.int(9)?,
    })
}

impl Writing<'_> {
    /// How somebody proves who they are, locked until the transaction ends.
    pub fn lock_credential(&self, staff_id: &str) -> Result<Option<CredentialRow>, Failure> {
        self.db.first(&format!("{CREDENTIAL} where staff_id = $1 for update"), &[staff_id.into()], credential)
    }

    /// How somebody proves who they are.
    pub fn find_credential(&self, staff_id: &str) -> Result<Option<CredentialRow>, Failure> {
        self.db.first(&format!("{CREDENTIAL} where staff_id = $1"), &[staff_id.into()], credential)
    }

    /// Who was invited by this hash.
    pub fn find_invitation(&self, hash: &[u8; 32]) -> Result<Option<CredentialRow>, Failure> {
        let sql = format!("{CREDENTIAL} where invite_hash = $1 and invite_until is not null");
        self.db.first(&sql, &[hash.as_slice().into()], credential)
    }

    /// Write how somebody proves who they are, in place of what was.
    pub fn put_credential(&self, row: &CredentialRow) -> Result<(), Failure> {
        self.db.run("delete from credential where staff_id = $1", &[(&row.staff_id).into()])?;
        let sql =
            "insert into credential (staff_id, password, totp, totp_step, recovery, failures, locked_until,
                 invite_hash, invite_until, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let hash = row.invite_hash.unwrap_or_default();
        let (id, password, totp) =
            ((&row.staff_id).into(), row.password.as_deref().into(), row.totp.as_deref().into());
        let (step, recovery, failures) = (row.totp_step.into(), (&row.recovery).into(), row.failures.into());
        let (locked, until) = (row.locked_until.into(), row.invite_until.into());
        let invite = hash.as_slice().into();
        self.db
            .run(
                sql,
                &[id, password, totp, step, recovery, failures, locked, invite, until, row.changed_at.into()],
            )
            .map(drop)
    }

    /// Begin a session.
    pub fn insert_staff_session(&self, row: &StaffSessionRow) -> Result<(), Failure> {
        let sql = "insert into staff_session (hash, staff_id, csrf, agent, is_proven, created_at, rotated_at, seen_at,
                 ends_at) values ($1, $2, $3, $4, 1, $5, $6, $7, $8)";
        let (hash, id) = (row.hash.as_slice().into(), (&row.staff_id).into());
        let (csrf, agent) = ((&row.csrf).into(), (&row.agent).into());
        let (created, rotated) = (row.created_at.into(), row.rotated_at.into());
        let values = [hash, id, csrf, agent, created, rotated, row.seen_at.into(), row.ends_at.into()];
        self.db.run(sql, &values).map(drop)
    }

    /// A session by the hash of its token.
    pub fn find_staff_session(&self, hash: &[u8; 32]) -> Result<Option<StaffSessionRow>, Failure> {
        self.db.first(&format!("{SESSION} where hash = $1"), &[hash.as_slice().into()], |row| {
            Ok(StaffSessionRow {
                hash: row.hash(0)?,
                staff_id: row.string(1)?,
                csrf: row.string(2)?,
                agent: row.string(3)?,
                created_at: row.int(4)?,
                rotated_at: row.int(5)?,
                seen_at: row.int(6)?,
                ends_at: row.int(7)?,
            })
        })
    }

    /// Let a session end at `at`, if it would not end before.
    pub fn end_staff_session(&self, hash: &[u8; 32], at: i64) -> Result<bool, Failure> {
        let sql = "update staff_session set ends_at = $2 where hash = $1 and ends_at > $2";
        Ok(self.db.run(sql, &[hash.as_slice().into(), at.into()])? == 1)
    }

    /// End all sessions of somebody, and forget those that ended before `now`. Answers how many rows went.
    pub fn end_staff_sessions(&self, staff_id: &str, now: i64) -> Result<u64, Failure> {
        let sql = "delete from staff_session where staff_id = $1 or ends_at < $2";
        self.db.run(sql, &[staff_id.into(), now.into()])
    }
}

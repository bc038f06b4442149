//! Staff sign in with an address, a password and a second factor. The password is hashed slowly (argon2id, OWASP's
//! parameters), the second factor is a time-based code (RFC 6238) that counts once, or one of ten recovery codes that
//! count once each. Wrong tries lock for longer and longer. A session is a random token in a cookie, of which we keep
//! the hash; it changes on its way, and ends by itself.

use crate::app::App;
use crate::caller::Caller;
use crate::key::Pepper;
use crate::problem::{Kind, Problem};
use crate::{scope, seal};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::staff::people::{self, StaffMember};
use store::{CredentialRow, StaffSessionRow, Writing};
use totp_rs::{Builder, Secret, Totp};

/// The cookie. `__Host-` binds it to this host and to TLS.
pub const COOKIE: &str = "__Host-perennial";
/// The cookie where the browser runs on the server's own machine, without TLS.
const LOCAL_COOKIE: &str = "perennial";

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
/// How long an invitation is open.
const INVITED_FOR: i64 = 7 * 24 * HOUR;
/// How long a session lasts, whatever is done in it.
const SESSION: i64 = 12 * HOUR;
/// How long a session lasts in which nothing is done.
const IDLE: i64 = 2 * HOUR;
/// How old a token gets before another takes its place.
const ROTATE: i64 = 15 * MINUTE;
/// How long the token before is still good, for what was sent together with the last request.
const GRACE: i64 = MINUTE;
/// Wrong tries before the first lock.
const TRIES: i64 = 5;
/// A hash of nobody's password, so that an unknown address takes as long as a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A token of chance, and its hash.
fn token(app: &App, purpose: &str) -> (String, [u8; 32]) {
    token_of(app.pepper(), purpose, &|bytes| app.chance(bytes))
}

fn token_of(pepper: &Pepper, purpose: &str, chance: &dyn Fn(&mut [u8])) -> (String, [u8; 32]) {
    let mut bytes = [0u8; 32];
    chance(&mut bytes);
    let text = URL_SAFE_NO_PAD.encode(bytes);
    let hash = pepper.hash(purpose, text.as_bytes());
    (text, hash)
}

/// An invitation for somebody who was asked in: the token to give to them, once. One that was open before is void.
pub fn invitation(pepper: &Pepper, chance: &dyn Fn(&mut [u8])) -> (String, [u8; 32]) {
    token_of(pepper, "invitation", chance)
}

/// Keep an invitation. Whoever had a password before has it until the invitation is taken.
pub fn keep_invitation(
    writing: &Writing<'_>,
    staff_id: &str,
    hash: [u8; 32],
    now: i64,
) -> Result<(), Problem> {
    let before = writing.lock_credential(staff_id)?;
    let row =
        before.unwrap_or_else(|| CredentialRow { recovery: "[]".to_owned(), ..CredentialRow::default() });
    let (staff_id, invite_hash, invite_until) = (staff_id.to_owned(), Some(hash), Some(now + INVITED_FOR));
    Ok(writing.put_credential(&CredentialRow {
        staff_id,
        invite_hash,
        invite_until,
        changed_at: now,
        ..row
    })?)
}

/// What somebody gets who takes an invitation: shown once.
pub struct Joined {
    /// Who.
    pub member: StaffMember,
    /// The secret of the second factor, in base 32, for a program that makes codes.
    pub totp_secret: String,
    /// The codes for the day the telephone is lost.
    pub recovery_codes: Vec<String>,
}

/// Take an invitation: a password is set, a second factor and recovery codes are made, and every session there was
/// ends.
pub async fn join(app: &App, invitation: &str, password: &str) -> Result<Joined, Problem> {
    let length = password.chars().count();
    if !(12..=1024).contains(&length) {
        return Err(Problem::of_body("/password", "12 to 1024 characters; a sentence is easy to remember"));
    }
    let hash = app.pepper().hash("invitation", invitation.as_bytes());
    let now = app.now_micros();
    let found = app.read(move |session| Ok(session.read().find_invitation(&hash)?)).await?;
    let is_open = |row: &CredentialRow| row.invite_until.is_some_and(|until| now < until);
    let row = found.filter(is_open).ok_or_else(no_invitation)?;
    let mut salt = [0u8; 16];
    app.chance(&mut salt);
    let password = hashed(app, password.to_owned(), salt).await?;
    let mut secret = [0u8; 20];
    app.chance(&mut secret);
    let codes: Vec<String> = (0..10).map(|_| recovery_code(app)).collect();
    let hashes: Vec<String> = codes.iter().map(|code| code_hash(app.pepper(), code)).collect();
    let mut nonce = [0u8; 12];
    app.chance(&mut nonce);
    let sealed = seal::seal(app.pepper(), &thing(&row.staff_id), &secret, nonce);
    let next = CredentialRow {
        staff_id: row.staff_id.clone(),
        password: Some(password),
        totp: Some(sealed),
        totp_step: 0,
        recovery: serde_json::to_string(&hashes).expect("texts become JSON"),
        failures: 0,
        locked_until: None,
        invite_hash: None,
        invite_until: None,
        changed_at: now,
    };
    let member = app
        .write(move |writing| {
            let present = writing.lock_credential(&next.staff_id)?;
            // Somebody may have been quicker with the same invitation.
            if present.as_ref().and_then(|row| row.invite_hash) != Some(hash) {
                return Err(no_invitation());
            }
            writing.put_credential(&next)?;
            writing.end_staff_sessions(&next.staff_id, now)?;
            people::find(writing, &next.staff_id)?.ok_or_else(no_invitation)
        })
        .await?;
    let totp_secret = Secret::from(secret.to_vec()).to_base32();
    Ok(Joined { member, totp_secret, recovery_codes: codes })
}

fn no_invitation() -> Problem {
    Problem::new(Kind::Unauthenticated, "this invitation is unknown, taken or over: ask for a new one")
}

/// Somebody has taken the invitation: from now on they can sign in.
pub async fn has_joined(app: &App, member: &StaffMember) -> Result<StaffMember, Problem> {
    let (now, salt) = (app.now(), app.chance_u128());
    let (id, actor) = (member.id.clone(), member.actor());
    app.with_session(move |session| {
        let mut asking = people::Asking { actor: &actor, now, chance: &mut || salt };
        crate::routes::staff::done(people::join(session, &mut asking, &id))
    })
    .await
}

/// A session that was begun: the token for the cookie, and what a page sends back with every change.
pub struct Begun {
    /// Who.
    pub member: StaffMember,
    /// For the cookie.
    pub token: String,
    /// For `X-CSRF-Token`.
    pub csrf: String,
}

/// Sign in. Whatever is wrong, the answer is the same.
pub async fn sign_in(
    app: &App,
    email: &str,
    password: &str,
    code: &str,
    agent: &str,
) -> Result<Begun, Problem> {
    let address = email.to_owned();
    let found = app
        .read(move |session| {
            let reading = session.read();
            let member = people::find_by_email(&reading, &address)?;
            let row =
                member.as_ref().map(|member| reading.find_credential(&member.id)).transpose()?.flatten();
            Ok(member.zip(row))
        })
        .await?;
    let kept = found.as_ref().and_then(|(_, row)| row.password.clone()).unwrap_or_else(|| NOBODY.to_owned());
    let is_password = verified(app, password.to_owned(), kept).await?;
    let Some((member, row)) = found else { return Err(wrong()) };
    let proof = proof(app, &row, code);
    let (begun, token) = new_session(app, &member.id, agent);
    let (now, csrf) = (begun.created_at, begun.csrf.clone());
    let is_right = is_password && proof.is_some() && member.is_active() && row.password.is_some();
    let is_in = app
        .write(move |writing| {
            // Judged again under the lock: a code counts once, and tries are counted one by one.
            let Some(present) = writing.lock_credential(&begun.staff_id)? else { return Ok(false) };
            if present.locked_until.is_some_and(|until| now < until) {
                return Ok(false);
            }
            let next = proof.as_ref().filter(|_| is_right).and_then(|proof| used(&present, proof, now));
            match &next {
                Some(next) => {
                    writing.put_credential(next)?;
                    writing.insert_staff_session(&begun)?;
                }
                None => writing.put_credential(&failed(present, now))?,
            }
            Ok(next.is_some())
        })
        .await?;
    if is_in { Ok(Begun { member, token, csrf }) } else { Err(wrong()) }
}

/// Begin a session for somebody whose account elsewhere has proven who they are.
pub async fn begin(app: &App, member: StaffMember, agent: &str) -> Result<Begun, Problem> {
    let (row, token) = new_session(app, &member.id, agent);
    let csrf = row.csrf.clone();
    app.write(move |writing| Ok(writing.insert_staff_session(&row)?)).await?;
    Ok(Begun { member, token, csrf })
}

/// A session that is not kept yet, and the token for its cookie.
fn new_session(app: &App, staff_id: &str, agent: &str) -> (StaffSessionRow, String) {
    let ((token, hash), (csrf, _)) = (token(app, "session"), token(app, "csrf"));
    let now = app.now_micros();
    let row = StaffSessionRow {
        hash,
        staff_id: staff_id.to_owned(),
        csrf,
        agent: agent.chars().take(200).collect(),
        created_at: now,
        rotated_at: now,
        seen_at: now,
        ends_at: now + IDLE,
    };
    (row, token)
}

/// A link that signs somebody in once, within a quarter of an hour, as long as this server runs: for whoever has started
/// it and so has everything anyway. The token is its last part.
pub fn one_time_link(app: &App, staff_id: &str) -> String {
    let (text, hash) = token(app, "link");
    app.keep_link(hash, staff_id, app.now_micros() + 15 * MINUTE);
    text
}

/// Sign in with a one-time link.
pub async fn sign_in_by_link(app: &App, text: &str, agent: &str) -> Result<Begun, Problem> {
    let hash = app.pepper().hash("link", text.as_bytes());
    let staff_id = app.take_link(&hash).ok_or_else(no_link)?;
    let found = app.read(move |session| Ok(people::find(&session.read(), &staff_id)?)).await?;
    let member = found.filter(StaffMember::is_active).ok_or_else(no_link)?;
    begin(app, member, agent).await
}

fn no_link() -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        "this link is unknown, used or over: start the server again for a new one",
    )
}

fn wrong() -> Problem {
    let detail = "address, password or code is wrong, or too many tries were: after five wrong ones wait a minute, \
                  then two, then four";
    Problem::new(Kind::Unauthenticated, detail)
}

/// What proves that the telephone, or the paper with the codes, is in the right hand.
enum Proof {
    /// The step of a time-based code.
    Step(i64),
    /// The hash of a recovery code.
    Recovery(String),
}

fn proof(app: &App, row: &CredentialRow, code: &str) -> Option<Proof> {
    let code: String = code.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').collect();
    let secret = seal::open(app.pepper(), &thing(&row.staff_id), row.totp.as_deref()?)?;
    if let Some(step) = totp(secret)?.check(&code, u64::try_from(app.now_micros() / 1_000_000).ok()?) {
        return i64::try_from(step).ok().map(Proof::Step);
    }
    let hash = code_hash(app.pepper(), &code);
    let left: Vec<String> = serde_json::from_str(&row.recovery).ok()?;
    left.contains(&hash).then_some(Proof::Recovery(hash))
}

fn totp(secret: Vec<u8>) -> Option<Totp> {
    Builder::new().with_secret(Secret::from(secret)).build().ok()
}

/// The credential after a proof was used; none where it was used before.
fn used(present: &CredentialRow, proof: &Proof, now: i64) -> Option<CredentialRow> {
    let fresh = CredentialRow { failures: 0, locked_until: None, changed_at: now, ..present.clone() };
    match proof {
        Proof::Step(step) => {
            (*step > present.totp_step).then_some(CredentialRow { totp_step: *step, ..fresh })
        }
        Proof::Recovery(hash) => {
            let mut left: Vec<String> = serde_json::from_str(&present.recovery).ok()?;
            let before = left.len();
            left.retain(|one| one != hash);
            let recovery = serde_json::to_string(&left).ok()?;
            (left.len() < before).then_some(CredentialRow { recovery, ..fresh })
        }
    }
}

/// The credential after a wrong try: from the fifth on it is locked, each time twice as long, up to an hour.
fn failed(present: CredentialRow, now: i64) -> CredentialRow {
    let failures = present.failures + 1;
    let over = u32::try_from((failures - TRIES).clamp(0, 6)).unwrap_or(0);
    let locked_until = (failures >= TRIES).then(|| now + (MINUTE << over).min(HOUR));
    CredentialRow { failures, locked_until, changed_at: now, ..present }
}

fn thing(staff_id: &str) -> String {
    format!("totp of {staff_id}")
}

/// Ten letters and digits that are not mistaken for one another.
fn recovery_code(app: &App) -> String {
    const SIGNS: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz0";
    let mut bytes = [0u8; 16];
    app.chance(&mut bytes);
    bytes.iter().take(12).map(|byte| char::from(SIGNS[usize::from(*byte) % 32])).collect()
}

fn code_hash(pepper: &Pepper, code: &str) -> String {
    pepper.hash("recovery", code.to_lowercase().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn hashed(app: &App, password: String, salt: [u8; 16]) -> Result<String, Problem> {
    let hashing = move || {
        let hash: Result<PasswordHash, _> =
            Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|error| Problem::internal(error.to_string()))
    };
    app.slowly(hashing).await
}

async fn verified(app: &App, password: String, kept: String) -> Result<bool, Problem> {
    let verifying = move || {
        let hash = PasswordHash::new(&kept).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(password.len() <= 4096 && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    app.slowly(verifying).await
}

/// A session as a request finds it.
pub struct Present {
    /// Who.
    pub member: StaffMember,
    /// What a page must send back with every change.
    pub csrf: String,
    /// A new token for the cookie, where the old one has grown old.
    pub rotated: Option<String>,
}

impl Present {
    /// As a caller.
    pub fn caller(&self) -> Caller {
        let (id, role) = (self.member.id.clone(), self.member.role);
        Caller { id, source: String::new(), scopes: scope::of_role(role), role }
    }
}

/// The session of a token, if it lasts and its owner may still do anything.
pub async fn present(app: &App, text: &str) -> Result<Option<Present>, Problem> {
    let hash = app.pepper().hash("session", text.as_bytes());
    let now = app.now_micros();
    let found = app
        .read(move |session| {
            let reading = session.read();
            let Some(row) = reading.find_staff_session(&hash)? else { return Ok(None) };
            Ok(people::find(&reading, &row.staff_id)?.map(|member| (row, member)))
        })
        .await?;
    let lasts = |(row, member): &(StaffSessionRow, StaffMember)| now < row.ends_at && member.is_active();
    let Some((row, member)) = found.filter(lasts) else { return Ok(None) };
    let csrf = row.csrf.clone();
    let rotated = if now - row.rotated_at >= ROTATE { rotate(app, row, now).await? } else { None };
    Ok(Some(Present { member, csrf, rotated }))
}

/// A new token in the place of one that has grown old, which is good for a moment more.
async fn rotate(app: &App, row: StaffSessionRow, now: i64) -> Result<Option<String>, Problem> {
    let (text, hash) = token(app, "session");
    let ends_at = (row.created_at + SESSION).min(now + IDLE);
    let next = StaffSessionRow { hash, rotated_at: now, seen_at: now, ends_at, ..row.clone() };
    let was_first = app
        .write(move |writing| {
            // Of requests that were sent together one changes the token.
            if !writing.end_staff_session(&row.hash, now + GRACE)? {
                return Ok(false);
            }
            writing.insert_staff_session(&next)?;
            Ok(true)
        })
        .await?;
    Ok(was_first.then_some(text))
}

/// End a session.
pub async fn sign_out(app: &App, text: &str) -> Result<(), Problem> {
    let (hash, now) = (app.pepper().hash("session", text.as_bytes()), app.now_micros());
    app.write(move |writing| Ok(writing.end_staff_session(&hash, now).map(drop)?)).await
}

/// The cookie with a token, for whoever sent `headers`; with an empty one it is taken back.
pub fn cookie_for(headers: &HeaderMap, text: &str) -> String {
    let age = if text.is_empty() { 0 } else { SESSION / 1_000_000 };
    // Not every browser takes a secure cookie from its own machine in the clear, where nobody listens in.
    let secure = if is_own_machine(headers) { "" } else { "; Secure" };
    let name = cookie_name(headers);
    format!("{name}={text}; Path=/{secure}; HttpOnly; SameSite=Strict; Max-Age={age}")
}

/// The name of the cookie for whoever sends `headers`.
pub fn cookie_name(headers: &HeaderMap) -> &'static str {
    if is_own_machine(headers) { LOCAL_COOKIE } else { COOKIE }
}

/// Whether the browser runs on this machine, as it names the server it asks. No other site can have such a name.
fn is_own_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

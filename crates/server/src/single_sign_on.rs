//! Staff sign in with the account they have elsewhere: OpenID Connect 1.0, the code flow with PKCE. The provider says who
//! it is, by an address that it has verified; whether that address is somebody who works here, and what they may do, is
//! said here. What must be remembered between the two requests travels sealed in a cookie, so that any server can go on.

use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::seal;
use crate::sign_in::{self, Begun};
use engine::staff::people;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// The cookie between the two requests. It must come along when the provider sends the browser back.
pub const COOKIE: &str = "__Host-perennial-sso";
/// How long somebody may take at the provider.
const WITHIN_MICROS: i64 = 10 * 60_000_000;
/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is sealed in the cookie.
const SEALED_FOR: &str = "single sign-on";

/// Who says who it is.
#[derive(Clone)]
pub struct Provider {
    /// Its address, as its tokens name it.
    pub issuer: String,
    /// As whom we are known there.
    pub client_id: String,
    /// By what we prove it; empty where PKCE alone does.
    pub client_secret: String,
    /// Where browsers find this server, without a slash at the end.
    pub public_url: String,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({}, {})", self.issuer, self.client_id)
    }
}

/// What is remembered while somebody is at the provider.
#[derive(Serialize, Deserialize)]
struct Begin {
    state: String,
    nonce: String,
    verifier: String,
    ends_at: i64,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Begin: where the browser is sent, and the cookie it takes along.
pub async fn begin(app: &App) -> Result<(String, String), Problem> {
    let provider = provider(app)?;
    let client = client(provider).await?;
    let begin = Begin {
        state: text(app),
        nonce: text(app),
        verifier: text(app),
        ends_at: app.now_micros() + WITHIN_MICROS,
    };
    let challenge =
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(begin.verifier.clone()));
    let (state, nonce) = (begin.state.clone(), begin.nonce.clone());
    let (url, _, _) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        )
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let mut chance = [0u8; 12];
    app.chance(&mut chance);
    let said = serde_json::to_vec(&begin).expect("texts become JSON");
    let sealed = seal::seal(app.pepper(), SEALED_FOR, &said, chance);
    // Base 64 of the usual alphabet has '=' and '/', which a cookie may hold.
    Ok((url.to_string(), cookie(&sealed, WITHIN_MICROS / 1_000_000)))
}

/// End: the provider has sent the browser back with a code. Answers the session that was begun.
pub async fn end(app: &App, code: &str, state: &str, kept: &str, agent: &str) -> Result<Begun, Problem> {
    let provider = provider(app)?;
    let begin = seal::open(app.pepper(), SEALED_FOR, kept)
        .and_then(|said| serde_json::from_slice::<Begin>(&said).ok())
        .filter(|begin| app.now_micros() < begin.ends_at)
        .filter(|begin| bool::from(begin.state.as_bytes().ct_eq(state.as_bytes())))
        .ok_or_else(|| refused("it was begun elsewhere, or too long ago: begin again"))?;
    let client = client(provider).await?;
    let http = |request| carry(request);
    let tokens = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .map_err(|error| away(&error))?
        .set_pkce_verifier(PkceCodeVerifier::new(begin.verifier))
        .request_async(&http)
        .await
        .map_err(|error| away(&error))?;
    let token = tokens.id_token().ok_or_else(|| refused("the provider sent no identity"))?;
    // Signatures that need the provider's private key: one under our shared secret proves nothing to a third.
    let verifier = client.id_token_verifier().set_allowed_algs([
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EdDsa,
    ]);
    let claims = token.claims(&verifier, &Nonce::new(begin.nonce)).map_err(|error| {
        tracing::warn!(%error, "an identity did not hold");
        refused("what the provider said does not hold")
    })?;
    let address = claims.email().filter(|_| claims.email_verified() == Some(true));
    let address = address.ok_or_else(|| refused("the provider has not verified your e-mail address"))?;
    let address = address.to_string();
    let member = app.read(move |session| Ok(people::find_by_email(&session.read(), &address)?)).await?;
    let member = member.filter(|member| member.is_active());
    let member =
        member.ok_or_else(|| refused("nobody who works here has your address: have yourself invited"))?;
    sign_in::begin(app, member, agent).await
}

/// The cookie, or its end where it is empty. `Lax`: it comes along when the provider leads back, and with no form of
/// another site.
pub fn cookie(text: &str, seconds: i64) -> String {
    format!("{COOKIE}={text}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

fn provider(app: &App) -> Result<&Provider, Problem> {
    let none =
        || Problem::new(Kind::NotFound, "single sign-on is not configured: see oidc_issuer in the manual");
    app.settings().single_sign_on.as_ref().ok_or_else(none)
}

/// The provider as it describes itself.
async fn client(provider: &Provider) -> Result<Client, Problem> {
    let http = |request| carry(request);
    let wrong = |error: url::ParseError| Problem::internal(format!("single sign-on: {error}"));
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(wrong)?;
    let back = format!("{}/v1/session/sso/callback", provider.public_url);
    let back = RedirectUrl::new(back).map_err(wrong)?;
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.map_err(|error| away(&error))?;
    let secret = Some(provider.client_secret.clone()).filter(|text| !text.is_empty()).map(ClientSecret::new);
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(provider.client_id.clone()), secret);
    Ok(client.set_redirect_uri(back))
}

/// Ask the provider. Whom we ask was said by the operator, and a redirect is not followed.
async fn carry(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build()?;
    let answer = client.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn refused(why: &str) -> Problem {
    Problem::new(Kind::Unauthenticated, format!("single sign-on: {why}"))
}

/// The provider does not answer as one does.
fn away(error: &dyn std::error::Error) -> Problem {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    Problem {
        secret: Some(text),
        ..Problem::unavailable("single sign-on: the provider does not answer as expected", 5)
    }
}

/// 256 bits of chance as text: 64 hexadecimal digits, of which PKCE takes 43 to 128.
fn text(app: &App) -> String {
    let mut bytes = [0u8; 32];
    app.chance(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

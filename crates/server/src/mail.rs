//! E-mail that this server sends by itself, through the one mail server (SMTP) it is told of. Customers are never written
//! to from here: what they hear goes through the shop's own channels. It must not know what a letter is about.

use engine::record::work::Problem;
use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message, SmtpTransport, Transport};
use std::fmt;
use std::time::{Duration, SystemTime};
use url::Url;

/// How long the mail server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// The way to the mail server, and who we are there.
#[derive(Clone)]
pub struct Mail {
    transport: SmtpTransport,
    from: Mailbox,
}

/// A letter with one file.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The same for the same letter, however often it is sent: who gets it twice can see that it is one.
    pub id: &'a str,
    /// One address, as `ana@shop.example`.
    pub to: &'a str,
    /// One line.
    pub subject: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// Name and bytes of a page.
    pub page: (&'a str, &'a [u8]),
    /// When it is written.
    pub at: Timestamp,
}

/// Why no letters can be sent that way.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    /// No URL of a mail server.
    #[error(
        "smtp must be as smtps://NAME@mail.example, or smtp://NAME@mail.example?tls=required, or smtp://mail.example"
    )]
    Url,
    /// A password that others could read on its way.
    #[error(
        "smtp has a password and no encryption: write smtps://, or add ?tls=required, so that nobody reads it on its way"
    )]
    Open,
    /// A password without a name.
    #[error("smtp_password_file needs a name in smtp, as smtps://NAME@mail.example")]
    Nameless,
    /// Nobody to answer to.
    #[error(
        "smtp_from is '{0}', and must be an address, as shop@corner.example or Corner Shop <shop@corner.example>"
    )]
    From(String),
}

/// Whether a text is an e-mail address.
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

impl Mail {
    /// By the URL of a mail server, the password that belongs to the name in it, and whose letters they are. Nobody is
    /// asked yet.
    pub fn open(url: &str, password: Option<&str>, from: &str) -> Result<Mail, NotUsable> {
        let mut url = Url::parse(url).map_err(|_| NotUsable::Url)?;
        if let Some(password) = password {
            if url.username().is_empty() {
                return Err(NotUsable::Nameless);
            }
            url.set_password(Some(password)).map_err(|()| NotUsable::Url)?;
        }
        let is_required = url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
        if url.password().is_some() && url.scheme() == "smtp" && !is_required {
            return Err(NotUsable::Open);
        }
        let transport = SmtpTransport::from_url(url.as_str()).map_err(|_| NotUsable::Url)?;
        let from = from.parse().map_err(|_| NotUsable::From(from.to_owned()))?;
        Ok(Mail { transport: transport.timeout(Some(PATIENCE)).build(), from })
    }

    /// Send a letter; it may take as long as the mail server does. What that refuses for good is final.
    pub fn send(&self, letter: &Letter<'_>) -> Result<(), Problem> {
        let message = self.message(letter).map_err(|what| Problem { what, is_final: true })?;
        self.transport.send(&message).map(drop).map_err(|error| Problem {
            what: format!("the mail server: {error}"),
            is_final: error.is_permanent(),
        })
    }

    fn message(&self, letter: &Letter<'_>) -> Result<Message, String> {
        let address: Address =
            letter.to.parse().map_err(|_| format!("'{}' is no e-mail address", letter.to))?;
        let (name, bytes) = letter.page;
        let page = Attachment::new(name.to_owned()).body(bytes.to_vec(), ContentType::TEXT_HTML);
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(letter.subject)
            .date(SystemTime::from(letter.at))
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .multipart(
                MultiPart::mixed().singlepart(SinglePart::plain(letter.text.to_owned())).singlepart(page),
            )
            .map_err(|error| error.to_string())?;
        // So that nobody's notice of an absence answers it (RFC 3834).
        message.headers_mut().insert_raw(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
        Ok(message)
    }
}

impl fmt::Debug for Mail {
    // The way has a password in it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Mail of {}", self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(url: &str, password: Option<&str>, from: &str) -> Result<String, NotUsable> {
        Mail::open(url, password, from).map(|mail| format!("{mail:?}"))
    }

    #[test]
    fn a_way_that_leads_nowhere_is_refused_and_no_password_goes_in_the_open() {
        let from = "Corner Shop <shop@corner.example>";
        let shown = "Mail of Corner Shop <shop@corner.example>";
        for url in [
            "smtps://ana:secret@mail.example",
            "smtp://ana:secret@mail.example:587?tls=required",
            "smtp://localhost:25",
        ] {
            assert_eq!(opened(url, None, from).as_deref(), Ok(shown), "{url}");
        }
        assert_eq!(opened("smtps://ana@mail.example", Some("s/e@c"), from).as_deref(), Ok(shown));
        for (url, password, why) in [
            ("mail.example", None, NotUsable::Url),
            ("https://mail.example", None, NotUsable::Url),
            ("smtp://ana:secret@mail.example", None, NotUsable::Open),
            ("smtp://ana:secret@mail.example?tls=opportunistic", None, NotUsable::Open),
            ("smtp://ana@mail.example", Some("secret"), NotUsable::Open),
            ("smtps://mail.example", Some("secret"), NotUsable::Nameless),
        ] {
            assert_eq!(opened(url, password, from), Err(why), "{url}");
        }
        let nobody = NotUsable::From("shop".to_owned());
        assert_eq!(opened("smtp://localhost", None, "shop"), Err(nobody));
    }

    #[test]
    fn an_address_is_one_and_carries_nothing_else() {
        assert!(is_address("ana@shop.example"));
        for text in
            ["", "ana", "ana@", "@shop.example", "ana@shop.example\r\nBcc: x@y.example", "a@b.c, d@e.f"]
        {
            assert!(!is_address(text), "{text:?}");
        }
    }
}

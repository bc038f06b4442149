//! Style, script and mark. They are ours, and small; their addresses change with them, so that browsers keep them.

use super::reader::Theme;
use crate::app::App;
use crate::problem::Problem;
use assets::{Assets, Failure};
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

/// The style sheet of a light.
pub fn style(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "console.css",
        Theme::Light => "console.light.css",
        Theme::Dark => "console.dark.css",
    }
}

/// The address of a file, with what is in it.
pub fn address(assets: &Assets, name: &str) -> String {
    let hash = text(assets, name).map(|text| blake3::hash(text.as_bytes()).to_hex());
    // A file that is not there is told by whoever asks for it.
    hash.map_or_else(|_| format!("/static/{name}"), |hash| format!("/static/{name}?v={}", &hash[..12]))
}

/// The address of the shop's own mark; none where it has none.
pub fn brand(assets: &Assets) -> Option<String> {
    let picture = assets.text("static/brand.html").ok().filter(|picture| !picture.trim().is_empty())?;
    Some(format!("/static/brand?v={}", &blake3::hash(picture.as_bytes()).to_hex()[..12]))
}

fn text(assets: &Assets, name: &str) -> Result<String, Failure> {
    let file = |path: &str| Ok(assets.text(path)?.into_owned());
    match name {
        "console.css" => {
            Ok(file("static/look.css")? + &file("static/console.css")? + &file("static/console-pages.css")?)
        }
        "console.light.css" => Ok(lit(&text(assets, "console.css")?, "not all", "light")),
        "console.dark.css" => Ok(lit(&text(assets, "console.css")?, "all", "dark")),
        "console.js" => file("static/console.js"),
        "mark.svg" => file("static/mark.svg"),
        _ => Err(Failure::Missing(format!("static/{name}"))),
    }
}

/// The sheet with the reader's choice in place of their system's.
fn lit(sheet: &str, dark_when: &str, scheme: &str) -> String {
    sheet
        .replace("(prefers-color-scheme: dark)", dark_when)
        .replace("color-scheme: light dark", &format!("color-scheme: {scheme}"))
}

/// `GET /static/{file}`
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let shop = app.shop();
    if name == "brand" {
        let (kind, bytes) = shop.brand.mark().ok_or_else(|| Problem::not_found("file", &name))?;
        let kind = HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("image/png"));
        // A picture that somebody has brought may ask for nothing, wherever it is opened.
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
            ),
        ];
        return Ok((headers, bytes).into_response());
    }
    let text = text(&app.dressed(&shop), &name).map_err(|_| Problem::not_found("file", &name))?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_light_leaves_nothing_to_the_system() {
        let assets = Assets::open(None).unwrap();
        for theme in Theme::ALL {
            let sheet = text(&assets, style(theme)).unwrap();
            let asks = sheet.contains("prefers-color-scheme") || sheet.contains("light dark");
            assert_eq!(asks, theme == Theme::System, "{theme:?}");
            assert!(sheet.contains("--paper: #fbfaf6") && sheet.contains("--paper: #14170f"));
        }
        assert_ne!(address(&assets, "console.css"), address(&assets, "console.dark.css"));
        assert!(text(&assets, "look.css").is_err(), "only what pages ask for");
    }
}

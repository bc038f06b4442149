//! `/v1/bulk`: commands as JSON lines, answers as JSON lines in the same order. For a till that was offline, and for a
//! nightly batch of millions: nothing is held but what is under way.

use crate::app::asked::Asked as Submitted;
use crate::app::{App, Open};
use crate::body;
use crate::caller::Caller;
use crate::effect::{Asked, Effect, refusal};
use crate::problem::{Kind, Problem};
use crate::reference;
use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::record::answer::Outcome;
use engine::record::command::{Act, Command};
use futures_util::{Stream, StreamExt, stream};
use loyalty::fact::Fact;
use loyalty::name::Name;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(record_lines))
}

/// Commands under way at once.
const AT_ONCE: usize = 512;
/// The longest line.
const LINE_BYTES: usize = 1 << 20;

/// Record commands, one JSON object a line, as `perennial record` reads them: `{"key": "k-1", "type": "order", …}`.
/// Customers are named as everywhere. Each line is answered by one, in the same order: `{"line": 1, "status": 201, …}`. A
/// bad line is answered with its problem and stops nothing; the same lines again change nothing.
#[utoipa::path(post, path = "/v1/bulk", tag = "orders", security(("key" = ["orders.record"])), params(Asked),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = String, content_type = "application/x-ndjson")))]
async fn record_lines(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !kind.starts_with("application/x-ndjson") {
        let detail = format!("send content-type: application/x-ndjson, and not '{kind}'");
        return Err(Problem::new(Kind::UnsupportedMediaType, detail));
    }
    let open = app.program(asked.program.as_deref())?;
    let source = caller.source(asked.source.as_deref())?.to_owned();
    let lines = lines(request.into_body().into_data_stream());
    // One after the other into the queue, so that a return does not overtake its order; answered together, in order.
    let asked = lines.enumerate().then(move |(place, line)| {
        let (app, open, caller, source) = (app.clone(), open.clone(), caller.clone(), source.clone());
        async move {
            let asked = match line {
                Ok(line) if line.iter().all(u8::is_ascii_whitespace) => None,
                Ok(line) => Some(ask(&app, &open, &caller, source, &line).await),
                Err(problem) => Some(Err(problem)),
            };
            (place + 1, asked)
        }
    });
    let answers = asked.map(|(line, asked)| async move {
        let said = match asked {
            None => Bytes::new(),
            Some(Err(problem)) => shown(line, Err(problem)),
            Some(Ok(asked)) => shown(line, effect(asked).await),
        };
        Ok::<_, Infallible>(said)
    });
    let answers = answers.buffered(AT_ONCE);
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(answers)).into_response())
}

/// Read a line and put its command in the queue. A queue that is full is waited for: who sends in bulk has time.
async fn ask(
    app: &App,
    open: &Arc<Open>,
    caller: &Caller,
    source: String,
    line: &[u8],
) -> Result<Submitted, Problem> {
    let mut command: Command = body::read(line, app.settings().depth)?;
    if command.source.is_empty() {
        command.source = source;
    } else {
        caller.source(Some(&command.source))?;
    }
    let scope = command.operation();
    if !caller.may(scope) {
        return Err(Problem::new(Kind::Forbidden, format!("this line needs the scope '{scope}'")));
    }
    resolve(app, &command.source.clone(), &mut command.act).await?;
    command.by = caller.by(scope, app.chance_u128());
    command.key = command.key.map(|key| format!("{}/{key}", command.source));
    loop {
        let asked = app.submit(open, command.clone());
        if !asked.is_full() {
            return Ok(asked);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn effect(asked: Submitted) -> Result<(u16, Value), Problem> {
    let answer = asked.answer().await?;
    if answer.outcome == Outcome::Refused {
        return Err(refusal(&answer));
    }
    let mut effect = serde_json::to_value(Effect::of(&answer)).unwrap_or_default();
    if answer.is_repeat || answer.outcome == Outcome::Repeated {
        effect["is_repeat"] = true.into();
    }
    Ok((if answer.outcome == Outcome::Waiting { 202 } else { 201 }, effect))
}

/// Customers that are named by their own keys (`phone:0901234567`) get our ids.
async fn resolve(app: &App, source: &str, act: &mut Act) -> Result<(), Problem> {
    let Act::Fact(fact) = act else { return Ok(()) };
    let named: Vec<&mut Name> = match fact {
        Fact::Join(join) => std::iter::once(&mut join.member).chain(join.referred_by.as_mut()).collect(),
        Fact::Order(order) | Fact::OrderUpdated { order, .. } => order.member.as_mut().into_iter().collect(),
        Fact::Event(custom) => vec![&mut custom.member],
        Fact::Claim(claim) => vec![&mut claim.member],
        Fact::Hold(ask) | Fact::Redeem(ask) => vec![&mut ask.member],
        Fact::Pool(ask) => vec![&mut ask.member],
        Fact::Benefit(ask) => vec![&mut ask.member],
        Fact::Capture { member, .. }
        | Fact::Release { member, .. }
        | Fact::Refund { member, .. }
        | Fact::Adjust { member, .. }
        | Fact::BenefitUndone { member, .. }
        | Fact::Unmerge { member } => vec![member],
        Fact::Transfer { member, to, .. } => vec![member, to],
        Fact::Merge { member, into } => vec![member, into],
        Fact::OrderCancelled { .. } | Fact::Return(_) | Fact::ReturnUndone { .. } | Fact::Tick => Vec::new(),
    };
    for name in named {
        if name.as_str().contains(':') {
            *name = reference::find(app, source, name.as_str()).await?.as_str().into();
        }
    }
    Ok(())
}

fn shown(line: usize, answer: Result<(u16, Value), Problem>) -> Bytes {
    let said = match answer {
        Ok((status, effect)) => json!({"line": line, "status": status, "effect": effect}),
        Err(problem) => {
            let status = problem.kind.status().as_u16();
            json!({"line": line, "status": status, "problem": problem.body(&format!("line-{line}"))})
        }
    };
    Bytes::from(format!("{said}\n"))
}

/// The lines of a body as they come in. One that is too long is a problem, and is passed over to its end.
fn lines<E: Send + 'static>(
    chunks: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
) -> impl Stream<Item = Result<Vec<u8>, Problem>> + Send {
    struct Reading<S> {
        chunks: S,
        rest: Vec<u8>,
        chunk: Bytes,
        is_too_long: bool,
        is_over: bool,
    }
    let begin = Reading { chunks, rest: Vec::new(), chunk: Bytes::new(), is_too_long: false, is_over: false };
    stream::unfold(begin, |mut reading| async move {
        loop {
            if let Some(end) = reading.chunk.iter().position(|byte| *byte == b'\n') {
                let part = reading.chunk.split_to(end + 1);
                if !reading.is_too_long {
                    reading.rest.extend_from_slice(&part[..end]);
                }
                let too_long = std::mem::take(&mut reading.is_too_long) || reading.rest.len() > LINE_BYTES;
                let line = std::mem::take(&mut reading.rest);
                return Some((if too_long { Err(long()) } else { Ok(line) }, reading));
            }
            if !reading.is_too_long {
                reading.rest.extend_from_slice(&reading.chunk);
            }
            reading.chunk = Bytes::new();
            if reading.rest.len() > LINE_BYTES {
                reading.is_too_long = true;
                reading.rest = Vec::new();
            }
            if reading.is_over {
                return None;
            }
            match reading.chunks.next().await {
                Some(Ok(chunk)) => reading.chunk = chunk,
                Some(Err(_)) => {
                    reading.is_over = true;
                    reading.rest = Vec::new();
                    let cut = Problem::new(Kind::InvalidRequest, "the body broke off: send the rest again");
                    return Some((Err(cut), reading));
                }
                None => {
                    reading.is_over = true;
                    let too_long = std::mem::take(&mut reading.is_too_long);
                    let line = std::mem::take(&mut reading.rest);
                    if too_long {
                        return Some((Err(long()), reading));
                    }
                    if !line.is_empty() {
                        return Some((Ok(line), reading));
                    }
                    return None;
                }
            }
        }
    })
}

fn long() -> Problem {
    Problem::new(Kind::TooLarge, format!("a line has at most {LINE_BYTES} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_cut_wherever_the_chunks_end() {
        let text = b"{\"a\": 1}\n\n{\"b\": 2}\n{\"c\": 3}";
        for size in 1..text.len() {
            let chunks: Vec<Result<Bytes, ()>> =
                text.chunks(size).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
            let found: Vec<String> = lines(stream::iter(chunks))
                .map(|line| String::from_utf8(line.unwrap()).unwrap())
                .collect()
                .await;
            assert_eq!(found, ["{\"a\": 1}", "", "{\"b\": 2}", "{\"c\": 3}"], "chunks of {size}");
        }
    }

    #[tokio::test]
    async fn a_line_without_end_is_refused_and_the_next_is_read() {
        let long: Vec<Result<Bytes, ()>> = (0..3)
            .map(|_| Ok(Bytes::from(vec![b'x'; LINE_BYTES])))
            .chain([Ok(Bytes::from("\n{}\n"))])
            .collect();
        let found: Vec<bool> = lines(stream::iter(long)).map(|line| line.is_ok()).collect().await;
        assert_eq!(found, [false, true]);
    }
}

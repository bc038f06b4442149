//! Pieces of files, worked on side by side and put back in order.
//!
//! One thread reads and cuts at record boundaries, some parse and judge, the caller's thread takes the results in
//! order. As many pieces are on the way as there are threads and two more, so memory is bounded whatever the size of
//! the file and however slow the taker.

use super::encoding::{Encoding, Transcode, composed, decode};
use super::json;
use super::open::{How, Record, Source, cannot_read};
use super::refused::{Reason, Refused, Stopped};
use super::shape::{Format, Shape};
use super::sheet;
use super::split::{Cutter, Laid, Row, Scratch, records};
use memchr::memchr_iter;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

/// Bytes a piece has, about; some 50,000 order lines.
const PIECE_BYTES: usize = 4 << 20;
/// The longest record that is read.
pub(super) const RECORD_LIMIT_BYTES: usize = 8 << 20;

/// Part of a file that begins and ends at records.
pub(super) struct Piece {
    /// Which file.
    pub file: usize,
    /// Line of its first record, from 1.
    pub line: u64,
    pub data: Data,
}

pub(super) enum Data {
    Bytes(Vec<u8>),
    Laid(Laid),
}

/// Something about a record that is no record.
pub(super) struct Bad {
    pub line: u64,
    pub value: String,
    pub reason: Reason,
}

/// Read a file piece by piece; `give` says whether to go on. The bytes go through `digest` as they come.
pub(super) fn pieces(
    file: usize,
    source: &Source,
    shape: &Shape,
    seen: &Arc<AtomicU64>,
    mut digest: Option<&mut blake3::Hasher>,
    give: &mut dyn FnMut(Piece) -> bool,
) -> Result<(), Stopped> {
    if let How::Rows(rows) = &source.how {
        return laid_rows(file, rows, digest, give);
    }
    if let Format::Excel { sheet } = &shape.format {
        let bytes = source.read(seen, |read| {
            let mut bytes = Vec::new();
            read.read_to_end(&mut bytes).map_err(|error| cannot_read(&source.name, error))?;
            Ok(bytes)
        })?;
        if let Some(digest) = &mut digest {
            digest.update(&bytes);
        }
        for (line, laid) in sheet::pieces(&source.name, bytes, sheet.as_deref())? {
            if !give(Piece { file, line, data: Data::Laid(laid) }) {
                break;
            }
        }
        return Ok(());
    }
    source.read(seen, |read| {
        if shape.encoding.is_utf16() {
            let mut text = Transcode::new(read, shape.encoding);
            cut(file, source, shape, &mut text, digest, give)
        } else {
            cut(file, source, shape, read, digest, give)
        }
    })
}

fn cut(
    file: usize,
    source: &Source,
    shape: &Shape,
    read: &mut dyn Read,
    mut digest: Option<&mut blake3::Hasher>,
    give: &mut dyn FnMut(Piece) -> bool,
) -> Result<(), Stopped> {
    let (mut buffer, mut cutter, mut line, mut is_first) = (Vec::<u8>::new(), Cutter::default(), 1u64, true);
    loop {
        let from = buffer.len();
        let room = PIECE_BYTES.saturating_sub(from).max(1 << 20);
        buffer.reserve(room);
        let length = read
            .take(room as u64)
            .read_to_end(&mut buffer)
            .map_err(|error| cannot_read(&source.name, error))?;
        if let Some(digest) = &mut digest {
            digest.update(&buffer[from..]);
        }
        if is_first && buffer.starts_with(&[0xef, 0xbb, 0xbf]) {
            buffer.drain(..3);
        }
        is_first = false;
        let is_end = length < room;
        cutter.scan(&buffer, &shape.dialect);
        if is_end {
            // Also a last record that ends without a line end, or with an open quotation mark.
            cutter.boundary = buffer.len();
        }
        if buffer.len() - cutter.boundary > RECORD_LIMIT_BYTES {
            let lines = memchr_iter(shape.dialect.newline, &buffer[..cutter.boundary]).count() as u64;
            let limit_bytes = RECORD_LIMIT_BYTES;
            return Err(
                Refused::RowTooLong { file: source.name.clone(), line: line + lines, limit_bytes }.into()
            );
        }
        if cutter.boundary > 0 && (is_end || buffer.len() >= PIECE_BYTES) {
            let rest = buffer.split_off(cutter.boundary);
            let lines = memchr_iter(shape.dialect.newline, &buffer).count() as u64;
            if is_end {
                check_lengths(source, shape, &buffer, line)?;
            }
            let bytes = std::mem::replace(&mut buffer, rest);
            if !give(Piece { file, line, data: Data::Bytes(bytes) }) {
                return Ok(());
            }
            line += lines;
            cutter.taken();
        }
        if is_end {
            return Ok(());
        }
    }
}

/// The last piece may hold one record beyond the bound that ended with the file.
fn check_lengths(source: &Source, shape: &Shape, piece: &[u8], line: u64) -> Result<(), Refused> {
    if piece.len() <= RECORD_LIMIT_BYTES {
        return Ok(());
    }
    let mut cutter = Cutter::default();
    cutter.scan(piece, &shape.dialect);
    if piece.len() - cutter.boundary <= RECORD_LIMIT_BYTES {
        return Ok(());
    }
    let lines = memchr_iter(shape.dialect.newline, &piece[..cutter.boundary]).count() as u64;
    Err(Refused::RowTooLong {
        file: source.name.clone(),
        line: line + lines,
        limit_bytes: RECORD_LIMIT_BYTES,
    })
}

fn laid_rows(
    file: usize,
    rows: &super::open::Rows,
    mut digest: Option<&mut blake3::Hasher>,
    give: &mut dyn FnMut(Piece) -> bool,
) -> Result<(), Stopped> {
    let mut next = (rows.open)()?;
    let mut record = Record::default();
    let (mut laid, mut first, mut line) = (Laid::default(), 1u64, 1u64);
    rows.header.iter().for_each(|cell| laid.push(cell));
    laid.end_row(line);
    loop {
        record.clear();
        let is_row = next(&mut record)?;
        if is_row {
            line += 1;
            record.cells().for_each(|cell| laid.push(&composed(cell)));
            laid.end_row(line);
            if let Some(digest) = &mut digest {
                for cell in record.cells() {
                    digest.update(&(cell.len() as u64).to_le_bytes());
                    digest.update(cell.as_bytes());
                }
            }
        }
        if (!is_row && !laid.is_empty()) || laid.bytes() >= PIECE_BYTES {
            let data = Data::Laid(std::mem::take(&mut laid));
            if !give(Piece { file, line: first, data }) {
                return Ok(());
            }
            first = line + 1;
        }
        if !is_row {
            return Ok(());
        }
    }
}

/// Give the records of a piece to `on` and what is no record to `bad`.
pub(super) fn rows_of(
    piece: &Piece,
    shape: &Shape,
    scratch: &mut Scratch,
    on: &mut dyn FnMut(Row<'_>),
    bad: &mut dyn FnMut(Bad),
) {
    let bytes = match &piece.data {
        Data::Laid(laid) => return laid.each(on),
        Data::Bytes(bytes) => bytes,
    };
    let encoding = if shape.encoding.is_utf16() { Encoding::Utf8 } else { shape.encoding };
    if let Some(text) = decode(bytes, encoding) {
        text_rows(&text, piece.line, shape, scratch, on, bad);
        return;
    }
    // Somewhere in the piece bytes are not of the encoding: find the records that are.
    let (mut cutter, mut at, mut line) = (Cutter::default(), 0, piece.line);
    for end in memchr_iter(shape.dialect.newline, bytes).map(|place| place + 1).chain([bytes.len()]) {
        if end <= at {
            continue;
        }
        cutter.scan(&bytes[at..end], &shape.dialect);
        if cutter.boundary == 0 && end < bytes.len() {
            continue;
        }
        let record = &bytes[at..end];
        match decode(record, encoding) {
            Some(text) => text_rows(&text, line, shape, scratch, on, bad),
            None => bad(Bad {
                line,
                value: String::from_utf8_lossy(record).trim().to_owned(),
                reason: Reason::Encoding,
            }),
        }
        line += memchr_iter(shape.dialect.newline, record).count() as u64;
        at = end;
        cutter = Cutter::default();
    }
}

fn text_rows(
    text: &str,
    line: u64,
    shape: &Shape,
    scratch: &mut Scratch,
    on: &mut dyn FnMut(Row<'_>),
    bad: &mut dyn FnMut(Bad),
) {
    if shape.format == Format::Json {
        json::rows(text, line, &shape.columns, on, bad);
        return;
    }
    records(text, line, &shape.dialect, scratch, |row| {
        if row.is_open {
            let value: String = row.cells().last().unwrap_or("").chars().take(200).collect();
            bad(Bad { line: row.line, value, reason: Reason::OpenQuote });
        } else {
            on(row);
        }
    });
}

/// Work on all pieces of all files with `threads` workers; results come to `take` in order. `hashes` gets the hash of
/// each file's content.
#[expect(clippy::too_many_arguments, reason = "a struct would be filled and read in one place")]
pub(super) fn in_order<T: Send, W>(
    sources: &[Source],
    shapes: &[Shape],
    seen: &Arc<AtomicU64>,
    threads: usize,
    mut hashes: Option<&mut Vec<blake3::Hash>>,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &Piece) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    let threads = threads.max(1);
    // Room for every piece on its way, so that the reader never waits here, even for workers that are gone.
    let (to_work, from_read) = sync_channel::<(u64, Piece)>(threads + 2);
    let (to_take, from_work) = sync_channel::<(u64, T)>(threads);
    let (give_leave, leave) = sync_channel::<()>(threads + 2);
    for _ in 0..threads + 2 {
        give_leave.send(()).expect("the channel has that much room");
    }
    let from_read = Mutex::new(from_read);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut place = 0u64;
            for (file, (source, shape)) in sources.iter().zip(shapes).enumerate() {
                let mut goes_on = true;
                let mut digest = hashes.is_some().then(blake3::Hasher::new);
                pieces(file, source, shape, seen, digest.as_mut(), &mut |piece| {
                    goes_on = leave.recv().is_ok() && to_work.send((place, piece)).is_ok();
                    place += 1;
                    goes_on
                })?;
                if let (Some(hashes), Some(digest)) = (&mut hashes, digest) {
                    hashes.push(digest.finalize());
                }
                if !goes_on {
                    break;
                }
            }
            Ok(())
        });
        for _ in 0..threads {
            let (to_take, from_read, worker, work) = (to_take.clone(), &from_read, &worker, &work);
            scope.spawn(move || {
                let mut own = worker();
                loop {
                    let next = from_read.lock().expect("no worker panics while it waits").recv();
                    let Ok((place, piece)) = next else { return };
                    if to_take.send((place, work(&mut own, &piece))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_take);
        let (mut waiting, mut due, mut taken) = (BTreeMap::new(), 0u64, Ok(()));
        while let Ok((place, result)) = from_work.recv() {
            waiting.insert(place, result);
            while let Some(result) = waiting.remove(&due) {
                due += 1;
                taken = take(result);
                if taken.is_err() {
                    break;
                }
                // Nobody waits for leave once the last piece is read.
                let _ = give_leave.try_send(());
            }
            if taken.is_err() {
                break;
            }
        }
        drop((from_work, give_leave));
        // Workers and reader see their channels closed and end.
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        taken.and(read)
    })
}

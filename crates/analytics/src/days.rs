//! `lake.days`: the lines of the lake added up by customer, day and currency, in one pass over it; and `lake.codes`, which
//! customer has which number.
//!
//! Nearly every relation about customers begins with this sum. As SQL the query engine hashes and copies the text of an
//! id for each of many million lines, twice; here a customer is a number from the first look on, and the days of one
//! hang together, newest first. Months are read in order, so that the day looked for is mostly the newest there is.
//! Readers work beside each other and what they saw is laid together at the end.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::{filter, is_not_null};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Int32Type, Int64Type, Schema, SchemaRef};
use datafusion::common::Result;
use datafusion::common::runtime::SpawnedTask;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr_common::binary_map::{ArrowBytesMap, OutputType};
use futures_util::StreamExt;
use std::ops::Range;
use std::sync::Arc;

/// What the tables are called: the days, and the numbers of customers.
pub const NAMES: [&str; 2] = crate::relation::ADDED_UP;

/// What is read of `lake.lines`.
const READ: [&str; 5] = ["customer_id", "ordered_on", "currency", "total_minor", "cost_minor"];

/// The end of a chain.
const NONE: u32 = u32::MAX;

/// Batches in parts, and what they look like.
pub type Table = (SchemaRef, Vec<Vec<RecordBatch>>);

/// The columns of days: `customer_id` and its number `customer_code` (absent on anonymous sales), `ordered_on`, `currency`,
/// `total_minor`, and of the lines that have a cost `cost_minor` and `costed_minor`, what was paid for them; absent where no
/// line has one. Texts are numbers into one dictionary.
fn days_schema() -> SchemaRef {
    let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    Arc::new(Schema::new(vec![
        Field::new("customer_id", text(), true),
        Field::new("customer_code", DataType::Int64, true),
        Field::new("ordered_on", DataType::Date32, false),
        Field::new("currency", text(), false),
        Field::new("total_minor", DataType::Int64, false),
        Field::new("cost_minor", DataType::Int64, true),
        Field::new("costed_minor", DataType::Int64, true),
    ]))
}

fn codes_schema() -> SchemaRef {
    let (code, id) = (DataType::Int64, DataType::Utf8);
    Arc::new(Schema::new(vec![
        Field::new("customer_code", code, false),
        Field::new("customer_id", id, false),
    ]))
}

/// Adds up `lines`, a frame over `lake.lines`. Answers the days, one row per customer, day and currency in as many parts as
/// there were readers, each customer's rows together and in order of time, `batch_rows` to a batch; and the codes, one row
/// per customer. Codes mean nothing beyond these two tables.
///
/// # Errors
/// Where the lines cannot be read.
pub async fn added_up(lines: DataFrame, batch_rows: usize) -> Result<[Table; 2]> {
    let readers = lines.select_columns(&READ)?.execute_stream_partitioned().await?;
    let parts = readers.len().max(1);
    let mut seen = Vec::with_capacity(parts);
    for reader in readers.into_iter().map(|lines| SpawnedTask::spawn(read(lines))).collect::<Vec<_>>() {
        seen.push(reader.join().await.map_err(stopped)??);
    }
    let all = Arc::new(Together::of(seen));
    let customers = all.names.len();
    let writers: Vec<_> = (0..parts)
        .map(|part| {
            let (all, range) = (Arc::clone(&all), customers * part / parts..customers * (part + 1) / parts);
            SpawnedTask::spawn_blocking(move || all.written(range, batch_rows))
        })
        .collect();
    let (mut days, mut codes) = (Vec::with_capacity(parts), Vec::with_capacity(parts));
    for writer in writers {
        let [some_days, some_codes] = writer.join().await.map_err(stopped)??;
        days.push(some_days);
        codes.push(some_codes);
    }
    Ok([(days_schema(), days), (codes_schema(), codes)])
}

fn stopped(error: tokio::task::JoinError) -> DataFusionError {
    DataFusionError::ExecutionJoin(Box::new(error))
}

async fn read(mut lines: SendableRecordBatchStream) -> Result<Seen> {
    let mut seen = Seen::new();
    while let Some(batch) = lines.next().await {
        seen.add(&batch?);
    }
    Ok(seen)
}

/// What one customer bought on one day in one currency.
#[derive(Debug, Clone, Copy)]
struct Day {
    on: i32,
    currency: u32,
    /// Where the customer's day before this stands.
    older: u32,
    total_minor: i64,
    cost_minor: i64,
    costed_minor: i64,
    costed_lines: u32,
}

impl Day {
    fn key(&self) -> (i32, u32) {
        (self.on, self.currency)
    }

    fn join(&mut self, other: &Day) {
        self.total_minor += other.total_minor;
        self.cost_minor += other.cost_minor;
        self.costed_minor += other.costed_minor;
        self.costed_lines += other.costed_lines;
    }
}

/// Texts to numbers, in the order they were met.
struct Numbers {
    texts: ArrowBytesMap<i32, u32>,
    next: u32,
}

impl Numbers {
    fn new() -> Numbers {
        Numbers { texts: ArrowBytesMap::new(OutputType::Utf8), next: 0 }
    }

    /// The number of every text of an array, into `numbers`; an absent one has a number too.
    fn of(&mut self, texts: &ArrayRef, numbers: &mut Vec<u32>) {
        numbers.clear();
        let next = &mut self.next;
        let new = |_: Option<&[u8]>| {
            *next += 1;
            *next - 1
        };
        self.texts.insert_if_new(texts, new, |number| numbers.push(number));
    }
}

/// What one reader saw.
struct Seen {
    customers: Numbers,
    /// Numbers of the customers of a batch.
    numbers: Vec<u32>,
    currencies: Vec<String>,
    /// By customer, where the newest day stands.
    newest: Vec<u32>,
    days: Vec<Day>,
}

impl Seen {
    fn new() -> Seen {
        let (numbers, currencies, newest, days) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Seen { customers: Numbers::new(), numbers, currencies, newest, days }
    }

    fn add(&mut self, batch: &RecordBatch) {
        let mut numbers = std::mem::take(&mut self.numbers);
        self.customers.of(batch.column(0), &mut numbers);
        self.newest.resize(self.customers.next as usize, NONE);
        let on = batch.column(1).as_primitive::<Date32Type>().values();
        let codes = batch.column(2).as_string::<i32>();
        let totals = batch.column(3).as_primitive::<Int64Type>().values();
        let costs = batch.column(4).as_primitive::<Int64Type>();
        // Lines of an order stand together: the day of the line before is mostly that of this one.
        let (mut last, mut at) = ((NONE, 0, NONE), 0);
        for (row, number) in numbers.iter().enumerate() {
            let key = (*number, on[row], self.currency(codes.value(row)));
            if key != last {
                at = self.day(key.0, key.1, key.2);
                last = key;
            }
            let day = &mut self.days[at];
            day.total_minor += totals[row];
            if costs.is_valid(row) {
                day.cost_minor += costs.value(row);
                day.costed_minor += totals[row];
                day.costed_lines += 1;
            }
        }
        self.numbers = numbers;
    }

    fn currency(&mut self, code: &str) -> u32 {
        place_of(&mut self.currencies, code)
    }

    /// Where a customer's day stands, made where it is new: newest first.
    fn day(&mut self, customer: u32, on: i32, currency: u32) -> usize {
        let (mut newer, mut at) = (NONE, self.newest[customer as usize]);
        while at != NONE && self.days[at as usize].key() > (on, currency) {
            (newer, at) = (at, self.days[at as usize].older);
        }
        if at != NONE && self.days[at as usize].key() == (on, currency) {
            return at as usize;
        }
        let place = self.days.len();
        let link = u32::try_from(place).expect("memory ends before 4,294,967,295 days");
        let nothing =
            Day { on, currency, older: at, total_minor: 0, cost_minor: 0, costed_minor: 0, costed_lines: 0 };
        self.days.push(nothing);
        match newer {
            NONE => self.newest[customer as usize] = link,
            newer => self.days[newer as usize].older = link,
        }
        place
    }
}

fn place_of(known: &mut Vec<String>, code: &str) -> u32 {
    let place = known.iter().position(|known| known == code).unwrap_or_else(|| {
        known.push(code.to_owned());
        known.len() - 1
    });
    place as u32
}

/// What all readers saw, with one number for each customer and currency.
struct Together {
    names: ArrayRef,
    currencies: ArrayRef,
    /// Of each reader, by customer, where the newest day stands; and the days.
    parts: Vec<(Vec<u32>, Vec<Day>)>,
}

impl Together {
    fn of(seen: Vec<Seen>) -> Together {
        let (mut customers, mut currencies) = (Numbers::new(), Vec::new());
        let (mut parts, mut numbers) = (Vec::new(), Vec::new());
        for mut one in seen {
            let places: Vec<u32> =
                one.currencies.iter().map(|code| place_of(&mut currencies, code)).collect();
            one.days.iter_mut().for_each(|day| day.currency = places[day.currency as usize]);
            if customers.next == 0 {
                customers = one.customers;
                parts.push((one.newest, one.days));
                continue;
            }
            customers.of(&one.customers.texts.into_state(), &mut numbers);
            let mut newest = vec![NONE; customers.next as usize];
            numbers.iter().zip(one.newest).for_each(|(number, at)| newest[*number as usize] = at);
            parts.push((newest, one.days));
        }
        let currencies: ArrayRef = Arc::new(StringArray::from(currencies));
        Together { names: customers.texts.into_state(), currencies, parts }
    }

    /// A customer's days, oldest first, each once.
    fn days_of(&self, customer: usize, days: &mut Vec<Day>) {
        days.clear();
        for (newest, all) in &self.parts {
            let mut at = newest.get(customer).copied().unwrap_or(NONE);
            while at != NONE {
                days.push(all[at as usize]);
                at = all[at as usize].older;
            }
        }
        days.sort_by_key(Day::key);
        days.dedup_by(|one, before| {
            let is_same = one.key() == before.key();
            if is_same {
                before.join(one);
            }
            is_same
        });
    }

    /// The days and the codes of some customers.
    fn written(&self, customers: Range<usize>, batch_rows: usize) -> Result<[Vec<RecordBatch>; 2]> {
        Ok([self.days(customers.clone(), batch_rows)?, self.codes(customers, batch_rows)?])
    }

    fn codes(&self, customers: Range<usize>, batch_rows: usize) -> Result<Vec<RecordBatch>> {
        let batch = |from: usize| {
            let names = self.names.slice(from, batch_rows.min(customers.end - from));
            let codes: ArrayRef =
                Arc::new(Int64Array::from_iter_values((from..from + names.len()).map(|at| at as i64)));
            let known = is_not_null(&names)?;
            let columns = [codes, names].map(|column| filter(&column, &known));
            Ok(RecordBatch::try_new(codes_schema(), columns.into_iter().collect::<Result<_, _>>()?)?)
        };
        customers.clone().step_by(batch_rows).map(batch).collect()
    }

    fn days(&self, customers: Range<usize>, batch_rows: usize) -> Result<Vec<RecordBatch>> {
        let (mut batches, mut days, mut rows) = (Vec::new(), Vec::new(), Vec::with_capacity(batch_rows));
        for customer in customers {
            self.days_of(customer, &mut days);
            for day in &days {
                rows.push((customer as i32, *day));
                if rows.len() == batch_rows {
                    batches.push(self.batch(&rows)?);
                    rows.clear();
                }
            }
        }
        if !rows.is_empty() {
            batches.push(self.batch(&rows)?);
        }
        Ok(batches)
    }

    fn batch(&self, rows: &[(i32, Day)]) -> Result<RecordBatch> {
        let text = |numbers: Int32Array, names: &ArrayRef| -> Result<ArrayRef> {
            Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(numbers, Arc::clone(names))?))
        };
        let costed = |cell: fn(&Day) -> i64| -> ArrayRef {
            let cells = rows.iter().map(|(_, day)| (day.costed_lines > 0).then(|| cell(day)));
            Arc::new(cells.collect::<Int64Array>())
        };
        let named = |customer: i32| self.names.is_valid(customer as usize).then_some(customer);
        let codes = rows.iter().map(|(customer, _)| named(*customer).map(i64::from));
        let columns = vec![
            text(rows.iter().map(|(customer, _)| named(*customer)).collect(), &self.names)?,
            Arc::new(codes.collect::<Int64Array>()),
            Arc::new(rows.iter().map(|(_, day)| Some(day.on)).collect::<Date32Array>()),
            text(rows.iter().map(|(_, day)| Some(day.currency as i32)).collect(), &self.currencies)?,
            Arc::new(rows.iter().map(|(_, day)| Some(day.total_minor)).collect::<Int64Array>()),
            costed(|day| day.cost_minor),
            costed(|day| day.costed_minor),
        ];
        Ok(RecordBatch::try_new(days_schema(), columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::prelude::{SessionConfig, SessionContext};

    const BY_SQL: &str = "select customer_id, ordered_on, currency, sum(total_minor) as total_minor, \
                          sum(cost_minor) as cost_minor, \
                          sum(case when cost_minor is not null then total_minor end) as costed_minor \
                          from lines group by customer_id, ordered_on, currency";

    /// Lines in no order: a few customers and nobody, days and currencies, a third with a cost.
    const LINES: &str = "create table lines as select \
        case when n * 7919 % 11 < 9 then concat('cus_', cast(n * 7919 % 11 as varchar)) end as customer_id, \
        arrow_cast(arrow_cast(20000 + n * 104729 % 40, 'Int32'), 'Date32') as ordered_on, \
        case when n * 31 % 17 = 0 then 'USD' else 'VND' end as currency, \
        arrow_cast(n * 13 % 101 - 20, 'Int64') as total_minor, \
        case when n % 3 = 0 then arrow_cast(n % 7, 'Int64') end as cost_minor \
        from (select unnest(range(0, 5000)) as n)";

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_sums_are_those_of_sql_whoever_reads_which_lines() {
        for readers in [1, 2, 3] {
            let config = SessionConfig::new().with_target_partitions(readers).with_batch_size(64);
            let context = SessionContext::new_with_config(config);
            context.sql(LINES).await.unwrap().collect().await.unwrap();
            let plain = "select arrow_cast(customer_id, 'Utf8') as customer_id, ordered_on, \
                         arrow_cast(currency, 'Utf8') as currency, total_minor, cost_minor from lines";
            let lines = context.sql(plain).await.unwrap();
            let lines =
                lines.repartition(datafusion::logical_expr::Partitioning::RoundRobinBatch(readers)).unwrap();
            let [(_, days), (_, codes)] = added_up(lines, 100).await.unwrap();
            assert_eq!((days.len(), codes.len()), (readers, readers));
            for (name, parts) in [("days", days), ("codes", codes)] {
                let frame = context.read_batches(parts.into_iter().flatten()).unwrap();
                context.register_table(name, frame.into_view()).unwrap();
            }
            // The code leads to the id, or there is neither.
            let ours = "select codes.customer_id, ordered_on, currency, total_minor, cost_minor, costed_minor \
                        from days left join codes on codes.customer_code = days.customer_code \
                        where arrow_cast(days.customer_id, 'Utf8') is not distinct from codes.customer_id";
            let ours = context.sql(ours).await.unwrap();
            let theirs = context.sql(BY_SQL).await.unwrap();
            let plainly = "arrow_cast(customer_id, 'Utf8'), ordered_on, arrow_cast(currency, 'Utf8'), \
                           total_minor, cost_minor, costed_minor";
            let mut sorted = Vec::new();
            for (name, frame) in [("ours", ours), ("theirs", theirs)] {
                context.register_table(name, frame.into_view()).unwrap();
                let query = format!("select {plainly} from {name} order by 1, 2, 3");
                let batches = context.sql(&query).await.unwrap().collect().await.unwrap();
                sorted.push(
                    datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string(),
                );
            }
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            let lines = |table: &str| {
                table.lines().filter(|line| line.starts_with('|')).skip(1).map(words).collect::<Vec<_>>()
            };
            assert!(sorted[0].lines().count() > 400);
            assert_eq!(lines(&sorted[0]), lines(&sorted[1]));
        }
    }
}

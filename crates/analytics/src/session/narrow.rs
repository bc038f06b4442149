//! A part of the facts as if it were all: one store, one channel, some customers, some time. What relations read of the lake
//! is put behind a filter before anything is computed, so that every relation and every model speaks of that part alone.

use super::Session;
use crate::arrays::to_record_batch;
use datafusion::common::TableReference;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::prelude::{Expr, JoinType, ident, lit};
use datafusion::scalar::ScalarValue;
use domain::column::{Batch, Column};
use domain::port::{Failure, Only};
use jiff::civil::{Date, date};

impl Session {
    /// Look at a part of the facts only. To be said before the first relation is asked.
    ///
    /// A line is in the part where its store, channel, customer and day are. A return goes with the order it names; one that
    /// names none is judged by its own store, channel and customer. Feedback likewise, costs by their channel.
    ///
    /// # Errors
    /// Where the tables of the lake cannot be read.
    pub fn narrow(&self, only: &Only) -> Result<(), Failure> {
        if only.is_everything() {
            return Ok(());
        }
        let failed = |error: DataFusionError| Failure::because("the facts cannot be narrowed", error);
        self.runtime.block_on(async {
            let ids = match &only.customers {
                Some(ids) => {
                    let ids = Column::texts("only_id", ids.iter().map(|id| Some(id.as_str())));
                    Some(self.context.read_batch(to_record_batch(Batch::new(vec![ids]))?).map_err(failed)?)
                }
                None => None,
            };
            let theirs = |frame: DataFrame| match &ids {
                Some(ids) => {
                    frame.join(ids.clone(), JoinType::LeftSemi, &["customer_id"], &["only_id"], None)
                }
                None => Ok(frame),
            };
            let lines = self.context.table(TableReference::partial("lake", "lines")).await.map_err(failed)?;
            let lines = lines.filter(of_place(only).and(of_time(only))).and_then(theirs).map_err(failed)?;
            let returns =
                self.context.table(TableReference::partial("lake", "returns")).await.map_err(failed)?;
            let orders = lines
                .clone()
                .select(vec![ident("order_id").alias("only_order")])
                .and_then(DataFrame::distinct)
                .map_err(failed)?;
            let named = returns
                .clone()
                .join(orders, JoinType::LeftSemi, &["order_id"], &["only_order"], None)
                .map_err(failed)?;
            let free = returns.filter(ident("order_id").is_null().and(of_place(only))).and_then(theirs);
            let returns = free.and_then(|free| named.union(free)).map_err(failed)?;
            let feedback =
                self.context.table(TableReference::partial("lake", "feedback")).await.map_err(failed)?;
            let feedback = feedback.filter(of_place(only)).and_then(theirs).map_err(failed)?;
            self.register("lake.lines", lines.into_view())?;
            self.register("lake.returns", returns.into_view())?;
            self.register("lake.feedback", feedback.into_view())?;
            if let Some(channel) = &only.channel {
                let costs =
                    self.context.table(TableReference::partial("lake", "costs")).await.map_err(failed)?;
                let costs = costs.filter(ident("channel").eq(lit(channel.as_str()))).map_err(failed)?;
                self.register("lake.costs", costs.into_view())?;
            }
            Ok(())
        })
    }
}

fn of_place(only: &Only) -> Expr {
    let is = |column: &str, wanted: &Option<String>| {
        wanted.as_ref().map_or(lit(true), |wanted| ident(column).eq(lit(wanted.as_str())))
    };
    is("store_id", &only.store).and(is("channel", &only.channel))
}

fn of_time(only: &Only) -> Expr {
    let day = |day: Date| lit(ScalarValue::Date32(Some(days_since_1970(day))));
    let from = only.from.map_or(lit(true), |from| ident("ordered_on").gt_eq(day(from)));
    let to = only.to.map_or(lit(true), |to| ident("ordered_on").lt_eq(day(to)));
    from.and(to)
}

fn days_since_1970(day: Date) -> i32 {
    date(1970, 1, 1).until(day).map_or(0, |span| span.get_days())
}

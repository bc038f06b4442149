//! Queues in the database: messages to others and jobs of our own. A worker leases what is due, keeps the lease alive
//! while it works, and says how it went. A worker that dies is forgotten when its lease ends; one that comes back after
//! that finds that the work is no longer its own.

use super::{MessageRow, Writing};
use crate::db::Value;
use crate::failure::Failure;

/// Which queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Messages to others.
    Outbox,
    /// Jobs.
    Jobs,
}

/// Something leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// What.
    pub message: MessageRow,
    /// The how many-th attempt this is, from 1.
    pub attempt: i64,
}

/// Something that nobody will try again by itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DeadLetter {
    /// Its id.
    pub message_id: String,
    /// What it is about.
    pub topic: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What was wrong last.
    pub problem: String,
}

/// How a job stands, or how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStanding {
    /// As JSON.
    pub body: String,
    /// When it was asked for.
    pub created_at: i64,
    /// When it is tried next, where it waits.
    pub due_at: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// `waiting`, `done` or `dead`.
    pub state: String,
    /// What was wrong last; empty where nothing was.
    pub problem: String,
}

/// A statement for each queue; the text is the same but for the table.
macro_rules! of {
    ($queue:expr, $before:literal, $after:literal) => {
        match $queue {
            Queue::Outbox => concat!($before, " outbox ", $after),
            Queue::Jobs => concat!($before, " job ", $after),
        }
    };
}

impl Writing<'_> {
    /// Add jobs that are due at their `created_at`; one that is there already is passed over. Answers how many are new.
    pub fn insert_jobs(&self, rows: &[MessageRow]) -> Result<u64, Failure> {
        let sql =
            "insert into job (message_id, topic, customer_id, body, created_at, due_at, attempts, state)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
        let values = rows.iter().flat_map(|row| -> [Value<'_>; 8] {
            let (id, topic, body) = ((&row.message_id).into(), (&row.topic).into(), (&row.body).into());
            let at = row.created_at.into();
            [id, topic, row.customer_id.as_deref().into(), body, at, at, 0i64.into(), "waiting".into()]
        });
        self.db.run_each(sql, 8, values)
    }

    /// Lease up to `most` of what is due to `worker` until `until`, the longest due first. What another has leased is
    /// passed over while that lease lasts.
    pub fn lease(
        &self,
        queue: Queue,
        worker: &str,
        now: i64,
        until: i64,
        most: i64,
    ) -> Result<Vec<Leased>, Failure> {
        self.lease_topic(queue, "", worker, (now, until), most)
    }

    /// The same of one topic; of any where it is empty.
    pub fn lease_topic(
        &self,
        queue: Queue,
        topic: &str,
        worker: &str,
        (now, until): (i64, i64),
        most: i64,
    ) -> Result<Vec<Leased>, Failure> {
        let sql = of!(
            queue,
            "select message_id, topic, customer_id, body, created_at, attempts from",
            "where state = 'waiting' and due_at <= $1 and (leased_until is null or leased_until <= $1)
                 and ($3 = '' or topic = $3)
             order by due_at, message_id limit $2 for update skip locked"
        );
        let leased = self.db.rows(sql, &[now.into(), most.into(), topic.into()], |row| {
            let (message_id, topic, customer_id) = (row.string(0)?, row.string(1)?, row.maybe_string(2)?);
            let message =
                MessageRow { message_id, topic, customer_id, body: row.string(3)?, created_at: row.int(4)? };
            Ok(Leased { message, attempt: row.int(5)? + 1 })
        })?;
        let take = of!(
            queue,
            "update",
            "set leased_by = $2, leased_until = $3, attempts = attempts + 1 where message_id = $1"
        );
        let ids = leased.iter().map(|leased| &leased.message.message_id);
        self.db.run_each(take, 3, ids.flat_map(|id| [id.into(), worker.into(), Value::Int(until)]))?;
        Ok(leased)
    }

    /// Say that the work goes on. Answers whether it is still this worker's.
    pub fn renew(&self, queue: Queue, id: &str, worker: &str, now: i64, until: i64) -> Result<bool, Failure> {
        let sql = of!(
            queue,
            "update",
            "set leased_until = $4 where message_id = $1 and leased_by = $2 and leased_until > $3 and state = 'waiting'"
        );
        Ok(self.db.run(sql, &[id.into(), worker.into(), now.into(), until.into()])? == 1)
    }

    /// Say that it is done. Answers whether it was still this worker's to say.
    pub fn finish(&self, queue: Queue, id: &str, worker: &str) -> Result<bool, Failure> {
        let sql = of!(
            queue,
            "update",
            "set state = 'done', leased_by = null, leased_until = null, problem = null
             where message_id = $1 and leased_by = $2 and state = 'waiting'"
        );
        Ok(self.db.run(sql, &[id.into(), worker.into()])? == 1)
    }

    /// Say that it failed: try again at `again_at`, or never by itself. Answers whether it was this worker's to say.
    pub fn fail(
        &self,
        queue: Queue,
        id: &str,
        worker: &str,
        problem: &str,
        again_at: Option<i64>,
    ) -> Result<bool, Failure> {
        let sql = of!(
            queue,
            "update",
            "set state = $3, due_at = coalesce($4, due_at), problem = $5, leased_by = null, leased_until = null
             where message_id = $1 and leased_by = $2 and state = 'waiting'"
        );
        let state = if again_at.is_some() { "waiting" } else { "dead" };
        Ok(self.db.run(sql, &[id.into(), worker.into(), state.into(), again_at.into(), problem.into()])? == 1)
    }

    /// Remove what was done of a topic and was made before `before`. Answers how much it was.
    pub fn clear_done(&self, queue: Queue, topic: &str, before: i64) -> Result<u64, Failure> {
        let sql = of!(queue, "delete from", "where state = 'done' and topic = $1 and created_at < $2");
        self.db.run(sql, &[topic.into(), before.into()])
    }

    /// What nobody will try again by itself, at most `most`.
    pub fn dead_letters(&self, queue: Queue, most: i64) -> Result<Vec<DeadLetter>, Failure> {
        let sql = of!(
            queue,
            "select message_id, topic, attempts, coalesce(problem, '') from",
            "where state = 'dead' order by message_id limit $1"
        );
        self.db.rows(sql, &[most.into()], |row| {
            let (message_id, topic) = (row.string(0)?, row.string(1)?);
            Ok(DeadLetter { message_id, topic, attempts: row.int(2)?, problem: row.string(3)? })
        })
    }

    /// The jobs of a topic that are kept, at most `most`, the last asked for first.
    pub fn jobs_of(&self, topic: &str, most: i64) -> Result<Vec<JobStanding>, Failure> {
        let sql = "select body, created_at, due_at, attempts, state, coalesce(problem, '') from job
                   where topic = $1 order by created_at desc, message_id desc limit $2";
        self.db.rows(sql, &[topic.into(), most.into()], |row| {
            let (body, created_at, due_at) = (row.string(0)?, row.int(1)?, row.int(2)?);
            let (attempts, state) = (row.int(3)?, row.string(4)?);
            Ok(JobStanding { body, created_at, due_at, attempts, state, problem: row.string(5)? })
        })
    }

    /// Let it be tried again, from the beginning. Answers whether it was dead.
    pub fn revive(&self, queue: Queue, id: &str, now: i64) -> Result<bool, Failure> {
        let sql = of!(
            queue,
            "update",
            "set state = 'waiting', attempts = 0, due_at = $2 where message_id = $1 and state = 'dead'"
        );
        Ok(self.db.run(sql, &[id.into(), now.into()])? == 1)
    }

    /// How much waits.
    pub fn waiting(&self, queue: Queue) -> Result<i64, Failure> {
        self.db.int(of!(queue, "select count(*) from", "where state = 'waiting'"), &[])
    }

    /// The slot of a schedule that has not begun yet, where it is known.
    pub fn next_slot(&self, name: &str) -> Result<Option<i64>, Failure> {
        self.db.first("select next_at from schedule where name = $1 for update", &[name.into()], |row| {
            row.int(0)
        })
    }

    /// Move a schedule on from `slot`; a new one begins with `None`. Answers whether nobody else had done so.
    pub fn move_slot(&self, name: &str, slot: Option<i64>, next: i64) -> Result<bool, Failure> {
        let changed = match slot {
            None => {
                let sql = "insert into schedule (name, next_at) values ($1, $2) on conflict do nothing";
                self.db.run(sql, &[name.into(), next.into()])?
            }
            Some(slot) => {
                let sql = "update schedule set next_at = $3 where name = $1 and next_at = $2";
                self.db.run(sql, &[name.into(), slot.into(), next.into()])?
            }
        };
        Ok(changed == 1)
    }
}

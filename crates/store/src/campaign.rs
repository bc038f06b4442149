//! Segments and campaigns as rows: definitions, plans, who was chosen, what came back, what left the house.

use crate::db::{Db, Value};
use crate::failure::{Error, Failure};
use crate::open::Store;
use crate::record::ConsentRow;
use domain::Id;

/// A campaign as it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CampaignRow {
    /// Its name.
    pub campaign_id: String,
    /// `planned`, `frozen`, `closed`.
    pub state: String,
    /// The plan, as JSON.
    pub plan: String,
    /// When its state last changed, in microseconds since 1970.
    pub changed_at: i64,
}

/// One step of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CampaignStep {
    /// 1 for the first.
    pub place: i64,
    /// `planned`, `frozen`, `exported`, `results`, `measured`, `closed`.
    pub kind: String,
    /// What it said, as JSON.
    pub body: String,
    /// When, in microseconds since 1970.
    pub happened_at: i64,
}

/// Somebody a campaign has chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignMember {
    /// Who.
    pub customer: Id,
    /// `contact`, `held_out`, `left_out`.
    pub arm: String,
    /// Why left out.
    pub reason: Option<String>,
    /// The tier by which the draw was stratified.
    pub tier: Option<String>,
    /// In a roll-out by store: the store they buy at most.
    pub store_id: Option<String>,
    /// In a staggered roll-out: the wave, from 0.
    pub wave: Option<i64>,
}

/// What came back about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignResult {
    /// Who.
    pub customer: Id,
    /// `sent`, `failed`, `answered`, `opted_out`, …
    pub outcome: String,
    /// When, in microseconds since 1970.
    pub happened_at: i64,
}

/// A file of personal data that left the house.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Disclosure {
    /// The same for the same file of the same campaign.
    pub disclosure_id: String,
    /// The campaign.
    pub campaign_id: String,
    /// Who gets it.
    pub recipient: String,
    /// What for.
    pub purpose: String,
    /// Which columns, as JSON.
    pub columns: String,
    /// How many people.
    pub rows: i64,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub checksum: String,
    /// When, in microseconds since 1970.
    pub disclosed_at: i64,
}

const MEMBER: &str = "select customer_id, arm, reason, tier, store_id, wave from campaign_member";

impl Store {
    /// Keep a definition under a name. The same text again is the version that was there; another text is the next.
    pub fn save_segment(&mut self, name: &str, body: &str, now_micros: i64) -> Result<i64, Error> {
        self.db.transaction(|db| Ok(write_segment(db, name, body, now_micros)?))
    }

    /// The newest definition of that name: version and text.
    pub fn find_segment(&self, name: &str) -> Result<Option<(i64, String)>, Failure> {
        newest_segment(&self.db, name)
    }

    /// All segments as `(name, newest version, text)`, by name.
    pub fn list_segments(&self) -> Result<Vec<(String, i64, String)>, Failure> {
        segments(&self.db)
    }

    /// A campaign, where there is one of that name.
    pub fn find_campaign(&self, campaign: &str) -> Result<Option<CampaignRow>, Failure> {
        let sql = "select campaign_id, state, plan, changed_at from campaign where campaign_id = $1";
        self.db.first(sql, &[campaign.into()], campaign_row)
    }

    /// All campaigns, by name.
    pub fn list_campaigns(&self) -> Result<Vec<CampaignRow>, Failure> {
        let sql = "select campaign_id, state, plan, changed_at from campaign order by campaign_id";
        self.db.rows(sql, &[], campaign_row)
    }

    /// What was done with a campaign, oldest first.
    pub fn steps_of_campaign(&self, campaign: &str) -> Result<Vec<CampaignStep>, Failure> {
        let sql =
            "select place, kind, body, happened_at from campaign_step where campaign_id = $1 order by place";
        self.db.rows(sql, &[campaign.into()], |row| {
            Ok(CampaignStep {
                place: row.int(0)?,
                kind: row.string(1)?,
                body: row.string(2)?,
                happened_at: row.int(3)?,
            })
        })
    }

    /// Make a plan, or put another in the place of one on which nothing was done yet.
    pub fn plan_campaign(
        &mut self,
        campaign: &str,
        plan: &str,
        step: &str,
        now_micros: i64,
    ) -> Result<(), Error> {
        self.db.transaction(|db| {
            let sql = "insert into campaign (campaign_id, state, plan, changed_at) values ($1, 'planned', $2, $3)
                 on conflict (campaign_id) do update set plan = excluded.plan, changed_at = excluded.changed_at
                 where campaign.state = 'planned'";
            if db.run(sql, &[campaign.into(), plan.into(), now_micros.into()])? > 0 {
                add_step(db, campaign, "planned", step, now_micros)?;
            }
            Ok(())
        })
    }

    /// Freeze a planned campaign: its people and what was counted, all of it or nothing. Answers whether it was this
    /// call that did so.
    pub fn freeze_campaign(
        &mut self,
        campaign: &str,
        members: &[CampaignMember],
        step: &str,
        now_micros: i64,
    ) -> Result<bool, Error> {
        self.db.transaction(|db| {
            let sql = "update campaign set state = 'frozen', changed_at = $2 where campaign_id = $1 and state = 'planned'";
            if db.run(sql, &[campaign.into(), now_micros.into()])? == 0 {
                return Ok(false);
            }
            let ids: Vec<String> = members.iter().map(|member| member.customer.to_string()).collect();
            let sql = "insert into campaign_member (customer_id, campaign_id, arm, reason, tier, store_id, wave)
                 values ($1, $2, $3, $4, $5, $6, $7)";
            let values = members.iter().zip(&ids).flat_map(|(member, id)| -> [Value<'_>; 7] {
                [
                    id.into(),
                    campaign.into(),
                    (&member.arm).into(),
                    member.reason.as_deref().into(),
                    member.tier.as_deref().into(),
                    member.store_id.as_deref().into(),
                    member.wave.into(),
                ]
            });
            db.run_each(sql, 7, values)?;
            add_step(db, campaign, "frozen", step, now_micros)?;
            Ok(true)
        })
    }

    /// Say that a campaign is over.
    pub fn close_campaign(&mut self, campaign: &str, step: &str, now_micros: i64) -> Result<bool, Error> {
        self.db.transaction(|db| {
            let sql = "update campaign set state = 'closed', changed_at = $2 where campaign_id = $1 and state <> 'closed'";
            if db.run(sql, &[campaign.into(), now_micros.into()])? == 0 {
                return Ok(false);
            }
            add_step(db, campaign, "closed", step, now_micros)?;
            Ok(true)
        })
    }

    /// Write down a step. One of the same kind with the same body as the last of that kind is there already.
    pub fn add_campaign_step(
        &mut self,
        campaign: &str,
        kind: &str,
        body: &str,
        now_micros: i64,
    ) -> Result<(), Error> {
        Ok(self.db.transaction(|db| add_step(db, campaign, kind, body, now_micros))?)
    }

    /// Everybody a campaign has chosen, by customer, streamed.
    pub fn for_each_member(
        &self,
        campaign: &str,
        mut read: impl FnMut(CampaignMember),
    ) -> Result<(), Failure> {
        let sql = format!("{MEMBER} where campaign_id = $1 order by customer_id");
        self.db.for_each(&sql, &[campaign.into()], |row| {
            read(CampaignMember {
                customer: row.id(0)?,
                arm: row.string(1)?,
                reason: row.maybe_string(2)?,
                tier: row.maybe_string(3)?,
                store_id: row.maybe_string(4)?,
                wave: row.maybe_int(5)?,
            });
            Ok(())
        })
    }

    /// Who is in another campaign that is not over: to be contacted or held out. As `(customer, campaign)`.
    pub fn for_each_in_open_campaigns(
        &self,
        but: &str,
        mut read: impl FnMut(Id, &str),
    ) -> Result<(), Failure> {
        let sql = "select customer_id, campaign_member.campaign_id from campaign
             join campaign_member on campaign_member.campaign_id = campaign.campaign_id
             where state = 'frozen' and campaign.campaign_id <> $1 and arm <> 'left_out'
             order by campaign_member.campaign_id, customer_id";
        self.db.for_each(sql, &[but.into()], |row| {
            read(row.id(0)?, row.text(1)?);
            Ok(())
        })
    }

    /// Keep what came back, each outcome of a person once, and the proofs of what they said with it; all of it or
    /// nothing. Answers how many outcomes were new.
    pub fn record_results(
        &mut self,
        campaign: &str,
        results: &[CampaignResult],
        said: &[ConsentRow],
        step: &str,
        now_micros: i64,
    ) -> Result<u64, Error> {
        self.db.transaction(|db| {
            let ids: Vec<String> = results.iter().map(|result| result.customer.to_string()).collect();
            let sql =
                "insert into campaign_result (customer_id, campaign_id, outcome, happened_at, recorded_at)
                 values ($1, $2, $3, $4, $5) on conflict do nothing";
            let values = results.iter().zip(&ids).flat_map(|(result, id)| -> [Value<'_>; 5] {
                [
                    id.into(),
                    campaign.into(),
                    (&result.outcome).into(),
                    result.happened_at.into(),
                    now_micros.into(),
                ]
            });
            let new = db.run_each(sql, 5, values)?;
            crate::record::Writing { db }.insert_consents(said)?;
            if new > 0 {
                add_step(db, campaign, "results", step, now_micros)?;
            }
            Ok(new)
        })
    }

    /// What came back, by customer, streamed: who, the outcome, and when, in microseconds since 1970, where the file said
    /// so and not merely when it was taken in.
    pub fn for_each_result(
        &self,
        campaign: &str,
        mut read: impl FnMut(Id, &str, Option<i64>),
    ) -> Result<(), Failure> {
        let sql = "select customer_id, outcome, happened_at, recorded_at from campaign_result where campaign_id = $1
             order by customer_id, outcome";
        self.db.for_each(sql, &[campaign.into()], |row| {
            let (happened, recorded) = (row.int(2)?, row.int(3)?);
            read(row.id(0)?, row.text(1)?, (happened != recorded).then_some(happened));
            Ok(())
        })
    }

    /// Write down that a file leaves the house, with whom it is about; the same file twice is one.
    pub fn disclose(&mut self, file: &Disclosure, people: &[Id], step: &str) -> Result<bool, Error> {
        self.db.transaction(|db| {
            let sql =
                "insert into disclosure (disclosure_id, campaign_id, recipient, purpose, columns, row_count,
                     checksum, disclosed_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
            let values: [Value<'_>; 8] = [
                (&file.disclosure_id).into(),
                (&file.campaign_id).into(),
                (&file.recipient).into(),
                (&file.purpose).into(),
                (&file.columns).into(),
                file.rows.into(),
                (&file.checksum).into(),
                file.disclosed_at.into(),
            ];
            if db.run(sql, &values)? == 0 {
                return Ok(false);
            }
            let ids: Vec<String> = people.iter().map(Id::to_string).collect();
            let sql = "insert into disclosed_customer (customer_id, disclosure_id) values ($1, $2)";
            let of = |id| -> [Value<'_>; 2] { [Value::from(id), (&file.disclosure_id).into()] };
            db.run_each(sql, 2, ids.iter().flat_map(of))?;
            add_step(db, &file.campaign_id, "exported", step, file.disclosed_at)?;
            Ok(true)
        })
    }

    /// The files that have left the house for a campaign, oldest first.
    pub fn disclosures_of(&self, campaign: &str) -> Result<Vec<Disclosure>, Failure> {
        let sql = "select disclosure_id, campaign_id, recipient, purpose, columns, row_count, checksum, disclosed_at
             from disclosure where campaign_id = $1 order by disclosed_at, disclosure_id";
        self.db.rows(sql, &[campaign.into()], |row| {
            Ok(Disclosure {
                disclosure_id: row.string(0)?,
                campaign_id: row.string(1)?,
                recipient: row.string(2)?,
                purpose: row.string(3)?,
                columns: row.string(4)?,
                rows: row.int(5)?,
                checksum: row.string(6)?,
                disclosed_at: row.int(7)?,
            })
        })
    }

    /// Everything that was said about a channel and a purpose, person by person, streamed in the order of customers.
    pub fn for_each_consent(
        &self,
        channel: &str,
        purpose: &str,
        mut read: impl FnMut(Id, ConsentRow),
    ) -> Result<(), Failure> {
        let sql = format!(
            "{} where channel = $1 and purpose = $2 order by customer_id, happened_at, consent_id",
            crate::record::CONSENT
        );
        self.db.for_each(&sql, &[channel.into(), purpose.into()], |row| {
            read(row.id(0)?, crate::record::consent(row)?);
            Ok(())
        })
    }

    /// Add proofs of what people have said.
    pub fn record_consents(&mut self, rows: &[ConsentRow]) -> Result<(), Error> {
        Ok(self.db.transaction(|db| crate::record::Writing { db }.insert_consents(rows))?)
    }

    /// Who has a tag.
    pub fn customers_tagged(&self, tag: &str) -> Result<Vec<Id>, Failure> {
        let sql = "select customer_id from tag where tag = $1 order by customer_id";
        self.db.rows(sql, &[tag.into()], |row| row.id(0))
    }
}

pub(crate) fn segments(db: &Db) -> Result<Vec<(String, i64, String)>, Failure> {
    let sql = "select name, version, body from segment
         where version = (select max(version) from segment as other where other.name = segment.name) order by name";
    db.rows(sql, &[], |row| Ok((row.string(0)?, row.int(1)?, row.string(2)?)))
}

pub(crate) fn write_segment(db: &Db, name: &str, body: &str, now_micros: i64) -> Result<i64, Failure> {
    let newest = newest_segment(db, name)?;
    if let Some((version, _)) = newest.as_ref().filter(|(_, kept)| kept == body) {
        return Ok(*version);
    }
    let next = newest.map_or(1, |(version, _)| version + 1);
    let sql = "insert into segment (name, version, body, saved_at) values ($1, $2, $3, $4)";
    db.run(sql, &[name.into(), next.into(), body.into(), now_micros.into()])?;
    Ok(next)
}

pub(crate) fn newest_segment(db: &Db, name: &str) -> Result<Option<(i64, String)>, Failure> {
    let sql = "select version, body from segment where name = $1 order by version desc limit 1";
    db.first(sql, &[name.into()], |row| Ok((row.int(0)?, row.string(1)?)))
}

fn campaign_row(row: &crate::db::Row<'_>) -> Result<CampaignRow, Failure> {
    Ok(CampaignRow {
        campaign_id: row.string(0)?,
        state: row.string(1)?,
        plan: row.string(2)?,
        changed_at: row.int(3)?,
    })
}

fn add_step(db: &Db, campaign: &str, kind: &str, body: &str, at: i64) -> Result<(), Failure> {
    let last =
        "select place, kind, body from campaign_step where campaign_id = $1 order by place desc limit 1";
    let last = db.first(last, &[campaign.into()], |row| Ok((row.int(0)?, row.string(1)?, row.string(2)?)))?;
    if last.as_ref().is_some_and(|(_, was, said)| was == kind && said == body) {
        return Ok(());
    }
    let place = last.map_or(1, |(place, _, _)| place + 1);
    let sql =
        "insert into campaign_step (campaign_id, place, kind, body, happened_at) values ($1, $2, $3, $4, $5)";
    db.run(sql, &[campaign.into(), place.into(), kind.into(), body.into(), at.into()]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, chance, shop};

    fn member(customer: Id, arm: &str) -> CampaignMember {
        CampaignMember {
            customer,
            arm: arm.into(),
            reason: (arm == "left_out").then(|| "no_consent".into()),
            tier: Some("small".into()),
            store_id: None,
            wave: None,
        }
    }

    #[test]
    fn a_definition_has_versions_and_the_same_text_is_the_same_version() {
        let mut shop = shop();
        assert_eq!(shop.save_segment("late", "a", NOW).unwrap(), 1);
        assert_eq!(shop.save_segment("late", "a", NOW + 1).unwrap(), 1);
        assert_eq!(shop.save_segment("late", "b", NOW + 2).unwrap(), 2);
        assert_eq!(shop.save_segment("best", "c", NOW).unwrap(), 1);
        assert_eq!(shop.find_segment("late").unwrap(), Some((2, "b".into())));
        assert_eq!(
            shop.list_segments().unwrap(),
            [("best".into(), 1, "c".into()), ("late".into(), 2, "b".into())]
        );
        assert_eq!(shop.find_segment("none").unwrap(), None);
    }

    #[test]
    fn what_is_frozen_stays_and_each_step_is_there_once() {
        let mut shop = shop();
        let ids = shop.resolve("till", "external_id", &["1", "2", "3"], NOW, &mut chance(1)).unwrap();
        shop.plan_campaign("win-back", "{}", "s", NOW).unwrap();
        shop.plan_campaign("win-back", "{\"a\":1}", "s", NOW).unwrap();
        let members = [member(ids[0], "contact"), member(ids[1], "held_out"), member(ids[2], "left_out")];
        assert!(shop.freeze_campaign("win-back", &members, "f", NOW).unwrap());
        assert!(!shop.freeze_campaign("win-back", &members, "f", NOW).unwrap(), "again changes nothing");
        shop.plan_campaign("win-back", "{\"a\":2}", "s", NOW).unwrap();
        let kept = shop.find_campaign("win-back").unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.plan.as_str()), ("frozen", "{\"a\":1}"));

        let mut seen = Vec::new();
        shop.for_each_member("win-back", |member| seen.push(member)).unwrap();
        assert_eq!(seen.len(), 3);
        assert!(seen.iter().all(|one| members.contains(one)));
        let mut open = Vec::new();
        shop.for_each_in_open_campaigns("other", |id, campaign| open.push((id, campaign.to_owned())))
            .unwrap();
        assert_eq!(open.len(), 2, "who was left out is free");
        shop.for_each_in_open_campaigns("win-back", |_, _| panic!("its own people")).unwrap();

        let came = [CampaignResult { customer: ids[0], outcome: "sent".into(), happened_at: NOW }];
        assert_eq!(shop.record_results("win-back", &came, &[], "r", NOW).unwrap(), 1);
        assert_eq!(shop.record_results("win-back", &came, &[], "r2", NOW + 9).unwrap(), 0);
        let file = Disclosure {
            disclosure_id: "d".into(),
            campaign_id: "win-back".into(),
            recipient: "vendor".into(),
            purpose: "marketing".into(),
            columns: "[]".into(),
            rows: 1,
            checksum: "c".into(),
            disclosed_at: NOW,
        };
        assert!(shop.disclose(&file, &ids[..1], "e").unwrap());
        assert!(!shop.disclose(&file, &ids[..1], "e").unwrap());
        assert_eq!(shop.disclosures_of("win-back").unwrap(), [file]);
        assert!(shop.close_campaign("win-back", "c", NOW).unwrap());
        assert!(!shop.close_campaign("win-back", "c", NOW).unwrap());
        shop.for_each_in_open_campaigns("other", |_, _| panic!("it is over")).unwrap();
        let kinds: Vec<String> =
            shop.steps_of_campaign("win-back").unwrap().into_iter().map(|step| step.kind).collect();
        assert_eq!(kinds, ["planned", "frozen", "results", "exported", "closed"]);
    }

    #[test]
    fn what_fails_anywhere_is_as_if_it_had_not_begun_and_repeating_ends_the_same() {
        let mut shop = shop();
        let ids = shop.resolve("till", "external_id", &["1", "2"], NOW, &mut chance(1)).unwrap();
        let members = [member(ids[0], "contact"), member(ids[1], "held_out")];
        shop.plan_campaign("win-back", "{}", "p", NOW).unwrap();
        let mut failed = 0;
        for statements in 0.. {
            shop.db.fail_after(Some(statements));
            let answer = shop.freeze_campaign("win-back", &members, "f", NOW);
            shop.db.fail_after(None);
            if answer.is_ok() {
                break;
            }
            failed += 1;
            assert_eq!(shop.find_campaign("win-back").unwrap().unwrap().state, "planned");
            shop.for_each_member("win-back", |_| panic!("half a freeze")).unwrap();
        }
        assert!(failed >= 4, "{failed}");
        let came = [CampaignResult { customer: ids[0], outcome: "opted_out".into(), happened_at: NOW }];
        let said = [ConsentRow {
            customer_id: ids[0].to_string(),
            consent_id: "c".into(),
            address: "a@corner.example".into(),
            channel: "email".into(),
            purpose: "marketing".into(),
            status: "withdrawn".into(),
            legal_basis: "consent".into(),
            jurisdiction: "vn".into(),
            text_version: "1".into(),
            language: String::new(),
            source: "stop".into(),
            actor: "x".into(),
            evidence: "{}".into(),
            happened_at: NOW,
            recorded_at: NOW,
            expires_at: None,
            confirms: None,
        }];
        for statements in 0.. {
            shop.db.fail_after(Some(statements));
            let answer = shop.record_results("win-back", &came, &said, "r", NOW);
            shop.db.fail_after(None);
            if answer.is_ok() {
                break;
            }
            shop.for_each_result("win-back", |_, _, _| panic!("a result without its opt-out")).unwrap();
            shop.for_each_consent("email", "marketing", |_, _| panic!("half an opt-out")).unwrap();
        }
        let mut proofs = 0;
        shop.for_each_consent("email", "marketing", |_, _| proofs += 1).unwrap();
        assert_eq!((proofs, shop.steps_of_campaign("win-back").unwrap().len()), (1, 3));
    }
}

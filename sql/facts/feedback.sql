-- facts.feedback: what customers said, without the words.
-- One row per feedback. Scores of different scales are put on one from 0 to 1.
-- Reads lake.feedback.
--   feedback_id: the source's key of the feedback
--   customer_id: our id of the customer; absent on anonymous feedback
--   order_id: the order it is about
--   given_at: when, UTC
--   given_on: the shop's local day
--   kind: survey, review, complaint, as the file says
--   score: 0 (worst) to 1 (best); absent where none was given or its scale is unknown
--   store_id: the store
--   channel: the channel
select
    feedback_id,
    customer_id,
    order_id,
    given_at,
    given_on,
    kind,
    case when score_max_milli > 0 then score_milli / cast(score_max_milli as double) end as score,
    store_id,
    channel
from lake.feedback

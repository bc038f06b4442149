# What is refused in files that people write. As refusals.ftl: the English is what the engine writes, and is known
# again by the text between its facts. One line each.

# Segments, plans and campaigns.
refused-file-must-be-table = { $place } must be a table such as { $example }
refused-file-must-have-one = { $place } must have one of { $known }; it has { $found }
refused-file-must-be-list = { $place } must be a list
refused-file-empty-condition = { $place } is empty: it would mean everybody or nobody
refused-file-no-sentence = no people stand behind sentence '{ $sentence }'; use one of { $known }
refused-file-field = field = "{ $name }" must be a relation of customers and its column; relations: { $known }
refused-file-true-or-false = { $place } must be true or false
refused-file-asks-nothing = { $place } asks nothing of { $name }; add one of { $known }
refused-file-did = did = "{ $did }"; { $why }
refused-file-use-one = use one of { $known }
refused-file-one-or-more = { $place } must be 1 or more
refused-file-not-known-here = { $place } has '{ $key }', which is not known here; { $why }
refused-file-text-in-quotes = { $key } must be text in quotes
refused-file-whole-number = { $place } must be a whole number
refused-file-number-or-day = { $place } must be a number or a day such as 2026-01-31
refused-file-day = { $place } must be a day such as 2026-01-31
refused-file-empty-list = { $place } is an empty list
refused-file-consent = say to what, such as { $example }
refused-segment-unknown = there is no segment of that name; known: { $known }. Keep one with perennial segment check FILE --keep
refused-segment-not-there = there is no segment '{ $name }'
refused-segment-not-there-any-more = there is no segment { $name }
refused-segment-circle = segments stand in each other in a circle: { $path }
refused-segment-changed = segment { $name } is at version { $version } by now
refused-segment-no-column = customer.{ $relation } has no column { $column }; it has { $known }
refused-segment-words = { $column } holds words; ask is = "…" with one of { $known }
refused-segment-words-plain = { $column } holds words; ask is = "…"
refused-segment-no-day = { $column } is no day, so within_days means nothing
refused-segment-numbers = { $column } holds numbers or days; leave the quotes away
refused-plan-key = '{ $key }' is not known in a plan; known are { $known }
refused-plan-missing = { $key } is missing: { $why }
refused-plan-name = a word for the campaign, such as late-regulars
refused-plan-action = what is offered, in a sentence
refused-plan-channel = such as sms, zalo, email or call
refused-plan-cost = what one message or call costs, such as "350"
refused-plan-days = { $key } must be a whole number of days from 1 to { $most }
refused-plan-number = { $key } must be a number from { $low } to { $high }
refused-plan-metric = metric = "{ $metric }" must be margin, orders or bought
refused-plan-reading = reading = "{ $reading }" must be fixed or sequence
refused-plan-rollout-not = a [rollout] is for a public promise; here a share is left alone (hold_out)
refused-plan-public-all = nobody is held out from what was promised to all: leave hold_out away and say in [rollout] who starts when
refused-plan-public-rollout = a public promise needs a [rollout]: by = "store" or "lot", and waves with on = DAY and stores or share
refused-plan-rollout-once = a roll-out is read once, when its days are over: reading = "fixed"
refused-plan-rollout-table = [rollout] must be a table with by and waves
refused-plan-rollout-key = rollout.{ $key } is not known; use by and waves
refused-plan-rollout-by = rollout.by must be "store" or "lot"
refused-plan-rollout-waves = rollout.waves must be a list such as { $example }
refused-plan-rollout-order = rollout.waves must start one after the other, the earliest first
refused-plan-rollout-shares = the shares of rollout.waves come to more than 1
refused-plan-rollout-twice = store { $store } stands in two waves
refused-plan-wave-table = { $place } must be a table
refused-plan-wave-on = { $place } is missing
refused-plan-wave-stores = { $place } must be a list of store keys
refused-plan-wave-share = { $place } must be above 0, up to 1.0
refused-plan-amount = { $key } must be an amount of { $currency }, in quotes, such as "350"
refused-plan-margin = margin must be a share of sales such as 0.35, or "column" for the costs in your files
refused-step-nobody-left = nobody is left to contact: { $reasons }
refused-step-start = it is to start on { $start }, and facts are known up to { $last }: people would be chosen by what happens after the start. Say start_on = { $next } or later
refused-step-unknown = there is no campaign of that name; { $known }. Plan one with perennial campaign plan FILE
refused-step-closed = it is closed; nothing leaves the house for it any more
refused-step-other-plan = it is { $state } under another plan, and rules of reading do not change on the way; give the new plan another name
refused-step-too-early = it is read once, when its { $days } days are over: facts are known up to { $last }, and it counts to { $until }. Bring the orders in, or plan reading = "sequence" next time
refused-step-no-period = no period after its first start is over: facts are known up to { $last }. Bring the orders in first
refused-results-line = line { $line }: { $why }
refused-results-word = '{ $word }' is no outcome we know; write one of { $known }
refused-results-future = '{ $day }' has not come yet
refused-results-no-who = no column says who (ref, phone, email, customer) among { $columns }
refused-export-no-address = nobody who may be contacted has the address this layout asks for; import it with the customers, or { $otherwise }

# Programs.
refused-in-program-no-program = there is no [program]
refused-in-program-no-program-do = add [program] with id, name, zone and currency
refused-in-program-program-twice = [program] is there twice
refused-in-program-program-twice-do = keep one
refused-in-program-zone = '{ $zone }' is not a time zone
refused-in-program-zone-do = write an IANA name such as Asia/Ho_Chi_Minh
refused-in-program-no-wallet = the program has no wallet
refused-in-program-no-wallet-do = add [[wallet]]
refused-in-program-group-itself = a group excludes itself
refused-in-program-group-itself-do = name other groups
refused-in-program-too-fine = precision = { $precision } is too fine
refused-in-program-too-fine-do = write 0 to 6
refused-in-program-not-above-zero = { $key } = { $number } is not above zero
refused-in-program-worth-do = write what one point costs the shop
refused-in-program-above-zero-do = write a number above zero
refused-in-program-expiry-ways = an expiry says when in no way, or in several
refused-in-program-expiry-ways-do = give it exactly one of never = true, after, on, idle
refused-in-program-no-time = { $key } is no time at all
refused-in-program-no-time-do = write at least one day, 1D
refused-in-program-at-least-on = at_least needs on
refused-in-program-at-least-on-do = say the day of the year, or remove at_least
refused-in-program-extend-after = extend needs after
refused-in-program-extend-after-do = say after, or remove extend
refused-in-program-no-expiry = nothing says when points of '{ $wallet }' run out
refused-in-program-no-expiry-do = add [[expiry]] wallet = "{ $wallet }", never = true if they do not
refused-in-program-not-there = { $kind } '{ $name }' does not exist
refused-in-program-not-there-do = known: { $known }
refused-in-program-not-there-none = there is none
refused-in-program-twice = { $kind } '{ $name }' is there twice
refused-in-program-twice-do = give each an id of its own
refused-in-program-tier-twice-do = tiers of all ladders have ids of their own
refused-in-program-not-an-id = '{ $name }' is not an id
refused-in-program-not-an-id-do = use 1 to 64 letters, digits, - and _
refused-in-program-two-readings = { $key } = "{ $number }" can be read as { $one } or as { $other }
refused-in-program-two-readings-do = write { $one }, or "{ $other }"
refused-in-program-not-in-wallet = { $key } = { $number } does not exist in wallet '{ $wallet }' of precision { $precision }
refused-in-program-not-in-wallet-do = write a number above zero with that many decimals
refused-in-program-not-in-a-wallet = { $key } = { $number } does not exist in a wallet of precision { $precision }
refused-in-program-not-in-a-wallet-do = write a number above zero with that many decimals, or raise the wallet's precision
refused-in-program-not-an-amount = { $key } = { $number } is not an amount of { $currency }
refused-in-program-not-an-amount-do = write zero or more with at most { $decimals } decimals
refused-in-program-ends-first = it ends on { $until }, before it begins on { $from }
refused-in-program-ends-first-do = until is the day after the last: it comes after from
refused-in-program-reward-no-price = the reward has no price
refused-in-program-reward-no-price-do = add prices = { $example }
refused-in-program-buy-nothing = points of '{ $wallet }' buy nothing
refused-in-program-buy-nothing-do = use a spendable wallet
refused-in-program-reward-no-value = the reward has no value
refused-in-program-reward-no-value-do = add value, the money it is worth
refused-in-program-choice = a choice of fewer than two products
refused-in-program-choice-do = name the products
refused-in-program-product-one = a product reward names one product
refused-in-program-product-one-do = write products = ["…"], or kind = "choice"
refused-in-program-share-percent = share_percent is not 1 to 100
refused-in-program-share-percent-do = write the largest share of a bill that points may pay
refused-in-program-pattern = pattern '{ $pattern }' has { $free } free places
refused-in-program-pattern-do = use 6 to 16 #, so that codes cannot be guessed
refused-in-program-pattern-long = the pattern is long or not plain ASCII
refused-in-program-pattern-long-do = use at most 40 letters, digits, - and #
refused-in-program-voucher-never = the voucher can never be used
refused-in-program-voucher-never-do = write uses = 1 or more
refused-in-program-ladder-wallet = counts = "points" needs wallet
refused-in-program-ladder-wallet-do = name the wallet that counts
refused-in-program-wallet-ladder = wallet needs counts = "points"
refused-in-program-wallet-ladder-do = remove wallet
refused-in-program-length = length belongs to a rolling window, and a rolling window needs it
refused-in-program-length-do = write length = "12M"
refused-in-program-lasts = nothing says how long a tier lasts
refused-in-program-lasts-do = add lasts or lasts_next_year, or downgrade = "none"
refused-in-program-lasts-twice = a tier lasts in two ways
refused-in-program-lasts-twice-do = keep lasts or lasts_next_year
refused-in-program-threshold = threshold { $threshold } is not exact
refused-in-program-threshold-do = use fewer decimals
refused-in-program-lowest = the lowest tier has a threshold
refused-in-program-lowest-do = begin with a tier of threshold = "0"
refused-in-program-tier-order = tier '{ $tier }' takes no more than the one below
refused-in-program-tier-order-do = write tiers lowest first
refused-in-program-no-tier = the ladder has no tier
refused-in-program-no-tier-do = add [[ladder.tier]]
refused-in-program-mission-event = event belongs to counts = "events"
refused-in-program-mission-event-do = name the event, or count something else
refused-in-program-mission-nothing = the mission gives nothing
refused-in-program-mission-nothing-do = add gift or badge
refused-in-program-streak = a streak of no periods
refused-in-program-streak-do = write streak = 1 or more
refused-in-program-lifetime-streak = a lifetime comes only once
refused-in-program-lifetime-streak-do = write streak = 1, or a period that comes again
refused-in-program-target = target = { $target } cannot be counted
refused-in-program-event-lines = an event has no lines
refused-in-program-event-lines-do = remove lines
refused-in-program-surprise = one_in is 0, or holdout_percent above 90
refused-in-program-surprise-do = write one_in = 1 or more, holdout 0 to 90
refused-in-program-multiply-none = multiply names no rule
refused-in-program-multiply-none-do = write of = ["…"]
refused-in-program-multiply-multiple = rule '{ $rule }' is itself a multiple
refused-in-program-multiply-multiple-do = multiply the rule it multiplies
refused-in-program-multiply-wallet = rule '{ $rule }' gives another wallet's points
refused-in-program-multiply-wallet-do = use one wallet
refused-in-program-multiply-group = rule '{ $rule }' is in the same group
refused-in-program-multiply-group-do = a rule and a multiple of it cannot compete: take one out of the group
refused-in-program-sum-over = sum_over needs amounts
refused-in-program-sum-over-do = use it with per_amount or bands
refused-in-program-sum-over-line = sum_over counts whole bills
refused-in-program-sum-over-line-do = remove per = "line"
refused-in-program-event-amount = an event has no amount
refused-in-program-event-amount-do = use fixed with event
refused-in-program-pending-nothing = pending waits for nothing
refused-in-program-pending-nothing-do = give it delay, until or event
refused-in-program-pending-two = pending waits for a day and for something else
refused-in-program-pending-two-do = keep until, or delay and event
refused-in-program-within-event = within needs event
refused-in-program-within-event-do = name the event, or remove within
refused-in-program-festival = a festival has no day, or two
refused-in-program-festival-do = give it on or lunar
refused-in-program-birthday-window = a birthday window is a month and days
refused-in-program-birthday-window-do = keep month, or days_before and days_after
refused-in-program-versions = two versions of rule '{ $rule }' are in force at once
refused-in-program-versions-end = end the earlier one: until = { $day } in { $place }
refused-in-program-versions-from = give the later version from, and the earlier one until
refused-in-program-ways = rule '{ $rule }' says how many points in { $ways } ways
refused-in-program-ways-do = give it exactly one of per_amount, bands, per_unit, fixed, multiply
refused-in-program-too-large = { $key } = { $number } is too large
refused-in-program-too-large-do = write a smaller number
refused-in-program-every = every is zero
refused-in-program-every-do = write an amount above zero
refused-in-program-by = by = { $by } gives nothing extra
refused-in-program-by-do = write a number above 1, 2 to double
refused-in-program-band-open = the band from { $from } has no end but is not the last
refused-in-program-band-open-do = give it below = "{ $below }"
refused-in-program-band-back = the band from { $from } ends before it begins
refused-in-program-band-back-do = raise below
refused-in-program-band-gap = there is a gap between { $until } and { $from }
refused-in-program-band-overlap = the bands from { $one } and from { $other } overlap
refused-in-program-band-meet-do = let the band begin where the one before ends: from = "{ $from }"
refused-in-program-band-last = the last band ends at { $below }: a larger bill would give nothing
refused-in-program-band-last-do = leave below out of it, or add { $example } if that is meant
refused-in-program-cap = a cap limits nothing
refused-in-program-cap-do = give it points or times
refused-in-program-table = unknown table '{ $table }'
refused-in-program-table-do = known tables: { $known }
refused-in-program-not-tables = '{ $table }' is not a list of tables
refused-in-program-not-tables-do = write [[{ $table }]]
refused-in-program-not-a-table = '{ $table }' is not a table
refused-in-program-not-a-table-do = write [{ $table }] once
refused-in-program-not-toml = this is not TOML: { $detail }
refused-in-program-not-toml-do = see the examples in the manual, or toml.io for the format
refused-in-program-key = unknown key '{ $key }' in { $table }
refused-in-program-key-near = did you mean '{ $near }'? known keys: { $known }
refused-in-program-key-do = known keys: { $known }
refused-in-program-key-missing = { $table } has no '{ $key }'
refused-in-program-key-missing-do = add { $key } = …
refused-in-program-word = '{ $word }' is not known here
refused-in-program-word-do = write one of { $known }
refused-in-program-type = here stands { $found }
refused-in-program-type-text-do = write a text in quotes
refused-in-program-see-table-do = see { $table } in the manual
refused-in-program-condition = { $key } = '{ $source }': { $why }
refused-in-program-not-a-condition = this is not a condition: { $detail }
refused-in-program-condition-unknown = '{ $name }' does not exist; known: { $known }
refused-in-program-condition-equal-do = equal is written ==
refused-in-program-condition-do = see the conditions page of the manual
refused-in-program-digits = '{ $text }' has more than 12 digits after the point
refused-in-program-day = '{ $text }' is not a day
refused-in-program-day-do = write year-month-day, 2026-03-10
refused-in-program-name-empty = a name is empty
refused-in-program-name-empty-do = write what people read there
refused-in-program-files-of-other = the files are of the program { $program }: leave its id as it is, or begin a new program

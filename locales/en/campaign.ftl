# Campaigns: the one page of what an action brought.

cam-title = What it brought
cam-masthead = { $action } · { $channel } · { $from } to { $until }
cam-brought-money = It brought between { $low } and { $high } of margin that would not have come otherwise.
cam-lost-money = It lost between { $low } and { $high } of margin: people did less than those who were left alone.
cam-brought-orders = It brought between { $low } and { $high } orders that would not have come otherwise.
cam-lost-orders = It lost between { $low } and { $high } orders: people did less than those who were left alone.
cam-brought-people = It brought between { $low } and { $high } people who would not have come otherwise.
cam-lost-people = It kept between { $low } and { $high } people away who would have come otherwise.
cam-nothing = It cannot be told from nothing. To see the lift at which it pays, { $needed } people would be needed; there were { $had }.
cam-nothing-plain = It cannot be told from nothing with the { $had } people there were.
cam-rollout-more = Those who had it did between { $low } and { $high } more, a person in { $days } days, than those who did not have it yet.
cam-rollout-less = Those who had it did between { $low } and { $high } less, a person in { $days } days, than those who did not have it yet.
cam-so-far = So far; its days are not over.
cam-points = { $number } points
cam-decision = Decision
cam-verdict-keep = Keep it
cam-verdict-change = Change it
cam-verdict-stop = Stop it
cam-verdict-wait = Wait
cam-why-draw-broken = The people who are there are not those who were drawn, so no number below can be trusted. Find out who is missing and why.
cam-why-leaked = { $leaked } of { $held_out } people who were to be left alone were contacted. The lift is understated and cannot be trusted; mend the hand-over before the next time.
cam-why-pays = By the whole interval it brought more than it cost.
cam-why-does-not-pay = By the whole interval it brought less than it cost.
cam-why-lift-but-unclear = It did something, but whether that is more than it cost cannot be told. A cheaper way or more people would settle it.
cam-why-cannot-be-told = Nothing can be told. Going on in the same way will tell no more: choose more people, a larger lift or a cheaper way.
cam-why-harms = People did less because of it.
cam-why-too-early = Its days are not over. Read it again then.
cam-why-rollout-works = Those who had it did more. It was promised to all, so it goes on for all.
cam-why-not-alike = The groups went apart before anything began, so what came after cannot be put down to it.
cam-people = People
cam-contact = To be contacted
cam-held-out = Left alone, by lot
cam-left-out = Left out of the draw
cam-sent = Reported as reached
cam-failed = Failed
cam-answered = Answered
cam-opted-out = Opted out
cam-leaked = Left alone and contacted all the same
cam-strangers = Contacted without being on the list
cam-sent-unknown = no results came back
cam-profit = Margin less cost
cam-cost = Cost
cam-margin = Margin brought
cam-roi = Profit for each unit spent
cam-roi-between = between { $low } and { $high }
cam-roi-outside = below { $low } or above { $high }
cam-roi-at-least = { $low } or more
cam-roi-at-most = { $high } or less
cam-roi-anything = cannot be told
cam-sound = The draw is sound
cam-not-sound = The draw is broken

section-cam-arms = Those contacted and those left alone
cam-arms-lead = Everybody who was drawn counts, whether the message arrived or not. What was known of people { $days } days before is taken out.
cam-measure = A person
cam-metric-margin = Margin
cam-metric-orders = Orders
cam-metric-bought = Came at all
cam-lift = Lift
cam-interval = { $level } interval
cam-told = Told from nothing
cam-yes = yes
cam-no = no
cam-decides = decides

section-cam-tiers = By what they brought before
cam-tiers-warning = Looked at after the fact, in several parts: a hint for the next plan, not a finding. With so many looks one of them stands out by chance.
cam-tier = Before the start
cam-tier-none = Nothing
cam-tier-small = Less than most
cam-tier-large = More than most

section-cam-rollout = Before and after, by those who did not have it yet
cam-rollout-lead-store = Promised to all, so nobody was left out: stores that had it are compared with stores that did not have it yet ({ $units } stores, { $people } people).
cam-rollout-lead-lot = Promised to all, so nobody was left out: people who had it are compared with people who did not have it yet ({ $people } people, by lot).
cam-period = Periods since the start
cam-few-units = With so few stores the interval itself is rough: read it as a hint.
cam-alike = Before the start the groups went alike.
cam-not-alike = Before the start the groups did not go alike.

section-cam-followed = What came back, and the order that followed
cam-followed-lead = What became of a call, to the next order of that person. People come anyway: this is not what it brought. What it brought stands at the top.
cam-followed-outcome = Outcome
cam-followed-people = People
cam-followed-ordered = Of them, ordered afterwards
cam-followed-total = Their orders came to
cam-followed-median = Half of them within
cam-followed-days = { $days } { $days ->
    [one] day
   *[other] days
  }

section-cam-notes = How this was read
cam-note-fixed = Read once, when its { $days } days were over, as planned.
cam-note-sequence = Planned to be read at any time; the interval is wider for it and holds at every look.
cam-note-itt = Compared as drawn (intention to treat), with what was known before taken out (CUPED). The draw: { $hold_out } left alone, by a hash under a secret, in tiers of what people had brought before.
cam-note-roi = The interval of the return is Fieller's.
cam-note-no-attribution = Nothing here is attribution: who came anyway counts for nobody.
cam-note-p = Chance that the shares differ from the drawn ones as they do: { $p }.
cam-footer = Campaign { $campaign }

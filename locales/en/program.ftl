# Programs: the rule book's frame and the back-test. The rules themselves are put in words by the engine.

rules-book = Rule book
rules-note = Made from the rules themselves: what is written here is what is counted.

bt-title = Back-test
bt-masthead = { $first } against { $second } · { $from } to { $until }
bt-headline = { $first } would have cost { $first_cost }, { $first_rate } of sales; { $second } { $second_cost }, { $second_rate }.
bt-gain-lose = With { $second }, { $gain ->
    [one] { $gain } member
   *[other] { $gain } members
  } would have got more, { $lose ->
    [one] { $lose } member
   *[other] { $lose } members
  } less, and { $same } the same.
bt-members = Members
bt-orders = Orders
bt-returns = { $count ->
    [one] { $count } return
   *[other] { $count } returns
  } among them
bt-sales = Sales
bt-more = Difference in cost
bt-more-note = the cost of { $second } less that of { $first }
bt-outstanding-of = Outstanding, { $name }

section-bt-points = Points
bt-points-lead = What was there at the end is what came less what went, to the point.
bt-wallet = Points
bt-earned = Earned
bt-taken-back = Taken back by returns
bt-expired = Ran out
bt-spent = Spent
bt-left = Outstanding
chart-bt-outstanding = What outstanding points would cost, at the end of each month
chart-bt-outstanding-desc = Two lines over months, one for each program: the points members have and have not used, at what a point costs the shop.
chart-bt-given = What was given each month, less what returns took back
chart-bt-given-desc = Two lines over months, one for each program: points earned less those that returns took back, at what a point costs the shop.

section-bt-cost = Cost
bt-cost-lead = What the points given would cost if every one of them were spent. Points that ran out cost nothing in the end.
bt-funders = Who pays
bt-funder = Funder
bt-the-shop = The shop
bt-ran-out = Of this, ran out
bt-still-there = Of this, outstanding

section-bt-tiers = Tiers
bt-tier = Tier at the end
bt-moves = Moves between tiers
bt-move-reached = Reached
bt-move-kept = Kept
bt-move-lost = Lost
bt-no-tiers = This program has no tiers.

section-bt-members = Who gains, who loses
bt-members-lead = With { $second }, { $gain ->
    [one] { $gain } member gets
   *[other] { $gain } members get
  } { $gain_value } more in all, and { $lose ->
    [one] { $lose } member gets
   *[other] { $lose } members get
  } { $lose_value } less.
chart-bt-bands = What members get back of what they spend
chart-bt-bands-desc = Bars in pairs, one for each program: points given as a share of sales, for members who spent about as much.
bt-axis-spend = Spent in the whole time
bt-band-none = Nothing
bt-tip-month = { $month }: { $first } { $first_value }, { $second } { $second_value }
bt-tip-band = { $band }, { $members ->
    [one] { $members } member
   *[other] { $members } members
  }: { $first } { $first_rate }, { $second } { $second_rate }
bt-gain-most = Who would gain most
bt-lose-most = Who would lose most
bt-member = Member
bt-difference = Difference
bt-nobody = Nobody.

section-bt-notes = How this was counted
bt-note-joined = Everybody with an order counts as a member: from the day the customer file says, at the latest from the first order, never before the first day looked at.
bt-note-redeem = Orders do not tell who would have used points for what, so nothing is spent here: outstanding points are the most there can be.
bt-note-behaviour = Customers bought what they bought. What a new program would make them do is a question for a trial with a holdout, not for the past.
bt-note-budgets = A program with a budget or a surprise is followed member by member, in the order of their ids: the total is exact, who reached it first is not known.
bt-note-left-out = Not followed: { $returns } rows of returns whose order is not in this time, { $lines } lines with an amount below zero, { $refused } facts that both programs refused.
bt-footer = { $schema } · days in { $zone }

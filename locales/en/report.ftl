# The customer X-ray. What is between <b> and </b> is what the eye should catch.

report-title = Customer X-ray
report-shop-unnamed = Your shop
report-masthead = { $period } · data to { $as_of }
report-confidence = Intervals hold { $level } unless said otherwise
report-contents = Contents
report-skip = Skip to the findings
report-table = The figures
report-print-note = Made by Perennial from the shop's own orders
report-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
  }
report-and-more = { $from } and more
report-unknown = unknown

headline-full = Half of the { $measure ->
    [margin] margin
   *[sales] sales
  } comes from { $half } { $half ->
    [one] person
   *[other] people
  }, and { $late } of your best { $late ->
    [one] is
   *[other] are
  } late.
headline-half = Half of the { $measure ->
    [margin] margin
   *[sales] sales
  } comes from { $half } of { $customers } customers.
headline-plain = { $customers } { $customers ->
    [one] customer
   *[other] customers
  }, { $orders } { $orders ->
    [one] order
   *[other] orders
  }, { $sales } in sales.

acting-title = Worth acting on
acting-rule = Chosen by how much a year acting could move; what cannot be told from nothing is left out.
acting-none = There is not enough history to say anything with confidence. Bring in more months of orders.

section-memory = What was tried, and decided
memory-lead = What was done about earlier reports stays here with what it brought, so that nothing is tried twice without knowing.
memory-action = What was done
memory-who = For whom
memory-brought = What it brought
memory-decided = Decided
memory-untold = It could not be told from nothing.
memory-unmeasured = It was not measured.
memory-who-best-late = The best customers who were late
memory-who-call = Those worth a call
memory-who-one-timers = Those who came once and not again

say-best_late = <b>{ $customers } of your { $of } best customers</b> { $customers ->
    [one] is
   *[other] are
  } late by their own habit. Together they would bring <b>{ $range }</b> within { $days } days.
todo-best_late = Call them first: the list, by value at stake
say-newer_cohorts = New customers of <b>{ $newer }</b> come back { $direction ->
    [less] less
   *[more] more
  } than those of { $older }: <b>{ $newer_share }</b> against <b>{ $older_share }</b> within { $months } { $months ->
    [one] month
   *[other] months
  }.
todo-newer_cohorts = { $direction ->
    [less] Find out what changed at the first visit
   *[more] Keep doing what changed at the first visit
  }
say-concentration = <b>{ $customers } customers</b>, { $customers_share } of all, bring <b>{ $range } of the { $measure ->
    [margin] margin
   *[sales] sales
  }</b>.
todo-concentration = Know them by name: the most valuable customers
say-next_year = Today's customers will bring <b>{ $range }</b> in { $measure ->
    [margin] margin
   *[sales] sales
  } over the next twelve months{ $has_past ->
    [yes] , against { $past } in the last twelve
   *[no] {""}
  }.
todo-next_year = Plan with the lower end; see the months
say-one_timers = <b>{ $customers } customers</b> came once and not again within { $days } days, <b>{ $range }</b> of all who first came.{ $has_worth ->
    [yes] {" "}A second order is followed by { $worth } within a year, on average.
   *[no] {""}
  }
todo-one_timers = Give a reason for the second visit
say-product_back = { $direction ->
    [more] Those who began with <b>{ $product }</b> come back more often
   *[less] Those who began with <b>{ $product }</b> come back less often
  }: <b>{ $share }</b> against { $others } of the others. The two go together; whether one causes the other, only a test can tell.
todo-product_back = { $direction ->
    [more] Offer it to newcomers, and hold some out to see
   *[less] Look at what follows a first visit with it
  }
say-anonymous = <b>{ $share } of sales</b>, { $sales }, belong to nobody known. Nothing can be learnt of them, and nothing said to them.
todo-anonymous = Ask for a phone number at the till
say-due_soon = <b>{ $range } customers</b> should order within { $days } days by their own habit, and bring <b>{ $value }</b>.
todo-due_soon = Have what they buy in stock

against-before = { $change } on the period before
of-sales = { $share } of sales
of-them-new = { $new } of them new
within-days = within { $days } days

section-lens = Lens { $number }
section-period = Customers in one period
section-change = Two periods side by side
section-cohort = One cohort over time
section-cohorts = Cohorts compared
section-base = The whole base
section-value = What customers are worth
section-late = The late and the lapsed
section-kinds = Kinds of customers
section-next = The next twelve months
section-products = Products that bring people back
section-places = Stores and channels
section-models = How good the models are
section-data = What is wrong with the data
section-words = What the words mean

period-lead = <b>{ $customers } customers</b> ordered { $times } times each, { $value } a time. The best tenth brings <b>{ $top }</b> of the { $measure ->
    [margin] margin
   *[sales] sales
  }.
period-lead-plain = <b>{ $customers } { $customers ->
    [one] customer
   *[other] customers
  }</b> ordered { $times } times each, { $value } a time.
period-too-few = With fewer than ten customers there are no tenths to compare.
chart-deciles = Share of value by tenth of customers
chart-deciles-desc = Ten bars, best tenth first. The best tenth brings { $first }, the last { $last }.
tip-decile = Tenth { $decile }: { $share }, { $value }
chart-whale = Who brings the { $measure ->
    [margin] margin
   *[sales] sales
  }
chart-whale-desc = The curve rises steeply: the best tenth of customers brings { $top }, the best fifth { $fifth }.
chart-whale-note = best tenth: { $top }
whale-losing = The last customers cost more than they bring: the curve ends below its height.
tip-whale = Best { $share } of customers: { $value } ({ $range })
axis-customers-best-first = customers, best first
chart-orders = How often they came
chart-orders-desc = Customers by number of orders in the period. { $once } came once.
chart-spend = How much they spent
chart-spend-desc = Customers by spend in the period, from least to most.
tip-customers = { $band }: { $customers } customers, { $sales }
axis-customers = customers
axis-orders = orders
axis-spend = spend, { $unit }
axis-months-of-age = months after the first order

change-lead = Sales went from { $before } to <b>{ $after }</b> ({ $change }). <b>{ $new } new customers</b> came, { $left } left, { $back } came back.
change-empty = The data does not reach over two periods yet. With { $days } more days there is something to compare.
change-flows = Who came, stayed and left
change-drivers-lead = The { $measure ->
    [margin] margin
   *[sales] sales
  } changed by <b>{ $change }</b>. Most of it came from { $factor }.
col-before = Before
col-after = After
col-effect = Effect
col-sales-before = Sales before
col-sales-after = Sales after
factor-customers = customers
factor-frequency = orders per customer
factor-order_value = sales per order
factor-margin_rate = margin of sales
group-best = Best fifth
group-middle = Middle
group-small = Small
group-nothing = Did not buy
movement-rows = before ↓ · after →
movement-lead = Of { $best } best customers, <b>{ $kept } stayed among the best</b> and { $lost } bought nothing any more.

cohort-lead = Of the <b>{ $customers } customers</b> who first came in { $period }, <b>{ $repeat }</b> came a second time within a year, and { $bought } bought in the last month seen.
cohort-empty = No cohort is old and large enough yet to be followed.
chart-cohort = The customers of { $period }, month by month
chart-cohort-desc = Three lines with their intervals by age: still customers, bought a second time, bought in the month.
tip-cohort = Age { $age }: still customers { $survival }, second time { $repeat }, in the month { $bought }

cohorts-lead-less = Newer customers come back <b>less</b>: { $newer_share } of { $newer } against { $older_share } of { $older }, at the same age.
cohorts-lead-more = Newer customers come back <b>more</b>: { $newer_share } of { $newer } against { $older_share } of { $older }, at the same age.
cohorts-lead-same = Whether newer customers come back more or less than older ones <b>cannot be told</b>: { $newer_share } against { $older_share } at the same age.
cohorts-lead-none = Each row is a cohort; each column an age.
cohorts-empty = There are fewer than two cohorts yet.
cohorts-caption = Share of each cohort that bought again, by { $grain ->
    [month] months
    [quarter] quarters
   *[year] years
  } after the first order. Pale: fewer than { $small } people.
cohorts-first = First bought

base-lead = <b>{ $share }</b> of this period's sales come from customers who first came in it.{ $has_equity ->
    [yes] {" "}All future value of today's customers is <b>{ $equity }</b>.
   *[no] {""}
  }
base-empty = There are no sales to lay out over time.
chart-base = Sales by cohort
chart-base-desc = Layers of sales over time, one for each cohort, the oldest below.
base-alive-unknown = Whether customers have left for good cannot be told from this data: buying rarely looks the same.
base-period-sales = Sales in the period

value-lead = <b>{ $customers } customers</b>, each expected to bring { $from } or more, hold <b>{ $share }</b> of all expected value.
value-empty = No model could be used on this data, so nothing is said about the future value of customers.
value-bands = Customers by expected value
value-top = The most valuable customers
value-book-title = Where the future value sits

late-lead = <b>{ $late } customers are late</b> and { $lapsed } have lapsed. Acting on the late could keep up to <b>{ $range }</b> a year.
late-lead-plain = <b>{ $late } customers are late</b> and { $lapsed } have lapsed.
late-empty = No customer has enough orders to tell a habit from.
late-states = Where all customers stand
late-since = Since when they are late
late-call = Whom to call first
late-call-note = By value at stake.
late-call-none = Nobody is late.
late-band = { $from }–{ $to } days
late-band-more = { $from } days and more
col-customer = Customer

kinds-lead = { $name }: <b>{ $customers } customers</b> who bring <b>{ $share } of sales</b>.
kinds-empty = There are too few customers to tell kinds apart.
kinds-stability = Found again on another half of the customers: agreement { $stability } of 1.

next-lead = Today's customers will order <b>{ $orders } times</b> and bring <b>{ $range }</b> in sales over the next twelve months.
next-empty = No forecast can be justified on this data.
next-no-season = Fewer than two years of history: no season could be learnt, so months are alike.
next-season = Months follow the season of the years behind.
next-model = Model: { $model }
chart-next = Sales by month, seen and expected
chart-next-desc = Sales of the months behind as a line, and of the months ahead as a line with its interval.
tip-past = { $month }: { $value }
tip-next = { $month }: { $value } ({ $range })
series-seen = seen
series-expected = expected
col-month = Month

products-lead = After a first order with { $product }, <b>{ $share }</b> come again within 90 days, against { $others } of the others.
products-lead-none = No product in first orders goes together with coming back more or less than chance.
products-caution = This shows what goes together, not what causes what. A test with a held-out group can tell.
products-empty = The file names no products. Map a column: --map product=…
products-back = After which first purchase people come back
products-pairs = Bought together more than by chance
products-again = Bought again at a steady pace
products-suggestions = Suggestions on held-out time
suggestion-buy_again = Buy again
suggestion-discover = Discover
col-product = Product

places-lead = <b>{ $name }</b> brings { $share } of sales.
places-stores = Stores
places-channels = Channels
places-no-stores = No stores in the file. Map a column: --map store=…
places-no-channels = No channels in the file. Map a column: --map channel=…

models-lead-model_wins = On { $days } days it had not seen, <b>{ $used }</b> was off by { $mae } orders a customer; the best naive rule, “{ $naive }”, by { $naive_mae }. The report uses the model.
models-lead-naive_wins = On { $days } days they had not seen, <b>no model beat the naive rule</b> “{ $naive }” (off by { $naive_mae } orders a customer). The report uses the naive rule.
models-lead-tie = On { $days } days they had not seen, the best model and the naive rule “{ $naive }” <b>cannot be told apart</b>. The report uses the simpler.
models-attrition-unknown = Allowing that customers leave gains { $nats } nats, under 2: who has left for good cannot be told from who buys rarely.
models-empty = History is too short to hold any of it out, so no model could be judged. Read the expectations with care.
models-periods = Fitted on { $fitted }; judged on { $judged }; { $customers } customers.
models-scores = Every model on the same held-out time
models-used = used
models-naive = naive
models-refused = refused: { $why }
model-mbg_nbd = MBG/NBD
model-bg_nbd = BG/NBD
model-pareto_nbd = Pareto/NBD
model-nbd = NBD (nobody leaves)
model-bg_bb = BG/BB
model-propensity = Propensity (regression or trees)
model-own_rate = Own past rate
model-mean = Everybody the mean
model-last_window = As in the last window
model-hiatus = Gone after a long gap
chart-calibration = Said and seen: will buy again
chart-calibration-desc = Ten points with intervals against a diagonal; points on the diagonal mean the probability is right.
tip-calibration = Said { $said }, seen { $seen } ({ $range }), { $customers } customers
chart-tracking = Repeat orders week by week
chart-tracking-desc = Orders seen and orders expected with their interval; the last stretch is time the model had not seen.
tip-tracking = { $day }: { $seen } seen, { $expected } expected ({ $range })
axis-said = said
axis-seen = seen
axis-weeks = weeks

data-lead = Of <b>{ $read } rows</b>, { $accepted } were accepted and { $rejected } rejected. <b>{ $anonymous }</b> of sales belong to nobody known.
data-rejected = Why rows were rejected
data-missing = What the files do not tell
missing-customer = who bought
missing-product = what was bought
missing-store = in which store
missing-channel = by which channel
missing-cost = what it cost
missing-returns = what came back
missing-time = the time of day
missing-map = Map a column with --map { $role }=… to see more.
col-reason = Reason
col-rows = Rows
col-name = Name
col-order = Order
col-day = Day
no-returns-file = no returns in the files

words-lead = Every figure of this report, by its definition.
measure-note = { $measure ->
    [margin] Value in this report is margin.
   *[sales] Value in this report is sales: the cost of goods is not known.
  }
margin-costs = Cost is known for { $share } of sales.
margin-rate = Margin is taken as { $rate } of sales, as the shop stated.
footer-note = { $schema } · discount rate { $rate } a year · time zone { $zone }
footer-zone-shop = the shop's own

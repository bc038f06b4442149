# The console: customers.

console-any = any
console-sort = Order
console-sort-worth = most valuable first
console-sort-late = latest first
console-sort-spent = most spent first
console-sort-last = last seen first
console-sort-first = newest first
console-show = Show
console-save = Save
console-pages = Pages
console-before = Before
console-next = Next
console-customer = Customer
console-spent = Spent so far
console-days-late = { $days } days
console-customers-found = { $count ->
    [one] { $count } customer
   *[other] { $count } customers
  } for “{ $text }”
console-customers-count = { $count } of { $of } customers
console-customers-from = from { $first }
console-customers-all = Customers
console-customers-everybody = All customers
console-customers-nobody = Nobody is known as “{ $text }”
console-customers-nobody-why = Try another spelling, the end of the telephone number, a card or the number of an order.
console-customers-none = Nobody answers to that
console-customers-none-why = Choose less at once.
console-customers-new = Nobody is known yet
console-customers-new-why = Customers come with orders: import a file, or connect the till.

console-data-page = All their data
console-was-merged = { $id } was merged into this customer.
console-cadence = { $state ->
    [at_risk] Usually every { $usual } days; now { $late } days late.
    [lapsed] Usually every { $usual } days; { $late } days past that, so that an order would be a surprise.
    [new] Ordered once, on { $last }. Others come again within { $usual } days.
   *[other] Usually every { $usual } days; last seen { $last }.
  }
console-p-order = Orders within 90 days
console-order-days = { $count ->
    [one] on { $count } day
   *[other] on { $count } days
  }
console-no-score = No order is known of this customer yet, so that nothing can be said of what is to come.
console-who = Who it is
console-brought = What they brought and cost
console-timeline = What happened
console-timeline-none = Nothing is known to have happened yet.
console-history = Orders from files
console-history-about = What files have told of this customer, the newest first. What was recorded as it happened stands in the timeline.
console-history-none = Files have told nothing of this customer
console-history-what = What
console-history-order = Order
console-history-paid = Paid
console-history-newest = The { $count } newest orders are shown; the person's data have all.
console-time-order = Order { $what }
console-time-consent = Consent, { $what }
console-time-merge = Merged: { $what }
console-time-event = { $what }
console-time-said = Said, { $what }
console-time-request = Asked about their data: { $what }
console-returned = { $amount } came back
console-why-points = why { $points }
console-more = More
console-member-since = since { $day }
console-no-member = Not a member of a program.
console-pending = { $points } not usable yet
console-held = { $points } set aside
console-owed = { $points } owed
console-runs-out = { $points } run out on { $day }
console-runs-out-never = nothing runs out soon
console-until = until { $day }
console-missing = { $missing } to { $next }
console-to-keep = { $missing } more before { $day } to stay
console-known-since = Known since
console-profile-change = Change
console-consents = What they agreed to
console-consents-none = They have said nothing about being written to: that is no consent.
console-consent-silent = nothing said
console-consent-pending = to be confirmed
console-consent-granted = agreed
console-consent-expired = run out
console-consent-refused = refused
console-profit = Together
console-identity = The same person
console-merged-in = { $id } is the same person, since { $day }.
console-parted = parted again
console-unmerge = Part again
console-merge = Merge with another
console-merge-about = The other ends and leads here; identifiers and points in every program follow. It can be taken back.
console-merge-other = The other
console-merge-other-hint = Telephone, card, e-mail, number or cus_…
console-merge-evidence = Why they are one person
console-merge-evidence-hint = Such as: showed both cards at the till
console-merge-do = Merge
console-wrong-refused = Not done:
console-wrong-changed = Somebody has changed this since you opened it. Theirs is shown above, yours below: look once more, and save if you still want it.
console-erase = Forget this person
console-erase-title = Forget this person?
console-erase-about = Name, identifiers, words and addresses go, here and in files that were laid aside; the ledger and the statistics stay and name nobody. It cannot be taken back.
console-erase-typed = Type { $typed }, the end of the id
console-erase-wrong = That is not the end of the id.
console-erase-do = Forget
console-erase-not = Keep
console-erased = Forgotten
console-erased-about = This is the certificate; it is kept and can be shown.
console-erased-gone = What is gone
console-erased-kept = What stays, and why
console-erased-proof = Certificate and its hash:

console-said-merged = They are one customer now.
console-said-parted = They are two customers again.

console-points-by-hand = Points by hand
console-points-give = Give or take points
console-points-hint = Such as 50, or -12 to take
console-points-reason = Why
console-points-reason-hint = It stands in the timeline and in the audit
console-points-do = Record it
console-points-customer-waits = { $count ->
    [one] One waits for a second pair of eyes.
   *[other] { $count } wait for a second pair of eyes.
  }
console-points-waiting = A second pair of eyes
console-points-waiting-about = Points by hand above { $limit } are recorded when somebody else has agreed.
console-points-mine = asked by you: somebody else decides
console-points-yes = Agree
console-points-no = Refuse
console-points-none = Nothing waits
console-points-none-why = What is given or taken by hand above { $limit } points comes here first.
console-points-limit = Points one person gives or takes alone

console-said-adjusted = The points are recorded.
console-said-waits = It waits for a second pair of eyes.
console-said-refused = Refused; nothing was recorded.

console-saved = Segments
console-saved-open = Change it
console-requests = Requests about data
console-requests-about = What customers ask about their data, with the day by which the law of their place wants it done.
console-requests-none = Nobody waits
console-requests-none-why = A request is written down on the customer's page.
console-request-what = Asks
console-request-by = Until
console-request-access = to see what is known
console-request-correct = to set it right
console-request-erase = to be forgotten
console-request-withdraw = to take a consent back
console-request-object = to object
console-request-over = { $days } days over
console-request-left = { $days } days left
console-request-no-day = the law names no day
console-request-answered = answered
console-request-answer = Answered
console-request-done = Done
console-request-new = The customer asks
console-request-receive = Write it down

console-time-campaign = Campaign { $what }
console-contact-contact = chosen to be contacted
console-contact-held-out = left alone by lot, to compare
console-contact-left-out = left out
console-contact-sent = sent
console-contact-failed = did not arrive
console-contact-answered = answered
console-contact-opted-out = wants no more of it
console-contact-used = used the offer
console-consent-write = Write down what they said
console-consent-said = They
console-consent-withdrawn = took it back
console-consent-how = How they said it
console-consent-how-hint = Such as: on paper, at the till north 1
console-consent-record = Record it

console-cases = Cases
console-cases-all = all that are open
console-cases-open = Open cases
console-cases-about = What somebody of the shop has taken up for a customer and not closed yet, the oldest first. While one is open, campaigns leave its customer alone.
console-cases-none = No case is open
console-cases-none-why = One is opened on the page of a customer, or by an app over /v1/customers/…/cases.
console-cases-none-here = Nothing was taken up for this customer.
console-case-about = What it is about
console-case-about-hint = In a sentence, as the customer put it.
console-case-age = Open
console-case-days = { $days ->
    [0] since today
    [one] for { $days } day
   *[other] for { $days } days
}
console-case-last = Last said or done
console-case-unanswered = nothing yet
console-case-open = open, { $days ->
    [0] since today
    [one] for { $days } day
   *[other] for { $days } days
}
console-case-closed = closed
console-case-erased = (erased with the person)
console-case-note = What was said or done
console-case-answer = Add
console-case-close = Close
console-case-new = Open a case
console-case-do = Open it
console-messages = What others were told
console-messages-about = The last messages about this customer to webhooks and channels; delivered ones are kept for a while.
console-wrong-kept = What you had written:

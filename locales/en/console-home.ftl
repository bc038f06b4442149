# The console: the home page.

console-home-level = shown to 95% unless said otherwise
console-home-hello = Hello, { $name }
console-home-hello-about = Look for a customer above: by name, telephone, card or order.
console-home-working = Getting to know your customers
console-home-working-about = The models are fitted and judged on your own last months. This takes seconds for a shop, minutes for a chain; the page changes by itself.
console-home-step-0 = Reading the facts
console-home-step-1 = Fitting the models
console-home-step-2 = Judging them on held-out time
console-home-step-3 = Scoring every customer
console-home-step-4 = Adding up
console-home-failed = There are no figures yet
console-home-none = There are no figures yet
console-home-none-why = Bring in the file your till or web shop exports; a few months of orders are enough to begin.
console-home-import = Import orders
console-home-computed = Computed { $at }
console-home-again = being computed anew, step { $step } of { $of }
console-home-compute = Compute anew
console-home-to-late = See who is late
console-home-to-value = See the most valuable
console-home-to-kinds = See the one-timers
console-home-to-cohorts = Compare cohorts
console-home-to-next = See the months
console-home-to-products = See the products
console-home-to-data = See the imports
console-home-to-period = See the period
console-home-needs = Needs somebody
console-home-needs-none = Nothing waits for you: imports, jobs, messages and requests are in order.

console-needs-open = Look
console-needs-dead-jobs = { $count ->
    [one] A job has been tried for the last time and was not done.
   *[other] { $count } jobs have been tried for the last time and were not done.
  }
console-needs-dead-messages = { $count ->
    [one] A message to others did not arrive.
   *[other] { $count } messages to others did not arrive.
  }
console-needs-dead-items = { $count ->
    [one] Something that came in could not be read and was laid aside.
   *[other] { $count } things that came in could not be read and were laid aside.
  }
console-needs-rejects = { $count ->
    [one] A row of { $what } was rejected.
   *[other] { $count } rows of { $what } were rejected.
  }
console-needs-cases = { $count ->
    [one] { $count } case has been open for more than three days.
   *[other] { $count } cases have been open for more than three days.
}
console-needs-requests-over = { $count ->
    [one] A customer's request about their data is past the day of the law.
   *[other] { $count } customers' requests about their data are past the day of the law.
  }
console-needs-requests-soon = { $count ->
    [one] A customer's request about their data is due within two weeks.
   *[other] { $count } customers' requests about their data are due within two weeks.
  }

console-said-computing = The figures are being computed anew.
console-needs-budget = { $count }% of the budget of “{ $what }” is used.
console-needs-adjustments = { $count ->
    [one] Points by hand wait for a second pair of eyes.
   *[other] { $count } times points by hand wait for a second pair of eyes.
  }

console-needs-dropping = { $count ->
    [one] { $count } member loses their tier within 30 days unless they buy.
   *[other] { $count } members lose their tier within 30 days unless they buy.
}
console-needs-webhooks = { $count ->
    [one] { $count } webhook hears nothing: it is paused, or nothing arrives.
   *[other] { $count } webhooks hear nothing: they are paused, or nothing arrives.
}
console-needs-undelivered = { $count ->
    [one] { $count } message to a webhook was given up.
   *[other] { $count } messages to webhooks were given up.
}
console-needs-backup = There is no good backup of the last seven days here.

console-today = Today
console-today-orders = { $count ->
    [one] { $count } order
   *[other] { $count } orders
  }
console-today-joined = { $count } joined
console-today-last = the last { $at }

# The console: imports.

console-imports-about = Give it a file from the till, the web shop or a spreadsheet. What it means is found out and shown before anything is brought in.
console-import-kind = What is in it
console-import-orders = orders
console-import-customers = customers
console-import-returns = returns
console-import-products = products
console-import-feedback = feedback
console-import-events = events
console-import-costs = costs
console-import-file = File
console-import-file-hint = CSV, Excel, JSON lines, also compressed; drop it here.
console-import-look = Look at it
console-import-read = Read
console-import-accepted = Accepted
console-import-rejected = Rejected
console-import-state-done = done
console-import-state-started = not finished
console-import-state-prepared = not finished
console-import-state-refused = refused
console-imports-none = Nothing came in by file yet
console-imports-none-why = Begin with the orders: a file with a day, a customer and an amount is enough.
console-import-refused = Not like this:
console-import-runs = The file is being brought in.
console-import-done = It is in
console-import-repeat = Imported before: nothing has changed.
console-import-sum = { $read } rows read = { $accepted } accepted + { $rejected } rejected + { $skipped } that are no data
console-import-facts = { $new } facts are new, { $known } were known; { $customers } customers.
console-import-rejects = Rejected rows
console-import-columns = Columns, and the first rows
console-import-no-columns = No columns were found.
console-import-run = Bring it in
console-import-again = Look again

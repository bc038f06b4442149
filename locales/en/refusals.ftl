# What is refused. The English is what the engine writes: it is known again by the text between its facts, and said in
# the language of the reader with the same facts. A fact called why is itself such a sentence. One line each.

# Customers.
refused-unknown-customer = customer { $customer } does not exist: find them with perennial customer find
refused-no-customer = customer { $customer } does not exist
refused-erased = customer { $customer } was erased: the id stands for nobody any more
refused-nobody-known = nothing here says who it is ({ $what }): give a telephone number, an e-mail address, a card or a number of your own
refused-not-usable = { $kind } '{ $value }': { $why }
refused-taken = { $kind } { $value } is customer { $owner }'s: merge the two, or end it there first
refused-not-theirs = customer { $customer } has no { $kind } { $value }
refused-too-many = customer { $customer } has { $limit } of kind { $kind }, which is as many as one may have
refused-same-customer = { $one } and { $other } are one customer already
refused-not-merged = { $customer } is not merged into anybody
refused-program = program { $program } says no: { $why }
refused-unknown-program = there is no program '{ $asked }'; installed: { $known }
refused-nothing-waits = no adjustment { $id } waits for anybody
refused-own-adjustment = adjustment { $id } was asked by you: somebody else decides
refused-unknown-request = request { $id } does not exist
refused-nobody-by-that = nobody is known by that
refused-several-by-that = several are known by that: give a number, a card or the id
refused-one-person = say why they are one person
refused-how-said = say how they said it
refused-status = granted, denied or withdrawn
refused-no-consent-text = there is no text for it: write one in settings
refused-consent-to = a consent is to something: give channel (email, sms, zalo, …) and purpose (marketing, survey, …)
refused-units = a number of points, such as 50 or -12
refused-limit-points = a number of points
refused-limit-points-least = a number of points, 0 or more
refused-reason = say why in 1 to { $most } characters
refused-open-again = open the page again
refused-other-session = the form is of another session: open the page again
refused-form-too-large = the form is larger than this server takes
refused-not-for-role = { $operation } is not for the role { $role }
refused-not-allowed = { $operation } is not for the role { $role }; it is for: { $allowed }
refused-one-of-page = one of those on the page
refused-field = /{ $place }: { $why }
refused-no-such = there is no { $what } '{ $id }'

# Identifiers and values of a profile.
refused-blocked = this { $kind } stands for nobody: it is a placeholder, or blocked by the shop
refused-not-a-phone = not a telephone number of { $country }: give it with its country, as +84 90 123 45 67
refused-not-an-email = not an e-mail address: expected name@place
refused-limit-of-kind = a customer may have { $limit } of kind { $kind }
refused-lost = this { $kind } was reported lost: ask for another proof, or give it back with card found
refused-shared = this { $kind } is another customer's, and sharing it does not make the two one
refused-birthday = write 1990-03-31, or 03-31 without the year
refused-country = a country is two letters, such as VN
refused-tag = a tag has 1 to 60 characters
refused-long = at most 1,000 characters of text
refused-jurisdiction = known: eu, vn, cn
refused-identifier-as-field = this is an identifier: give it as one, not as a field of the profile

# Programs, vouchers and back-tests.
refused-no-voucher = { $reward } gives no voucher with a value of its own: it needs value and voucher in the program's file
refused-voucher-count = { $count } vouchers: from 1 to 10000 are made at once
refused-voucher-pattern = the codes of { $reward } ({ $pattern }) would come to be guessed: { $left } are left to be made; give the pattern more #
refused-program-moved = program { $program }: { $what } stood at place { $place } and must stay there, because accounts and standings are kept by place: add new ones behind the old, and leave old ones in
refused-program-changed = { $program } is at version { $present } by now, and the change was made against version { $over }
refused-no-day = '{ $text }' is no day: write 2026-01-31
refused-two-versions = choose two different versions
refused-backtest-currency = program '{ $program }' counts in { $of_program }, the shop's orders are in { $of_shop }: write currency = "{ $again }" in its [program]
refused-backtest-backwards = --to { $to } lies before --from { $from }: give the earlier day first
refused-backtest-no-orders = no customer bought anything from { $from } to { $to }; the orders of this shop are of { $first } to { $last }
refused-no-orders = there are no orders yet; import some with: perennial import orders FILE
refused-no-orders-currency = there are no orders in { $currency } to report on; import orders, or name their currency with --currency

# Campaigns and segments.
refused-in-file = { $file }: { $why }
refused-campaign = campaign { $campaign }: { $why }
refused-no-who = there is no [who]: say who is in it, such as { $example }
refused-segment-name = name = "{ $name }" must have letters, digits, '-' and '_' only, and one of them at least
refused-segment-missing = there is no segment of that name
refused-whom = say whom: either segment = "NAME" or sentence = "best_late"
refused-promise = promise is missing. Say promise = "unannounced" where nobody was told of it: then a share of the people is left alone, and what it brought can be told. Say promise = "public" where the law or your own published terms promise it to all: then nobody is left out, and it starts store by store or week by week
refused-hold-out-none = hold_out must be above 0: without people left alone nothing can be told of what it brought
refused-percent = { $field }: '{ $value }' is no number of per cent
refused-days = days: '{ $value }' is no number of days
refused-too-few-to-compare = { $people } people at hold_out = { $share } leave { $held } alone and { $contact } to contact; two of each are the least that can be compared. Choose a wider segment or another share
refused-too-few-in-past = only { $people } such people were there { $days } days ago; from fewer than { $least } nothing can be told of how much they differ. Choose a wider segment, or fewer days
refused-all-the-same = such people all did the same in the { $days } days looked at: nothing can be told apart; count more days or choose a wider segment
refused-freeze-first = freeze it first: perennial campaign freeze NAME
refused-nothing-frozen = nothing was frozen yet, so there are no results to take in
refused-orders-first = facts are known up to { $last }, and it began on { $from }: bring the orders in first
refused-no-outcome-column = no column says what came of it (outcome, status, result) among { $columns }
refused-choose-file = choose a file
refused-took-too-long = it took longer than { $seconds } seconds and was given up: ask for less

# Imports.
refused-import-empty = { $file } is empty; export it again
refused-import-no-rows = { $file } has a header and no rows; export it again with the orders in it
refused-import-binary = { $file } is a binary file of a kind that is not read here; known kinds: { $kinds }
refused-import-not-json-lines = { $file } is JSON, but not JSON lines: write each row as one object on a line of its own, without a list around them
refused-import-damaged = { $file }: the compressed data is damaged or ends early ({ $detail }); copy or export it again
refused-import-row-too-long = { $file } line { $line }: one row is longer than { $limit } bytes; a quotation mark may be open, or --delimiter or --encoding be wrong
refused-import-columns = { $file } has { $found } columns; at most { $limit } are read: is --delimiter right?
refused-import-date-order = { $file }: the dates of column '{ $column }' read as day first and as month first alike (such as { $example }); say which with --date-order dmy or --date-order mdy
refused-import-decimal = { $file }: column '{ $column }' has amounts such as { $example }, where the mark may stand for thousands or for decimals; say which with --decimal point or --decimal comma
refused-import-no-column = { $file }: no column for { $role } was recognised among: { $columns }; name it with --map { $again }=COLUMN{ $hint }
refused-import-no-column-plain = { $file }: no column for { $role } was recognised among: { $columns }; name it with --map { $again }=COLUMN
refused-import-no-such-column = --map { $role }={ $column }: { $file } has no such column; it has: { $columns }
refused-import-nothing-accepted = { $file }: all { $rows } rows were rejected, the first at line { $line } because of: { $why }; the rejected rows are in { $rejects }
refused-import-mapping = mapping { $name }: { $why }
refused-row-missing = the cell is blank and is needed
refused-row-not-a-date = not a date in the form of this column
refused-row-not-a-number = not a number in the form of this column
refused-row-too-large = more digits than an amount can have
refused-row-negative = a price below zero that is not a return
refused-row-quote = a quotation mark opened here is never closed
refused-asked-placeholder = '{ $key }' has { $orders } orders on { $days } days, more than one customer can have; taken for a placeholder, its orders are anonymous
refused-asked-birthdays = { $count } of { $of } birthdays are a 1 January; taken for placeholders and left out
refused-asked-currencies = there are several currencies: { $said }; only { $currency } is imported, the rest is rejected
refused-asked-no-amounts = there is no column of amounts; every order counts with 0, and nothing about money can be said
refused-asked-no-customers = there is no column of customers; all rows are anonymous and count in totals only
refused-asked-total = '{ $total }' was taken for the amount paid, and is below '{ $price }' in most rows
refused-asked-anonymous = { $rows } rows have { $what } as their customer; they are anonymous sales

# Settings.
refused-shop-name = the name of a shop has 1 to { $most } letters
refused-language = '{ $language }' is none of the languages there are
refused-colour = '{ $colour }' is no colour: write six hexadecimal digits, such as #1f6b4f
refused-mark-kind = the mark must be a PNG or an SVG file
refused-mark-plain = the SVG has '{ $part }' in it, which a mark does not need: export it as a plain picture
refused-mark-large = the mark has { $bytes } bytes; { $most } at most
refused-consent-text = a text has 1 to { $most } letters; this one has { $length }
refused-consent-same = this is the text that is shown already
refused-report-name = '{ $name }' cannot be the name of a file: 1 to 60 letters without marks, digits and '-'
refused-report-span = '{ $span }' is no span: day, week or month
refused-characters = 1 to 200 characters
refused-staff-address = '{ $email }' is no e-mail address
refused-staff-name = a name has 1 to 200 characters
refused-staff-taken = { $email } works here already, or did: change the role, or enable them again
refused-staff-unknown = nobody of the staff has the id { $id }
refused-staff-changed = { $name } has the role { $role } by now: somebody else has changed it
refused-last-owner = { $name } is the last owner: make somebody else an owner first
refused-no-role = '{ $role }' is no role: expected owner, marketer, analyst, service, till or auditor

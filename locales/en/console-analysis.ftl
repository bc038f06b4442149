# The console: analysis.

console-analysis-report = The whole report, to print
console-analysis-take-out = Take out
console-registry = What it means
console-registry-about = Every figure with its definition, and every relation with what a row is, the unit of its columns and the file that answers for it.
console-registry-words = Figures
console-registry-relations = Relations
console-registry-relations-about = Headers of the files in sql/, as they are written there.
console-registry-owner = answered for by
console-sql = SQL
console-sql-about = Ask the relations. A query only reads, and answers { $most } rows at most.
console-sql-query = Query
console-sql-ask = Ask
console-sql-name = Keep it as
console-sql-keep = Keep
console-sql-kept = Kept queries
console-sql-cut = The first { $most } rows; there are more.
console-sql-answer = Answer
console-sql-none = No row answers to that.

console-focus-store = Store
console-focus-channel = Channel
console-focus-from = From
console-focus-to = To
console-focus-all = The whole shop

console-reports = Reports
console-reports-about = Written by themselves while the server or perennial work runs, as files in the folder reports of the data; each asks nothing of any other place.
console-reports-none = No report is asked for
console-reports-none-why = The report of the whole shop is written once a week anyway.
console-reports-files = Files
console-report-of = Of
console-report-every = Every
console-report-day = day
console-report-week = week, on Monday
console-report-month = month, on the first
console-report-now = Write it now
console-report-delete = No more
console-report-new = Another report
console-report-name-hint = Letters without marks, digits and -; the file is called after it.
console-report-do = Write it from now on
console-report-to = Sent to
console-report-to-hint = An e-mail address, if it is to be sent as well as written. The letter has the report as one file.
console-report-no-mail = To have reports sent, name a mail server: smtp and smtp_from among the settings of this server.
console-report-nowhere = nobody
console-report-now-sent = Write and send it now
console-report-sent = { $day } sent, asked for { $at }
console-report-waits = { $day } is sent within the minute while work is done
console-report-again = { $day } is tried again { $at }
console-report-unsent = { $day } could not be sent; Settings, Health has it to try again
console-report-letter-subject = { $shop }: report { $name }, { $day }
console-report-letter =
    The report { $name } of { $day } is attached. It is one file: any browser opens it, and it asks nothing of any other place.

    Who gets it, and how often, is said in the console under Analysis, Reports.

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

# The console: analysis.

console-analysis-report = 完整报告（可打印）
console-analysis-take-out = 导出
console-registry = 含义
console-registry-about = 每个数字的定义，以及每个关系的行含义、列的单位和负责的文件。
console-registry-words = 指标
console-registry-relations = 数据关系
console-registry-relations-about = sql/ 中各文件的说明，原文如此。
console-registry-owner = 负责文件
console-sql = SQL
console-sql-about = 查询数据关系。只读，最多返回 { $most } 行。
console-sql-query = 查询
console-sql-ask = 查询
console-sql-name = 保存为
console-sql-keep = 保存
console-sql-kept = 已保存的查询
console-sql-cut = 前 { $most } 行；还有更多。
console-sql-answer = 结果
console-sql-none = 没有符合的行。

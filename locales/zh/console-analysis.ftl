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

console-focus-store = 门店
console-focus-channel = 渠道
console-focus-from = 从
console-focus-to = 到
console-focus-all = 全店

console-reports = 报告
console-reports-about = 服务器或 perennial work 运行时自动生成，存为数据文件夹 reports 中的文件，不依赖外部资源。
console-reports-none = 尚未设定报告
console-reports-none-why = 全店报告每周仍会自动生成。
console-reports-files = 文件
console-report-of = 范围
console-report-every = 频率
console-report-day = 每天
console-report-week = 每周一
console-report-month = 每月一日
console-report-now = 立即生成
console-report-delete = 取消
console-report-new = 新报告
console-report-name-hint = 英文字母、数字和 -，文件以此命名。
console-report-do = 开始生成

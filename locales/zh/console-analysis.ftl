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
console-report-to = 发送至
console-report-to-hint = 除存为文件外，还可发到一个电子邮箱；报告作为单个文件附在邮件中。
console-report-no-mail = 如需发送报告，请在本服务器的设置中填写邮件服务器：smtp 和 smtp_from。
console-report-nowhere = 不发送
console-report-now-sent = 立即生成并发送
console-report-sent = { $day } 已发送，{ $at } 提出
console-report-waits = { $day } 待发送；定时任务运行时一分钟内发出
console-report-again = { $day } 将于 { $at } 重试
console-report-unsent = { $day } 未能发送；可在“设置 › 状况”中重试
console-report-letter-subject = { $shop }：报告 { $name }，{ $day }
console-report-letter =
    附件是 { $day } 的报告 { $name }。它是单个文件，任何浏览器都能打开，不依赖外部资源。

    收件人和频率在控制台“分析 › 报告”中设定。

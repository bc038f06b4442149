# 控制台：首页。

console-home-level = 除另有说明外为 95% 区间
console-home-hello = 您好，{ $name }
console-home-hello-about = 请在上方查找顾客：姓名、电话、卡号或订单。
console-home-working = 正在认识您的顾客
console-home-working-about = 模型在您自己最近几个月的数据上拟合并检验。单店需数秒，连锁需数分钟；页面会自行更新。
console-home-step-0 = 正在读取数据
console-home-step-1 = 正在拟合模型
console-home-step-2 = 正在用留出时段检验
console-home-step-3 = 正在为每位顾客评分
console-home-step-4 = 正在汇总
console-home-failed = 尚无数字
console-home-none = 尚无数字
console-home-none-why = 请导入收银机或网店导出的文件；几个月的订单即可开始。
console-home-import = 导入订单
console-home-computed = 计算于 { $at }
console-home-again = 正在重新计算，第 { $step } 步，共 { $of } 步
console-home-compute = 重新计算
console-home-to-late = 查看久未光顾者
console-home-to-value = 查看最有价值者
console-home-to-kinds = 查看只来过一次者
console-home-to-cohorts = 比较各期新客
console-home-to-next = 查看各月
console-home-to-products = 查看商品
console-home-to-data = 查看导入
console-home-to-period = 查看本期
console-home-needs = 需要有人处理
console-home-needs-none = 没有待办：导入、任务、消息与请求都正常。

console-needs-open = 查看
console-needs-dead-jobs = { $count } 个任务最后一次尝试仍未完成。
console-needs-dead-messages = { $count } 条对外消息未能送达。
console-needs-dead-items = { $count } 条外来内容无法读取，已另存。
console-needs-rejects = { $what } 中有 { $count } 行被拒。
console-needs-cases = { $count } 个顾客个案已开超过三天。
console-needs-requests-over = { $count } 项顾客的数据请求已超过法定期限。
console-needs-requests-soon = { $count } 项顾客的数据请求将在两周内到期。

console-said-computing = 正在重新计算数字。
console-needs-budget = “{ $what }”的预算已用 { $count }%。
console-needs-adjustments = 有 { $count } 项手动积分等待第二人复核。

console-needs-dropping = { $count } 位会员若不消费将在 30 天内失去等级。
console-needs-webhooks = { $count } 个 Webhook 收不到消息：已暂停或无法送达。
console-needs-undelivered = { $count } 条 Webhook 消息已放弃。
console-needs-backup = 最近七天没有完好的备份。

console-today = 今天
console-today-orders = { $count } 笔订单
console-today-joined = { $count } 人加入
console-today-last = 最近一笔 { $at }

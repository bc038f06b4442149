# The console: imports.

console-imports-about = 上传收银机、网店或表格的文件。先识别并显示其含义，再导入。
console-import-kind = 内容
console-import-orders = 订单
console-import-customers = 顾客
console-import-returns = 退货
console-import-products = 商品
console-import-feedback = 反馈
console-import-events = 事件
console-import-costs = 成本
console-import-file = 文件
console-import-file-hint = CSV、Excel、JSON lines，也可压缩；拖到此处。
console-import-look = 查看
console-import-read = 已读
console-import-accepted = 接受
console-import-rejected = 拒绝
console-import-state-done = 完成
console-import-state-started = 未完成
console-import-state-prepared = 未完成
console-import-state-refused = 被拒绝
console-imports-none = 还没有导入文件
console-imports-none-why = 从订单开始：有日期、顾客和金额即可。
console-import-refused = 这样不行：
console-import-runs = 正在导入文件。
console-import-done = 已导入
console-import-repeat = 之前已导入：没有变化。
console-import-sum = 共读 { $read } 行 = 接受 { $accepted } + 拒绝 { $rejected } + 非数据 { $skipped }
console-import-facts = 新增 { $new } 条，已有 { $known } 条；{ $customers } 位顾客。
console-import-rejects = 被拒绝的行
console-import-columns = 列与前几行
console-import-no-columns = 未找到列。
console-import-run = 导入
console-import-again = 再看一次

# 控制台：顾客。

console-any = 不限
console-sort = 排序
console-sort-worth = 最有价值在前
console-sort-late = 逾期最久在前
console-sort-spent = 消费最多在前
console-sort-last = 最近光顾在前
console-sort-first = 最新顾客在前
console-show = 查看
console-save = 保存
console-pages = 页
console-before = 上一页
console-next = 下一页
console-customer = 顾客
console-spent = 累计消费
console-days-late = { $days } 天
console-customers-found = “{ $text }”：{ $count } 位顾客
console-customers-count = { $of } 位顾客中的 { $count } 位
console-customers-from = 自第 { $first } 位起
console-customers-all = 顾客
console-customers-everybody = 全部顾客
console-customers-nobody = 没有人符合“{ $text }”
console-customers-nobody-why = 请试试别的写法、电话末几位、卡号或订单号。
console-customers-none = 没有人符合
console-customers-none-why = 请减少条件。
console-customers-new = 尚无顾客
console-customers-new-why = 顾客随订单而来：请导入文件或连接收银机。

console-data-page = 其全部数据
console-was-merged = { $id } 已并入此顾客。
console-cadence = { $state ->
    [at_risk] 通常每 { $usual } 天来一次；现已晚 { $late } 天。
    [lapsed] 通常每 { $usual } 天来一次；已过 { $late } 天，再来会是意外。
    [new] 只下过一单，{ $last }。其他人会在 { $usual } 天内再来。
   *[other] 通常每 { $usual } 天来一次；上次 { $last }。
  }
console-p-order = 90 天内下单
console-order-days = 共 { $count } 天
console-no-score = 尚无此顾客的订单，无法预计今后。
console-who = 是谁
console-brought = 带来与花费
console-timeline = 发生了什么
console-timeline-none = 尚无任何记录。
console-history = 来自文件的订单
console-history-about = 文件中关于这位顾客的记录，最新的在前。实时记录的内容见时间线。
console-history-none = 文件中没有这位顾客的记录
console-history-what = 商品
console-history-order = 订单
console-history-paid = 实付
console-history-newest = 显示最新的 { $count } 张订单；全部见个人资料。
console-time-order = 订单 { $what }
console-time-consent = 联系意愿，{ $what }
console-time-merge = 合并：{ $what }
console-time-event = { $what }
console-time-said = 所言，{ $what }
console-time-request = 就自己的数据提出：{ $what }
console-returned = 退回 { $amount }
console-why-points = 为何 { $points }
console-more = 更多
console-member-since = 自 { $day }
console-no-member = 尚未加入任何会员计划。
console-pending = { $points } 尚不可用
console-held = { $points } 已预留
console-owed = { $points } 欠
console-runs-out = { $points } 将于 { $day } 到期
console-runs-out-never = 近期没有到期
console-until = 至 { $day }
console-missing = 距 { $next } 还差 { $missing }
console-to-keep = { $day } 前再需 { $missing } 方可保级
console-known-since = 认识自
console-profile-change = 修改
console-consents = 同意了什么
console-consents-none = 顾客从未表示愿意接收消息：即为未同意。
console-consent-silent = 未表示
console-consent-pending = 待确认
console-consent-granted = 已同意
console-consent-expired = 已过期
console-consent-refused = 已拒绝
console-profit = 合计
console-identity = 同一个人
console-merged-in = { $id } 是同一人，自 { $day } 起。
console-parted = 已重新分开
console-unmerge = 重新分开
console-merge = 与另一位合并
console-merge-about = 对方编号终止并指向此处；各计划中的识别码与积分随之而来。可以撤回。
console-merge-other = 另一位
console-merge-other-hint = 电话、卡号、邮箱、编号或 cus_…
console-merge-evidence = 为何是同一人
console-merge-evidence-hint = 例如：在柜台出示了两张卡
console-merge-do = 合并
console-wrong-refused = 未能完成：
console-wrong-changed = 您打开后有人作了修改。上方是对方的，下方是您的：请再看一遍，仍需要则保存。
console-erase = 遗忘此人
console-erase-title = 遗忘此人？
console-erase-about = 姓名、识别码、言语与地址都会删除，包括另存的文件；账本与统计保留且不指名任何人。此操作无法撤回。
console-erase-typed = 请输入 { $typed }，即编号末尾
console-erase-wrong = 这不是编号末尾。
console-erase-do = 遗忘
console-erase-not = 保留
console-erased = 已遗忘
console-erased-about = 这是证明；已保存，可以出示。
console-erased-gone = 已删除
console-erased-kept = 保留的内容及原因
console-erased-proof = 证明及其哈希值：

console-said-merged = 现在是一位顾客。
console-said-parted = 又是两位顾客。

console-points-by-hand = 手动积分
console-points-give = 增减积分
console-points-hint = 例如 50，或 -12 表示扣减
console-points-reason = 原因
console-points-reason-hint = 显示在时间线与审计中
console-points-do = 记录
console-points-customer-waits = 有 { $count } 项等待第二人复核。
console-points-waiting = 第二人复核
console-points-waiting-about = 超过 { $limit } 的手动积分须由另一人同意后才记录。
console-points-mine = 由您提出：由他人决定
console-points-yes = 同意
console-points-no = 拒绝
console-points-none = 没有等待的项目
console-points-none-why = 手动增减超过 { $limit } 分的会先到这里。
console-points-limit = 一人可自行增减的积分

console-said-adjusted = 积分已记录。
console-said-waits = 正在等待第二人复核。
console-said-refused = 已拒绝；未作记录。

console-saved = 人群
console-saved-open = 修改
console-requests = 个人信息请求
console-requests-about = 顾客就其个人信息提出的请求，以及所在地法律要求的期限。
console-requests-none = 没有待办
console-requests-none-why = 请求在顾客页面登记。
console-request-what = 请求
console-request-by = 期限
console-request-access = 查阅信息
console-request-correct = 更正信息
console-request-erase = 删除信息
console-request-withdraw = 撤回同意
console-request-object = 提出异议
console-request-over = 逾期 { $days } 天
console-request-left = 剩 { $days } 天
console-request-no-day = 法律未规定日期
console-request-answered = 已答复
console-request-answer = 已答复
console-request-done = 已完成
console-request-new = 顾客请求
console-request-receive = 登记

console-time-campaign = 活动 { $what }
console-contact-contact = 被选中联系
console-contact-held-out = 抽签留作对照
console-contact-left-out = 未纳入
console-contact-sent = 已发送
console-contact-failed = 未送达
console-contact-answered = 已回复
console-contact-opted-out = 不再接收
console-contact-used = 已使用优惠
console-consent-write = 登记顾客意愿
console-consent-said = 顾客
console-consent-withdrawn = 已撤回
console-consent-how = 如何表达
console-consent-how-hint = 例如：在北店收银台书面签署
console-consent-record = 登记

console-cases = 个案
console-cases-all = 全部未结个案
console-cases-open = 未结个案
console-cases-about = 店铺为顾客受理、尚未处理完的事项，最早的在前。个案未结期间，营销活动不会打扰该顾客。
console-cases-none = 没有未结个案
console-cases-none-why = 可在顾客页面上新建，也可由应用通过 /v1/customers/…/cases 新建。
console-cases-none-here = 尚未为该顾客受理任何事项。
console-case-about = 事由
console-case-about-hint = 用顾客的话，一句即可。
console-case-age = 已开
console-case-days = { $days ->
    [0] 今天
   *[other] { $days } 天
}
console-case-last = 最近进展
console-case-unanswered = 尚无
console-case-open = 未结，{ $days ->
    [0] 今天
   *[other] { $days } 天
}
console-case-closed = 已结
console-case-erased = （已随顾客删除）
console-case-note = 说了或做了什么
console-case-answer = 添加
console-case-close = 结案
console-case-new = 新建个案
console-case-do = 新建
console-messages = 对外通知
console-messages-about = 最近发往 webhook 和渠道、与该顾客有关的消息；已送达的保留一段时间。
console-wrong-kept = 您刚才写的是：

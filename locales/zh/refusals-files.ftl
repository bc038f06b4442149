# 人写的文件中被拒绝的内容。

# 人群、计划与活动。
refused-file-must-be-table = { $place } 应为表，例如 { $example }
refused-file-must-have-one = { $place } 须有以下之一：{ $known }；现有 { $found }
refused-file-must-be-list = { $place } 应为列表
refused-file-empty-condition = { $place } 为空：那会是所有人或没有人
refused-file-no-sentence = 语句“{ $sentence }”不指任何人；请用以下之一：{ $known }
refused-file-field = field = "{ $name }" 应为顾客关系及其列；现有关系：{ $known }
refused-file-true-or-false = { $place } 应为 true 或 false
refused-file-asks-nothing = { $place } 对 { $name } 没有任何要求；请加上以下之一：{ $known }
refused-file-did = did = "{ $did }"；{ $why }
refused-file-use-one = 请用以下之一：{ $known }
refused-file-one-or-more = { $place } 须不小于 1
refused-file-not-known-here = { $place } 中的“{ $key }”在此无效；{ $why }
refused-file-text-in-quotes = { $key } 应为带引号的文字
refused-file-whole-number = { $place } 应为整数
refused-file-number-or-day = { $place } 应为数字或日期，例如 2026-01-31
refused-file-day = { $place } 应为日期，例如 2026-01-31
refused-file-empty-list = { $place } 是空列表
refused-file-consent = 请写明同意什么，例如 { $example }
refused-segment-unknown = 没有此名称的人群；现有：{ $known }
refused-segment-not-there = 没有人群“{ $name }”
refused-segment-not-there-any-more = 没有人群 { $name }
refused-segment-circle = 人群互相引用成环：{ $path }
refused-segment-changed = 人群 { $name } 现已是第 { $version } 版
refused-segment-no-column = customer.{ $relation } 没有列 { $column }；现有：{ $known }
refused-segment-words = { $column } 是文字；请用 is = "…"，取值：{ $known }
refused-segment-words-plain = { $column } 是文字；请用 is = "…"
refused-segment-no-day = { $column } 不是日期，within_days 没有意义
refused-segment-numbers = { $column } 是数字或日期；请去掉引号
refused-plan-key = 计划中没有“{ $key }”；可用：{ $known }
refused-plan-missing = 缺少 { $key }：{ $why }
refused-plan-name = 活动的代称，例如 late-regulars
refused-plan-action = 一句话说明提供什么
refused-plan-channel = 例如 sms、zalo、email 或 call
refused-plan-cost = 一条消息或一通电话的费用，例如 "350"
refused-plan-days = { $key } 应为 1 至 { $most } 的整数天
refused-plan-number = { $key } 应为 { $low } 至 { $high } 的数
refused-plan-metric = metric = "{ $metric }" 应为 margin、orders 或 bought
refused-plan-reading = reading = "{ $reading }" 应为 fixed 或 sequence
refused-plan-rollout-not = [rollout] 用于公开承诺；这里留有一部分人作对照（hold_out）
refused-plan-public-all = 对所有人承诺的事不留对照：请去掉 hold_out，并在 [rollout] 写明谁何时开始
refused-plan-public-rollout = 公开承诺需要 [rollout]：by = "store" 或 "lot"，各批写明 on = 日期及 stores 或 share
refused-plan-rollout-once = 分批推出只在天数结束后读一次：reading = "fixed"
refused-plan-rollout-table = [rollout] 应为含 by 与 waves 的表
refused-plan-rollout-key = 没有 rollout.{ $key }；请用 by 与 waves
refused-plan-rollout-by = rollout.by 应为 "store" 或 "lot"
refused-plan-rollout-waves = rollout.waves 应为列表，例如 { $example }
refused-plan-rollout-order = rollout.waves 须依次开始，最早的在前
refused-plan-rollout-shares = rollout.waves 的 share 合计超过 1
refused-plan-rollout-twice = 门店 { $store } 出现在两批中
refused-plan-wave-table = { $place } 应为表
refused-plan-wave-on = 缺少 { $place }
refused-plan-wave-stores = { $place } 应为门店编号列表
refused-plan-wave-share = { $place } 须大于 0，至多 1.0
refused-plan-amount = { $key } 应为带引号的 { $currency } 金额，例如 "350"
refused-plan-margin = margin 应为占销售额的比例，如 0.35，或写 "column" 使用文件中的成本
refused-step-nobody-left = 没有可联系的人：{ $reasons }
refused-step-start = 开始日为 { $start }，而数据已到 { $last }：会按开始之后的事选人。请写 start_on = { $next } 或更晚
refused-step-unknown = 没有此名称的活动；{ $known }
refused-step-closed = 已结束；不再为它导出任何东西
refused-step-other-plan = 它已按另一计划处于 { $state }，读取规则中途不变；请给新计划另取名称
refused-step-too-early = 只在 { $days } 天结束后读一次：数据到 { $last }，统计到 { $until }。请导入订单，或下次用 reading = "sequence"
refused-step-no-period = 首次开始后还没有一个周期结束：数据到 { $last }。请先导入订单
refused-results-line = 第 { $line } 行：{ $why }
refused-results-word = “{ $word }”不是已知结果；请写以下之一：{ $known }
refused-results-future = “{ $day }”还没有到
refused-results-no-who = 没有列说明是谁（ref、phone、email、customer），现有：{ $columns }
refused-export-no-address = 可联系的人都没有该版式所需的地址；请随顾客一起导入

# 会员计划。
refused-in-program-no-program = 没有 [program]
refused-in-program-no-program-do = 请加上 [program]，写明 id、name、zone 和 currency
refused-in-program-program-twice = [program] 出现两次
refused-in-program-program-twice-do = 请只留一个
refused-in-program-zone = “{ $zone }”不是时区
refused-in-program-zone-do = 请写 IANA 名称，例如 Asia/Ho_Chi_Minh
refused-in-program-no-wallet = 计划没有钱包
refused-in-program-no-wallet-do = 请加上 [[wallet]]
refused-in-program-group-itself = 分组排除了自己
refused-in-program-group-itself-do = 请写其他分组
refused-in-program-too-fine = precision = { $precision } 太细
refused-in-program-too-fine-do = 请写 0 至 6
refused-in-program-not-above-zero = { $key } = { $number } 不大于零
refused-in-program-worth-do = 请写一分对店铺的成本
refused-in-program-above-zero-do = 请写大于零的数
refused-in-program-expiry-ways = expiry 没有说明何时到期，或说了多种
refused-in-program-expiry-ways-do = 请只写其一：never = true、after、on、idle
refused-in-program-no-time = { $key } 没有时长
refused-in-program-no-time-do = 请至少写一天：1D
refused-in-program-at-least-on = at_least 需要 on
refused-in-program-at-least-on-do = 请写明年中的日期，或去掉 at_least
refused-in-program-extend-after = extend 需要 after
refused-in-program-extend-after-do = 请写 after，或去掉 extend
refused-in-program-no-expiry = 没有说明“{ $wallet }”的积分何时到期
refused-in-program-no-expiry-do = 请加上 [[expiry]] wallet = "{ $wallet }"；若不到期写 never = true
refused-in-program-not-there = { $kind }“{ $name }”不存在
refused-in-program-not-there-do = 现有：{ $known }
refused-in-program-not-there-none = 一个也没有
refused-in-program-twice = { $kind }“{ $name }”出现两次
refused-in-program-twice-do = 请各给一个 id
refused-in-program-tier-twice-do = 所有等级体系的等级各有自己的 id
refused-in-program-not-an-id = “{ $name }”不能作为 id
refused-in-program-not-an-id-do = 请用 1 至 64 个字母、数字、- 和 _
refused-in-program-two-readings = { $key } = "{ $number }" 可读作 { $one } 或 { $other }
refused-in-program-two-readings-do = 请写 { $one } 或 "{ $other }"
refused-in-program-not-in-wallet = 精度为 { $precision } 的钱包“{ $wallet }”没有 { $key } = { $number }
refused-in-program-not-in-wallet-do = 请写大于零且小数位数相符的数
refused-in-program-not-in-a-wallet = 精度为 { $precision } 的钱包没有 { $key } = { $number }
refused-in-program-not-in-a-wallet-do = 请写大于零且小数位数相符的数，或提高钱包的精度
refused-in-program-not-an-amount = { $key } = { $number } 不是 { $currency } 金额
refused-in-program-not-an-amount-do = 请写不小于零、至多 { $decimals } 位小数的数
refused-in-program-ends-first = 结束于 { $until }，早于开始日 { $from }
refused-in-program-ends-first-do = until 是最后一天的次日：须晚于 from
refused-in-program-reward-no-price = 奖励没有价格
refused-in-program-reward-no-price-do = 请加上 prices = { $example }
refused-in-program-buy-nothing = “{ $wallet }”的积分不能兑换
refused-in-program-buy-nothing-do = 请用可消费的钱包
refused-in-program-reward-no-value = 奖励没有面值
refused-in-program-reward-no-value-do = 请加上 value，即它值多少钱
refused-in-program-choice = 可选商品少于两个
refused-in-program-choice-do = 请写明商品
refused-in-program-product-one = 商品奖励只写一个商品
refused-in-program-product-one-do = 请写 products = ["…"]，或 kind = "choice"
refused-in-program-share-percent = share_percent 不在 1 至 100
refused-in-program-share-percent-do = 请写积分最多可支付账单的比例
refused-in-program-pattern = 样式“{ $pattern }”有 { $free } 个空位
refused-in-program-pattern-do = 请用 6 至 16 个 #，以免券码被猜中
refused-in-program-pattern-long = 样式过长或不是纯 ASCII
refused-in-program-pattern-long-do = 请至多用 40 个字母、数字、- 和 #
refused-in-program-voucher-never = 此券永远不能使用
refused-in-program-voucher-never-do = 请写 uses = 1 或更多
refused-in-program-ladder-wallet = counts = "points" 需要 wallet
refused-in-program-ladder-wallet-do = 请写明计入的钱包
refused-in-program-wallet-ladder = wallet 需要 counts = "points"
refused-in-program-wallet-ladder-do = 请去掉 wallet
refused-in-program-length = length 属于滚动窗口，滚动窗口也需要它
refused-in-program-length-do = 请写 length = "12M"
refused-in-program-lasts = 没有说明等级持续多久
refused-in-program-lasts-do = 请加上 lasts 或 lasts_next_year，或写 downgrade = "none"
refused-in-program-lasts-twice = 等级的期限说了两种
refused-in-program-lasts-twice-do = 请保留 lasts 或 lasts_next_year
refused-in-program-threshold = threshold { $threshold } 不精确
refused-in-program-threshold-do = 请减少小数位
refused-in-program-lowest = 最低等级有 threshold
refused-in-program-lowest-do = 请从 threshold = "0" 的等级开始
refused-in-program-tier-order = 等级“{ $tier }”的要求不高于下一级
refused-in-program-tier-order-do = 请从最低等级写起
refused-in-program-no-tier = 等级体系没有等级
refused-in-program-no-tier-do = 请加上 [[ladder.tier]]
refused-in-program-mission-event = event 须与 counts = "events" 同用
refused-in-program-mission-event-do = 请写明事件，或改计其他
refused-in-program-mission-nothing = 任务没有奖励
refused-in-program-mission-nothing-do = 请加上 gift 或 badge
refused-in-program-streak = 连续期数为零
refused-in-program-streak-do = 请写 streak = 1 或更多
refused-in-program-lifetime-streak = 终身只有一次
refused-in-program-lifetime-streak-do = 请写 streak = 1，或会再来的周期
refused-in-program-target = target = { $target } 无法计数
refused-in-program-event-lines = 事件没有明细行
refused-in-program-event-lines-do = 请去掉 lines
refused-in-program-surprise = one_in 为 0，或 holdout_percent 超过 90
refused-in-program-surprise-do = 请写 one_in = 1 或更多，holdout 0 至 90
refused-in-program-multiply-none = multiply 没有写规则
refused-in-program-multiply-none-do = 请写 of = ["…"]
refused-in-program-multiply-multiple = 规则“{ $rule }”本身是倍数
refused-in-program-multiply-multiple-do = 请乘它所乘的规则
refused-in-program-multiply-wallet = 规则“{ $rule }”给的是另一钱包的积分
refused-in-program-multiply-wallet-do = 请用同一钱包
refused-in-program-multiply-group = 规则“{ $rule }”在同一分组
refused-in-program-multiply-group-do = 规则与其倍数不能竞争：请将其一移出分组
refused-in-program-sum-over = sum_over 需要金额
refused-in-program-sum-over-do = 请与 per_amount 或 bands 同用
refused-in-program-sum-over-line = sum_over 按整单计算
refused-in-program-sum-over-line-do = 请去掉 per = "line"
refused-in-program-event-amount = 事件没有金额
refused-in-program-event-amount-do = event 请与 fixed 同用
refused-in-program-pending-nothing = pending 没有等待条件
refused-in-program-pending-nothing-do = 请写 delay、until 或 event
refused-in-program-pending-two = pending 既等某日又等其他
refused-in-program-pending-two-do = 请保留 until，或 delay 与 event
refused-in-program-within-event = within 需要 event
refused-in-program-within-event-do = 请写明事件，或去掉 within
refused-in-program-festival = 节日没有日期，或有两个
refused-in-program-festival-do = 请写 on 或 lunar
refused-in-program-birthday-window = 生日窗口同时写了月和天
refused-in-program-birthday-window-do = 请保留 month，或 days_before 与 days_after
refused-in-program-versions = 规则“{ $rule }”有两个版本同时生效
refused-in-program-versions-end = 请结束较早的：在 { $place } 写 until = { $day }
refused-in-program-versions-from = 请给较晚的写 from，较早的写 until
refused-in-program-ways = 规则“{ $rule }”用 { $ways } 种方式说明积分
refused-in-program-ways-do = 请只写其一：per_amount、bands、per_unit、fixed、multiply
refused-in-program-too-large = { $key } = { $number } 太大
refused-in-program-too-large-do = 请写小一些的数
refused-in-program-every = every 为零
refused-in-program-every-do = 请写大于零的金额
refused-in-program-by = by = { $by } 没有额外积分
refused-in-program-by-do = 请写大于 1 的数，2 为双倍
refused-in-program-band-open = 从 { $from } 起的档位没有上限，却不是最后一档
refused-in-program-band-open-do = 请写 below = "{ $below }"
refused-in-program-band-back = 从 { $from } 起的档位上限低于下限
refused-in-program-band-back-do = 请提高 below
refused-in-program-band-gap = { $until } 与 { $from } 之间有空档
refused-in-program-band-overlap = 从 { $one } 与从 { $other } 起的档位重叠
refused-in-program-band-meet-do = 请让此档从上一档结束处开始：from = "{ $from }"
refused-in-program-band-last = 最后一档止于 { $below }：更大的账单将没有积分
refused-in-program-band-last-do = 请去掉 below；若本意如此，请加上 { $example }
refused-in-program-cap = 上限没有限制任何东西
refused-in-program-cap-do = 请写 points 或 times
refused-in-program-table = 未知的表“{ $table }”
refused-in-program-table-do = 可用的表：{ $known }
refused-in-program-not-tables = “{ $table }”不是表的列表
refused-in-program-not-tables-do = 请写 [[{ $table }]]
refused-in-program-not-a-table = “{ $table }”不是表
refused-in-program-not-a-table-do = 请写一次 [{ $table }]
refused-in-program-not-toml = 这不是 TOML：{ $detail }
refused-in-program-not-toml-do = 请看手册中的例子，格式见 toml.io
refused-in-program-key = { $table } 中有未知的键“{ $key }”
refused-in-program-key-near = 是否指“{ $near }”？可用的键：{ $known }
refused-in-program-key-do = 可用的键：{ $known }
refused-in-program-key-missing = { $table } 缺少“{ $key }”
refused-in-program-key-missing-do = 请加上 { $key } = …
refused-in-program-word = 此处没有“{ $word }”
refused-in-program-word-do = 请写以下之一：{ $known }
refused-in-program-type = 这里写的是 { $found }
refused-in-program-type-text-do = 请写带引号的文字
refused-in-program-see-table-do = 请看手册中的 { $table }
refused-in-program-condition = { $key } = '{ $source }'：{ $why }
refused-in-program-not-a-condition = 这不是条件：{ $detail }
refused-in-program-condition-unknown = 没有“{ $name }”；可用：{ $known }
refused-in-program-condition-equal-do = 等于写作 ==
refused-in-program-condition-do = 请看手册的条件页
refused-in-program-digits = “{ $text }”小数超过 12 位
refused-in-program-day = “{ $text }”不是日期
refused-in-program-day-do = 请写 年-月-日，如 2026-03-10
refused-in-program-name-empty = 名称为空
refused-in-program-name-empty-do = 请写人们在此看到的文字
refused-in-program-files-of-other = 这些文件属于计划 { $program }：请保留其 id，或新建计划

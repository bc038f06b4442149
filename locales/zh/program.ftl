# 方案：规则手册的框架与历史回测。规则本身由积分引擎用文字表述。

rules-book = 规则手册
rules-note = 由规则本身生成：写的就是算的。

bt-title = 历史回测
bt-masthead = { $first } 对比 { $second } · { $from } 至 { $until }
bt-headline = { $first } 本应花费 { $first_cost }，占销售额 { $first_rate }；{ $second } 为 { $second_cost }，占 { $second_rate }。
bt-gain-lose = 采用{ $second }时，{ $gain } 位会员得到更多，{ $lose } 位更少，{ $same } 位不变。
bt-members = 会员
bt-orders = 订单
bt-returns = 其中退货 { $count } 次
bt-sales = 销售额
bt-more = 成本差额
bt-more-note = { $second }减去{ $first }
bt-outstanding-of = 未使用积分，{ $name }

section-bt-points = 积分
bt-points-lead = 期末所余等于来的减去走的，一分不差。
bt-wallet = 积分种类
bt-earned = 获得
bt-taken-back = 因退货收回
bt-expired = 过期
bt-spent = 使用
bt-left = 未使用
chart-bt-outstanding = 未使用积分的成本（每月末）
chart-bt-outstanding-desc = 按月两条线，每个方案一条：会员持有而未使用的积分，按每分对商店的成本计算。
chart-bt-given = 每月给出的积分，减去因退货收回的部分
chart-bt-given-desc = 按月两条线，每个方案一条：获得的积分减去因退货收回的积分，按每分对商店的成本计算。

section-bt-cost = 成本
bt-cost-lead = 给出的积分若全部使用的成本。过期的积分最终没有成本。
bt-funders = 由谁承担
bt-funder = 承担方
bt-the-shop = 商店
bt-ran-out = 其中已过期
bt-still-there = 其中未使用

section-bt-tiers = 等级
bt-tier = 期末等级
bt-moves = 等级变动
bt-move-reached = 升级
bt-move-kept = 保级
bt-move-lost = 降级
bt-no-tiers = 此方案没有等级。

section-bt-members = 谁得，谁失
bt-members-lead = 采用{ $second }时，{ $gain } 位会员共多得 { $gain_value }，{ $lose } 位会员共少得 { $lose_value }。
chart-bt-bands = 会员消费中得到的回馈
chart-bt-bands-desc = 成对的柱，每个方案一根：按消费额相近的会员分组，给出的积分占销售额的比例。
bt-axis-spend = 整个期间的消费
bt-band-none = 无
bt-tip-month = { $month }：{ $first } { $first_value }，{ $second } { $second_value }
bt-tip-band = { $band }，{ $members } 位会员：{ $first } { $first_rate }，{ $second } { $second_rate }
bt-gain-most = 得益最多的会员
bt-lose-most = 损失最多的会员
bt-member = 会员
bt-difference = 差额
bt-nobody = 没有。

section-bt-notes = 计算方法
bt-note-joined = 有订单者都算会员：自客户文件所记之日起，最迟自首单起，不早于所看期间的第一天。
bt-note-redeem = 订单不能说明谁会用积分换什么，因此这里没有使用：未使用积分是可能的最大值。
bt-note-behaviour = 顾客买了他们所买的。新方案会使他们怎样改变，要靠有对照组的试验，过去的数据答不了。
bt-note-budgets = 有预算或惊喜的方案按会员编号逐一计算：总数准确，谁先得到则不得而知。
bt-note-left-out = 未计入：订单不在期间内的退货 { $returns } 行，金额为负的 { $lines } 行，两个方案都拒绝的事项 { $refused } 件。
bt-footer = { $schema } · 日期按 { $zone }

# 顾客透视报告。<b> 与 </b> 之间是目光该停留之处。

report-title = 顾客透视
report-shop-unnamed = 您的店
report-masthead = { $period } · 数据截至{ $as_of }
report-confidence = 除另有说明外，区间为 { $level }
report-contents = 目录
report-skip = 跳到结论
report-table = 数据
report-print-note = Perennial 根据本店订单生成
report-days = { $days } 天
report-and-more = { $from }以上
report-unknown = 未知

headline-full = 一半的{ $measure ->
    [margin] 毛利
   *[sales] 销售额
  }来自 { $half } 人，而您最好的顾客中有 { $late } 位久未光顾。
headline-half = 一半的{ $measure ->
    [margin] 毛利
   *[sales] 销售额
  }来自 { $customers } 位顾客中的 { $half } 位。
headline-plain = { $customers } 位顾客，{ $orders } 单，销售额 { $sales }。

acting-title = 值得去做的事
acting-rule = 按采取行动每年可能改变的金额选出；尚不能判断的不列。
acting-none = 历史还不够，尚不能有把握地下结论。请导入更多月份的订单。

section-memory = 试过什么，决定了什么
memory-lead = 此前报告之后做过的事和它带来的结果都留在这里，以免在不知情时再试一次。
memory-action = 做了什么
memory-who = 对谁
memory-brought = 带来了什么
memory-decided = 决定
memory-untold = 无法与没有效果区分。
memory-unmeasured = 没有衡量。
memory-who-best-late = 迟迟未来的优质顾客
memory-who-call = 值得致电的顾客
memory-who-one-timers = 只来过一次的顾客

say-best_late = <b>{ $of } 位最好的顾客中有 { $customers } 位</b>按本人习惯已久未光顾。他们合计会在 { $days } 天内带来 <b>{ $range }</b>。
todo-best_late = 先联系他们：按可能失去的金额排列
say-newer_cohorts = <b>{ $newer }</b>的新顾客再次光顾的比例{ $direction ->
    [less] 低于
   *[more] 高于
  }{ $older }的新顾客：{ $months } 个月内为 <b>{ $newer_share }</b>，后者为 <b>{ $older_share }</b>。
todo-newer_cohorts = { $direction ->
    [less] 查一查第一次光顾时有什么变了
   *[more] 把第一次光顾时的改变保持下去
  }
say-concentration = <b>{ $customers } 位顾客</b>，占全部的 { $customers_share }，带来 <b>{ $range } 的{ $measure ->
    [margin] 毛利
   *[sales] 销售额
  }</b>。
todo-concentration = 记住他们：最有价值的顾客
say-next_year = 现有顾客未来十二个月将带来 <b>{ $range }</b> 的{ $measure ->
    [margin] 毛利
   *[sales] 销售额
  }{ $has_past ->
    [yes] ，过去十二个月为 { $past }
   *[no] {""}
  }。
todo-next_year = 按下限做计划；逐月查看
say-one_timers = <b>{ $customers } 位顾客</b>来过一次，{ $days } 天内没有再来，占首次光顾者的 <b>{ $range }</b>。{ $has_worth ->
    [yes] 有了第二单，其后一年平均带来 { $worth }。
   *[no] {""}
  }
todo-one_timers = 给他们一个再来的理由
say-product_back = { $direction ->
    [more] 从 <b>{ $product }</b> 开始的顾客再来得更多
   *[less] 从 <b>{ $product }</b> 开始的顾客再来得更少
  }：<b>{ $share }</b>，其他人为 { $others }。两者相伴出现；是不是因果，只有对照试验才知道。
todo-product_back = { $direction ->
    [more] 推荐给新顾客，并留一部分作对照
   *[less] 看看买它之后发生了什么
  }
say-anonymous = <b>{ $share } 的销售额</b>，即 { $sales }，不知是谁买的。既无从了解，也无从联系。
todo-anonymous = 在收银台请顾客留下手机号
say-due_soon = 按本人习惯，<b>{ $range } 位顾客</b>将在 { $days } 天内下单，带来 <b>{ $value }</b>。
todo-due_soon = 把他们常买的备好

against-before = 比上期 { $change }
of-sales = 占销售额 { $share }
of-them-new = 其中新顾客 { $new } 位
within-days = { $days } 天内

section-lens = 视角 { $number }
section-period = 一个时期的顾客
section-change = 两个时期并看
section-cohort = 一批顾客的历程
section-cohorts = 各批顾客对比
section-base = 全部顾客
section-value = 顾客值多少
section-late = 久未光顾与已流失
section-kinds = 顾客的类别
section-next = 未来十二个月
section-products = 让人再来的商品
section-places = 门店与渠道
section-models = 模型有多准
section-data = 数据有什么问题
section-words = 用语说明

period-lead = <b>{ $customers } 位顾客</b>平均下单 { $times } 次，每次 { $value }。最好的一成带来 <b>{ $top }</b>的{ $measure ->
    [margin] 毛利
   *[sales] 销售额
  }。
period-lead-plain = <b>{ $customers } 位顾客</b>平均下单 { $times } 次，每次 { $value }。
period-too-few = 不足十位顾客，无法分成十组比较。
chart-deciles = 各十分组的价值占比
chart-deciles-desc = 十根柱，最好的在前。最好的一组带来 { $first }，最后一组 { $last }。
tip-decile = 第 { $decile } 组：{ $share }，{ $value }
chart-whale = 谁带来{ $measure ->
    [margin] 毛利
   *[sales] 销售额
  }
chart-whale-desc = 曲线陡升：最好的一成顾客带来 { $top }，最好的两成带来 { $fifth }。
chart-whale-note = 最好的一成：{ $top }
whale-losing = 最后那些顾客花掉的比带来的多：曲线的终点低于最高处。
tip-whale = 最好的 { $share } 顾客：{ $value }（{ $range }）
axis-customers-best-first = 顾客，由好到差
chart-orders = 来了多少次
chart-orders-desc = 按本期订单数统计的顾客。{ $once } 位来过一次。
chart-spend = 花了多少
chart-spend-desc = 按本期消费统计的顾客，由少到多。
tip-customers = { $band }：{ $customers } 位顾客，{ $sales }
axis-customers = 顾客
axis-orders = 订单
axis-spend = 消费，{ $unit }
axis-months-of-age = 第一单之后的月数

change-lead = 销售额从 { $before } 变为 <b>{ $after }</b>（{ $change }）。<b>新来顾客 { $new } 位</b>，离开 { $left } 位，回来 { $back } 位。
change-empty = 数据还不满两个时期。再有 { $days } 天就可以比较。
change-flows = 谁来了，谁留下，谁离开
change-drivers-lead = { $measure ->
    [margin] 毛利
   *[sales] 销售额
  }变化 <b>{ $change }</b>。最大的部分来自{ $factor }。
col-before = 前期
col-after = 后期
col-effect = 影响
col-sales-before = 前期销售额
col-sales-after = 后期销售额
factor-customers = 顾客数
factor-frequency = 人均订单
factor-order_value = 每单销售额
factor-margin_rate = 毛利率
group-best = 最好的两成
group-middle = 中等
group-small = 较小
group-nothing = 没有购买
movement-rows = 前期 ↓ · 后期 →
movement-lead = { $best } 位最好的顾客中，<b>{ $kept } 位仍在最好之列</b>，{ $lost } 位不再购买。

cohort-lead = { $period }首次光顾的 <b>{ $customers } 位顾客</b>中，<b>{ $repeat }</b>在一年内来了第二次，{ $bought } 在最近一个月有购买。
cohort-empty = 还没有哪批顾客时间够长、人数够多，可以跟踪。
chart-cohort = { $period }的顾客，逐月来看
chart-cohort-desc = 三条线及其区间，按月龄：仍是顾客、买过第二次、当月购买。
tip-cohort = 第 { $age } 个月：仍是顾客 { $survival }，第二次 { $repeat }，当月 { $bought }

cohorts-lead-less = 较新的顾客再次光顾<b>更少</b>：同一月龄时，{ $newer }为 { $newer_share }，{ $older }为 { $older_share }。
cohorts-lead-more = 较新的顾客再次光顾<b>更多</b>：同一月龄时，{ $newer }为 { $newer_share }，{ $older }为 { $older_share }。
cohorts-lead-same = 较新的顾客再次光顾是多是少，<b>尚不能判断</b>：同一月龄时 { $newer_share }对 { $older_share }。
cohorts-lead-none = 每行是一批顾客，每列是一个时点。
cohorts-empty = 还不到两批顾客。
cohorts-caption = 每批顾客再次购买的比例，按第一单之后的{ $grain ->
    [month] 月数
    [quarter] 季数
   *[year] 年数
  }。浅色：不足 { $small } 人。
cohorts-first = 首次购买

base-lead = 本期销售额的 <b>{ $share }</b> 来自本期首次光顾的顾客。{ $has_equity ->
    [yes] 现有顾客的全部未来价值为 <b>{ $equity }</b>。
   *[no] {""}
  }
base-empty = 还没有可按时间展开的销售额。
chart-base = 各批顾客的销售额
chart-base-desc = 随时间变化的销售额层次，每批顾客一层，最早的在下。
base-alive-unknown = 从这些数据看不出顾客是否已彻底离开：少买看上去也一样。
base-period-sales = 本期销售额

value-lead = <b>{ $customers } 位顾客</b>，每位预计带来 { $from } 以上，占全部预期价值的 <b>{ $share }</b>。
value-empty = 没有模型适用于这些数据，因此不谈顾客的未来价值。
value-bands = 按预期价值看顾客
value-top = 最有价值的顾客
value-book-title = 未来价值在哪里

late-lead = <b>{ $late } 位顾客久未光顾</b>，{ $lapsed } 位已流失。对前者采取行动，一年最多可留住 <b>{ $range }</b>。
late-lead-plain = <b>{ $late } 位顾客久未光顾</b>，{ $lapsed } 位已流失。
late-empty = 还没有顾客的订单多到能看出习惯。
late-states = 全部顾客所处的位置
late-since = 已逾期多久
late-call = 先联系谁
late-call-note = 按可能失去的金额排列。
late-call-none = 没有人逾期。
late-band = { $from }–{ $to } 天
late-band-more = { $from } 天以上
col-customer = 顾客

kinds-lead = { $name }：<b>{ $customers } 位顾客</b>带来 <b>{ $share } 的销售额</b>。
kinds-empty = 顾客太少，无法分类。
kinds-stability = 换一半顾客重做：一致程度 { $stability }（满分 1）。

next-lead = 未来十二个月，现有顾客将下单 <b>{ $orders } 次</b>，带来 <b>{ $range }</b> 的销售额。
next-empty = 这些数据不足以支持预测。
next-no-season = 历史不足两年：学不到季节规律，各月相同。
next-season = 各月遵循往年的季节规律。
next-model = 模型：{ $model }
chart-next = 逐月销售额，实际与预期
chart-next-desc = 过去各月的销售额为一条线，未来各月为一条线及其区间。
tip-past = { $month }：{ $value }
tip-next = { $month }：{ $value }（{ $range }）
series-seen = 实际
series-expected = 预期
col-month = 月份

products-lead = 第一单含{ $product }的顾客，<b>{ $share }</b>在 90 天内再次光顾，其他人为 { $others }。
products-lead-none = 第一单中没有哪种商品与再次光顾的多少相伴出现而超出偶然。
products-caution = 这里说的是相伴出现，不是因果。留一部分作对照的试验才能说明。
products-empty = 文件中没有商品。请指定列：--map product=…
products-back = 第一次买了什么的人会再来
products-pairs = 一起购买，超出偶然
products-again = 按稳定的间隔再买
products-suggestions = 推荐在留出时间里的表现
suggestion-buy_again = 再次购买
suggestion-discover = 发现新品
col-product = 商品

places-lead = <b>{ $name }</b>带来 { $share } 的销售额。
places-stores = 门店
places-channels = 渠道
places-no-stores = 文件中没有门店。请指定列：--map store=…
places-no-channels = 文件中没有渠道。请指定列：--map channel=…

models-lead-model_wins = 在没有见过的 { $days } 天里，<b>{ $used }</b> 平均每位顾客差 { $mae } 单；最好的朴素规则“{ $naive }”差 { $naive_mae } 单。本报告采用模型。
models-lead-naive_wins = 在没有见过的 { $days } 天里，<b>没有模型胜过朴素规则</b>“{ $naive }”（平均每位顾客差 { $naive_mae } 单）。本报告采用朴素规则。
models-lead-tie = 在没有见过的 { $days } 天里，最好的模型与朴素规则“{ $naive }”<b>不分上下</b>。本报告采用较简单者。
models-attrition-unknown = 允许顾客离开只增加 { $nats } 纳特，低于 2：分不清谁已彻底离开、谁只是少买。
models-empty = 历史太短，无法留出一段时间，因此没有模型受过检验。请谨慎看待各项预期。
models-periods = 拟合于{ $fitted }；检验于{ $judged }；{ $customers } 位顾客。
models-scores = 各模型在同一段留出时间里
models-used = 采用
models-naive = 朴素
models-refused = 拒绝：{ $why }
model-mbg_nbd = MBG/NBD
model-bg_nbd = BG/NBD
model-pareto_nbd = Pareto/NBD
model-nbd = NBD（无人离开）
model-bg_bb = BG/BB
model-propensity = 购买倾向（回归或决策树）
model-own_rate = 本人过去的频率
model-mean = 人人取平均
model-last_window = 与上一时段相同
model-hiatus = 久不来即视为离开
chart-calibration = 所言与所见：会再次购买
chart-calibration-desc = 十个带区间的点对照对角线；点在对角线上，概率就准确。
tip-calibration = 所言 { $said }，所见 { $seen }（{ $range }），{ $customers } 位顾客
chart-tracking = 逐周复购订单
chart-tracking-desc = 实际订单与带区间的预期订单；最后一段是模型没有见过的时间。
tip-tracking = { $day }：实际 { $seen }，预期 { $expected }（{ $range }）
axis-said = 所言
axis-seen = 所见
axis-weeks = 周

data-lead = 在 <b>{ $read } 行</b>中，接受 { $accepted } 行，拒绝 { $rejected } 行。<b>{ $anonymous }</b> 的销售额不知是谁买的。
data-rejected = 为何拒绝
data-missing = 文件没有告诉我们的
missing-customer = 谁买的
missing-product = 买了什么
missing-store = 在哪家门店
missing-channel = 通过哪个渠道
missing-cost = 成本多少
missing-returns = 退了什么
missing-time = 几点
missing-map = 用 --map { $role }=… 指定列，可看到更多。
col-reason = 原因
col-rows = 行数
col-name = 名字
col-order = 订单
col-day = 日期
no-returns-file = 文件中没有退货

words-lead = 本报告每个数字的定义。
measure-note = { $measure ->
    [margin] 本报告中的价值指毛利。
   *[sales] 本报告中的价值指销售额：成本未知。
  }
margin-costs = { $share } 的销售额已知成本。
margin-rate = 毛利按销售额的 { $rate } 计，由店方提供。
footer-note = { $schema } · 年折现率 { $rate } · 时区：{ $zone }
footer-zone-shop = 本店时间

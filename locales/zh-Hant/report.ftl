# 顧客透視報告。<b> 與 </b> 之間是目光該停留之處。

report-title = 顧客透視
report-shop-unnamed = 您的店
report-masthead = { $period } · 資料截至{ $as_of }
report-confidence = 除另有說明外，區間為 { $level }
report-contents = 目錄
report-skip = 跳到結論
report-table = 資料
report-print-note = Perennial 根據本店訂單產生
report-days = { $days } 天
report-and-more = { $from }以上
report-unknown = 未知

headline-full = 一半的{ $measure ->
    [margin] 毛利
   *[sales] 銷售額
  }來自 { $half } 人，而您最好的顧客中有 { $late } 位久未光顧。
headline-half = 一半的{ $measure ->
    [margin] 毛利
   *[sales] 銷售額
  }來自 { $customers } 位顧客中的 { $half } 位。
headline-plain = { $customers } 位顧客，{ $orders } 單，銷售額 { $sales }。

acting-title = 值得去做的事
acting-rule = 依採取行動每年可能改變的金額選出；尚不能判斷的不列。
acting-none = 歷史還不夠，尚不能有把握地下結論。請匯入更多月份的訂單。

section-memory = 試過什麼，決定了什麼
memory-lead = 此前報告之後做過的事和它帶來的結果都留在這裡，以免在不知情時再試一次。
memory-action = 做了什麼
memory-who = 對誰
memory-brought = 帶來了什麼
memory-decided = 決定
memory-untold = 無法與沒有效果區分。
memory-unmeasured = 沒有衡量。
memory-who-best-late = 遲遲未來的優質顧客
memory-who-call = 值得致電的顧客
memory-who-one-timers = 只來過一次的顧客

say-best_late = <b>{ $of } 位最好的顧客中有 { $customers } 位</b>依本人習慣已久未光顧。他們合計會在 { $days } 天內帶來 <b>{ $range }</b>。
todo-best_late = 先聯絡他們：依可能失去的金額排列
say-newer_cohorts = <b>{ $newer }</b>的新顧客再次光顧的比例{ $direction ->
    [less] 低於
   *[more] 高於
  }{ $older }的新顧客：{ $months } 個月內為 <b>{ $newer_share }</b>，後者為 <b>{ $older_share }</b>。
todo-newer_cohorts = { $direction ->
    [less] 查一查第一次光顧時有什麼變了
   *[more] 把第一次光顧時的改變保持下去
  }
say-concentration = <b>{ $customers } 位顧客</b>，佔全部的 { $customers_share }，帶來 <b>{ $range } 的{ $measure ->
    [margin] 毛利
   *[sales] 銷售額
  }</b>。
todo-concentration = 記住他們：最有價值的顧客
say-next_year = 現有顧客未來十二個月將帶來 <b>{ $range }</b> 的{ $measure ->
    [margin] 毛利
   *[sales] 銷售額
  }{ $has_past ->
    [yes] ，過去十二個月為 { $past }
   *[no] {""}
  }。
todo-next_year = 依下限做計畫；逐月檢視
say-one_timers = <b>{ $customers } 位顧客</b>來過一次，{ $days } 天內沒有再來，佔首次光顧者的 <b>{ $range }</b>。{ $has_worth ->
    [yes] 有了第二單，其後一年平均帶來 { $worth }。
   *[no] {""}
  }
todo-one_timers = 給他們一個再來的理由
say-product_back = { $direction ->
    [more] 從 <b>{ $product }</b> 開始的顧客再來得更多
   *[less] 從 <b>{ $product }</b> 開始的顧客再來得更少
  }：<b>{ $share }</b>，其他人為 { $others }。兩者相伴出現；是不是因果，只有對照試驗才知道。
todo-product_back = { $direction ->
    [more] 推薦給新顧客，並留一部分作對照
   *[less] 看看買它之後發生了什麼
  }
say-anonymous = <b>{ $share } 的銷售額</b>，即 { $sales }，不知是誰買的。既無從了解，也無從聯絡。
todo-anonymous = 在收銀台請顧客留下手機號碼
say-due_soon = 依本人習慣，<b>{ $range } 位顧客</b>將在 { $days } 天內下單，帶來 <b>{ $value }</b>。
todo-due_soon = 把他們常買的備好

against-before = 比上期 { $change }
of-sales = 佔銷售額 { $share }
of-them-new = 其中新顧客 { $new } 位
within-days = { $days } 天內

section-lens = 視角 { $number }
section-period = 一個時期的顧客
section-change = 兩個時期並看
section-cohort = 一批顧客的歷程
section-cohorts = 各批顧客對比
section-base = 全部顧客
section-value = 顧客值多少
section-late = 久未光顧與已流失
section-kinds = 顧客的類別
section-next = 未來十二個月
section-products = 讓人再來的商品
section-places = 門市與通路
section-models = 模型有多準
section-data = 資料有什麼問題
section-words = 用語說明

period-lead = <b>{ $customers } 位顧客</b>平均下單 { $times } 次，每次 { $value }。最好的一成帶來 <b>{ $top }</b>的{ $measure ->
    [margin] 毛利
   *[sales] 銷售額
  }。
period-lead-plain = <b>{ $customers } 位顧客</b>平均下單 { $times } 次，每次 { $value }。
period-too-few = 不足十位顧客，無法分成十組比較。
chart-deciles = 各十分組的價值佔比
chart-deciles-desc = 十根長條，最好的在前。最好的一組帶來 { $first }，最後一組 { $last }。
tip-decile = 第 { $decile } 組：{ $share }，{ $value }
chart-whale = 誰帶來{ $measure ->
    [margin] 毛利
   *[sales] 銷售額
  }
chart-whale-desc = 曲線陡升：最好的一成顧客帶來 { $top }，最好的兩成帶來 { $fifth }。
chart-whale-note = 最好的一成：{ $top }
whale-losing = 最後那些顧客花掉的比帶來的多：曲線的終點低於最高處。
tip-whale = 最好的 { $share } 顧客：{ $value }（{ $range }）
axis-customers-best-first = 顧客，由好到差
chart-orders = 來了多少次
chart-orders-desc = 依本期訂單數統計的顧客。{ $once } 位來過一次。
chart-spend = 花了多少
chart-spend-desc = 依本期消費統計的顧客，由少到多。
tip-customers = { $band }：{ $customers } 位顧客，{ $sales }
axis-customers = 顧客
axis-orders = 訂單
axis-spend = 消費，{ $unit }
axis-months-of-age = 第一單之後的月數

change-lead = 銷售額從 { $before } 變為 <b>{ $after }</b>（{ $change }）。<b>新來顧客 { $new } 位</b>，離開 { $left } 位，回來 { $back } 位。
change-empty = 資料還不滿兩個時期。再有 { $days } 天就可以比較。
change-flows = 誰來了，誰留下，誰離開
change-drivers-lead = { $measure ->
    [margin] 毛利
   *[sales] 銷售額
  }變化 <b>{ $change }</b>。最大的部分來自{ $factor }。
col-before = 前期
col-after = 後期
col-effect = 影響
col-sales-before = 前期銷售額
col-sales-after = 後期銷售額
factor-customers = 顧客數
factor-frequency = 每人訂單數
factor-order_value = 每單銷售額
factor-margin_rate = 毛利率
group-best = 最好的兩成
group-middle = 中等
group-small = 較小
group-nothing = 沒有購買
movement-rows = 前期 ↓ · 後期 →
movement-lead = { $best } 位最好的顧客中，<b>{ $kept } 位仍在最好之列</b>，{ $lost } 位不再購買。

cohort-lead = { $period }首次光顧的 <b>{ $customers } 位顧客</b>中，<b>{ $repeat }</b>在一年內來了第二次，{ $bought } 在最近一個月有購買。
cohort-empty = 還沒有哪批顧客時間夠長、人數夠多，可以跟蹤。
chart-cohort = { $period }的顧客，逐月來看
chart-cohort-desc = 三條線及其區間，依月齡：仍是顧客、買過第二次、當月購買。
tip-cohort = 第 { $age } 個月：仍是顧客 { $survival }，第二次 { $repeat }，當月 { $bought }

cohorts-lead-less = 較新的顧客再次光顧<b>更少</b>：同一月齡時，{ $newer }為 { $newer_share }，{ $older }為 { $older_share }。
cohorts-lead-more = 較新的顧客再次光顧<b>更多</b>：同一月齡時，{ $newer }為 { $newer_share }，{ $older }為 { $older_share }。
cohorts-lead-same = 較新的顧客再次光顧是多是少，<b>尚不能判斷</b>：同一月齡時 { $newer_share }對 { $older_share }。
cohorts-lead-none = 每列是一批顧客，每欄是一個時點。
cohorts-empty = 還不到兩批顧客。
cohorts-caption = 每批顧客再次購買的比例，依第一單之後的{ $grain ->
    [month] 月數
    [quarter] 季數
   *[year] 年數
  }。淺色：不足 { $small } 人。
cohorts-first = 首次購買

base-lead = 本期銷售額的 <b>{ $share }</b> 來自本期首次光顧的顧客。{ $has_equity ->
    [yes] 現有顧客的全部未來價值為 <b>{ $equity }</b>。
   *[no] {""}
  }
base-empty = 還沒有可依時間展開的銷售額。
chart-base = 各批顧客的銷售額
chart-base-desc = 隨時間變化的銷售額層次，每批顧客一層，最早的在下。
base-alive-unknown = 從這些資料看不出顧客是否已徹底離開：少買看上去也一樣。
base-period-sales = 本期銷售額

value-lead = <b>{ $customers } 位顧客</b>，每位預計帶來 { $from } 以上，佔全部預期價值的 <b>{ $share }</b>。
value-empty = 沒有模型適用於這些資料，因此不談顧客的未來價值。
value-bands = 依預期價值看顧客
value-top = 最有價值的顧客
value-book-title = 未來價值在哪裡

late-lead = <b>{ $late } 位顧客久未光顧</b>，{ $lapsed } 位已流失。對前者採取行動，一年最多可留住 <b>{ $range }</b>。
late-lead-plain = <b>{ $late } 位顧客久未光顧</b>，{ $lapsed } 位已流失。
late-empty = 還沒有顧客的訂單多到能看出習慣。
late-states = 全部顧客所處的位置
late-since = 已逾期多久
late-call = 先聯絡誰
late-call-note = 依可能失去的金額排列。
late-call-none = 沒有人逾期。
late-band = { $from }–{ $to } 天
late-band-more = { $from } 天以上
col-customer = 顧客

kinds-lead = { $name }：<b>{ $customers } 位顧客</b>帶來 <b>{ $share } 的銷售額</b>。
kinds-empty = 顧客太少，無法分類。
kinds-stability = 換一半顧客重做：一致程度 { $stability }（滿分 1）。

next-lead = 未來十二個月，現有顧客將下單 <b>{ $orders } 次</b>，帶來 <b>{ $range }</b> 的銷售額。
next-empty = 這些資料不足以做出預測。
next-no-season = 歷史不足兩年：學不到季節規律，各月相同。
next-season = 各月遵循往年的季節規律。
next-model = 模型：{ $model }
chart-next = 逐月銷售額，實際與預期
chart-next-desc = 過去各月的銷售額為一條線，未來各月為一條線及其區間。
tip-past = { $month }：{ $value }
tip-next = { $month }：{ $value }（{ $range }）
series-seen = 實際
series-expected = 預期
col-month = 月份

products-lead = 第一單含{ $product }的顧客，<b>{ $share }</b>在 90 天內再次光顧，其他人為 { $others }。
products-lead-none = 第一單中沒有哪種商品與再次光顧的多少相伴出現而超出偶然。
products-caution = 這裡說的是相伴出現，不是因果。留一部分作對照的試驗才能說明。
products-empty = 檔案中沒有商品。請指定欄：--map product=…
products-back = 第一次買了什麼的人會再來
products-pairs = 一起購買，超出偶然
products-again = 依穩定的間隔再買
products-suggestions = 推薦在留出時間裡的表現
suggestion-buy_again = 再次購買
suggestion-discover = 發現新品
col-product = 商品

places-lead = <b>{ $name }</b>帶來 { $share } 的銷售額。
places-stores = 門市
places-channels = 通路
places-no-stores = 檔案中沒有門市。請指定欄：--map store=…
places-no-channels = 檔案中沒有通路。請指定欄：--map channel=…

models-lead-model_wins = 在沒有見過的 { $days } 天裡，<b>{ $used }</b> 平均每位顧客差 { $mae } 單；最好的樸素規則「{ $naive }」差 { $naive_mae } 單。本報告採用模型。
models-lead-naive_wins = 在沒有見過的 { $days } 天裡，<b>沒有模型勝過樸素規則</b>「{ $naive }」（平均每位顧客差 { $naive_mae } 單）。本報告採用樸素規則。
models-lead-tie = 在沒有見過的 { $days } 天裡，最好的模型與樸素規則「{ $naive }」<b>不分上下</b>。本報告採用較簡單者。
models-attrition-unknown = 允許顧客離開只增加 { $nats } 納特，低於 2：分不清誰已徹底離開、誰只是少買。
models-empty = 歷史太短，無法留出一段時間，因此沒有模型受過檢驗。請謹慎看待各項預期。
models-periods = 配適於{ $fitted }；檢驗於{ $judged }；{ $customers } 位顧客。
models-scores = 各模型在同一段留出時間裡
models-used = 採用
models-naive = 樸素
models-refused = 拒絕：{ $why }
model-mbg_nbd = MBG/NBD
model-bg_nbd = BG/NBD
model-pareto_nbd = Pareto/NBD
model-nbd = NBD（無人離開）
model-bg_bb = BG/BB
model-propensity = 購買傾向（迴歸或決策樹）
model-own_rate = 本人過去的頻率
model-mean = 人人取平均
model-last_window = 與上一時段相同
model-hiatus = 久不來即視為離開
chart-calibration = 所言與所見：會再次購買
chart-calibration-desc = 十個帶區間的點對照對角線；點在對角線上，機率就準確。
tip-calibration = 所言 { $said }，所見 { $seen }（{ $range }），{ $customers } 位顧客
chart-tracking = 逐週回購訂單
chart-tracking-desc = 實際訂單與帶區間的預期訂單；最後一段是模型沒有見過的時間。
tip-tracking = { $day }：實際 { $seen }，預期 { $expected }（{ $range }）
axis-said = 所言
axis-seen = 所見
axis-weeks = 週

data-lead = 在 <b>{ $read } 列</b>中，接受 { $accepted } 列，拒絕 { $rejected } 列。<b>{ $anonymous }</b> 的銷售額不知是誰買的。
data-rejected = 為何拒絕
data-missing = 檔案沒有告訴我們的
missing-customer = 誰買的
missing-product = 買了什麼
missing-store = 在哪家門市
missing-channel = 透過哪個通路
missing-cost = 成本多少
missing-returns = 退了什麼
missing-time = 幾點
missing-map = 用 --map { $role }=… 指定欄，可看到更多。
col-reason = 原因
col-rows = 列數
col-name = 名字
col-order = 訂單
col-day = 日期
no-returns-file = 檔案中沒有退貨

words-lead = 本報告每個數字的定義。
measure-note = { $measure ->
    [margin] 本報告中的價值指毛利。
   *[sales] 本報告中的價值指銷售額：成本未知。
  }
margin-costs = { $share } 的銷售額已知成本。
margin-rate = 毛利依銷售額的 { $rate } 計，由店方提供。
footer-note = { $schema } · 年折現率 { $rate } · 時區：{ $zone }
footer-zone-shop = 本店時間

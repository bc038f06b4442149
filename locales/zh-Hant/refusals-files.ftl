# 人寫的檔案中被拒絕的內容。

# 客群、計畫與活動。
refused-file-must-be-table = { $place } 應為表，例如 { $example }
refused-file-must-have-one = { $place } 須有以下之一：{ $known }；現有 { $found }
refused-file-must-be-list = { $place } 應為清單
refused-file-empty-condition = { $place } 為空：那會是所有人或沒有人
refused-file-no-sentence = 語句「{ $sentence }」不指任何人；請用以下之一：{ $known }
refused-file-field = field = "{ $name }" 應為顧客關聯及其欄；現有關聯：{ $known }
refused-file-true-or-false = { $place } 應為 true 或 false
refused-file-asks-nothing = { $place } 對 { $name } 沒有任何要求；請加上以下之一：{ $known }
refused-file-did = did = "{ $did }"；{ $why }
refused-file-use-one = 請用以下之一：{ $known }
refused-file-one-or-more = { $place } 須不小於 1
refused-file-not-known-here = { $place } 中的「{ $key }」在此無效；{ $why }
refused-file-text-in-quotes = { $key } 應為帶引號的文字
refused-file-whole-number = { $place } 應為整數
refused-file-number-or-day = { $place } 應為數字或日期，例如 2026-01-31
refused-file-day = { $place } 應為日期，例如 2026-01-31
refused-file-empty-list = { $place } 是空清單
refused-file-consent = 請寫明同意什麼，例如 { $example }
refused-segment-unknown = 沒有此名稱的客群；現有：{ $known }
refused-segment-not-there = 沒有客群「{ $name }」
refused-segment-not-there-any-more = 沒有客群 { $name }
refused-segment-circle = 客群互相引用成環：{ $path }
refused-segment-changed = 客群 { $name } 現已是第 { $version } 版
refused-segment-no-column = customer.{ $relation } 沒有欄 { $column }；現有：{ $known }
refused-segment-words = { $column } 是文字；請用 is = "…"，取值：{ $known }
refused-segment-words-plain = { $column } 是文字；請用 is = "…"
refused-segment-no-day = { $column } 不是日期，within_days 沒有意義
refused-segment-numbers = { $column } 是數字或日期；請去掉引號
refused-plan-key = 計畫中沒有「{ $key }」；可用：{ $known }
refused-plan-missing = 缺少 { $key }：{ $why }
refused-plan-name = 活動的代稱，例如 late-regulars
refused-plan-action = 一句話說明提供什麼
refused-plan-channel = 例如 sms、zalo、email 或 call
refused-plan-cost = 一則訊息或一通電話的費用，例如 "350"
refused-plan-days = { $key } 應為 1 至 { $most } 的整數天
refused-plan-number = { $key } 應為 { $low } 至 { $high } 的數
refused-plan-metric = metric = "{ $metric }" 應為 margin、orders 或 bought
refused-plan-reading = reading = "{ $reading }" 應為 fixed 或 sequence
refused-plan-rollout-not = [rollout] 用於公開承諾；這裡留有一部分人作對照（hold_out）
refused-plan-public-all = 對所有人承諾的事不留對照：請去掉 hold_out，並在 [rollout] 寫明誰何時開始
refused-plan-public-rollout = 公開承諾需要 [rollout]：by = "store" 或 "lot"，各批寫明 on = 日期及 stores 或 share
refused-plan-rollout-once = 分批推出只在天數結束後讀一次：reading = "fixed"
refused-plan-rollout-table = [rollout] 應為含 by 與 waves 的表
refused-plan-rollout-key = 沒有 rollout.{ $key }；請用 by 與 waves
refused-plan-rollout-by = rollout.by 應為 "store" 或 "lot"
refused-plan-rollout-waves = rollout.waves 應為清單，例如 { $example }
refused-plan-rollout-order = rollout.waves 須依次開始，最早的在前
refused-plan-rollout-shares = rollout.waves 的 share 合計超過 1
refused-plan-rollout-twice = 門市 { $store } 出現在兩批中
refused-plan-wave-table = { $place } 應為表
refused-plan-wave-on = 缺少 { $place }
refused-plan-wave-stores = { $place } 應為門市編號清單
refused-plan-wave-share = { $place } 須大於 0，至多 1.0
refused-plan-amount = { $key } 應為帶引號的 { $currency } 金額，例如 "350"
refused-plan-margin = margin 應為占銷售額的比例，如 0.35，或寫 "column" 使用檔案中的成本
refused-step-nobody-left = 沒有可聯絡的人：{ $reasons }
refused-step-start = 開始日為 { $start }，而資料已到 { $last }：會按開始之後的事選人。請寫 start_on = { $next } 或更晚
refused-step-unknown = 沒有此名稱的活動；{ $known }
refused-step-closed = 已結束；不再為它匯出任何東西
refused-step-other-plan = 它已按另一計畫處於 { $state }，讀取規則中途不變；請給新計畫另取名稱
refused-step-too-early = 只在 { $days } 天結束後讀一次：資料到 { $last }，統計到 { $until }。請匯入訂單，或下次用 reading = "sequence"
refused-step-no-period = 首次開始後還沒有一個週期結束：資料到 { $last }。請先匯入訂單
refused-results-line = 第 { $line } 行：{ $why }
refused-results-word = 「{ $word }」不是已知結果；請寫以下之一：{ $known }
refused-results-future = 「{ $day }」還沒有到
refused-results-no-who = 沒有欄說明是誰（ref、phone、email、customer），現有：{ $columns }
refused-export-no-address = 可聯絡的人都沒有該版式所需的地址；請隨顧客一起匯入

# 會員計畫。
refused-in-program-no-program = 沒有 [program]
refused-in-program-no-program-do = 請加上 [program]，寫明 id、name、zone 和 currency
refused-in-program-program-twice = [program] 出現兩次
refused-in-program-program-twice-do = 請只留一個
refused-in-program-zone = 「{ $zone }」不是時區
refused-in-program-zone-do = 請寫 IANA 名稱，例如 Asia/Ho_Chi_Minh
refused-in-program-no-wallet = 計畫沒有錢包
refused-in-program-no-wallet-do = 請加上 [[wallet]]
refused-in-program-group-itself = 分組排除了自己
refused-in-program-group-itself-do = 請寫其他分組
refused-in-program-too-fine = precision = { $precision } 太細
refused-in-program-too-fine-do = 請寫 0 至 6
refused-in-program-not-above-zero = { $key } = { $number } 不大於零
refused-in-program-worth-do = 請寫一點對店家的成本
refused-in-program-above-zero-do = 請寫大於零的數
refused-in-program-expiry-ways = expiry 沒有說明何時到期，或說了多種
refused-in-program-expiry-ways-do = 請只寫其一：never = true、after、on、idle
refused-in-program-no-time = { $key } 沒有時長
refused-in-program-no-time-do = 請至少寫一天：1D
refused-in-program-at-least-on = at_least 需要 on
refused-in-program-at-least-on-do = 請寫明年中的日期，或去掉 at_least
refused-in-program-extend-after = extend 需要 after
refused-in-program-extend-after-do = 請寫 after，或去掉 extend
refused-in-program-no-expiry = 沒有說明「{ $wallet }」的點數何時到期
refused-in-program-no-expiry-do = 請加上 [[expiry]] wallet = "{ $wallet }"；若不到期寫 never = true
refused-in-program-not-there = { $kind }「{ $name }」不存在
refused-in-program-not-there-do = 現有：{ $known }
refused-in-program-not-there-none = 一個也沒有
refused-in-program-twice = { $kind }「{ $name }」出現兩次
refused-in-program-twice-do = 請各給一個 id
refused-in-program-tier-twice-do = 所有等級體系的等級各有自己的 id
refused-in-program-not-an-id = 「{ $name }」不能作為 id
refused-in-program-not-an-id-do = 請用 1 至 64 個字母、數字、- 和 _
refused-in-program-two-readings = { $key } = "{ $number }" 可讀作 { $one } 或 { $other }
refused-in-program-two-readings-do = 請寫 { $one } 或 "{ $other }"
refused-in-program-not-in-wallet = 精度為 { $precision } 的錢包「{ $wallet }」沒有 { $key } = { $number }
refused-in-program-not-in-wallet-do = 請寫大於零且小數位數相符的數
refused-in-program-not-in-a-wallet = 精度為 { $precision } 的錢包沒有 { $key } = { $number }
refused-in-program-not-in-a-wallet-do = 請寫大於零且小數位數相符的數，或提高錢包的精度
refused-in-program-not-an-amount = { $key } = { $number } 不是 { $currency } 金額
refused-in-program-not-an-amount-do = 請寫不小於零、至多 { $decimals } 位小數的數
refused-in-program-ends-first = 結束於 { $until }，早於開始日 { $from }
refused-in-program-ends-first-do = until 是最後一天的次日：須晚於 from
refused-in-program-reward-no-price = 獎勵沒有價格
refused-in-program-reward-no-price-do = 請加上 prices = { $example }
refused-in-program-buy-nothing = 「{ $wallet }」的點數不能兌換
refused-in-program-buy-nothing-do = 請用可消費的錢包
refused-in-program-reward-no-value = 獎勵沒有面額
refused-in-program-reward-no-value-do = 請加上 value，即它值多少錢
refused-in-program-choice = 可選商品少於兩個
refused-in-program-choice-do = 請寫明商品
refused-in-program-product-one = 商品獎勵只寫一個商品
refused-in-program-product-one-do = 請寫 products = ["…"]，或 kind = "choice"
refused-in-program-share-percent = share_percent 不在 1 至 100
refused-in-program-share-percent-do = 請寫點數最多可支付帳單的比例
refused-in-program-pattern = 樣式「{ $pattern }」有 { $free } 個空位
refused-in-program-pattern-do = 請用 6 至 16 個 #，以免代碼被猜中
refused-in-program-pattern-long = 樣式過長或不是純 ASCII
refused-in-program-pattern-long-do = 請至多用 40 個字母、數字、- 和 #
refused-in-program-voucher-never = 此券永遠不能使用
refused-in-program-voucher-never-do = 請寫 uses = 1 或更多
refused-in-program-ladder-wallet = counts = "points" 需要 wallet
refused-in-program-ladder-wallet-do = 請寫明計入的錢包
refused-in-program-wallet-ladder = wallet 需要 counts = "points"
refused-in-program-wallet-ladder-do = 請去掉 wallet
refused-in-program-length = length 屬於滾動視窗，滾動視窗也需要它
refused-in-program-length-do = 請寫 length = "12M"
refused-in-program-lasts = 沒有說明等級持續多久
refused-in-program-lasts-do = 請加上 lasts 或 lasts_next_year，或寫 downgrade = "none"
refused-in-program-lasts-twice = 等級的期限說了兩種
refused-in-program-lasts-twice-do = 請保留 lasts 或 lasts_next_year
refused-in-program-threshold = threshold { $threshold } 不精確
refused-in-program-threshold-do = 請減少小數位
refused-in-program-lowest = 最低等級有 threshold
refused-in-program-lowest-do = 請從 threshold = "0" 的等級開始
refused-in-program-tier-order = 等級「{ $tier }」的要求不高於下一級
refused-in-program-tier-order-do = 請從最低等級寫起
refused-in-program-no-tier = 等級體系沒有等級
refused-in-program-no-tier-do = 請加上 [[ladder.tier]]
refused-in-program-mission-event = event 須與 counts = "events" 同用
refused-in-program-mission-event-do = 請寫明事件，或改計其他
refused-in-program-mission-nothing = 任務沒有獎勵
refused-in-program-mission-nothing-do = 請加上 gift 或 badge
refused-in-program-streak = 連續期數為零
refused-in-program-streak-do = 請寫 streak = 1 或更多
refused-in-program-lifetime-streak = 終身只有一次
refused-in-program-lifetime-streak-do = 請寫 streak = 1，或會再來的週期
refused-in-program-target = target = { $target } 無法計數
refused-in-program-event-lines = 事件沒有明細列
refused-in-program-event-lines-do = 請去掉 lines
refused-in-program-surprise = one_in 為 0，或 holdout_percent 超過 90
refused-in-program-surprise-do = 請寫 one_in = 1 或更多，holdout 0 至 90
refused-in-program-multiply-none = multiply 沒有寫規則
refused-in-program-multiply-none-do = 請寫 of = ["…"]
refused-in-program-multiply-multiple = 規則「{ $rule }」本身是倍數
refused-in-program-multiply-multiple-do = 請乘它所乘的規則
refused-in-program-multiply-wallet = 規則「{ $rule }」給的是另一錢包的點數
refused-in-program-multiply-wallet-do = 請用同一錢包
refused-in-program-multiply-group = 規則「{ $rule }」在同一分組
refused-in-program-multiply-group-do = 規則與其倍數不能競爭：請將其一移出分組
refused-in-program-sum-over = sum_over 需要金額
refused-in-program-sum-over-do = 請與 per_amount 或 bands 同用
refused-in-program-sum-over-line = sum_over 按整單計算
refused-in-program-sum-over-line-do = 請去掉 per = "line"
refused-in-program-event-amount = 事件沒有金額
refused-in-program-event-amount-do = event 請與 fixed 同用
refused-in-program-pending-nothing = pending 沒有等待條件
refused-in-program-pending-nothing-do = 請寫 delay、until 或 event
refused-in-program-pending-two = pending 既等某日又等其他
refused-in-program-pending-two-do = 請保留 until，或 delay 與 event
refused-in-program-within-event = within 需要 event
refused-in-program-within-event-do = 請寫明事件，或去掉 within
refused-in-program-festival = 節日沒有日期，或有兩個
refused-in-program-festival-do = 請寫 on 或 lunar
refused-in-program-birthday-window = 生日視窗同時寫了月和天
refused-in-program-birthday-window-do = 請保留 month，或 days_before 與 days_after
refused-in-program-versions = 規則「{ $rule }」有兩個版本同時生效
refused-in-program-versions-end = 請結束較早的：在 { $place } 寫 until = { $day }
refused-in-program-versions-from = 請給較晚的寫 from，較早的寫 until
refused-in-program-ways = 規則「{ $rule }」用 { $ways } 種方式說明點數
refused-in-program-ways-do = 請只寫其一：per_amount、bands、per_unit、fixed、multiply
refused-in-program-too-large = { $key } = { $number } 太大
refused-in-program-too-large-do = 請寫小一些的數
refused-in-program-every = every 為零
refused-in-program-every-do = 請寫大於零的金額
refused-in-program-by = by = { $by } 沒有額外點數
refused-in-program-by-do = 請寫大於 1 的數，2 為雙倍
refused-in-program-band-open = 從 { $from } 起的級距沒有上限，卻不是最後一級
refused-in-program-band-open-do = 請寫 below = "{ $below }"
refused-in-program-band-back = 從 { $from } 起的級距上限低於下限
refused-in-program-band-back-do = 請提高 below
refused-in-program-band-gap = { $until } 與 { $from } 之間有空檔
refused-in-program-band-overlap = 從 { $one } 與從 { $other } 起的級距重疊
refused-in-program-band-meet-do = 請讓此級距從上一級結束處開始：from = "{ $from }"
refused-in-program-band-last = 最後一級止於 { $below }：更大的帳單將沒有點數
refused-in-program-band-last-do = 請去掉 below；若本意如此，請加上 { $example }
refused-in-program-cap = 上限沒有限制任何東西
refused-in-program-cap-do = 請寫 points 或 times
refused-in-program-table = 未知的表「{ $table }」
refused-in-program-table-do = 可用的表：{ $known }
refused-in-program-not-tables = 「{ $table }」不是表的清單
refused-in-program-not-tables-do = 請寫 [[{ $table }]]
refused-in-program-not-a-table = 「{ $table }」不是表
refused-in-program-not-a-table-do = 請寫一次 [{ $table }]
refused-in-program-not-toml = 這不是 TOML：{ $detail }
refused-in-program-not-toml-do = 請看手冊中的例子，格式見 toml.io
refused-in-program-key = { $table } 中有未知的鍵「{ $key }」
refused-in-program-key-near = 是否指「{ $near }」？可用的鍵：{ $known }
refused-in-program-key-do = 可用的鍵：{ $known }
refused-in-program-key-missing = { $table } 缺少「{ $key }」
refused-in-program-key-missing-do = 請加上 { $key } = …
refused-in-program-word = 此處沒有「{ $word }」
refused-in-program-word-do = 請寫以下之一：{ $known }
refused-in-program-type = 這裡寫的是 { $found }
refused-in-program-type-text-do = 請寫帶引號的文字
refused-in-program-see-table-do = 請看手冊中的 { $table }
refused-in-program-condition = { $key } = '{ $source }'：{ $why }
refused-in-program-not-a-condition = 這不是條件：{ $detail }
refused-in-program-condition-unknown = 沒有「{ $name }」；可用：{ $known }
refused-in-program-condition-equal-do = 等於寫作 ==
refused-in-program-condition-do = 請看手冊的條件頁
refused-in-program-digits = 「{ $text }」小數超過 12 位
refused-in-program-day = 「{ $text }」不是日期
refused-in-program-day-do = 請寫 年-月-日，如 2026-03-10
refused-in-program-name-empty = 名稱為空
refused-in-program-name-empty-do = 請寫人們在此看到的文字
refused-in-program-files-of-other = 這些檔案屬於計畫 { $program }：請保留其 id，或新建計畫

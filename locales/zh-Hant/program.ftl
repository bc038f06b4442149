# 方案：規則手冊的框架與歷史回測。規則本身由點數引擎用文字表述。

rules-book = 規則手冊
rules-note = 由規則本身產生：寫的就是算的。

bt-title = 歷史回測
bt-masthead = { $first } 對比 { $second } · { $from } 至 { $until }
bt-headline = { $first } 本應花費 { $first_cost }，佔銷售額 { $first_rate }；{ $second } 為 { $second_cost }，佔 { $second_rate }。
bt-gain-lose = 採用{ $second }時，{ $gain } 位會員得到更多，{ $lose } 位更少，{ $same } 位不變。
bt-members = 會員
bt-orders = 訂單
bt-returns = 其中退貨 { $count } 次
bt-sales = 銷售額
bt-more = 成本差額
bt-more-note = { $second }減去{ $first }
bt-outstanding-of = 未使用點數，{ $name }

section-bt-points = 點數
bt-points-lead = 期末所餘等於進來的減去出去的，一點不差。
bt-wallet = 點數種類
bt-earned = 獲得
bt-taken-back = 因退貨收回
bt-expired = 過期
bt-spent = 使用
bt-left = 未使用
chart-bt-outstanding = 未使用點數的成本（每月末）
chart-bt-outstanding-desc = 逐月兩條線，每個方案一條：會員持有而未使用的點數，依每點對商店的成本計算。
chart-bt-given = 每月發出的點數，減去因退貨收回的部分
chart-bt-given-desc = 逐月兩條線，每個方案一條：獲得的點數減去因退貨收回的點數，依每點對商店的成本計算。

section-bt-cost = 成本
bt-cost-lead = 發出的點數若全部使用的成本。過期的點數最終沒有成本。
bt-funders = 由誰承擔
bt-funder = 承擔方
bt-the-shop = 商店
bt-ran-out = 其中已過期
bt-still-there = 其中未使用

section-bt-tiers = 等級
bt-tier = 期末等級
bt-moves = 等級變動
bt-move-reached = 升級
bt-move-kept = 保級
bt-move-lost = 降級
bt-no-tiers = 此方案沒有等級。

section-bt-members = 誰得，誰失
bt-members-lead = 採用{ $second }時，{ $gain } 位會員共多得 { $gain_value }，{ $lose } 位會員共少得 { $lose_value }。
chart-bt-bands = 會員消費中得到的回饋
chart-bt-bands-desc = 成對的長條，每個方案一根：依消費額相近的會員分組，發出的點數佔銷售額的比例。
bt-axis-spend = 整個期間的消費
bt-band-none = 無
bt-tip-month = { $month }：{ $first } { $first_value }，{ $second } { $second_value }
bt-tip-band = { $band }，{ $members } 位會員：{ $first } { $first_rate }，{ $second } { $second_rate }
bt-gain-most = 得益最多的會員
bt-lose-most = 損失最多的會員
bt-member = 會員
bt-difference = 差額
bt-nobody = 沒有。

section-bt-notes = 計算方法
bt-note-joined = 有訂單者都算會員：自顧客檔案所記之日起，最遲自第一筆訂單起，不早於所看期間的第一天。
bt-note-redeem = 訂單不能說明誰會用點數換什麼，因此這裡沒有使用：未使用點數是可能的最大值。
bt-note-behaviour = 顧客買了他們所買的。新方案會使他們怎樣改變，要靠有對照組的試驗，過去的資料答不了。
bt-note-budgets = 有預算或驚喜的方案依會員編號逐一計算：總數準確，誰先得到則不得而知。
bt-note-left-out = 未計入：訂單不在期間內的退貨 { $returns } 列，金額為負的 { $lines } 列，兩個方案都拒絕的事項 { $refused } 件。
bt-footer = { $schema } · 日期依 { $zone }

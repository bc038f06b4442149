# 控制台：首頁。

console-home-level = 除另有說明外為 95% 區間
console-home-hello = 您好，{ $name }
console-home-hello-about = 請在上方搜尋顧客：姓名、電話、卡號或訂單。
console-home-working = 正在認識您的顧客
console-home-working-about = 模型以您自己最近幾個月的資料配適並檢驗。單店需數秒，連鎖店需數分鐘；頁面會自動更新。
console-home-step-0 = 正在讀取資料
console-home-step-1 = 正在配適模型
console-home-step-2 = 正在用留出時段檢驗
console-home-step-3 = 正在為每位顧客評分
console-home-step-4 = 正在彙總
console-home-failed = 尚無數字
console-home-none = 尚無數字
console-home-none-why = 請匯入收銀機或網路商店匯出的檔案；幾個月的訂單即可開始。
console-home-import = 匯入訂單
console-home-computed = 計算於 { $at }
console-home-again = 正在重新計算，第 { $step } 步，共 { $of } 步
console-home-compute = 重新計算
console-home-to-late = 檢視久未光顧的顧客
console-home-to-value = 檢視最有價值的顧客
console-home-to-kinds = 檢視只來過一次的顧客
console-home-to-cohorts = 比較各期新顧客
console-home-to-next = 檢視各月
console-home-to-products = 檢視商品
console-home-to-data = 檢視匯入
console-home-to-period = 檢視本期
console-home-needs = 需要有人處理
console-home-needs-none = 沒有待辦事項：匯入、工作、訊息與請求都正常。

console-needs-open = 檢視
console-needs-dead-jobs = { $count } 個工作在最後一次嘗試後仍未完成。
console-needs-dead-messages = { $count } 則對外訊息未能送達。
console-needs-dead-items = { $count } 則外來內容無法讀取，已另存。
console-needs-rejects = { $what } 中有 { $count } 列被拒。
console-needs-cases = { $count } 個顧客個案已開超過三天。
console-needs-requests-over = { $count } 項顧客的個人資料請求已超過法定期限。
console-needs-requests-soon = { $count } 項顧客的個人資料請求將在兩週內到期。

console-said-computing = 正在重新計算數字。
console-needs-budget = 「{ $what }」的預算已用 { $count }%。
console-needs-adjustments = 有 { $count } 項手動調整的點數等待第二人複核。

console-needs-dropping = { $count } 位會員若不消費將在 30 天內失去等級。
console-needs-webhooks = { $count } 個 Webhook 收不到訊息：已暫停或無法送達。
console-needs-undelivered = { $count } 則 Webhook 訊息已放棄。
console-needs-backup = 最近七天沒有完好的備份。

console-today = 今天
console-today-orders = { $count } 筆訂單
console-today-joined = { $count } 人加入
console-today-last = 最近一筆 { $at }

# The console: analysis.

console-analysis-report = 完整報告（可列印）
console-analysis-take-out = 匯出
console-registry = 含義
console-registry-about = 每個數字的定義，以及每個關係中一列的含義、各欄的單位和負責的檔案。
console-registry-words = 指標
console-registry-relations = 資料關係
console-registry-relations-about = sql/ 中各檔案的說明，原文如此。
console-registry-owner = 負責的檔案
console-sql = SQL
console-sql-about = 查詢資料關係。唯讀，最多傳回 { $most } 列。
console-sql-query = 查詢
console-sql-ask = 查詢
console-sql-name = 儲存為
console-sql-keep = 儲存
console-sql-kept = 已儲存的查詢
console-sql-cut = 前 { $most } 列；還有更多。
console-sql-answer = 結果
console-sql-none = 沒有符合的列。

console-focus-store = 門市
console-focus-channel = 通路
console-focus-from = 從
console-focus-to = 到
console-focus-all = 全店

console-reports = 報告
console-reports-about = 伺服器或 perennial work 執行時自動產生，存為資料資料夾 reports 中的檔案，不依賴外部資源。
console-reports-none = 尚未設定報告
console-reports-none-why = 全店報告每週仍會自動生成。
console-reports-files = 檔案
console-report-of = 範圍
console-report-every = 頻率
console-report-day = 每天
console-report-week = 每週一
console-report-month = 每月一日
console-report-now = 立即生成
console-report-delete = 取消
console-report-new = 新報告
console-report-name-hint = 英文字母、數字和 -，檔案以此命名。
console-report-do = 開始生成
console-report-to = 寄送至
console-report-to-hint = 除存成檔案外，還可寄到一個電子郵件信箱；報告以單一檔案附在信中。
console-report-no-mail = 如需寄送報告，請在本伺服器的設定中填寫郵件伺服器：smtp 和 smtp_from。
console-report-nowhere = 不寄送
console-report-now-sent = 立即產生並寄送
console-report-sent = { $day } 已寄送，{ $at } 提出
console-report-waits = { $day } 待寄送；排程工作執行時一分鐘內寄出
console-report-again = { $day } 將於 { $at } 重試
console-report-unsent = { $day } 未能寄送；可在「設定 › 狀況」中重試
console-report-letter-subject = { $shop }：報告 { $name }，{ $day }
console-report-letter =
    附件是 { $day } 的報告 { $name }。它是單一檔案，任何瀏覽器都能開啟，不依賴外部資源。

    收件人和頻率在主控台「分析 › 報告」中設定。

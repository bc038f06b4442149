# 控制台：顧客。

console-any = 不限
console-sort = 排序
console-sort-worth = 最有價值在前
console-sort-late = 逾期最久在前
console-sort-spent = 消費最多在前
console-sort-last = 最近光顧在前
console-sort-first = 最新顧客在前
console-show = 檢視
console-save = 儲存
console-pages = 頁
console-before = 上一頁
console-next = 下一頁
console-customer = 顧客
console-spent = 累計消費
console-days-late = { $days } 天
console-customers-found = 「{ $text }」：{ $count } 位顧客
console-customers-count = { $of } 位顧客中的 { $count } 位
console-customers-from = 自第 { $first } 位起
console-customers-all = 顧客
console-customers-everybody = 全部顧客
console-customers-nobody = 沒有人符合「{ $text }」
console-customers-nobody-why = 請試試別的寫法、電話末幾位、卡號或訂單號。
console-customers-none = 沒有人符合
console-customers-none-why = 請放寬條件。
console-customers-new = 尚無顧客
console-customers-new-why = 顧客隨訂單而來：請匯入檔案或連接收銀機。

console-data-page = 其全部資料
console-was-merged = { $id } 已併入此顧客。
console-cadence = { $state ->
    [at_risk] 通常每 { $usual } 天來一次；現已晚 { $late } 天。
    [lapsed] 通常每 { $usual } 天來一次；已過 { $late } 天，再來會是意外。
    [new] 只下過一單，{ $last }。其他人會在 { $usual } 天內再來。
   *[other] 通常每 { $usual } 天來一次；上次 { $last }。
  }
console-p-order = 90 天內下單
console-order-days = 共 { $count } 天
console-no-score = 尚無此顧客的訂單，無法預計今後。
console-who = 是誰
console-brought = 帶來與花費
console-timeline = 發生了什麼
console-timeline-none = 尚無任何記錄。
console-history = 來自檔案的訂單
console-history-about = 檔案中關於這位顧客的記錄，最新的在前。即時記錄的內容見時間軸。
console-history-none = 檔案中沒有這位顧客的記錄
console-history-what = 商品
console-history-order = 訂單
console-history-paid = 實付
console-history-newest = 顯示最新的 { $count } 張訂單；全部見個人資料。
console-time-order = 訂單 { $what }
console-time-consent = 聯絡意願，{ $what }
console-time-merge = 合併：{ $what }
console-time-event = { $what }
console-time-said = 意見，{ $what }
console-time-request = 就自己的資料提出：{ $what }
console-returned = 退回 { $amount }
console-why-points = 為何 { $points }
console-more = 更多
console-member-since = 自 { $day }
console-no-member = 尚未加入任何會員計畫。
console-pending = { $points } 尚不可用
console-held = { $points } 已預留
console-owed = { $points } 欠
console-runs-out = { $points } 將於 { $day } 到期
console-runs-out-never = 近期沒有到期
console-until = 至 { $day }
console-missing = 距 { $next } 還差 { $missing }
console-to-keep = { $day } 前再需 { $missing } 方可保級
console-known-since = 認識自
console-profile-change = 修改
console-consents = 同意了什麼
console-consents-none = 顧客從未表示願意接收訊息：即為未同意。
console-consent-silent = 未表示
console-consent-pending = 待確認
console-consent-granted = 已同意
console-consent-expired = 已過期
console-consent-refused = 已拒絕
console-profit = 合計
console-identity = 同一個人
console-merged-in = { $id } 是同一人，自 { $day } 起。
console-parted = 已重新分開
console-unmerge = 重新分開
console-merge = 與另一位合併
console-merge-about = 對方的編號終止並指向此處；各計畫中的識別碼與點數隨之移入。可以撤回。
console-merge-other = 另一位
console-merge-other-hint = 電話、卡號、電子郵件、編號或 cus_…
console-merge-evidence = 為何是同一人
console-merge-evidence-hint = 例如：在櫃台出示了兩張卡
console-merge-do = 合併
console-wrong-refused = 未能完成：
console-wrong-changed = 您開啟後有人作了修改。上方是對方的，下方是您的：請再看一遍，仍需要則儲存。
console-erase = 刪除此人
console-erase-title = 刪除此人？
console-erase-about = 姓名、識別碼、言語與地址都會刪除，包括另存的檔案；帳本與統計保留且不指名任何人。此操作無法撤回。
console-erase-typed = 請輸入 { $typed }，即編號末尾
console-erase-wrong = 這不是編號末尾。
console-erase-do = 刪除
console-erase-not = 保留
console-erased = 已刪除
console-erased-about = 這是證明；已儲存，可以出示。
console-erased-gone = 已刪除
console-erased-kept = 保留的內容及原因
console-erased-proof = 證明及其雜湊值：

console-said-merged = 現在是一位顧客。
console-said-parted = 又是兩位顧客。

console-points-by-hand = 手動調整點數
console-points-give = 增減點數
console-points-hint = 例如 50，或 -12 表示扣除
console-points-reason = 原因
console-points-reason-hint = 顯示在時間軸與稽核中
console-points-do = 記錄
console-points-customer-waits = 有 { $count } 項等待第二人複核。
console-points-waiting = 第二人複核
console-points-waiting-about = 超過 { $limit } 的手動調整須由另一人同意後才記錄。
console-points-mine = 由您提出：由他人決定
console-points-yes = 同意
console-points-no = 拒絕
console-points-none = 沒有等待的項目
console-points-none-why = 手動增減超過 { $limit } 點的會先到這裡。
console-points-limit = 一人可自行增減的點數

console-said-adjusted = 點數已記錄。
console-said-waits = 正在等待第二人複核。
console-said-refused = 已拒絕；未作記錄。

console-saved = 客群
console-saved-open = 修改
console-requests = 個人資料請求
console-requests-about = 顧客就其個人資料提出的請求，以及所在地法律要求的期限。
console-requests-none = 沒有待辦
console-requests-none-why = 請求在顧客頁面登記。
console-request-what = 請求
console-request-by = 期限
console-request-access = 查閱資料
console-request-correct = 更正資料
console-request-erase = 刪除資料
console-request-withdraw = 撤回同意
console-request-object = 提出異議
console-request-over = 逾期 { $days } 天
console-request-left = 剩 { $days } 天
console-request-no-day = 法律未規定日期
console-request-answered = 已答覆
console-request-answer = 已答覆
console-request-done = 已完成
console-request-new = 顧客請求
console-request-receive = 登記

console-time-campaign = 活動 { $what }
console-contact-contact = 被選中聯絡
console-contact-held-out = 抽籤留作對照
console-contact-left-out = 未納入
console-contact-sent = 已傳送
console-contact-failed = 未送達
console-contact-answered = 已回覆
console-contact-opted-out = 不再接收
console-contact-used = 已使用優惠
console-consent-write = 登記顧客意願
console-consent-said = 顧客
console-consent-withdrawn = 已撤回
console-consent-how = 如何表達
console-consent-how-hint = 例如：在北店收銀台書面簽名
console-consent-record = 登記

console-cases = 個案
console-cases-all = 全部未結個案
console-cases-open = 未結個案
console-cases-about = 店家為顧客受理、尚未處理完的事項，最早的在前。個案未結期間，行銷活動不會打擾該顧客。
console-cases-none = 沒有未結個案
console-cases-none-why = 可在顧客頁面上新增，也可由應用程式透過 /v1/customers/…/cases 新增。
console-cases-none-here = 尚未為該顧客受理任何事項。
console-case-about = 事由
console-case-about-hint = 用顧客的話，一句即可。
console-case-age = 已開
console-case-days = { $days ->
    [0] 今天
   *[other] { $days } 天
}
console-case-last = 最近進展
console-case-unanswered = 尚無
console-case-open = 未結，{ $days ->
    [0] 今天
   *[other] { $days } 天
}
console-case-closed = 已結
console-case-erased = （已隨顧客刪除）
console-case-note = 說了或做了什麼
console-case-answer = 新增
console-case-close = 結案
console-case-new = 新增個案
console-case-do = 新增
console-messages = 對外通知
console-messages-about = 最近發往 webhook 和管道、與該顧客有關的訊息；已送達的保留一段時間。
console-wrong-kept = 您剛才寫的是：

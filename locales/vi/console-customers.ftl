# Bảng điều khiển: khách hàng.

console-any = tất cả
console-sort = Sắp xếp
console-sort-worth = giá trị nhất trước
console-sort-late = vắng lâu nhất trước
console-sort-spent = chi nhiều nhất trước
console-sort-last = mới ghé trước
console-sort-first = khách mới trước
console-show = Xem
console-save = Lưu
console-pages = Các trang
console-before = Trước
console-next = Sau
console-customer = Khách hàng
console-spent = Đã chi
console-days-late = { $days } ngày
console-customers-found = { $count } khách khớp với “{ $text }”
console-customers-count = { $count } trên { $of } khách
console-customers-from = từ số { $first }
console-customers-all = Khách hàng
console-customers-everybody = Mọi khách
console-customers-nobody = Không ai khớp với “{ $text }”
console-customers-nobody-why = Hãy thử cách viết khác, mấy số cuối điện thoại, số thẻ hoặc số đơn hàng.
console-customers-none = Không ai khớp
console-customers-none-why = Hãy chọn ít điều kiện hơn.
console-customers-new = Chưa biết khách nào
console-customers-new-why = Khách đến cùng đơn hàng: hãy nhập một tệp hoặc nối máy tính tiền.

console-data-page = Toàn bộ dữ liệu
console-was-merged = { $id } đã được gộp vào khách này.
console-cadence = { $state ->
    [at_risk] Thường { $usual } ngày ghé một lần; nay đã trễ { $late } ngày.
    [lapsed] Thường { $usual } ngày ghé một lần; đã quá { $late } ngày, có đơn nữa sẽ là bất ngờ.
    [new] Mua một lần, ngày { $last }. Người khác quay lại trong vòng { $usual } ngày.
   *[other] Thường { $usual } ngày ghé một lần; lần cuối { $last }.
  }
console-p-order = Mua trong 90 ngày
console-order-days = trong { $count } ngày
console-no-score = Chưa biết đơn hàng nào của khách này nên chưa thể nói gì về sau.
console-who = Là ai
console-brought = Khách mang lại và tốn kém
console-timeline = Chuyện đã xảy ra
console-timeline-none = Chưa có gì xảy ra.
console-history = Đơn hàng từ tệp
console-history-about = Những gì các tệp cho biết về khách này, mới nhất trước. Những gì được ghi ngay khi xảy ra nằm trong dòng thời gian.
console-history-none = Các tệp không cho biết gì về khách này
console-history-what = Món hàng
console-history-order = Đơn hàng
console-history-paid = Đã trả
console-history-newest = Hiện { $count } đơn mới nhất; dữ liệu của khách có đủ tất cả.
console-time-order = Đơn { $what }
console-time-consent = Ý muốn nhận tin, { $what }
console-time-merge = Đã gộp: { $what }
console-time-event = { $what }
console-time-said = Đã nói, { $what }
console-time-request = Hỏi về dữ liệu của mình: { $what }
console-returned = trả lại { $amount }
console-why-points = vì sao { $points }
console-more = Thêm
console-member-since = từ { $day }
console-no-member = Chưa là hội viên của chương trình nào.
console-pending = { $points } chưa dùng được
console-held = { $points } đang giữ
console-owed = { $points } còn nợ
console-runs-out = { $points } hết hạn ngày { $day }
console-runs-out-never = chưa có gì sắp hết hạn
console-until = đến { $day }
console-missing = còn { $missing } là lên { $next }
console-to-keep = cần thêm { $missing } trước { $day } để giữ hạng
console-known-since = Biết từ
console-profile-change = Sửa
console-consents = Khách đã đồng ý điều gì
console-consents-none = Khách chưa nói gì về việc nhận tin: vậy là chưa đồng ý.
console-consent-silent = chưa nói gì
console-consent-pending = chờ xác nhận
console-consent-granted = đồng ý
console-consent-expired = hết hạn
console-consent-refused = từ chối
console-profit = Cộng lại
console-identity = Cùng một người
console-merged-in = { $id } là cùng một người, từ { $day }.
console-parted = đã tách lại
console-unmerge = Tách lại
console-merge = Gộp với người khác
console-merge-about = Mã kia kết thúc và dẫn về đây; định danh và điểm trong mọi chương trình đi theo. Có thể tách lại.
console-merge-other = Người kia
console-merge-other-hint = Điện thoại, thẻ, e-mail, số hoặc cus_…
console-merge-evidence = Vì sao họ là một người
console-merge-evidence-hint = Ví dụ: đưa cả hai thẻ ở quầy
console-merge-do = Gộp
console-wrong-refused = Chưa làm được:
console-wrong-changed = Có người đã sửa từ lúc bạn mở trang. Của họ ở trên, của bạn ở dưới: hãy xem lại, vẫn muốn thì lưu.
console-erase = Quên người này
console-erase-title = Quên người này?
console-erase-about = Tên, định danh, lời nói và địa chỉ bị xóa, ở đây và trong các tệp để riêng; sổ điểm và thống kê ở lại và không nêu tên ai. Không lấy lại được.
console-erase-typed = Gõ { $typed }, phần cuối của mã
console-erase-wrong = Đó không phải phần cuối của mã.
console-erase-do = Quên
console-erase-not = Giữ lại
console-erased = Đã quên
console-erased-about = Đây là chứng nhận; nó được giữ và có thể xuất trình.
console-erased-gone = Đã xóa
console-erased-kept = Còn giữ, và vì sao
console-erased-proof = Chứng nhận và mã băm:

console-said-merged = Nay họ là một khách hàng.
console-said-parted = Họ lại là hai khách hàng.

console-points-by-hand = Điểm bằng tay
console-points-give = Thêm hoặc bớt điểm
console-points-hint = Ví dụ 50, hoặc -12 để bớt
console-points-reason = Vì sao
console-points-reason-hint = Hiện trong dòng thời gian và trong nhật ký
console-points-do = Ghi lại
console-points-customer-waits = { $count } mục chờ người thứ hai xem.
console-points-waiting = Người thứ hai cùng xem
console-points-waiting-about = Điểm bằng tay trên { $limit } được ghi khi có người khác đồng ý.
console-points-mine = bạn đã đề nghị: người khác quyết định
console-points-yes = Đồng ý
console-points-no = Từ chối
console-points-none = Không có gì chờ
console-points-none-why = Thêm bớt bằng tay trên { $limit } điểm sẽ vào đây trước.
console-points-limit = Số điểm một người tự quyết

console-said-adjusted = Đã ghi điểm.
console-said-waits = Đang chờ người thứ hai xem.
console-said-refused = Đã từ chối; không ghi gì.

console-saved = Phân khúc
console-saved-open = Sửa
console-requests = Yêu cầu về dữ liệu
console-requests-about = Khách hỏi gì về dữ liệu của mình, và ngày luật nơi họ ở yêu cầu phải xong.
console-requests-none = Không ai đang chờ
console-requests-none-why = Yêu cầu được ghi trên trang của khách.
console-request-what = Yêu cầu
console-request-by = Hạn
console-request-access = xem dữ liệu đang có
console-request-correct = sửa cho đúng
console-request-erase = được xóa
console-request-withdraw = rút lại đồng ý
console-request-object = phản đối
console-request-over = quá { $days } ngày
console-request-left = còn { $days } ngày
console-request-no-day = luật không nêu ngày
console-request-answered = đã trả lời
console-request-answer = Đã trả lời
console-request-done = Đã xong
console-request-new = Khách yêu cầu
console-request-receive = Ghi lại

console-time-campaign = Chiến dịch { $what }
console-contact-contact = được chọn để liên hệ
console-contact-held-out = để yên theo rút thăm, để so sánh
console-contact-left-out = không được chọn
console-contact-sent = đã gửi
console-contact-failed = không tới
console-contact-answered = đã trả lời
console-contact-opted-out = không muốn nhận nữa
console-contact-used = đã dùng ưu đãi
console-consent-write = Ghi điều khách nói
console-consent-said = Khách
console-consent-withdrawn = đã rút lại
console-consent-how = Khách nói thế nào
console-consent-how-hint = Ví dụ: trên giấy, tại quầy bắc 1
console-consent-record = Ghi lại

console-cases = Vụ việc
console-cases-all = mọi vụ việc đang mở
console-cases-open = Vụ việc đang mở
console-cases-about = Những việc cửa hàng đã tiếp nhận cho khách mà chưa giải quyết xong, cũ nhất trước. Khi còn vụ việc đang mở, chiến dịch không làm phiền khách đó.
console-cases-none = Không có vụ việc nào đang mở
console-cases-none-why = Mở vụ việc trên trang của khách, hoặc từ ứng dụng qua /v1/customers/…/cases.
console-cases-none-here = Chưa tiếp nhận việc gì cho khách này.
console-case-about = Về việc gì
console-case-about-hint = Một câu, theo lời khách.
console-case-age = Đã mở
console-case-days = { $days ->
    [0] từ hôm nay
   *[other] { $days } ngày
}
console-case-last = Lần cuối trao đổi
console-case-unanswered = chưa có gì
console-case-open = đang mở, { $days ->
    [0] từ hôm nay
   *[other] { $days } ngày
}
console-case-closed = đã giải quyết
console-case-erased = (đã xóa cùng khách)
console-case-note = Đã nói hoặc làm gì
console-case-answer = Thêm
console-case-close = Giải quyết xong
console-case-new = Mở vụ việc
console-case-do = Mở
console-messages = Những gì đã báo cho bên ngoài
console-messages-about = Các tin gần nhất về khách này gửi tới webhook và kênh; tin đã tới nơi được giữ một thời gian.
console-wrong-kept = Bạn đã viết:

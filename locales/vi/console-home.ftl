# Bảng điều khiển: trang chính.

console-home-level = khoảng tin cậy 95% nếu không ghi khác
console-home-hello = Chào { $name }
console-home-hello-about = Hãy tìm khách ở ô phía trên: theo tên, điện thoại, thẻ hoặc đơn hàng.
console-home-working = Đang làm quen với khách của bạn
console-home-working-about = Các mô hình được khớp và kiểm trên chính những tháng gần đây của bạn. Một cửa hàng mất vài giây, một chuỗi mất vài phút; trang tự thay đổi.
console-home-step-0 = Đang đọc dữ liệu
console-home-step-1 = Đang khớp mô hình
console-home-step-2 = Đang kiểm trên thời gian giữ lại
console-home-step-3 = Đang chấm điểm từng khách
console-home-step-4 = Đang cộng lại
console-home-failed = Chưa có số liệu
console-home-none = Chưa có số liệu
console-home-none-why = Hãy đưa vào tệp mà máy tính tiền hoặc trang bán hàng xuất ra; vài tháng đơn hàng là đủ để bắt đầu.
console-home-import = Nhập đơn hàng
console-home-computed = Tính lúc { $at }
console-home-again = đang tính lại, bước { $step } trên { $of }
console-home-compute = Tính lại
console-home-to-late = Xem ai lâu chưa quay lại
console-home-to-value = Xem khách giá trị nhất
console-home-to-kinds = Xem khách mua một lần
console-home-to-cohorts = So sánh các lứa khách
console-home-to-next = Xem từng tháng
console-home-to-products = Xem sản phẩm
console-home-to-data = Xem các lần nhập
console-home-to-period = Xem cả kỳ
console-home-needs = Cần người xử lý
console-home-needs-none = Không có gì chờ bạn: các lần nhập, việc nền, tin nhắn và yêu cầu đều ổn.

console-needs-open = Xem
console-needs-dead-jobs = { $count } việc nền đã thử lần cuối mà không xong.
console-needs-dead-messages = { $count } tin gửi ra ngoài không đến nơi.
console-needs-dead-items = { $count } mục gửi vào không đọc được và đã để riêng.
console-needs-rejects = { $count } dòng của { $what } bị từ chối.
console-needs-cases = { $count } vụ việc của khách đã mở quá ba ngày.
console-needs-requests-over = { $count } yêu cầu của khách về dữ liệu đã quá hạn luật định.
console-needs-requests-soon = { $count } yêu cầu của khách về dữ liệu đến hạn trong hai tuần.

console-said-computing = Đang tính lại số liệu.
console-needs-budget = Ngân sách của “{ $what }” đã dùng { $count }%.
console-needs-adjustments = { $count } lần điểm bằng tay chờ người thứ hai xem.

console-needs-dropping = { $count } thành viên sẽ mất hạng trong 30 ngày nếu không mua.
console-needs-webhooks = { $count } webhook không nhận được gì: tạm dừng hoặc không tới nơi.
console-needs-undelivered = { $count } tin gửi webhook đã bị bỏ.
console-needs-backup = Ở đây không có bản sao lưu tốt nào trong bảy ngày qua.

console-today = Hôm nay
console-today-orders = { $count } đơn
console-today-joined = { $count } người tham gia
console-today-last = gần nhất { $at }

# The console: imports.

console-imports-about = Đưa tệp từ máy tính tiền, cửa hàng trực tuyến hay bảng tính. Ý nghĩa được nhận ra và cho xem trước khi nhập.
console-import-kind = Nội dung
console-import-orders = đơn hàng
console-import-customers = khách hàng
console-import-returns = hàng trả
console-import-products = sản phẩm
console-import-feedback = phản hồi
console-import-events = sự kiện
console-import-costs = chi phí
console-import-file = Tệp
console-import-file-hint = CSV, Excel, JSON lines, cả tệp nén; thả vào đây.
console-import-look = Xem thử
console-import-read = Đã đọc
console-import-accepted = Nhận
console-import-rejected = Loại
console-import-state-done = xong
console-import-state-started = chưa xong
console-import-state-prepared = chưa xong
console-import-state-refused = bị từ chối
console-imports-none = Chưa nhập tệp nào
console-imports-none-why = Bắt đầu với đơn hàng: chỉ cần ngày, khách và số tiền.
console-import-refused = Chưa được:
console-import-runs = Đang nhập tệp.
console-import-done = Đã nhập
console-import-repeat = Đã nhập trước đây: không có gì thay đổi.
console-import-sum = { $read } dòng đã đọc = { $accepted } nhận + { $rejected } loại + { $skipped } không phải dữ liệu
console-import-facts = { $new } dữ kiện mới, { $known } đã biết; { $customers } khách.
console-import-rejects = Các dòng bị loại
console-import-columns = Các cột và những dòng đầu
console-import-no-columns = Không tìm thấy cột nào.
console-import-run = Nhập
console-import-again = Xem lại

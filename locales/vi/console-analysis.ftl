# The console: analysis.

console-analysis-report = Toàn bộ báo cáo, để in
console-analysis-take-out = Tải về
console-registry = Ý nghĩa
console-registry-about = Mỗi con số kèm định nghĩa, mỗi quan hệ kèm ý nghĩa một dòng, đơn vị của cột và tệp chịu trách nhiệm.
console-registry-words = Con số
console-registry-relations = Quan hệ dữ liệu
console-registry-relations-about = Phần đầu của các tệp trong sql/, đúng như đã viết.
console-registry-owner = do tệp
console-sql = SQL
console-sql-about = Hỏi dữ liệu. Truy vấn chỉ đọc và trả về tối đa { $most } dòng.
console-sql-query = Truy vấn
console-sql-ask = Hỏi
console-sql-name = Lưu với tên
console-sql-keep = Lưu
console-sql-kept = Truy vấn đã lưu
console-sql-cut = { $most } dòng đầu; còn nữa.
console-sql-answer = Kết quả
console-sql-none = Không có dòng nào.

console-focus-store = Điểm bán
console-focus-channel = Kênh
console-focus-from = Từ ngày
console-focus-to = Đến ngày
console-focus-all = Toàn cửa hàng

console-reports = Báo cáo
console-reports-about = Tự viết khi máy chủ hoặc perennial work chạy, thành tệp trong thư mục reports của dữ liệu; tệp không cần gì từ nơi khác.
console-reports-none = Chưa đặt báo cáo nào
console-reports-none-why = Báo cáo toàn cửa hàng vẫn được viết mỗi tuần một lần.
console-reports-files = Tệp
console-report-of = Về
console-report-every = Mỗi
console-report-day = ngày
console-report-week = tuần, thứ Hai
console-report-month = tháng, ngày mùng một
console-report-now = Viết ngay
console-report-delete = Thôi
console-report-new = Báo cáo mới
console-report-name-hint = Chữ không dấu, số và -; tệp mang tên này.
console-report-do = Đặt báo cáo
console-report-to = Gửi tới
console-report-to-hint = Một địa chỉ e-mail, nếu báo cáo vừa được lưu vừa được gửi. Thư kèm báo cáo trong một tệp.
console-report-no-mail = Để gửi báo cáo, hãy khai báo máy chủ thư: smtp và smtp_from trong cấu hình của máy chủ này.
console-report-nowhere = không ai
console-report-now-sent = Viết và gửi ngay
console-report-sent = { $day } đã gửi, yêu cầu lúc { $at }
console-report-waits = { $day } sẽ được gửi trong một phút khi công việc định kỳ đang chạy
console-report-again = { $day } sẽ được gửi lại lúc { $at }
console-report-unsent = { $day } không gửi được; vào Cài đặt, Tình trạng để thử lại
console-report-letter-subject = { $shop }: báo cáo { $name }, { $day }
console-report-letter =
    Đính kèm là báo cáo { $name } ngày { $day }. Đây là một tệp duy nhất: trình duyệt nào cũng mở được và không cần gì từ nơi khác.

    Ai nhận và nhận bao lâu một lần được đặt trong bảng điều khiển, mục Phân tích, Báo cáo.

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

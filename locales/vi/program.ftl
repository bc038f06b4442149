# Chương trình: khung của thể lệ và phần thử trên lịch sử. Bản thân các quy tắc do máy tính điểm diễn đạt.

rules-book = Thể lệ
rules-note = Lập từ chính các quy tắc: viết ở đây thế nào thì tính như thế.

bt-title = Thử trên lịch sử
bt-masthead = { $first } so với { $second } · { $from } đến { $until }
bt-headline = { $first } lẽ ra tốn { $first_cost }, bằng { $first_rate } doanh thu; { $second } tốn { $second_cost }, bằng { $second_rate }.
bt-gain-lose = Với { $second }, { $gain } thành viên được nhiều hơn, { $lose } thành viên được ít hơn, { $same } không đổi.
bt-members = Thành viên
bt-orders = Đơn hàng
bt-returns = trong đó { $count } lần trả hàng
bt-sales = Doanh thu
bt-more = Chênh lệch chi phí
bt-more-note = chi phí của { $second } trừ chi phí của { $first }
bt-outstanding-of = Điểm còn lại, { $name }

section-bt-points = Điểm
bt-points-lead = Số còn lại cuối kỳ bằng số đến trừ số đi, đúng đến từng điểm.
bt-wallet = Loại điểm
bt-earned = Đã tích
bt-taken-back = Thu lại do trả hàng
bt-expired = Hết hạn
bt-spent = Đã dùng
bt-left = Còn lại
chart-bt-outstanding = Điểm còn lại sẽ tốn bao nhiêu, cuối mỗi tháng
chart-bt-outstanding-desc = Hai đường theo tháng, mỗi chương trình một đường: điểm thành viên đang có mà chưa dùng, tính theo giá mỗi điểm đối với cửa hàng.
chart-bt-given = Điểm cho mỗi tháng, trừ phần thu lại do trả hàng
chart-bt-given-desc = Hai đường theo tháng, mỗi chương trình một đường: điểm đã tích trừ điểm thu lại do trả hàng, tính theo giá mỗi điểm đối với cửa hàng.

section-bt-cost = Chi phí
bt-cost-lead = Số điểm đã cho sẽ tốn bao nhiêu nếu được dùng hết. Điểm hết hạn rốt cuộc không tốn gì.
bt-funders = Ai chi trả
bt-funder = Bên chi trả
bt-the-shop = Cửa hàng
bt-ran-out = Trong đó đã hết hạn
bt-still-there = Trong đó còn lại

section-bt-tiers = Hạng
bt-tier = Hạng cuối kỳ
bt-moves = Thay đổi hạng
bt-move-reached = Đạt
bt-move-kept = Giữ
bt-move-lost = Mất
bt-no-tiers = Chương trình này không có hạng.

section-bt-members = Ai được, ai mất
bt-members-lead = Với { $second }, { $gain } thành viên được thêm tổng cộng { $gain_value }, và { $lose } thành viên mất đi { $lose_value }.
chart-bt-bands = Thành viên nhận lại bao nhiêu trên số đã mua
chart-bt-bands-desc = Các cột theo cặp, mỗi chương trình một cột: điểm cho tính theo phần trăm doanh thu, theo nhóm thành viên mua gần bằng nhau.
bt-axis-spend = Đã mua trong cả kỳ
bt-band-none = Không có
bt-tip-month = { $month }: { $first } { $first_value }, { $second } { $second_value }
bt-tip-band = { $band }, { $members } thành viên: { $first } { $first_rate }, { $second } { $second_rate }
bt-gain-most = Ai được thêm nhiều nhất
bt-lose-most = Ai mất nhiều nhất
bt-member = Thành viên
bt-difference = Chênh lệch
bt-nobody = Không có ai.

section-bt-notes = Cách tính
bt-note-joined = Ai có đơn hàng đều coi là thành viên: từ ngày ghi trong tệp khách hàng, muộn nhất từ đơn đầu tiên, không trước ngày đầu của kỳ.
bt-note-redeem = Đơn hàng không cho biết ai sẽ dùng điểm vào việc gì, nên ở đây không có điểm nào được dùng: số điểm còn lại là mức cao nhất có thể.
bt-note-behaviour = Khách đã mua những gì họ đã mua. Chương trình mới khiến họ làm gì khác thì phải thử với nhóm đối chứng, lịch sử không trả lời được.
bt-note-budgets = Chương trình có ngân sách hoặc quà bất ngờ được tính lần lượt từng thành viên theo mã: tổng số là chính xác, còn ai đến trước thì không rõ.
bt-note-left-out = Không tính: { $returns } dòng trả hàng mà đơn nằm ngoài kỳ, { $lines } dòng có số tiền âm, { $refused } sự việc cả hai chương trình đều từ chối.
bt-footer = { $schema } · ngày theo { $zone }

# Báo cáo X-quang khách hàng. Phần giữa <b> và </b> là chỗ mắt nên dừng lại.

report-title = X-quang khách hàng
report-shop-unnamed = Cửa hàng của bạn
report-masthead = { $period } · dữ liệu đến { $as_of }
report-confidence = Khoảng tin cậy { $level } trừ khi nói khác
report-contents = Mục lục
report-skip = Đến phần kết quả
report-table = Số liệu
report-print-note = Perennial lập từ chính đơn hàng của cửa hàng
report-days = { $days } ngày
report-and-more = { $from } trở lên
report-unknown = chưa rõ

headline-full = Một nửa { $measure ->
    [margin] lãi gộp
   *[sales] doanh thu
  } đến từ { $half } người, và { $late } trong số những khách tốt nhất của bạn đã lâu chưa quay lại.
headline-half = Một nửa { $measure ->
    [margin] lãi gộp
   *[sales] doanh thu
  } đến từ { $half } trong số { $customers } khách.
headline-plain = { $customers } khách hàng, { $orders } đơn, doanh thu { $sales }.

acting-title = Việc đáng làm
acting-rule = Chọn theo số tiền mỗi năm mà hành động có thể thay đổi; điều gì chưa đủ cơ sở thì không nêu.
acting-none = Chưa đủ lịch sử để nói điều gì chắc chắn. Hãy nhập thêm các tháng đơn hàng.

section-memory = Đã thử và đã quyết
memory-lead = Việc đã làm theo các báo cáo trước nằm ở đây cùng kết quả, để không thử lại mà không biết.
memory-action = Đã làm gì
memory-who = Cho ai
memory-brought = Kết quả
memory-decided = Quyết định
memory-untold = Chưa phân biệt được với không có gì.
memory-unmeasured = Chưa được đo.
memory-who-best-late = Khách tốt nhất đang trễ
memory-who-call = Khách đáng gọi
memory-who-one-timers = Khách đến một lần rồi thôi

say-best_late = <b>{ $customers } trong { $of } khách tốt nhất</b> đã lâu chưa quay lại so với thói quen của chính họ. Cả nhóm sẽ mang lại <b>{ $range }</b> trong { $days } ngày.
todo-best_late = Gọi cho họ trước: danh sách theo giá trị có thể mất
say-newer_cohorts = Khách mới của <b>{ $newer }</b> quay lại { $direction ->
    [less] ít
   *[more] nhiều
  } hơn khách của { $older }: <b>{ $newer_share }</b> so với <b>{ $older_share }</b> trong vòng { $months } tháng.
todo-newer_cohorts = { $direction ->
    [less] Tìm xem lần đến đầu tiên đã khác đi điều gì
   *[more] Giữ điều đã thay đổi ở lần đến đầu tiên
  }
say-concentration = <b>{ $customers } khách</b>, { $customers_share } tổng số, mang lại <b>{ $range } { $measure ->
    [margin] lãi gộp
   *[sales] doanh thu
  }</b>.
todo-concentration = Nhớ tên họ: những khách giá trị nhất
say-next_year = Khách hiện có sẽ mang lại <b>{ $range }</b> { $measure ->
    [margin] lãi gộp
   *[sales] doanh thu
  } trong mười hai tháng tới{ $has_past ->
    [yes] , so với { $past } của mười hai tháng qua
   *[no] {""}
  }.
todo-next_year = Lập kế hoạch theo mức thấp; xem từng tháng
say-one_timers = <b>{ $customers } khách</b> đến một lần rồi không quay lại trong { $days } ngày, tức <b>{ $range }</b> số người đến lần đầu.{ $has_worth ->
    [yes] {" "}Sau đơn thứ hai, mỗi khách mang lại trung bình { $worth } trong một năm.
   *[no] {""}
  }
todo-one_timers = Cho họ một lý do để đến lần thứ hai
say-product_back = { $direction ->
    [more] Khách bắt đầu bằng <b>{ $product }</b> quay lại nhiều hơn
   *[less] Khách bắt đầu bằng <b>{ $product }</b> quay lại ít hơn
  }: <b>{ $share }</b> so với { $others } của những người khác. Hai điều đi cùng nhau; có phải nguyên nhân không thì chỉ phép thử mới biết.
todo-product_back = { $direction ->
    [more] Mời khách mới dùng thử, và giữ lại một phần để đối chứng
   *[less] Xem điều gì diễn ra sau lần đầu với món này
  }
say-anonymous = <b>{ $share } doanh thu</b>, { $sales }, không gắn với khách nào. Không thể hiểu họ, cũng không thể nói gì với họ.
todo-anonymous = Xin số điện thoại tại quầy
say-due_soon = <b>{ $range } khách</b> dự kiến sẽ mua trong { $days } ngày tới theo thói quen của họ, và mang lại <b>{ $value }</b>.
todo-due_soon = Chuẩn bị sẵn hàng họ hay mua

against-before = { $change } so với kỳ trước
of-sales = { $share } doanh thu
of-them-new = trong đó { $new } khách mới
within-days = trong { $days } ngày

section-lens = Góc nhìn { $number }
section-period = Khách hàng trong một kỳ
section-change = Hai kỳ đặt cạnh nhau
section-cohort = Một lứa khách theo thời gian
section-cohorts = So sánh các lứa khách
section-base = Toàn bộ khách hàng
section-value = Khách hàng đáng giá bao nhiêu
section-late = Khách lâu chưa quay lại và đã ngừng mua
section-kinds = Các nhóm khách
section-next = Mười hai tháng tới
section-products = Sản phẩm kéo khách quay lại
section-places = Cửa hàng và kênh bán
section-models = Mô hình tốt đến đâu
section-data = Dữ liệu có gì sai
section-words = Ý nghĩa các từ

period-lead = <b>{ $customers } khách</b> mua trung bình { $times } lần, mỗi lần { $value }. Nhóm 10% tốt nhất mang lại <b>{ $top }</b> { $measure ->
    [margin] lãi gộp
   *[sales] doanh thu
  }.
period-lead-plain = <b>{ $customers } khách</b> mua trung bình { $times } lần, mỗi lần { $value }.
period-too-few = Chưa đến mười khách thì không có nhóm 10% để so sánh.
chart-deciles = Tỷ trọng giá trị theo nhóm 10% khách
chart-deciles-desc = Mười cột, nhóm tốt nhất trước. Nhóm tốt nhất mang lại { $first }, nhóm cuối { $last }.
tip-decile = Nhóm { $decile }: { $share }, { $value }
chart-whale = Ai mang lại { $measure ->
    [margin] lãi gộp
   *[sales] doanh thu
  }
chart-whale-desc = Đường cong dốc lên: 10% khách tốt nhất mang lại { $top }, 20% tốt nhất mang lại { $fifth }.
chart-whale-note = 10% tốt nhất: { $top }
whale-losing = Những khách cuối tốn nhiều hơn họ mang lại: đường cong kết thúc thấp hơn đỉnh.
tip-whale = { $share } khách tốt nhất: { $value } ({ $range })
axis-customers-best-first = khách hàng, tốt nhất trước
chart-orders = Họ đến bao nhiêu lần
chart-orders-desc = Số khách theo số đơn trong kỳ. { $once } khách đến một lần.
chart-spend = Họ chi bao nhiêu
chart-spend-desc = Số khách theo mức chi trong kỳ, từ ít đến nhiều.
tip-customers = { $band }: { $customers } khách, { $sales }
axis-customers = khách
axis-orders = đơn
axis-spend = chi tiêu, { $unit }
axis-months-of-age = số tháng sau đơn đầu tiên

change-lead = Doanh thu từ { $before } thành <b>{ $after }</b> ({ $change }). <b>{ $new } khách mới</b> đến, { $left } khách rời đi, { $back } khách quay lại.
change-empty = Dữ liệu chưa đủ hai kỳ. Thêm { $days } ngày nữa sẽ có cái để so sánh.
change-flows = Ai đến, ai ở, ai đi
change-drivers-lead = { $measure ->
    [margin] Lãi gộp
   *[sales] Doanh thu
  } thay đổi <b>{ $change }</b>. Phần lớn nhất đến từ { $factor }.
col-before = Trước
col-after = Sau
col-effect = Tác động
col-sales-before = Doanh thu trước
col-sales-after = Doanh thu sau
factor-customers = số khách
factor-frequency = số đơn mỗi khách
factor-order_value = doanh thu mỗi đơn
factor-margin_rate = tỷ lệ lãi gộp
group-best = 20% tốt nhất
group-middle = Trung bình
group-small = Nhỏ
group-nothing = Không mua
movement-rows = trước ↓ · sau →
movement-lead = Trong { $best } khách tốt nhất, <b>{ $kept } vẫn ở nhóm tốt nhất</b> và { $lost } không mua gì nữa.

cohort-lead = Trong <b>{ $customers } khách</b> đến lần đầu vào { $period }, <b>{ $repeat }</b> đã đến lần hai trong vòng một năm, và { $bought } có mua trong tháng gần nhất.
cohort-empty = Chưa có lứa khách nào đủ lâu và đủ lớn để theo dõi.
chart-cohort = Khách của { $period }, theo từng tháng
chart-cohort-desc = Ba đường kèm khoảng tin cậy theo tuổi: vẫn là khách, đã mua lần hai, mua trong tháng.
tip-cohort = Tháng { $age }: vẫn là khách { $survival }, lần hai { $repeat }, trong tháng { $bought }

cohorts-lead-less = Khách mới quay lại <b>ít hơn</b>: { $newer_share } của { $newer } so với { $older_share } của { $older }, ở cùng tuổi.
cohorts-lead-more = Khách mới quay lại <b>nhiều hơn</b>: { $newer_share } của { $newer } so với { $older_share } của { $older }, ở cùng tuổi.
cohorts-lead-same = <b>Chưa đủ cơ sở để nói</b> khách mới quay lại nhiều hay ít hơn: { $newer_share } so với { $older_share } ở cùng tuổi.
cohorts-lead-none = Mỗi hàng là một lứa khách; mỗi cột là một tuổi.
cohorts-empty = Chưa có đến hai lứa khách.
cohorts-caption = Tỷ lệ của mỗi lứa mua lại, theo số { $grain ->
    [month] tháng
    [quarter] quý
   *[year] năm
  } sau đơn đầu tiên. Nhạt: dưới { $small } người.
cohorts-first = Mua lần đầu

base-lead = <b>{ $share }</b> doanh thu kỳ này đến từ khách mới đến trong kỳ.{ $has_equity ->
    [yes] {" "}Toàn bộ giá trị tương lai của khách hiện có là <b>{ $equity }</b>.
   *[no] {""}
  }
base-empty = Chưa có doanh thu để trải theo thời gian.
chart-base = Doanh thu theo lứa khách
chart-base-desc = Các lớp doanh thu theo thời gian, mỗi lứa một lớp, lứa cũ nhất ở dưới.
base-alive-unknown = Dữ liệu này không cho biết khách đã rời đi hẳn hay chưa: ít mua trông cũng giống vậy.
base-period-sales = Doanh thu trong kỳ

value-lead = <b>{ $customers } khách</b>, mỗi người dự kiến mang lại từ { $from } trở lên, giữ <b>{ $share }</b> toàn bộ giá trị dự kiến.
value-empty = Không mô hình nào dùng được trên dữ liệu này, nên không nói gì về giá trị tương lai của khách.
value-bands = Khách theo giá trị dự kiến
value-top = Những khách giá trị nhất
value-book-title = Giá trị tương lai nằm ở đâu

late-lead = <b>{ $late } khách lâu chưa quay lại</b> và { $lapsed } khách đã ngừng mua. Chăm sóc nhóm thứ nhất có thể giữ được tới <b>{ $range }</b> một năm.
late-lead-plain = <b>{ $late } khách lâu chưa quay lại</b> và { $lapsed } khách đã ngừng mua.
late-empty = Chưa khách nào có đủ đơn để thấy thói quen.
late-states = Tất cả khách đang ở đâu
late-since = Họ đã trễ bao lâu
late-call = Nên gọi cho ai trước
late-call-note = Theo giá trị có thể mất.
late-call-none = Không ai trễ.
late-band = { $from }–{ $to } ngày
late-band-more = { $from } ngày trở lên
col-customer = Khách

kinds-lead = { $name }: <b>{ $customers } khách</b> mang lại <b>{ $share } doanh thu</b>.
kinds-empty = Quá ít khách để phân nhóm.
kinds-stability = Lặp lại trên một nửa khách khác: độ khớp { $stability } trên 1.

next-lead = Khách hiện có sẽ mua <b>{ $orders } lần</b> và mang lại <b>{ $range }</b> doanh thu trong mười hai tháng tới.
next-empty = Dữ liệu này chưa đủ cơ sở để dự báo.
next-no-season = Lịch sử dưới hai năm: chưa học được mùa vụ, nên các tháng như nhau.
next-season = Các tháng theo mùa vụ của những năm trước.
next-model = Mô hình: { $model }
chart-next = Doanh thu theo tháng, đã thấy và dự kiến
chart-next-desc = Doanh thu các tháng đã qua là một đường, các tháng tới là một đường kèm khoảng tin cậy.
tip-past = { $month }: { $value }
tip-next = { $month }: { $value } ({ $range })
series-seen = đã thấy
series-expected = dự kiến
col-month = Tháng

products-lead = Sau đơn đầu tiên có { $product }, <b>{ $share }</b> quay lại trong vòng 90 ngày, so với { $others } của những người khác.
products-lead-none = Không sản phẩm nào trong đơn đầu tiên đi cùng việc quay lại nhiều hay ít hơn ngẫu nhiên.
products-caution = Đây là những điều đi cùng nhau, không phải nguyên nhân. Phép thử có nhóm giữ lại để đối chứng mới cho biết.
products-empty = Tệp không có tên sản phẩm. Hãy chỉ cột: --map product=…
products-back = Mua gì lần đầu thì quay lại
products-pairs = Mua cùng nhau nhiều hơn ngẫu nhiên
products-again = Mua lại đều đặn
products-suggestions = Gợi ý, thử trên thời gian giữ lại
suggestion-buy_again = Mua lại
suggestion-discover = Khám phá
col-product = Sản phẩm

places-lead = <b>{ $name }</b> mang lại { $share } doanh thu.
places-stores = Cửa hàng
places-channels = Kênh bán
places-no-stores = Tệp không có cửa hàng. Hãy chỉ cột: --map store=…
places-no-channels = Tệp không có kênh bán. Hãy chỉ cột: --map channel=…

models-lead-model_wins = Trên { $days } ngày chưa từng thấy, <b>{ $used }</b> lệch { $mae } đơn mỗi khách; quy tắc đơn giản tốt nhất, “{ $naive }”, lệch { $naive_mae }. Báo cáo dùng mô hình.
models-lead-naive_wins = Trên { $days } ngày chưa từng thấy, <b>không mô hình nào hơn quy tắc đơn giản</b> “{ $naive }” (lệch { $naive_mae } đơn mỗi khách). Báo cáo dùng quy tắc đơn giản.
models-lead-tie = Trên { $days } ngày chưa từng thấy, mô hình tốt nhất và quy tắc đơn giản “{ $naive }” <b>không phân biệt được</b>. Báo cáo dùng cái đơn giản hơn.
models-attrition-unknown = Cho phép khách rời đi chỉ tăng { $nats } nat, dưới 2: không phân biệt được ai đã đi hẳn với ai ít mua.
models-empty = Lịch sử quá ngắn để giữ lại một phần, nên chưa chấm được mô hình nào. Hãy đọc các dự kiến một cách thận trọng.
models-periods = Học trên { $fitted }; chấm trên { $judged }; { $customers } khách.
models-scores = Mọi mô hình trên cùng thời gian giữ lại
models-used = đang dùng
models-naive = đơn giản
models-refused = từ chối: { $why }
model-mbg_nbd = MBG/NBD
model-bg_nbd = BG/NBD
model-pareto_nbd = Pareto/NBD
model-nbd = NBD (không ai rời đi)
model-bg_bb = BG/BB
model-propensity = Xu hướng mua (hồi quy hoặc cây)
model-own_rate = Nhịp cũ của chính khách
model-mean = Ai cũng như trung bình
model-last_window = Như kỳ vừa qua
model-hiatus = Vắng lâu là đã đi
chart-calibration = Nói và thấy: sẽ mua lại
chart-calibration-desc = Mười điểm kèm khoảng tin cậy so với đường chéo; nằm trên đường chéo là xác suất đúng.
tip-calibration = Nói { $said }, thấy { $seen } ({ $range }), { $customers } khách
chart-tracking = Đơn mua lại theo tuần
chart-tracking-desc = Số đơn thấy được và dự kiến kèm khoảng tin cậy; đoạn cuối là thời gian mô hình chưa thấy.
tip-tracking = { $day }: thấy { $seen }, dự kiến { $expected } ({ $range })
axis-said = đã nói
axis-seen = đã thấy
axis-weeks = tuần

data-lead = Trong <b>{ $read } dòng</b>, nhận { $accepted } và loại { $rejected }. <b>{ $anonymous }</b> doanh thu không rõ khách.
data-rejected = Vì sao dòng bị loại
data-missing = Điều tệp chưa cho biết
missing-customer = ai mua
missing-product = mua gì
missing-store = ở cửa hàng nào
missing-channel = qua kênh nào
missing-cost = giá vốn
missing-returns = hàng nào bị trả lại
missing-time = giờ trong ngày
missing-map = Chỉ cột bằng --map { $role }=… để thấy nhiều hơn.
col-reason = Lý do
col-rows = Số dòng
col-name = Tên
col-order = Đơn
col-day = Ngày
no-returns-file = tệp không có hàng trả lại

words-lead = Mọi con số của báo cáo này, theo định nghĩa.
measure-note = { $measure ->
    [margin] Giá trị trong báo cáo này là lãi gộp.
   *[sales] Giá trị trong báo cáo này là doanh thu: chưa biết giá vốn.
  }
margin-costs = Biết giá vốn của { $share } doanh thu.
margin-rate = Lãi gộp lấy bằng { $rate } doanh thu, theo lời cửa hàng.
footer-note = { $schema } · chiết khấu { $rate } một năm · múi giờ { $zone }
footer-zone-shop = của cửa hàng

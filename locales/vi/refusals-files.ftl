# Những điều bị từ chối trong tệp do người viết.

# Phân khúc, kế hoạch và chiến dịch.
refused-file-must-be-table = { $place } phải là một bảng như { $example }
refused-file-must-have-one = { $place } phải có đúng một trong: { $known }; đang có { $found }
refused-file-must-be-list = { $place } phải là một danh sách
refused-file-empty-condition = { $place } đang trống: như vậy là mọi người hoặc không ai
refused-file-no-sentence = câu “{ $sentence }” không nói về người nào; hãy dùng một trong: { $known }
refused-file-field = field = "{ $name }" phải là một bảng về khách kèm cột của nó; các bảng: { $known }
refused-file-true-or-false = { $place } phải là true hoặc false
refused-file-asks-nothing = { $place } không hỏi gì về { $name }; hãy thêm một trong: { $known }
refused-file-did = did = "{ $did }"; { $why }
refused-file-use-one = hãy dùng một trong: { $known }
refused-file-one-or-more = { $place } phải từ 1 trở lên
refused-file-not-known-here = { $place } có “{ $key }”, ở đây không biết; { $why }
refused-file-text-in-quotes = { $key } phải là chữ trong dấu ngoặc kép
refused-file-whole-number = { $place } phải là số nguyên
refused-file-number-or-day = { $place } phải là số hoặc ngày như 2026-01-31
refused-file-day = { $place } phải là ngày như 2026-01-31
refused-file-empty-list = { $place } là danh sách trống
refused-file-consent = hãy ghi đồng ý điều gì, như { $example }
refused-segment-unknown = không có phân khúc tên này; đang có: { $known }
refused-segment-not-there = không có phân khúc “{ $name }”
refused-segment-not-there-any-more = không có phân khúc { $name }
refused-segment-circle = các phân khúc lồng vào nhau thành vòng: { $path }
refused-segment-changed = phân khúc { $name } nay đã là phiên bản { $version }
refused-segment-no-column = customer.{ $relation } không có cột { $column }; có: { $known }
refused-segment-words = { $column } chứa chữ; hãy hỏi is = "…" với một trong: { $known }
refused-segment-words-plain = { $column } chứa chữ; hãy hỏi is = "…"
refused-segment-no-day = { $column } không phải ngày, nên within_days không có nghĩa
refused-segment-numbers = { $column } chứa số hoặc ngày; hãy bỏ dấu ngoặc kép
refused-plan-key = “{ $key }” không có trong kế hoạch; có: { $known }
refused-plan-missing = thiếu { $key }: { $why }
refused-plan-name = một từ để gọi chiến dịch, như late-regulars
refused-plan-action = một câu về điều được tặng
refused-plan-channel = như sms, zalo, email hoặc call
refused-plan-cost = giá một tin hoặc một cuộc gọi, như "350"
refused-plan-days = { $key } phải là số ngày nguyên từ 1 đến { $most }
refused-plan-number = { $key } phải là số từ { $low } đến { $high }
refused-plan-metric = metric = "{ $metric }" phải là margin, orders hoặc bought
refused-plan-reading = reading = "{ $reading }" phải là fixed hoặc sequence
refused-plan-rollout-not = [rollout] dành cho lời hứa công khai; ở đây có một phần được để yên (hold_out)
refused-plan-public-all = không ai bị loại khỏi điều đã hứa với mọi người: hãy bỏ hold_out và ghi trong [rollout] ai bắt đầu khi nào
refused-plan-public-rollout = lời hứa công khai cần [rollout]: by = "store" hoặc "lot", và các đợt có on = NGÀY cùng stores hoặc share
refused-plan-rollout-once = việc triển khai chỉ đọc một lần, khi hết ngày: reading = "fixed"
refused-plan-rollout-table = [rollout] phải là bảng có by và waves
refused-plan-rollout-key = không có rollout.{ $key }; hãy dùng by và waves
refused-plan-rollout-by = rollout.by phải là "store" hoặc "lot"
refused-plan-rollout-waves = rollout.waves phải là danh sách như { $example }
refused-plan-rollout-order = các đợt trong rollout.waves phải bắt đầu lần lượt, sớm nhất trước
refused-plan-rollout-shares = tổng các share trong rollout.waves vượt quá 1
refused-plan-rollout-twice = cửa hàng { $store } nằm trong hai đợt
refused-plan-wave-table = { $place } phải là một bảng
refused-plan-wave-on = thiếu { $place }
refused-plan-wave-stores = { $place } phải là danh sách mã cửa hàng
refused-plan-wave-share = { $place } phải lớn hơn 0, đến 1.0
refused-plan-amount = { $key } phải là số tiền { $currency } trong ngoặc kép, như "350"
refused-plan-margin = margin phải là phần doanh số như 0.35, hoặc "column" nếu dùng chi phí trong tệp của bạn
refused-step-nobody-left = không còn ai để liên hệ: { $reasons }
refused-step-start = bắt đầu ngày { $start }, trong khi dữ liệu đã có đến { $last }: người sẽ được chọn theo việc xảy ra sau khi bắt đầu. Hãy ghi start_on = { $next } hoặc muộn hơn
refused-step-unknown = không có chiến dịch tên này; { $known }
refused-step-closed = đã kết thúc; không gửi gì cho chiến dịch này nữa
refused-step-other-plan = chiến dịch đang ở bước { $state } theo kế hoạch khác, và cách đọc không đổi giữa chừng; hãy đặt tên khác cho kế hoạch mới
refused-step-too-early = chỉ đọc một lần, khi hết { $days } ngày: dữ liệu đến { $last }, còn tính đến { $until }. Hãy nhập đơn hàng, hoặc lần sau dùng reading = "sequence"
refused-step-no-period = chưa có kỳ nào sau lần bắt đầu đầu tiên kết thúc: dữ liệu đến { $last }. Hãy nhập đơn hàng trước
refused-results-line = dòng { $line }: { $why }
refused-results-word = “{ $word }” không phải kết quả nào đã biết; hãy ghi một trong: { $known }
refused-results-future = “{ $day }” chưa đến
refused-results-no-who = không cột nào cho biết là ai (ref, phone, email, customer) trong số { $columns }
refused-export-no-address = không ai được phép liên hệ có địa chỉ mà mẫu này cần; hãy nhập cùng khách hàng

# Chương trình.
refused-in-program-no-program = không có [program]
refused-in-program-no-program-do = hãy thêm [program] với id, name, zone và currency
refused-in-program-program-twice = có hai [program]
refused-in-program-program-twice-do = hãy giữ lại một
refused-in-program-zone = “{ $zone }” không phải múi giờ
refused-in-program-zone-do = hãy ghi tên IANA như Asia/Ho_Chi_Minh
refused-in-program-no-wallet = chương trình không có ví
refused-in-program-no-wallet-do = hãy thêm [[wallet]]
refused-in-program-group-itself = một nhóm tự loại trừ chính nó
refused-in-program-group-itself-do = hãy ghi các nhóm khác
refused-in-program-too-fine = precision = { $precision } quá nhỏ
refused-in-program-too-fine-do = hãy ghi từ 0 đến 6
refused-in-program-not-above-zero = { $key } = { $number } không lớn hơn 0
refused-in-program-worth-do = hãy ghi cửa hàng tốn bao nhiêu cho một điểm
refused-in-program-above-zero-do = hãy ghi số lớn hơn 0
refused-in-program-expiry-ways = expiry không nói khi nào, hoặc nói theo nhiều cách
refused-in-program-expiry-ways-do = hãy cho đúng một trong: never = true, after, on, idle
refused-in-program-no-time = { $key } không phải là khoảng thời gian nào
refused-in-program-no-time-do = hãy ghi ít nhất một ngày, 1D
refused-in-program-at-least-on = at_least cần có on
refused-in-program-at-least-on-do = hãy ghi ngày trong năm, hoặc bỏ at_least
refused-in-program-extend-after = extend cần có after
refused-in-program-extend-after-do = hãy ghi after, hoặc bỏ extend
refused-in-program-no-expiry = không có gì nói điểm của “{ $wallet }” hết hạn khi nào
refused-in-program-no-expiry-do = hãy thêm [[expiry]] wallet = "{ $wallet }", never = true nếu không hết hạn
refused-in-program-not-there = { $kind } “{ $name }” không có
refused-in-program-not-there-do = đang có: { $known }
refused-in-program-not-there-none = chưa có gì
refused-in-program-twice = { $kind } “{ $name }” có hai lần
refused-in-program-twice-do = hãy cho mỗi cái một id riêng
refused-in-program-tier-twice-do = các hạng của mọi thang có id riêng
refused-in-program-not-an-id = “{ $name }” không phải là id
refused-in-program-not-an-id-do = hãy dùng 1 đến 64 chữ cái, số, - và _
refused-in-program-two-readings = { $key } = "{ $number }" có thể đọc là { $one } hoặc { $other }
refused-in-program-two-readings-do = hãy ghi { $one }, hoặc "{ $other }"
refused-in-program-not-in-wallet = { $key } = { $number } không có trong ví “{ $wallet }” với precision { $precision }
refused-in-program-not-in-wallet-do = hãy ghi số lớn hơn 0 với số chữ số thập phân như vậy
refused-in-program-not-in-a-wallet = { $key } = { $number } không có trong ví với precision { $precision }
refused-in-program-not-in-a-wallet-do = hãy ghi số lớn hơn 0 với số chữ số thập phân như vậy, hoặc tăng precision của ví
refused-in-program-not-an-amount = { $key } = { $number } không phải số tiền { $currency }
refused-in-program-not-an-amount-do = hãy ghi từ 0 trở lên, nhiều nhất { $decimals } chữ số thập phân
refused-in-program-ends-first = kết thúc ngày { $until }, trước khi bắt đầu ngày { $from }
refused-in-program-ends-first-do = until là ngày sau ngày cuối: nó đến sau from
refused-in-program-reward-no-price = phần thưởng không có giá
refused-in-program-reward-no-price-do = hãy thêm prices = { $example }
refused-in-program-buy-nothing = điểm của “{ $wallet }” không đổi được gì
refused-in-program-buy-nothing-do = hãy dùng ví có thể tiêu
refused-in-program-reward-no-value = phần thưởng không có giá trị
refused-in-program-reward-no-value-do = hãy thêm value, số tiền tương ứng
refused-in-program-choice = lựa chọn có ít hơn hai sản phẩm
refused-in-program-choice-do = hãy ghi các sản phẩm
refused-in-program-product-one = phần thưởng sản phẩm ghi đúng một sản phẩm
refused-in-program-product-one-do = hãy ghi products = ["…"], hoặc kind = "choice"
refused-in-program-share-percent = share_percent không nằm trong 1 đến 100
refused-in-program-share-percent-do = hãy ghi phần lớn nhất của hóa đơn mà điểm có thể trả
refused-in-program-pattern = mẫu “{ $pattern }” có { $free } chỗ trống
refused-in-program-pattern-do = hãy dùng 6 đến 16 dấu #, để không đoán được mã
refused-in-program-pattern-long = mẫu quá dài hoặc không phải ASCII thuần
refused-in-program-pattern-long-do = hãy dùng nhiều nhất 40 chữ cái, số, - và #
refused-in-program-voucher-never = phiếu không bao giờ dùng được
refused-in-program-voucher-never-do = hãy ghi uses = 1 trở lên
refused-in-program-ladder-wallet = counts = "points" cần có wallet
refused-in-program-ladder-wallet-do = hãy ghi ví được tính
refused-in-program-wallet-ladder = wallet cần có counts = "points"
refused-in-program-wallet-ladder-do = hãy bỏ wallet
refused-in-program-length = length thuộc về cửa sổ trượt, và cửa sổ trượt cần nó
refused-in-program-length-do = hãy ghi length = "12M"
refused-in-program-lasts = không có gì nói hạng giữ được bao lâu
refused-in-program-lasts-do = hãy thêm lasts hoặc lasts_next_year, hoặc downgrade = "none"
refused-in-program-lasts-twice = hạng kéo dài theo hai cách
refused-in-program-lasts-twice-do = hãy giữ lasts hoặc lasts_next_year
refused-in-program-threshold = threshold { $threshold } không chính xác
refused-in-program-threshold-do = hãy dùng ít chữ số thập phân hơn
refused-in-program-lowest = hạng thấp nhất có threshold
refused-in-program-lowest-do = hãy bắt đầu bằng hạng có threshold = "0"
refused-in-program-tier-order = hạng “{ $tier }” không đòi hỏi nhiều hơn hạng dưới
refused-in-program-tier-order-do = hãy ghi hạng thấp nhất trước
refused-in-program-no-tier = thang không có hạng nào
refused-in-program-no-tier-do = hãy thêm [[ladder.tier]]
refused-in-program-mission-event = event đi cùng counts = "events"
refused-in-program-mission-event-do = hãy ghi sự kiện, hoặc đếm thứ khác
refused-in-program-mission-nothing = nhiệm vụ không cho gì
refused-in-program-mission-nothing-do = hãy thêm gift hoặc badge
refused-in-program-streak = chuỗi không có kỳ nào
refused-in-program-streak-do = hãy ghi streak = 1 trở lên
refused-in-program-lifetime-streak = cả đời thì chỉ có một lần
refused-in-program-lifetime-streak-do = hãy ghi streak = 1, hoặc một kỳ còn lặp lại
refused-in-program-target = target = { $target } không đếm được
refused-in-program-event-lines = sự kiện không có dòng hàng
refused-in-program-event-lines-do = hãy bỏ lines
refused-in-program-surprise = one_in là 0, hoặc holdout_percent trên 90
refused-in-program-surprise-do = hãy ghi one_in = 1 trở lên, holdout từ 0 đến 90
refused-in-program-multiply-none = multiply không ghi quy tắc nào
refused-in-program-multiply-none-do = hãy ghi of = ["…"]
refused-in-program-multiply-multiple = quy tắc “{ $rule }” chính nó là bội số
refused-in-program-multiply-multiple-do = hãy nhân quy tắc mà nó nhân
refused-in-program-multiply-wallet = quy tắc “{ $rule }” cho điểm của ví khác
refused-in-program-multiply-wallet-do = hãy dùng một ví
refused-in-program-multiply-group = quy tắc “{ $rule }” nằm cùng nhóm
refused-in-program-multiply-group-do = một quy tắc và bội số của nó không thể tranh nhau: hãy đưa một cái ra khỏi nhóm
refused-in-program-sum-over = sum_over cần số tiền
refused-in-program-sum-over-do = hãy dùng cùng per_amount hoặc bands
refused-in-program-sum-over-line = sum_over tính cả hóa đơn
refused-in-program-sum-over-line-do = hãy bỏ per = "line"
refused-in-program-event-amount = sự kiện không có số tiền
refused-in-program-event-amount-do = hãy dùng fixed cùng event
refused-in-program-pending-nothing = pending không chờ gì
refused-in-program-pending-nothing-do = hãy cho nó delay, until hoặc event
refused-in-program-pending-two = pending chờ một ngày và cả thứ khác
refused-in-program-pending-two-do = hãy giữ until, hoặc delay và event
refused-in-program-within-event = within cần có event
refused-in-program-within-event-do = hãy ghi sự kiện, hoặc bỏ within
refused-in-program-festival = ngày lễ không có ngày nào, hoặc có hai
refused-in-program-festival-do = hãy cho nó on hoặc lunar
refused-in-program-birthday-window = khoảng sinh nhật vừa là tháng vừa là ngày
refused-in-program-birthday-window-do = hãy giữ month, hoặc days_before và days_after
refused-in-program-versions = hai phiên bản của quy tắc “{ $rule }” có hiệu lực cùng lúc
refused-in-program-versions-end = hãy kết thúc bản trước: until = { $day } ở { $place }
refused-in-program-versions-from = hãy cho bản sau from, và bản trước until
refused-in-program-ways = quy tắc “{ $rule }” nói số điểm theo { $ways } cách
refused-in-program-ways-do = hãy cho đúng một trong: per_amount, bands, per_unit, fixed, multiply
refused-in-program-too-large = { $key } = { $number } quá lớn
refused-in-program-too-large-do = hãy ghi số nhỏ hơn
refused-in-program-every = every bằng 0
refused-in-program-every-do = hãy ghi số tiền lớn hơn 0
refused-in-program-by = by = { $by } không cho thêm gì
refused-in-program-by-do = hãy ghi số lớn hơn 1, 2 là gấp đôi
refused-in-program-band-open = bậc từ { $from } không có điểm cuối nhưng không phải bậc cuối
refused-in-program-band-open-do = hãy cho nó below = "{ $below }"
refused-in-program-band-back = bậc từ { $from } kết thúc trước khi bắt đầu
refused-in-program-band-back-do = hãy nâng below
refused-in-program-band-gap = có khoảng trống giữa { $until } và { $from }
refused-in-program-band-overlap = các bậc từ { $one } và từ { $other } chồng nhau
refused-in-program-band-meet-do = hãy để bậc bắt đầu ở chỗ bậc trước kết thúc: from = "{ $from }"
refused-in-program-band-last = bậc cuối kết thúc ở { $below }: hóa đơn lớn hơn sẽ không được gì
refused-in-program-band-last-do = hãy bỏ below, hoặc thêm { $example } nếu đúng là ý đó
refused-in-program-cap = giới hạn không giới hạn gì
refused-in-program-cap-do = hãy cho nó points hoặc times
refused-in-program-table = không biết bảng “{ $table }”
refused-in-program-table-do = các bảng có: { $known }
refused-in-program-not-tables = “{ $table }” không phải danh sách bảng
refused-in-program-not-tables-do = hãy ghi [[{ $table }]]
refused-in-program-not-a-table = “{ $table }” không phải là bảng
refused-in-program-not-a-table-do = hãy ghi [{ $table }] một lần
refused-in-program-not-toml = đây không phải TOML: { $detail }
refused-in-program-not-toml-do = hãy xem ví dụ trong tài liệu, hoặc toml.io về định dạng
refused-in-program-key = không biết khóa “{ $key }” trong { $table }
refused-in-program-key-near = có phải ý bạn là “{ $near }”? các khóa có: { $known }
refused-in-program-key-do = các khóa có: { $known }
refused-in-program-key-missing = { $table } không có “{ $key }”
refused-in-program-key-missing-do = hãy thêm { $key } = …
refused-in-program-word = ở đây không biết “{ $word }”
refused-in-program-word-do = hãy ghi một trong: { $known }
refused-in-program-type = ở đây đang là { $found }
refused-in-program-type-text-do = hãy ghi chữ trong ngoặc kép
refused-in-program-see-table-do = hãy xem { $table } trong tài liệu
refused-in-program-condition = { $key } = '{ $source }': { $why }
refused-in-program-not-a-condition = đây không phải điều kiện: { $detail }
refused-in-program-condition-unknown = không có “{ $name }”; có: { $known }
refused-in-program-condition-equal-do = bằng được viết là ==
refused-in-program-condition-do = hãy xem trang điều kiện trong tài liệu
refused-in-program-digits = “{ $text }” có hơn 12 chữ số sau dấu phẩy
refused-in-program-day = “{ $text }” không phải ngày
refused-in-program-day-do = hãy ghi năm-tháng-ngày, 2026-03-10
refused-in-program-name-empty = tên đang trống
refused-in-program-name-empty-do = hãy ghi điều mọi người sẽ đọc ở đó
refused-in-program-files-of-other = các tệp thuộc chương trình { $program }: hãy giữ nguyên id, hoặc bắt đầu chương trình mới

## Durations, lists and names that other texts include. `$n` may be a range: `8–12`.

seconds = { $n } 秒
minutes = { $n } 分钟
hours = { $n } 小时
hours-minutes = { $hours } 小时 { $minutes } 分钟
credits = { $shown } 积分
range = { $low }–{ $high }
low-to-high = { $low } 到 { $high }
comma = 、
task-imagine = 生成图片
task-edit = 编辑图片
task-erase = 擦除
task-removebg = 去除背景
task-upscale = 放大
task-vectorize = 矢量化
task-svg = 绘制 SVG
task-video = 生成视频
task-music = 生成音乐
task-lipsync = 对口型
kind-image = 图片
kind-video = 视频
kind-audio = 音频
thing-job =
    { $name ->
        [none] 这里找不到这个任务
       *[other] 这里找不到任务 { $name }
    }
thing-parent = { $name } 不是由其他任务生成的
thing-picture = 这里找不到图片 { $name }
thing-video = 这里找不到视频 { $name }
thing-sound = 这里找不到声音 { $name }
thing-result = 这里找不到结果 { $name }
thing-file = 这里找不到文件 { $name }
thing-preset = 这里找不到预设 { $name }
thing-server = 我不在名为 { $name } 的服务器里
thing-servers = 有多个名为 { $name } 的服务器
thing-rule = 没有规则 { $name }
thing-limit = 没有限额 { $name }
thing-family = 没有叫 { $name } 的模型提供方
thing-task = 没有任务 { $name }
thing-prediction = 找不到这次运行
thing-hold = 找不到这笔预留
thing-none = 这里找不到
permission-view-channel = 查看频道
permission-send-messages = 发送消息
permission-send-messages-in-threads = 在子区内发送消息
permission-embed-links = 嵌入链接
permission-attach-files = 附加文件
permission-read-message-history = 读取消息历史记录

## Errors: each text says what happened, its `.advice` what to do next. What it cost is added from the next section.

error-said = { $happened }{ $money }{ $advice }
refusal-said = { $happened }{ $advice }
settings-error = 机器人的配置有误（{ $name }）。
    .advice = 需要由机器人的运营者修正。
refused = 这个操作无法完成。
    .advice = 请修改后重试。
invalid-order = { $model }：{ $option } { $problem }。
    .advice = 请换一个值再试。
advice-moderated-job = /easel-mod jobs 会列出本服务器的任务。也可以用结果消息的链接。
advice-change = 请修改后重试。
advice-leave-out = 请不要填它。
advice-leave-out-or-model = 请不要填它，或换一个支持它的模型。
advice-other-model = 请换一个模型，或换一个命令。
advice-add = 请补上后重试。
advice-add-or-leave-out = 请补上缺少的，或不要填它。
advice-just-one = 请只填其中一个再试。
advice-write = 请写一些看得见的内容。
advice-delete-preset = 请先用 /style delete 删除一个。
advice-smaller-file = 请换一个小一些的文件。
advice-larger-file = 请换一张大一些的图片。
advice-shorter-file = 请换一个短一些的文件。
advice-file-of-kind = 请换一个这种类型的文件。
advice-attach-again = 请重新附上。
advice-job = /jobs 列出了你的任务。
advice-server = 请从输入时出现的列表中选择。
advice-servers = 请从输入时出现的列表中选择，或填写服务器编号。
advice-preset = /style list 列出了你在这里能用的预设。
unknown-model = 没有名为 { $model } 的模型。
    .advice = 请从输入时出现的列表中选择，或用 /models 查看。
model-disabled = { $model } 现在不能用：{ $problem }。
    .advice = 请换一个模型；/models 列出了所有模型。
no-model = 这里没有可用于{ $task }的模型。
    .advice = 本服务器里有“管理消息”权限的人可以用 /easel-mod allow add 开放一个；/models 列出了所有模型。
other-model-needed = 这里开放的模型都做不到；**{ $model }** 可以。
    .advice = 请去掉一部分要求，或请有“管理消息”权限的人用 /easel-mod allow add 开放这个模型。
unpriced = { $model } 没有 { $combination } 的标价，所以无法下单。
    .advice = 有标价的是：{ $priced }。
unusable-file = { $name } { $problem }。
    .advice = 请换一个文件。
not-allowed =
    { $model ->
        [none] 你不能在这里这样做：{ $rule }。
       *[other] 你不能在这里使用 **{ $model }**：{ $rule }。
    }
    .advice =
        { $model ->
            [none] /why 会说明你在这里能做什么。
           *[other] 用 /models 查看你在这里能用的模型，用 /why 查看谁可以更改。
        }
rule-cheap = 它最便宜的订单要 { CREDITS($cheapest) }，不超过 { CREDITS($limit) }的模型默认开放
rule-costly = 它最便宜的订单要 { CREDITS($cheapest) }，超过 { CREDITS($limit) }的模型需要管理员先开放
rule-video = 视频模型需要管理员先开放
rule-denied-by-guild = 管理员已将它关闭
rule-allowed-by-guild = 管理员已将它开放
rule-denied-by-rule =
    { $ceiling ->
        [none] 规则 { $number } 禁止{ $scope }使用{ $target }
       *[other] 规则 { $number } 禁止{ $scope }使用{ $target }（超过 { CREDITS($ceiling) }时）
    }{ $until ->
        [none] { "" }
       *[other] ，{ $until }结束
    }
    .advice = 管理员可以更改这条规则：`/easel-mod rules list`。用 /models 查看你在这里能用的模型。
rule-allowed-by-rule =
    { $ceiling ->
        [none] 规则 { $number } 允许{ $scope }使用{ $target }
       *[other] 规则 { $number } 允许{ $scope }使用{ $target }（不超过 { CREDITS($ceiling) }）
    }{ $until ->
        [none] { "" }
       *[other] ，{ $until }结束
    }{ $spoiler ->
        [none] { "" }
       *[other] ，结果作为剧透隐藏
    }
rule-above-ceiling =
    规则 { $number } 只允许{ $scope }使用{ $target }（不超过 { CREDITS($ceiling) }）{ $until ->
        [none] { "" }
       *[other] ，{ $until }结束
    }
    .advice = 请换一个更便宜的订单。管理员可以提高这条规则的上限：`/easel-mod rules list`。
rule-age-restricted = 它只能在有年龄限制的频道使用
    .advice = 请到设置了年龄限制的频道使用。管理员可以更改：`/easel-mod age`。
rule-elsewhere =
    { $others ->
        [0] 本服务器只在 <#{ $place }> 使用我
       *[other] 本服务器只在 <#{ $place }> 和另外 { $others } 个频道使用我
    }
    .advice = 请到那里试试。管理者可以更改：`/easel-admin channel` 和 `/easel-admin setup`。
target-everything = 任何模型
target-family = { $name } 的所有模型
target-task = { $name } 订单
target-model = { $name }
scope-server = 在本服务器中
scope-category = 在分类 <#{ $subject }> 中
scope-channel = 在 <#{ $subject }> 中
scope-role = 有 <@&{ $subject }> 身份组的成员
scope-member = <@{ $subject }>
rule-not-yours = 只有下单的成员或管理员可以
    .advice = 请找他们来做。
rule-removed = 管理员移除了这个结果
    .advice = 请向管理员询问。
rule-maybe-removed = 这个结果的消息已在 Discord 中被删除，可能是管理员删的
    .advice = 点“给我看”可以自己查看，或请管理员发布。
rule-may-not-post = 你不能在这个频道发送文件
    .advice = 点“给我看”可以自己查看，或到你可以发消息和文件的频道点“在此显示”。
rule-other-server = 这个结果属于另一个服务器
    .advice = 请在下单的服务器里显示它。
rule-orderer-only = 只有下单的成员可以
    .advice = 你可以查看它的配方，自己下单。
rule-operators-only = 只有机器人的运营者可以
    .advice = 如果这个机器人由你运营，请把你的用户编号加到 OPERATOR_IDS。
rule-no-bots = 机器人不能使用积分
    .advice = 请选择一位成员。
rule-manage-server = 需要“管理服务器”权限
    .advice = 本服务器里有这个权限的人可以做。
rule-manage-messages = 需要“管理消息”权限
    .advice = 本服务器里有这个权限的人可以做。
rule-servers-only = 只能在服务器里使用
    .advice = 请在有我的服务器里使用这个命令。
reason-takes = 只能是以下之一：{ $takes }
reason-takes-here = 只能是以下之一（用这里开放的模型）：{ $takes }
reason-not-taken-here = 无法用这里开放的模型实现
reason-takes-range = 应为 { $takes }
reason-takes-at-most = 最多为 { $takes }
reason-takes-at-least = 至少为 { $takes }
reason-takes-number = 应为数字
reason-takes-integer = 应为整数
reason-takes-boolean = 应为“是”或“否”
reason-takes-string = 应为文字
reason-takes-uri = 应为链接（https:// 或 data:）
reason-takes-uris = 应为一组链接（https:// 或 data:）
reason-takes-colour = 应为“透明”、“红色”这样的颜色名称，或 #ffffff 这样的代码
reason-takes-files = 最多接受 { $takes } 个文件
reason-seed = 应不小于 { $takes }；不填则随机
reason-task = 是{ $has }，而这个模型用于{ $takes }
reason-unknown-input = 不是这个模型的输入；它的输入有 { $takes }
reason-not-taken = 不受这个模型支持；它支持{ $takes }
reason-not-taken-at-all = 不受这个模型支持
reason-no-place = 不受这个模型支持；它接受{ $takes }
reason-no-files = 不受这个模型支持；它不接受文件
reason-too-many = 多出了一个文件
reason-fixed = 不能更改：固定为 { $takes }
reason-needed = 是必填的
reason-needed-or = 是必填的（或改填{ $takes }）
reason-needed-for = 在{ $takes }时是必填的
reason-needs = 只能和{ $takes }一起使用
reason-unless = 在填了{ $takes }时会被这个模型忽略
reason-exactly-one = 需要且只能填以下之一：{ $takes }
reason-together = 只能和{ $takes }一起使用
reason-secret = 是机密：请改为设置 { $takes }
reason-count-twice = 是 { $has }，但数量是 { $takes }：两者只填一个
reason-twice = 填了两次
reason-pairs = 要写成“名称=值”，多个用空格隔开；“{ $has }”无法识别
reason-own-option = 有单独的选项：请用{ $takes }
reason-closed = 不能更改
reason-closed-safety = 不能更改：这是安全设置
reason-closed-size = 不能更改：请改用宽高比或分辨率
reason-unreadable = 应为 { $takes } 类型，而不是“{ $has }”
reason-file-kind = 是 { $has }，而模型在这里接受 { $takes }
reason-file-ending = 是 .{ $has } 文件，而模型接受 { $takes }
reason-file-bytes = 有 { $has } 字节，而模型最多接受 { $takes } 字节
reason-file-pixels = 是 { $has } 像素，而模型总共最多接受 { $takes } 像素
reason-file-side-least = 是 { $has } 像素，而模型要求边长至少 { $takes } 像素
reason-file-side-most = 是 { $has } 像素，而模型要求边长最多 { $takes } 像素
reason-file-length = 长 { $has } 秒，而模型接受 { $takes } 秒
reason-file-link = 需要重新附在命令里：这个模型需要链接，而原来的链接已失效
reason-file-opaque = 没有透明的部分：请再附上遮罩，或写明要擦除什么
reason-file-larger = 超过了 { $takes } MB
reason-file-longer = 超过了 { $takes } 秒
reason-file-frames = 帧数太多
reason-file-megapixels = 超过了 { $takes } 百万像素
reason-file-sides = 有一边超过 { $takes } 像素
reason-file-heavy = 读取它需要的时间或内存太多
reason-file-unreadable = 无法读取
reason-file-mask-size = 是 { $has } 像素，而图片是 { $takes }：遮罩必须与图片的尺寸相同
reason-file-mask-empty = 没有标出任何部分：请把要修改的部分涂成白色
reason-file-damaged = 不完整或已损坏
reason-file-no-picture = 不是可以读取的图片
reason-file-unknown = 不是支持的文件类型
reason-file-undrawable = 无法绘制出来
reason-file-gone = 已经不存在
reason-file-not-kept = 已不再保存
reason-file-not-fetched = 无法下载
reason-file-no-link = 太大，放不进请求里，又没有可供模型下载的链接
reason-empty = 是空的
reason-blank = 没有任何可见字符
reason-unusable = 无法使用
reason-two-sources = 和{ $takes }不能同时使用，只能填一个
reason-model-for-task = 也是必填的：偏好的模型要对应一种任务
reason-too-many-kept = 太多了：最多保存 { $takes } 个
reason-invoice-no-text = 不是可以读取的表格：请另存为 CSV
reason-invoice-no-columns = 没有费用和运行的列：例如请命名为 `cost` 和 `id`
reason-invoice-rows = 超过 { $takes } 行：请拆分
reason-takes-date = 要写成日期，例如 { $takes }
reason-period-from-after-to = 比结束日期还晚
reason-period-too-long = 太早了：一次最多 { $takes } 天
reason-period-in-the-future = 是将来的日期
reason-too-fine = 是 { $has }，但最多支持 3 位小数
reason-not-switched-on = 机器人的运营者没有启用它
reason-no-key = 它需要 OPENAI_API_KEY，而这项还没有设置
reason-no-longer-allowed = 这里已不再允许使用它
reason-stopped = 服务方中止了运行
reason-made-nothing = 没有产出任何结果
reason-technical = 技术细节，供机器人的运营者查看
reason-gave-no-reason = 服务方没有说明原因
missing-permission = 我不能在这里发布结果：我缺少“{ $permission }”权限。
    .advice = 管理这个频道的人可以在频道设置里给我这个权限；也可以换一个频道试试。
export-too-soon = 你刚刚导出过数据。
    .advice = 请在 { $wait } 后再试。
invalid-setting =
    { $wrong ->
        [too-many] 已经有 { $most } 个了，这是一个服务器的上限。
        [past] 这个时间已经过去。
        [time-zone] 没有叫这个名字的时区。
        [amount] 数额是积分数，例如 2,000 或 2.5，最多 1,000,000,000。
        [number] 这个数太大，或是负数。
        [one-target] 请只指定一个对象，以及一个地方或人。
        [denied-spoiler] 禁止的规则没有可以隐藏的结果。
        [limit-scope] 限额不能针对分类，单个成员也没有合计。
       *[other] 不能使用这个值。
    }
    .advice =
        { $wrong ->
            [too-many] 请先移除一个。
            [past] 请选择更晚的时间。
            [time-zone] 请使用 `Europe/Berlin` 或 `Asia/Shanghai` 这样的名字。
           *[other] 请更改后再试。
        }
guild-suspended =
    { $because ->
        [none] 机器人的运营者已停用本服务器，这里暂时不能下单。
       *[other] 机器人的运营者已停用本服务器：{ $because }。
    }
    .advice =
        { $because ->
            [none] 管理本服务器的人可以用 /why 查看原因。
           *[other] 只有运营者能解除，请联系他们。
        }
orders-paused =
    { $paused ->
        [everything] 管理员已暂停所有订单：{ $because }。
       *[other] 管理员已暂停 { $paused } 订单：{ $because }。
    }
    .advice = 请稍后再试，或询问管理员。
draining = 机器人即将重启维护，暂不接受新订单。已接受的订单会继续完成。
    .advice = 请几分钟后再试。
member-blocked =
    { $until ->
        [none] 管理员已禁止下单：{ $because }。
       *[other] 管理员已禁止下单，{ $until }结束：{ $because }。
    }
    .advice = 请向管理员询问。
prompt-refused =
    { $source ->
        [automod] 文字触发了本服务器的规则（AutoMod：{ $name }）。
       *[other] 文字触发了本服务器的规则（{ $name }）。
    }
    .advice = 请修改文字后再试；管理员可以更改这条规则。
owner-shared-server = 本服务器的所有订单合计
owner-shared-channel = <#{ $subject }> 中的所有订单合计
owner-shared-model = 使用 { $subject } 的所有订单合计
owner-shared-role = 有 <@&{ $subject }> 身份组的所有成员合计
owner-each-server = 本服务器的每个成员
owner-each-role = 有 <@&{ $subject }> 身份组的每个成员
owner-each-member = <@{ $subject }>
limit-reached =
    { $limit ->
        [concurrent] { $owner }同时最多可有 { $jobs } 个未完成的任务；现在有 { $running } 个。
        [job] { $owner }每个任务最多可用 { CREDITS($most) }；这个订单要 { $needed }。
        [cooldown] { $owner }两次下单至少要间隔 { $apart }。
        [week] { $owner }每周最多可用 { CREDITS($most) }：还剩 { $left }，这个订单要 { $needed }。
        [month] { $owner }每月最多可用 { CREDITS($most) }：还剩 { $left }，这个订单要 { $needed }。
       *[day] { $owner }每天最多可用 { CREDITS($most) }：还剩 { $left }，这个订单要 { $needed }。
    }
    .advice =
        { $limit ->
            [concurrent] 请等其中一个完成，或取消一个。管理员可以更改限额 { $number }。
            [job] 请换一个更便宜的订单。管理员可以更改限额 { $number }。
            [cooldown] { $again }可以再次下单。管理员可以更改限额 { $number }。
           *[day] 请换一个更便宜的订单，或等待：下一个周期{ $again }开始。管理员可以更改限额 { $number }。
        }
bot-absent = 我不在这个服务器里：这里只添加了我的命令，所以我不能在这里发布结果。
    .advice = 请让管理这个服务器的人添加我，或到我所在的服务器使用。
discord-refused = Discord 没有接受我在这里的消息（{ $code }）。
    .advice = 请换一个频道再试；管理这个频道的人可以在频道设置里检查我的权限。
discord-busy = Discord 现在过载，或者限制了我能发送的数量。
    .advice = 请一分钟后再试。
insufficient-credit =
    { $held ->
        [none] 这需要 **{ CREDITS($needed) }**；你有 **{ $available }**。
       *[other] 这需要 **{ CREDITS($needed) }**；你有 **{ $available }**（另有 { $held } 被进行中的任务预留）。
    }
    .advice = 本服务器里有“管理服务器”权限的人可以用 /easel-admin credits grant 给你积分。
too-late = Discord 没有及时显示我的回复，所以我没有开始。
    .advice = 请再发一次。
not-found = { $what }。
    .advice = 请检查后重试。
record-gone = 这个结果的记录已经没有了，或者你无权查看。
    .advice = 你可以用它的命令重新下单。
source-hidden = 它用到的那个结果你看不到，或者已被移除，所以我不能在这里使用它。
    .advice = 请附上一张图片，或选一个你看得到的结果。
not-ours = 这条消息不是我发的结果。
    .advice = 请在我发布的结果上打开菜单。
unreadable-request = 我读不懂 Discord 这次发来的内容。
    .advice = 请再试一次；如果还是不行，请换一条消息或换别的选项。
no-picture = 这条消息里没有我能用的图片。
    .advice = 请在带有 PNG、JPEG 或 WebP 图片的消息上打开菜单。
files-removed = 这个结果的文件已在 { $days } 天后删除。
    .advice = 配方还在：见“更多 → 配方”。
ledger-error = 积分账本拒绝了这笔操作。
    .advice = 请让机器人的运营者查一下。
key-conflict = 这笔操作已经记录过，但内容不同。
    .advice = 再试之前，请先看看 /balance。
already-resolved = 这笔已经结清了。
    .advice = 再试之前，请先看看 /balance。
storage-error = 我的数据库暂时不可用。
    .advice = 请过几分钟再试。
commit-unconfirmed = 我的数据库没有及时回应。这项操作可能已经完成。
    .advice = 重试之前，请先查看 /balance 和你的任务。
older-schema = 我正在升级。没有任何改动。
    .advice = 请过几分钟再试。
fenced = 我正在重新启动。没有任何改动。
    .advice = 请稍等片刻再试。
files-unreachable = 我暂时读不到已保存的文件。文件没有丢失。
    .advice = 请过几分钟再试。
run-failed = 运行失败了。
    .advice = 请重试，或换一个模型。
content-filtered = 模型的安全过滤器拒绝了这段提示词或这张图片。
    .advice = 请换个说法再试；原样重试通常没有用。
model-failed =
    { $detail ->
        [none] 模型运行时出错了。
       *[other] 模型运行时出错了（它的说明：*{ $detail }*）。
    }
    .advice = 请重试，或换一个模型，或要小一点的结果。
input-rejected =
    { $detail ->
        [none] 模型拒绝了这些输入。
       *[other] 模型拒绝了这些输入（它的说明：*{ $detail }*）。
    }
    .advice = 请修改后重试。
provider-busy = 运行模型的服务太忙了。
    .advice = 请过几分钟再试。
provider-down = 运行模型的服务连不上。
    .advice = 请稍后再试。
provider-out-of-funds = 生成功能已被机器人的运营者暂停。
    .advice = 请稍后再试。
provider-unauthorized = 生成功能已被机器人的运营者暂停。
    .advice = 请稍后再试。
provider-misconfigured = 生成功能已暂停：机器人的运营者需要修正设置。
    .advice = 请告诉运营者，稍后再试。
model-unavailable = 服务方已不再提供这个模型。
    .advice = 请换一个模型。
outcome-unknown = 发送订单时连接断了，我无法知道它是否已经运行，所以不会重复发送。
    .advice = 如果还想要，请重新下单。
run-lost = 服务方已经没有这次运行的记录了。
    .advice = 如果还想要，请重新下单。
result-expired = 结果做好了，但我还没取到，文件就失效了。
    .advice = 请重试。
result-unusable = 模型给出的结果不能用。
    .advice = 请重试，或换一个模型。
result-not-yet-there = 结果做好了，但文件一直没有出现。
    .advice = 请重试，或换一个模型。
result-replaced = 结果做好了，但收到的是网页或文字，不是文件。
    .advice = 请重试，或换一个模型。
deadline-passed = 等了 { $waited } 还没有结果，我不再等了。
    .advice = 请稍后再试，或选一个更快的模型。
cancelled-by-member = 这个任务已按要求取消。
    .advice = 随时可以重新下单。
bot-removed = 任务结束之前，我被移出了这个服务器。
    .advice = 我回来之后可以重新下单。
erased = 这个任务的成员数据已被删除。
    .advice = 无需任何操作。
ended-unrecorded = 这个任务没有结果就结束了，原因写在它的消息里。详细记录已丢失。
    .advice = 如果还需要，可以重新下单。
internal-error = 我这边出了问题（{ $reference }）。
    .advice = 请重试。如果一直失败，请把这个编号告诉机器人的运营者。
error-reference = 如果一直失败，请把这个编号告诉机器人的运营者：{ $reference }。

## What an error cost. One of these follows each error.

nothing-charged = 没有扣除积分。
released = 没有扣除积分，{ CREDITS($amount) }已退回。

## Price questions and quotes.

confirm = { $model } 需要 **{ CREDITS($amount) }**{ $available ->
        [pool] （由本服务器支付）。
       *[other] （你有 { $available }）。
    }
confirm-at-most = { $model } 最多需要 **{ CREDITS($amount) }**{ $available ->
        [pool] （由本服务器支付）。
       *[other] （你有 { $available }）。
    }
confirm-unexpected = 这里用于“{ $task }”的常用模型没有开启，所以我选了能完成这个订单的最便宜的模型。你上次每个结果付了 { CREDITS($last) }。
confirm-terms = 按下“开始”之前不会预留积分。失败不收费。
start-button = 开始
cheaper-line = 更便宜：{ $model }，{ CREDITS($amount) }（{ $change }）
other-model = 另一个模型：{ $about }
saves = −{ $percent }%
in-place-of = { $less }，而不是 { $more }
no-sound = 没有声音
with-sound = 有声音
results = { $count } 个结果
cheaper-button = 更便宜：{ $model }，{ CREDITS($amount) }
short-fits = 你的积分够用来下这些单：
confirm-dropped = 没有下单；没有预留或扣除任何积分。
confirm-over = 这个报价已过期：价格保留 15 分钟。没有扣除积分；随时可以重新下单。
confirm-started = 已开始：任务 { $id }。
balance-left = 你还剩 { CREDITS($balance) }。
confirm-started-before = 这个任务已经开始。你仍可以在 /jobs 里取消它。
confirm-price-changed = 你看过之后，价格有变化。
quote = { $model } 需要 **{ CREDITS($amount) }**。没有下单。
quote-at-most = { $model } 最多需要 **{ CREDITS($amount) }**。没有下单。
quote-allowed = ✅ 你可以在这里使用它。
quote-approval = ⏳ 管理员批准后，你可以在这里使用它。在那之前，积分会先预留。
quote-fits =
    { $available ->
        [pool] ✅ 由本服务器的积分池支付，积分够用。
       *[other] ✅ 你有 { CREDITS($available) }。
    }

## Preferences, presets and history.

prefs-head = 你在这里的默认设置，下单时没有填写的选项按这些来：
prefs-aspect =
    { $aspect ->
        [none] 宽高比：由各模型决定
       *[other] 宽高比：{ $aspect }（模型支持时）
    }
prefs-visibility =
    { $visibility ->
        [private] 可见范围：只有你
        [dm] 可见范围：只有你；时间长时私信给你
        [channel] 可见范围：频道里的所有人
       *[none] 可见范围：各命令的默认值
    }
prefs-language =
    { $chosen ->
        [own] 语言：简体中文
       *[discords] 语言：简体中文，跟随你的 Discord
    }
prefs-ping =
    { $ping ->
        [never] 结果好了提醒我：从不
        [always] 结果好了提醒我：总是
       *[long] 结果好了提醒我：用时超过一分钟时
    }
prefs-confirm =
    { $by ->
        [own] 超过 { CREDITS($amount) }的订单会先问你
        [guild] 超过 { CREDITS($amount) }的订单会先问你（本服务器的设置）
       *[default] 超过 { CREDITS($amount) }的订单会先问你（默认）
    }
prefs-model = { $task }所用的模型：{ $model }
styles-head = 用于 /imagine “预设”选项的预设：
styles-none = 这里还没有预设。用 /style save 保存一个吧。
style-line =
    { $owner ->
        [guild] **{ $name }**（服务器预设）：{ $template }
       *[own] **{ $name }**：{ $template }
    }
style-saved = 已保存：{ $preset }
style-deleted = 已删除：{ $name }
jobs-head = **你的任务** · { $count } 个，第 { $page } 页，共 { $pages } 页
favourites-head = **你的收藏** · { $count } 个，第 { $page } 页，共 { $pages } 页
entry-head = { $icon } **{ $id }** · { $state } · { $when }
entry-price = { CREDITS($amount) }
entry-private = 🔒 仅你可见
entry-link = [跳转到消息]({ $link })
entry-message-gone = 消息已被删除
entry-hidden = 您已看不到的收藏
entry-removed = 已被管理员移除
entry-erased = 已按其成员的要求删除
erased-member = 一位数据已删除的成员
forgotten-server = 一个已不再保存的服务器
entry-files-gone = 文件已在 { $days } 天后删除，配方仍保留
history-head = **你的历史** · { $count } 个任务，第 { $page } 页，共 { $pages } 页
history-none = 没有符合条件的任务。
favourites-none = 没有符合条件的收藏。在结果下方点“更多 → ☆ 收藏”即可收藏。

## Server settings.

settings-head = 本服务器的设置：
settings-confirm =
    { $by ->
        [guild] 超过 { CREDITS($amount) }的订单会先问成员，除非成员自己设置了界限
       *[default] 超过 { CREDITS($amount) }的订单会先问成员（默认值），除非成员自己设置了界限
    }
settings-language =
    { $language ->
        [en] 大家都能看到的消息用英语
        [zh-CN] 大家都能看到的消息用简体中文
       *[none] 大家都能看到的消息用本服务器在 Discord 里的语言
    }
settings-log =
    { $channel ->
        [none] 还没有管理员日志频道
       *[other] 管理员日志在 { $channel }
    }
settings-log-refused = 我不能在 { $channel } 发消息：在那里我没有“{ $permission }”权限。请在该频道的设置里给我权限，或选择其他频道。没有做任何更改。

## 服务器的日志频道。

log-begins = 📋 <@{ $by }> 把这个频道选为 Easel 的日志频道。需要管理员处理的事会发到这里。
log-prompt-refused =
    ⛔ { $source ->
        [automod] AutoMod 规则 **{ $rule }**
       *[words] 词语规则 **{ $rule }**
    } 拒绝了 <@{ $member }> 在 <#{ $channel }> 的订单：

## 关于订单文字的规则。

automod-not-read-yet = 还没能读取本服务器的 AutoMod 规则。请一分钟后再试。
automod-not-readable = 我不能读取本服务器的 AutoMod 规则：这需要“管理服务器”权限。把它给我的身份组，我就会把规则用于提示词；否则请用 `/easel-mod words`。
automod-status =
    { $rules ->
        [0] 本服务器没有适用于提示词的 AutoMod 规则。
       *[other] { $rules } 条 AutoMod 规则适用于提示词。和 AutoMod 一样，管理服务器的成员不受限制。
    }
automod-refuses = ⛔ **{ $rule }** 会拒绝：{ $words } 个关键词，{ $patterns } 个表达式
automod-flags = ⚠️ **{ $rule }** 不拦截消息，所以只做标记：{ $words } 个关键词，{ $patterns } 个表达式
automod-gap-preset = ❔ **{ $rule }**：Discord 没有公开它自带的词表，所以无法应用
automod-gap-pattern = ❔ **{ $rule }**：这个表达式无法应用：{ $pattern }
automod-gap-edges = ❔ **{ $rule }**：这个表达式已应用，但它的单词边界只认英文字母：{ $pattern }
automod-gap-unreadable = ❔ **{ $rule }** 无法读取，所以没有应用
automod-others = { $rules } 条规则已关闭，或与文字无关（刷屏、提及、个人资料），不适用于提示词
words-none = 还没有词语规则。用 `/easel-mod words add` 添加。
words-head = { $words } 条词语规则，适用于提示词和订单里的其他文字：
words-refuses = ⛔ { $word }
words-flags = ⚠️ { $word }（只做标记）
words-added = 从现在起，含有 { $word } 的提示词会被拒绝。
words-added-flag = 从现在起，含有 { $word } 的提示词会被标记，但不会被拒绝。
words-removed = { $word } 又可以使用了。
words-no-letters = 里面没有可查找的文字。没有做任何更改。
words-too-many = 已经有 { $most } 条词语规则，这是上限。请先删除一条。
words-not-found = 没有词语规则 { $word }。没有做任何更改。
words-test-none = ✅ 没有规则匹配这段文字。
words-test-head = 这段文字匹配：
words-test-automod = AutoMod 规则 **{ $rule }**：“{ $found }”
words-test-word = 词语规则 **{ $rule }**：“{ $found }”
automod-unknown = 现在读不到本服务器的 AutoMod 规则，所以无法检查你的提示词。
    .advice = 请一分钟后再试。

## The card of a job.

imagining = 正在用 { $model } 生成图片
editing = 正在用 { $model } 编辑图片
erasing = 正在用 { $model } 擦除
repainting = 正在用 { $model } 重绘
removing-background = 正在用 { $model } 去除背景
upscaling = 正在用 { $model } 放大
vectorizing = 正在用 { $model } 矢量化
drawing-svg = 正在用 { $model } 绘制矢量图
rendering-video = 正在用 { $model } 生成视频
making-music = 正在用 { $model } 生成音乐
syncing-lips = 正在用 { $model } 对口型
held = 已预留 { CREDITS($amount) }
at-most-held = 已预留最多 { CREDITS($amount) }
place-in-line = 第 { $position }
queued-member = 等待你的其他任务，你的任务中排{ $place }（每人同时最多运行 { $most } 个）
queued-guild = 排队中，在本服务器排{ $place }（同时最多运行 { $most } 个任务）
queued-service = 等待服务，排{ $place }；任务会自动开始，现在还没有扣除积分
turn = 大约 { $range }后轮到它
turn-soon = { $duration }内轮到它
after-turn = 之后{ $lasts }
next-try = 大约 { $range }后再试
waiting = 等待轮到它
about-to-start = 即将开始
starting = 已交给模型
busy = 服务正忙；任务会自动开始，现在还没有扣除积分
running = 模型正在运行
phase-checking = 模型的提供方正在检查这个任务
phase-generating = 正在生成……
phase-still_generating = 仍在生成……
phase-finishing = 已生成，服务正在取回结果
step = 第 { $step }/{ $steps } 步
some-ready = 已完成 { $ready }/{ $all }
collecting = 正在取回结果
posting = 正在发布结果
stopping = 已请求服务方停止。如果结果已经生成，你会得到它并付费；否则预留的积分会退回。
usually = 通常 { $range }
guessed = 大约 { $range }（初步估计）
due = 随时可能完成（通常 { $range }）
due-guess = 随时可能完成（初步估计 { $range }）
overrun = ⏳ 比平常慢（通常 { $range }）；如果 { $limit }后还没完成，我会停止等待，不收费
overrun-guess = ⏳ 比预计的慢（初步估计 { $range }）；如果 { $limit }后还没完成，我会停止等待，不收费
cold-start = 正在启动模型（冷启动最多需要 { $duration }）
cold-start-unseen = 正在启动模型（迄今最慢的一次冷启动）
can-leave =
    { $ping ->
        [always] 你不用等：完成后我会在这里提醒你。
       *[long] 你不用等：如果超过一分钟，我会在这里提醒你。
    }
can-leave-dm = 你不用等：完成后我会私信告诉你。
private-late = 如果超过 { $minutes } 分钟，我就无法再更新这条私密消息：请在 /jobs 里查看结果。
dm-late = 如果超过 { $minutes } 分钟，我会把结果私信发给你。如果你关闭了私信，可以在 /jobs 里找到。
footer = 任务 { $id }
ready = 完成
failed = 失败
cancelled = 已取消
seed = 种子 { $seeds }
background =
    { $colour ->
        [transparent] 透明背景
       *[other] 背景 { $colour }
    }
price = { CREDITS($amount) }
price-and-balance = { CREDITS($amount) }（余额 { $balance }）
partly-filtered = 共 { $all } 张图片，已交付 { $good } 张；{ $missing } 张被模型的过滤器拦下。报价 { CREDITS($quoted) }，实际收取 { CREDITS($charged) }。
partly-failed = 共 { $all } 张图片，已交付 { $good } 张；{ $missing } 张失败。报价 { CREDITS($quoted) }，实际收取 { CREDITS($charged) }。
no-longer-kept = { $name }（{ $size }）已不再保存，无法显示。请联系机器人的运营者，并提供这个任务的编号。

## Files and their alt texts.

smaller-copy = 这是缩小版；原件为 { $size }。
too-large-for-place = { $name }（{ $size }）太大，无法发在这里。
get-original = [获取原件]({ $link })，{ $days } 天内有效。
ask-for-original = 点“{ $button }”即可获取，{ $days } 天内有效。
get-original-soon = [获取原件]({ $link })，一小时内有效。
alt = AI 生成：{ $what }（{ $model }）
alt-of = AI 生成：第 { $number } 张，共 { $all } 张，{ $what }（{ $model }）
alt-plain = 由 { $model } 以 AI 生成
alt-cut-out = 去除背景后的 { $file }
alt-enlarged = 放大后的 { $file }
alt-drawn = { $file } 的矢量图
alt-made = 由 { $file } 制作

## Notifications when a job ends.

made =
    { $kind ->
        [video] 你的视频好了
        [audio] 你的音乐好了
        [drawing] 你的矢量图好了
       *[image]
            { $count ->
                [1] 你的图片好了
               *[other] 你的 { $count } 张图片好了
            }
    }
ping-ready = { $member } { $made }。
ping-failed = { $member } 任务 { $id } 结束了，没有结果。没有扣除积分。
ping-no-dm = 我无法给你发私信，所以在这里告诉你。
letter-ready = { $made }。
letter-kept = 我没能发到频道里。请用 /jobs 查看。
letter-revoked = { $by } 在 **{ $guild }** 收回了你的 **{ CREDITS($amount) }**。你在那里现在有 { $balance }。
letter-granted = { $by } 在 **{ $guild }** 给了你 **{ CREDITS($amount) }**。你在那里现在有 { $balance }，用 /imagine 就能使用。

## Buttons and their answers.

cancel-button = 取消
notify-button = 好了私信我
notify-on = 任务 { $id } 完成后我会私信告诉你；如果你关闭了私信，就在频道里提醒你。再按一次按钮可以取消。
notify-off = 任务 { $id } 完成后不再私信你。再按一次可以重新打开。
notify-too-late = 太晚了：这个任务已经结束。
show-me-button = 给我看
show-here-button = 在此显示
star-button = 收藏
unstar-button = 收藏
newer-button = ◀ 更新的
previous-button = ◀ 上一页
next-button = 下一页 ▶
older-button = 更早的 ▶
post-private = 任务 { $id } 是私密的，只有你能看到。如果发布在这里，频道里的所有人都能看到结果和你的要求。
post-private-button = 发布在这里
posted = 已发布：{ $link }
unpost-button = 撤回
unposted = 已撤回。被删除的只是消息：任务 { $id } 仍可从 /jobs 和 /history 再次显示。
shown-again = { $member } 再次展示了一个结果 · { $model }
show-button = 显示 { $id }
cancelled-before = 已取消，{ CREDITS($amount) }已退回。
cancel-asked = 已请求服务方停止。如果结果已经生成，你会得到它并付费；否则预留的积分会在几分钟内退回。
cancel-too-late = 太晚了：这个任务已经结束。
old-button = 这个按钮已失效：对应任务的记录已经没有了。用 /jobs 查看你的任务。
offer = 你有 { $count } 个结果已经做好，但我没能发布。
started-below = 已开始：任务 { $id } 见下方。
shown-elsewhere = 任务 { $id } 已结束：{ $link }
content-blocked = 任务 { $id } 的结果已经做好，但本服务器的规则拦下了我的消息。我替你保留着：用 /jobs 可以私下查看。

## Answers of commands.

balance = 可用 **{ CREDITS($available) }**，进行中的任务预留 { $held }，至今已花费 { $spent }。
balance-in = **{ $guild }**：{ CREDITS($available) }，预留 { $held }
balance-none = 你在任何服务器里都还没有积分。
entry-in = + { $amount } · { $reason } · { $when }
entry-out = − { $amount } · { $reason } · { $when }
statement-head-member = 你的积分，{ $first } 至 { $last }（{ $zone }）
statement-head-guild = 本服务器的积分，{ $first } 至 { $last }（{ $zone }）
statement-head-all = 所有服务器的积分，{ $first } 至 { $last }（{ $zone }）
statement-opening = 期初 **{ $amount }**{ $parts }
statement-closing = 期末 **{ $amount }**{ $parts }
statement-parts = （{ $parts }）
statement-part-pool = 积分池 { $amount }
statement-part-members = 成员 { $amount }
statement-part-held = 预留 { $amount }
statement-nothing = 没有积分变动。
statement-in = + { $amount } · { $cause }
statement-out =
    { $jobs ->
        [0] − { $amount } · { $cause }
       *[other] − { $amount } · { $cause }，{ $jobs } 个任务
    }
cause-initial = 初始积分
cause-top-up = 充值
cause-purchase = 购买
cause-purchase-refunded = 购买退款
cause-grant = 发放
cause-revoke = 收回
cause-allowance = 定期额度
cause-gift = 赠送
cause-refund = 退回
cause-hold = 预留
cause-capture = 花费
cause-release = 释放
statement-moved = 账户之间：{ $moves }
statement-moved-one = { $cause } { $amount }
statement-holds = 任务：预留 { $held }，花费 { $captured }，释放 { $released }
statement-by-model = **按模型**
statement-by-member = **按成员**
statement-by-guild = **按服务器**
statement-spending =
    { $jobs ->
        [0] { $name } · { $amount }
       *[other] { $name } · { $amount }（{ $jobs } 个任务）
    }
statement-pool = 积分池
statement-legend = 图中的线是每天结束时的积分。柱子向上是收入；向下的斜纹是花费，点纹是其他支出。
statement-alt = { $first } 至 { $last } 的积分图：期初 { $opening }，收入 { $came }，花费 { $spent }，其他支出 { $went }，期末 { $closing }。
statement-alt-day = 花费最多的一天是 { $day }：{ $amount }。
statement-alt-models = 按模型：{ $models }。
statement-no-files = 我在这里不能附加文件，所以没有图表和 CSV 文件。请在我有“附加文件”权限的地方或私信里使用这个命令。
reconcile-head = { $name }：{ $lines } 行
reconcile-jobs = 其中有 { $jobs } 个任务：共扣除 { CREDITS($captured) }，记为损失 { CREDITS($lost) }。{ $agreeing } 个相符。
reconcile-running = { $count } 个任务还没有结束，没有比较。
reconcile-differing = **{ $count } 个任务不符**
reconcile-unknown = **{ $count } 个任务的费用未知**
reconcile-missing = **账单里没有同一时期的 { $count } 个任务**（预计 { $usd }）
reconcile-job = { $id } · { $model } · 账单 { $invoiced }，预计 { $expected }
reconcile-no-times = 账单里没有时间，所以不知道是否缺少任务。
reconcile-foreign = { $count } 行不是 Easel 的运行：{ $usd }
reconcile-unnamed = { $count } 行没有运行编号：{ $usd }
reconcile-columns = 没有使用的列：{ $columns }
reconcile-totals = 账单共 { $usd }。{ $first } 至 { $last }：成员花费 { CREDITS($captured) }，记为损失 { CREDITS($lost) }，预计 { $expected }。
reconcile-total-only = 账单共 { $usd }。里面没有时间，所以没有可以比较的时期。
reconcile-no-ids = 文件里没有运行编号，所以不能列出任务。
reconcile-unknown-usd = 未知
reconcile-part-unknown = { $usd }，另有 { $count } 行未知
forecast-unknown = 数据还不够，无法估计资金池能用多久：满 7 整天才行，现在有 { $days } 天。
forecast-empty = 资金池已空。
forecast-idle = 最近 7 个整天没有积分从资金池支出。
forecast-year = 按现在的速度，资金池还能用一年以上。
forecast-lasts =
    { $last ->
        [none] 按现在的速度，资金池能用到 { $expected }（最早 { $first }），依据最近 { $days } 天。
       *[other] 按现在的速度，资金池能用到 { $expected }（{ $first } 至 { $last } 之间），依据最近 { $days } 天。
    }
statement-csv-too-large = CSV 文件会超过 { $size }。请选择更短的时间段。
entry-returned = 任务退回
jobs-none = 你在这里还没有任务。试试 /imagine。
jobs-no-page = 没有第 { $page } 页：一共只有 { $pages } 页。
state-accepted = 已接受
state-waiting = 等待中
state-running = 运行中
state-collecting = 取回中
state-delivering = 发布中
state-done = 已完成
state-failed = 失败
state-cancelled = 已取消
state-expired = 超时
state-orphaned = 结果不明
state-undelivered = 已就绪，尚未显示
models-head = 可用于{ $task }的模型，从便宜到贵。🔒 表示你在这里不能用。
model-line = { $model } · { CREDITS($price) }起
model-line-learned = { $model } · { CREDITS($price) }起 · 通常 { $range }
models-none = 没有符合条件的模型。
choice = { $model } · { CREDITS($price) }
choice-default = { $hint }，默认 { $default }
choice-from = { $model } · { CREDITS($price) }起
choice-from-learned = { $model } · { CREDITS($price) }起 · { $range }
choice-job = { $id } · { $title }
choice-learned = { $model } · { CREDITS($price) } · { $range }
choice-seconds-price = { $seconds } 秒 · { CREDITS($price) }
choice-seconds = { $seconds } 秒
topped-up = 已为 { $guild } 的积分池增加 { CREDITS($amount) }，积分池现有 { $pool }。
granted = 已给 { $member } { CREDITS($amount) }，对方现有 { $balance }。积分池还剩 { $pool }。
revoked = 已从 { $member } 收回 { CREDITS($amount) }，对方现有 { $balance }。积分池现有 { $pool }。
pool-short = 积分池只有 { CREDITS($available) }，所以没有转移任何积分。机器人的运营者可以用 /easel-ops topup 补充。
member-short =
    { $held ->
        [none] { $member } 只有 { CREDITS($available) }，所以没有转移任何积分。
       *[other] { $member } 只有 { CREDITS($available) }（另有 { $held } 被进行中的任务预留），所以没有转移任何积分。
    }
rule-set = 现在生效：{ $rule }。
rule-removed-now = 不再生效：{ $rule }。
rules-head = **本服务器的规则。**禁止的规则优先于允许的规则；限额见 /easel-mod limits list。
rules-none = 本服务器没有自己的规则。最便宜的订单不超过 2,500 积分的模型可以使用，视频模型不可以。
age-line = 只能在有年龄限制的频道使用：{ $target }。
age-lifted = 不再只限于有年龄限制的频道：{ $target }。
limit-set = 现在生效：{ $limit }
limit-removed = 不再生效：{ $limit }
limit-line =
    { $limit ->
        [concurrent] **{ $number }** · { $owner }：同时最多 { $jobs } 个未完成的任务
        [job] **{ $number }** · { $owner }：每个任务最多 { CREDITS($most) }
        [week] **{ $number }** · { $owner }：每周最多 { CREDITS($most) }
        [month] **{ $number }** · { $owner }：每月最多 { CREDITS($most) }
        [cooldown] **{ $number }** · { $owner }：两次下单至少间隔 { $apart }
       *[day] **{ $number }** · { $owner }：每天最多 { CREDITS($most) }
    }
limits-none = 本服务器没有自己的限额。
limits-zone = 每天、每周和每月按时区 `{ $zone }` 开始。
channel-defaults =
    { $channel } 的默认值：模型 { $model }，比例 { $aspect }，可见性 { $visibility }。成员自己的选择优先。{ $spoiler ->
        [none] { "" }
       *[other] 这里的所有结果都作为剧透隐藏。
    }
places-are =
    { $channels ->
        [none] 每个频道都可以使用我。
       *[other] 只能在 { $channels } 使用我。
    }
log-head = **最近的更改**
log-none = 没有任何更改。
log-line =
    { $before ->
        [none] { $when } · { $actor } · `{ $action }` { $subject }：{ $after }
       *[other] { $when } · { $actor } · `{ $action }` { $subject }：{ $before } → { $after }
    }
allowed = 成员现在可以在这里使用 **{ $model }**。
allowed-but-off = 这里已允许使用 **{ $model }**，但机器人的运营者没有启用它。
denied = 成员不能再在这里使用 **{ $model }**。
allow-list-head = **所有成员在这里都能使用的模型。**身分组、成员或频道可能还能使用更多：/easel-mod rules list
allow-list-empty = 成员在这里不能使用任何模型。
reload-commands = 我的命令刚刚更新，所以没有执行这一次。请再发一次；如果还是不行，请重启 Discord（Ctrl+R）。
and-more = 还有 { $count } 个

## Follow-up actions under a result.

from-reroll = 由任务 { $id } 重新生成
from-again = 再次运行任务 { $id }
from-edit = 由任务 { $id } 编辑而来
from-upscale = 由任务 { $id } 放大而来
from-animate = 由任务 { $id } 转为视频
from-removebg = 由任务 { $id } 去除背景而来
from-lipsync = 由任务 { $id } 对口型而来
step-price = { CREDITS($amount) }
step-at-most = 最多 { CREDITS($amount) }
step-reroll = 重新生成 · { $price }
step-again = 再次运行 · { $price }
step-reroll-seeded = 重新生成 · 新种子 · { $price }
step-again-seeded = 再次运行 · 同一种子 · { $price }
step-edit = 编辑 · { $price }
step-upscale = 放大 · { $price }
step-animate = 转为视频 · { $price }
step-removebg = 去除背景 · { $price }
step-lipsync = 对口型 · { $price }
verb-edit = 编辑
verb-upscale = 放大
verb-animate = 转为视频
verb-removebg = 去除背景
verb-lipsync = 对口型
use-placeholder = 用其中一张来……
use-option = 第 { $number } 张：{ $step }
which-picture = 用哪一张？
modal-edit = 编辑图片
modal-edit-label = 描述要改的地方，或新的图片
modal-animate = 转为视频
modal-animate-label = 视频里要发生什么？
modal-lipsync = 给视频对口型
modal-lipsync-label = 要让人物说什么？
modal-lipsync-voice = 声音
modal-lipsync-hint = 这里只列出了一部分声音。/lipsync 里有全部声音，也可以用录音。
price-rose = 现在需要 { CREDITS($now) }，而不是 { $before }。没有下单。
text-back = 这是你写的文字，以免丢失：
counted-once = 你按了两次，只启动了一个任务：{ $id }。
refile-button = 换一个文件再试
modal-refile = 换一个文件再试
modal-refile-label = 同样的订单，改用这个文件
more-button = 更多
more-head =
    { $whose ->
        [own] 任务 { $id }
       *[other] 任务 { $id }，由 { $member } 下单
    }
recipe-button = 配方
command-button = 复制命令
favourite-button = 收藏
unmarked = 已从收藏中移除。
dm-button = 私信给我
original-button = 把原件发给我
delete-button = 删除
files-not-here = 我不能在这个频道附加文件。你的文件还保留着：请换一个频道再试。管理这个频道的人可以在频道设置里允许我附加文件。
files-of = 任务 { $id } 的原始文件。
original-in-parts = **{ $name }**（{ $size }）太大，不能作为一个文件发在这里，所以分成 { $count } 份。请把所有部分保存到同一个文件夹，在那里打开终端，然后合并：
    Windows：`copy /b { $name }.??? { $name }`
    macOS 和 Linux：`cat { $name }.??? > { $name }`
    7-Zip、Keka 等程序也能合并：打开以 .001 结尾的那一份。
    -# 完整文件的 SHA-256：`{ $sha256 }`
original-message = 第 { $number } 条消息，共 { $all } 条
more-parts-button = 发送后面的部分
dm-sent = 已私信给你。
dm-closed = 我无法给你发私信。请允许本服务器的成员给你发私信，然后再试。
dm-unclear = Discord 没有回应。再试之前，请先看看你的私信。
delete-ask-own = **删除任务 { $id } 的结果？**
    - **会删除：**我的消息和其中的文件，这个频道里的所有人都不再看到。无法撤销。
    - **只为你保留：**/history 里的任务和配方，以及任务结束后 { $days } 天内的文件。你仍可以使用它，例如用选项 `job`。
    - **积分：**它花费的 { CREDITS($amount) }不会退回。
    - 别人保存的副本和用它制作的结果会保留。
delete-ask-other = **移除 { $member } 的任务 { $id } 的结果？**
    - **会移除：**我的消息和其中的文件，这个频道里的所有人都不再看到。无法撤销；此后任何人都不能再使用这个结果或它的配方，包括 { $member }。
    - **会保留：**{ $member } 的 /jobs 和 /history 里的记录，以及任务结束后 { $days } 天内的文件（只有机器人的运营者能接触到）。
    - **积分：**它花费的 { CREDITS($amount) }不会退回。
    - 别人保存的副本和用它制作的结果会保留，指向原始文件的链接在过期前也仍然有效。
delete-confirm = 删除
remove-confirm = 移除
keep-button = 保留
deleted = 任务 { $id } 的消息已删除。你仍可以在 /history 里找到它。
removed = **记录 { $case }：**任务 { $id } 的结果已移除，任何人都不能再使用它。
removed-before = 任务 { $id } 的结果之前已经移除了。
recipe-head = 任务 { $id } 的配方（{ $task }）
recipe-model =
    { $version ->
        [none] **模型**：{ $model }
       *[other] **模型**：{ $model }，版本 `{ $version }`
    }
recipe-option = **{ $name }**：{ $value }
recipe-parent = **来源**：任务 { $id }
recipe-input =
    { $sha256 ->
        [none] **{ $slot }**：{ $name }
       *[other] **{ $slot }**：{ $name }（SHA-256 `{ $sha256 }…`）
    }
recipe-credentials =
    { $state ->
        [valid] **内容凭证**：有效，签名者：{ $signer }
        [invalid] **内容凭证**：无效（文件被改动过，或签名已损坏）
        [remote] **内容凭证**：未检查，因为凭证保存在文件之外
        [unchecked] **内容凭证**：未检查，因为没有安装 { $extra }
       *[none] **内容凭证**：无
    }
diff-head = 任务 { $left } → 任务 { $right }
diff-option = **{ $name }**：{ $left } → { $right }
diff-none = 任务 { $left } 和 { $right } 的配方相同。
diff-absent = 未设置

## /why: whether a member can run something, and which rule decides.

why-yes =
    { $whose ->
        [own] ✅ **可以**，你能在 { $channel } 使用 **{ $model }**。
       *[other] ✅ **可以**，{ $member } 能在 { $channel } 使用 **{ $model }**。
    }
why-no =
    { $whose ->
        [own] ⛔ **不可以**，你不能在 { $channel } 使用 **{ $model }**。
       *[other] ⛔ **不可以**，{ $member } 不能在 { $channel } 使用 **{ $model }**。
    }
    { $why }{ $advice }
why-hidden =
    { $by ->
        [channel] Discord 在 { $channel } 隐藏了 { $command }，因为本服务器的管理者在那里关闭了它。
        [member] { $whose ->
                [own] Discord 对你隐藏了 { $command }，因为本服务器的管理者对你关闭了它。
               *[other] Discord 对这位成员隐藏了 { $command }，因为本服务器的管理者对其关闭了它。
            }
        [roles] { $whose ->
                [own] Discord 对你隐藏了 { $command }，因为本服务器的管理者对你的一个身份组关闭了它。
               *[other] Discord 对这位成员隐藏了 { $command }，因为本服务器的管理者对其一个身份组关闭了它。
            }
        [permission] Discord 在那里隐藏了所有命令：缺少使用命令的权限。
       *[everyone] Discord 隐藏了 { $command }，因为本服务器的管理者只对选定的人开放它。
    }
    .advice =
        { $by ->
            [permission] 管理频道的人可以授予“使用应用命令”的权限。
           *[other] 他们可以在服务器设置的“整合”页面更改。
        }
why-model = 机器人的运营者已启用它；最便宜的订单要 { CREDITS($cheapest) }。
why-not-paused = 订单没有被暂停。
why-not-blocked = 管理员没有禁止下单。
why-not-denied = 没有规则禁止它。
why-prompt = 提示词规则会检查所写的内容。
why-within-limits = 没有达到任何限额。
why-no-approval = 不需要管理员批准。
why-approval = 它会等待管理员批准（{ $needs }）。
why-policy = 只要没有规则禁止，本服务器就允许使用它：{ $rule }。
why-place = 我可以在 { $channel } 发布结果。
why-no-model = { $model } 现在不能用：{ $problem }。
    .advice = 只有机器人的运营者能启用它；/models 列出了其他模型。
why-no-policy = 本服务器不允许使用它：{ $rule }。
    .advice = 管理员可以开放它：`/easel-mod allow add model:{ $id }`
why-no-place = 我无法在 { $channel } 发布结果：我在那里缺少“{ $permission }”权限。
    .advice = 管理 { $channel } 的人可以在频道设置里给我这个权限。
why-credits =
    { $held ->
        [none] 它需要 { CREDITS($needed) }；可用 { $available }。
       *[other] 它需要 { CREDITS($needed) }；可用 { $available }（另有 { $held } 被进行中的任务预留）。
    }
why-no-credits =
    { $held ->
        [none] 它至少需要 { CREDITS($needed) }，但可用的只有 { $available }。
       *[other] 它至少需要 { CREDITS($needed) }，但可用的只有 { $available }（另有 { $held } 被进行中的任务预留）。
    }
    .advice = 本服务器里有“管理服务器”权限的人可以发放积分：`/easel-admin credits grant`
why-credits-other = 它需要 { CREDITS($needed) }，这位成员的积分够用。
why-no-credits-other = 它至少需要 { CREDITS($needed) }，这位成员的积分不够。
why-asks =
    { $whose ->
        [own] 我会先问你：它最便宜的订单也超过 { CREDITS($threshold) }。这个界限可以用 /prefs 设置。
       *[other] 我会先问对方：它最便宜的订单也超过 { CREDITS($threshold) }。对方可以用 /prefs 设置这个界限。
    }
why-starts =
    { $whose ->
        [own] 只有订单超过 { CREDITS($threshold) }时，我才会先问你。这个界限可以用 /prefs 设置。
       *[other] 只有订单超过 { CREDITS($threshold) }时，我才会先问对方。对方可以用 /prefs 设置这个界限。
    }
why-waits = 它会先排队，然后自动开始：{ $most } 个名额里已有 { $running } 个任务在运行。
why-runs-later = 批准后就会开始：{ $most } 个名额里有 { $running } 个任务在运行。
why-runs = 它会立即开始：{ $most } 个名额里有 { $running } 个任务在运行。

## /help.

help-welcome = **Easel** 用提示词生成图片、视频和音乐，也能编辑你已有的图片。
help-steps = **开始使用**
    1. 输入 { $imagine }，描述你想看到的画面，例如：雾中的灯塔。
    2. 用结果下方的按钮继续加工：重新生成、编辑、放大、转为视频。
    3. 用 { $balance } 看你有多少积分，用 { $quote } 看一个订单要多少积分。
help-in-a-server = **在哪里用**
    请在有我的服务器里下单：每个服务器有自己的积分和规则。在这里我可以显示你的积分和订单。
help-own-credits = **积分**
    { $some ->
        [pool] 你在这里的订单由本服务器的积分池支付，你不需要自己的积分。
        [none] 你在这里还没有积分。本服务器里有“管理服务器”权限的人可以给你。
       *[some] 你在这里有 { CREDITS($available) }。本服务器里有“管理服务器”权限的人可以给你更多。
    }
help-price = 不另选模型时，一张图片要 { CREDITS($price) }。
help-failure = **如果出了问题**
    你只为得到的结果付费：失败或被拒绝的任务不收费。用 { $jobs } 查看你的任务，用 { $why } 查看你能不能在这里运行某样东西。
help-more = **更多**
    在 { $help } 后面加上主题可以了解更多：图片、修改图片、视频、声音、积分、结果、管理员。
help-admins = **你管理着这个服务器**
    1. 用 { $grant } 从服务器的积分池给成员发放积分。积分池现有 { CREDITS($pool) }，由机器人的运营者补充。
    2. 便宜的模型一开始就开放；更贵的模型和视频模型用 { $allow } 开放，用 { $list } 查看已开放的模型。
help-line = { $command } { $what }
help-pictures = **用提示词生成图片**
help-editing = **修改图片。** 可以附上图片、选一个以前的结果，或在服务器里右键任意图片并选择“APP”。
help-video = **生成视频。** 视频要等几分钟，也比图片贵。用 /quote 可以先看价格，贵的订单我都会先问你。
help-sound = **生成音乐和语音**
help-credits = **积分**用来支付订单。下单时预留，结果完成时扣除，任务失败时退回。
help-results = **你的结果。** 结果下方的按钮可以继续加工它，过很久也行。
help-moderators = **给管理员和管理服务器的人。** Discord 只向他们显示这些命令。
help-to-imagine = 用提示词生成图片
help-to-svg = 绘制任意放大都清晰的矢量图
help-to-models = 列出模型和价格，以及你能用哪些
help-to-style-list = 显示可用于 /imagine 的预设
help-to-style-save = 把提示词模板保存为预设
help-to-style-delete = 删除一个预设
help-to-edit = 按你的描述修改图片，或把最多三张合在一起
help-to-erase = 去掉图片里的东西，或换成别的
help-to-removebg = 去除图片的背景
help-to-upscale = 放大图片
help-to-vectorize = 把图片变成矢量图
help-to-video = 用提示词、图片或另一段视频生成视频
help-to-music = 生成一小段音乐
help-to-lipsync = 让视频里的人说出你的文字或录音
help-to-balance = 显示你有多少积分、进行中的任务预留多少、已花费多少
help-to-quote = 显示一个订单要多少积分、多长时间
help-to-why = 显示你能不能运行某样东西；如果不能，是哪条规则不允许
help-to-jobs = 列出你的任务：取消进行中的，再次查看结果
help-to-history = 搜索你以前的提示词，并再次显示结果
help-to-recipe-show = 显示一个结果是怎么做出来的
help-to-recipe-run = 按它的配方再做一次
help-to-recipe-diff = 对比两个结果的配方
help-to-prefs = 设置你常用的模型、宽高比、可见范围和语言，以及超过多少积分先问你
help-to-easel-admin-settings = 查看和更改对本服务器所有人生效的设置
help-to-statement = 显示你的积分从哪里来、到哪里去，附图表和 CSV 文件
help-to-easel-admin-statement = 显示整个服务器的：按模型、按成员、按天
help-to-easel-admin-credits-grant = 从服务器的积分池给成员积分
help-to-easel-admin-credits-revoke = 把成员的积分收回积分池
help-to-easel-mod-automod-status = 显示本服务器的 AutoMod 规则如何用于提示词
help-to-easel-mod-words-add = 拒绝含有某个词语的提示词
help-to-easel-mod-words-remove = 再次允许一个词语
help-to-easel-mod-words-list = 显示词语规则
help-to-easel-mod-words-test = 显示一段提示词会匹配哪些词语和规则
help-to-easel-mod-allow-list = 显示成员可以使用的模型
help-to-easel-mod-allow-add = 让成员可以使用一个模型
help-to-easel-mod-allow-remove = 不让成员使用一个模型

## 服务器添加 Easel 时的问候。

greeting =
    { $who ->
        [none] 你好！
       *[other] { $who } 你好，谢谢你添加我！
    }我根据文字描述制作图片、视频和音乐。
    { $some ->
        [none] **下一步：**本服务器的积分池还没有积分。请向机器人的运营者要一些，再用 { $grant } 分给成员。
       *[some] **下一步：**用 { $grant } 给成员分积分；本服务器的积分池有 { CREDITS($pool) }。
    }便宜的模型一开始就能用，{ $allow } 可以开放更多。之后成员用 { $imagine } 下单，{ $help } 有更多说明。{ $setup } 会问管理者：在哪里使用、给谁、多少积分。

## 管理员：记录、撤下、禁止、暂停

picture-banned = { $name } 与本服务器管理员撤下的作品相似。
    .advice = 请换一张图片，或询问管理员。
result-taken-down = 管理员已撤下这个作品（记录 { $case }）。
    .advice = 请向管理员询问。
taken-down = 管理员已撤下它（记录 { $case }）。
    .advice = 请向管理员询问。
result-banned = 结果与本服务器管理员撤下的作品相似，因此不显示。
    .advice = 请换一个要求。
cancelled-by-moderator = 管理员取消了它：{ $because }。
    .advice = 请向管理员询问。
rule-banned-look = 它与管理员撤下的作品相似
    .advice = 请向管理员询问。
thing-case = 这里找不到记录 { $name }
entry-taken-down = 已被管理员撤下（记录 { $case }）
log-takedown =
    🗑️ **记录 { $case }** · <@{ $by }> 撤下了 <@{ $member }> 的任务 { $id }{ $results ->
        [1] { "" }
       *[other] 以及由它生成的内容（共 { $results } 个作品）
    }：{ $reason }
log-block =
    { $until ->
        [none] ⛔ **记录 { $case }** · <@{ $by }> 禁止 <@{ $member }> 下单：{ $reason }
       *[other] ⛔ **记录 { $case }** · <@{ $by }> 禁止 <@{ $member }> 下单，到 <t:{ $until }:f>：{ $reason }
    }
log-deletion = 🗑️ **记录 { $case }** · <@{ $by }> 删除了 <@{ $member }> 的任务 { $id } 的结果
log-exemption-ended = ⚖️ **记录 { $case }** · <@{ $by }> 让 <@{ $member }> 的订单重新等待批准
log-unblock = ✅ **记录 { $case }** · <@{ $by }> 允许 <@{ $member }> 重新下单：{ $reason }
log-warning = ⚠️ **记录 { $case }** · <@{ $by }> 警告了 <@{ $member }>：{ $reason }
log-cancel = ⏹️ **记录 { $case }** · <@{ $by }> 取消了 <@{ $member }> 的任务 { $id }：{ $reason }
log-spoiler = 🫣 <@{ $by }> 把 <@{ $member }> 的任务 { $id } 的结果隐藏为剧透
log-unspoiler = 👁️ <@{ $by }> 重新公开显示 <@{ $member }> 的任务 { $id } 的结果
spoiler-button = 标记为剧透
unspoiler-button = 取消剧透
spoiler-on =
    任务 { $id } 的结果现在是剧透：点按之前不会显示。{ $left ->
        [0] { "" }
       *[other] 有 { $left } 条消息无法更改。请检查我能否查看那些频道，然后重试。
    }
spoiler-off =
    任务 { $id } 的结果不再是剧透。{ $left ->
        [0] { "" }
       *[other] 作为剧透发布的消息仍然隐藏；在 /jobs 中用“在此显示”可以公开发布结果。
    }
log-pause = ⏸️ <@{ $by }> 暂停了订单（{ $what }）：{ $reason }
log-resume = ▶️ <@{ $by }> 结束了订单的暂停（{ $what }）
letter-takedown =
    { $amount ->
        [none] **{ $guild }** 的管理员撤下了你的任务 { $id } 的结果（记录 { $case }）。没有退还积分。
       *[other] **{ $guild }** 的管理员撤下了你的任务 { $id } 的结果（记录 { $case }）。它和由它生成的内容所花的 { CREDITS($amount) }已退还。
    }
    { $reason }
letter-block = **{ $guild }** 的管理员禁止你在那里下单（记录 { $case }）。
    { $reason }
letter-unblock = 你可以在 **{ $guild }** 重新下单了（记录 { $case }）。
    { $reason }
letter-exemption-ended = 你在 **{ $guild }** 的订单又可能需要等待管理员批准（记录 { $case }）。已经下的订单照常进行。
letter-deletion = **{ $guild }** 的管理员删除了你的任务 { $id } 的结果（记录 { $case }）。
letter-warning = **{ $guild }** 的管理员警告你（记录 { $case }）：
    { $reason }
letter-cancel = **{ $guild }** 的管理员取消了你的任务 { $id }（记录 { $case }）。已取消的任务不收费。
    { $reason }
letter-note = **{ $guild }** 的管理员留下了备注（记录 { $case }）。
takedown-done =
    记录 **{ $case }**：{ $results ->
        [1] 任务 { $id } 已撤下。
       *[other] 任务 { $id } 连同由它生成的一切已撤下，共 { $results } 个作品。
    }消息、文件和文字正在删除，同样的图片在这里不能再用。{ $refund ->
        [none] 没有退还积分。
       *[other] 已退还 { CREDITS($amount) }。
    }
block-done =
    { $until ->
        [none] **记录 { $case }：** { $member } 不能下单，直到管理员解除。这位成员下单时会看到你的理由。
       *[other] **记录 { $case }：** { $member } 不能下单，{ $until }结束。这位成员下单时会看到你的理由。
    }
unblock-done = **记录 { $case }：** { $member } 可以重新下单了，我会告诉这位成员。
unblock-none = { $member } 没有被禁止，什么都没有改变。
warn-done = **记录 { $case }：** 已用私信警告 { $member }；如果对方关闭了私信，则在其下一条命令之后显示。
note-done = **记录 { $case }：** 已为 { $member } 留下备注。
mod-cancel-done = **记录 { $case }：**{ $member } 的任务 { $id } 已取消，为它预留的 { CREDITS($amount) }已释放。已告知对方原因。
mod-cancel-asked = **记录 { $case }：**正在停止 { $member } 的任务 { $id }。已告知对方原因。如果停止之前结果已经完成，则照常交付并收费。
pause-done =
    { $until ->
        [none] 已暂停：{ $what }。成员会看到你的理由。用 /easel-mod resume 结束。
       *[other] 已暂停：{ $what }。成员会看到你的理由。{ $until }结束，或用 /easel-mod resume 结束。
    }
resume-done = 已恢复：{ $what }。
resume-none = 没有暂停：{ $what }。
resume-left = 仍然暂停：{ $what }。
paused-everything = 全部
cases-head = **记录，从新到旧**
cases-none = 没有记录。
case-head = **记录 { $case }** · { $kind } · { $when }
case-line = { $line } · { $member }：{ $reason }
case-takedown = 撤下
case-deletion = 删除结果
case-exemption-ended = 结束免批准
case-block = 禁止下单
case-unblock = 解除禁止
case-warning = 警告
case-note = 备注
case-cancel = 取消任务
case-about = 关于 { $member }，由 { $by } 处理
case-reason = 理由：{ $reason }
case-no-reason = 没有说明理由
case-message = 给成员的消息：{ $text }
case-job = 任务 { $id }
case-refund = 已退还 { CREDITS($amount) }
case-until = { $until }结束
case-told =
    { $told ->
        [due] 即将告知成员。
        [told] 已告知成员。
        [closed] 成员关闭了私信：在其下一条命令之后告知。
       *[none] 没有告知成员。
    }
mod-jobs-head = **本服务器的任务** · 第 { $page } 页，共 { $pages } 页
mod-jobs-none = 没有符合的任务。

## 成员的举报，以及管理员的待办

report-button = 举报
report-title = 举报任务 { $id }
report-label = 有什么问题？
reports-head = **待处理的举报，最早的在前** · 第 { $page } 页，共 { $pages } 页
reports-none = 没有等待处理的举报。
reports-no-log = 用 /easel-admin settings 选择日志频道，就能及时看到新的举报。
report-entry =
    { $count ->
        [1] 🚩 **举报** · { $member } 的任务 { $id } · { $when } · { $link }
       *[other] 🚩 **{ $count } 次举报** · { $member } 的任务 { $id } · 第一次是 { $when } · { $link }
    }
report-by =
    { $more ->
        [0] 举报者：{ $members }
       *[other] 举报者：{ $members }，还有 { $more } 人
    }
reported-new = 谢谢。管理员已收到你对任务 { $id } 的举报，结果会告知你。
reported-joined = 谢谢。也有其他人举报了任务 { $id }，结果会告知你。
reported-again = 你已经举报过任务 { $id }。
reported-approved = 管理员已经看过任务 { $id }，认为它可以保留。
rule-own-report = 只能举报其他人的、大家都能看到的作品
    .advice = 自己的作品可以用“更多”删除。
report-decided = <@{ $by }> 已经处理了这个举报。
    .advice = 没有什么要做的了。
thing-report = 找不到这个举报
log-report =
    { $count ->
        [1] 🚩 **举报** · <@{ $member }> 的任务 { $id } · 举报于 <t:{ $since }:R> · { $link }
       *[other] 🚩 **{ $count } 个举报** · <@{ $member }> 的任务 { $id } · 最早举报于 <t:{ $since }:R> · { $link }
    }
report-decision =
    { $outcome ->
        [kept] ✅ <@{ $by }> 已批准
        [taken-down] 🗑️ <@{ $by }> 已撤下
        [dismissed] <@{ $by }> 已驳回
       *[open] 等待管理员处理
    }
report-take-down-button = 撤下
report-dismiss-button = 驳回
report-kept = 已批准：作品保留，不能再被举报。会告知举报者。
report-dismissed = 已驳回：作品保留，其他人可以再次举报。会告知举报者。
report-taken-down = 已撤下。会告知举报者。
report-take-down-title = 撤下这个作品
report-take-down-label = 理由，成员会看到
report-refund = 退还
report-refund-hint = 付款者得到什么
refund-full = 退还全部费用
refund-nothing = 不退还
report-news =
    { $outcome ->
        [kept] **{ $guild }** 的管理员看过了你举报的任务 { $id }，认为它可以保留。
        [taken-down] **{ $guild }** 的管理员撤下了你举报的任务 { $id }。谢谢。
       *[dismissed] **{ $guild }** 的管理员关闭了你对任务 { $id } 的举报，没有撤下它。
    }

## 谁付积分，以及津贴。

pool-insufficient = 这需要 **{ CREDITS($needed) }**。这里的订单由服务器的积分池支付，而池里的积分不够。
    .advice = 本服务器里有“管理服务器”权限的人可以请机器人的运营者补充积分池，或用 /easel-admin settings 让成员自己支付。
payer-changed = 这原本由服务器的积分池支付，但现在成员自己支付订单。
    .advice = 如果愿意自己支付，请重新下单。
confirm-payer-changed = 服务器的积分池不再支付：这将由你支付。
price-of-pool = { CREDITS($amount) }，由服务器支付
settings-payer =
    { $payer ->
        [pool] 成员的订单由服务器的积分池支付
       *[member] 成员用自己的积分支付订单
    }
balance-pool =
    { $available ->
        [none] 你在这里的订单**由服务器支付**，用它的积分池。
       *[other] 这里的订单**由服务器支付**，用它的积分池，池里有 **{ CREDITS($available) }**。
    }
entry-alw = 津贴
allowance-drawn =
    { $kind ->
        [short] 你的津贴本应增加 { CREDITS($wanted) }，但服务器的积分池只剩 { $given }。
       *[all] 你的津贴增加了 { CREDITS($given) }。
    }
allowance-due =
    { $kind ->
        [short] 其中 { CREDITS($given) }来自你的津贴，下次下单时到账。津贴是 { $wanted }，但服务器的积分池没有更多了。
       *[all] 其中 { CREDITS($given) }来自你的津贴，下次下单时到账。
    }
allowance-waits = 你的 { CREDITS($wanted) }津贴要等一等：服务器的积分池是空的。
why-credits-pool = 它需要 { CREDITS($needed) }，由服务器的积分池支付。
why-no-credits-pool = 它至少需要 { CREDITS($needed) }，由服务器的积分池支付，而池里的积分不够。
allowance-set = 已设定：{ $rule }。成员下次使用 Easel 时得到它。
allowance-removed = 已结束：{ $rule }。成员保留已有的积分。
allowance-none = 这里还没有任何身份组有津贴。用 /easel-admin allowance add 设定。
allowance-head = 本服务器的津贴，成员下次使用 Easel 时从积分池发放：
allowance-rule =
    { $every ->
        [day] { $how ->
            [fill] { $role }：每天补足到 { CREDITS($amount) }
           *[add] { $role }：每天增加 { CREDITS($amount) }
        }
        [week] { $how ->
            [fill] { $role }：每周补足到 { CREDITS($amount) }
           *[add] { $role }：每周增加 { CREDITS($amount) }
        }
        [month] { $how ->
            [fill] { $role }：每月补足到 { CREDITS($amount) }
           *[add] { $role }：每月增加 { CREDITS($amount) }
        }
       *[once] { $role }：一次性 { CREDITS($amount) }
    }
log-allowance =
    { $amount ->
        [none] 💳 <@{ $by }> 结束了 <@&{ $role }> 的津贴 { $subject }。
       *[other] 💳 <@{ $by }> 设定了津贴 { $subject }：<@&{ $role }> 的每位成员{ $every ->
            [day] 每天
            [week] 每周
            [month] 每月
           *[once] 一次性
        } { CREDITS($amount) }。
    }
log-allowance-short =
    💳 资金池不够支付津贴 { $number }（<@&{ $role }> 的每位成员{ $every ->
        [day] 每天
        [week] 每周
        [month] 每月
       *[once] 一次性
    } { CREDITS($amount) }）。成员只能得到剩下的部分。

## 版务的发放额度。

purse-none = 版务还没有发放额度。用 /easel-admin purse amount 给他们额度。
purse-is =
    { $every ->
        [day] 版务每天可以用 /easel-mod grant 发放 { CREDITS($amount) }；今天还剩 { $left }。
        [week] 版务每周可以用 /easel-mod grant 发放 { CREDITS($amount) }；本周还剩 { $left }。
       *[month] 版务每月可以用 /easel-mod grant 发放 { CREDITS($amount) }；本月还剩 { $left }。
    }
purse-granted = 已给 { $member } { CREDITS($amount) }。本期额度还剩 { $left }。
giving-limit-reached =
    { $budget ->
        [gifts] 超过了你今天还可以赠送的 { CREDITS($left) }。
       *[purse] 超过了版务本期额度还剩的 { CREDITS($left) }。
    }
    .advice = 请减少数额，或等到下一期。
rule-not-oneself = 不能用这种方式给自己积分
    .advice = 请选择其他成员。

## 赠送。

rule-gifts-off = 本服务器没有开启成员之间的赠送
    .advice = 本服务器里有“管理服务器”权限的人可以用 /easel-admin settings 开启。
gift-ask = 给 { $member } **{ CREDITS($amount) }**？你有 { $available }。这无法撤销。
gift-button = 赠送
gift-given = 你给了 { $member } { CREDITS($amount) }。你还剩 { $balance }。
gift-dropped = 没有赠送任何积分。
gift-before = 这些积分之前已经送出。
gift-over = 这次赠送已过期，没有送出任何积分；请重新使用 /gift。
entry-gift = 赠送
settings-gifts =
    { $amount ->
        [none] 成员不能互相赠送积分
       *[other] 成员每天可以用 /gift 给别人最多 { CREDITS($amount) }
    }

## 需要第二位管理者的发放。

rule-own-grant = 你申请的发放需要由别人批准
    .advice = 请另一位有“管理服务器”权限的人来批准。
rule-needs-second-admin = 在本服务器给一位成员这么多积分需要第二位管理者批准，而津贴和版务额度的发放无法等待批准
    .advice = 请减少数额。管理者可以用 /easel-admin credits grant 给单个成员发放更多。
rule-no-log-channel = 这次发放需要第二位管理者批准，但没有可供批准的日志频道
    .advice = 用 /easel-admin settings 选择一个。
thing-grant = 没有发放 { $name }
thing-allowance = 没有津贴 { $name }
thing-purse = 这里的版务没有发放额度
advice-grant = 它可能之前已经处理过了。
advice-allowance = /easel-admin allowance list 会显示编号。
advice-purse = 本服务器里有“管理服务器”权限的人可以用 /easel-admin purse 给他们额度。
grant-waits = 给 { $member } 的 { CREDITS($amount) }已预留。另一位管理者需要在 3 天内到日志频道批准。
log-grant-waits = ⚖️ <@{ $asker }> 想从积分池给 <@{ $member }> **{ CREDITS($amount) }**。需要另一位管理者批准；<t:{ $expires_at }:R> 过期。
approve-button = 批准
deny-button = 拒绝
grant-decided =
    { $state ->
        [approved] ✅ <@{ $by }> 批准了给 <@{ $member }> 的 { CREDITS($amount) }（由 <@{ $asker }> 申请）。
        [denied] ⛔ <@{ $by }> 拒绝了给 <@{ $member }> 的 { CREDITS($amount) }（由 <@{ $asker }> 申请）。积分已回到积分池。
       *[expired] ⌛ 给 <@{ $member }> 的 { CREDITS($amount) }（由 <@{ $asker }> 申请）没有及时得到批准。积分已回到积分池。
    }
settings-approval =
    { $amount ->
        [none] 发放不需要第二位管理者
       *[other] 超过 { CREDITS($amount) }的发放和给自己的发放，需要第二位管理者批准
    }

log-second-admin =
    { $amount ->
        [none] 💳 <@{ $by }> 更改了设置：发放不再需要第二位管理者。
       *[other] 💳 <@{ $by }> 更改了设置：超过 { CREDITS($amount) }的发放和给自己的发放，需要第二位管理者批准。
    }

## 新服务器的初始积分。

new-servers = 这些新服务器在等待初始积分。用 /easel-ops approve 发给它们。
new-servers-none = 没有新服务器在等待初始积分。
new-server =
    { $reason ->
        [small] **{ $guild }**（{ $id }）：{ CREDITS($amount) }，成员太少，{ $when }
        [young] **{ $guild }**（{ $id }）：{ CREDITS($amount) }，创建时间太短，{ $when }
       *[cap] **{ $guild }**（{ $id }）：{ CREDITS($amount) }，当天给新服务器的积分已用完，{ $when }
    }
new-server-approved = { $guild } 的积分池得到了 { $amount } 初始积分。
thing-new-server = 没有等待初始积分的服务器 { $name }
advice-new-server = /easel-ops newcomers 会列出等待的服务器；/easel-ops topup 可以给任何服务器积分。

## 所有服务器，给运营者。

servers-head = **{ $count } 个服务器**，第 { $page } 页，共 { $pages } 页
servers-none = 没有符合的服务器。
server-line = **{ $guild }**（{ $id }）· { $members } 位成员 · 积分池 { $pool } · 已花费 { $spent } · { $used ->
        [none] 从未使用
       *[other] 上次使用 { $used }
    }{ $gone ->
        [none] {""}
        [unknown] {" "}· **已离开**
       *[other] {" "}· **已离开**，最后见于 { $gone }
    }{ $because ->
        [none] {""}
       *[other] {" "}· **已停用**：{ $because }
    }
server-suspended = { $guild } 已停用：从现在起那里不能下单，正在运行的任务会正常结束。那里的管理者能看到你的理由。
server-resumed = { $guild } 可以重新使用了。
thing-suspension = 服务器 { $name } 没有被停用
advice-suspension = /easel-ops guilds 会列出已停用的服务器。
log-suspended = ⛔ 机器人的运营者已停用本服务器：{ $because }。在运营者解除之前不能下单，之前的订单会正常结束。
log-unsuspended = ✅ 机器人的运营者已解除对本服务器的停用。

## 预算。

log-budget =
    { $percent ->
        [100] 📊 限额 { $number } 已用完：{ $every ->
            [day] 今天
            [week] 本周
           *[month] 本月
        }已用 { $used }，共 { CREDITS($amount) }。下一期之前，超出的订单会被拒绝。
        [refused] 📊 限额 { $number } 快用完了，已拒绝一个订单：{ $every ->
            [day] 今天
            [week] 本周
           *[month] 本月
        }已用 { $used }，共 { CREDITS($amount) }。
       *[other] 📊 限额 { $number } 已用 { $percent } %：{ $every ->
            [day] 今天
            [week] 本周
           *[month] 本月
        }已用 { $used }，共 { CREDITS($amount) }。
    }

## Orders that wait for a moderator

queued-approval = 正在等待管理员批准。如果 { $until } 之前无人决定，它会结束，且不收费
state-approval = 等待管理员批准
confirm-approval = 这个订单开始前需要管理员批准。在那之前，你的积分会被预留。
approval-rule =
    规则 { $number }：{ $target }{ $above ->
        [none] { "" }
       *[other] ，超过 { CREDITS($above) }
    }{ $days ->
        [0] { "" }
       *[other] ，加入不到 { $days } 天的成员
    }{ $jobs ->
        [0] { "" }
       *[other] ，完成的任务少于 { $jobs } 个的成员
    }{ $flagged ->
        [yes] ，提示词被标记
       *[no] { "" }
    }
order-denied =
    { $because ->
        [none] 管理员没有批准这个订单。
       *[other] 管理员没有批准这个订单：{ $because }
    }
    .advice = 这不会算作你的过错。可以向管理员询问。
approval-expired = 没有管理员及时处理这个订单。
    .advice = 重新下单，或者先询问管理员。
blocked-while-waiting = 这个订单等待时，管理员禁止了你下单：{ $because }
    .advice = 请向管理员询问。
approval-decided =
    { $state ->
        [approved] <@{ $by }> 已经批准了这个订单。
        [denied] <@{ $by }> 已经拒绝了这个订单。
        [expired] 没有人及时处理这个订单。
       *[ended] 这个订单在有人决定之前就结束了。
    }
    .advice = 没有其他要做的了。
approval-forbidden =
    { $hindrance ->
        [paused] 下单已暂停，现在不能批准这个订单。
        [blocked] 这个成员被禁止下单，不能批准这个订单。
        [suspended] 运营者已停用本服务器，现在不能批准这个订单。
       *[off] 它的模型已关闭，现在不能批准这个订单。
    }
    .advice = 拒绝它，或者稍后再批准。
rule-own-order = 你自己的订单需要由别人批准
    .advice = 请另一位管理员批准。
thing-approval = 这里没有批准规则 { $name }
log-approval = ⚖️ <@{ $member }> 想在 <#{ $channel }> 使用 **{ $model }**（{ $task }），**{ CREDITS($price) }** · 任务 { $id }
log-approval-files = 附有 { $files } 个文件。
log-approval-state =
    { $state ->
        [waiting] 因为{ $rule }而等待。<t:{ $expires }:R> 过期。
        [approved] ✅ 由 <@{ $by }> 批准
        [always] ✅ 由 <@{ $by }> 批准，今后对该成员总是批准（{ $rule }）
        [denied] ❌ 被 <@{ $by }> 拒绝{ $because ->
            [none] { "" }
           *[other] ：{ $because }
        }
        [expired] ⌛ 没有人及时决定；积分已退回。
       *[ended] ⏹️ 在有人决定之前就结束了；积分已退回。
    }
always-button = 总是批准该成员
order-approved = 任务 { $id } 已批准。
order-approved-always = 任务 { $id } 已批准，该成员的订单不再因这些规则而等待。用 /easel-mod approvals revoke 可以取消。
order-denied-now = 任务 { $id } 已拒绝。积分已退回，并会通知该成员。
deny-order-title = 拒绝任务 { $id }
deny-order-label = 给成员的理由（可不填）
approval-added = 从现在起，订单会等待管理员批准：{ $rule }。
approval-no-log = 没有日志频道，所以没有人会看到：请在服务器设置里选择一个，或使用 /easel-mod approvals waiting。
approval-removed = 订单不再因此等待：{ $rule }。已经在等待的仍会等待。
approvals-head = 符合以下规则的订单会等待管理员：
approvals-none = 这里没有订单需要等待管理员。用 /easel-mod approvals add 添加规则。
approval-exempt = 规则 { $number } 总是批准：<@{ $member }>（由 <@{ $by }>，{ $when }）
approval-revoked =
    { $rules ->
        [0] <@{ $member }> 的订单本来就受所有规则约束。
       *[other] **记录 { $case }：**<@{ $member }> 的订单重新受所有规则约束，我会告诉这位成员。
    }
approvals-waiting = 以下订单在等待管理员，最早的在前：
approvals-nothing-waits = 没有订单在等待管理员。
balance-approval = ⏳ 任务 { $id } 预留了 { CREDITS($amount) }，等待管理员决定。
## Purchases in Discord

log-purchase = 🛒 <@{ $by }> 在 Discord 为本服务器的积分池购买了 **{ CREDITS($amount) }**。
log-purchase-refunded = ↩️ Discord 退还了 <@{ $by }> 购买的 { CREDITS($amount) }，其中 { CREDITS($taken) }已从本服务器的积分池收回。
balance-shop = 您在下方购买的积分会进入**本服务器的积分池**。
balance-waiting = 您购买了 **{ CREDITS($amount) }**，但还没有选择用于哪个服务器。
fund-button = 把 { CREDITS($amount) }加入本服务器的积分池
funded = **{ CREDITS($amount) }**已加入本服务器的积分池。谢谢！
fund-none = 您没有待分配的购买：它们已加入某个服务器，或已退款。
balance-bought = 您购买的 **{ CREDITS($amount) }**已进入本服务器的积分池。谢谢！
letter-purchase = 🛒 您购买的 **{ CREDITS($amount) }**已进入 **{ $guild }** 的积分池。谢谢！
letter-purchase-waits = 🛒 感谢您购买 **{ CREDITS($amount) }**！请选择由哪个服务器的积分池获得：在那里使用 /balance 并按下按钮。

## 设置服务器

setup-title = 设置 Easel · 第 { $number } 步，共 { $steps } 步：{ $name }
setup-summary-title = Easel 已设置好
setup-footer = 随时可以停下：/easel-admin setup 会从这里继续。设置不花积分。
setup-summary-footer = 以后都可以更改，在这里或用单独的命令。
setup-now = **现在：**{ $now }
setup-saved = ✅ 已保存。
setup-goes-on =
    { $who ->
        [own] 上次你做到这一步。
       *[other] { $admin } 做到了这一步。
    }
setup-back-button = 返回
setup-next-button = 下一步
setup-skip-button = 跳过
setup-begin-button = 开始设置
doctor-button = 检查服务器
setup-channels-button = 频道
setup-payer-button = 谁付积分
setup-allowance-button = 津贴
setup-budget-button = 预算
setup-log-button = 日志频道
setup-language-button = 语言
setup-about-channels = 成员可以在哪里使用我？选择频道或整个分类，或者保持所有频道。子区属于它的频道。
setup-channels-placeholder = 选择频道和分类
setup-unset-channels-button = 所有频道
setup-about-payer = 成员制作的内容由谁付积分？由每位成员付时，他们使用管理者给的积分或津贴。由积分池付时，他们使用服务器的积分，不超过你设定的限额。
setup-payer-placeholder = 选择谁付积分
setup-payer-member = 每位成员
setup-payer-member-hint = 成员使用自己的积分
setup-payer-pool = 服务器的积分池
setup-payer-pool-hint = 成员使用服务器的积分
setup-about-allowance = 成员下次使用我时自动从服务器积分池得到的积分。可以给一个身份组或所有人，每天、每周或每月一次。要移除津贴：{ $easel-admin-allowance-list }。
setup-no-allowance = 没有津贴。
setup-ask-allowance-button = 设定津贴
setup-about-budget = 所有成员一天、一周或一个月总共最多使用多少积分。用到 50、80 和 100 % 时会通知日志频道。要限制每位成员、身份组或频道：{ $easel-mod-limits-list }。
setup-budget-line =
    { $every ->
        [week] 所有人一共每周最多 { CREDITS($amount) }
        [month] 所有人一共每月最多 { CREDITS($amount) }
       *[day] 所有人一共每天最多 { CREDITS($amount) }
    }
setup-no-budget = 没有预算。
setup-ask-budget-button = 设定预算
setup-unset-budget-button = 不要预算
setup-about-log = 我在那里发布需要管理员处理的事：举报、被拒的文字、等待的订单、预算。请选择只有管理员看得到的频道。
setup-log-placeholder = 选择管理员的频道
setup-unset-log-button = 不要日志频道
setup-about-language = 所有人看到的消息的语言。私密回答使用每位成员自己的 Discord 语言。
setup-language-placeholder = 选择语言
setup-language-same = 跟随 Discord
setup-every-day = 每天
setup-every-week = 每周
setup-every-month = 每月
setup-how-fill = 补足到这个数额
setup-how-add = 增加这个数额
setup-amount-hint = 例如 2,000
setup-role-hint = 留空表示所有人
modal-setup-role-label = 身份组
modal-setup-every-label = 多久一次
modal-setup-how-label = 作用
modal-setup-allowance-label = 每位成员的积分
modal-setup-budget-label = 所有人一共的积分
setup-next =
    { $some ->
        [none] **下一步：**服务器的积分池是空的。请向机器人的运营者要积分。
       *[some] { $pays ->
            [pool] 服务器的积分池有 { CREDITS($pool) }，成员现在就可以使用。
           *[member] { $gets ->
                [none] **下一步：**服务器的积分池有 { CREDITS($pool) }。用 { $easel-admin-credits-grant } 分给成员。
               *[allowance] 服务器的积分池有 { CREDITS($pool) }，成员从中得到津贴。
            }
        }
    }
setup-members = **成员现在可以**用 { $imagine } 制作图片，用 { $balance } 查看积分，用 { $why } 查看为什么被拒，并阅读 { $help }。便宜的模型一开始就能用，{ $easel-mod-allow-add } 可以开放更多。
setup-offer = **刚刚添加我？** 我可以用大约两分钟问你新服务器要决定的几件事，并检查我能否在这里正常工作。不做这些也可以使用。

## 检查服务器

doctor-well =
    ✅ 一切正常：成员可以在这里使用我，没有需要修好的地方。
    -# 我检查了 { $channels } 个频道、日志频道、AutoMod、积分、规则、运行模型的服务和时钟。
doctor-head = **我在本服务器发现的情况**
doctor-channels-more = { $channels } 和另外 { $more } 个
doctor-suspended = 机器人的运营者停用了本服务器：{ $because }。**没有人能下单。**
    .fix = 只有机器人的运营者能恢复，请询问他们。
doctor-paused =
    { $task ->
        [none] 所有订单都已暂停：{ $because }。**没有人能下单。**
       *[other] 有一类订单（{ $task }）已暂停：{ $because }。
    }
    .fix = 用 { $easel-mod-resume } 结束暂停。
doctor-records = 我读不到本服务器的设置，所以没有检查日志频道、AutoMod、积分和规则。
    .fix = 一分钟后再试。如果仍然如此，请告诉机器人的运营者。
doctor-provider =
    { $state ->
        [refused] 运行模型的服务拒绝了机器人的密钥。**所有订单都无法完成。**
        [no_funds] 运行模型的服务说它的账户已空。**所有订单都无法完成。**
       *[unreachable] 运行模型的服务没有回应。**恢复之前订单会失败**，但不花积分。
    }
    .fix = 只有机器人的运营者能修好，请告诉他们。
doctor-orders = 最近几分钟订单失败了，原因不在本服务器。没有花积分。
    .fix = 只有机器人的运营者能修好，请告诉他们。
doctor-part = 机器人的一个部分不工作：{ $part }。**订单可能失败或等待。**
    .fix = 只有机器人的运营者能修好，请告诉他们。
doctor-part-name-database = 数据库
doctor-part-name-disk = 存放结果的地方
doctor-part-name-loops = 任务的处理
doctor-part-name-workers = 任务的处理
doctor-permission = 我在 { $channels } 没有**{ $permission }**权限。**那里的订单会被拒绝，或用别的方式显示结果。**
    .fix = 把它给我的身份组：服务器设置 → 身份组，或编辑频道 → 权限。
doctor-places-gone = 可以使用我的频道都被删除了。**没有人能下单。**
    .fix = 用 { $easel-admin-setup } 选择其他频道或所有频道。
doctor-place-gone =
    { $gone ->
        [1] 一个可以使用我的频道被删除了。
       *[other] { $gone } 个可以使用我的频道被删除了。
    }其余的仍然有效。
    .fix = 用 { $easel-admin-setup } 重新选择。
doctor-hidden-everywhere = 本服务器的管理者在所有频道对所有人隐藏了 { $imagine }，只有他们选定的成员看得到。
    .fix = 如果不是有意的：服务器设置 → 集成 → 这个机器人。
doctor-hidden = 本服务器的管理者在 { $channels } 对所有人隐藏了 { $imagine }，那里只有他们选定的成员看得到。
    .fix = 如果不是有意的：服务器设置 → 集成 → 这个机器人。
doctor-no-place = 没有成员可以使用我的频道：他们看不到频道，或不能在那里使用命令。**除了管理员，没有人能下单。**
    .fix = 在编辑频道 → 权限里给 @everyone 或一个身份组“查看频道”和“使用应用命令”，或用 { $easel-admin-setup } 选择其他频道。
doctor-log-open = 所有人都看得到日志频道 { $channels }。**成员会读到举报和被拒的文字。**
    .fix = 在编辑频道 → 权限里取消 @everyone 的“查看频道”，或选择另一个频道：{ $easel-admin-settings } `log_channel`。
doctor-log-gone = 日志频道被删除了。**管理员看不到举报和等待处理的事。**
    .fix = 选择另一个：{ $easel-admin-settings } `log_channel`。
doctor-log-closed = 我不能在日志频道 { $channels } 发消息：没有**{ $permission }**权限。**管理员看不到举报和等待处理的事。**
    .fix = 在编辑频道 → 权限里给我，或选择另一个频道：{ $easel-admin-settings } `log_channel`。
doctor-automod-unknown = 我还没能读取本服务器的 AutoMod 规则。**在此之前，带文字的订单会被拒绝。**
    .fix = 一分钟后再试。如果仍然如此，请在服务器设置 → 身份组里给我的身份组管理服务器权限。
doctor-pool-empty =
    { $payer ->
        [pool] 服务器的积分池是空的，而它为所有人付积分。**没有人能下单。**
       *[member] 服务器的积分池是空的。**津贴要等到它有积分。**
    }
    .fix = 请向机器人的运营者要积分，或让成员自己付：{ $easel-admin-settings } `pays`。
doctor-pool-ends = 按现在的速度，服务器的积分池可能在 { $first } 用完。**那时订单或津贴会停止。**
    .fix = 请及时向机器人的运营者要积分；{ $easel-admin-statement } 显示用在哪里。
doctor-no-credits = 成员自己付积分，但没有人有积分。**没有人能下单。**
    .fix = 用 { $easel-admin-credits-grant } 或 { $easel-admin-allowance-add } 分一些，或让积分池付：{ $easel-admin-settings } `pays`。
doctor-rule-gone =
    { $kind ->
        [role] 规则 { $number } 针对的身份组已被删除，所以从不生效。
       *[channel] 规则 { $number } 针对的频道已被删除，所以从不生效。
    }
    .fix = 用 { $easel-mod-rules-remove } `number: { $number }` 移除它。
doctor-limit-gone =
    { $kind ->
        [role] 限额 { $number } 针对的身份组已被删除，所以从不生效。
       *[channel] 限额 { $number } 针对的频道已被删除，所以从不生效。
    }
    .fix = 用 { $easel-mod-limits-remove } `number: { $number }` 移除它。
doctor-allowance-gone = 津贴 { $number } 针对的身份组已被删除，所以没有人得到它。
    .fix = 用 { $easel-admin-allowance-remove } `number: { $number }` 移除它。
doctor-rule-beaten = 规则 { $number } 只允许规则 { $other } 禁止的东西，所以从不起作用：禁止优先。
    .fix = 用 { $easel-mod-rules-remove } 移除其中一条。
doctor-rule-outside = 规则 { $number } 针对的频道不能使用我，所以从不起作用。
    .fix = 用 { $easel-mod-rules-remove } 移除它，或用 { $easel-admin-setup } 加上这个频道。
doctor-clock =
    { $whose ->
        [discord] 机器人的时钟与 Discord 的相差 { $offset }。我会计算在内，但运营者日志里的时间不对。
       *[provider] 机器人的时钟与运行模型的服务相差 { $offset }。我会计算在内，但运营者日志里的时间不对。
    }
    .fix = 请告诉机器人的运营者，他们可以校准时钟。
doctor-no-log = 没有日志频道，所以没有人会收到需要管理员处理的事。举报会留在 { $easel-mod-reports } 里。
    .fix = 选择一个：{ $easel-admin-settings } `log_channel`。
doctor-no-automod = 我不能读取本服务器的 AutoMod 规则，所以它们不适用于订单的文字。
    .fix = 如果需要，请在服务器设置 → 身份组里给我的身份组管理服务器权限。
doctor-automod-gaps =
    { $gaps ->
        [1] 本服务器的 AutoMod 规则有一个部分不能用于订单的文字。
       *[other] 本服务器的 AutoMod 规则有 { $gaps } 个部分不能用于订单的文字。
    }
    .fix = { $easel-mod-automod-status } 会列出它们。
doctor-language = 我不会说本服务器的语言，所以所有人看到的消息是英文。
    .fix = 选择另一种：{ $easel-admin-settings } `language`。
## 隐私：Easel 保存的成员数据。

privacy-read-me =
    这里是 Easel 在所有服务器中保存的关于你的数据。

    `data/`      每类记录一个 JSON 文件：你的订单和提示词、预设、偏好、收藏、赠送、举报，以及管理员对你的决定。
                 时间是 1970 年以来的毫秒数（UTC），金额以千分之一积分为单位。服务器、频道和消息的编号来自 Discord。
                 管理员自己的备注不在其中；其他人的编号也不在其中，除非是你已经知道的：你赠送积分给谁，谁赠送给你。
    `ledger.csv` 你的积分的每一次变动和操作者，与 /statement 相同。
    `files/`     仍然保存着的结果和你附上的文件，按任务命名。

    如果有多个 ZIP 文件，请全部解压到同一个文件夹。`NOT-INCLUDED.txt` 列出了太大的文件，可以用 /history 获取。

    /privacy delete 会在 7 天后删除你的数据。
privacy-export =
    { $count ->
        [1] 我保存的关于你的一切都在这个文件里。请先打开其中的 `README.txt`。
       *[other] 我保存的关于你的一切，第 { $number } 部分，共 { $count } 部分。请先打开第一部分里的 `README.txt`。
    }
privacy-export-left-out = 有 { $count } 个文件太大，没有包含在内，列在 `NOT-INCLUDED.txt` 里；可以用 /history 获取。
privacy-no-files = 我不能在这里附加文件。请在其他频道或给我的私信里使用 /privacy export。
privacy-ask =
    要删除你的数据吗？ 在 { $when }（{ $days } 天后）之前什么都不会发生，在那之前你可以改变主意。到时我会在所有服务器中永久删除：
    • 你的提示词、结果、附上的文件、预设、偏好、收藏和历史
    • 你的积分：它们会回到各服务器的积分池，包括花钱买来的
    • 别人用你的结果继续制作的可能
    会保留的：
    • 服务器账目里已经花掉的积分，记在一个无法追溯到任何人的随机编号下
    • 连同你的编号：管理员对你设置的封禁或限制，以及你领过哪些一次性或本月的津贴，以免有人重复领取
    • Discord 里的消息：请先用 *更多 → 删除* 删掉，之后我就不认得它们了
    到时还在运行的任务会先等它结束。以后再使用我时，你会是一个新成员。可以先用 `/privacy export` 得到一份副本。
privacy-erase-button = { $days } 天后删除
privacy-keep-button = 保留我的数据
privacy-asked = 你的数据会在 { $when } 删除。在那之前一切照常。如果改变主意，请按按钮或使用 `/privacy keep`。
privacy-kept = 你的数据会保留，什么都没有删除。
privacy-not-asked = 你的数据会保留；你没有要求删除。
privacy-too-late = 你的数据正在删除，已经无法撤销。

## Durations, lists and names that other texts include. `$n` may be a range: `8–12`.

seconds = { $n } s
minutes = { $n } min
hours = { $n } h
hours-minutes = { $hours } h { $minutes } min
credits =
    { $count ->
        [one] { $shown } credit
       *[other] { $shown } credits
    }
range = { $low }–{ $high }
low-to-high = { $low } to { $high }
comma = { ", " }
task-imagine = imagine
task-edit = edit
task-erase = erase
task-removebg = removebg
task-upscale = upscale
task-vectorize = vectorize
task-svg = svg
task-video = video
task-music = music
task-lipsync = lipsync
kind-image = pictures
kind-video = videos
kind-audio = audio files
thing-job =
    { $name ->
        [none] I can't find that job here
       *[other] I can't find job { $name } here
    }
thing-parent = { $name } was not made from another job
thing-picture = I can't find picture { $name } here
thing-video = I can't find video { $name } here
thing-sound = I can't find sound { $name } here
thing-result = I can't find result { $name } here
thing-file = I can't find file { $name } here
thing-preset = I can't find preset { $name } here
thing-server = I'm not in a server called { $name }
thing-servers = I'm in several servers called { $name }
thing-rule = There is no rule { $name }
thing-limit = There is no limit { $name }
thing-family = There is no model provider called { $name }
thing-task = There is no task { $name }
thing-prediction = I can't find that run
thing-hold = I can't find that hold
thing-none = I can't find that here
permission-view-channel = View Channel
permission-send-messages = Send Messages
permission-send-messages-in-threads = Send Messages in Threads
permission-embed-links = Embed Links
permission-attach-files = Attach Files
permission-read-message-history = Read Message History

## Errors: each text says what happened, its `.advice` what to do next. What it cost is added from the next section.

error-said = { $happened } { $money } { $advice }
refusal-said = { $happened } { $advice }
settings-error = The bot's configuration is wrong ({ $name }).
    .advice = The bot's operator has to fix it.
refused = That can't be done.
    .advice = Change it and try again.
invalid-order = { $model }: { $option } { $problem }.
    .advice = Choose another value and try again.
advice-moderated-job = /easel-mod jobs lists the jobs of this server. A link to the message of a result works too.
advice-change = Change it and try again.
advice-leave-out = Leave it out.
advice-leave-out-or-model = Leave it out, or choose a model that supports it.
advice-other-model = Choose another model, or another command.
advice-add = Add it and try again.
advice-add-or-leave-out = Add what is missing, or leave it out.
advice-just-one = Try again with exactly one of them.
advice-write = Write some visible text.
advice-delete-preset = Delete one first with /style delete.
advice-smaller-file = Send a smaller file.
advice-larger-file = Send a larger picture.
advice-shorter-file = Send a shorter file.
advice-file-of-kind = Send a file of that kind.
advice-attach-again = Attach it again.
advice-job = /jobs lists your jobs.
advice-server = Choose one from the list that appears while you type.
advice-servers = Choose one from the list that appears while you type, or give its id.
advice-preset = /style list shows the presets you can use here.
unknown-model = There is no model called { $model }.
    .advice = Choose one from the list that appears while you type, or see /models.
model-disabled = { $model } can't be used: { $problem }.
    .advice = Choose another model; /models lists them.
no-model = No model for { $task } is available here.
    .advice = Anyone here with the Manage Messages permission can enable one with /easel-mod allow add. /models lists all models.
other-model-needed = None of the models that are enabled here can do that; **{ $model }** could.
    .advice = Leave some of it out, or ask someone with the Manage Messages permission to enable that model with /easel-mod allow add.
unpriced = { $model } has no list price for { $combination }, so I can't order it.
    .advice = These options have a price: { $priced }.
unusable-file = { $name } { $problem }.
    .advice = Send another file.
not-allowed =
    { $model ->
        [none] You can't do this here: { $rule }.
       *[other] **{ $model }** is not enabled for you here: { $rule }.
    }
    .advice =
        { $model ->
            [none] /why shows what you can do here.
           *[other] /models shows what you can use here, and /why who can change this.
        }
rule-cheap = its cheapest order costs { CREDITS($cheapest) }, and models up to { CREDITS($limit) } are on by default
rule-costly = its cheapest order costs { CREDITS($cheapest) }, and models above { CREDITS($limit) } are off until a moderator allows them
rule-video = video models are off until a moderator allows them
rule-denied-by-guild = a moderator turned it off
rule-allowed-by-guild = a moderator turned it on
rule-denied-by-rule =
    { $ceiling ->
        [none] rule { $number } forbids { $target } { $scope }
       *[other] rule { $number } forbids { $target } above { CREDITS($ceiling) } { $scope }
    }{ $until ->
        [none] { "" }
       *[other] , ending { $until }
    }
    .advice = Moderators can change this rule: `/easel-mod rules list`. /models shows what you can use here.
rule-allowed-by-rule =
    { $ceiling ->
        [none] rule { $number } allows { $target } { $scope }
       *[other] rule { $number } allows { $target } up to { CREDITS($ceiling) } { $scope }
    }{ $until ->
        [none] { "" }
       *[other] , ending { $until }
    }{ $spoiler ->
        [none] { "" }
       *[other] , with results as spoilers
    }
rule-above-ceiling =
    rule { $number } allows { $target } only up to { CREDITS($ceiling) } { $scope }{ $until ->
        [none] { "" }
       *[other] , ending { $until }
    }
    .advice = Try a cheaper order. Moderators can raise the ceiling of this rule: `/easel-mod rules list`.
rule-age-restricted = it may only be used in age-restricted channels
    .advice = Use a channel that is marked as age-restricted in its settings. Moderators can change this: `/easel-mod age`.
rule-elsewhere =
    { $others ->
        [0] this server uses me only in <#{ $place }>
        [one] this server uses me only in <#{ $place }> and one other channel
       *[other] this server uses me only in <#{ $place }> and { $others } other channels
    }
    .advice = Try it there. Admins can change this: `/easel-admin channel` and `/easel-admin setup`.
target-everything = everything
target-family = all models of { $name }
target-task = { $name } orders
target-model = { $name }
scope-server = in this server
scope-category = in the category <#{ $subject }>
scope-channel = in <#{ $subject }>
scope-role = for members with <@&{ $subject }>
scope-member = for <@{ $subject }>
rule-not-yours = only the member who ordered it or a moderator can
    .advice = Ask one of them.
rule-removed = a moderator removed this result
    .advice = Ask a moderator about it.
rule-maybe-removed = the message with this result was deleted in Discord, perhaps by a moderator
    .advice = Use Show me to see it yourself, or ask a moderator to post it.
rule-may-not-post = you may not post files in this channel
    .advice = Use Show me to see it yourself, or press Show here in a channel in which you may send messages and files.
rule-other-server = this result belongs to another server
    .advice = Show it in the server in which you ordered it.
rule-orderer-only = only the member who ordered it can
    .advice = You can see its recipe and order it for yourself.
rule-operators-only = only the bot's operators can
    .advice = If you run this bot, add your user id to OPERATOR_IDS.
rule-no-bots = bots cannot use credits
    .advice = Choose a person.
rule-manage-server = it needs the Manage Server permission
    .advice = Anyone here with that permission can do it.
rule-manage-messages = it needs the Manage Messages permission
    .advice = Anyone here with that permission can do it.
rule-servers-only = it only works in a server
    .advice = Use the command in a server that I'm in.
missing-permission = I can't post the result here: I don't have the { $permission } permission.
    .advice = Anyone who manages this channel can give it to me in the channel settings; or try another channel.
export-too-soon = You exported your data a moment ago.
    .advice = Try again in { $wait }.
invalid-setting =
    { $wrong ->
        [too-many] There are already { $most } of them, the most a server can have.
        [past] That time has already passed.
        [time-zone] I don't know a time zone with that name.
        [amount] An amount is a number of credits, such as 2,000 or 2.5, up to 1,000,000,000.
        [number] That number is too large or negative.
        [one-target] Name only one thing, and only one place or person.
        [denied-spoiler] A rule that forbids has no results to hide.
        [limit-scope] A limit can't apply to a category, and a shared limit can't be for a single member.
       *[other] That value is not possible.
    }
    .advice =
        { $wrong ->
            [too-many] Remove one first.
            [past] Choose a later one.
            [time-zone] Use a name such as `Europe/Berlin` or `Asia/Shanghai`.
           *[other] Change it and try again.
        }
guild-suspended =
    { $because ->
        [none] The bot's operator has suspended this server, so nobody can order anything here for now.
       *[other] The bot's operator has suspended this server: { $because }.
    }
    .advice =
        { $because ->
            [none] Those who manage this server can see the reason in /why.
           *[other] Only the operator can lift this: ask them.
        }
orders-paused =
    { $paused ->
        [everything] The moderators have paused all orders: { $because }.
       *[other] The moderators have paused { $paused } orders: { $because }.
    }
    .advice = Try again later, or ask a moderator.
draining = I'm about to be restarted for maintenance, so I can't accept new orders. Accepted orders continue.
    .advice = Try again in a few minutes.
member-blocked =
    { $until ->
        [none] A moderator has blocked orders: { $because }.
       *[other] A moderator has blocked orders (this ends { $until }): { $because }.
    }
    .advice = Ask a moderator about it.
prompt-refused =
    { $source ->
        [automod] The text matches a rule of this server (AutoMod: { $name }).
       *[other] The text matches a rule of this server ({ $name }).
    }
    .advice = Change the text and try again; moderators can change the rule.
owner-shared-server = All orders in this server together
owner-shared-channel = All orders in <#{ $subject }> together
owner-shared-model = All orders with { $subject } together
owner-shared-role = All members with <@&{ $subject }> together
owner-each-server = Each member here
owner-each-role = Each member with <@&{ $subject }>
owner-each-member = <@{ $subject }>
limit-reached =
    { $limit ->
        [concurrent] { $owner } may have { $jobs ->
                [one] 1 unfinished job
               *[other] { $jobs } unfinished jobs
            } at a time; there { $running ->
                [one] is 1
               *[other] are { $running }
            } now.
        [job] { $owner } may use { CREDITS($most) } per job; this order costs { $needed }.
        [cooldown] { $owner } must wait { $apart } between orders.
        [week] { $owner } may use { CREDITS($most) } per week: { $left } left, and this order needs { $needed }.
        [month] { $owner } may use { CREDITS($most) } per month: { $left } left, and this order needs { $needed }.
       *[day] { $owner } may use { CREDITS($most) } per day: { $left } left, and this order needs { $needed }.
    }
    .advice =
        { $limit ->
            [concurrent] Wait until one has finished, or cancel one. Moderators can change limit { $number }.
            [job] Try a cheaper order. Moderators can change limit { $number }.
            [cooldown] You can order again { $again }. Moderators can change limit { $number }.
           *[day] Try a cheaper order, or wait: the next period begins { $again }. Moderators can change limit { $number }.
        }
bot-absent = I'm not in this server: only my commands were added, so I can't post results here.
    .advice = Ask someone who manages this server to add me, or use a server that I'm in.
discord-refused = Discord didn't accept my message here ({ $code }).
    .advice = Try again in another channel; anyone who manages this one can check my permissions in its settings.
discord-busy = Discord is overloaded or is limiting how much I can send at the moment.
    .advice = Try again in a minute.
insufficient-credit =
    { $held ->
        [none] This needs **{ CREDITS($needed) }**; you have **{ $available }**.
       *[other] This needs **{ CREDITS($needed) }**; you have **{ $available }** ({ $held } more held by running jobs).
    }
    .advice = Anyone here with the Manage Server permission can give you credits with /easel-admin credits grant.
too-late = Discord didn't show my answer to this in time, so I didn't start it.
    .advice = Send it again.
not-found = { $what }.
    .advice = Check it and try again.
record-gone = The record of this result no longer exists, or you don't have access to it.
    .advice = You can order it again with its command.
source-hidden = This was made from a result that you can't see or that was removed, so I can't use it here.
    .advice = Attach a picture, or use a result that you can see.
not-ours = This message is not one of my results.
    .advice = Open the menu on a result that I posted.
unreadable-request = I couldn't read what Discord sent me about this.
    .advice = Try again; if that doesn't help, try it on another message or with other options.
no-picture = This message has no picture that I can use.
    .advice = Open the menu on a message with a PNG, JPEG or WebP picture.
files-removed =
    { $days ->
        [one] The files of this result were deleted after a day.
       *[other] The files of this result were deleted after { $days } days.
    }
    .advice = Its recipe is kept: see More → Recipe.
ledger-error = The credit ledger rejected this.
    .advice = Ask the bot's operator to check it.
key-conflict = This was already recorded with different details.
    .advice = Check /balance before you try again.
already-resolved = This was already settled.
    .advice = Check /balance before you try again.
storage-error = My database isn't available right now.
    .advice = Try again in a few minutes.
commit-unconfirmed = My database didn't answer in time. This may have been done.
    .advice = Check /balance and your jobs before you repeat it.
older-schema = I'm being upgraded right now. Nothing was changed.
    .advice = Try again in a few minutes.
fenced = I'm restarting right now. Nothing was changed.
    .advice = Try again in a moment.
files-unreachable = I can't reach my stored files right now. Nothing is lost.
    .advice = Try again in a few minutes.
run-failed = The run failed.
    .advice = Try again, or choose another model.
content-filtered = The model's safety filter rejected this prompt or picture.
    .advice = Rephrase it and try again; retrying without a change rarely helps.
model-failed =
    { $detail ->
        [none] The model failed.
       *[other] The model failed (its message: *{ $detail }*).
    }
    .advice = Try again, or choose another model or a smaller result.
input-rejected =
    { $detail ->
        [none] The model rejected the input.
       *[other] The model rejected the input (its message: *{ $detail }*).
    }
    .advice = Change the input and try again.
provider-busy = The service that runs the models is too busy right now.
    .advice = Try again in a few minutes.
provider-down = The service that runs the models can't be reached.
    .advice = Try again later.
provider-out-of-funds = Generation is paused by the bot's operator.
    .advice = Try again later.
provider-unauthorized = Generation is paused by the bot's operator.
    .advice = Try again later.
provider-misconfigured = Generation is paused: the bot's operator must correct the settings.
    .advice = Tell the operator, and try again later.
model-unavailable = The service no longer offers this model.
    .advice = Choose another model.
outcome-unknown = I lost the connection while sending this order and don't know whether it ran, so I won't send it again.
    .advice = Order it again if you still want it.
run-lost = The service no longer has a record of this run.
    .advice = Order it again if you still want it.
result-expired = The result was ready, but its files expired before I could fetch them.
    .advice = Try again.
result-unusable = The model returned a result that can't be used.
    .advice = Try again, or choose another model.
result-not-yet-there = The result was ready, but its file was not available in time.
    .advice = Try again, or choose another model.
result-replaced = The result was ready, but I received a web page or a message instead of its file.
    .advice = Try again, or choose another model.
deadline-passed = No result after { $waited }, so I stopped waiting.
    .advice = Try again later, or choose a faster model.
cancelled-by-member = This job was cancelled on request.
    .advice = You can order it again at any time.
bot-removed = I was removed from this server before this job started.
    .advice = Order it again when I'm back.
erased = The data of the member who ordered this job was erased.
    .advice = You don't need to do anything.
ended-unrecorded = This job ended without a result; its message says why. I no longer have the details.
    .advice = Order it again if you still want it.
internal-error = Something went wrong on my side ({ $reference }).
    .advice = Try again. If it keeps failing, give that reference to the bot's operator.
error-reference = If it keeps failing, give the bot's operator this reference: { $reference }.

## What an error cost. One of these follows each error.

nothing-charged = Nothing was charged.
released = Nothing was charged; { CREDITS($amount) } released.

## Price questions and quotes.

confirm = { $model } costs **{ CREDITS($amount) }** { $available ->
        [pool] (this server pays).
       *[other] (you have { $available }).
    }
confirm-at-most = { $model } costs up to **{ CREDITS($amount) }** { $available ->
        [pool] (this server pays).
       *[other] (you have { $available }).
    }
confirm-unexpected = The model you usually get for { $task } is off here, so this is the cheapest one that can do it. You last paid { CREDITS($last) } for each result.
confirm-terms = Nothing is held until you press Start. If it fails, you pay nothing.
start-button = Start
cheaper-line = Cheaper: { $model }, { CREDITS($amount) } ({ $change })
other-model = another model: { $about }
saves = −{ $percent }%
in-place-of = { $less } instead of { $more }
no-sound = no sound
with-sound = with sound
results =
    { $count ->
        [one] 1 result
       *[other] { $count } results
    }
cheaper-button = Cheaper: { $model }, { $amount } cr
short-fits = You have enough credits for these:
confirm-dropped = Not ordered. Nothing was held or charged.
confirm-over = This offer has expired: prices are valid for 15 minutes. Nothing was charged; you can order it again at any time.
confirm-started = Started: job { $id }.
balance-left = You have { CREDITS($balance) } left.
confirm-started-before = This job has already started. You can still cancel it in /jobs.
confirm-price-changed = The price has changed since you saw it.
quote = { $model } would cost **{ CREDITS($amount) }**. Nothing was ordered.
quote-at-most = { $model } would cost up to **{ CREDITS($amount) }**. Nothing was ordered.
quote-allowed = ✅ You can use it here.
quote-approval = ⏳ You can use it here after a moderator approves it. Until then your credits are set aside.
quote-fits =
    { $available ->
        [pool] ✅ This server's pool pays, and has enough credits.
       *[other] ✅ You have { CREDITS($available) }.
    }

## Preferences, presets and history.

prefs-head = Your defaults here, for options that you leave out:
prefs-aspect =
    { $aspect ->
        [none] Aspect ratio: each model's default
       *[other] Aspect ratio: { $aspect }, if the model supports it
    }
prefs-visibility =
    { $visibility ->
        [private] Visibility: only you
        [dm] Visibility: only you, by direct message if it takes a while
        [channel] Visibility: everyone in the channel
       *[none] Visibility: each command's default
    }
prefs-language =
    { $chosen ->
        [own] Language: English
       *[discords] Language: English, from your Discord settings
    }
prefs-ping =
    { $ping ->
        [never] Ping when a result is ready: never
        [always] Ping when a result is ready: always
       *[long] Ping when a result is ready: only if it took more than a minute
    }
prefs-confirm =
    { $by ->
        [own] I ask you before an order that costs more than { CREDITS($amount) }
        [guild] I ask you before an order that costs more than { CREDITS($amount) } (this server's setting)
       *[default] I ask you before an order that costs more than { CREDITS($amount) } (the default)
    }
prefs-model = Model for { $task }: { $model }
styles-head = Presets for the “preset” option of /imagine:
styles-none = No presets here yet. Save one with /style save.
style-line =
    { $owner ->
        [guild] **{ $name }** (server preset): { $template }
       *[own] **{ $name }**: { $template }
    }
style-saved = Saved: { $preset }
style-deleted = Deleted: { $name }
history-head =
    { $count ->
        [one] **Your history** · one job, page { $page } of { $pages }
       *[other] **Your history** · { $count } jobs, page { $page } of { $pages }
    }
jobs-head =
    { $count ->
        [one] **Your jobs** · one, page { $page } of { $pages }
       *[other] **Your jobs** · { $count }, page { $page } of { $pages }
    }
favourites-head =
    { $count ->
        [one] **Your favourites** · one, page { $page } of { $pages }
       *[other] **Your favourites** · { $count }, page { $page } of { $pages }
    }
entry-head = { $icon } **{ $id }** · { $state } · { $when }
entry-price = { CREDITS($amount) }
entry-private = 🔒 only you
entry-link = [Go to message]({ $link })
entry-message-gone = its message was deleted
entry-hidden = A favourite that you can no longer see
entry-removed = removed by a moderator
entry-erased = erased at the member's request
erased-member = an erased member
forgotten-server = a forgotten server
entry-files-gone =
    { $days ->
        [one] files deleted after a day; the recipe is kept
       *[other] files deleted after { $days } days; the recipe is kept
    }
history-none = You have no matching jobs.
favourites-none = You have no matching favourites. To add one, press More → ☆ Favourite under a result.

## Server settings.

settings-head = Settings for this server:
settings-confirm =
    { $by ->
        [guild] Members are asked before an order that costs more than { CREDITS($amount) }, unless they set their own limit
       *[default] Members are asked before an order that costs more than { CREDITS($amount) } (the default), unless they set their own limit
    }
settings-language =
    { $language ->
        [en] Messages that everyone sees are in English
        [zh-CN] Messages that everyone sees are in Simplified Chinese
       *[none] Messages that everyone sees are in this server's Discord language
    }
settings-log =
    { $channel ->
        [none] There is no log channel for moderators
       *[other] The moderators' log is in { $channel }
    }
settings-log-refused = I can't post in { $channel }: I don't have the { $permission } permission there. Give it to me in that channel's settings, or choose another channel. Nothing was changed.

## The log channel of a server.

log-begins = 📋 <@{ $by }> chose this channel for Easel's log. Everything that needs a moderator is posted here.
log-prompt-refused =
    ⛔ { $source ->
        [automod] The AutoMod rule **{ $rule }**
       *[words] The word rule **{ $rule }**
    } refused an order from <@{ $member }> in <#{ $channel }>:

## Rules about the texts of orders.

automod-not-read-yet = I haven't been able to read this server's AutoMod rules yet. Try again in a minute.
automod-not-readable = I can't read this server's AutoMod rules: that needs the Manage Server permission. Give it to my role and I'll apply the rules to prompts. Without it, use `/easel-mod words`.
automod-status =
    { $rules ->
        [0] No AutoMod rule of this server applies to prompts.
        [one] 1 AutoMod rule applies to prompts. Members who manage this server are exempt, as in AutoMod.
       *[other] { $rules } AutoMod rules apply to prompts. Members who manage this server are exempt, as in AutoMod.
    }
automod-refuses = ⛔ **{ $rule }** refuses: { $words } keywords, { $patterns } patterns
automod-flags = ⚠️ **{ $rule }** does not block messages, so it only flags: { $words } keywords, { $patterns } patterns
automod-gap-preset = ❔ **{ $rule }**: Discord's own word lists can't be applied, because Discord doesn't publish them
automod-gap-pattern = ❔ **{ $rule }**: this pattern can't be applied: { $pattern }
automod-gap-edges = ❔ **{ $rule }**: this pattern is applied, but its word boundaries only recognise ASCII letters: { $pattern }
automod-gap-unreadable = ❔ **{ $rule }** can't be read, so it is not applied
automod-others =
    { $rules ->
        [one] 1 rule is off or isn't about words (spam, mentions, profiles), so it does not apply to prompts
       *[other] { $rules } rules are off or aren't about words (spam, mentions, profiles), so they do not apply to prompts
    }
words-none = There are no word rules. Add one with `/easel-mod words add`.
words-head =
    { $words ->
        [one] 1 word rule. It applies to prompts and all other text in an order:
       *[other] { $words } word rules. They apply to prompts and all other text in an order:
    }
words-refuses = ⛔ { $word }
words-flags = ⚠️ { $word } (only flags)
words-added = Prompts with { $word } are refused from now on.
words-added-flag = Prompts with { $word } are flagged from now on. They are not refused.
words-removed = { $word } is allowed again.
words-no-letters = That contains no letters to look for. Nothing was changed.
words-too-many = There are already { $most } word rules, and that is the limit. Remove one first.
words-not-found = There is no word rule { $word }. Nothing was changed.
words-test-none = ✅ No rule matches this text.
words-test-head = This text matches:
words-test-automod = AutoMod rule **{ $rule }**: “{ $found }”
words-test-word = Word rule **{ $rule }**: “{ $found }”
automod-unknown = I can't read this server's AutoMod rules at the moment, so I can't check your prompt.
    .advice = Try again in a minute.

## The card of a job.

imagining = Imagining with { $model }
editing = Editing with { $model }
erasing = Erasing with { $model }
repainting = Repainting with { $model }
removing-background = Removing the background with { $model }
upscaling = Upscaling with { $model }
vectorizing = Vectorizing with { $model }
drawing-svg = Drawing a vector graphic with { $model }
rendering-video = Rendering a video with { $model }
making-music = Making music with { $model }
syncing-lips = Lip-syncing with { $model }
held = { CREDITS($amount) } held
at-most-held = up to { CREDITS($amount) } held
place-in-line =
    { ORDINAL($position) ->
        [one] { $position }st in line
        [two] { $position }nd in line
        [few] { $position }rd in line
       *[other] { $position }th in line
    }
queued-member =
    { $most ->
        [one] Waiting for your other job, { $place } (one of yours runs at a time)
       *[other] Waiting for your other jobs, { $place } ({ $most } of yours run at a time)
    }
queued-guild =
    { $most ->
        [one] Waiting, { $place } in this server (one job runs at a time)
       *[other] Waiting, { $place } in this server ({ $most } jobs run at a time)
    }
queued-service = Waiting for the service, { $place }; this job will start automatically, and nothing has been charged yet
turn = your turn in about { $range }
turn-soon = your turn within { $duration }
after-turn = then { $lasts }
next-try = next try in about { $range }
waiting = Waiting for its turn
about-to-start = Starting
starting = Sent to the model
busy = The service is busy; this job will start automatically, and nothing has been charged yet
running = The model is working
phase-checking = The model's provider is checking the order
phase-generating = Generating…
phase-still_generating = Still generating…
phase-finishing = Generated; the service is fetching the result
step = step { $step }/{ $steps }
some-ready = { $ready } of { $all } ready
collecting = Fetching the result
posting = Posting the result
stopping = I asked the service to stop. If your result is already finished, you get it and pay for it; otherwise the held credits are released.
usually = usually { $range }
guessed = about { $range } (first estimate)
due = should be ready any moment (usually { $range })
due-guess = should be ready any moment (first estimate: { $range })
overrun = ⏳ taking longer than usual (usually { $range }); if it isn't ready after { $limit }, I'll stop waiting and charge nothing
overrun-guess = ⏳ taking longer than estimated (first estimate: { $range }); if it isn't ready after { $limit }, I'll stop waiting and charge nothing
cold-start = Starting the model (a cold start can take up to { $duration })
cold-start-unseen = Starting the model (this is the slowest cold start so far)
can-leave =
    { $ping ->
        [always] You don't need to wait: I'll ping you here when it's done.
       *[long] You don't need to wait: I'll ping you here if it takes more than a minute.
    }
can-leave-dm = You don't need to wait: I'll send you a direct message when it's done.
private-late = If this takes longer than { $minutes } minutes, I can no longer update this private message: you'll find the result in /jobs.
dm-late = If this takes longer than { $minutes } minutes, I'll send you the result by direct message. If your direct messages are closed, you'll find it in /jobs.
footer = Job { $id }
ready = Ready
failed = Failed
cancelled = Cancelled
seed =
    { $count ->
        [one] seed { $seeds }
       *[other] seeds { $seeds }
    }
background =
    { $colour ->
        [transparent] transparent
       *[other] background { $colour }
    }
price = { CREDITS($amount) }
price-and-balance = { CREDITS($amount) } (balance { $balance })
partly-filtered = { $good } of { $all } pictures delivered; the model's filter blocked { $missing }. Charged { $charged } of { CREDITS($quoted) }.
partly-failed = { $good } of { $all } pictures delivered; { $missing } failed. Charged { $charged } of { CREDITS($quoted) }.
no-longer-kept = { $name } ({ $size }) is no longer stored, so I can't show it. Ask the bot's operator about it, and give them this job's id.

## Files and their alt texts.

smaller-copy = This is a smaller copy; the original is { $size }.
too-large-for-place = { $name } ({ $size }) is too large to post here.
get-original =
    { $days ->
        [one] [Get original]({ $link }) (available for a day).
       *[other] [Get original]({ $link }) (available for { $days } days).
    }
ask-for-original =
    { $days ->
        [one] Press “{ $button }” to get it (available for a day).
       *[other] Press “{ $button }” to get it (available for { $days } days).
    }
get-original-soon = [Get original]({ $link }) (available for an hour).
alt = AI-generated: { $what } ({ $model })
alt-of = AI-generated: picture { $number } of { $all }, { $what } ({ $model })
alt-plain = AI-generated with { $model }
alt-cut-out = { $file } without its background
alt-enlarged = { $file }, enlarged
alt-drawn = { $file } as a vector graphic
alt-made = made from { $file }

## Notifications when a job ends.

made =
    { $kind ->
        [video] your video is ready
        [audio] your music is ready
        [drawing] your vector graphic is ready
       *[image]
            { $count ->
                [one] your picture is ready
               *[other] your { $count } pictures are ready
            }
    }
ping-ready = { $member } { $made }.
ping-failed = { $member } job { $id } ended without a result. Nothing was charged.
ping-no-dm = I couldn't send you a direct message, so I'm telling you here.
letter-ready = { $made }.
letter-kept = I couldn't post it in the channel. Use /jobs to see it.
letter-revoked = { $by } took **{ CREDITS($amount) }** back from you in **{ $guild }**. You now have { $balance } there.
letter-granted = { $by } gave you **{ CREDITS($amount) }** in **{ $guild }**. You now have { $balance } there; use them with /imagine.

## Buttons and their answers.

cancel-button = Cancel
notify-button = Notify me by DM
notify-on = I'll send you a direct message when job { $id } is ready, or ping you in its channel if your direct messages are closed. Press the button again to turn this off.
notify-off = I won't send you a direct message about job { $id }. Press the button again to turn it back on.
notify-too-late = Too late: this job has already ended.
show-me-button = Show me
show-here-button = Show here
star-button = Favourite
unstar-button = Favourite
newer-button = ◀ Newer
previous-button = ◀ Previous
next-button = Next ▶
older-button = Older ▶
post-private = Job { $id } is private: only you can see it. If I post it here, everyone in this channel sees the result and what you asked for.
post-private-button = Post it here
posted = Posted: { $link }
unpost-button = Remove it
unposted = Removed. Only the message is gone: you can show job { $id } again from /jobs and /history.
shown-again = { $member } shows a result again · { $model }
show-button = Show { $id }
cancelled-before = Cancelled; { CREDITS($amount) } released.
cancel-asked = I asked the service to stop. If your result is already finished, you get it and pay for it; otherwise the held credits are released within a few minutes.
cancel-too-late = Too late: this job has already ended.
old-button = This button no longer works: its record was deleted. Use /jobs to see your jobs.
offer =
    { $count ->
        [one] One of your results is ready, but I couldn't post it.
       *[other] { $count } of your results are ready, but I couldn't post them.
    }
started-below = Started: job { $id } is below.
shown-elsewhere = Job { $id } has ended: { $link }
content-blocked = The result of job { $id } is ready, but this server's rules blocked my post. I kept it for you: use /jobs to see it privately.

## Answers of commands.

balance = **{ CREDITS($available) }** available, { $held } held by running jobs, { $spent } spent so far.
balance-in = **{ $guild }**: { CREDITS($available) }, { $held } held
balance-none = You don't have credits in any server yet.
entry-in = + { $amount } · { $reason } · { $when }
entry-out = − { $amount } · { $reason } · { $when }
entry-returned = returned from a job
statement-head-member = Your credits from { $first } to { $last } ({ $zone })
statement-head-guild = This server's credits from { $first } to { $last } ({ $zone })
statement-head-all = The credits of all servers from { $first } to { $last } ({ $zone })
statement-opening = **{ $amount }** at the beginning{ $parts }
statement-closing = **{ $amount }** at the end{ $parts }
statement-parts = { " " }({ $parts })
statement-part-pool = { $amount } in the pool
statement-part-members = { $amount } with members
statement-part-held = { $amount } held
statement-nothing = No credits moved.
statement-in = + { $amount } · { $cause }
statement-out =
    { $jobs ->
        [0] − { $amount } · { $cause }
        [one] − { $amount } · { $cause }, { $jobs } job
       *[other] − { $amount } · { $cause }, { $jobs } jobs
    }
cause-initial = starting credits
cause-top-up = top-ups
cause-purchase = purchases
cause-purchase-refunded = refunded purchases
cause-grant = grants
cause-revoke = taken back
cause-allowance = allowances
cause-gift = gifts
cause-refund = refunds
cause-hold = held
cause-capture = spent
cause-release = released
statement-moved = Moved between accounts: { $moves }
statement-moved-one = { $cause } { $amount }
statement-holds = For jobs: { $held } held, { $captured } spent, { $released } released
statement-by-model = **By model**
statement-by-member = **By member**
statement-by-guild = **By server**
statement-spending =
    { $jobs ->
        [0] { $name } · { $amount }
        [one] { $name } · { $amount } ({ $jobs } job)
       *[other] { $name } · { $amount } ({ $jobs } jobs)
    }
statement-pool = the pool
statement-legend = In the chart, the line shows the credits at the end of each day. Bars show what came in (up), was spent (down, striped) and went elsewhere (down, dotted).
statement-alt = Chart of credits from { $first } to { $last }: { $opening } at the beginning, { $came } came in, { $spent } were spent, { $went } went elsewhere, { $closing } at the end.
statement-alt-day = The most was spent on { $day }: { $amount }.
statement-alt-models = By model: { $models }.
statement-no-files = I can't attach files here, so the chart and the CSV file are missing. Use the command where I have the Attach Files permission, or in a direct message.
reconcile-head =
    { $lines ->
        [one] { $name }: { $lines } line
       *[other] { $name }: { $lines } lines
    }
reconcile-jobs =
    { $jobs ->
        [one] It names { $jobs } job, with { CREDITS($captured) } captured and { $lost } recorded as lost.
       *[other] It names { $jobs } jobs, with { CREDITS($captured) } captured and { $lost } recorded as lost.
    } { $agreeing ->
        [one] { $agreeing } agrees.
       *[other] { $agreeing } agree.
    }
reconcile-running =
    { $count ->
        [one] { $count } job has not ended yet, so it was not compared.
       *[other] { $count } jobs have not ended yet, so they were not compared.
    }
reconcile-differing =
    { $count ->
        [one] **{ $count } job differs**
       *[other] **{ $count } jobs differ**
    }
reconcile-unknown =
    { $count ->
        [one] **The cost of { $count } job is unknown**
       *[other] **The cost of { $count } jobs is unknown**
    }
reconcile-missing =
    { $count ->
        [one] **{ $count } job from that period is not in it** (expected: { $usd })
       *[other] **{ $count } jobs from that period are not in it** (expected: { $usd })
    }
reconcile-job = { $id } · { $model } · invoiced { $invoiced }, expected { $expected }
reconcile-no-times = The file has no times, so I can't tell whether jobs are missing from it.
reconcile-foreign =
    { $count ->
        [one] { $count } line is about a run that is not Easel's: { $usd }
       *[other] { $count } lines are about runs that are not Easel's: { $usd }
    }
reconcile-unnamed =
    { $count ->
        [one] { $count } line does not name a run: { $usd }
       *[other] { $count } lines do not name a run: { $usd }
    }
reconcile-columns = Columns that I didn't use: { $columns }
reconcile-totals = The file adds up to { $usd }. From { $first } to { $last }, captured: { CREDITS($captured) }; recorded as lost: { $lost }. For these I expected { $expected }.
reconcile-total-only = The file adds up to { $usd }. It has no times, so there is no period to compare it with.
reconcile-no-ids = The file has no run ids, so I can't list jobs.
reconcile-unknown-usd = unknown
reconcile-part-unknown =
    { $count ->
        [one] { $usd }, and { $count } line with an unknown amount
       *[other] { $usd }, and { $count } lines with an unknown amount
    }
forecast-unknown = Not enough data yet to say how long the pool will last: { $days } of 7 full days.
forecast-empty = The pool is empty.
forecast-idle = No credits left the pool in the last 7 full days.
forecast-year = At this pace the pool lasts for more than a year.
forecast-lasts =
    { $last ->
        [none] At this pace the pool lasts until { $expected } ({ $first } at the earliest), judging by { $days } days.
       *[other] At this pace the pool lasts until { $expected } (between { $first } and { $last }), judging by { $days } days.
    }
statement-csv-too-large = The CSV file would be larger than { $size }. Choose a shorter period to get it.
jobs-none = You have no jobs here yet. Try /imagine.
jobs-no-page =
    { $pages ->
        [one] There is no page { $page }: there is only one.
       *[other] There is no page { $page }: there are { $pages }.
    }
state-accepted = accepted
state-waiting = waiting
state-running = running
state-collecting = fetching
state-delivering = posting
state-done = done
state-failed = failed
state-cancelled = cancelled
state-expired = timed out
state-orphaned = outcome unknown
state-undelivered = ready, not shown yet
models-head = Models for { $task }, cheapest first. 🔒 means not enabled for you here.
model-line = { $model } · from { CREDITS($price) }
model-line-learned = { $model } · from { CREDITS($price) } · usually { $range }
models-none = No matching models.
choice = { $model } · { $price } cr
choice-default = { $hint }, default { $default }
choice-from = { $model } · from { $price } cr
choice-from-learned = { $model } · from { $price } cr · { $range }
choice-job = { $id } · { $title }
choice-learned = { $model } · { $price } cr · { $range }
choice-seconds-price = { $seconds } seconds · { $price } cr
choice-seconds = { $seconds } seconds
topped-up = Added { CREDITS($amount) } to { $guild }'s pool, which now has { $pool }.
granted = Gave { CREDITS($amount) } to { $member }, who now has { $balance }. The pool now has { $pool }.
revoked = Took { CREDITS($amount) } back from { $member }, who now has { $balance }. The pool now has { $pool }.
pool-short = The pool only has { CREDITS($available) }, so nothing was moved. The bot's operator can add more with /easel-ops topup.
member-short =
    { $held ->
        [none] { $member } only has { CREDITS($available) }, so nothing was moved.
       *[other] { $member } only has { CREDITS($available) } ({ $held } more held by running jobs), so nothing was moved.
    }
rule-set = In force from now on: { $rule }.
rule-removed-now = No longer in force: { $rule }.
rules-head = **Rules of this server.** A rule that forbids takes precedence over one that allows. /easel-mod limits list shows the limits.
rules-none = This server has no rules of its own. Models whose cheapest order costs at most 2,500 credits are allowed, and video models are not.
age-line = Only in age-restricted channels: { $target }.
age-lifted = No longer limited to age-restricted channels: { $target }.
limit-set = In force from now on: { $limit }
limit-removed = No longer in force: { $limit }
limit-line =
    { $limit ->
        [concurrent] **{ $number }** · { $owner }: at most { $jobs ->
                [one] 1 unfinished job
               *[other] { $jobs } unfinished jobs
            } at a time
        [job] **{ $number }** · { $owner }: at most { CREDITS($most) } per job
        [week] **{ $number }** · { $owner }: at most { CREDITS($most) } per week
        [month] **{ $number }** · { $owner }: at most { CREDITS($most) } per month
        [cooldown] **{ $number }** · { $owner }: { $apart } between orders
       *[day] **{ $number }** · { $owner }: at most { CREDITS($most) } per day
    }
limits-none = This server has no limits of its own.
limits-zone = Days, weeks and months begin in the time zone `{ $zone }`.
channel-defaults =
    Defaults in { $channel }: model { $model }, aspect { $aspect }, visibility { $visibility }. Members' own choices take precedence.{ $spoiler ->
        [none] { "" }
       *[other] {" "}All results here are spoilers.
    }
places-are =
    { $channels ->
        [none] I can be used in every channel.
       *[other] I can only be used in { $channels }.
    }
log-head = **The newest changes**
log-none = Nothing was changed.
log-line =
    { $before ->
        [none] { $when } · { $actor } · `{ $action }` { $subject }: { $after }
       *[other] { $when } · { $actor } · `{ $action }` { $subject }: { $before } → { $after }
    }
allowed = Members can now use **{ $model }** here.
allowed-but-off = **{ $model }** is now allowed here, but the bot's operator has it turned off.
denied = Members can no longer use **{ $model }** here.
allow-list-head = **Models that every member can use here.** More may be allowed for a role, a member or a channel: /easel-mod rules list
allow-list-empty = Members can't use any models here.
reload-commands = My commands were just updated, so I didn't run this one. Send it again; if that doesn't help, restart Discord (Ctrl+R).
and-more = and { $count } more

## Follow-up actions under a result.

from-reroll = Rerolled from job { $id }
from-again = Job { $id } run again
from-edit = Edited from job { $id }
from-upscale = Upscaled from job { $id }
from-animate = Animated from job { $id }
from-removebg = Background removed from job { $id }
from-lipsync = Lip-synced from job { $id }
step-price = { CREDITS($amount) }
step-at-most = up to { CREDITS($amount) }
step-reroll = Reroll · { $price }
step-again = Run again · { $price }
step-reroll-seeded = Reroll · new seed · { $price }
step-again-seeded = Run again · same seed · { $price }
step-edit = Edit · { $price }
step-upscale = Upscale · { $price }
step-animate = Animate · { $price }
step-removebg = Remove background · { $price }
step-lipsync = Lip-sync · { $price }
verb-edit = edit
verb-upscale = upscale
verb-animate = animate
verb-removebg = remove background
verb-lipsync = lip-sync
use-placeholder = Use a picture for…
use-option = Picture { $number }: { $step }
which-picture = Which picture?
modal-edit = Edit the picture
modal-edit-label = Describe the change or the new picture
modal-animate = Animate the picture
modal-animate-label = What should happen in the video?
modal-lipsync = Lip-sync the video
modal-lipsync-label = What should the person say?
modal-lipsync-voice = Voice
modal-lipsync-hint = These are some of the voices. /lipsync offers all of them and also accepts a recording.
price-rose = This now costs { CREDITS($now) }, not { $before }. Nothing was ordered.
text-back = Here is your text, so you don't lose it:
counted-once = You pressed twice; only one job was started: { $id }.
refile-button = Try another file
modal-refile = Try another file
modal-refile-label = The same order, with this file
more-button = More
more-head =
    { $whose ->
        [own] Job { $id }
       *[other] Job { $id }, ordered by { $member }
    }
recipe-button = Recipe
command-button = Copy command
favourite-button = Favourite
unmarked = Removed from your favourites.
dm-button = Send to DM
original-button = Send me the original
delete-button = Delete
files-not-here = I'm not allowed to attach files in this channel. Your files are kept: try again in another channel. Anyone who manages this one can let me attach files in its settings.
files-of = The original files of job { $id }.
original-in-parts = **{ $name }** ({ $size }) is too large for one file here, so it comes in { $count } parts. Save them all in one folder, open a terminal there, and join them:
    Windows: `copy /b { $name }.??? { $name }`
    macOS and Linux: `cat { $name }.??? > { $name }`
    Programs such as 7-Zip and Keka join them too: open the part that ends in .001.
    -# SHA-256 of the whole file: `{ $sha256 }`
original-message = Message { $number } of { $all }
more-parts-button = Send the next parts
dm-sent = Sent to you by direct message.
dm-closed = I can't send you direct messages. Allow them from members of this server, then try again.
dm-unclear = Discord didn't answer. Check your direct messages before you try again.
delete-ask-own = **Delete the result of job { $id }?**
    - **Deleted:** my message with its files, for everyone in this channel. This can't be undone.
    - **Kept for you alone:** the job in /history with its recipe, and its files until { $days ->
        [one] a day
       *[other] { $days } days
    } after it ended. You can still use it, for example with the option `job`.
    - **Credits:** what it cost ({ CREDITS($amount) }) is not returned.
    - What others saved or made from it stays.
delete-ask-other = **Remove the result of { $member }'s job { $id }?**
    - **Removed:** my message with its files, for everyone in this channel. This can't be undone, and nobody can use the result or its recipe, not even { $member }.
    - **Kept:** the entry in { $member }'s /jobs and /history, and the files until { $days ->
        [one] a day
       *[other] { $days } days
    } after the job ended, for the bot's operator only.
    - **Credits:** what it cost ({ CREDITS($amount) }) is not returned.
    - What others saved or made from it stays, and so do links to the original file until they expire.
delete-confirm = Delete it
remove-confirm = Remove it
keep-button = Keep it
deleted = The message for job { $id } was deleted. You can still find the job in /history.
removed = **Case { $case }:** the result of job { $id } was removed. Nobody can use it any more.
removed-before = The result of job { $id } was already removed.
recipe-head = Recipe of job { $id } ({ $task })
recipe-model =
    { $version ->
        [none] **model**: { $model }
       *[other] **model**: { $model }, version `{ $version }`
    }
recipe-option = **{ $name }**: { $value }
recipe-parent = **made from**: job { $id }
recipe-input =
    { $sha256 ->
        [none] **{ $slot }**: { $name }
       *[other] **{ $slot }**: { $name } (SHA-256 `{ $sha256 }…`)
    }
recipe-credentials =
    { $state ->
        [valid] **content credentials**: valid, signed by { $signer }
        [invalid] **content credentials**: not valid (the file was changed, or its signature is damaged)
        [remote] **content credentials**: not checked, because they are stored outside the file
        [unchecked] **content credentials**: not checked, because { $extra } is not installed
       *[none] **content credentials**: none
    }
diff-head = Job { $left } → job { $right }
diff-option = **{ $name }**: { $left } → { $right }
diff-none = Jobs { $left } and { $right } have the same recipe.
diff-absent = not set

## /why: whether a member can run something, and which rule decides.

why-yes =
    { $whose ->
        [own] ✅ **Yes**, you can run **{ $model }** in { $channel }.
       *[other] ✅ **Yes**, { $member } can run **{ $model }** in { $channel }.
    }
why-no =
    { $whose ->
        [own] ⛔ **No**, you cannot run **{ $model }** in { $channel }.
       *[other] ⛔ **No**, { $member } cannot run **{ $model }** in { $channel }.
    }
    { $why } { $advice }
why-hidden =
    { $by ->
        [channel] Discord hides { $command } in { $channel }, because this server's admins turned it off there.
        [member] { $whose ->
                [own] Discord hides { $command } from you, because this server's admins turned it off for you.
               *[other] Discord hides { $command } from them, because this server's admins turned it off for them.
            }
        [roles] { $whose ->
                [own] Discord hides { $command } from you, because this server's admins turned it off for one of your roles.
               *[other] Discord hides { $command } from them, because this server's admins turned it off for one of their roles.
            }
        [permission] Discord hides all commands there: the permission to use them is missing.
       *[everyone] Discord hides { $command }, because this server's admins turned it off for everyone they have not chosen.
    }
    .advice =
        { $by ->
            [permission] Those who manage the channel can grant the Use Application Commands permission.
           *[other] They can change this in the server settings, under Integrations.
        }
why-model = The bot's operator has it turned on; its cheapest order costs { CREDITS($cheapest) }.
why-not-paused = Orders are not paused.
why-not-blocked = No moderator has blocked orders.
why-not-denied = No rule forbids it.
why-prompt = The text of each order is checked against the prompt rules.
why-within-limits = No limit is reached.
why-no-approval = No moderator has to approve it.
why-approval = It would wait until a moderator approves it ({ $needs }).
why-policy = Unless a rule forbids it, it is allowed in this server: { $rule }.
why-place = I can post results in { $channel }.
why-no-model = { $model } can't be used: { $problem }.
    .advice = Only the bot's operator can turn it on; /models lists the others.
why-no-policy = It is not allowed in this server: { $rule }.
    .advice = A moderator can allow it: `/easel-mod allow add model:{ $id }`
why-no-place = I can't post results in { $channel }: I don't have the { $permission } permission there.
    .advice = Anyone who manages { $channel } can give it to me in the channel settings.
why-credits =
    { $held ->
        [none] It needs { CREDITS($needed) }; available: { $available }.
       *[other] It needs { CREDITS($needed) }; available: { $available } ({ $held } more held by running jobs).
    }
why-no-credits =
    { $held ->
        [none] It needs at least { CREDITS($needed) }, but only { CREDITS($available) } can be spent.
       *[other] It needs at least { CREDITS($needed) }, but only { CREDITS($available) } can be spent ({ $held } more held by running jobs).
    }
    .advice = Anyone here with the Manage Server permission can give credits: `/easel-admin credits grant`
why-credits-other = It needs { CREDITS($needed) }, and the member has them.
why-no-credits-other = It needs at least { CREDITS($needed) }, and the member has too few.
why-asks =
    { $whose ->
        [own] I'll ask before starting: even its cheapest order costs more than { CREDITS($threshold) }. You can change this limit with /prefs.
       *[other] I'll ask before starting: even its cheapest order costs more than { CREDITS($threshold) }. The member can change this limit with /prefs.
    }
why-starts =
    { $whose ->
        [own] I won't ask before starting unless an order costs more than { CREDITS($threshold) }. You can change this limit with /prefs.
       *[other] I won't ask before starting unless an order costs more than { CREDITS($threshold) }. The member can change this limit with /prefs.
    }
why-waits = It would wait in the queue and start automatically: { $running } of { $most } jobs are already running.
why-runs-later = It would start when it is approved: { $running } of { $most } jobs are running.
why-runs = It would start right away: { $running } of { $most } jobs are running.

## /help.

help-welcome = **Easel** makes pictures, videos and music from text prompts, and edits pictures you already have.
help-steps = **Get started**
    1. Type { $imagine } and describe what you want to see, for example: a lighthouse in fog.
    2. Use the buttons under the result to take it further: reroll, edit, upscale, animate.
    3. See how many credits you have with { $balance }, and what an order would cost with { $quote }.
help-in-a-server = **Where to use Easel**
    Order in a server that I'm in: each server has its own credits and rules. Here I can show you your credits and your orders.
help-own-credits = **Credits**
    { $some ->
        [pool] This server's pool pays for your orders, so you need no credits of your own.
        [none] You have no credits here yet. Anyone with the Manage Server permission can give you some.
       *[some] You have { CREDITS($available) } here. Anyone with the Manage Server permission can give you more.
    }
help-price = A picture costs { CREDITS($price) } unless you choose another model.
help-failure = **If something goes wrong**
    You only pay for results you get: a job that fails or is refused costs nothing. Use { $jobs } to check on your jobs, and { $why } to see whether you can run something here.
help-more = **More**
    Add a topic to { $help } to learn more: pictures, editing, video, sound, credits, results, moderators.
help-admins = **For you as a server admin**
    1. Give members credits from the server's pool with { $grant }. The pool has { CREDITS($pool) }; the bot's operator refills it.
    2. Cheap models are on from the start. Allow more expensive ones and video models with { $allow }; see what is on with { $list }.
help-line = { $command } { $what }
help-pictures = **Make pictures from text prompts**
help-editing = **Edit pictures.** Attach one, choose an earlier result, or right-click any picture in the server and choose *Apps*.
help-video = **Make videos.** They take minutes and cost more than pictures. Check the price with /quote; I always ask before an expensive order.
help-sound = **Make music and speech**
help-credits = **Credits** pay for your orders. The price is held when you order, charged when the result is ready, and released if the job fails.
help-results = **Your results.** Use the buttons under a result to take it further, even long after it was made.
help-moderators = **For moderators and server admins.** Discord shows these commands only to them.
help-to-imagine = makes pictures from a text prompt
help-to-svg = draws a vector graphic that stays sharp at any size
help-to-models = lists models with their prices and shows which ones you can use
help-to-style-list = shows the presets you can use with /imagine
help-to-style-save = saves a prompt template as a preset
help-to-style-delete = deletes a preset
help-to-edit = changes a picture as you describe, or combines up to three
help-to-erase = removes something from a picture, or replaces it
help-to-removebg = removes the background from a picture
help-to-upscale = enlarges a picture
help-to-vectorize = turns a picture into a vector graphic
help-to-video = makes a video from a prompt, a picture or another video
help-to-music = makes a short piece of music
help-to-lipsync = makes a face in a video speak your text or a recording
help-to-balance = shows your credits, how many are held by running jobs, and how many you spent
help-to-quote = shows what an order would cost and how long it would take
help-to-why = shows whether you can run something, and if not, which rule prevents it
help-to-jobs = lists your jobs: cancel running ones, see results again
help-to-history = searches your earlier prompts, and shows their results again
help-to-recipe-show = shows how a result was made
help-to-recipe-run = makes a result again from its recipe
help-to-recipe-diff = compares the recipes of two results
help-to-prefs = sets your usual model, aspect ratio, visibility and language, and the price above which I ask first
help-to-easel-admin-settings = shows and changes the settings for everyone in the server
help-to-statement = shows where your credits came from and went, with a chart and a CSV file
help-to-easel-admin-statement = shows the same for this server: by model, by member and by day
help-to-easel-admin-credits-grant = gives a member credits from the server's pool
help-to-easel-admin-credits-revoke = moves a member's credits back into the server's pool
help-to-easel-mod-automod-status = shows how this server's AutoMod rules apply to prompts
help-to-easel-mod-words-add = refuses prompts that contain a word
help-to-easel-mod-words-remove = allows a word again
help-to-easel-mod-words-list = shows the word rules
help-to-easel-mod-words-test = shows which words and rules a prompt would match
help-to-easel-mod-allow-list = shows the models that members can use
help-to-easel-mod-allow-add = lets members use a model
help-to-easel-mod-allow-remove = stops members from using a model

## The greeting of a server that added Easel.

greeting =
    { $who ->
        [none] Hello!
       *[other] Hello { $who }, thanks for adding me!
    } I make pictures, videos and music from text prompts.
    { $some ->
        [none] **Next step:** this server's pool has no credits yet. Ask the bot's operator for some, then give them to members with { $grant }.
       *[some] **Next step:** give members credits with { $grant }; this server's pool has { CREDITS($pool) }.
    } Cheap models are on from the start; allow others with { $allow }. Members order with { $imagine }, and { $help } explains the rest. With { $setup }, anyone who manages this server can choose where members order, who can order, and for how much.

## Moderators: cases, takedowns, blocks, pauses.

picture-banned = { $name } looks like a result that a moderator of this server took down.
    .advice = Use another picture, or ask a moderator.
result-taken-down = A moderator took this result down (case { $case }).
    .advice = Ask a moderator about it.
taken-down = A moderator took this down (case { $case }).
    .advice = Ask a moderator about it.
result-banned = The result looks like one that a moderator of this server took down, so it isn't shown.
    .advice = Ask for something else.
cancelled-by-moderator = A moderator cancelled this: { $because }.
    .advice = Ask a moderator about it.
rule-banned-look = it looks like a result that a moderator took down
    .advice = Ask a moderator about it.
thing-case = I can't find case { $name } here
entry-taken-down = taken down by a moderator (case { $case })
log-takedown =
    🗑️ **Case { $case }** · <@{ $by }> took down { $results ->
        [one] <@{ $member }>'s job { $id }
       *[other] <@{ $member }>'s job { $id } and everything made from it ({ $results } results)
    }: { $reason }
log-block =
    { $until ->
        [none] ⛔ **Case { $case }** · <@{ $by }> blocked <@{ $member }>: { $reason }
       *[other] ⛔ **Case { $case }** · <@{ $by }> blocked <@{ $member }> until <t:{ $until }:f>: { $reason }
    }
log-deletion = 🗑️ **Case { $case }** · <@{ $by }> deleted the result of <@{ $member }>'s job { $id }
log-exemption-ended = ⚖️ **Case { $case }** · <@{ $by }> made <@{ $member }>'s orders wait for approval again
log-unblock = ✅ **Case { $case }** · <@{ $by }> let <@{ $member }> order again: { $reason }
log-warning = ⚠️ **Case { $case }** · <@{ $by }> warned <@{ $member }>: { $reason }
log-cancel = ⏹️ **Case { $case }** · <@{ $by }> cancelled <@{ $member }>'s job { $id }: { $reason }
log-spoiler = 🫣 <@{ $by }> marked the result of <@{ $member }>'s job { $id } as a spoiler
log-unspoiler = 👁️ <@{ $by }> made the result of <@{ $member }>'s job { $id } visible again
spoiler-button = Mark as spoiler
unspoiler-button = Remove spoiler
spoiler-on =
    The result of job { $id } is a spoiler now: it is hidden until someone presses it. { $left ->
        [0] { "" }
        [one] One of its messages couldn't be changed. Check that I can see that channel, and try again.
       *[other] { $left } of its messages couldn't be changed. Check that I can see their channels, and try again.
    }
spoiler-off =
    The result of job { $id } is no longer a spoiler. { $left ->
        [0] { "" }
       *[other] Messages that were posted as spoilers stay hidden; *Show here* in /jobs posts the result without a spoiler.
    }
log-pause = ⏸️ <@{ $by }> paused orders ({ $what }): { $reason }
log-resume = ▶️ <@{ $by }> ended the pause of orders ({ $what })
letter-takedown =
    { $amount ->
        [none] A moderator of **{ $guild }** removed the result of your job { $id } (case { $case }). No credits were given back.
       *[other] A moderator of **{ $guild }** removed the result of your job { $id } (case { $case }). You got back what it and the results made from it cost: { CREDITS($amount) }.
    }
    { $reason }
letter-block = A moderator of **{ $guild }** has stopped you from ordering there (case { $case }).
    { $reason }
letter-unblock = You can order in **{ $guild }** again (case { $case }).
    { $reason }
letter-exemption-ended = Your orders in **{ $guild }** may have to wait for a moderator's approval again (case { $case }). Orders that you have already placed are not affected.
letter-deletion = A moderator of **{ $guild }** deleted the result of your job { $id } (case { $case }).
letter-warning = A moderator of **{ $guild }** has warned you (case { $case }):
    { $reason }
letter-cancel = A moderator of **{ $guild }** cancelled your job { $id } (case { $case }). Cancelled jobs cost nothing.
    { $reason }
letter-note = A moderator of **{ $guild }** left a note (case { $case }).
takedown-done =
    Case **{ $case }**: { $results ->
        [one] job { $id } is taken down.
       *[other] job { $id } is taken down with everything made from it: { $results } results.
    } The messages, files and texts are being deleted, and the same picture can't be used here again. { $refund ->
        [none] Nothing was given back.
       *[other] Given back: { CREDITS($amount) }.
    }
block-done =
    { $until ->
        [none] **Case { $case }:** { $member } can't order anything until a moderator lifts this. They will see your reason when they try.
       *[other] **Case { $case }:** { $member } can't order anything. This ends { $until }. They will see your reason when they try.
    }
unblock-done = **Case { $case }:** { $member } can order again. I'll tell them.
unblock-none = { $member } wasn't blocked, so nothing was changed.
warn-done = **Case { $case }:** { $member } will be warned by direct message, or after their next command if their direct messages are closed.
note-done = **Case { $case }:** your note about { $member } is saved.
mod-cancel-done = **Case { $case }:** { $member }'s job { $id } is cancelled, and its held credits are released: { CREDITS($amount) }. I'll tell them why.
mod-cancel-asked = **Case { $case }:** { $member }'s job { $id } is being stopped. I'll tell them why. If its result is ready before the provider stops it, it is delivered and charged.
pause-done =
    { $until ->
        [none] Paused: { $what }. Members can see your reason. /easel-mod resume ends it.
       *[other] Paused: { $what }. Members can see your reason. It ends { $until }, or with /easel-mod resume.
    }
resume-done = Resumed: { $what }.
resume-none = Not paused: { $what }.
resume-left = Still paused: { $what }.
paused-everything = everything
cases-head = **Cases, newest first**
cases-none = There are no cases.
case-head = **Case { $case }** · { $kind } · { $when }
case-line = { $line } · { $member }: { $reason }
case-takedown = takedown
case-deletion = result deleted
case-exemption-ended = exemption from approval ended
case-block = block
case-unblock = block lifted
case-warning = warning
case-note = note
case-cancel = job cancelled
case-about = About { $member }, by { $by }
case-reason = Reason: { $reason }
case-no-reason = No reason was given
case-message = Message to the member: { $text }
case-job = Job { $id }
case-refund = Given back: { CREDITS($amount) }
case-until = It ends { $until }
case-told =
    { $told ->
        [due] The member will be told in a moment.
        [told] The member has been told.
        [closed] The member's direct messages are closed: they will see this after their next command.
       *[none] The member wasn't told.
    }
mod-jobs-head = **Jobs of this server** · page { $page } of { $pages }
mod-jobs-none = No jobs match.

## Reports of members, and the moderators' queue.

report-button = Report
report-title = Report job { $id }
report-label = What is wrong with it?
reports-head = **Open reports, oldest first** · page { $page } of { $pages }
reports-none = No reports are waiting for a decision.
reports-no-log = Choose a log channel with /easel-admin settings to see new reports as they come in.
report-entry =
    { $count ->
        [one] 🚩 **Report** · { $member }'s job { $id } · { $when } · { $link }
       *[other] 🚩 **{ $count } reports** · { $member }'s job { $id } · first reported { $when } · { $link }
    }
report-by =
    { $more ->
        [0] By { $members }
       *[other] By { $members } and { $more } more
    }
reported-new = Thank you. The moderators have your report about job { $id }. I'll tell you what they decide.
reported-joined = Thank you. Others have reported job { $id } too. I'll tell you what they decide.
reported-again = You have already reported job { $id }.
reported-approved = The moderators have looked at job { $id } and decided that it may stay.
rule-own-report = you can only report other members' results that everyone here can see
    .advice = To delete your own results, use More.
report-decided = <@{ $by }> has already handled this report.
    .advice = There is nothing left to do.
thing-report = I can't find that report
log-report =
    { $count ->
        [one] 🚩 **Report** · <@{ $member }>'s job { $id } · reported <t:{ $since }:R> · { $link }
       *[other] 🚩 **{ $count } reports** · <@{ $member }>'s job { $id } · first reported <t:{ $since }:R> · { $link }
    }
report-decision =
    { $outcome ->
        [kept] ✅ Approved by <@{ $by }>
        [taken-down] 🗑️ Taken down by <@{ $by }>
        [dismissed] Dismissed by <@{ $by }>
       *[open] Waiting for a moderator
    }
report-take-down-button = Take down
report-dismiss-button = Dismiss
report-kept = Approved: the result stays, and can't be reported again. I'll tell those who reported it.
report-dismissed = Dismissed: the result stays, and others may report it again. I'll tell those who reported it.
report-taken-down = Taken down. I'll tell those who reported it.
report-take-down-title = Take the result down
report-take-down-label = Reason (the member will see it)
report-refund = Refund
report-refund-hint = What the payers get back
refund-full = Give back what it cost
refund-nothing = Give nothing back
report-news =
    { $outcome ->
        [kept] The moderators of **{ $guild }** have looked at job { $id }, which you reported, and decided that it may stay.
        [taken-down] The moderators of **{ $guild }** have taken down job { $id }, which you reported. Thank you.
       *[dismissed] The moderators of **{ $guild }** have closed your report about job { $id } without taking it down.
    }

## Who pays, and allowances.

pool-insufficient = This needs **{ CREDITS($needed) }**. This server's pool pays for orders here, and it doesn't have that many.
    .advice = Anyone here with the Manage Server permission can ask the bot's operator to add credits to the pool, or let members pay themselves with /easel-admin settings.
payer-changed = The server's pool was going to pay for this, but members now pay for their orders themselves.
    .advice = Order it again if you want to pay for it.
confirm-payer-changed = The server's pool no longer pays: this would be charged to you.
price-of-pool = { CREDITS($amount) }, paid by the server
settings-payer =
    { $payer ->
        [pool] The server's pool pays for its members' orders
       *[member] Members pay for their orders with their own credits
    }
balance-pool =
    { $available ->
        [none] **The server pays** for your orders here, from its pool.
       *[other] **The server pays** for orders here, from its pool, which has **{ CREDITS($available) }**.
    }
entry-alw = allowance
allowance-drawn =
    { $kind ->
        [short] Your allowance added only { $given } of { CREDITS($wanted) }: the server's pool had no more.
       *[all] Your allowance added { CREDITS($given) }.
    }
allowance-due =
    { $kind ->
        [short] Of this, { $given } will come from your allowance with your next order. The allowance is { $wanted }, but the server's pool has no more.
       *[all] Of this, { $given } will come from your allowance with your next order.
    }
allowance-waits = Your allowance of { CREDITS($wanted) } has to wait: the server's pool is empty.
why-credits-pool = It needs { CREDITS($needed) }, which this server's pool pays.
why-no-credits-pool = It needs at least { CREDITS($needed) }, which this server's pool pays, and the pool doesn't have them.
allowance-set = Set: { $rule }. Members get it when they next use Easel.
allowance-removed = Ended: { $rule }. Members keep what they have.
allowance-none = No role has an allowance here. Give one with /easel-admin allowance add.
allowance-head = Allowances of this server, drawn from its pool when a member next uses Easel:
allowance-rule =
    { $every ->
        [day] { $how ->
            [fill] { $role }: filled up to { CREDITS($amount) } each day
           *[add] { $role }: { CREDITS($amount) } more each day
        }
        [week] { $how ->
            [fill] { $role }: filled up to { CREDITS($amount) } each week
           *[add] { $role }: { CREDITS($amount) } more each week
        }
        [month] { $how ->
            [fill] { $role }: filled up to { CREDITS($amount) } each month
           *[add] { $role }: { CREDITS($amount) } more each month
        }
       *[once] { $role }: { CREDITS($amount) } once
    }
log-allowance =
    { $amount ->
        [none] 💳 <@{ $by }> ended allowance { $subject } for <@&{ $role }>.
       *[other] 💳 <@{ $by }> set allowance { $subject }: { CREDITS($amount) } { $every ->
            [day] each day
            [week] each week
            [month] each month
           *[once] once
        } for each member with <@&{ $role }>.
    }
log-allowance-short =
    💳 The pool is too small for allowance { $number }: { CREDITS($amount) } { $every ->
        [day] each day
        [week] each week
        [month] each month
       *[once] once
    } for each member with <@&{ $role }>. Members get what is left.

## The moderators' purse.

purse-none = Moderators have no purse. Give them one with /easel-admin purse amount.
purse-is =
    { $every ->
        [day] Moderators may grant { CREDITS($amount) } a day with /easel-mod grant; { $left } left today.
        [week] Moderators may grant { CREDITS($amount) } a week with /easel-mod grant; { $left } left this week.
       *[month] Moderators may grant { CREDITS($amount) } a month with /easel-mod grant; { $left } left this month.
    }
purse-granted = Gave { CREDITS($amount) } to { $member }. The purse has { $left } left for this period.
giving-limit-reached =
    { $budget ->
        [gifts] That is more than you may still give today: { CREDITS($left) }.
       *[purse] That is more than the moderators' purse still has for this period: { CREDITS($left) }.
    }
    .advice = Choose a smaller amount, or wait for the next period.
rule-not-oneself = nobody can give credits to themselves this way
    .advice = Choose another member.

## Gifts.

rule-gifts-off = gifts between members are off in this server
    .advice = Anyone here with the Manage Server permission can allow them with /easel-admin settings.
gift-ask = Give { $member } **{ CREDITS($amount) }**? You have { $available }. This can't be undone.
gift-button = Give
gift-given = You gave { $member } { CREDITS($amount) }. You have { $balance } left.
gift-dropped = Nothing was given.
gift-before = You have already given these credits.
gift-over = This gift has expired. Nothing was given; use /gift again.
entry-gift = gift
settings-gifts =
    { $amount ->
        [none] Members can't give credits to each other
       *[other] Members can give others up to { CREDITS($amount) } a day with /gift
    }

## Grants that need a second admin.

rule-own-grant = someone else has to approve the grant that you asked for
    .advice = Ask another person with the Manage Server permission.
rule-needs-second-admin = giving one member that much needs a second admin in this server, and allowances and grants from the purse can't wait for one
    .advice = Choose a smaller amount. Admins can give more to individual members with /easel-admin credits grant.
rule-no-log-channel = this grant needs a second admin, and there is no log channel where one could approve it
    .advice = Choose one with /easel-admin settings log_channel.
thing-grant = There is no grant { $name }
thing-allowance = There is no allowance { $name }
thing-purse = Moderators have no purse here
advice-grant = Someone has probably decided already.
advice-allowance = /easel-admin allowance list shows their numbers.
advice-purse = Anyone here with the Manage Server permission can give them one with /easel-admin purse.
grant-waits = I set { CREDITS($amount) } aside for { $member }. Another admin has to approve this in the log channel within 3 days.
log-grant-waits = ⚖️ <@{ $asker }> wants to give <@{ $member }> **{ CREDITS($amount) }** from the pool. Another admin has to approve this; it expires <t:{ $expires_at }:R>.
approve-button = Approve
deny-button = Deny
grant-decided =
    { $state ->
        [approved] ✅ <@{ $by }> approved the { CREDITS($amount) } for <@{ $member }> that <@{ $asker }> asked for.
        [denied] ⛔ <@{ $by }> denied the { CREDITS($amount) } for <@{ $member }> that <@{ $asker }> asked for. The credits are back in the pool.
       *[expired] ⌛ Nobody approved { CREDITS($amount) } for <@{ $member }> in time; <@{ $asker }> had asked for this. The credits are back in the pool.
    }
settings-approval =
    { $amount ->
        [none] Grants don't need a second admin
       *[other] Grants above { CREDITS($amount) }, and any that admins make to themselves, need a second admin
    }

log-second-admin =
    { $amount ->
        [none] 💳 <@{ $by }> changed the settings: grants no longer need a second admin.
       *[other] 💳 <@{ $by }> changed the settings: grants above { CREDITS($amount) }, and any that admins make to themselves, need a second admin.
    }

## The first credits of new servers.

new-servers = These new servers are waiting for their first credits. Give them theirs with /easel-ops approve.
new-servers-none = No new servers are waiting for their first credits.
new-server =
    { $reason ->
        [small] **{ $guild }** ({ $id }): { CREDITS($amount) }, too few members, { $when }
        [young] **{ $guild }** ({ $id }): { CREDITS($amount) }, founded too recently, { $when }
       *[cap] **{ $guild }** ({ $id }): { CREDITS($amount) }, the day's credits for new servers were used up, { $when }
    }
new-server-approved = { $guild }'s pool got its first { CREDITS($amount) }.
thing-new-server = No server { $name } is waiting for its first credits
advice-new-server = /easel-ops newcomers lists those that are; /easel-ops topup gives credits to any server.

## All servers, for the operator.

servers-head =
    { $count ->
        [one] **1 server**
       *[other] **{ $count } servers**
    }, page { $page } of { $pages }
servers-none = No matching servers.
server-line = **{ $guild }** ({ $id }) · { $members ->
        [one] 1 member
       *[other] { $members } members
    } · pool { $pool } · spent { $spent } · { $used ->
        [none] never used
       *[other] last used { $used }
    }{ $gone ->
        [none] {""}
        [unknown] {" "}· **gone**
       *[other] {" "}· **gone**, last seen { $gone }
    }{ $because ->
        [none] {""}
       *[other] {" "}· **suspended**: { $because }
    }
server-suspended = { $guild } is suspended: nobody there can order anything from now on. Jobs that are running end normally. Its admins can read your reason.
server-resumed = { $guild } can be used again.
thing-suspension = Server { $name } is not suspended
advice-suspension = /easel-ops guilds lists those that are.
log-suspended = ⛔ The bot's operator has suspended this server: { $because }. Nobody can order anything until the operator ends this. Jobs that were already ordered end normally.
log-unsuspended = ✅ The bot's operator has ended the suspension of this server.

## Budgets.

log-budget =
    { $percent ->
        [100] 📊 Limit { $number } is used up: { $used } of { CREDITS($amount) } for this { $every ->
            [day] day
            [week] week
           *[month] month
        }. Orders that exceed it are refused until the next period begins.
        [refused] 📊 Limit { $number } is nearly used up and has refused an order: { $used } of { CREDITS($amount) } for this { $every ->
            [day] day
            [week] week
           *[month] month
        }.
       *[other] 📊 { $percent } % of limit { $number } is used: { $used } of { CREDITS($amount) } for this { $every ->
            [day] day
            [week] week
           *[month] month
        }.
    }

## Orders that wait for a moderator

queued-approval = Waiting for a moderator to approve it. If nobody decides { $until }, it ends and costs nothing
state-approval = waiting for a moderator
confirm-approval = A moderator must approve this order before it starts. Until then your credits are set aside.
approval-rule =
    rule { $number }: { $target }{ $above ->
        [none] { "" }
       *[other] , above { CREDITS($above) }
    }{ $days ->
        [0] { "" }
        [one] , from members who joined less than a day ago
       *[other] , from members who joined less than { $days } days ago
    }{ $jobs ->
        [0] { "" }
        [one] , from members without a finished job
       *[other] , from members with fewer than { $jobs } finished jobs
    }{ $flagged ->
        [yes] , with a flagged prompt
       *[no] { "" }
    }
order-denied =
    { $because ->
        [none] A moderator did not approve this order.
       *[other] A moderator did not approve this order: { $because }
    }
    .advice = It does not count against you. Ask a moderator about it.
approval-expired = No moderator decided on this order in time.
    .advice = Order it again, or ask a moderator first.
blocked-while-waiting = A moderator blocked your orders while this one waited: { $because }
    .advice = Ask a moderator about it.
approval-decided =
    { $state ->
        [approved] <@{ $by }> has already approved this order.
        [denied] <@{ $by }> has already denied this order.
        [expired] Nobody decided on this order in time.
       *[ended] This order ended before anyone decided.
    }
    .advice = There is nothing left to do.
approval-forbidden =
    { $hindrance ->
        [paused] Orders are paused, so this one can't be approved now.
        [blocked] This member is blocked, so the order can't be approved.
        [suspended] The operator has suspended this server, so the order can't be approved now.
       *[off] Its model is switched off, so the order can't be approved now.
    }
    .advice = Deny it, or approve it later.
rule-own-order = someone else has to approve your own order
    .advice = Ask another moderator, or an admin.
thing-approval = There is no approval rule { $name } here
log-approval = ⚖️ <@{ $member }> wants to use **{ $model }** ({ $task }) in <#{ $channel }> for **{ CREDITS($price) }** · job { $id }
log-approval-files =
    { $files ->
        [one] One file is attached.
       *[other] { $files } files are attached.
    }
log-approval-state =
    { $state ->
        [waiting] Waiting because of { $rule }. Expires <t:{ $expires }:R>.
        [approved] ✅ Approved by <@{ $by }>
        [always] ✅ Approved by <@{ $by }>, and from now on always for this member ({ $rule })
        [denied] ❌ Denied by <@{ $by }>{ $because ->
            [none] { "" }
           *[other] : { $because }
        }
        [expired] ⌛ Nobody decided in time; the credits are released.
       *[ended] ⏹️ It ended before anyone decided; the credits are released.
    }
always-button = Always for this member
order-approved = Job { $id } is approved.
order-approved-always = Job { $id } is approved, and the rules that made it wait no longer apply to this member. /easel-mod approvals revoke undoes that.
order-denied-now = Job { $id } is denied. Its credits are released. I'll tell the member.
deny-order-title = Deny job { $id }
deny-order-label = Reason for the member (optional)
approval-added = From now on, orders wait for a moderator because of { $rule }.
approval-no-log = There is no log channel, so nobody sees them: choose one with /easel-admin settings log_channel, or use /easel-mod approvals waiting.
approval-removed = Removed { $rule }. Orders that are already waiting still need a decision.
approvals-head = Orders that match one of these rules wait for a moderator:
approvals-none = No orders have to wait for a moderator here. Add a rule with /easel-mod approvals add.
approval-exempt = Exempt from rule { $number }: <@{ $member }> (decided by <@{ $by }> { $when })
approval-revoked =
    { $rules ->
        [0] <@{ $member }> was not exempt from any rule.
       *[other] **Case { $case }:** all rules apply to <@{ $member }>'s orders again. I'll tell them.
    }
approvals-waiting = These orders are waiting for a moderator, oldest first:
approvals-nothing-waits = No orders are waiting for a moderator.
balance-approval = ⏳ Held for job { $id } until a moderator decides: { CREDITS($amount) }.

## Purchases in Discord

log-purchase = 🛒 <@{ $by }> bought **{ CREDITS($amount) }** in Discord for this server's pool.
log-purchase-refunded = ↩️ Discord refunded <@{ $by }>'s purchase of { CREDITS($amount) }. Taken back from this server's pool: { $taken }.
balance-shop = What you buy below fills **this server's pool**.
balance-waiting = You bought **{ CREDITS($amount) }** and have not chosen a server for this purchase yet.
fund-button = Add { $amount } to this server's pool
funded = Added **{ CREDITS($amount) }** to this server's pool. Thank you!
fund-none = None of your purchases is waiting: they were already added to a server, or refunded.
balance-bought = Your purchase of **{ CREDITS($amount) }** is in this server's pool. Thank you!
letter-purchase = 🛒 Your purchase of **{ CREDITS($amount) }** is in the pool of **{ $guild }**. Thank you!
letter-purchase-waits = 🛒 Thank you for buying **{ CREDITS($amount) }**! Choose which server's pool gets them: use /balance there, and press the button.

## Setting up a server.

setup-title = Set up Easel · { $number } of { $steps }: { $name }
setup-summary-title = Easel is set up
setup-footer = Stop whenever you like: /easel-admin setup continues from here. Setting up costs no credits.
setup-summary-footer = Everything can be changed later, here or with the individual commands.
setup-now = **Now:** { $now }
setup-saved = ✅ Saved.
setup-goes-on =
    { $who ->
        [own] You got as far as this step last time.
       *[other] { $admin } got as far as this step.
    }
setup-back-button = Back
setup-next-button = Next
setup-skip-button = Skip
setup-begin-button = Set up
doctor-button = Check the server
setup-channels-button = Channels
setup-payer-button = Who pays
setup-allowance-button = Allowance
setup-budget-button = Budget
setup-log-button = Log channel
setup-language-button = Language
setup-about-channels = Where can members use me? Choose channels or whole categories, or leave it at every channel. A thread counts as its channel.
setup-channels-placeholder = Choose channels and categories
setup-unset-channels-button = Use every channel
setup-about-payer = Who pays for what members make? If each member pays, they spend credits that admins give them or that they get as an allowance. If the pool pays, they spend the server's credits, within the limits that you set.
setup-payer-placeholder = Choose who pays
setup-payer-member = Each member
setup-payer-member-hint = Members spend their own credits
setup-payer-pool = The server's pool
setup-payer-pool-hint = Members spend the server's credits
setup-about-allowance = Credits that members get automatically, from the server's pool, when they next use me. It is for a role or for everyone, and comes once a day, week or month. To remove one: { $easel-admin-allowance-list }.
setup-no-allowance = There is no allowance.
setup-ask-allowance-button = Set an allowance
setup-about-budget = The most that all members together may spend in a day, week or month. The log channel gets a message when 50, 80 and 100 % are used. For limits on each member, role or channel: { $easel-mod-limits-list }.
setup-budget-line =
    { $every ->
        [week] At most { CREDITS($amount) } per week for all members combined
        [month] At most { CREDITS($amount) } per month for all members combined
       *[day] At most { CREDITS($amount) } per day for all members combined
    }
setup-no-budget = There is no budget.
setup-ask-budget-button = Set a budget
setup-unset-budget-button = No budget
setup-about-log = I use it to post what needs a moderator: reports, refused prompts, orders waiting for approval, budgets. Choose a channel that only moderators see.
setup-log-placeholder = Choose the moderators' channel
setup-unset-log-button = No log channel
setup-about-language = The language of messages that everyone sees. Private answers use each member's own Discord language.
setup-language-placeholder = Choose a language
setup-language-same = Same as Discord
setup-every-day = Every day
setup-every-week = Every week
setup-every-month = Every month
setup-how-fill = Fill up to the amount
setup-how-add = Add the amount
setup-amount-hint = For example 2,000
setup-role-hint = Leave it empty for everyone
modal-setup-role-label = Role
modal-setup-every-label = How often
modal-setup-how-label = What it does
modal-setup-allowance-label = Credits for each member
modal-setup-budget-label = Total credits for all members
setup-next =
    { $some ->
        [none] **Next:** the server's pool is empty. Ask the bot's operator for credits.
       *[some] { $pays ->
            [pool] The server's pool has { CREDITS($pool) }, which members can spend now.
           *[member] { $gets ->
                [none] **Next:** the server's pool has { CREDITS($pool) }. Give members some with { $easel-admin-credits-grant }.
               *[allowance] The server's pool has { CREDITS($pool) }, from which members get their allowance.
            }
        }
    }
setup-members = **Members can now** make pictures with { $imagine }, see their credits with { $balance }, find out with { $why } why something is refused, and read { $help }. Cheap models are on from the start; allow others with { $easel-mod-allow-add }.
setup-offer = **New here?** I can ask you the few things that a new server needs to decide, in about two minutes, and check that I can work here. Everything works without it, too.

## The check of a server.

doctor-well =
    ✅ All is well: members can use me here, and nothing needs fixing.
    -# I checked { $channels ->
        [one] one channel
       *[other] { $channels } channels
    }, the log channel, AutoMod, credits, rules, the service that runs the models, and the clocks.
doctor-head = **What I found in this server**
doctor-channels-more = { $channels } and { $more } more
doctor-suspended = The bot's operator has suspended this server: { $because }. **Nobody can order anything.**
    .fix = Only the bot's operator can end this; ask them.
doctor-paused =
    { $task ->
        [none] All orders are paused: { $because }. **Nobody can order anything.**
       *[other] Orders of one kind ({ $task }) are paused: { $because }.
    }
    .fix = End the pause with { $easel-mod-resume }.
doctor-records = I can't read this server's settings, so I did not check its log channel, AutoMod, credits and rules.
    .fix = Try again in a minute. If that doesn't help, tell the bot's operator.
doctor-provider =
    { $state ->
        [refused] The service that runs the models refuses the bot's key. **Orders can't work.**
        [no_funds] The service that runs the models says that its account is empty. **Orders can't work.**
       *[unreachable] The service that runs the models does not answer. **Orders fail until it does**, and cost nothing.
    }
    .fix = Only the bot's operator can fix this; tell them.
doctor-orders = Orders have failed in the last few minutes, for a reason outside this server. They cost nothing.
    .fix = Only the bot's operator can fix this; tell them.
doctor-part = A part of the bot does not work: { $part }. **Orders may fail or wait.**
    .fix = Only the bot's operator can fix this; tell them.
doctor-part-name-database = the database
doctor-part-name-disk = the storage for results
doctor-part-name-loops = job processing
doctor-part-name-workers = job processing
doctor-permission = I don't have the **{ $permission }** permission in { $channels }. **Orders there are refused, or results are shown another way.**
    .fix = Give it to my role: Server Settings → Roles, or Edit Channel → Permissions.
doctor-places-gone = All channels in which I may be used were deleted. **Nobody can order anything.**
    .fix = Choose others, or every channel, with { $easel-admin-setup }.
doctor-place-gone =
    { $gone ->
        [one] A channel in which I may be used was deleted.
       *[other] { $gone } channels in which I may be used were deleted.
    } The others still work.
    .fix = Choose them again with { $easel-admin-setup }.
doctor-hidden-everywhere = This server's admins have hidden { $imagine } from everyone in all channels, so only the members they chose can see it.
    .fix = If that is not intended: Server Settings → Integrations → this bot.
doctor-hidden = This server's admins have hidden { $imagine } from everyone in { $channels }, so only the members they chose can see it there.
    .fix = If that is not intended: Server Settings → Integrations → this bot.
doctor-no-place = There is no channel in which members can use me: they can't see any, or can't use commands in them. **Nobody but moderators can order anything.**
    .fix = Give @everyone or a role View Channel and Use Application Commands in Edit Channel → Permissions, or choose other channels with { $easel-admin-setup }.
doctor-log-open = Everyone can see the log channel { $channels }. **Members can read reports and refused prompts there.**
    .fix = Remove View Channel from @everyone in Edit Channel → Permissions, or choose another channel: { $easel-admin-settings } `log_channel`.
doctor-log-gone = The log channel was deleted. **Moderators miss reports and orders that wait for approval.**
    .fix = Choose another: { $easel-admin-settings } `log_channel`.
doctor-log-closed = I can't post in the log channel { $channels }: I don't have the **{ $permission }** permission. **Moderators miss reports and orders that wait for approval.**
    .fix = Give it to me in Edit Channel → Permissions, or choose another channel: { $easel-admin-settings } `log_channel`.
doctor-automod-unknown = I have not been able to read this server's AutoMod rules. **Until I have, orders that contain text are refused.**
    .fix = Try again in a minute. If that doesn't help, give my role Manage Server in Server Settings → Roles.
doctor-pool-empty =
    { $payer ->
        [pool] The server's pool is empty, and it pays for everyone. **Nobody can order anything.**
       *[member] The server's pool is empty. **Allowances wait until it has credits.**
    }
    .fix = Ask the bot's operator for credits, or let members pay: { $easel-admin-settings } `pays`.
doctor-pool-ends = At this pace the server's pool may be empty on { $first }. **Then orders or allowances stop.**
    .fix = Ask the bot's operator for credits in time; { $easel-admin-statement } shows where they go.
doctor-no-credits = Members pay for their orders, but nobody has any credits. **Nobody can order anything.**
    .fix = Give some with { $easel-admin-credits-grant } or { $easel-admin-allowance-add }, or let the pool pay: { $easel-admin-settings } `pays`.
doctor-rule-gone =
    { $kind ->
        [role] Rule { $number } is for a role that was deleted, so it never applies.
       *[channel] Rule { $number } is for a channel that was deleted, so it never applies.
    }
    .fix = Remove it with { $easel-mod-rules-remove } `number: { $number }`.
doctor-limit-gone =
    { $kind ->
        [role] Limit { $number } is for a role that was deleted, so it never applies.
       *[channel] Limit { $number } is for a channel that was deleted, so it never applies.
    }
    .fix = Remove it with { $easel-mod-limits-remove } `number: { $number }`.
doctor-allowance-gone = Allowance { $number } is for a role that was deleted, so nobody gets it.
    .fix = Remove it with { $easel-admin-allowance-remove } `number: { $number }`.
doctor-rule-beaten = Rule { $number } allows only what rule { $other } forbids, so it has no effect: the rule that forbids wins.
    .fix = Remove one of them with { $easel-mod-rules-remove }.
doctor-rule-outside = Rule { $number } is for a channel in which I can't be used, so it has no effect.
    .fix = Remove it with { $easel-mod-rules-remove }, or add the channel with { $easel-admin-setup }.
doctor-clock =
    { $whose ->
        [discord] The bot's clock is off by { $offset } compared to Discord's. I allow for that, but times in the operator's logs are wrong.
       *[provider] The bot's clock is off by { $offset } compared to that of the service that runs the models. I allow for that, but times in the operator's logs are wrong.
    }
    .fix = Tell the bot's operator, who can synchronize the clock.
doctor-no-log = There is no log channel, so nobody sees what needs a moderator. Reports wait in { $easel-mod-reports }.
    .fix = Choose one: { $easel-admin-settings } `log_channel`.
doctor-no-automod = I can't read this server's AutoMod rules, so they don't apply to prompts.
    .fix = If they should, give my role Manage Server in Server Settings → Roles.
doctor-automod-gaps =
    { $gaps ->
        [one] One part of this server's AutoMod rules can't be applied to prompts.
       *[other] { $gaps } parts of this server's AutoMod rules can't be applied to prompts.
    }
    .fix = { $easel-mod-automod-status } names them.
doctor-language = I don't speak this server's language, so messages that everyone sees are in English.
    .fix = Choose another: { $easel-admin-settings } `language`.

## Privacy: what Easel knows about a member.

privacy-read-me =
    This is what Easel knows about you, from all servers.

    `data/`      one JSON file for each kind of record: your orders with their prompts, presets, preferences,
                 favourites, gifts, reports, and what moderators decided about you. Times are milliseconds since
                 1970 (UTC), amounts are thousandths of a credit. Ids of servers, channels and messages are
                 Discord's. Notes that moderators keep for themselves are left out, and so are other people's ids,
                 except those that you know: people you gave credits to, and people who gave you some.
    `ledger.csv` every change to your credits and who made it, as in `/statement`.
    `files/`     your results and attached files that are still kept, named after their job.

    If there are several ZIP files, unpack all of them into one folder. `NOT-INCLUDED.txt` lists files that were too
    large; get those with /history.

    `/privacy delete` erases your data after 7 days.
privacy-export =
    { $count ->
        [one] Everything that I know about you is in this file. Open `README.txt` in it first.
       *[other] Everything that I know about you, part { $number } of { $count }. Open `README.txt` in the first part first.
    }
privacy-export-left-out =
    { $count ->
        [one] One file was too large for this and is listed in `NOT-INCLUDED.txt`; /history has it.
       *[other] { $count } files were too large for this and are listed in `NOT-INCLUDED.txt`; /history has them.
    }
privacy-no-files = I'm not allowed to attach files here. Use /privacy export in another channel, or in a direct message to me.
privacy-ask =
    Erase your data? Nothing happens before { $when }, { $days } days from now, and until then you can change your mind. Then I permanently erase, in all servers:
    • your prompts, results and attached files, presets, preferences, favourites and history
    • your credits: they go back into each server's pool, including those that someone paid for
    • what others could make from your results
    What stays:
    • what was spent, in the servers' ledgers, under a random number that can't be traced to you
    • with your id: a block or limit that moderators have set for you, and which one-time and monthly allowances you have had, so that nobody gets them twice
    • messages in Discord: delete those first with *More → Delete*, since I won't recognise them afterwards
    If one of your jobs is still running then, I'll wait for it to end. If you use me again later, you start as a new member. `/privacy export` gives you a copy first.
privacy-erase-button = Erase in { $days } days
privacy-keep-button = Keep my data
privacy-asked = Your data will be erased on { $when }. Until then everything works as before. If you change your mind, press the button or use `/privacy keep`.
privacy-kept = Your data stays. Nothing was erased.
privacy-not-asked = Your data stays; you have not asked me to erase it.
privacy-too-late = Your data is being erased right now, so it is too late to undo this.

## Lengths of time, lists and names, as they stand in other texts. `$n` may be a range: `8–12`.

seconds = { $n } s
minutes = { $n } min
hours = { $n } h
hours-minutes = { $hours } h { $minutes } min
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
thing-job =
    { $name ->
        [none] such job
       *[other] job { $name }
    }
thing-parent = job that { $name } was made from
thing-picture = picture { $name }
thing-video = video { $name }
thing-sound = sound { $name }
thing-result = result { $name }
thing-file = file { $name }
thing-preset = preset { $name }
thing-server = server { $name }
thing-prediction = such run
thing-hold = such hold
thing-none = such thing
permission-view-channel = View Channel
permission-send-messages = Send Messages
permission-embed-links = Embed Links
permission-attach-files = Attach Files

## Errors. Each: what happened, and `.advice`: what to do. The money and the job's id are said by the sentences below.

error-said = { $happened } { $money } { $advice }
settings-error = The bot is set up wrongly ({ $name }).
    .advice = The operator has to correct it.
refused = That cannot be done.
    .advice = Change it and try again.
invalid-order = { $model }: { $option } { $problem }.
    .advice = Choose another value and try again.
unknown-model = There is no model { $model }.
    .advice = Choose one from the list that appears while you type, or see /models.
model-disabled = { $model } cannot be used: { $problem }.
    .advice = Choose another model; /models lists them.
no-model = No model for { $task } can be used here.
    .advice = Ask a moderator to allow one; /models lists them.
unpriced = { $model } has no list price for { $combination }, and prices are never guessed.
    .advice = Priced: { $priced }.
unusable-file = { $name } { $problem }.
    .advice = Send another file.
not-allowed =
    { $model ->
        [none] You may not do this here (rule: { $rule }).
       *[other] **{ $model }** is not enabled for you here (rule: { $rule }).
    }
    .advice =
        { $model ->
            [none] Ask a moderator if you think you should.
           *[other] /models lists what you can use here; /why tells who could change that.
        }
rule-cheap = its cheapest order costs { $cheapest } credits, and models up to { $limit } are on
rule-costly = its cheapest order costs { $cheapest } credits; without a moderator's word only models up to { $limit } are on
rule-video = video models are off until a moderator allows one
rule-denied-by-guild = a moderator switched it off
rule-allowed-by-guild = a moderator switched it on
rule-not-yours = only whoever ordered it, or a moderator
    .advice = Ask one of them.
rule-orderer-only = only whoever ordered it
    .advice = Order it again for yourself: its recipe is open to you.
rule-operators-only = only the bot's operators
    .advice = If you run this bot, put your user id into OPERATOR_IDS.
rule-manage-server = only with Manage Server
    .advice = Ask somebody who manages this server.
rule-manage-messages = only with Manage Messages
    .advice = Ask a moderator.
rule-servers-only = only in a server
    .advice = Use the command in a server that I am in.
reason-takes = takes { $takes }
reason-takes-range = takes { $takes }
reason-takes-at-most = takes at most { $takes }
reason-takes-at-least = takes at least { $takes }
reason-takes-number = takes a number
reason-takes-integer = takes a whole number
reason-takes-boolean = takes true or false
reason-takes-string = takes text
reason-takes-uri = takes a link (https:// or data:)
reason-takes-uris = takes a list of links (https:// or data:)
reason-takes-colour = takes transparent or a colour such as #ffffff
reason-takes-files = takes at most { $takes } files
reason-seed = takes { $takes } or more; leave it out for a random one
reason-task = is { $has }, but this model does { $takes }
reason-unknown-input = is no input of this model; it takes { $takes }
reason-not-taken = is not taken by this model; it takes { $takes }
reason-not-taken-at-all = is not taken by this model
reason-no-place = is not taken; this model takes { $takes }
reason-no-files = is not taken; this model takes no files
reason-too-many = is one file too many
reason-fixed = cannot be chosen: it is always { $takes }
reason-needed = is needed
reason-needed-or = is needed (or { $takes })
reason-needed-for = is needed for { $takes }
reason-needs = means something only together with { $takes }
reason-unless = is ignored by this model when { $takes } is given
reason-exactly-one = takes exactly one of { $takes }
reason-together = goes only with { $takes }
reason-secret = is a secret: set { $takes } instead
reason-count-twice = is { $has }, but the count is { $takes }: give one of them
reason-twice = was given twice
reason-unreadable = is “{ $has }”, which is no { $takes }
reason-file-kind = is { $has }, but the model takes { $takes } here
reason-file-ending = is .{ $has }, but the model takes { $takes }
reason-file-bytes = is { $has } bytes, but the model takes at most { $takes }
reason-file-pixels = is { $has } pixels, but the model takes at most { $takes } in all
reason-file-side-least = is { $has } pixels, but the model takes sides of at least { $takes }
reason-file-side-most = is { $has } pixels, but the model takes sides of at most { $takes }
reason-file-length = is { $has } s long, but the model takes { $takes } s
reason-file-link = has to be attached to the command again: the model takes a link, and there is none to it any more
reason-file-opaque = has no transparent part: attach a mask as well, or say what to erase
reason-file-larger = is larger than { $takes } MB
reason-file-longer = is longer than { $takes } s
reason-file-frames = has too many frames
reason-file-megapixels = has more than { $takes } million pixels
reason-file-damaged = is cut off or damaged
reason-file-no-picture = is not a picture that can be read
reason-file-unknown = is not a kind of file that works here
reason-file-undrawable = cannot be drawn
reason-file-gone = is no longer there
reason-file-not-kept = is no longer kept
reason-file-not-fetched = cannot be fetched
reason-file-no-link = is too big for the request itself, and there is no link by which the model could fetch it
reason-empty = is empty
reason-unusable = is not usable
reason-two-sources = and { $takes } are two: give one of them
reason-model-for-task = is needed too: a model is preferred for a task
reason-too-many-kept = is one too many: { $takes } are kept
reason-too-fine = is { $has }: amounts have at most 3 decimals
reason-not-switched-on = the operator has not switched it on
reason-no-key = it needs OPENAI_API_KEY, which is not set
reason-no-longer-allowed = it is not allowed here any more
reason-stopped = the provider stopped the run
reason-made-nothing = it made nothing
reason-gave-no-reason = the provider gave no reason
missing-permission = I may not post the result here: I lack the permission { $permission }.
    .advice = A moderator can give it to me, or try another channel.
insufficient-credit =
    { $held ->
        [none] This needs **{ $needed } credits**; you have **{ $available }**.
       *[other] This needs **{ $needed } credits**; you have **{ $available }** ({ $held } more held by running jobs).
    }
    .advice = Choose a cheaper model or a shorter or smaller result, or ask a moderator for credits.
too-late = Discord was too slow: your command reached me when its 3 seconds were over.
    .advice = Send it again.
not-found = There is no { $what } here.
    .advice = Check it and try again.
record-gone = The record of this result is gone, or is not yours to see.
    .advice = The recipe in its message is still good for a new order.
not-ours = This message is no result of mine.
    .advice = Open the menu on a result that I posted.
no-picture = This message shows no picture that I can use.
    .advice = Open the menu on a message with a PNG, JPEG or WebP picture.
files-removed = The files of this result were removed after { $days } days.
    .advice = Its recipe is kept: order it again.
ledger-error = The books refused this.
    .advice = Ask the operator to look into it.
key-conflict = This was booked already, with other content.
    .advice = Look at /balance before you try again.
already-resolved = This was settled already.
    .advice = Look at /balance before you try again.
storage-error = My memory is not available at the moment.
    .advice = Try again in a few minutes.
run-failed = The run failed.
    .advice = Try again, or choose another model.
content-filtered = The model's safety filter refused this prompt or picture.
    .advice = Rephrase it and try again; retrying unchanged rarely helps.
model-failed =
    { $detail ->
        [none] The model failed while working.
       *[other] The model failed while working (its message: *{ $detail }*).
    }
    .advice = Try again, or choose another model or a smaller result.
input-rejected =
    { $detail ->
        [none] The model refused its inputs.
       *[other] The model refused its inputs (its message: *{ $detail }*).
    }
    .advice = Change them and try again.
provider-busy = The service that runs the models is too busy.
    .advice = Try again in a few minutes.
provider-down = The service that runs the models cannot be reached.
    .advice = Try again later.
provider-out-of-funds = Generation is paused by the bot's operator.
    .advice = Try again later.
provider-unauthorized = Generation is paused by the bot's operator.
    .advice = Try again later.
model-unavailable = The service does not offer this model any more.
    .advice = Choose another model.
outcome-unknown = I lost the connection while I ordered this and cannot tell whether it ran, so I do not order it twice.
    .advice = Try again if you still want it.
run-lost = The service does not know this run any more.
    .advice = Try again if you still want it.
result-expired = The result was ready, but its files were gone before I could fetch them.
    .advice = Try again.
result-unusable = The model's result cannot be used.
    .advice = Try again, or choose another model.
deadline-passed = No result after { $waited }, so I stopped waiting.
    .advice = Try again later, or choose a faster model.
cancelled-by-member = It was stopped on request.
    .advice = Order it again whenever you like.
internal-error = Something broke on my side ({ $reference }).
    .advice = Try again; the operator can look it up by that reference.

## Money, said after each error.

nothing-charged = Nothing was charged.
released = Nothing was charged; { $amount } credits released.

## Before an order: what it costs, and whether it is wanted.

confirm = { $model } costs **{ $amount } credits** (you have { $available }).
confirm-at-most = { $model } costs at most **{ $amount } credits** (you have { $available }).
confirm-terms = Nothing is held before you press Start. Not charged if it fails.
start-button = Start
cheaper-button = Cheaper: { $model }, { $amount } cr
short-fits = These take the same order and fit what you have:
confirm-dropped = Not ordered; nothing was held or charged.
confirm-over = This offer is over: prices hold for 15 minutes. Order it again whenever you like; nothing was charged.
confirm-started = Started: job { $id }.
confirm-started-before = Too late: it has been started. /jobs shows it, and can cancel it.
confirm-price-changed = The price has changed since it was shown to you.
quote = { $model } would cost **{ $amount } credits**. Nothing was ordered.
quote-at-most = { $model } would cost at most **{ $amount } credits**. Nothing was ordered.
quote-allowed = ✅ You may use it here.
quote-denied = ⛔ It is not enabled for you here: /why says which rule it is, /models lists what is enabled.
quote-fits = ✅ You have { $available } credits.
quote-short = ⛔ You have only { $available } credits.
quote-cheaper = Takes the same order for less: { $model }, { $amount } credits

## What members prefer, their presets, their history.

prefs-head = What holds for your orders here, where you leave it open:
prefs-aspect =
    { $aspect ->
        [none] Aspect: each model's own
       *[other] Aspect: { $aspect }, where the model can do it
    }
prefs-visibility =
    { $visibility ->
        [private] Visibility: only you
        [dm] Visibility: only you; by direct message if it takes long
        [channel] Visibility: everyone in the channel
       *[none] Visibility: as each command says
    }
prefs-language =
    { $chosen ->
        [own] Language: English
       *[discords] Language: English, as in your Discord
    }
prefs-ping =
    { $ping ->
        [never] Ping when a result is ready: never
        [always] Ping when a result is ready: always
       *[long] Ping when a result is ready: where it took more than a minute
    }
prefs-confirm =
    { $by ->
        [own] I ask first when an order costs more than { $amount } credits
        [guild] I ask first when an order costs more than { $amount } credits (this server's setting)
       *[default] I ask first when an order costs more than { $amount } credits, as everywhere
    }
prefs-model = Model for { $task }: { $model }
styles-head = Presets, for the option "preset" of /imagine:
styles-none = No presets here yet. /style save makes one.
style-line =
    { $owner ->
        [guild] **{ $name }** (the server's): { $template }
       *[own] **{ $name }**: { $template }
    }
style-saved = Saved: { $preset }
style-deleted = Deleted: { $name }
history-head =
    { $count ->
        [one] One job, page { $page } of { $pages }
       *[other] { $count } jobs, page { $page } of { $pages }
    }
history-none = Nothing of yours matches.
favourites-none = No favourite of yours matches. More → ☆ Favourite, under a result, makes it one.
history-line = **{ $id }** · { $state } · { $model } · { $when } · { $prompt }

## What a server's managers set.

settings-head = What holds in this server:
settings-confirm =
    { $by ->
        [guild] Members are asked first when an order costs more than { $amount } credits, unless they set that themselves
       *[default] Members are asked first when an order costs more than { $amount } credits, as everywhere, unless they set that themselves
    }
settings-language =
    { $language ->
        [en] What everybody sees is in English
        [zh-CN] What everybody sees is in Simplified Chinese
       *[none] What everybody sees is in this server's language, as Discord knows it
    }

## A job's card.

imagining = Imagining with { $model }
editing = Editing with { $model }
erasing = Erasing with { $model }
repainting = Repainting with { $model }
removing-background = Removing the background with { $model }
upscaling = Upscaling with { $model }
vectorizing = Vectorizing with { $model }
drawing-svg = Drawing a vector picture with { $model }
rendering-video = Rendering a video with { $model }
making-music = Making music with { $model }
syncing-lips = Syncing lips with { $model }
held = { $amount } credits held
at-most-held = at most { $amount } credits held
queued = Waiting, queue { $position } of { $all }
waiting = Waiting for its turn
starting = Sent to the model
busy = The service is busy; this starts by itself, and nothing is charged yet
running = The model is working
step = step { $step }/{ $steps }
some-ready = { $ready } of { $all } ready
collecting = Fetching the result
posting = Posting the result
stopping = Asked the service to stop. If it already rendered, you get the result and pay for it; otherwise the credits are released.
usually = usually { $range }
guessed = about { $duration } (a first estimate)
expected = usually { $range }; 9 of 10 are ready { $when }
expected-guess = ready about { $when } (a first estimate)
overrun = ⏳ slower than 9 of 10 runs; I stop waiting { $when }, and then you are not charged
overrun-guess = taking longer than estimated; I stop waiting { $when }, and then you are not charged
cold-start = Starting (a cold start: up to { $duration } before the model works is normal)
cold-start-unseen = Starting, more slowly than ever seen here (a cold start)
can-leave =
    { $ping ->
        [always] You can leave: I ping you here when it is done.
       *[long] You can leave: if it takes more than a minute, I ping you here.
    }
private-late = If this takes longer than 12 minutes, this private message can no longer change: the result then waits for you in /jobs.
dm-late = If this takes longer than 12 minutes, the result comes as a direct message.
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
price = { $amount } credits (balance { $balance })
partly-filtered = { $good } of { $all } pictures delivered; { $missing } withheld by the model's filter. Charged { $charged } of { $quoted } credits.
partly-failed = { $good } of { $all } pictures delivered; { $missing } failed. Charged { $charged } of { $quoted } credits.
too-large = { $name } ({ $size }) is too large for this place, and no smaller copy could be made. Press /jobs in a place with a higher limit.
no-longer-kept = { $name } ({ $size }) is no longer kept, so I cannot show it. Whoever runs this bot can say why: tell them this job's id.

## Files, and what they say to those who cannot see them.

smaller-copy = Shown smaller than it is ({ $size }).
too-large-for-place = { $name } ({ $size }) is too large for this place.
get-original =
    { $days ->
        [one] [Get original]({ $link }) within a day.
       *[other] [Get original]({ $link }) within { $days } days.
    }
get-original-soon = [Get original]({ $link }) within the hour.
alt = AI-generated: { $what } ({ $model })
alt-of = AI-generated: picture { $number } of { $all }, { $what } ({ $model })
alt-plain = AI-generated with { $model }
alt-cut-out = { $file } without its background
alt-enlarged = { $file }, enlarged
alt-drawn = { $file } as a vector drawing
alt-made = made from { $file }

## What members are told beside the card when a job has ended.

made =
    { $kind ->
        [video] your video is ready
        [audio] your music is ready
        [drawing] your drawing is ready
       *[image]
            { $count ->
                [one] your picture is ready
               *[other] your { $count } pictures are ready
            }
    }
ping-ready = { $member } { $made }.
ping-failed = { $member } job { $id } has ended without a result. Nothing was charged.
letter-ready = { $made }.
letter-kept = I could not post it there: /jobs shows it to you.

## Buttons and what they answer.

cancel-button = Cancel
notify-button = Notify me by DM
notify-on = I write to you when job { $id } is ready. Press the button again to take that back.
notify-off = I do not write to you about job { $id } after all. Press the button again if you want it.
notify-too-late = Too late: this job has already ended.
show-button = Show { $id }
cancelled-before = Cancelled, { $amount } credits released.
cancel-asked = Asked the service to stop. If it already rendered, you get the result and pay for it; otherwise the held credits are released within a few minutes.
cancel-too-late = Too late: this job has already ended.
old-button = This button belongs to a record that is gone. /jobs lists your jobs.
offer =
    { $count ->
        [one] One result of yours is ready, but I could not post it.
       *[other] { $count } results of yours are ready, but I could not post them.
    }
started-below = Started: job { $id } is below.
content-blocked = Your result of job { $id } is ready, but this server's rules did not let me post it. It is kept for you: /jobs shows it privately.

## Commands.

balance = **{ $available } credits** available, { $held } held by running jobs, { $spent } spent so far.
balance-in = **{ $guild }**: { $available } credits, { $held } held
balance-none = You have no credits in any server yet.
entry-in = + { $amount } · { $reason } · { $when }
entry-out = − { $amount } · { $reason } · { $when }
entry-returned = returned by a job
jobs-none = You have no jobs here yet. Try /imagine.
jobs-more = Older ones: /jobs page:{ $next }. /history searches your prompts.
jobs-no-page = You have fewer jobs than that: there is no page { $page }.
job-line = **{ $id }** · { $state } · { $model } · { $amount } credits · { $when }
state-accepted = accepted
state-waiting = waiting
state-running = running
state-collecting = fetching
state-delivering = posting
state-done = done
state-failed = failed
state-cancelled = cancelled
state-expired = no result in time
state-orphaned = outcome unknown
state-undelivered = ready, not shown yet
models-head = Models for { $task }, cheapest first. 🔒: not enabled for you here.
model-line = { $model } · from { $price } credits · about { $duration }
model-line-learned = { $model } · from { $price } credits · usually { $range }
models-none = No model matches.
choice = { $model } · { $price } cr · ~{ $duration }
choice-from = { $model } · from { $price } cr · ~{ $duration }
choice-from-learned = { $model } · from { $price } cr · { $range }
choice-job = { $id } · { $title }
choice-learned = { $model } · { $price } cr · { $range }
choice-seconds-price = { $seconds } seconds · { $price } cr
choice-seconds = { $seconds } seconds
topped-up = { $amount } credits added to { $guild }'s pool, which now has { $pool }.
granted = { $amount } credits given to { $member } ({ $balance } now). The pool has { $pool } left.
revoked = { $amount } credits taken back from { $member } ({ $balance } now). The pool has { $pool }.
pool-short = The pool has only { $available } credits, so nothing was moved. The bot's operator can add more with /easel-ops topup.
member-short =
    { $held ->
        [none] { $member } has only { $available } credits, so nothing was moved.
       *[other] { $member } has only { $available } credits ({ $held } more held by running jobs), so nothing was moved.
    }
allowed = **{ $model }** is allowed here now.
allowed-but-off = **{ $model }** is allowed here now, but the bot's operator keeps it switched off.
denied = **{ $model }** is no longer allowed here.
allow-list-empty = No model is allowed here.
reload-commands = Discord still has an older form of this command. Restart Discord (Ctrl+R) and try again.
and-more = and { $count } more

## From a result to the next.

from-reroll = Rerolled from job { $id }
from-again = Job { $id } run again
from-edit = Edited from job { $id }
from-upscale = Upscaled from job { $id }
from-animate = Animated from job { $id }
from-removebg = Background removed from job { $id }
from-lipsync = Made to speak, from job { $id }
step-price = { $amount } credits
step-at-most = at most { $amount } credits
step-reroll = Reroll · { $price }
step-again = Run again · { $price }
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
modal-edit-label = What it should show, or what to change
modal-animate = Animate the picture
modal-animate-label = What happens in the video
modal-lipsync = Let the video speak
modal-lipsync-label = What is said
modal-lipsync-voice = Who says it
modal-lipsync-hint = These are some of the voices: /lipsync has them all, and takes a sound as well.
price-rose = This costs { $now } credits now, not { $before }. Nothing was ordered.
text-back = Your text, so that it is not lost:
counted-once = That was counted once: job { $id }.
more-button = More
more-head = Job { $id }
recipe-button = Recipe
command-button = Copy command
favourite-button = Favourite
dm-button = Send to DM
original-button = Get original
delete-button = Delete
files-of = The files of job { $id }, as they were made.
dm-sent = Sent to you by direct message.
dm-closed = I may not send you direct messages. Allow them from members of this server, and try again.
dm-unclear = Discord did not answer: look into your direct messages before you try again.
deleted = The message of job { $id } was deleted. Its recipe is kept.
recipe-head = Recipe of job { $id } ({ $task })
recipe-model =
    { $version ->
        [none] **model**: { $model }
       *[other] **model**: { $model }, version `{ $version }`
    }
recipe-parent = **made from**: job { $id }
recipe-input =
    { $sha256 ->
        [none] **{ $slot }**: { $name }
       *[other] **{ $slot }**: { $name } (SHA-256 `{ $sha256 }…`)
    }
diff-head = Job { $left } → job { $right }
diff-none = Jobs { $left } and { $right } have the same recipe.
diff-absent = not said

## /why: whether somebody may run something, and which rule says so.

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
why-model = The operator has it switched on; its cheapest order costs { $cheapest } credits.
why-policy = It is allowed in this server: { $rule }.
why-place = I may post results in { $channel }.
why-no-model = { $model } cannot be used: { $problem }.
    .advice = Only the bot's operator can switch it on; /models lists the others.
why-no-policy = It is not allowed in this server: { $rule }.
    .advice = A moderator can allow it: `/easel-mod allow add model:{ $id }`
why-no-place = I lack the permission { $permission } in { $channel }, so I could not show a result there.
    .advice = Whoever manages { $channel } can give it to me in its settings.
why-credits =
    { $held ->
        [none] It needs { $needed } credits; { $available } are available.
       *[other] It needs { $needed } credits; { $available } are available ({ $held } more held by running jobs).
    }
why-no-credits =
    { $held ->
        [none] It needs at least { $needed } credits, but only { $available } are available.
       *[other] It needs at least { $needed } credits, but only { $available } are available ({ $held } more held by running jobs).
    }
    .advice = An admin can give some: `/easel-admin credits grant`
why-asks = I ask first, since even its cheapest order costs more than { $threshold } credits. /prefs sets that limit.
why-starts = I ask first only above { $threshold } credits; its cheapest order costs no more. /prefs sets that limit.
why-waits = It would wait for its turn and then start by itself: { $running } of { $most } jobs run already.
why-runs = It would start at once: { $running } of { $most } jobs run.

## /help: what a newcomer has to know.

help-welcome = **Easel** makes pictures, videos and music from your words, and changes pictures that you have.
help-steps = **To begin**
    1. Type { $imagine } and say what you would like to see, for example: a lighthouse in fog.
    2. Go on from the result with the buttons below it: again, edit, upscale, animate.
    3. See what you have left with { $balance }, and what something would cost with { $quote }.
help-in-a-server = **Where**
    Order in a server that I am in: each server has its own credits and rules. Here I tell you what you have and what you ordered.
help-own-credits = **Credits**
    { $some ->
        [none] You have no credits here yet. Whoever manages this server hands them out: ask them.
       *[some] You have { $available } credits here. Whoever manages this server hands them out.
    }
help-price = A picture costs { $price } credits, if you choose no other model.
help-failure = **If something goes wrong**
    You pay only for results that you get: what fails or is refused costs nothing. { $jobs } shows what became of your orders, and { $why } whether you may run something here.
help-more = **More**
    { $help } with a topic tells more: pictures, editing, video, sound, credits, results, moderators.
help-admins = **You manage this server**
    1. Give members credits out of the server's pool with { $grant }. It has { $pool } now; the bot's operator fills it.
    2. Cheap models are on from the start; allow dearer ones and video with { $allow }. { $list } shows what is on.
help-line = { $command } { $what }
help-pictures = **Pictures from words**
help-editing = **Changing pictures.** Attach one, name an earlier result, or right-click any picture in the server and choose *Apps*.
help-video = **Videos.** They take minutes and cost more than pictures: /quote says how much, and I ask first when an order is dear.
help-sound = **Music and speech**
help-credits = **Credits** are what orders cost. The price is set aside when you order, taken when the result is there, and given back when it fails.
help-results = **Your results.** The buttons below each go on from it, also long afterwards.
help-moderators = **For moderators and whoever manages the server.** Discord shows these commands only to them.
help-to-imagine = makes pictures from your words
help-to-svg = draws a vector picture, which can be enlarged at will
help-to-models = lists the models with their prices, and which of them you may use
help-to-style-list = shows the presets that you can use with /imagine
help-to-style-save = keeps words that you use often as a preset
help-to-style-delete = deletes a preset
help-to-edit = changes a picture as you say, or joins up to three
help-to-erase = removes things from a picture, or paints something in their place
help-to-removebg = cuts out what a picture shows
help-to-upscale = enlarges a picture
help-to-vectorize = turns a picture into a vector drawing
help-to-video = makes a video from words, a picture or another video
help-to-music = makes a short piece of music
help-to-lipsync = lets a face in a video speak your words or a recording
help-to-balance = shows what you have, what running jobs hold, and what you spent
help-to-quote = tells what an order would cost and how long it would take
help-to-why = tells whether you may run something, and if not, which rule says so
help-to-jobs = lists your orders: cancel those that run, see those that could not be posted
help-to-history = searches your earlier prompts
help-to-recipe-show = shows how a result was made
help-to-recipe-run = orders it again by its recipe
help-to-recipe-diff = compares two results' recipes
help-to-prefs = sets your usual model, shape, visibility and language, and from which price I ask first
help-to-easel-admin-settings = shows and changes what holds for everybody in the server
help-to-easel-admin-credits-grant = gives a member credits out of the server's pool
help-to-easel-admin-credits-revoke = puts a member's credits back into the pool
help-to-easel-mod-allow-list = shows the models that members may use
help-to-easel-mod-allow-add = lets members use a model
help-to-easel-mod-allow-remove = keeps members from using a model

-- Indexes for questions that are asked all the time. Without them, each reads jobs that ended long ago.

-- A guild's line and its running jobs. SQLite uses it only if a query repeats the condition (job_rows.IN_PROGRESS).
CREATE INDEX job_live_in_guild ON job (guild, state, member)
    WHERE state IN ('accepted', 'waiting', 'running', 'collecting', 'delivering');

-- Asked after every command.
CREATE INDEX job_undelivered ON job (guild, member, created_ms, id) WHERE state = 'undelivered';

CREATE INDEX job_cancelling ON job (cancel_asked_ms) WHERE state = 'running' AND cancel_asked_ms IS NOT NULL;
CREATE INDEX prediction_unsent ON prediction (job) WHERE state IN ('intended', 'submitting');

-- Cards of ended jobs that could not be edited, for the look at them at each start.
CREATE INDEX job_kept_card ON job (visibility, id)
    WHERE visibility = 'channel' AND message > 0 AND notice <> 'due' AND (notice = 'kept' OR shown_rung = 'kept');

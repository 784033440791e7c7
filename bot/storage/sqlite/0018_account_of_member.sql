-- /balance and /jobs in a direct message look for one member's accounts in all guilds.
CREATE INDEX account_of_member ON account (owner) WHERE kind = 'member';

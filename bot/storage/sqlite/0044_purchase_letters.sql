-- Whether the buyer was told by direct message what became of a purchase. 'closed': their direct messages are, so /balance
-- tells them. Purchases of before are not told.
ALTER TABLE purchase ADD COLUMN letter TEXT NOT NULL DEFAULT 'none' CHECK (letter IN ('none', 'due', 'sent', 'closed'));

CREATE INDEX purchase_letter_due ON purchase (entitlement) WHERE letter = 'due';
CREATE INDEX purchase_letter_closed ON purchase (buyer, guild) WHERE letter = 'closed';

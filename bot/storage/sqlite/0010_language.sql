-- The language that somebody chose, as a locale of Discord's (`en`, `zh-CN`). NULL is "as Discord says". Member 0 is the
-- guild itself: what everybody sees there speaks its language.
ALTER TABLE preference ADD COLUMN language TEXT;

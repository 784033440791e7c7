BEGIN TRANSACTION;
CREATE TABLE account (
    id        INTEGER PRIMARY KEY,
    guild     INTEGER NOT NULL CHECK (guild > 0),
    kind      TEXT    NOT NULL CHECK (kind IN ('mint', 'pool', 'member', 'spent')),
    owner     INTEGER NOT NULL,
    available INTEGER NOT NULL DEFAULT 0,
    held      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (guild, kind, owner),
    CHECK (CASE kind WHEN 'member' THEN owner > 0 WHEN 'spent' THEN owner >= 0 ELSE owner = 0 END),
    CHECK (CASE kind WHEN 'mint' THEN available <= 0 ELSE available >= 0 END),
    CHECK (CASE WHEN kind IN ('pool', 'member') THEN held >= 0 ELSE held = 0 END)
) STRICT;
INSERT INTO "account" VALUES(1,1001,'mint',0,-5000000,0);
INSERT INTO "account" VALUES(2,1001,'pool',0,4086250,0);
INSERT INTO "account" VALUES(3,1001,'member',2002,600000,0);
INSERT INTO "account" VALUES(4,1001,'spent',2002,300000,0);
INSERT INTO "account" VALUES(5,1001,'spent',0,13750,0);
CREATE TABLE identity (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "identity" VALUES('application','1');
INSERT INTO "identity" VALUES('provider','http://127.0.0.1:1');
CREATE TABLE migration (
    number     INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL,
    applied_ms INTEGER NOT NULL
) STRICT
;
INSERT INTO "migration" VALUES(0,'identity','fe956b0742d6daaf14ae14d54c9a20db3b4f114e3eb1e6b430657fda58bbfab9',1795461526330);
INSERT INTO "migration" VALUES(1,'ledger','f858f9cb65bc2bb6ca171fc5493e12461229c4409a6cb32119a3ee6a94c3009d',1795461526333);
CREATE TABLE transfer (
    id          INTEGER PRIMARY KEY,
    key         TEXT    NOT NULL UNIQUE CHECK (length(key) > 0),
    kind        TEXT    NOT NULL CHECK (kind IN ('direct', 'pending', 'post', 'void')),
    pending_id  INTEGER UNIQUE REFERENCES transfer (id),
    guild       INTEGER NOT NULL CHECK (guild > 0),
    debit       INTEGER NOT NULL REFERENCES account (id),
    credit      INTEGER NOT NULL REFERENCES account (id),
    amount      INTEGER NOT NULL CHECK (amount > 0),
    fingerprint TEXT    NOT NULL,
    actor       INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    job         TEXT,
    at_ms       INTEGER NOT NULL,
    CHECK (debit <> credit),
    CHECK ((pending_id IS NOT NULL) = (kind IN ('post', 'void')))
) STRICT;
INSERT INTO "transfer" VALUES(1,'new:1001','direct',NULL,1001,1,2,5000000,'9326835bc49104320f330b6b8b94d0a1',3003,'a new guild',NULL,1790000000000);
INSERT INTO "transfer" VALUES(2,'i:1','direct',NULL,1001,2,3,1000000,'a470896bde6d006908d751579ca36d2c',3003,'welcome',NULL,1790000000000);
INSERT INTO "transfer" VALUES(3,'i:2','pending',NULL,1001,3,4,75000,'e388e2dd1b7194e5d8193336982d1f1e',2002,'','a',1790000030000);
INSERT INTO "transfer" VALUES(4,'cap:a','post',3,1001,3,4,75000,'58de8d832740bdbe13043801eba4ef5b',0,'','a',1790000060000);
INSERT INTO "transfer" VALUES(5,'i:3','pending',NULL,1001,3,4,300000,'16e58d74a70827238568b76d394251fe',2002,'','b',1790000030000);
INSERT INTO "transfer" VALUES(6,'cap:b','post',5,1001,3,4,225000,'e29a149489a54125cd2ab2d1123e1616',0,'','b',1790000060000);
INSERT INTO "transfer" VALUES(7,'i:4','pending',NULL,1001,3,4,75000,'457d5c3904e6d0748fbf43ef798118d2',2002,'','c',1790000030000);
INSERT INTO "transfer" VALUES(8,'rel:c','void',7,1001,3,4,75000,'293fa8acc0e95db4385fda1f5a0d9b22',0,'','c',1790000060000);
INSERT INTO "transfer" VALUES(9,'i:5','direct',NULL,1001,3,2,100000,'28dd27de7ea80d5c4f24e387e840f1a7',3003,'too much',NULL,1790000000000);
INSERT INTO "transfer" VALUES(10,'i:6','pending',NULL,1001,2,5,13750,'dbefbf68a88c1b668cda722c5ca243ba',2002,'','d',1790000030000);
INSERT INTO "transfer" VALUES(11,'cap:d','post',10,1001,2,5,13750,'92efd72abe522daac6777cdb8734d312',0,'','d',1790000060000);
CREATE TRIGGER account_is_never_deleted BEFORE DELETE ON account
BEGIN
    SELECT RAISE(ABORT, 'accounts are never deleted');
END;
CREATE TRIGGER account_keeps_its_owner BEFORE UPDATE OF id, guild, kind, owner ON account
BEGIN
    SELECT RAISE(ABORT, 'only the balances of an account change');
END;
CREATE INDEX transfer_by_debit ON transfer (debit);
CREATE INDEX transfer_by_credit ON transfer (credit);
CREATE TRIGGER transfer_never_changes BEFORE UPDATE ON transfer
BEGIN
    SELECT RAISE(ABORT, 'transfers never change');
END;
CREATE TRIGGER transfer_is_never_deleted BEFORE DELETE ON transfer
BEGIN
    SELECT RAISE(ABORT, 'transfers are never deleted');
END;
CREATE VIEW entry (transfer, account, available, held) AS
    SELECT id, debit, -amount, 0 FROM transfer WHERE kind = 'direct'
    UNION ALL
    SELECT id, debit, -amount, amount FROM transfer WHERE kind = 'pending'
    UNION ALL
    SELECT ended.id, ended.debit, pending.amount - ended.amount, -pending.amount
    FROM transfer AS ended JOIN transfer AS pending ON pending.id = ended.pending_id
    WHERE ended.kind = 'post'
    UNION ALL
    SELECT id, debit, amount, -amount FROM transfer WHERE kind = 'void'
    UNION ALL
    SELECT id, credit, amount, 0 FROM transfer WHERE kind IN ('direct', 'post');
COMMIT;

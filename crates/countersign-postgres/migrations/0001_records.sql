-- Records of countersign: opaque, at most 512 bytes, without phone numbers or codes.
CREATE SEQUENCE IF NOT EXISTS countersign_revisions AS bigint;

CREATE TABLE IF NOT EXISTS countersign_records (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    -- Drawn from countersign_revisions, so that a revision never recurs, not even after a record is
    -- deleted and created again.
    revision bigint NOT NULL,
    record bytea NOT NULL CHECK (octet_length(record) BETWEEN 1 AND 512),
    -- The record expires at this time, whether or not the row has been swept.
    keep_until timestamptz NOT NULL,
    -- Rows are swept on a later day. Only this column is indexed: it rarely changes, whereas
    -- keep_until changes with every write, so writes update no index.
    last_day date GENERATED ALWAYS AS ((keep_until AT TIME ZONE 'UTC')::date) STORED
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS countersign_records_last_day ON countersign_records (last_day);

-- The records of countersign: opaque, at most 512 bytes, without telephone numbers and codes.
CREATE SEQUENCE IF NOT EXISTS countersign_revisions AS bigint;

CREATE TABLE IF NOT EXISTS countersign_records (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    -- Of countersign_revisions, so that it never comes again, not even after a record was dropped and made anew.
    revision bigint NOT NULL,
    record bytea NOT NULL CHECK (octet_length(record) BETWEEN 1 AND 512),
    -- From then on there is no record, whether it is swept or not.
    keep_until timestamptz NOT NULL,
    -- Swept on a later day. It changes seldom while the end moves with every write, so that writes touch no index.
    last_day date GENERATED ALWAYS AS ((keep_until AT TIME ZONE 'UTC')::date) STORED
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS countersign_records_last_day ON countersign_records (last_day);

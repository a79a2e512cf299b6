-- The server's own state, besides the verifier's records: JSON under keys that contain neither
-- phone numbers nor email
-- addresses.
CREATE SEQUENCE IF NOT EXISTS countersign_document_revisions AS bigint;

CREATE TABLE IF NOT EXISTS countersign_documents (
    key text PRIMARY KEY,
    -- Drawn from countersign_document_revisions, so that a revision never recurs, not even after a
    -- document was
    -- deleted and created again.
    revision bigint NOT NULL,
    body bytea NOT NULL,
    -- The document expires at this time, whether or not the row has been swept.
    keep_until timestamptz NOT NULL
);

-- Covers only documents that expire: most are kept for ever and never swept.
CREATE INDEX IF NOT EXISTS countersign_documents_keep_until
    ON countersign_documents (keep_until) WHERE keep_until < 'infinity';

-- What the server keeps beside the verifier's records: JSON under names that hold neither numbers nor addresses.
CREATE SEQUENCE IF NOT EXISTS countersign_document_revisions AS bigint;

CREATE TABLE IF NOT EXISTS countersign_documents (
    key text PRIMARY KEY,
    -- Of countersign_document_revisions, so that it never comes again, not even after a document was removed and made anew.
    revision bigint NOT NULL,
    body bytea NOT NULL,
    -- From then on there is no document, whether it is swept or not.
    keep_until timestamptz NOT NULL
);

-- Most documents are kept for ever, and nobody sweeps them.
CREATE INDEX IF NOT EXISTS countersign_documents_keep_until
    ON countersign_documents (keep_until) WHERE keep_until < 'infinity';

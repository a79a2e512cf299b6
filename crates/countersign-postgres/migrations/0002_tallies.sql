-- Tallies of countersign's guard. They are approximate: losing them gives back allowance, no more.
-- Keys are keyed hashes, of which the last bit tells a tally from a recipient.

-- What was sent and not answered, and what was answered, as of a time.
CREATE TABLE IF NOT EXISTS countersign_tallies (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    -- In milliseconds of Unix time, as all times here.
    at bigint NOT NULL,
    unanswered double precision NOT NULL,
    answered double precision NOT NULL,
    -- Rows are swept on a later day than this one, on which they expire.
    last_day date NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS countersign_tallies_last_day ON countersign_tallies (last_day);

-- What is remembered of a recipient.
CREATE TABLE IF NOT EXISTS countersign_recipients (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    at bigint NOT NULL,
    -- 0 if it never was.
    first_verified bigint NOT NULL,
    last_verified bigint NOT NULL,
    -- Unanswered sends since the last verification.
    unanswered integer NOT NULL,
    -- Sends on the day of Unix time that `at` lies in, and on the day before.
    sends integer NOT NULL,
    sends_before integer NOT NULL,
    -- Decayed unanswered sends, and those charged to tallies by channel, in steps of 2^-18.
    outstanding integer NOT NULL,
    owed_sms integer NOT NULL,
    owed_whatsapp integer NOT NULL,
    last_day date NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS countersign_recipients_last_day ON countersign_recipients (last_day);

-- 2^(-elapsed / 24 hours), by the operations of countersign's store/tallies/decay.rs in their
-- order, so that every store rounds alike.
CREATE OR REPLACE FUNCTION countersign_decay(elapsed bigint) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    -- 2^(-n/32)
    powers CONSTANT double precision[] := ARRAY[
        1.0, 0.9785720620877001, 0.9576032806985737, 0.93708381705515,
        0.9170040432046712, 0.8973545375015536, 0.8781260801866497, 0.859309649061239,
        0.8408964152537146, 0.8228777390769825, 0.8052451659746271, 0.7879904225539432,
        0.7711054127039705, 0.7545822137967114, 0.7384130729697497, 0.7225904034885233,
        0.7071067811865475, 0.6919549409819159, 0.6771277734684464, 0.6626183215798707,
        0.6484197773255049, 0.6345254785958666, 0.620928906036742, 0.6076236799902344,
        0.5946035575013606, 0.5818624293887887, 0.5693943173783459, 0.5571933712979462,
        0.545253866332629, 0.5335702003384118, 0.522136891213707, 0.5109485743270583
    ];
    -- 1/7!, 1/6!, … 1/3!, of the Taylor series.
    f CONSTANT double precision[] := ARRAY[
        1::double precision / 5040, 1::double precision / 720, 1::double precision / 120,
        1::double precision / 24, 1::double precision / 6
    ];
    fraction double precision := (elapsed % 86400000)::double precision / 86400000 * 32;
    step integer := floor(fraction);
    x double precision := -0.6931471805599453 * ((fraction - step) / 32);
BEGIN
    RETURN 2 ^ (-(elapsed / 86400000))::double precision * powers[step + 1]
        * (((((((f[1] * x + f[2]) * x + f[3]) * x + f[4]) * x + f[5]) * x + 0.5) * x + 1) * x + 1);
END $$;

-- The day on which an entry expires that is kept for so long from now, by the clock of this server.
CREATE OR REPLACE FUNCTION countersign_last_day(millis bigint) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT ((now() + millis * interval '1 millisecond') AT TIME ZONE 'UTC')::date
$$;

-- Adds to a tally. A damaged row counts as empty, and is replaced.
CREATE OR REPLACE FUNCTION countersign_add_to_tally(
    tally bytea, call_at bigint, more_unanswered double precision, more_answered double precision
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    most CONSTANT double precision := 1e15;
    kept_for CONSTANT bigint := 864000000;
    held countersign_tallies%ROWTYPE;
    is_absent boolean;
    elapsed bigint;
    part_left double precision;
BEGIN
    LOOP
        SELECT * INTO held FROM countersign_tallies WHERE key = tally FOR NO KEY UPDATE;
        is_absent := NOT FOUND;
        -- NaN is larger than every number here.
        IF is_absent OR NOT (held.at BETWEEN 0 AND 281474976710655
            AND held.unanswered BETWEEN 0 AND most AND held.answered BETWEEN 0 AND most)
        THEN
            held.at := 0;
            held.unanswered := 0;
            held.answered := 0;
        END IF;
        elapsed := call_at - held.at;
        IF elapsed > 0 THEN
            part_left := CASE WHEN elapsed < kept_for THEN countersign_decay(elapsed) ELSE 0 END;
            held.at := call_at;
            -- PostgreSQL reports an underflow as an error.
            IF held.unanswered < 1e-200 THEN held.unanswered := 0; END IF;
            IF held.answered < 1e-200 THEN held.answered := 0; END IF;
            held.unanswered := held.unanswered * part_left;
            held.answered := held.answered * part_left;
        END IF;
        held.unanswered := least(greatest(held.unanswered + more_unanswered, 0), most);
        held.answered := least(greatest(held.answered + more_answered, 0), most);
        held.last_day := countersign_last_day(held.at + kept_for - call_at);
        IF NOT is_absent THEN
            UPDATE countersign_tallies
            SET at = held.at, unanswered = held.unanswered, answered = held.answered,
                last_day = held.last_day
            WHERE key = tally;
            RETURN;
        END IF;
        IF held.unanswered = 0 AND held.answered = 0 THEN
            RETURN;
        END IF;
        INSERT INTO countersign_tallies
        VALUES (tally, held.at, held.unanswered, held.answered, held.last_day)
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            RETURN;
        END IF;
        -- Another transaction inserted the row first: add to that one.
    END LOOP;
END $$;

-- 10 days after the last change, or 180 after the last verification.
CREATE OR REPLACE FUNCTION countersign_recipient_expires_at(at bigint, last_verified bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(at + 864000000, CASE WHEN last_verified > 0 THEN last_verified + 15552000000 END)
$$;

-- Changes the memory of a recipient. A damaged row counts as empty, and is replaced.
CREATE OR REPLACE FUNCTION countersign_change_recipient(
    recipient bytea, call_at bigint, more_sends integer, more_unanswered integer,
    more_sms integer, more_whatsapp integer, verified_since bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day CONSTANT bigint := 86400000;
    held countersign_recipients%ROWTYPE;
    is_absent boolean;
    days bigint;
    part_left double precision;
BEGIN
    LOOP
        SELECT * INTO held FROM countersign_recipients WHERE key = recipient FOR NO KEY UPDATE;
        is_absent := NOT FOUND;
        IF is_absent OR NOT (held.at BETWEEN 0 AND 281474976710655
            AND held.first_verified BETWEEN 0 AND held.last_verified
            AND held.last_verified <= held.at
            AND held.unanswered BETWEEN 0 AND 255
            AND held.sends BETWEEN 0 AND 255 AND held.sends_before BETWEEN 0 AND 255
            AND held.outstanding BETWEEN 0 AND 2097151
            AND held.owed_sms BETWEEN 0 AND 2097151 AND held.owed_whatsapp BETWEEN 0 AND 2097151)
            OR call_at > countersign_recipient_expires_at(held.at, held.last_verified)
        THEN
            held := (recipient, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL);
        END IF;
        IF call_at > held.at THEN
            days := call_at / day - held.at / day;
            IF days > 0 THEN
                held.sends_before := CASE WHEN days = 1 THEN held.sends ELSE 0 END;
                held.sends := 0;
            END IF;
            IF held.outstanding + held.owed_sms + held.owed_whatsapp > 0 THEN
                part_left := countersign_decay(call_at - held.at);
                held.outstanding := floor(held.outstanding * part_left + 0.5::double precision);
                held.owed_sms := floor(held.owed_sms * part_left + 0.5::double precision);
                held.owed_whatsapp := floor(held.owed_whatsapp * part_left + 0.5::double precision);
            END IF;
            held.at := call_at;
        END IF;
        held.sends := least(held.sends + more_sends, 255);
        held.unanswered := least(greatest(held.unanswered + more_unanswered, 0), 255);
        held.outstanding := least(greatest(held.outstanding + 262144 * more_unanswered, 0), 2097151);
        held.owed_sms := least(greatest(held.owed_sms + 262144 * more_sms, 0), 2097151);
        held.owed_whatsapp := least(greatest(held.owed_whatsapp + 262144 * more_whatsapp, 0), 2097151);
        IF verified_since IS NOT NULL THEN
            held.first_verified := CASE
                WHEN held.last_verified = 0 OR held.at - held.last_verified > 180 * day
                THEN least(verified_since, held.at)
                ELSE least(verified_since, held.at, held.first_verified)
            END;
            held.last_verified := held.at;
            held.unanswered := 0;
            held.outstanding := 0;
            held.owed_sms := 0;
            held.owed_whatsapp := 0;
        END IF;
        held.last_day := countersign_last_day(
            countersign_recipient_expires_at(held.at, held.last_verified) - call_at);
        IF NOT is_absent THEN
            UPDATE countersign_recipients
            SET at = held.at,
                first_verified = held.first_verified, last_verified = held.last_verified,
                unanswered = held.unanswered, sends = held.sends, sends_before = held.sends_before,
                outstanding = held.outstanding, owed_sms = held.owed_sms,
                owed_whatsapp = held.owed_whatsapp, last_day = held.last_day
            WHERE key = recipient;
            RETURN;
        END IF;
        IF held.last_verified + held.unanswered + held.sends + held.sends_before
            + held.outstanding + held.owed_sms + held.owed_whatsapp = 0
        THEN
            RETURN;
        END IF;
        held.key := recipient;
        INSERT INTO countersign_recipients VALUES (held.*) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END $$;

-- Applies the changes of a call: the nth is of the nth key. Those of tallies have no sends. Rows
-- are locked in the order of their keys, so that no two calls wait for each other.
CREATE OR REPLACE FUNCTION countersign_add(
    call_at bigint, keys bytea[], unanswered double precision[], answered double precision[],
    sends integer[], unanswered_sends integer[], owed_sms integer[], owed_whatsapp integer[],
    verified_since bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    -- Nobody waits for the disk: a crash of the server loses the adds of the last moment.
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR change IN
        SELECT *
        FROM unnest(
            keys, unanswered, answered,
            sends, unanswered_sends, owed_sms, owed_whatsapp, verified_since
        ) AS c (key, u, a, sent, unanswered_sent, sms, whatsapp, since)
        ORDER BY c.key
    LOOP
        IF change.sent IS NULL THEN
            PERFORM countersign_add_to_tally(change.key, call_at, change.u, change.a);
        ELSE
            PERFORM countersign_change_recipient(
                change.key, call_at, change.sent, change.unanswered_sent,
                change.sms, change.whatsapp, change.since);
        END IF;
    END LOOP;
END $$;

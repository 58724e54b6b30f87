-- Whether a row of the books can be one. A function, because a check that is written out is read and
-- prepared anew for every statement, which was a third of what a posting costs.
CREATE FUNCTION ledger_transfer_is_sound(
    bucket smallint, debit uuid, credit uuid, other_bucket smallint, amount_cents bigint, kind text,
    phase text, settles uuid, reverses uuid, expires_at timestamptz
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN bucket >= 0 AND bucket < 1024
        AND amount_cents > 0
        AND debit <> credit
        AND other_bucket IS DISTINCT FROM bucket
        AND kind ~ '^[a-z_]+$'  -- no separator of the digest's text can stand in it
        AND CASE phase
            WHEN 'posted' THEN settles IS NULL AND expires_at IS NULL
            WHEN 'pending' THEN settles IS NULL AND reverses IS NULL AND expires_at IS NOT NULL
            WHEN 'post' THEN settles IS NOT NULL AND reverses IS NULL AND expires_at IS NULL
            WHEN 'void' THEN settles IS NOT NULL AND reverses IS NULL AND expires_at IS NULL
            ELSE false
        END;
END
$$;

-- Whether an account can be so: no sum below zero, and not overdrawn on the side that it may not be.
CREATE FUNCTION ledger_account_is_sound(
    bucket smallint, side text, debits_posted bigint, credits_posted bigint, debits_pending bigint,
    credits_pending bigint
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN bucket >= 0 AND bucket < 1024
        AND debits_posted >= 0 AND credits_posted >= 0
        AND debits_pending >= 0 AND credits_pending >= 0
        AND CASE side
            WHEN 'credit' THEN credits_posted >= debits_posted + debits_pending
            WHEN 'debit' THEN debits_posted >= credits_posted + credits_pending
            ELSE side = 'either'
        END;
END
$$;

-- The way of most calls: one transfer or hold within a bucket that fits and is not there yet. Answers
-- whether it was recorded; if not, nothing was done and `ledger_record_links` finds out why.
--
-- Each account is looked at, locked and written in one statement, in the order in which everybody locks.
-- Who had to wait for a lock looks at the row again.
CREATE OR REPLACE FUNCTION ledger_record_one(
    moment timestamptz, key uuid, in_bucket smallint, debited uuid, credited uuid, amount bigint,
    of_kind text, in_group uuid, day date, ends timestamptz
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    moved CONSTANT bigint := CASE WHEN ends IS NULL THEN amount ELSE 0 END;
    held CONSTANT bigint := amount - moved;
    planned CONSTANT ledger_transfer := ROW(
        in_bucket, key, debited, credited, NULL, amount, of_kind,
        CASE WHEN ends IS NULL THEN 'posted' ELSE 'pending' END, NULL, NULL, in_group, day, moment,
        ends, NULL, NULL
    );
    account uuid;
    done uuid[] := '{}';
BEGIN
    FOREACH account IN ARRAY ARRAY[least(debited, credited), greatest(debited, credited)] LOOP
        UPDATE ledger_account
        SET debits_posted = debits_posted + CASE id WHEN debited THEN moved ELSE 0 END,
            debits_pending = debits_pending + CASE id WHEN debited THEN held ELSE 0 END,
            credits_posted = credits_posted + CASE id WHEN credited THEN moved ELSE 0 END,
            credits_pending = credits_pending + CASE id WHEN credited THEN held ELSE 0 END
        WHERE bucket = in_bucket AND id = account AND CASE
            WHEN id = debited AND side = 'credit'
            THEN credits_posted - debits_posted - debits_pending >= amount
            WHEN id = credited AND side = 'debit'
            THEN debits_posted - credits_posted - credits_pending >= amount
            ELSE true END;
        EXIT WHEN NOT found;
        done := done || account;
    END LOOP;

    IF cardinality(done) = 0 THEN
        RETURN false;
    END IF;
    IF cardinality(done) = 2 THEN
        INSERT INTO ledger_transfer (
            bucket, id, debit, credit, amount_cents, kind, phase, group_id, occurred_on,
            recorded_at, expires_at, digest
        ) VALUES (
            in_bucket, key, debited, credited, amount, of_kind, planned.phase, in_group, day,
            moment, ends, ledger_digest(planned, moment)
        )
        ON CONFLICT (bucket, id) DO NOTHING;
        IF found THEN
            RETURN true;
        END IF;
    END IF;

    -- The second is short, or the key is there: as if nothing had been done, but for the locks.
    UPDATE ledger_account
    SET debits_posted = debits_posted - CASE id WHEN debited THEN moved ELSE 0 END,
        debits_pending = debits_pending - CASE id WHEN debited THEN held ELSE 0 END,
        credits_posted = credits_posted - CASE id WHEN credited THEN moved ELSE 0 END,
        credits_pending = credits_pending - CASE id WHEN credited THEN held ELSE 0 END
    WHERE bucket = in_bucket AND id = ANY (done);
    RETURN false;
END
$$;

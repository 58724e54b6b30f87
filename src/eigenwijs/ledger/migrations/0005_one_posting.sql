-- The way of most calls, in three statements: one transfer or hold within a bucket that fits and is not
-- there yet. Answers whether it was recorded; if not, nothing was done and `ledger_record_links` finds
-- out why.
CREATE FUNCTION ledger_record_one(
    moment timestamptz, key uuid, in_bucket smallint, debited uuid, credited uuid, amount bigint,
    of_kind text, in_group uuid, day date, ends timestamptz
) RETURNS boolean
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moved CONSTANT bigint := CASE WHEN ends IS NULL THEN amount ELSE 0 END;
    held CONSTANT bigint := amount - moved;
    planned ledger_transfer;
    fitting integer;
BEGIN
    -- In a WHERE it would be looked at before the lock, and an account that is short not be locked.
    SELECT count(*) FILTER (WHERE CASE
            WHEN locked.id = debited AND locked.side = 'credit'
            THEN locked.credits_posted - locked.debits_posted - locked.debits_pending >= amount
            WHEN locked.id = credited AND locked.side = 'debit'
            THEN locked.debits_posted - locked.credits_posted - locked.credits_pending >= amount
            ELSE true END)
    INTO fitting
    FROM (
        SELECT account.id, account.side, account.debits_posted, account.credits_posted,
            account.debits_pending, account.credits_pending
        FROM ledger_account AS account
        WHERE account.bucket = in_bucket AND account.id IN (debited, credited)
        ORDER BY account.bucket, account.id
        FOR NO KEY UPDATE
    ) AS locked;
    IF fitting < 2 THEN
        RETURN false;
    END IF;

    planned := ROW(
        in_bucket, key, debited, credited, NULL, amount, of_kind,
        CASE WHEN ends IS NULL THEN 'posted' ELSE 'pending' END, NULL, NULL, in_group, day, moment,
        ends, NULL, NULL
    );
    INSERT INTO ledger_transfer (
        bucket, id, debit, credit, amount_cents, kind, phase, group_id, occurred_on, recorded_at,
        expires_at, digest
    ) VALUES (
        in_bucket, key, debited, credited, amount, of_kind, planned.phase, in_group, day, moment,
        ends, ledger_digest(planned, moment)
    )
    ON CONFLICT (bucket, id) DO NOTHING;
    IF NOT found THEN
        RETURN false;
    END IF;

    UPDATE ledger_account AS account
    SET debits_posted = account.debits_posted + CASE account.id WHEN debited THEN moved ELSE 0 END,
        credits_posted = account.credits_posted + CASE account.id WHEN credited THEN moved ELSE 0 END,
        debits_pending = account.debits_pending + CASE account.id WHEN debited THEN held ELSE 0 END,
        credits_pending = account.credits_pending + CASE account.id WHEN credited THEN held ELSE 0 END
    WHERE account.bucket = in_bucket AND account.id IN (debited, credited);
    RETURN true;
END
$$;

DROP FUNCTION ledger_record;

-- Record entries, in their order. Entries of one link, which stand together, are recorded together
-- or not at all. An entry is a transfer (its accounts; with `ends` it is a hold), or it settles or
-- reverses the transfer `named`. `acts`: transfer, post, void, reverse; `amounts` null: all of it.
--
-- Answers each row of an entry, the one by which it is named first: recorded, replayed (it was there,
-- with the same content), its bucket, amount and group; or, once an entry, why its link was refused,
-- and the key or account at fault.
--
-- One link, or links that fit whatever their order, take one pass over sets of rows. Otherwise all
-- accounts are locked and the links are taken one by one: what fits is recorded.
CREATE FUNCTION ledger_record_links(
    moment timestamptz, links integer[], keys uuid[], acts text[],
    debit_buckets smallint[], debits uuid[], credit_buckets smallint[], credits uuid[],
    named_buckets smallint[], named uuid[], amounts bigint[], kinds text[], groups uuid[],
    days date[], ends timestamptz[]
)
RETURNS TABLE (
    place integer, answer text, culprit uuid, in_bucket smallint, cents bigint, in_group uuid
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    between CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    many CONSTANT boolean := links[1] <> links[cardinality(links)];
    planned ledger_transfer[];  -- the rows that entries ask for,
    places integer[];  -- of each row the place of its entry,
    taken bigint[];  -- and what it takes out of a hold
    fresh ledger_transfer[];  -- the planned rows that are not there yet
    fresh_taken bigint[];
    replays integer[] := '{}';  -- places of entries that are there already
    refusal text;
    fault uuid;
    short uuid;  -- an account that would be overdrawn
    found integer;
    first integer := 1;
    last integer;
BEGIN
    -- A transfer is one row in the bucket of its debit account, or two halves that meet in the
    -- accounts between buckets.
    SELECT array_agg(ROW(
            entry.debit_bucket, entry.key, entry.debit,
            CASE WHEN entry.debit_bucket = entry.credit_bucket THEN entry.credit ELSE between END,
            nullif(entry.credit_bucket, entry.debit_bucket), entry.amount, entry.kind,
            CASE WHEN entry.ends_at IS NULL THEN 'posted' ELSE 'pending' END,
            NULL, NULL, entry.group_id, entry.day, moment, entry.ends_at, NULL, NULL
        )::ledger_transfer),
        array_agg(entry.place::integer), array_agg(0::bigint)
    INTO planned, places, taken
    FROM unnest(
        keys, acts, debit_buckets, debits, credit_buckets, credits, amounts, kinds, groups, days,
        ends
    ) WITH ORDINALITY AS entry (
        key, act, debit_bucket, debit, credit_bucket, credit, amount, kind, group_id, day, ends_at,
        place
    )
    WHERE entry.act = 'transfer';
    IF debit_buckets <> credit_buckets THEN
        SELECT array_cat(planned, array_agg(ROW(
                row.other_bucket, row.id, between, entry.credit, row.bucket, row.amount_cents,
                row.kind, row.phase, NULL, NULL, row.group_id, row.occurred_on, moment,
                row.expires_at, NULL, NULL
            )::ledger_transfer)),
            array_cat(places, array_agg(row.place)), array_cat(taken, array_agg(0::bigint))
        INTO planned, places, taken
        FROM ROWS FROM (unnest(planned), unnest(places)) AS row (
            bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles, reverses,
            group_id, occurred_on, recorded_at, expires_at, digest, number, place
        )
        JOIN unnest(credits) WITH ORDINALITY AS entry (credit, place) ON entry.place = row.place
        WHERE row.other_bucket IS NOT NULL;
    END IF;

    -- What settles or reverses takes its rows from what it names, which never changes any more.
    IF named IS NOT NULL THEN
        SELECT array_cat(planned, array_agg(ROW(
                half.bucket, entry.key,
                CASE WHEN entry.act = 'reverse' THEN half.credit ELSE half.debit END,
                CASE WHEN entry.act = 'reverse' THEN half.debit ELSE half.credit END,
                half.other_bucket, coalesce(entry.amount, half.amount_cents), half.kind,
                CASE WHEN entry.act = 'reverse' THEN 'posted' ELSE entry.act END,
                CASE WHEN entry.act <> 'reverse' THEN half.id END,
                CASE WHEN entry.act = 'reverse' THEN half.id END,
                coalesce(entry.group_id, half.group_id), entry.day, moment, NULL, NULL, NULL
            )::ledger_transfer ORDER BY half.bucket <> entry.named_bucket)),
            array_cat(places, array_agg(
                entry.place::integer ORDER BY half.bucket <> entry.named_bucket)),
            array_cat(taken, array_agg(
                CASE WHEN entry.act = 'reverse' THEN 0 ELSE half.amount_cents END
                ORDER BY half.bucket <> entry.named_bucket))
        INTO planned, places, taken
        FROM unnest(keys, acts, named_buckets, named, amounts, groups, days)
            WITH ORDINALITY AS entry (key, act, named_bucket, named, amount, group_id, day, place)
        JOIN ledger_transfer AS one ON one.bucket = entry.named_bucket AND one.id = entry.named
        CROSS JOIN LATERAL unnest(ARRAY[one.bucket, one.other_bucket]) AS of (bucket)
        JOIN ledger_transfer AS half ON half.bucket = of.bucket AND half.id = one.id
        WHERE CASE entry.act WHEN 'reverse' THEN one.phase IN ('posted', 'post')
            WHEN 'transfer' THEN false ELSE one.phase = 'pending' END;

        SELECT CASE entry.act WHEN 'reverse' THEN 'unknown_transfer' ELSE 'unknown_hold' END,
            entry.key
        INTO refusal, fault
        FROM unnest(keys, acts) WITH ORDINALITY AS entry (key, act, place)
        WHERE places IS NULL OR entry.place <> ALL (places)
        ORDER BY entry.place LIMIT 1;
        IF refusal IS NULL THEN
            SELECT 'exceeds_hold', row.id INTO refusal, fault
            FROM ROWS FROM (unnest(planned), unnest(taken)) AS row (
                bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles,
                reverses, group_id, occurred_on, recorded_at, expires_at, digest, number, taken
            )
            WHERE row.phase = 'post' AND row.amount_cents > row.taken
            LIMIT 1;
        END IF;
    END IF;

    -- Everybody locks in the same order: bucket, then account.
    IF refusal IS NULL OR many THEN
        IF EXISTS (SELECT FROM unnest(planned) AS row WHERE row.other_bucket IS NOT NULL) THEN
            INSERT INTO ledger_account (
                bucket, id, kind, owner, debits_posted, credits_posted, debits_pending,
                credits_pending, opened_at
            )
            SELECT DISTINCT row.bucket, between, 'between', between, 0, 0, 0, 0, moment
            FROM unnest(planned) AS row
            WHERE row.other_bucket IS NOT NULL
              AND NOT EXISTS (
                  SELECT FROM ledger_account AS open
                  WHERE open.bucket = row.bucket AND open.id = between
              )
            ORDER BY row.bucket
            ON CONFLICT (bucket, id) DO NOTHING;
        END IF;
        SELECT count(*), (array_agg(locked.id) FILTER (WHERE locked.available < 0))[1]
        INTO found, short
        FROM (
            SELECT account.id, CASE account.side
                WHEN 'credit' THEN account.credits_posted - account.debits_posted
                    - account.debits_pending
                    + CASE WHEN many THEN effect.lowers_credit ELSE effect.of_credit END
                WHEN 'debit' THEN account.debits_posted - account.credits_posted
                    - account.credits_pending
                    + CASE WHEN many THEN effect.lowers_debit ELSE effect.of_debit END
                END AS available
            FROM ledger_effects(planned, taken) AS effect
            JOIN ledger_account AS account
              ON account.bucket = effect.bucket AND account.id = effect.id
            ORDER BY account.bucket, account.id
            FOR NO KEY UPDATE OF account
        ) AS locked;
    END IF;
    IF refusal IS NULL AND found < 2 * cardinality(planned) THEN
        SELECT 'unknown_account', effect.id INTO refusal, fault
        FROM ledger_effects(planned, taken) AS effect
        LEFT JOIN ledger_account AS account
          ON account.bucket = effect.bucket AND account.id = effect.id
        WHERE account.id IS NULL
        ORDER BY effect.bucket, effect.id LIMIT 1;
    END IF;

    -- What is there already is the same, or the key was used for something else.
    IF refusal IS NULL THEN
        SELECT coalesce(array_agg(entry.place) FILTER (WHERE entry.same = entry.asked), '{}'),
            (array_agg(entry.id) FILTER (WHERE entry.same < entry.asked))[1]
        INTO replays, fault
        FROM (
            SELECT row.place, row.id, count(*) AS asked, count(there.id) AS there,
                count(*) FILTER (WHERE
                    (there.debit, there.credit, there.amount_cents, there.kind, there.phase,
                     there.group_id, there.occurred_on)
                    = (row.debit, row.credit, row.amount_cents, row.kind, row.phase,
                       row.group_id, row.occurred_on)
                    AND there.other_bucket IS NOT DISTINCT FROM row.other_bucket
                    AND there.settles IS NOT DISTINCT FROM row.settles
                    AND there.reverses IS NOT DISTINCT FROM row.reverses
                    AND there.expires_at IS NOT DISTINCT FROM row.expires_at) AS same
            FROM ROWS FROM (unnest(planned), unnest(places)) AS row (
                bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles,
                reverses, group_id, occurred_on, recorded_at, expires_at, digest, number, place
            )
            LEFT JOIN ledger_transfer AS there ON there.bucket = row.bucket AND there.id = row.id
            GROUP BY row.place, row.id
        ) AS entry
        WHERE entry.there > 0;
        IF fault IS NOT NULL THEN
            refusal := 'key_reused';
        END IF;
    END IF;

    fresh := planned;
    fresh_taken := taken;
    IF refusal IS NULL AND cardinality(replays) > 0 THEN
        SELECT coalesce(array_agg(planned[at] ORDER BY at), '{}'),
            coalesce(array_agg(taken[at] ORDER BY at), '{}')
        INTO fresh, fresh_taken
        FROM generate_subscripts(places, 1) AS at
        WHERE places[at] <> ALL (replays);
        SELECT (array_agg(account.id ORDER BY account.bucket, account.id))[1]
        INTO short
        FROM ledger_effects(fresh, fresh_taken) AS effect
        JOIN ledger_account AS account
          ON account.bucket = effect.bucket AND account.id = effect.id
        WHERE CASE account.side
            WHEN 'credit' THEN account.credits_posted - account.debits_posted
                - account.debits_pending
                + CASE WHEN many THEN effect.lowers_credit ELSE effect.of_credit END
            WHEN 'debit' THEN account.debits_posted - account.credits_posted
                - account.credits_pending
                + CASE WHEN many THEN effect.lowers_debit ELSE effect.of_debit END
            END < 0;
    END IF;

    -- A hold is settled once, and posted before its end; no more is given back than was moved.
    IF refusal IS NULL AND named IS NOT NULL THEN
        SELECT CASE
                WHEN row.settles IS NULL THEN 'reversal_exceeds'
                WHEN settled.id IS NOT NULL OR row.turn > 1 THEN 'hold_already_settled'
                ELSE 'hold_expired' END,
            row.id
        INTO refusal, fault
        FROM (
            SELECT *, row_number() OVER (PARTITION BY row.bucket, row.settles ORDER BY row.id)
                    AS turn,
                sum(row.amount_cents) OVER (PARTITION BY row.bucket, row.reverses) AS reversed
            FROM unnest(fresh) AS row
            WHERE row.settles IS NOT NULL OR row.reverses IS NOT NULL
        ) AS row
        JOIN ledger_transfer AS source
          ON source.bucket = row.bucket AND source.id = coalesce(row.settles, row.reverses)
        LEFT JOIN ledger_transfer AS settled
          ON settled.bucket = row.bucket AND settled.settles = row.settles
        WHERE CASE WHEN row.settles IS NOT NULL
            THEN settled.id IS NOT NULL OR row.turn > 1
                OR (row.phase = 'post' AND moment >= source.expires_at)
            ELSE source.amount_cents < row.reversed + (
                SELECT coalesce(sum(earlier.amount_cents), 0) FROM ledger_transfer AS earlier
                WHERE earlier.bucket = row.bucket AND earlier.reverses = row.reverses
            ) END
        LIMIT 1;
    END IF;
    IF refusal IS NULL AND short IS NOT NULL THEN
        refusal := 'insufficient_funds';
        fault := short;
    END IF;

    IF many AND (
        refusal IS NOT NULL
        OR cardinality(keys) > (SELECT count(DISTINCT key) FROM unnest(keys) AS key)
    ) THEN
        FOR first, last IN
            SELECT min(entry.place), max(entry.place)
            FROM unnest(links) WITH ORDINALITY AS entry (link, place)
            GROUP BY entry.link ORDER BY min(entry.place)
        LOOP
            RETURN QUERY SELECT one.place + first - 1, one.answer, one.culprit, one.in_bucket,
                one.cents, one.in_group
            FROM ledger_record(
                moment, links[first:last], keys[first:last], acts[first:last],
                debit_buckets[first:last], debits[first:last], credit_buckets[first:last],
                credits[first:last], named_buckets[first:last], named[first:last],
                amounts[first:last], kinds[first:last], groups[first:last], days[first:last],
                ends[first:last]
            ) AS one;
        END LOOP;
        RETURN;
    END IF;
    IF refusal IS NOT NULL THEN
        RETURN QUERY SELECT of.place, refusal, fault, NULL::smallint, NULL::bigint, NULL::uuid
        FROM generate_series(1, cardinality(keys)) AS of (place);
        RETURN;
    END IF;

    INSERT INTO ledger_transfer (
        bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles, reverses,
        group_id, occurred_on, recorded_at, expires_at, digest
    )
    SELECT row.bucket, row.id, row.debit, row.credit, row.other_bucket, row.amount_cents, row.kind,
        row.phase, row.settles, row.reverses, row.group_id, row.occurred_on, moment,
        row.expires_at, ledger_digest(row, moment)
    FROM unnest(fresh) AS row;

    UPDATE ledger_account AS account
    SET debits_posted = account.debits_posted + effect.debits_posted,
        credits_posted = account.credits_posted + effect.credits_posted,
        debits_pending = account.debits_pending + effect.debits_pending,
        credits_pending = account.credits_pending + effect.credits_pending
    FROM ledger_effects(fresh, fresh_taken) AS effect
    WHERE account.bucket = effect.bucket AND account.id = effect.id;

    RETURN QUERY SELECT row.place,
        CASE WHEN row.place = ANY (replays) THEN 'replayed' ELSE 'recorded' END, NULL::uuid,
        row.bucket, row.amount_cents, row.group_id
    FROM ROWS FROM (unnest(planned), unnest(places)) AS row (
        bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles, reverses,
        group_id, occurred_on, recorded_at, expires_at, digest, number, place
    );
END
$$;

-- Record entries; what it promises and answers stands at `ledger_record_links`.
CREATE FUNCTION ledger_record(
    moment timestamptz, links integer[], keys uuid[], acts text[],
    debit_buckets smallint[], debits uuid[], credit_buckets smallint[], credits uuid[],
    named_buckets smallint[], named uuid[], amounts bigint[], kinds text[], groups uuid[],
    days date[], ends timestamptz[]
)
RETURNS TABLE (
    place integer, answer text, culprit uuid, in_bucket smallint, cents bigint, in_group uuid
)
LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(keys) = 1 AND acts[1] = 'transfer' AND debit_buckets[1] = credit_buckets[1]
        AND ledger_record_one(
            moment, keys[1], debit_buckets[1], debits[1], credits[1], amounts[1], kinds[1],
            groups[1], days[1], ends[1]
        )
    THEN
        place := 1;
        answer := 'recorded';
        in_bucket := debit_buckets[1];
        cents := amounts[1];
        in_group := groups[1];
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM ledger_record_links(
        moment, links, keys, acts, debit_buckets, debits, credit_buckets, credits, named_buckets,
        named, amounts, kinds, groups, days, ends
    );
END
$$;

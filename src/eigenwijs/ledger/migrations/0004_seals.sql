-- What a seal over the rows of a range of numbers must be: how many rows, and the SHA-256 of these
-- lines: the seal before, the first and last number and how many rows, then each row's number and
-- digest. Hashes are written in hexadecimal, a line ends with a newline.
CREATE FUNCTION ledger_seal(before bytea, lowest bigint, highest bigint)
RETURNS TABLE (rows bigint, hash bytea)
LANGUAGE sql STABLE AS $$
    SELECT found.rows, sha256(convert_to(
        encode(before, 'hex') || E'\n'
        || lowest || ' ' || highest || ' ' || found.rows || E'\n' || found.lines, 'UTF8'))
    FROM (
        SELECT count(*) AS rows, coalesce(string_agg(
            number || ' ' || encode(digest, 'hex') || E'\n', '' ORDER BY number, bucket, id
        ), '') AS lines
        FROM ledger_transfer WHERE number BETWEEN lowest AND highest
    ) AS found
$$;

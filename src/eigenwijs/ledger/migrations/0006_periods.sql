-- The last day in which nothing may be recorded any more; null if there is none.
CREATE FUNCTION ledger_closed_until() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT max(until) FROM ledger_period $$;

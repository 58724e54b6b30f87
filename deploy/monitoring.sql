-- Figures for the monitoring, each one row with one number. A role with pg_monitor and SELECT on these
-- tables may ask them, on the primary. docs/operate/README.md says when a figure is wrong.

-- hours since the books were last proven without a breach
SELECT extract(epoch FROM now() - max(at)) / 3600
FROM audit_auditrow WHERE action = 'insight.proof.prove' AND (ids ->> 'breaches')::integer = 0;

-- breaches that the last proof found
SELECT (ids ->> 'breaches')::integer
FROM audit_auditrow WHERE action = 'insight.proof.prove' ORDER BY id DESC LIMIT 1;

-- transfers that are not sealed yet
SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_transfer_number)
    - coalesce((SELECT max(last) FROM ledger_seal), 0);

-- of the last 100,000 rows of the trail: events that nothing reacted to for more than ten minutes
SELECT count(*)
FROM audit_auditrow AS event
WHERE event.id > (SELECT max(id) - 100000 FROM audit_auditrow)
  AND event.event <> '' AND event.at < now() - interval '10 minutes'
  AND NOT EXISTS (SELECT FROM audit_reaction AS reaction WHERE reaction.event_id = event.id);

-- jobs that failed
SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed';

-- mails that wait
SELECT count(*) FROM notices_notice WHERE state = 'due';

-- replicas that confirm every commit
SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum');

-- seconds since the last piece of the log of changes was put away
SELECT extract(epoch FROM now() - last_archived_time) FROM pg_stat_archiver;

-- pieces of that log that could not be put away
SELECT failed_count FROM pg_stat_archiver;

-- seconds that the oldest transaction runs
SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)
FROM pg_stat_activity WHERE backend_type = 'client backend';

-- bytes of the database
SELECT pg_database_size(current_database());

-- bytes a transfer, indexes included
SELECT sum(pg_total_relation_size(oid)) / greatest(sum(reltuples), 1)
FROM pg_class WHERE relkind = 'r' AND relname LIKE 'ledger\_transfer%';

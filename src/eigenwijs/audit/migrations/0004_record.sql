-- Write one row of the trail for each subject, with its ids, as `operations.record` does, for a
-- statement that knows only once it runs what it did. Answers how many.
CREATE FUNCTION audit_record(
    moment timestamptz, kind text, person uuid, in_role text, organisation uuid, named text,
    act text, subjects_kind text, subjects uuid[], ids_of_each jsonb[]
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO audit_auditrow (
        at, actor_kind, actor_person, actor_role, actor_organisation, actor_name, action,
        subject_kind, subject_id, field_names, ids, from_state, to_state, event
    )
    SELECT moment, kind, person, in_role, organisation, named, act, subjects_kind, one.subject, '{}',
        one.ids, '', '', ''
    FROM unnest(subjects, ids_of_each) AS one (subject, ids);
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

-- Nanoseconds since 1970, which timestamptz does not have.
alter table containers
    alter column created_at type bigint using (extract(epoch from created_at) * 1000000000)::bigint,
    alter column started_at type bigint using (extract(epoch from started_at) * 1000000000)::bigint,
    alter column finished_at type bigint using (extract(epoch from finished_at) * 1000000000)::bigint;

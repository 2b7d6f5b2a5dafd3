-- Nanoseconds since 1970, which timestamptz does not have.
alter table networks
    alter column created_at type bigint using (extract(epoch from created_at) * 1000000000)::bigint;

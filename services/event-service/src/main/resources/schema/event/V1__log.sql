-- The log of everything that happened, in the order in which subscribers see it.
create table entry (
    number     bigint primary key,
    id         uuid not null unique,
    at_nanos   bigint not null,
    noun       text not null,
    action     text not null,
    subject    text not null,
    host       text not null,
    attributes jsonb not null,
    detail     jsonb
);

create index entry_by_time on entry (at_nanos, number);
create index entry_by_subject on entry (subject, number);

-- The last number given out. Its row lock orders writers, so that numbers have no gaps and become visible in order.
create table counter (
    last bigint not null
);

insert into counter values (0);

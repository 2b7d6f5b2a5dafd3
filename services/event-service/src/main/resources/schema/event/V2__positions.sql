-- Up to where the log has taken each topic: events before this offset are stored.
create table topic_position (
    topic       text not null,
    part        int not null,
    next_offset bigint not null,
    primary key (topic, part)
);

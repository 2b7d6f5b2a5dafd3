-- Who asked for what happened, as text; null when nobody did.
alter table entry add column actor text;

create index entry_by_actor on entry (actor, number) where actor is not null;

-- Who asked for what is under way, so that whoever finishes it after a crash can tell.
alter table containers add column operation_actor text;
alter table volumes add column operation_actor text;

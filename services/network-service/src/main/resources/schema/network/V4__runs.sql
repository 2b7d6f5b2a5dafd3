-- The start in which the container got its endpoint; null for one that it got while it ran. What an earlier start left is
-- taken back by the next, whether or not the event that tells of the container's end has come.
alter table endpoints
    add column run uuid;

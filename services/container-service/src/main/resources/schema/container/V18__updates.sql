-- The HostConfig that an update under way (operation 'update') is to bring: host_config says it once the host has it.
alter table containers add column host_config_to_be json;

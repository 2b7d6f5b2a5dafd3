package dev.gantry.agent.api.settings;

/** Settings that can change while a process runs may have other values from now on: whoever keeps one asks again. */
public record SettingsReloaded() {}

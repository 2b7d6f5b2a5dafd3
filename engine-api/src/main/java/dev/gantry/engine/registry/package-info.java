/** What the operator has set about registries. */
package dev.gantry.engine.registry;

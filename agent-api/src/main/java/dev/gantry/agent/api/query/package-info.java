/** Values of query parameters, read alike at the API and at agents. */
package dev.gantry.agent.api.query;

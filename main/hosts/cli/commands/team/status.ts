import { exitCodes } from '../../exit-codes.ts';
import { statusText } from '../../present/team-services.ts';
import type { Command } from '../../run.ts';

/** The four panels, configuration, MCP servers and incidents, once. Exit code 1 where a part of it could not be read. */
export const status: Command = async ({ io, services, signal }) => {
  const state = await services.teamServices.look(['overview', 'config', 'mcp', 'incidents'], signal);
  io.data(state);
  io.say(statusText(state, io.paint));
  return Object.keys(state.errors).length === 0 ? exitCodes.done : exitCodes.failed;
};

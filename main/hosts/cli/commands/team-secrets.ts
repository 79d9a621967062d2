import { notShared } from '../../../services/team-secrets.ts';
import { exitCodes } from '../exit-codes.ts';
import { columns } from '../present/table.ts';
import type { Command } from '../run.ts';

/** `secret list --team`: names of the Swarm's secrets, who set them and when, and what is here. */
export const listTeamSecrets: Command = async ({ io, services, target }) => {
  const secrets = await services.swarm.secrets(target);
  io.data({ secrets, note: notShared });
  io.say(
    secrets.length === 0
      ? 'The Swarm has no secrets.'
      : columns(
          [
            ['NAME', 'STACK', 'SET BY', 'SET', 'FROM', 'HERE'],
            ...secrets.map(({ name, stack = '-', setBy = 'not known', setAt, from = '-', here }) => [
              name,
              stack,
              setBy,
              setAt.slice(0, 16).replace('T', ' '),
              from,
              here === undefined ? 'no value' : `yours (${here})`,
            ]),
          ],
          '',
        ).join('\n'),
  );
  io.say(notShared);
  return exitCodes.done;
};

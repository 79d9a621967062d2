import type { CreateOptions } from '../../../../services/team/create.ts';
import { programName } from '../../../shared/program-name.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Command } from '../../run.ts';

/** Makes a Swarm with this engine as its first manager. */
export const createTeam =
  (options: Omit<CreateOptions, 'engine'>): Command =>
  async ({ io, services, target }) => {
    const made = await services.team.create({ ...options, ...(target.engine && { engine: target.engine }) });
    io.data({ created: made });
    io.say(`${made.team} is there. This machine is its first manager, known as ${made.address}.`);
    io.say(`Its certificate: ${made.fingerprint}. Who joins compares this.`);
    io.say(made.encrypted ? 'Overlay networks are encrypted.' : 'Overlay networks are not encrypted.');
    for (const warning of made.warnings) io.say(`${io.paint('yellow', '▲')} ${warning}`);
    io.say('Firewalls between the machines have to let through:');
    for (const hint of made.firewall) io.say(`  ${hint}`);
    if (made.unlockKey !== undefined) {
      io.say(
        `${io.paint('yellow', '▲')} There is no keychain. Write the unlock key down, it is shown once: ${made.unlockKey}`,
      );
    }
    io.say(`Next: ${programName()} team invite`);
    return exitCodes.done;
  };

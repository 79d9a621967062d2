import { exitCodes } from '../../exit-codes.ts';
import { teamText } from '../../present/team.ts';
import { confirm } from '../../prompt.ts';
import { type Command, cancelled, usage } from '../../run.ts';
import { readSecret } from './read-secret.ts';

const on = (engine: string | undefined) => (engine === undefined ? {} : { engine });

/** The key goes into the keychain; without one it is shown, once. */
export const autolock =
  (wanted: boolean): Command =>
  async ({ io, services, target }) => {
    const done = await services.team.setAutolock({ ...on(target.engine), on: wanted });
    io.data(done);
    if (!done.autolock) io.say('Autolock is off: managers read their keys by themselves after a restart.');
    else if (done.unlockKey === undefined)
      io.say('Autolock is on; the unlock key is in the keychain. Other managers need it after a restart, too.');
    else io.say(`Autolock is on. There is no keychain: write the key down, it is shown once: ${done.unlockKey}`);
    return exitCodes.done;
  };

/** After a restart of a manager with autolock. */
export const unlock =
  (keyOnStdin: boolean): Command =>
  async (context) => {
    const { io, services, target } = context;
    const key = keyOnStdin ? await readSecret(context, 'Unlock key (it is not shown):') : undefined;
    const { waiting } = await services.team.unlock({ ...on(target.engine), ...(key === undefined ? {} : { key }) });
    io.data({ unlocked: true, waiting });
    io.say(
      waiting
        ? 'The key is taken, and this manager waits for the others: too few of them answer yet.'
        : 'The Swarm’s keys are unlocked on this manager.',
    );
    return exitCodes.done;
  };

const guide = [
  'Too few managers answer, so nothing in the Swarm can be changed. What runs goes on.',
  '1. Can the others come back? Start them, or their network: that is the whole cure.',
  '2. If they are gone for good: this manager goes on alone, with all services, secrets and nodes that it knows.',
  '3. The others must then never come back as managers: on each, `docker swarm leave --force`, then join anew.',
];

/** Guides through a loss of quorum that is for good (`--force-new-cluster`). */
export const recover: Command = async ({ io, services, target, globals, signal }) => {
  for (const line of guide) io.say(line);
  if (!globals.yes) {
    if (!io.canAsk) throw usage('Going on alone has to be agreed to.', 'Add --yes.');
    if (!(await confirm('Go on alone?', false, signal))) throw cancelled();
  }
  const view = await services.team.recover(on(target.engine));
  io.data({ recovered: view });
  io.say(teamText(view, io.paint));
  io.say('Promote others soon; dead ones go with `team node rm NODE`.');
  return exitCodes.done;
};

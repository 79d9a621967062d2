import { AppFailure } from '../../core/app-failure.ts';
import { mustBeManager, refuse, type TeamContext } from './context.ts';
import { type TeamView, viewTeam } from './view.ts';

/** Milliseconds: who is to go on alone must know by which address the others know it. */
const patienceWithoutLeader = 60_000;

/**
 * After a loss of quorum that is for good: this manager goes on alone with all it knows (services, secrets, nodes), and the
 * others must never come back as managers. https://docs.docker.com/engine/swarm/admin_guide/#recover-from-losing-the-quorum
 */
export async function recoverTeam(
  context: TeamContext,
  { engine: wanted }: { readonly engine?: string },
): Promise<TeamView> {
  const engine = await context.engineOf(wanted);
  const self = await engine.swarm.self(patienceWithoutLeader);
  mustBeManager(self);
  if (await hasQuorum(context, engine.id)) {
    throw refuse(
      'The Swarm has its quorum: there is nothing to recover from.',
      `\`${context.program} team nodes\` shows it; \`team node rm\` takes a dead node off.`,
    );
  }
  try {
    await engine.swarm.init({ forceNew: true, advertise: self.address, autolock: false, labels: {} });
  } catch (error) {
    if (!(error instanceof AppFailure) || error.error.code !== 'swarm.locked') throw error;
    throw new AppFailure({
      code: 'swarm.locked',
      message:
        'Autolock is on, and Docker cannot go on alone with locked keys. The engine has let go of the Swarm until it is restarted.',
      hint: `Restart the engine, \`${context.program} team unlock\`, and bring another manager back; or restore a backup of the Swarm’s state.`,
    });
  }
  return viewTeam(context, { engine: engine.id });
}

async function hasQuorum(context: TeamContext, engine: string): Promise<boolean> {
  const { problem } = await viewTeam(context, { engine }).catch((error: unknown) => {
    if (error instanceof AppFailure) return { problem: error.error };
    throw error;
  });
  if (problem === undefined) return true;
  if (problem.code === 'swarm.no-quorum') return false;
  throw new AppFailure(problem);
}

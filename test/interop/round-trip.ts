import { containerIds, contents, differences, type Picture, takePicture } from './picture.ts';
import type { Project } from './projects/project.ts';
import type { Place, Stand } from './stand.ts';

/** What one project showed, brought up by either and looked at by the other. All empty: nobody could tell the two apart. */
export interface Outcome {
  /** Places at which the engine tells something else of the project that ours made. */
  readonly different: readonly string[];
  /** Containers that their `up` replaced after ours. */
  readonly recreatedByTheirs: readonly string[];
  /** What ours would do after their `up`. */
  readonly stepsOfOurs: readonly string[];
  /** What ours says differs between the files and what either made. */
  readonly drift: readonly string[];
  /** What was there after either's `down`. */
  readonly left: readonly string[];
}

const changed = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));

/** `up` runs a job that has ended again: so does theirs. */
const isRerun = (picture: Picture, id: string): boolean => {
  const [kind, name] = id.split(' ');
  const state = picture.get(`container ${name}`)?.State as { readonly Status?: string } | undefined;
  return kind === 'start-container' && state?.Status === 'exited';
};

/** ours up, theirs up and down; theirs up, ours plans and goes down. Rejects where either cannot bring it up at all. */
export async function roundTrip(stand: Stand, project: Project): Promise<Outcome> {
  const place = await stand.put(project);
  const down = ['down', '--volumes', '--timeout', '1'];
  try {
    await stand.ours(place, 'up');
    const made = await containerIds(stand.engine, place.name);
    const ours = await takePicture(stand.engine, place.name);
    const driftOfOurs = await stand.drift(place);
    await stand.theirs(place, ['up', '-d']);
    const recreatedByTheirs = changed(made, await containerIds(stand.engine, place.name));
    await stand.theirs(place, down);
    const leftByTheirs = await contents(stand.engine, place.name);

    await stand.theirs(place, ['up', '-d']);
    const theirs = await takePicture(stand.engine, place.name);
    const { steps } = await stand.plan(place, 'up');
    const stepsOfOurs = steps.filter(({ id }) => !isRerun(theirs, id)).map(({ id, cause }) => `${id}: ${cause}`);
    const driftOfTheirs = await stand.drift(place);
    await stand.ours(place, 'down', { volumes: true, timeout: 1 });
    return {
      different: differences(ours, theirs),
      recreatedByTheirs,
      stepsOfOurs,
      drift: [...driftOfOurs, ...driftOfTheirs],
      left: [...leftByTheirs, ...(await contents(stand.engine, place.name))],
    };
  } catch (error) {
    await tidy(stand, place);
    throw error;
  }
}

/** What a failed round left stands in the way of no other. */
async function tidy({ engine }: Stand, { name }: Place): Promise<void> {
  const filters = { label: [`com.docker.compose.project=${name}`] };
  const containers = await engine.docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => engine.docker.getContainer(Id).remove({ force: true, v: true })));
  const networks = await engine.docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => engine.docker.getNetwork(Id).remove()));
}

export const nothing: Outcome = { different: [], recreatedByTheirs: [], stepsOfOurs: [], drift: [], left: [] };

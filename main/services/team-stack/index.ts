import type { AppError } from '../../../preload/contract/errors.ts';
import type { EngineId } from '../../../preload/contract/model.ts';
import { teamStackName } from '../../../preload/contract/team-stack-name.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { pathsOf } from '../../core/paths.ts';
import { teamLabels } from '../../core/swarm/membership.ts';
import type { DeployOptions } from '../../core/swarm/plan.ts';
import {
  certificateNames,
  type GeneratedName,
  generated,
  isServer,
  keepsData,
  type Preparation,
  planPreparations,
} from '../../core/team-stack/plan.ts';
import type { Credentials } from '../credentials.ts';
import { chooseEngine, connectTo } from '../engine-choice.ts';
import { throwIfLocked } from '../keychain-state.ts';
import type {
  Certificates,
  Clock,
  EngineConnection,
  Engines,
  Files,
  Ids,
  Keychain,
  Log,
  Resources,
  StateStore,
} from '../ports.ts';
import type { StackTarget } from '../services.ts';
import type { SettingsService } from '../settings.ts';
import { mustBeManager, mustHaveQuorum } from '../team/context.ts';
import type { TeamRecords } from '../team/records.ts';
import type { Adopted } from '../team-services/join.ts';
import { authorityKeyAccount, createKept, type TeamStackChoices, type TeamStackRecord } from './kept.ts';
import { prepare, tellLink } from './prepare.ts';
import { lookForImages } from './pulled-images.ts';
import { mustTakeImages } from './registry.ts';
import { chooseOptional, stackFiles, stackVariables } from './target.ts';
import { choicesInSwarm, currentAuthority, secretsInSwarm, valuesHere } from './what-is-there.ts';

export interface TeamStackOptions {
  readonly engines: Engines;
  readonly files: Files;
  readonly resources: Resources;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly keychain: Keychain;
  readonly credentials: Credentials;
  readonly certificates: Certificates;
  readonly settings: Pick<SettingsService, 'get'>;
  readonly records: Pick<TeamRecords, 'of'>;
  /** A person's token, and what the services are told of it. */
  readonly newToken: () => { readonly token: string; readonly sha256: string };
  /** Makes this user the one whom the services know by that token. */
  readonly adopt: (link: Adopted) => Promise<void>;
  /** The same user's link, whose authority was one of `from` (SHA-256 of its certificate): these are its addresses and certificate now. */
  readonly moved: (to: {
    readonly from: readonly string[];
    readonly addresses: readonly string[];
    readonly ca: string;
    readonly caDigest: string;
  }) => Promise<void>;
  /** Who the first operator is, unless another name is given: `anna@laptop`. */
  readonly operator: string;
}

export interface TeamStackWish {
  readonly engine?: EngineId;
  /** What differs from what was chosen before. */
  readonly choices: Partial<TeamStackChoices>;
  /** Another authority in place of the one that is there. */
  readonly newAuthority?: boolean;
}

/** What is made on this machine and marked on the Swarm before the stack's own plan can be run. */
export interface TeamStackPlan {
  readonly team: string;
  readonly engine: EngineId;
  readonly swarm: string;
  readonly steps: readonly Preparation[];
  readonly notes: readonly string[];
  /** That of them which says what becomes of values that no keychain takes. */
  readonly forgets?: string;
  /** `host:port` of each server's gateway. */
  readonly addresses: readonly string[];
  /** To be deployed, and to be built, with values as they are now: after `prepare` they are to be planned again. */
  readonly target: StackTarget;
  /** undefined: a registry has the images. */
  readonly build: StackTarget | undefined;
  readonly options: DeployOptions;
  readonly record: TeamStackRecord;
}

/** What was made and cannot be kept where there is no keychain. */
export interface Prepared {
  /** The first operator's link, with the token. */
  readonly unkept?: Adopted;
}

/** The team's services as a stack of its Swarm: what they need before they can be deployed. */
export function createTeamStack(options: TeamStackOptions) {
  const kept = createKept(options);

  const look = async (engine: EngineId | undefined) => {
    const id = engine ?? (await chooseEngine(options.engines));
    const connection = await connectTo(options.engines, id);
    const self = await connection.membership.self();
    mustBeManager(self);
    const [nodes, swarm, record] = await Promise.all([
      connection.membership.nodes(),
      connection.membership.swarm(),
      options.records.of(id),
    ]);
    mustHaveQuorum(nodes);
    // Somebody who runs this from elsewhere, over a context, did not join: then the Swarm says whose it is.
    const team = record?.team ?? swarm.labels[teamLabels.team];
    if (team === undefined) {
      throw new AppFailure({
        code: 'swarm.not-member',
        message: 'That engine’s Swarm is no team’s: `team create` did not make it.',
        hint: 'Make a team with `team create NAME`, or choose another engine with --engine.',
      });
    }
    const observed = await connection.swarmStacks.observe(teamStackName, []);
    return { id, connection, self, nodes, swarm: swarm.id, team, observed };
  };

  const folder = async () => {
    const directory = await options.resources.teamStack();
    const paths = pathsOf(options.files.platform() === 'win32' ? 'win32' : 'posix');
    return (name: string) => paths.resolve(directory, name);
  };

  const plan = async (wish: TeamStackWish): Promise<TeamStackPlan> => {
    const { id, connection, nodes, self, swarm, team, observed } = await look(wish.engine);
    const before = await kept.of(swarm);
    const choices = withoutEmpty({ ...before.choices, ...choicesInSwarm(observed), ...wish.choices });
    const { registry } = choices;
    if (registry !== undefined) await mustTakeImages(connection, registry);
    const trouble = await keychainTrouble(options.keychain);
    const [found, key, settings, inFolder] = await Promise.all([
      valuesHere(options, team),
      options.keychain.get(authorityKeyAccount(swarm)).catch(orNone),
      options.settings.get(),
      folder(),
    ]);
    const values = before.operator === true ? found : new Set([...found].filter((name) => name !== firstOperator));
    const { authority, former, replaced } = currentAuthority(before, observed, options.certificates);
    const secrets = secretsInSwarm(observed);
    const canIssue =
      authority === undefined ||
      (key !== undefined && (await options.certificates.belong({ certificate: authority.certificate, key })));
    const planned = planPreparations({
      nodes,
      self: self.nodeId,
      names: choices.names,
      now: options.clock.now(),
      authority,
      certificate: before.certificate,
      canIssue,
      outdated: replaced && (key !== undefined || values.has(certificateNames.certificate)),
      renewAuthority: wish.newAuthority === true,
      values,
      secrets,
    });
    if (planned.kind === 'refused') {
      throw new AppFailure({ code: 'usage', message: planned.message, hint: planned.hint });
    }
    const optional = chooseOptional({ values, secrets, given: before.given ?? [], canRead: trouble === undefined });
    const { given } = optional;
    const { monitoring } = choices;
    const alone = {
      all: nodes.every((node) => node.id === self.nodeId || !isServer(node)),
      data: keepsData(nodes, self.nodeId) === self.nodeId,
    };
    const absent = await lookForImages({ connection, observed, monitoring, alone });
    const record: TeamStackRecord = { ...before, choices, given, ...(authority && { authority, former }) };
    const address = options.engines.list().find((engine) => engine.id === id)?.address ?? '';
    const variables = stackVariables({ ...options, settings, choices, team, address, authority });
    const files = stackFiles(choices, optional.wanted).map(inFolder);
    const target: StackTarget = { engine: id, files, variables, team };
    const builds = settings.build.registry === undefined || settings.build.registry === '';
    const forgets = trouble !== undefined && makesValues(planned.steps) ? forgetful(trouble) : undefined;
    return {
      team,
      engine: id,
      swarm,
      steps: planned.steps,
      notes: [...planned.notes, ...absent, ...(forgets === undefined ? [] : [forgets])],
      ...(forgets === undefined ? {} : { forgets }),
      addresses: planned.reached.map((host) => `${host.includes(':') ? `[${host}]` : host}:${choices.port}`),
      target,
      build: builds ? { ...target, files: [...files, inFolder('compose.build.yaml')] } : undefined,
      options: {
        keepSecrets: true,
        pinImages: true,
        prune: true,
        ...(choices.registry === undefined ? {} : { registry: choices.registry }),
      },
      record,
    };
  };

  return {
    plan,
    /** Makes what the plan says. Where there is no keychain, values are there until this program ends, and in the Swarm. */
    prepare: async (planned: TeamStackPlan): Promise<Prepared> => {
      const connection: EngineConnection = await connectTo(options.engines, planned.engine);
      return prepare({ ...options, kept, connection }, planned);
    },
    /** What was chosen is what is meant from now on. */
    keep: async (planned: TeamStackPlan): Promise<void> => {
      await kept.keep(planned.record);
      await tellLink(options, planned, planned.record);
    },
    /** Throws `file.not-found`, `file.invalid`. */
    readText: (path: string): Promise<string> => options.files.readText(path, largestText),
    /** The stack that is there, whatever made it; `only`: what its secrets are of which this machine has no value. */
    there: async (
      engine: EngineId | undefined,
    ): Promise<{
      readonly team: string;
      readonly choices: TeamStackChoices;
      readonly target: StackTarget;
      readonly only: readonly string[];
    }> => {
      const { id, team, swarm, observed } = await look(engine);
      const [before, values] = await Promise.all([kept.of(swarm), valuesHere(options, team)]);
      const choices = { ...before.choices, ...choicesInSwarm(observed) };
      const secrets = secretsInSwarm(observed);
      const only = generated.filter(({ key, name }) => secrets.has(key) && !values.has(name)).map(({ what }) => what);
      return { team, choices, target: { engine: id, project: teamStackName }, only };
    },
  };
}
export type TeamStack = ReturnType<typeof createTeamStack>;

/** An empty text takes a choice back. */
const withoutEmpty = (choices: TeamStackChoices): TeamStackChoices =>
  Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== '')) as TeamStackChoices;
const makesValues = (steps: readonly Preparation[]): boolean => steps.some(({ kind }) => kind !== 'mark-node');
const forgetful = ({ message }: AppError): string =>
  `${message} What is made now is forgotten when this program ends, and the Swarm alone has it: the services go on with it, but the certificate cannot be renewed (in a year: --new-ca). From a machine with a keychain: --engine, over a docker context.`;

const firstOperator: GeneratedName = 'CLAUDE_ENV_TEAM_FIRST_OPERATOR';

/** Bytes of a file whose text is kept. */
const largestText = 256 * 1024;

/**
 * Why nothing can be kept; undefined: it can. Found out by writing: a locked keychain answers as one that lacks everything, and what is
 * in it would be made once more.
 * @throws `keychain.locked`, `keychain.denied`: there is one, and what it has is wanted
 */
async function keychainTrouble(keychain: Keychain): Promise<AppError | undefined> {
  try {
    await throwIfLocked(keychain);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    if (error.error.code === 'keychain.missing' || error.error.code === 'keychain.failed') return error.error;
    throw error;
  }
}

const orNone = (error: unknown): undefined => {
  if (error instanceof AppFailure && error.error.code.startsWith('keychain.')) return undefined;
  throw error;
};

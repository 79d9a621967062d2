import type { PlanAction } from '../../preload/contract/model.ts';
import { AppFailure } from '../core/app-failure.ts';
import type { Project } from '../core/compose/project.ts';
import { pathsOf } from '../core/paths.ts';
import { type PlanInput, planFor } from '../core/plan/actions.ts';
import type { CorePlan, Observed } from '../core/plan/plan.ts';
import {
  type Answers,
  type EngineFacts,
  type EnginePlace,
  type Look,
  preflight,
  type RegistryAnswer,
  toQuestions,
} from '../core/plan/preflight.ts';
import { buildPaths } from '../core/plan/preflight-paths.ts';
import type { Problem } from '../core/plan/problem.ts';
import { needsBuilds } from './observe-options.ts';
import type { Clock, EngineConnection, Files, Machine } from './ports.ts';

export interface PreflightOptions {
  readonly files: Files;
  readonly machine: Pick<Machine, 'freeBytes'>;
  readonly clock: Clock;
}

export interface Judged {
  readonly project: Project;
  readonly plan: Pick<CorePlan, 'steps'>;
  readonly observed: Observed;
  readonly connection: EngineConnection;
  /** The engine is reached through a socket of this machine. */
  readonly local: boolean;
}

/** A registry that says nothing by then is not waited for: whether the image can be had is then not known. */
const registryPatience = 4_000;
/** Plan and run ask within moments of each other. */
const rememberedFor = 60_000;

const silent: RegistryAnswer = { kind: 'unknown', message: `no answer within ${registryPatience / 1000} s` };

/** Where the engine's files are: its data root is a folder of this machine, or it is not. */
export async function engineIsHere(files: Files, facts: EngineFacts | undefined, local: boolean): Promise<EnginePlace> {
  if (!local) return 'elsewhere';
  const rootDir = facts?.rootDir ?? '';
  return rootDir !== '' && (await look(files, rootDir)) === 'directory' ? 'here' : 'unsure';
}

/** What cannot be looked at is there. */
const look = (files: Files, path: string): Promise<Look> => files.exists(path).catch(() => 'other' as const);

/** Looks up what a plan depends on and judges it; changes nothing. */
export function createPreflight({ files, machine, clock }: PreflightOptions) {
  const remembered = new Map<string, { readonly until: number; readonly answer: RegistryAnswer }>();

  const ask = async (connection: EngineConnection, image: string): Promise<RegistryAnswer> => {
    const key = `${connection.id} ${image}`;
    const known = remembered.get(key);
    if (known !== undefined && known.until > clock.now()) return known.answer;
    const late = new AbortController();
    const callOff = clock.after(registryPatience, () => late.abort());
    try {
      const answer = await connection.askRegistry(image, late.signal);
      // A wrong name is mended in the file, a login is made: only good news keeps.
      if (answer.kind === 'found') remembered.set(key, { until: clock.now() + rememberedFor, answer });
      return answer;
    } catch (error) {
      if (late.signal.aborted) return silent;
      throw error;
    } finally {
      callOff();
    }
  };

  return async ({ project, plan, observed, connection, local }: Judged): Promise<readonly Problem[]> => {
    const paths = pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');
    const input = { project, plan, observed, paths };
    const questions = toQuestions(input);
    const [facts, looked, registry] = await Promise.all([
      questions.facts ? connection.facts() : undefined,
      Promise.all(questions.paths.map(async (path) => [path, await look(files, path)] as const)),
      Promise.all(questions.references.map(async (image) => [image, await ask(connection, image)] as const)),
    ]);
    const place = await engineIsHere(files, facts, local);
    const freeBytes =
      questions.disk && place === 'here' && facts !== undefined ? await machine.freeBytes(facts.rootDir) : undefined;
    const answers: Answers = { place, paths: new Map(looked), registry: new Map(registry), facts, freeBytes };
    return preflight(input, answers);
  };
}

/** The project without build sections whose context or Dockerfile is not there: what cannot be read cannot be digested; preflight says so. */
export async function withoutBrokenContexts(project: Project, action: PlanAction, files: Files): Promise<Project> {
  if (!needsBuilds(action)) return project;
  const paths = pathsOf(files.platform() === 'win32' ? 'win32' : 'posix');
  const services = await Promise.all(
    [...project.services].map(async ([name, service]) => {
      const looked = await Promise.all(buildPaths(service, paths).map((path) => look(files, path)));
      if (!looked.includes(undefined)) return [name, service] as const;
      const { build: _build, ...rest } = service;
      return [name, rest] as const;
    }),
  );
  return { ...project, services: new Map(services) };
}

/** A planner that cannot go on at all says why: that is a plan of problems, shown like every other. */
export function planAnyway(action: PlanAction, input: PlanInput): CorePlan {
  try {
    return planFor(action, input);
  } catch (error) {
    const diagnostics =
      error instanceof AppFailure && error.error.code === 'file.invalid' ? error.error.diagnostics : [];
    if (diagnostics === undefined || diagnostics.length === 0) throw error;
    const problems = diagnostics.filter(({ severity }) => severity === 'error');
    return { project: input.name, action, steps: [], losses: [], conflicts: [], problems, warnings: [] };
  }
}

import { toContainerId, toServiceId, toStackId } from '../../preload/contract/ids.ts';
import type {
  Aggregate,
  Container,
  Engine,
  LiveState,
  McpServer,
  Service,
  Stack,
} from '../../preload/contract/model.ts';
import type { Patch } from '../../preload/contract/patch.ts';
import { label } from '../core/plan/labels.ts';
import type { EngineEvent, SeenContainer } from '../core/seen.ts';

export interface KnownForEngine {
  readonly stacks: readonly {
    readonly project: string;
    readonly title: string;
    readonly kind: 'local' | 'compose';
    readonly files: readonly string[];
    readonly services: readonly string[];
  }[];
  readonly localFile?: string;
}

export interface EngineChangesInput {
  readonly before: LiveState;
  readonly engine: Engine;
  readonly containers: readonly SeenContainer[];
  readonly known: KnownForEngine;
  readonly filesFound: (project: string) => boolean;
  readonly mcp: (container: SeenContainer) => readonly McpServer[] | undefined;
}

const isSafe = (name: string) => /^[A-Za-z0-9._-]+$/.test(name);

export function staleIds(event: EngineEvent, _known: ReadonlyMap<string, SeenContainer>): readonly string[] {
  if (event.type !== 'container') return [];
  if (event.action.startsWith('exec_') || ['top', 'attach', 'resize', 'export', 'copy'].includes(event.action))
    return [];
  return label.project in event.attributes ? [event.id] : [];
}

const toContainer = (engine: Engine, seen: SeenContainer): Container => ({
  id: toContainerId(engine.id, seen.id),
  name: seen.name,
  number: Number(seen.labels[label.containerNumber] ?? '1') || 1,
  oneOff: seen.labels[label.oneOff]?.toLowerCase() === 'true',
  state: seen.state,
  health: seen.health,
  ...(seen.exitCode === undefined ? {} : { exitCode: seen.exitCode }),
  oomKilled: seen.oomKilled,
  ...(seen.startedAt === undefined ? {} : { startedAt: seen.startedAt }),
  ...(seen.finishedAt === undefined ? {} : { finishedAt: seen.finishedAt }),
  restarts: seen.restarts,
  image: seen.image,
  ports: [...seen.ports],
  ...(seen.healthOutput === undefined ? {} : { healthOutput: seen.healthOutput }),
});

const aggregateOf = ({ state, health, exitCode }: Container): Aggregate => {
  if (state === 'running') return health === 'unhealthy' ? 'degraded' : health === 'starting' ? 'working' : 'healthy';
  if (state === 'restarting' || state === 'removing') return 'working';
  if (state === 'exited' || state === 'dead') return exitCode === 0 ? 'completed' : 'failed';
  return 'stopped';
};
const order: readonly Aggregate[] = ['unknown', 'failed', 'degraded', 'working', 'healthy', 'completed', 'stopped'];
const worst = (all: readonly Aggregate[]): Aggregate => order.find((one) => all.includes(one)) ?? 'stopped';

export function engineChanges(input: EngineChangesInput): readonly Patch[] {
  const { before, engine, containers, known } = input;
  const away = engine.state.kind === 'unreachable' ? engine.state.error.message : undefined;
  const projects = new Set(known.stacks.map(({ project }) => project));
  for (const { labels } of containers) projects.add(labels[label.project] ?? '');
  const patches: Patch[] = [];
  const keep = new Set<string>();
  const put = <T extends Stack | Service>(kind: 'stacks' | 'services', value: T, patch: Patch) => {
    keep.add(value.id);
    if (JSON.stringify(before[kind][value.id]) !== JSON.stringify(value)) patches.push(patch);
  };
  for (const project of [...projects].filter(isSafe).sort()) {
    const id = toStackId(engine.id, project);
    const mine = containers.filter(({ labels }) => labels[label.project] === project);
    const info = known.stacks.find((stack) => stack.project === project);
    const names = new Set([...(info?.services ?? []), ...mine.flatMap(({ labels }) => labels[label.service] ?? [])]);
    const services = [...names].filter(isSafe).map((name): Service => {
      const own = mine.filter(({ labels }) => labels[label.service] === name);
      const list = own.map((seen) => toContainer(engine, seen)).sort((a, b) => a.number - b.number);
      const [first] = list;
      const mcp = own.flatMap((container) => input.mcp(container) ?? []);
      return {
        id: toServiceId(id, name),
        stack: id,
        name,
        aggregate: away === undefined ? worst(list.map(aggregateOf)) : 'unknown',
        ...(away === undefined ? {} : { reason: away }),
        state: first?.state ?? 'absent',
        health: first?.health ?? 'none',
        image: first?.image ?? '',
        ...(first?.startedAt === undefined ? {} : { startedAt: first.startedAt }),
        restarts: list.reduce((sum, { restarts }) => sum + restarts, 0),
        ports: list.flatMap(({ ports }) => ports),
        containers: list,
        ...(mcp.length === 0 ? {} : { mcp }),
      };
    });
    const labels = mine[0]?.labels ?? {};
    const stack: Stack = {
      id,
      engine: engine.id,
      project,
      title: info?.title ?? project,
      kind: info?.kind ?? 'compose',
      aggregate: away === undefined ? worst(services.map(({ aggregate }) => aggregate)) : 'unknown',
      ...(away === undefined ? {} : { reason: away }),
      files: [...(info?.files ?? (labels[label.configFiles] ?? '').split(',').filter((file) => file !== ''))],
      ...(labels[label.workingDir] === undefined ? {} : { workingDir: labels[label.workingDir] }),
      filesFound: input.filesFound(project),
      services: services.map((service) => service.id),
    };
    put('stacks', stack, { op: 'put-stack', value: stack });
    for (const service of services) put('services', service, { op: 'put-service', value: service });
  }
  for (const { id } of Object.values(before.stacks).filter((stack) => stack.engine === engine.id)) {
    if (!keep.has(id)) patches.push({ op: 'drop', kind: 'stacks', id });
  }
  for (const { id } of Object.values(before.services).filter(({ stack }) => stack.startsWith(`${engine.id}/`))) {
    if (!keep.has(id)) patches.push({ op: 'drop', kind: 'services', id });
  }
  return patches;
}

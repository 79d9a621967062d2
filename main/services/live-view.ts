import { toServiceId, toStackId } from '../../preload/contract/ids.ts';
import type { Engine, LiveState, McpServer, ServiceId } from '../../preload/contract/model.ts';
import type { Patch } from '../../preload/contract/patch.ts';
import { buildEngineView, diffLive, type KnownStack } from '../core/live.ts';
import { label } from '../core/plan/labels.ts';
import type { SeenContainer } from '../core/seen.ts';

/** What an engine's part of the live state shows besides its containers. */
export interface KnownForEngine {
  readonly stacks: readonly Omit<KnownStack, 'filesFound'>[];
  /** The compose file that we ship: a project made from it is ours even when no environment of that name is stored. */
  readonly localFile?: string;
}

export interface EngineChangesInput {
  readonly before: LiveState;
  readonly engine: Engine;
  readonly containers: readonly SeenContainer[];
  readonly known: KnownForEngine;
  /** Files, of those that labels or the user name, that are there. */
  readonly foundFiles: ReadonlySet<string>;
  readonly mcp: (container: SeenContainer) => readonly McpServer[] | undefined;
}

/** Keys of one engine: `engine/…`. */
const withoutEngine = <T>(all: Readonly<Record<string, T>>, engine: string): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([id]) => !id.startsWith(`${engine}/`)));

/** Pure. The patches that make one engine's part of the state what was seen. */
export function engineChanges(input: EngineChangesInput): readonly Patch[] {
  const { before, engine, containers, known, foundFiles } = input;
  const mcp: Record<ServiceId, readonly McpServer[]> = {};
  for (const container of containers) {
    const servers = input.mcp(container);
    if (servers === undefined) continue;
    const stack = toStackId(engine.id, container.labels[label.project] ?? '');
    mcp[toServiceId(stack, container.labels[label.service] ?? '')] = servers;
  }
  const view = buildEngineView({
    engine: engine.id,
    reachable: engine.state.kind !== 'unreachable',
    containers,
    known: known.stacks.map((stack) => ({
      ...stack,
      filesFound: stack.files.length > 0 && stack.files.every((file) => foundFiles.has(file)),
    })),
    mcp,
    foundFiles,
  });
  return diffLive(before, {
    engines: before.engines,
    stacks: { ...withoutEngine(before.stacks, engine.id), ...view.stacks },
    services: { ...withoutEngine(before.services, engine.id), ...view.services },
  });
}

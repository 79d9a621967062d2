import type { Environment, PortConflict } from '../../preload/contract/model.ts';

/*
 * The ports of the stack we ship (resources/stacks/local/compose.yaml): `CLAUDE_ENV_PORT_<n>` is the port on this
 * machine for the container's port <n>.
 */
export const portVariable = (container: number): string => `CLAUDE_ENV_PORT_${container}`;

export interface PortAsk {
  readonly container: number;
  readonly title: string;
}
export const mcpPorts: readonly PortAsk[] = [
  { container: 3001, title: 'context7' },
  { container: 3002, title: 'sequential' },
  { container: 3003, title: 'magic' },
  { container: 3004, title: 'playwright' },
];
/** What programs started in the development container may listen on. */
export const appPorts: readonly PortAsk[] = [3000, 3005, 3006, 3007, 3008, 3009, 3010].map((container) => ({
  container,
  title: String(container),
}));
const allPorts: readonly PortAsk[] = [...mcpPorts, ...appPorts];

export type EnvironmentDraft = Omit<Environment, 'stack'>;

export const isConfigured = (environment: Environment): boolean => environment.workspace !== '';

/** A name and ports that no other environment has: `local`, `local-2`, …, a hundred ports apart. */
export function newDraft(existing: readonly Environment[], workspace: string): EnvironmentDraft {
  const names = new Set(existing.filter(isConfigured).map((environment) => environment.name));
  const used = new Set(existing.filter(isConfigured).flatMap((environment) => Object.values(environment.ports)));
  let index = 1;
  const nameAt = (at: number) => (at === 1 ? 'local' : `local-${at}`);
  while (names.has(nameAt(index))) index += 1;
  let offset = names.size === 0 ? 0 : (index - 1) * 100;
  while (allPorts.some(({ container }) => used.has(container + offset))) offset += 100;
  return {
    name: nameAt(index),
    workspace,
    ports: Object.fromEntries(allPorts.map(({ container }) => [portVariable(container), container + offset])),
    hostClaude: false,
    dockerSocket: false,
  };
}

export interface DraftMistakes {
  readonly name?: string;
  readonly workspace?: string;
  /** By variable. */
  readonly ports: Readonly<Record<string, string>>;
}

/** Pure. What main would refuse, said before it is asked; main checks again. */
export function checkDraft(draft: EnvironmentDraft, others: readonly Environment[]): DraftMistakes {
  const ports: Record<string, string> = {};
  const seen = new Map<number, string>();
  for (const [variable, port] of Object.entries(draft.ports)) {
    const twin = seen.get(port);
    const other = others.find((environment) => Object.values(environment.ports).includes(port));
    if (!Number.isInteger(port) || port < 1 || port > 65_535) ports[variable] = 'A port is a number from 1 to 65535.';
    else if (twin !== undefined) ports[variable] = `${port} is given twice.`;
    else if (other !== undefined) ports[variable] = `${port} belongs to the environment ${other.name}.`;
    seen.set(port, variable);
  }
  return {
    ports,
    ...(/^[a-z0-9][a-z0-9_-]{0,31}$/.test(draft.name)
      ? {}
      : { name: 'A name has 1 to 32 lower-case letters, digits, - or _, and begins with a letter or digit.' }),
    ...(draft.workspace.trim() === '' ? { workspace: 'Choose the folder that holds your code.' } : {}),
  };
}

/** The port variable that a conflict is about. */
export const conflictVariable = (environment: Environment, { port }: PortConflict): string =>
  Object.entries(environment.ports).find(([, value]) => value === port.host)?.[0] ?? portVariable(port.container);

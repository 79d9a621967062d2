import type { PublishedPort } from '../../../../preload/contract/model.ts';
import { AppFailure } from '../../../core/app-failure.ts';
import { label } from '../../../core/plan/labels.ts';
import type { SeenContainer } from '../../../core/seen.ts';
import type { ImageFacts } from '../../../services/ports.ts';
import { exitCodes } from '../exit-codes.ts';
import { columns } from '../present/table.ts';
import { type Command, usage } from '../run.ts';

/* `port`, `top`, `images`: questions about a stack's containers that nothing else answers. */

export interface PortFlags {
  readonly service: string;
  readonly port: number;
  readonly protocol: PublishedPort['protocol'];
  readonly index: number | undefined;
}

const address = ({ hostIp = '0.0.0.0', host }: PublishedPort): string =>
  `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${host}`;

/** Where a container's port is published. Exit code 1 when it is not. */
export const port =
  (flags: PortFlags): Command =>
  async ({ io, services, target, signal }) => {
    const { containers } = await services.containers(
      target,
      { services: [flags.service], ...(flags.index === undefined ? {} : { index: flags.index }) },
      signal,
    );
    const [container] = containers;
    if (container === undefined) throw usage(`There is no container of ${flags.service}.`, 'Bring it up first.');
    const found = container.ports.find(
      ({ container: inside, protocol, host }) =>
        inside === flags.port && protocol === flags.protocol && host !== undefined,
    );
    if (found === undefined) {
      throw new AppFailure({
        code: 'container.exited',
        message: `${container.name} publishes no port ${flags.port}/${flags.protocol}.`,
        hint:
          container.state === 'running' ? 'Its published ports are in `status`.' : 'It does not run; start it first.',
      });
    }
    io.data({ name: container.name, ...found });
    io.say(address(found));
    return exitCodes.done;
  };

/** What runs in the containers, as the engine's `ps` says it. */
export const top =
  (names: readonly string[]): Command =>
  async ({ io, services, target, signal }) => {
    const { engine, containers } = await services.containers(
      target,
      { services: names, oneOffs: true, running: true },
      signal,
    );
    const connection = services.engines.get(engine);
    const tables = await Promise.all(
      containers.map(async ({ name, id }) => ({ container: name, ...(await connection.processes(id, signal)) })),
    );
    io.data(tables);
    for (const { container, titles, processes } of tables) {
      io.say(io.paint('bold', container));
      io.say(columns([titles, ...processes]).join('\n'));
    }
    return exitCodes.done;
  };

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const imageRow = (container: SeenContainer, facts: ImageFacts | undefined): readonly string[] => [
  container.name,
  container.image,
  facts?.platform ?? '',
  facts?.id.replace('sha256:', '').slice(0, 12) ?? 'not there any more',
  facts === undefined ? '' : megabytes(facts.bytes),
];

/** The images that the containers were made from, by what the engine has under these names now. */
export const images =
  (options: { readonly services: readonly string[]; readonly quiet: boolean }): Command =>
  async ({ io, services, target, signal }) => {
    const { engine, containers } = await services.containers(
      target,
      { services: options.services, oneOffs: true },
      signal,
    );
    const connection = services.engines.get(engine);
    const facts = new Map(
      await Promise.all(
        [...new Set(containers.map(imageOf))].map(
          async (reference) => [reference, await connection.image(reference, signal)] as const,
        ),
      ),
    );
    io.data(
      containers.map((container) => ({
        container: container.name,
        image: container.image,
        ...facts.get(imageOf(container)),
      })),
    );
    if (options.quiet) io.say([...new Set([...facts.values()].flatMap((one) => one?.id ?? []))].join('\n'));
    else if (containers.length > 0) {
      io.say(
        columns(
          [
            ['CONTAINER', 'IMAGE', 'PLATFORM', 'ID', 'SIZE'],
            ...containers.map((container) => imageRow(container, facts.get(imageOf(container)))),
          ],
          '',
        ).join('\n'),
      );
    }
    return exitCodes.done;
  };

/** The image itself, where compose wrote down which one it was; the name may mean another one now. */
const imageOf = ({ labels, image }: SeenContainer): string => labels[label.image] ?? image;

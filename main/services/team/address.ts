import { AppFailure } from '../../core/app-failure.ts';
import { type Advice, adviseAddresses, chooseAddress, isInVirtualMachine } from '../../core/swarm/addresses.ts';
import type { SwarmSelf } from '../../core/swarm/membership.ts';
import type { MachineNetwork } from '../ports.ts';
import type { TeamContext, TeamEngine } from './context.ts';

export interface ChosenAddress {
  readonly address: string;
  /** It is one of this machine's own, so a change of it can be seen. */
  readonly own: boolean;
  readonly advices: readonly Advice[];
  readonly warnings: readonly string[];
}

const virtualMachine =
  'The engine runs in a virtual machine (Docker Desktop and its like), which other machines do not reach: overlay networks to it break ' +
  '(docker/for-mac#1376, docker/for-win#6400). Use the team’s Linux machines through a docker context instead.';

/** What there is to choose from; `listed` false: only people know. */
export async function listAddresses(
  context: TeamContext,
  { engine: wanted }: { readonly engine?: string },
): Promise<Pick<ChosenAddress, 'advices' | 'warnings'> & { readonly listed: boolean }> {
  const engine = await context.engineOf(wanted);
  const { product } = await engine.swarm.self();
  const inside = isInVirtualMachine(product);
  const listed = engine.local && !inside;
  return {
    listed,
    advices: listed ? adviseAddresses(await context.network.addresses()) : [],
    warnings: inside ? [virtualMachine] : [],
  };
}

/** By which address others shall know this engine. Throws `swarm.address` where only people can know. */
export async function chooseAdvertised(
  network: MachineNetwork,
  { engine, self, wanted }: { engine: TeamEngine; self: SwarmSelf; wanted: string | undefined },
): Promise<ChosenAddress> {
  const inside = isInVirtualMachine(self.product);
  const warnings = inside ? [virtualMachine] : [];
  if (!engine.local || inside) {
    if (wanted !== undefined) return { address: wanted, own: false, advices: [], warnings };
    throw new AppFailure({
      code: 'swarm.address',
      message: 'The engine is not on this machine, so its addresses cannot be seen from here.',
      hint: 'Say by which address the others reach it: --advertise ADDRESS.',
    });
  }
  const advices = adviseAddresses(await network.addresses());
  const choice = chooseAddress(advices, wanted);
  if (choice.kind === 'chosen') {
    const doubts = (choice.advice?.reasons ?? []).map((reason) => `${choice.address}: ${reason}.`);
    const strange =
      choice.advice === undefined
        ? [`${choice.address} is no address of this machine: fine behind NAT, else a mistake.`]
        : [];
    return {
      address: choice.address,
      own: choice.advice !== undefined,
      advices,
      warnings: [...warnings, ...doubts, ...strange],
    };
  }
  const listed = (choice.kind === 'several' ? choice.candidates : advices)
    .map(({ address, name, reasons }) => `${address} (${[name, ...reasons].join('; ')})`)
    .join('\n');
  throw new AppFailure({
    code: 'swarm.address',
    message:
      choice.kind === 'several'
        ? 'This machine has several addresses, and only people know which of them the others reach.'
        : 'This machine has no address that others could reach.',
    hint: 'Choose with --advertise ADDRESS (or the interface’s name).',
    detail: listed,
  });
}

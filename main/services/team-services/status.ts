import type { AppError } from '../../../preload/contract/errors.ts';
import {
  applyServicesPatch,
  type ServicesLink,
  type ServicesPart,
  type TeamServicesState,
} from '../../../preload/contract/team-services.ts';
import { AppFailure } from '../../core/app-failure.ts';
import { certificateWarning } from '../../core/team-services/failures.ts';
import { partsFor, toPeople } from '../../core/team-services/view.ts';
import type { Clock } from '../ports.ts';
import type { Caller, TeamClient } from './client.ts';
import { callerOf, type ServicesContext } from './context.ts';
import type { LinkRecord } from './link.ts';
import { readMe, readPart, readPeople, readPresence } from './read-parts.ts';

/** Of the certificate that was shown last. */
export function warningOf(
  { client, clock }: { readonly client: Pick<TeamClient, 'certificateEnds'>; readonly clock: Pick<Clock, 'now'> },
  caller: Caller,
  { role }: Pick<LinkRecord['person'], 'role'>,
): Pick<Extract<ServicesLink, { kind: 'open' }>, 'warning'> {
  const { team } = caller;
  const warning = certificateWarning({ team, role, ends: client.certificateEnds(caller), now: clock.now() });
  return warning === undefined ? {} : { warning };
}

/** What the services say now, once; `wanted`: of what the role may see. A part that cannot be read has its error instead. */
export async function lookOnce(
  context: ServicesContext,
  wanted: readonly ServicesPart[],
  signal?: AbortSignal,
): Promise<TeamServicesState> {
  const { client } = context;
  const caller = await callerOf(context);
  const reader = { client, caller, ...(signal === undefined ? {} : { signal }) };
  const { person, team, tokenCreated } = await readMe(reader);
  const { addresses } = caller;
  let state: TeamServicesState = {
    link: {
      kind: 'open',
      ...{ team, addresses: [...addresses], me: person, address: client.addressOf(caller) },
      ...(tokenCreated === undefined ? {} : { tokenCreated }),
      ...warningOf(context, caller, person),
    },
    errors: {},
  };
  const errors: Partial<Record<ServicesPart, AppError>> = {};
  const readOne = async (part: ServicesPart): Promise<void> => {
    try {
      if (part !== 'people') {
        // Read first: others put their parts meanwhile, and what `state` was before would take those away again.
        const value = await readPart(reader, part, person.role);
        state = applyServicesPatch(state, { op: 'put', value });
        return;
      }
      const [people, presence] = await Promise.all([readPeople(reader), readPresence(reader)]);
      const { current } = state.config ?? {};
      state = { ...state, people: { ...toPeople(people, presence, current?.sha) } };
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      errors[part] = error.error;
    }
  };
  const mine = partsFor(person.role).filter((part) => wanted.includes(part));
  // The configuration first: who is behind is told by it.
  if (mine.includes('config')) await readOne('config');
  await Promise.all(mine.filter((part) => part !== 'config').map(readOne));
  return { ...state, errors };
}

import { AppFailure } from '../../core/app-failure.ts';
import type { ServicesInvite } from '../../core/swarm/invite.ts';
import { otherCertificate } from '../../core/team-services/failures.ts';
import type { TeamLink } from '../ports.ts';
import type { ReachCheck } from '../team/join.ts';

/** What can be told of the services' addresses before anything is done. */
export async function checkServices(
  { teamLink }: { readonly teamLink: TeamLink },
  { team, services }: { readonly team: string; readonly services: ServicesInvite },
) {
  const found = await Promise.all(
    services.addresses.map(async (address) => ({ address, answer: await teamLink.fetchCa(address) })),
  );
  const other = found.find(({ answer }) => answer.kind === 'ca' && answer.sha256 !== services.ca);
  if (other !== undefined) {
    throw new AppFailure(otherCertificate(team, { address: other.address, why: 'It shows another CA.' }));
  }
  const checks = found.map(({ address, answer }): ReachCheck => {
    const what = `services at ${address}`;
    return answer.kind === 'ca'
      ? { what, status: 'ok', found: 'answer, and show the certificate that the invite names' }
      : { what, status: 'problem', found: answer.why };
  });
  return { checks, answering: found.filter(({ answer }) => answer.kind === 'ca').length };
}

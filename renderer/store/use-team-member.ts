import { useEffect, useState } from 'react';
import type { AppError } from '../../preload/contract/errors.ts';
import type { MemberEnvironment } from '../../preload/contract/team-member.ts';
import { useApp } from './context.ts';

interface Member {
  /** undefined: not known yet. */
  readonly environments: readonly MemberEnvironment[] | undefined;
  /** The stream is over. */
  readonly error: AppError | undefined;
}

/** What this user's own dev containers have of the team, as long as somebody looks at it. */
export function useTeamMember(): Member {
  const { client } = useApp();
  const [member, setMember] = useState<Member>({ environments: undefined, error: undefined });
  useEffect(
    () =>
      client.subscribe(
        'teamMember',
        {},
        {
          onFrame: ({ environments }) => setMember({ environments, error: undefined }),
          onEnd: (error) => setMember((before) => ({ ...before, error })),
        },
      ),
    [client],
  );
  return member;
}

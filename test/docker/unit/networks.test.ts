import type Docker from 'dockerode';
import { describe, expect, test } from 'vitest';
import { removeNetwork } from '../../../main/docker/networks.ts';

/* What the engine does when it is late cannot be provoked on a real one. */

const refusal = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), { statusCode, json: { message } });
const busy = () => refusal(403, 'error while removing network: network x id y has active endpoints');

function engine(answers: readonly (Error | undefined)[], containers: object = {}) {
  const asked: string[] = [];
  const network = {
    remove: async () => {
      const error = answers[asked.filter((call) => call === 'remove').length];
      asked.push('remove');
      if (error !== undefined) throw error;
    },
    inspect: async () => {
      asked.push('inspect');
      return { Containers: containers };
    },
  };
  return { asked, docker: { getNetwork: () => network } as unknown as Docker };
}

describe('removing a network', () => {
  test('whose last container the engine has removed, but not let go of yet, is tried again', async () => {
    const { asked, docker } = engine([busy(), busy(), undefined]);
    await removeNetwork(docker, 'x');
    expect(asked).toEqual(['remove', 'inspect', 'remove', 'inspect', 'remove']);
  });

  test('that a container is connected to, fails at once', async () => {
    const { asked, docker } = engine([busy(), undefined], { abc: { Name: 'web' } });
    await expect(removeNetwork(docker, 'x')).rejects.toThrow('active endpoints');
    expect(asked).toEqual(['remove', 'inspect']);
  });

  test('that is not there, is done; another refusal is said at once', async () => {
    await removeNetwork(engine([refusal(404, 'no such network')]).docker, 'x');
    const { asked, docker } = engine([refusal(500, 'no space left on device')]);
    await expect(removeNetwork(docker, 'x')).rejects.toThrow('no space');
    expect(asked).toEqual(['remove']);
  });

  test('is given up after a while, and when somebody cancels', async () => {
    const never = engine([busy(), busy(), busy(), busy(), busy(), busy(), undefined]);
    await expect(removeNetwork(never.docker, 'x')).rejects.toThrow('active endpoints');
    expect(never.asked.filter((call) => call === 'remove')).toHaveLength(6);
    const cancelled = engine([busy(), undefined]);
    await expect(removeNetwork(cancelled.docker, 'x', AbortSignal.abort())).rejects.toThrow('abort');
    expect(cancelled.asked).toEqual(['remove', 'inspect']);
  });
});

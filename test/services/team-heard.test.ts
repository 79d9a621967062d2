import { expect, it } from 'vitest';
import { createHearings, whoAnswers } from '../../main/services/team/heard.ts';
import { createFakeClock } from '../support/fake-engine-world.ts';

const node = {
  id: 'ben',
  hostname: 'n2',
  address: '10.0.0.3',
  role: 'worker',
  availability: 'active',
  state: 'ready',
  message: '',
  changedAt: 0,
  labels: {},
  engine: '28',
  platform: 'linux/x86_64',
  cpus: 1,
  memoryBytes: 1,
} as const;

it('takes a silent machine for back once it answers here, before the gossip has met it again, and asks nobody else', async () => {
  const clock = createFakeClock();
  const asked: string[] = [];
  let answer: 'open' | 'silent' = 'silent';
  const tcp = async (host: string, port: number) => {
    asked.push(`${host}:${port}`);
    return answer;
  };
  const asHeard = createHearings({ clock, network: { tcp } });
  const look = async (heard: readonly string[]) => {
    await clock.advance(2000);
    return (await asHeard('local', [node], heard))[0]?.state;
  };
  expect(await look(['10.0.0.2', '10.0.0.3'])).toBe('ready');
  expect(await look(['10.0.0.2'])).toBe('disconnected');
  expect(asked).toEqual([]);
  expect(await look(['10.0.0.2'])).toBe('disconnected');
  answer = 'open';
  expect(await look(['10.0.0.2'])).toBe('ready');
  expect(asked).toEqual(['10.0.0.3:7946', '10.0.0.3:7946']);
});

it('leaves out machines that refuse to talk where the gossip still counts them in, and waits for no others', async () => {
  const clock = createFakeClock();
  const never = new Promise<'silent'>(() => undefined);
  const tcp = async (host: string) => (host === '10.0.0.3' ? 'refused' : host === '10.0.0.4' ? never : 'open');
  const swarm = { heard: async () => ['10.0.0.2', '10.0.0.3', '10.0.0.4'] };
  const found = whoAnswers({ clock, network: { tcp } }, { local: true, swarm });
  await clock.advance(500);
  expect(await found).toEqual(['10.0.0.2', '10.0.0.4']);
  expect(await whoAnswers({ clock, network: { tcp } }, { local: false, swarm })).toHaveLength(3);
});

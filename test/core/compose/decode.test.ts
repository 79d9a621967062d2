import { describe, expect, it } from 'vitest';
import type { FileObject, Network, Volume } from '../../../main/core/compose/project.ts';
import { service as serviceKind } from '../../../main/core/compose/schema/service.ts';
import { loadFrom } from './support/cases.ts';
import { everyKeyFiles } from './support/every-key.ts';
import { everyServiceKey, mapOf } from './support/every-key-values.ts';

const load = () => loadFrom(everyKeyFiles, { profiles: ['p'], environment: { HOME: '/home/me' } });

describe('the project', () => {
  it('has every key of a service, in its type', async () => {
    const { project, diagnostics } = await load();
    expect(diagnostics).toEqual([]);
    expect(project?.services.get('w')).toEqual(everyServiceKey);
  });

  it('knows every key that the schema knows', () => {
    const modelled = new Set([...Object.keys(everyServiceKey), 'network_mode', 'extends']);
    expect([...serviceKind.keys.keys()].filter((key) => !modelled.has(key))).toEqual([]);
  });

  it('has what a shared namespace implies', async () => {
    const { project } = await load();
    expect(project?.services.get('z')?.depends_on).toEqual(
      mapOf({ q: { condition: 'service_started', restart: true, required: true } }),
    );
    expect(project?.services.get('z')?.networks).toBeUndefined();
    expect(project?.services.get('q')?.networks).toEqual(mapOf({ default: null }));
  });

  it('has networks, volumes, secrets, configs and models, those that are used', async () => {
    const { project } = await load();
    const network: Required<Omit<Network, 'external' | 'isNameless'>> = {
      key: 'n',
      name: 'all_n',
      driver: 'bridge',
      driver_opts: mapOf({ o: '1' }),
      attachable: true,
      enable_ipv4: true,
      enable_ipv6: false,
      internal: true,
      ipam: {
        driver: 'default',
        config: [
          {
            subnet: '10.0.0.0/24',
            gateway: '10.0.0.1',
            ip_range: '10.0.0.0/25',
            aux_addresses: mapOf({ h: '10.0.0.9' }),
          },
        ],
        options: mapOf({ a: 'b' }),
      },
      labels: mapOf({ k: 'v' }),
      extensions: { 'x-n': 1 },
    };
    const volume: Required<Omit<Volume, 'external' | 'isNameless'>> = {
      key: 'vv',
      name: 'all_vv',
      driver: 'local',
      driver_opts: mapOf({ o: '1' }),
      labels: mapOf({ k: 'v' }),
      extensions: { 'x-v': 1 },
    };
    const secret: FileObject = {
      key: 's',
      name: 'all_s',
      file: '/p/s.txt',
      labels: mapOf({ k: 'v' }),
      template_driver: 'g',
      extensions: { 'x-s': 1 },
    };
    expect(project).toMatchObject({
      name: 'all',
      workingDir: '/p',
      files: ['/p/compose.yaml'],
      networks: mapOf({ n: network, default: { key: 'default', name: 'all_default' } }),
      volumes: mapOf({ vv: volume }),
      secrets: mapOf({ s: secret }),
      configs: mapOf({ c: { key: 'c', name: 'all_c', content: 'text' } }),
      models: mapOf({ m: { model: 'ai/m', context_size: 5, runtime_flags: ['a'] } }),
      extensions: { 'x-top': { a: 1 } },
    });
  });
});

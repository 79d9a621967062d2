import { describe, expect, it } from 'vitest';
import type { Project, Service } from '../../../main/core/compose/project.ts';
import { service, sha256 } from '../../support/builders.ts';
import { bodyOf, specOf } from './spec-of.ts';

/* Mounts, networks and labels in the create body: what comes from more than one key. */

describe('mounts', () => {
  const of: Partial<Project> = { volumes: new Map([['data', { key: 'data', name: 'shop_data' }]]) };
  it('named volumes and plain binds take the string form, which makes a missing folder', () => {
    const { HostConfig } = bodyOf(
      {
        volumes: [
          { type: 'volume', source: 'data', target: '/data', volume: {} },
          {
            type: 'bind',
            source: '/src',
            target: '/src',
            read_only: true,
            bind: { create_host_path: true, selinux: 'z' },
          },
        ],
      },
      { of },
    );
    expect(HostConfig.Binds).toEqual(['shop_data:/data:rw', '/src:/src:ro,z']);
    expect(HostConfig.Mounts).toBeUndefined();
  });
  it('what that form cannot say is a mount', () => {
    const { HostConfig } = bodyOf(
      {
        volumes: [
          { type: 'bind', source: '/src', target: '/src', bind: { create_host_path: false } },
          { type: 'volume', source: 'data', target: '/data', volume: { nocopy: true } },
          { type: 'volume', target: '/anonymous', volume: {} },
          { type: 'tmpfs', target: '/t', tmpfs: { size: 5, mode: 0o1777 } },
        ],
      },
      { of },
    );
    expect(HostConfig.Binds).toBeUndefined();
    expect(HostConfig.Mounts).toEqual([
      { Type: 'bind', Source: '/src', Target: '/src', BindOptions: {} },
      { Type: 'volume', Source: 'shop_data', Target: '/data', VolumeOptions: { NoCopy: true } },
      { Type: 'volume', Target: '/anonymous', VolumeOptions: {} },
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 5, Mode: 0o1777 } },
    ]);
  });
  it('of two mounts with one target the last one wins', () => {
    const { HostConfig } = bodyOf({
      volumes: [
        { type: 'bind', source: '/one', target: '/x' },
        { type: 'bind', source: '/two', target: '/x' },
      ],
    });
    expect(HostConfig.Binds).toEqual(['/two:/x:rw']);
  });
  it('secrets and configs that are files are mounted read-only', () => {
    const { HostConfig } = bodyOf(
      { secrets: [{ source: 'token' }], configs: [{ source: 'conf', target: '/etc/conf' }] },
      {
        of: {
          secrets: new Map([['token', { key: 'token', name: 'shop_token', file: '/s/token' }]]),
          configs: new Map([['conf', { key: 'conf', name: 'shop_conf', file: '/s/conf' }]]),
        },
      },
    );
    expect(HostConfig.Mounts).toMatchObject([
      { Source: '/s/token', Target: '/run/secrets/token', ReadOnly: true },
      { Source: '/s/conf', Target: '/etc/conf', ReadOnly: true },
    ]);
  });
});

describe('networks', () => {
  const of: Partial<Project> = {
    networks: new Map([
      ['back', { key: 'back', name: 'shop_back' }],
      ['front', { key: 'front', name: 'shop_front' }],
    ]),
  };
  const members: Partial<Service> = {
    mac_address: '02:42:ac:11:00:02',
    networks: new Map([
      ['back', null],
      ['front', { priority: 5, aliases: ['www', 'web'], ipv4_address: '10.0.0.9' }],
    ]),
  };
  const front = {
    Aliases: ['shop-web-1', 'web', 'www'],
    IPAddress: '10.0.0.9',
    IPAMConfig: { IPv4Address: '10.0.0.9' },
  };
  const back = { Aliases: ['shop-web-1', 'web'] };

  it('before API 1.44 the primary one goes into the body, the others are connected', () => {
    const spec = specOf(members, { of });
    expect(spec.body).toMatchObject({
      MacAddress: '02:42:ac:11:00:02',
      HostConfig: { NetworkMode: 'shop_front' },
      NetworkingConfig: { EndpointsConfig: { shop_front: front } },
    });
    expect(spec.connect).toEqual([{ network: 'shop_back', body: { EndpointConfig: back } }]);
  });
  it('from API 1.44 on all go into the body', () => {
    const spec = specOf(members, { of, api: '1.44' });
    expect(spec.connect).toEqual([]);
    expect(spec.body).toMatchObject({
      NetworkingConfig: {
        EndpointsConfig: { shop_front: { ...front, MacAddress: '02:42:ac:11:00:02' }, shop_back: back },
      },
    });
    expect(spec.body).not.toHaveProperty('MacAddress');
  });
  it('links are three names for each container, on the primary network', () => {
    const spec = specOf({ links: ['db:database'], external_links: ['other:o'] });
    expect(spec.body).toMatchObject({
      NetworkingConfig: {
        EndpointsConfig: {
          shop_default: { Links: ['shop-db-1:database', 'shop-db-1:db-1', 'shop-db-1:shop-db-1', 'other:o'] },
        },
      },
    });
  });
  it('without any network it is none', () => {
    expect(bodyOf({ networks: new Map() }).HostConfig.NetworkMode).toBe('none');
  });
});

describe('labels', () => {
  it('are those by which compose knows its own; the image id comes with the creation', () => {
    const spec = specOf(
      {
        labels: new Map([['mine', 'yes']]),
        depends_on: new Map([
          ['db', { condition: 'service_healthy', restart: true, required: true }],
          ['cache', { condition: 'service_started', required: false }],
          ['inactive', { condition: 'service_started', required: false }],
        ]),
      },
      {
        of: {
          envFiles: ['/a.env', '/b.env'],
          files: ['/one.yaml', '/two.yaml'],
          services: new Map(['db', 'cache'].map((name) => [name, service(name)])),
        },
      },
    );
    expect(spec.body.Labels).toEqual({
      mine: 'yes',
      'com.docker.compose.config-hash': sha256(spec.hashed),
      'com.docker.compose.container-number': '1',
      'com.docker.compose.depends_on': 'db:service_healthy:true,cache:service_started:false',
      'com.docker.compose.oneoff': 'False',
      'com.docker.compose.project': 'shop',
      'com.docker.compose.project.config_files': '/one.yaml,/two.yaml',
      'com.docker.compose.project.environment_file': '/a.env,/b.env',
      'com.docker.compose.project.working_dir': '/home/me/shop',
      'com.docker.compose.service': 'web',
      'com.docker.compose.version': '2.40.3',
    });
  });
  it('a file cannot pretend to be another project', () => {
    const labels = new Map([['com.docker.compose.project', 'other']]);
    expect(bodyOf({ labels }).Labels).toMatchObject({ 'com.docker.compose.project': 'shop' });
  });
});

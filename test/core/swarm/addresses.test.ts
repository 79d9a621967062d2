import { describe, expect, it } from 'vitest';
import {
  adviseAddresses,
  chooseAddress,
  firewallHints,
  type InterfaceAddress,
  isInVirtualMachine,
  movedAway,
  nodeAddress,
} from '../../../main/core/swarm/addresses.ts';

const one = (name: string, address: string, leased?: boolean): InterfaceAddress => ({
  name,
  address,
  family: address.includes(':') ? 6 : 4,
  ...(leased === undefined ? {} : { leased }),
});

describe('advice on addresses', () => {
  it.each([
    ['eth0', '10.77.0.2', undefined, 'good', ''],
    ['eth0', '192.168.1.20', true, 'doubtful', 'DHCP'],
    ['wlp3s0', '192.168.1.21', true, 'doubtful', 'wireless'],
    ['wg0', '10.8.0.3', undefined, 'doubtful', 'VPN'],
    ['tailscale0', '100.100.3.4', undefined, 'doubtful', 'VPN'],
    ['utun3', '10.8.0.3', undefined, 'doubtful', 'VPN'],
    ['eth0', '203.0.113.5', undefined, 'doubtful', 'Internet'],
    ['docker0', '172.17.0.1', undefined, 'bad', 'inside this machine'],
    ['br-1f2e', '172.18.0.1', undefined, 'bad', 'inside this machine'],
    ['lo', '127.0.0.1', undefined, 'bad', 'only this machine'],
    ['eth0', '169.254.3.4', undefined, 'bad', 'gives itself'],
    ['en0', 'fe80::1', undefined, 'bad', 'gives itself'],
  ] as const)('%s %s (leased: %s) is %s', (name, address, leased, verdict, words) => {
    const [advice] = adviseAddresses([one(name, address, leased)]);
    expect(advice?.verdict).toBe(verdict);
    expect(advice?.reasons.join()).toContain(words);
  });

  it('puts the best first, and chooses by itself only where there is nothing to choose', () => {
    const wifi = one('wlan0', '192.168.1.4', true);
    const cable = one('eth0', '10.0.0.4');
    const bridge = one('docker0', '172.17.0.1');
    expect(adviseAddresses([bridge, wifi, cable]).map(({ name }) => name)).toEqual(['eth0', 'wlan0', 'docker0']);
    expect(chooseAddress(adviseAddresses([bridge, cable]), undefined)).toMatchObject({
      kind: 'chosen',
      address: '10.0.0.4',
    });
    expect(chooseAddress(adviseAddresses([wifi, cable]), undefined).kind).toBe('several');
    expect(chooseAddress(adviseAddresses([wifi, cable]), 'wlan0')).toMatchObject({ address: '192.168.1.4' });
    expect(chooseAddress(adviseAddresses([bridge]), undefined).kind).toBe('none');
  });

  it('knows engines that live in a virtual machine', () => {
    expect(['Docker Desktop', 'Debian GNU/Linux 12 (bookworm)'].map(isInVirtualMachine)).toEqual([true, false]);
  });

  it('names protocol 50 only where traffic is encrypted, and the data path’s own port', () => {
    const plain = firewallHints({ dataPathPort: 4790, encrypted: false }).join();
    expect(plain).toContain('4790/udp');
    expect(plain).not.toContain('50');
    expect(firewallHints({ dataPathPort: 4789, encrypted: true }).join()).toContain('protocol 50');
  });

  it('sees that a machine is no longer where the Swarm knows it', () => {
    const here = [one('lo', '127.0.0.1'), one('eth0', '192.168.1.20')];
    expect(movedAway('192.168.1.20', here)).toBeUndefined();
    expect(movedAway('10.77.0.3', here)).toEqual(['192.168.1.20']);
    expect(movedAway('10.77.0.3', [])).toEqual([]);
    expect(movedAway('', here)).toBeUndefined();
  });

  it('takes a node’s own address, else the one that it has as a manager', () => {
    expect(nodeAddress('10.0.0.2', '10.0.0.9:2377')).toBe('10.0.0.2');
    expect(nodeAddress('0.0.0.0', '10.0.0.9:2377')).toBe('10.0.0.9');
    expect(nodeAddress(undefined, '[fd00::1]:2377')).toBe('fd00::1');
    expect(nodeAddress('0.0.0.0', '0.0.0.0:2377')).toBe('');
  });
});

import type Docker from 'dockerode';
import type { ProbeCall, ProbeResponder, ProbeVerdict } from '../core/swarm/membership.ts';
import { dial } from './dial.ts';
import { statusOf } from './errors.ts';
import { sendToSwarm } from './swarm-call.ts';

/*
 * Whether overlay traffic flows, both ways, tried and not guessed: a small responder on a manager and a container on the
 * machine that has joined meet on an attachable overlay network. Each calls the other over TCP and sends 64 KiB forth and
 * back, because packets of full size are what gets lost where a VPN or encryption eats a few bytes of each (MTU).
 * Names are resolved to the task itself (dnsrr): that needs no IPVS. Perl is in every Debian image (perl-base is essential).
 */

const probeNetwork = 'claude-env-probe';
const probeService = 'claude-env-probe';
const probeLabels = { 'io.claude-env.probe': 'true' };
const port = 7077;
const backPort = 7078;

const common = `
use strict; use IO::Socket::INET; use Socket;
$| = 1; my $size = 65536; my $data = "x" x $size;
sub take { my ($s, $n) = @_; my $all = ""; while (length($all) < $n) { my $r = sysread($s, my $part, $n - length($all)); return undef unless $r; $all .= $part } return $all }
sub give { my ($s, $all) = @_; my $at = 0; while ($at < length($all)) { my $w = syswrite($s, $all, length($all) - $at, $at); return 0 unless $w; $at += $w } return 1 }
sub echo { my ($s) = @_; my $got = take($s, $size); return defined $got && give($s, $got) }
sub call { my ($host, $p) = @_; local $SIG{ALRM} = sub { die "silence\\n" }; my $ok = 0;
  eval { alarm 6; my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $p, Timeout => 3) or die "no connection\\n";
    give($s, $data) or die "broken\\n"; my $got = take($s, $size); die "cut short\\n" unless defined $got; $ok = $s; alarm 0; };
  alarm 0; return $ok }
`;

/** Echoes, then calls back and tells whether that went well. Ends by itself. */
const responder = (seconds: number): string => `${common}
my $until = time + ${seconds};
my $l = IO::Socket::INET->new(Listen => 8, LocalPort => ${port}, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (time < $until) {
  my $s = eval { local $SIG{ALRM} = sub { die }; alarm($until - time > 0 ? $until - time : 1); my $c = $l->accept; alarm 0; $c } or next;
  next if fork;
  $SIG{CHLD} = 'DEFAULT';
  if (echo($s)) { give($s, call($s->peerhost, ${backPort}) ? "both\\n" : "oneway\\n") }
  exit 0;
}`;

/** Tries for a while: a network that was just made is known to another machine a second or two later. */
const caller = (seconds: number): string => `${common}
my $l = IO::Socket::INET->new(Listen => 8, LocalPort => ${backPort}, ReuseAddr => 1) or die;
if (!fork) { while (my $s = $l->accept) { echo($s) } exit 0 }
my $until = time + ${seconds}; my $seen = "name";
while (time < $until) {
  my $name = gethostbyname('${probeService}');
  if (defined $name) {
    $seen = "traffic";
    if (my $s = call(inet_ntoa($name), ${port})) {
      my $answer = ""; eval { local $SIG{ALRM} = sub { die }; alarm 8; $answer = <$s> // ""; alarm 0 }; alarm 0;
      if ($answer =~ /^both/) { print "both\\n"; exit 0 }
      $seen = "back";
    }
  }
  select undef, undef, undef, 0.3;
}
print "$seen\\n";`;

/*
 * Encrypted overlays are carried by ESP (IP protocol 50). A kernel without it resolves names and loses every packet, and says
 * so only in the engine's log. Asked as the engine itself would: a security association over netlink, in a container whose
 * network is its own. ENOSYS (38) and EPROTONOSUPPORT (93): the kernel has no such algorithm, or no ESP.
 */
const askKernel = `
use strict; use Socket;
socket(my $s, 16, SOCK_RAW, 6) or die;
my $address = sub { inet_aton($_[0]) . "\\0" x 12 };
my ($from, $to) = ($address->("192.0.2.1"), $address->("192.0.2.2"));
my $info = "\\0" x 56 . $to . pack("N C x3", 0x1000, 50) . $from . pack("Q4", (~0) x 4) . "\\0" x 76
  . pack("L L S C C C x7", 0, 1, 2, 0, 0, 0);
my $aead = pack("a64 L L", "rfc4106(gcm(aes))", 160, 64) . "k" x 20;
my $body = $info . pack("S S", 4 + length($aead), 18) . $aead;
send($s, pack("L S S L L", 16 + length($body), 0x10, 5, 1, 0) . $body, 0) or die;
recv($s, my $answer, 4096, 0);
my @fields = unpack("L S S L L l", $answer);
print "errno:", -$fields[5], "\\n";`;

/*
 * Ingress ports and virtual IPs are spread by IPVS. Asked for its version as ipvsadm does (linux/ip_vs.h: IP_VS_SO_GET_VERSION is
 * 64 + 1024 + 64): ENOPROTOOPT (92) where the kernel has none, or has not loaded it though the engine asked for it.
 */
const askForIpvs = `
use strict; use Socket;
socket(my $s, AF_INET, SOCK_RAW, 255) or die;
print "errno:", defined(getsockopt($s, 0, 1152)) ? 0 : $! + 0, "\\n";`;

/** Whether this engine's kernel can carry encrypted overlay networks. */
export const askForEncryption = (docker: Docker, image: string, signal: AbortSignal): Promise<Ability> =>
  ask(docker, { image, script: askKernel, lacking: ['38', '93'] }, signal);

/** Whether this engine's kernel can spread what comes in to tasks. */
export const askForMesh = (docker: Docker, image: string, signal: AbortSignal): Promise<Ability> =>
  ask(docker, { image, script: askForIpvs, lacking: ['92'] }, signal);

type Ability = 'yes' | 'no' | 'unknown';
interface Question {
  readonly image: string;
  readonly script: string;
  /** Error numbers that mean no. */
  readonly lacking: readonly string[];
}

async function ask(docker: Docker, { image, script, lacking }: Question, signal: AbortSignal): Promise<Ability> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['perl', '-e', script],
    Entrypoint: [],
    Labels: probeLabels,
    HostConfig: { NetworkMode: 'none', CapAdd: ['NET_ADMIN'] },
    abortSignal: signal,
  });
  try {
    const errno = /errno:(\d+)/.exec(await run(docker, container, signal))?.[1];
    if (errno === undefined) return 'unknown';
    return errno === '0' ? 'yes' : lacking.includes(errno) ? 'no' : 'unknown';
  } finally {
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}

/** Makes network and responder anew, so that it lives as long as is asked for now. */
export async function startResponder(docker: Docker, options: ProbeResponder, signal: AbortSignal): Promise<void> {
  const networks = await docker.listNetworks({ filters: { name: [probeNetwork] }, abortSignal: signal });
  if (!networks.some(({ Name }) => Name === probeNetwork)) {
    await docker.createNetwork({
      Name: probeNetwork,
      Driver: 'overlay',
      Attachable: true,
      Labels: probeLabels,
      ...(options.encrypted ? { Options: { encrypted: '' } } : {}),
      abortSignal: signal,
    });
  }
  await removeService(docker, signal);
  await sendToSwarm(docker, {
    method: 'POST',
    path: '/services/create',
    body: {
      Name: probeService,
      Labels: probeLabels,
      TaskTemplate: {
        ContainerSpec: { Image: options.image, Command: ['perl', '-e', responder(options.seconds)], Init: true },
        Resources: { Limits: { MemoryBytes: 128 * 1024 * 1024 } },
        RestartPolicy: { Condition: 'on-failure', MaxAttempts: 3 },
        Placement: { Constraints: [`node.id==${options.nodeId}`] },
        Networks: [{ Target: probeNetwork }],
      },
      Mode: { Replicated: { Replicas: 1 } },
      EndpointSpec: { Mode: 'dnsrr' },
    },
    signal,
  });
}

async function removeService(docker: Docker, signal: AbortSignal): Promise<void> {
  try {
    await sendToSwarm(docker, { method: 'DELETE', path: `/services/${probeService}`, signal });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** Service and network. A network that is still in use stays, and does no harm. */
export async function stopProbe(docker: Docker, signal: AbortSignal): Promise<void> {
  await removeService(docker, signal);
  try {
    await docker.getNetwork(probeNetwork).remove({ abortSignal: signal } as object);
  } catch (error) {
    const status = statusOf(error);
    // Seen a moment after it was removed, while the engine still lists it: 500 and "network … not found".
    const isGone = status === 404 || (error instanceof Error && /network \S+ not found/.test(error.message));
    if (!isGone && status !== 403 && status !== 400) throw error;
  }
}

export async function callResponder(docker: Docker, options: ProbeCall, signal: AbortSignal): Promise<ProbeVerdict> {
  const container = await docker.createContainer({
    Image: options.image,
    Cmd: ['perl', '-e', caller(options.seconds)],
    Entrypoint: [],
    Labels: probeLabels,
    HostConfig: { NetworkMode: probeNetwork, Memory: 128 * 1024 * 1024, Init: true },
    abortSignal: signal,
  });
  try {
    const output = await run(docker, container, signal);
    return (['both', 'name', 'traffic', 'back'] as const).find((word) => output.includes(word)) ?? 'traffic';
  } catch (error) {
    // Seen while no task of the network is anywhere near: "Could not attach to network … context deadline exceeded".
    const sentence = error instanceof Error ? error.message : '';
    if (/network .*not found|Could not attach to network/i.test(sentence)) return 'no-network';
    throw error;
  } finally {
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}

async function run(docker: Docker, container: Docker.Container, signal: AbortSignal): Promise<string> {
  await container.start({ abortSignal: signal } as object);
  await dial(docker, { method: 'POST', path: `/containers/${container.id}/wait`, signal });
  const log: unknown = await container.logs({
    stdout: true,
    stderr: true,
    follow: false,
    abortSignal: signal,
  } as object);
  // Frames with headers of 8 bytes, which hold none of the words that are looked for.
  return Buffer.isBuffer(log) ? log.toString('latin1') : '';
}

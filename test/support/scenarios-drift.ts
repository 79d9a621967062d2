import type { Diagnostic } from '../../preload/contract/errors.ts';
import type { Drift, DriftItem } from '../../preload/contract/model.ts';
import { shopId } from './scenarios-data.ts';
import { plan, step } from './scenarios-plans.ts';

/* What preflight finds and what has drifted, for the screenshots. */

const shopFile = '/home/dev/code/webshop/compose.yaml';
export const shopText = `services:
  web:
    image: registry.example/shop/web:\${SHOP_VERSION:-4.2}
    ports:
      - "8080:80"
    volumes:
      - ./uploads:/srv/uploads
      - type: bind
        source: ./web.conf
        target: /etc/web.conf
        bind:
          create_host_path: false
    secrets: [session_key]
  worker:
    image: registry.example/shop/worker:4.2
    platform: linux/arm64
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db_password
      LOG_LEVEL: debug
    mem_limit: 512m
    volumes:
      - pgdata:/var/lib/postgresql/data
secrets:
  session_key:
    file: ./session_key
volumes:
  pgdata:
`;
const said = (
  severity: Diagnostic['severity'],
  line: number,
  column: number,
  rule: string,
  message: string,
  hint?: string,
): Diagnostic => ({
  severity,
  rule,
  message,
  ...(hint === undefined ? {} : { hint }),
  where: { file: shopFile, line, column },
});

export const problemPlan = plan({
  stack: shopId,
  action: 'up',
  command: `claude-env up -f ${shopFile}`,
  steps: [
    step('1', 'pull-image', 'registry.example/shop/web:4.3', 'web', 'image is not on the engine'),
    step('2', 'create-container', 'webshop-web-1', 'web', 'not there yet'),
    step('3', 'start-container', 'webshop-web-1', 'web', 'new container'),
  ],
  conflicts: [
    {
      service: 'web',
      port: { host: 8080, container: 80, protocol: 'tcp' },
      owner: 'process node (pid 4127)',
      alternative: 8081,
      where: { file: shopFile, line: 5, column: 9 },
    },
  ],
  problems: [
    said(
      'error',
      3,
      5,
      'image-not-found',
      'service web: its registry has no image `registry.example/shop/web:4.3`, and the engine has none either',
      'correct name and tag, or give the service a build section',
    ),
    said(
      'error',
      9,
      9,
      'bind-source-missing',
      'service web: bind source `/home/dev/code/webshop/web.conf` does not exist',
      'make it, correct the path, or let the engine make it with `bind: {create_host_path: true}`',
    ),
    said(
      'error',
      27,
      5,
      'secret-file-missing',
      'secret session_key of service web: there is no file `/home/dev/code/webshop/session_key`',
      'write the file, or correct the path',
    ),
  ],
  warnings: [
    said(
      'warning',
      16,
      5,
      'platform-emulated',
      'service worker: it is to run as linux/arm64, the engine’s machine is linux/amd64',
      'it runs, slower, where the machine emulates that (binfmt); an engine does not tell whether it does',
    ),
  ],
});

const differs = (change: Partial<DriftItem> & Pick<DriftItem, 'name' | 'key' | 'change'>): DriftItem => ({
  subject: 'service',
  containers: [`webshop-${change.name}-1`],
  ...change,
});
const line = (number: number, column = 5) => ({ where: { file: shopFile, line: number, column } });
export const shopDrift: Drift = {
  stack: shopId,
  files: [shopFile],
  warnings: [],
  items: [
    differs({ name: 'web', key: 'image', change: 'newer', file: '4be9a1c07d22', engine: '91d3fe20b6aa', ...line(3) }),
    differs({ name: 'web', key: 'ports.80/tcp', change: 'changed', file: '8080', engine: '8000', ...line(5, 9) }),
    differs({
      name: 'web',
      key: 'volumes./srv/uploads',
      change: 'only-in-file',
      file: 'bind /home/dev/code/webshop/uploads',
      ...line(7, 9),
    }),
    differs({
      name: 'db',
      key: 'environment.LOG_LEVEL',
      change: 'changed',
      file: 'debug',
      engine: 'info',
      ...line(21, 7),
    }),
    differs({ name: 'db', key: 'environment.POSTGRES_PASSWORD', change: 'only-on-engine', hidden: true }),
    differs({ name: 'db', key: 'mem_limit', change: 'changed', file: '512m', engine: '1g', ...line(22) }),
    differs({ name: 'worker', key: '', change: 'missing', containers: [], file: '1 container', ...line(14, 3) }),
    differs({ name: 'legacy-api', key: '', change: 'extra', engine: '1 container' }),
    differs({ subject: 'volume', name: 'webshop_cache', key: '', change: 'extra', containers: [] }),
  ],
};
export const shopFilePath = shopFile;

import type { Frame } from '../../preload/contract/api.ts';
import type {
  Credential,
  CredentialUse,
  EnvProposal,
  KeychainState,
  RegistryLogin,
  TeamSecret,
} from '../../preload/contract/credentials.ts';
import type { Scenario, World } from './scenarios.ts';
import { ago, localStack, remoteEngine, shopId } from './scenarios-data.ts';

/* The states of the Credentials screen, for the screenshots. */

const day = 86_400;
const use = (stack: string, services: string, takes: CredentialUse['takes'] = 'this'): CredentialUse => ({
  stack,
  services: services === '' ? [] : services.split(' '),
  takes,
});
const blog = 'default/blog';
const user = (name: string, changed: number, ...usedBy: readonly CredentialUse[]): Credential => ({
  key: { scope: 'user', name },
  state: 'kept',
  changedAt: ago(changed),
  usedBy: [...usedBy],
});
const of = (project: string, name: string, changed: number, ...usedBy: readonly CredentialUse[]): Credential => ({
  ...user(name, changed, ...usedBy),
  key: { scope: 'project', project, name },
});

const credentials: readonly Credential[] = [
  of('blog', 'MARIADB_PASSWORD', 41 * day, use(blog, 'db php')),
  of('webshop', 'DB_PASSWORD', 9 * day, use(shopId, 'api db worker')),
  of('webshop', 'PAYMENT_API_KEY', 2 * day, use(shopId, 'api')),
  { ...of('webshop', 'SESSION_KEY', 720, use(shopId, 'web')), state: 'session' },
  user('ANTHROPIC_API_KEY', 63 * day, use(localStack.id, 'claude-env')),
  user('CONTEXT7_API_KEY', 63 * day, use(localStack.id, 'mcp-bundle', 'environment')),
  user('DB_PASSWORD', 120 * day, use(shopId, 'api db worker', 'project'), use(blog, 'backup')),
  user('GITHUB_TOKEN', 5 * 3600, use(localStack.id, 'claude-env'), use(shopId, 'worker')),
  { ...user('NPM_TOKEN', 200 * day, use(shopId, '')), state: 'gone' },
  user('OLD_SMTP_PASSWORD', 410 * day),
  {
    key: { scope: 'project', project: 'webshop', name: 'SMTP_PASSWORD' },
    state: 'missing',
    usedBy: [use(shopId, 'api worker')],
  },
];

const available: KeychainState = { kind: 'available' };
const noBus: KeychainState = {
  kind: 'none',
  error: {
    code: 'keychain.missing',
    message: 'There is no session bus here, so no keychain can be reached.',
    hint: 'Start claude-env in a desktop session (DBUS_SESSION_BUS_ADDRESS must be set), or inside `dbus-run-session` with a Secret Service.',
  },
};
const locked = {
  kind: 'locked',
  error: {
    code: 'keychain.locked',
    message: 'The keychain is locked.',
    hint: 'Unlock the keyring: log in to the desktop, or open Passwords and Keys (seahorse) and unlock “Login”.',
  },
} as const satisfies KeychainState;

const frames = (list: readonly Credential[], keychain: KeychainState): readonly Frame<'credentials'>[] => [
  { kind: 'keychain', keychain },
  { kind: 'list', credentials: [...list], looked: true },
];
const proposal: EnvProposal = {
  file: '/home/dev/code/webshop/.env',
  project: 'webshop',
  entries: [
    { name: 'SHOP_VERSION', line: 1 },
    { name: 'DB_PASSWORD', line: 3, sign: 'its name says so' },
    { name: 'PAYMENT_API_KEY', line: 4, sign: 'it has the form of a token' },
    { name: 'TLS_KEY', line: 7, sign: 'a private key', blocked: 'its value is put together from other entries' },
  ],
  warnings: [
    {
      severity: 'warning',
      rule: 'env-in-git',
      message: 'git’s history has /home/dev/code/webshop/.env (last in 1f2e3d4)',
      hint: 'change these values where they were issued: taking them out of the file does not take them out of git',
    },
  ],
  undo: [],
};
const registries: readonly RegistryLogin[] = [
  {
    registry: 'https://index.docker.io/v1/',
    title: 'Docker Hub',
    user: 'dev',
    source: '/home/dev/.docker/config.json',
    own: false,
    session: false,
    used: true,
  },
  {
    registry: 'ghcr.io',
    title: 'ghcr.io',
    user: 'dev-at-work',
    source: 'the keychain',
    own: true,
    session: false,
    used: true,
    changedAt: ago(12 * day),
  },
  {
    registry: 'ghcr.io',
    title: 'ghcr.io',
    user: 'dev',
    source: 'docker-credential-secretservice',
    own: false,
    session: false,
    used: false,
  },
  {
    registry: 'registry.example:5000',
    title: 'registry.example:5000',
    user: 'ci',
    source: 'the keychain',
    own: true,
    session: true,
    used: true,
    changedAt: ago(240),
  },
];
const teamSecrets: readonly TeamSecret[] = [
  {
    name: 'db_password',
    stack: 'webshop',
    setBy: 'anna@workshop',
    setAt: ago(3 * day),
    from: 'environment DB_PASSWORD',
    here: 'team',
  },
  { name: 'deploy_key', stack: 'webshop', setBy: 'ben@laptop', setAt: ago(40 * day), from: 'file' },
  { name: 'wildcard-certificate', setAt: ago(200 * day) },
];
const names = ['API_KEY', 'CLIENT_SECRET', 'DB_PASSWORD', 'SIGNING_KEY', 'TOKEN', 'WEBHOOK_SECRET'];
const thousand: readonly Credential[] = Array.from({ length: 1000 }, (_, index) =>
  user(`${names[index % 6]}_${String(index).padStart(4, '0')}`, (index % 400) * day),
);

export function credentialScenarios(base: World): readonly Scenario[] {
  const world = (list: readonly Credential[], keychain = available): World => ({
    ...base,
    answers: {
      ...base.answers,
      credentials: { output: frames(list, keychain) },
      'credentials.set': { error: locked.error },
      'credentials.proposeImport': { output: proposal },
      'registries.list': { output: { registries, problems: [] } },
      'credentials.team': { output: { secrets: teamSecrets } },
      'desktop.revealCredential': { output: { value: 'an-example-not-a-password' } },
    },
  });
  const open = { click: ['button', 'Credentials'] } as const;
  const full = world(credentials);
  return [
    { name: 'credentials', world: full, acts: [open], shows: 'Needed, and nowhere to be found' },
    {
      name: 'credentials-search',
      world: full,
      acts: [open, { fill: ['Search credentials', 'webshop pass'] }],
      shows: 'DB_PASSWORD',
    },
    { name: 'credentials-thousand', world: world(thousand), acts: [open], shows: '1000 credentials' },
    { name: 'credentials-empty', world: world([]), acts: [open], shows: 'No credentials yet' },
    { name: 'credentials-no-keychain', world: world(credentials, noBus), acts: [open], shows: 'no session bus' },
    { name: 'credentials-locked', world: world(credentials, locked), acts: [open], shows: 'The keychain is locked' },
    {
      name: 'credentials-loading',
      world: { ...base, answers: { ...base.answers, credentials: { output: [] } } },
      acts: [open],
      shows: 'in the system’s keychain',
    },
    {
      name: 'credentials-add',
      world: full,
      acts: [open, { press: 'a' }, { fill: ['Name', 'SMTP PASSWORD'] }, { click: ['button', 'Save'] }],
      shows: 'Only letters, digits and _',
    },
    {
      name: 'credentials-add-no-keychain',
      world: world([], noBus),
      acts: [open, { press: 'a' }, { fill: ['Name', 'SMTP_PASSWORD'] }],
      shows: 'for this run only',
    },
    {
      name: 'credentials-replace-refused',
      world: full,
      acts: [
        open,
        { press: 'j' },
        { press: 'Enter' },
        { fill: ['Value', 'example'] },
        { click: ['button', 'Replace'] },
      ],
      shows: 'It could not be kept',
    },
    {
      name: 'credentials-delete',
      world: full,
      acts: [
        open,
        { fill: ['Search credentials', 'project webshop'] },
        { press: 'Enter' },
        { press: 'j' },
        { press: 'j' },
        { press: 'Delete' },
      ],
      shows: 'cannot be started or redeployed',
    },
    {
      name: 'credentials-import',
      world: full,
      acts: [
        open,
        { click: ['button', 'Import…'] },
        { fill: ['Path', '/home/dev/code/webshop/.env'] },
        { press: 'Enter' },
      ],
      shows: 'it has the form of a token',
    },
    {
      name: 'credentials-registries',
      world: full,
      acts: [open, { click: ['button', 'Registries'] }],
      shows: 'docker-credential-secretservice',
    },
    {
      name: 'credentials-team',
      world: { ...full, live: { ...full.live, engines: { ...full.live.engines, [remoteEngine.id]: remoteEngine } } },
      acts: [open, { click: ['button', 'Team secrets'] }],
      shows: 'Values are not shared',
    },
    {
      name: 'credentials-registry-login',
      world: full,
      acts: [open, { click: ['button', 'Registries'] }, { click: ['button', 'Log in…'] }],
      shows: 'The engine tries it',
    },
    {
      name: 'credentials-reveal',
      world: full,
      acts: [open, { press: 'j' }, { press: 'v' }, { click: ['button', 'Show the value…'] }],
      shows: 'an-example-not-a-password',
    },
  ];
}

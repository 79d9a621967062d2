/*
 * Images that read a variable's value from a file when the variable's name has `_FILE` behind it: a password that is in a
 * file is in no `docker inspect`, no process's environment, and no crash report. Only what the images' own documentation
 * says (docker-library/docs for the official ones; MinIO's, Grafana's and InfluxDB's own). The official `redis` reads no
 * password from either.
 */

interface Known {
  /** Repository without registry, or the last parts of it. */
  readonly images: readonly string[];
  /** Variables whose values are secrets. */
  readonly variables: RegExp;
  readonly suffix?: string;
}

const known: readonly Known[] = [
  { images: ['postgres'], variables: /^POSTGRES_PASSWORD$/ },
  { images: ['mysql'], variables: /^MYSQL_(ROOT_)?PASSWORD$/ },
  { images: ['mariadb'], variables: /^(MARIADB|MYSQL)_(ROOT_)?PASSWORD$/ },
  { images: ['mongo'], variables: /^MONGO_INITDB_ROOT_PASSWORD$/ },
  { images: ['wordpress'], variables: /^WORDPRESS_(DB_PASSWORD|\w+_(KEY|SALT))$/ },
  { images: ['influxdb'], variables: /^DOCKER_INFLUXDB_INIT_(PASSWORD|ADMIN_TOKEN)$/ },
  { images: ['minio/minio'], variables: /^MINIO_ROOT_PASSWORD$/ },
  {
    images: ['grafana/grafana', 'grafana/grafana-oss'],
    variables: /^GF_\w+_(PASSWORD|SECRET|SECRET_KEY)$/,
    suffix: '__FILE',
  },
];

/** A variable that holds a secret, and the one that would name a file with it. */
export interface FileAdvice {
  readonly variable: string;
  readonly fileVariable: string;
}

const officialPrefix = /^(docker\.io\/|index\.docker\.io\/)?(library\/)?/;

/** `docker.io/library/postgres:16@sha256:…` → `postgres`; a registry of one's own stays in front. */
function repositoryOf(image: string): string {
  const [name = ''] = image.split('@');
  return name.replace(/:[^:/]*$/, '').replace(officialPrefix, '');
}

/** What of a container's environment could be in files. `names`: its variables with a value. Pure. */
export function adviseFiles(image: string, names: Iterable<string>): readonly FileAdvice[] {
  const repository = repositoryOf(image);
  const found = known.find(({ images }) => images.includes(repository));
  if (found === undefined) return [];
  const suffix = found.suffix ?? '_FILE';
  return [...names]
    .filter((name) => found.variables.test(name))
    .map((variable) => ({ variable, fileVariable: `${variable}${suffix}` }));
}

/** The secret that a variable becomes: its name, and what declares it. */
function secretFor(variable: string): { readonly name: string; readonly declared: string } {
  const name = variable.toLowerCase();
  const declared = `secrets: [${name}] beside it, and at the top level secrets: {${name}: {environment: ${variable}, x-claude-env: {keychain: ${variable}}}}`;
  return { name, declared };
}

/** What to write, as one line of hints. */
export function adviceText({ variable, fileVariable }: FileAdvice): string {
  const { name, declared } = secretFor(variable);
  return `write ${fileVariable}: /run/secrets/${name} instead, ${declared}`;
}

/** The same for any image: for one that is known to read the variable from a file, what it reads; else both ways there are. */
export function secretAdvice(image: string, variable: string): string {
  const [known] = adviseFiles(image, [variable]);
  if (known !== undefined) return adviceText(known);
  const { name, declared } = secretFor(variable);
  return `make it a file, /run/secrets/${name}: where the image reads such, write ${variable}_FILE: /run/secrets/${name} instead, else have its command read that file; ${declared}`;
}

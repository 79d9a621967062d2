import type { Diagnostic, SourceLocation } from '../../../preload/contract/errors.ts';
import type { Missing } from './missing.ts';
import type { Where } from './where.ts';

/*
 * The canonical project: what the Compose Specification's long syntax says, after interpolation, merge, extends,
 * include and profiles. Keys are the specification's own (snake_case), so that `config` prints it, the hash serialises
 * it and a diagnostic points into it without a second vocabulary. https://github.com/compose-spec/compose-spec/blob/main/spec.md
 *
 * Names that users choose are Map keys: a service called `__proto__` is a service like any other.
 * Durations are nanoseconds and sizes are bytes, as the Engine API takes them.
 */
export type Dict<T> = ReadonlyMap<string, T>;
export type Nanoseconds = number;
export type Bytes = number;

export interface Project {
  readonly name: string;
  /** Absolute; relative paths in the model have already been resolved against it. */
  readonly workingDir: string;
  /** Absolute, in the order given. */
  readonly files: readonly string[];
  /** `--env-file`s as given, absolute; empty when the default `.env` was used or there is none. */
  readonly envFiles: readonly string[];
  readonly services: Dict<Service>;
  /** Services left out because none of their profiles is active. */
  readonly inactive: Dict<Service>;
  readonly networks: Dict<Network>;
  readonly volumes: Dict<Volume>;
  readonly secrets: Dict<FileObject>;
  readonly configs: Dict<FileObject>;
  /** Language models that services name; parsed and printed, not run here. */
  readonly models?: Dict<Model>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** What loading gives: a project when there is no error among the diagnostics. */
export interface LoadResult {
  readonly project: Project | undefined;
  /** The project's, also where the rest has mistakes. */
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
  /** What could be interpolated: the environment, the env files, COMPOSE_PROJECT_NAME. */
  readonly variables?: ReadonlyMap<string, string>;
  /** Where the project's keys were written. */
  readonly where?: Where;
  /** Variables that nobody has a value for, each once. */
  readonly missing?: readonly MissingVariable[];
}
export type MissingVariable = Omit<Missing, 'at'> & { readonly where: SourceLocation };

export interface Service {
  readonly name: string;
  readonly annotations?: Dict<string>;
  readonly attach?: boolean;
  readonly blkio_config?: BlkioConfig;
  readonly build?: Build;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cgroup?: string;
  readonly cgroup_parent?: string;
  /** null: written as null, which keeps the image's own and counts in the hash. */
  readonly command?: readonly string[] | null;
  readonly configs?: readonly FileReference[];
  readonly container_name?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpu_shares?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly credential_spec?: Readonly<Record<string, string>>;
  readonly depends_on?: Dict<Dependency>;
  readonly deploy?: Deploy;
  readonly develop?: unknown;
  readonly device_cgroup_rules?: readonly string[];
  readonly devices?: readonly DeviceMapping[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  readonly entrypoint?: readonly string[] | null;
  readonly env_file?: readonly EnvFile[];
  /** null: taken from the run environment, which had nothing. */
  readonly environment?: Dict<string | null>;
  readonly expose?: readonly string[];
  readonly external_links?: readonly string[];
  /** host → addresses */
  readonly extra_hosts?: Dict<readonly string[]>;
  readonly gpus?: readonly DeviceRequest[];
  readonly group_add?: readonly string[];
  readonly healthcheck?: Healthcheck;
  readonly hostname?: string;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly label_file?: readonly string[];
  readonly labels?: Dict<string>;
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: Dict<string> };
  readonly mac_address?: string;
  readonly mem_limit?: Bytes;
  readonly mem_reservation?: Bytes;
  readonly mem_swappiness?: number;
  readonly memswap_limit?: Bytes;
  readonly models?: Dict<{ readonly endpoint_var?: string; readonly model_var?: string } | null>;
  readonly network_mode?: string;
  /** In canonical form every service without network_mode has at least `default`. */
  readonly networks?: Dict<ServiceNetwork | null>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly Port[];
  readonly post_start?: readonly Hook[];
  readonly pre_stop?: readonly Hook[];
  readonly privileged?: boolean;
  readonly profiles?: readonly string[];
  readonly provider?: unknown;
  readonly pull_policy?: string;
  readonly pull_refresh_after?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly FileReference[];
  readonly security_opt?: readonly string[];
  readonly shm_size?: Bytes;
  readonly stdin_open?: boolean;
  readonly stop_grace_period?: Nanoseconds;
  readonly stop_signal?: string;
  readonly storage_opt?: Dict<string>;
  readonly sysctls?: Dict<string>;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  readonly ulimits?: Dict<Ulimit>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly Mount[];
  readonly volumes_from?: readonly string[];
  readonly working_dir?: string;
  /** `x-…` keys, as written. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Build {
  /** Absolute path, or a URL. */
  readonly context: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly args?: Dict<string | null>;
  readonly additional_contexts?: Dict<string>;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly entitlements?: readonly string[];
  readonly extra_hosts?: Dict<readonly string[]>;
  readonly isolation?: string;
  readonly labels?: Dict<string>;
  readonly network?: string;
  readonly no_cache?: boolean;
  readonly platforms?: readonly string[];
  readonly privileged?: boolean;
  readonly provenance?: string;
  readonly pull?: boolean;
  readonly sbom?: string;
  readonly secrets?: readonly FileReference[];
  readonly shm_size?: Bytes;
  readonly ssh?: readonly string[];
  readonly tags?: readonly string[];
  readonly target?: string;
  readonly ulimits?: Dict<Ulimit>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface BlkioWeight {
  readonly path: string;
  readonly weight: number;
}
export interface BlkioRate {
  readonly path: string;
  readonly rate: number;
}
export interface BlkioConfig {
  readonly weight?: number;
  readonly weight_device?: readonly BlkioWeight[];
  readonly device_read_bps?: readonly BlkioRate[];
  readonly device_read_iops?: readonly BlkioRate[];
  readonly device_write_bps?: readonly BlkioRate[];
  readonly device_write_iops?: readonly BlkioRate[];
}

export interface Dependency {
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  readonly restart?: boolean;
  readonly required: boolean;
}

export interface Resources {
  readonly cpus?: string;
  readonly memory?: Bytes;
  readonly pids?: number;
  readonly devices?: readonly DeviceRequest[];
  readonly generic_resources?: readonly unknown[];
}
export interface RestartPolicy {
  readonly condition?: string;
  readonly delay?: Nanoseconds;
  readonly max_attempts?: number;
  readonly window?: Nanoseconds;
}
export interface UpdateConfig {
  readonly parallelism?: number;
  readonly delay?: Nanoseconds;
  readonly failure_action?: string;
  readonly monitor?: Nanoseconds;
  readonly max_failure_ratio?: number;
  readonly order?: string;
}
export interface Deploy {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Dict<string>;
  readonly update_config?: UpdateConfig;
  readonly rollback_config?: UpdateConfig;
  readonly resources?: { readonly limits?: Resources; readonly reservations?: Resources };
  readonly restart_policy?: RestartPolicy;
  readonly placement?: {
    readonly constraints?: readonly string[];
    readonly preferences?: readonly { readonly spread?: string }[];
    readonly max_replicas_per_node?: number;
  };
  readonly endpoint_mode?: string;
}

export interface DeviceMapping {
  readonly source: string;
  readonly target: string;
  readonly permissions: string;
}
export interface DeviceRequest {
  readonly capabilities?: readonly string[];
  readonly driver?: string;
  /** -1: all */
  readonly count?: number;
  readonly device_ids?: readonly string[];
  readonly options?: Dict<string>;
}
export interface EnvFile {
  readonly path: string;
  readonly required: boolean;
  readonly format?: string;
}
export interface Healthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', line]`; absent: the image's own test. */
  readonly test?: readonly string[];
  readonly interval?: Nanoseconds;
  readonly timeout?: Nanoseconds;
  readonly retries?: number;
  readonly start_period?: Nanoseconds;
  readonly start_interval?: Nanoseconds;
  readonly disable?: boolean;
}
export interface Hook {
  readonly command: readonly string[];
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Dict<string | null>;
}
export interface ServiceNetwork {
  readonly aliases?: readonly string[];
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly driver_opts?: Dict<string>;
  readonly gw_priority?: number;
  readonly priority?: number;
}
export interface Port {
  readonly name?: string;
  readonly mode: string;
  readonly host_ip?: string;
  readonly target: number;
  /** A port or a range `6005-6015` (interop.md 23); absent: the engine chooses. */
  readonly published?: string;
  readonly protocol: string;
  readonly app_protocol?: string;
}
export interface Ulimit {
  readonly soft: number;
  readonly hard: number;
  /** Written as a single number, which the hash keeps apart. */
  readonly single?: boolean;
}
export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image';
  /** Absolute path for a bind, volume key for a volume; absent: anonymous. */
  readonly source?: string;
  readonly target: string;
  /** The target as it was written (`/data/`), where that is another text; no key of the file. */
  readonly writtenTarget?: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly recursive?: string;
    readonly selinux?: string;
  };
  readonly volume?: { readonly nocopy?: boolean; readonly subpath?: string; readonly labels?: Dict<string> };
  readonly tmpfs?: { readonly size?: Bytes; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
}
/** A service's use of a secret or config. */
export interface FileReference {
  readonly source: string;
  readonly target?: string;
  /** '': the file has no target, and docker compose's own was put in; no key of the file. */
  readonly writtenTarget?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: number;
}

export interface Network {
  /** Key in the file. */
  readonly key: string;
  /** Name on the engine: `project_key` unless named or external. */
  readonly name: string;
  /** The file's name is empty: docker compose prints none. */
  readonly isNameless?: true;
  readonly external?: boolean;
  readonly driver?: string;
  readonly driver_opts?: Dict<string>;
  readonly attachable?: boolean;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
  readonly internal?: boolean;
  readonly ipam?: {
    readonly driver?: string;
    readonly config?: readonly {
      readonly subnet?: string;
      readonly ip_range?: string;
      readonly gateway?: string;
      readonly aux_addresses?: Dict<string>;
    }[];
    readonly options?: Dict<string>;
  };
  readonly labels?: Dict<string>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}
export interface Volume {
  readonly key: string;
  readonly name: string;
  readonly isNameless?: true;
  readonly external?: boolean;
  readonly driver?: string;
  readonly driver_opts?: Dict<string>;
  readonly labels?: Dict<string>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}
export interface Model {
  readonly name?: string;
  readonly model: string;
  readonly context_size?: number;
  readonly runtime_flags?: readonly string[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}
/** A top-level secret or config. Exactly one of file, environment, content, external. */
export interface FileObject {
  readonly key: string;
  readonly name: string;
  readonly isNameless?: true;
  readonly external?: boolean;
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly driver?: string;
  readonly driver_opts?: Dict<string>;
  readonly template_driver?: string;
  readonly labels?: Dict<string>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Where its source is written; no key of the file. */
  readonly where?: SourceLocation;
  /** The mark of what the keychain has for it now (core/opaque.ts); no key of the file. */
  readonly kept?: string;
}

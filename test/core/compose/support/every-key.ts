/*
 * One file with every key, against values whose types demand every key: the schema is data, so this is what holds it
 * and project.ts together.
 */
const everyKey = `name: all
services:
  w:
    annotations: [a=b]
    attach: false
    blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: 12mb}]}
    build:
      context: ./ctx
      dockerfile: D
      entitlements: [network.host]
      args: {A: 1, HOME: }
      ssh: [default, key=./k]
      labels: [l=1]
      cache_from: [c]
      cache_to: [d]
      no_cache: true
      additional_contexts: {base: ./base, img: "docker-image://x"}
      network: host
      provenance: true
      sbom: "false"
      pull: true
      target: t
      shm_size: 1k
      extra_hosts: ["h:1.1.1.1"]
      isolation: hyperv
      privileged: true
      secrets: [s]
      tags: [x:1]
      ulimits: {nofile: 5}
      platforms: [linux/amd64]
    cap_add: [A]
    cap_drop: [B]
    cgroup: host
    cgroup_parent: p
    command: echo "a b"
    configs: [{source: c, target: /c, uid: "1", gid: "2", mode: 0440}]
    container_name: cc
    cpu_count: 1
    cpu_percent: 50
    cpu_period: 10
    cpu_quota: 20
    cpu_rt_period: 30
    cpu_rt_runtime: 40
    cpu_shares: 50
    cpus: 0.5
    cpuset: 0-1
    credential_spec: {file: f}
    depends_on: {z: {condition: service_healthy, restart: true, required: false}}
    deploy:
      mode: replicated
      replicas: 1
      labels: {d: 1}
      update_config: {parallelism: 1, delay: 1s, failure_action: pause, monitor: 2s, max_failure_ratio: 0.1, order: start-first}
      rollback_config: {parallelism: 0}
      resources:
        limits: {cpus: "0.50", memory: 64m, pids: 9}
        reservations: {cpus: 0.25, memory: 32m, devices: [{capabilities: [gpu], count: all}], generic_resources: [{discrete_resource_spec: {kind: ssd, value: 1}}]}
      restart_policy: {condition: any, delay: 1s, max_attempts: 2, window: 3s}
      placement: {constraints: [a], preferences: [{spread: b}], max_replicas_per_node: 1}
      endpoint_mode: vip
    develop: {watch: [{path: ./w, action: sync, target: /w, ignore: [n]}]}
    device_cgroup_rules: ["c 1:3 mr"]
    devices: ["/dev/a:/dev/b:r"]
    dns: 1.1.1.1
    dns_opt: [o]
    dns_search: s.d
    domainname: dom
    entrypoint: [e]
    env_file: [{path: e.env, format: raw}]
    environment: {FROM: own, NONE: }
    expose: [80]
    external_links: [x]
    extra_hosts: {h: [1.1.1.1, "::1"]}
    gpus: all
    group_add: [5]
    healthcheck: {test: t, interval: 1s, timeout: 2s, retries: 3, start_period: 4s, start_interval: 5s, disable: false}
    hostname: h
    image: i
    init: true
    ipc: host
    isolation: process
    label_file: l.env
    labels: {l: 1.50}
    links: [z]
    logging: {driver: d, options: {o: 1}}
    mac_address: 02:42:ac:11:00:02
    mem_limit: 64m
    mem_reservation: 32m
    mem_swappiness: 60
    memswap_limit: 1g
    models: [m]
    networks: {n: {aliases: [a], interface_name: eth9, ipv4_address: 10.0.0.2, ipv6_address: "fd::2", link_local_ips: [169.254.0.1], mac_address: 02:42:ac:11:00:03, driver_opts: {x: 1}, gw_priority: 1, priority: 2}}
    oom_kill_disable: true
    oom_score_adj: 100
    pid: host
    pids_limit: 9
    platform: linux/amd64
    ports: ["127.0.0.1:8080-8081:80/udp", {target: 90, published: 9090, mode: host, protocol: tcp, name: n, app_protocol: http, host_ip: "::1"}]
    post_start: [{command: a b, user: u, privileged: true, working_dir: /w, environment: [E=1]}]
    pre_stop: [{command: [c]}]
    privileged: true
    profiles: [p]
    provider: {type: t, options: {o: [1, 2]}}
    pull_policy: if_not_present
    pull_refresh_after: 1d
    read_only: true
    restart: always
    runtime: runc
    scale: 1
    secrets: [s]
    security_opt: [so]
    shm_size: 64m
    stdin_open: true
    stop_grace_period: 90s
    stop_signal: SIGINT
    storage_opt: {size: 1G}
    sysctls: [s=1]
    tmpfs: /t
    tty: true
    ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}
    use_api_socket: true
    user: u
    userns_mode: host
    uts: host
    volumes:
      - vv:/v:nocopy
      - ./b:/b:ro,z
      - {type: tmpfs, target: /tm, tmpfs: {size: 1m, mode: 0755}}
      - {type: image, source: img, target: /i, image: {subpath: s}}
    volumes_from: ["container:q"]
    working_dir: /wd
    x-own: {deep: [1, yes]}
  z: {image: z, network_mode: "service:q", healthcheck: {test: [NONE]}}
  q: {image: q}
networks: {n: {driver: bridge, driver_opts: {o: 1}, attachable: true, enable_ipv4: true, enable_ipv6: false, internal: true, ipam: {driver: default, config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1, ip_range: 10.0.0.0/25, aux_addresses: {h: 10.0.0.9}}], options: {a: b}}, labels: [k=v], x-n: 1}}
volumes: {vv: {driver: local, driver_opts: {o: 1}, labels: {k: v}, x-v: 1}, ext: {external: true}}
secrets: {s: {file: ./s.txt, labels: [k=v], template_driver: g, x-s: 1}}
configs: {c: {content: "text"}}
models: {m: {model: ai/m, context_size: 5, runtime_flags: [a]}}
x-top: {a: 1}
`;
export const everyKeyFiles = {
  '/p/compose.yaml': everyKey,
  '/p/e.env': 'FROM=file\nRAW="x"',
  '/p/l.env': 'l=file\nk=1',
};

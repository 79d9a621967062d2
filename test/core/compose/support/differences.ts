/*
 * Where this loader differs from docker compose 2.40.3 on purpose, by the cases' titles. Everything else must agree:
 * the same verdict, and the same model when both accept.
 */
const GO = 'an accident of its Go types';
const KIND = 'what it refuses has one clear meaning';

export const DIFFERENCES: Readonly<Record<string, string>> = {
  'blkio_config: {weight: "10", weight_device: [{path: /dev/sda, weight: 400}]}': GO,
  'build: {context: ., ssh: [default, a=b]}': `${GO}: its JSON printer fails, its YAML printer does not`,
  'build: {context: ., ssh: {default: null, a: b}}': `${GO}: its JSON printer fails, its YAML printer does not`,
  'mem_limit: 1e9': `${GO}: a size written as a float is lost`,
  'networks: {n: {ipam: {driver: default, options: {a: b}, config: [{subnet: 10.0.0.0/8, gateway: 10.0.0.1, ip_range: 10.1.0.0/16, aux_addresses: {a: 10.0.0.2}}]}}}':
    'it accepts ipam.options and forgets them',
  directive: KIND,
  'security_opt: [A] | security_opt: [A]': `${KIND}: an override may repeat what the base says`,
  'volumes_from: [w2] | volumes_from: [w2]': `${KIND}: an override may repeat what the base says`,
  'environment: {A: 1} | environment: "x"': 'text is no environment; it forgets both',
  'from included': KIND,
  'anchor names': KIND,
  'empty doc between': KIND,
  'doc with only comment': KIND,
  'bad key2': 'a line without a key is passed over; it sets a variable without a name',
  "'=1'": 'a line without a key is passed over; it sets a variable without a name',
  '\'A="\\\\a\\\\b\\\\f\\\\v\\\\0\\\\?"\'': GO,
  'a label that begins with x-': `${GO}: it takes the label for an extension and writes another one`,
  'labels: {a | : b}': `${KIND}: YAML lets a key in braces end on the next line`,
};

import { get } from 'node:http';

/*
 * For HEALTHCHECK, in images without curl: `node health.mjs http://127.0.0.1:8080/health`; 0 when that answers 2xx.
 * Not fetch: loading that takes longer than asking.
 */
const [address = 'http://127.0.0.1:8080/health'] = process.argv.slice(2);
/** @param {string} what */
const sick = (what) => {
  console.error(`${address} ${what}`);
  process.exitCode = 1;
};
const asked = get(address, { timeout: 4000, agent: false }, ({ statusCode = 0 }) => {
  if (statusCode < 200 || statusCode > 299) sick(`answers ${statusCode}`);
  process.exit();
});
asked.on('timeout', () => asked.destroy(new Error('says nothing')));
asked.on('error', ({ message }) => sick(message));

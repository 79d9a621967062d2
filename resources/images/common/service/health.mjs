/*
 * For HEALTHCHECK, in images without curl: `node health.mjs http://127.0.0.1:8080/health`; 0 when that answers 2xx.
 */
const [address = 'http://127.0.0.1:8080/health'] = process.argv.slice(2);
const answer = await fetch(address, { signal: AbortSignal.timeout(4000) }).catch((error) => error);
if (!(answer instanceof Response) || !answer.ok) {
  console.error(answer instanceof Response ? `${address} answers ${answer.status}` : `${address}: ${answer.message}`);
  process.exitCode = 1;
}

import { Agent, request } from 'node:http';
import { startBackend } from '../support/backend.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedProxies, type InstalledProxy } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';

/**
 * What a request costs with few hosts and with many: the median time of requests to the host that sorts last, over one
 * connection that is kept, with two paths for each host. All of it on one machine, the client included.
 */
const SIZES = [100, 10_000];
const REQUESTS = 4_000;
const WARM_UP = 500;

const backend = await startBackend('alpha');
console.log('\nmedian time of a request, in µs');
const rows: object[] = [];
for (const proxy of installedProxies()) {
  const medians: number[] = [];
  for (const size of SIZES) medians.push(await measure(size, proxy));
  const [few = Number.NaN, many = Number.NaN] = medians;
  const ratio = Number((many / few).toFixed(2));
  rows.push({ proxy: `${proxy.name} ${proxy.version}`, '100 hosts': few, '10,000 hosts': many, ratio });
}
console.table(rows);
await backend.close();

async function measure(size: number, { name: proxy, binary }: InstalledProxy): Promise<number> {
  const sluice = await RunningSluice.start({
    manifests: { 'world.yaml': world(size) },
    proxy,
    binary,
    flags: ['--access-log', 'off'],
    patienceMs: 180_000,
  });
  try {
    const times: number[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 0; count < REQUESTS + WARM_UP; count += 1) {
      const took = await timed(sluice.httpPort, hostName(size - 1), agent);
      if (count >= WARM_UP) times.push(took);
    }
    agent.destroy();
    printStart(sluice, size, `${proxy} ${binary}`);
    return Math.round(times.sort((left, right) => left - right)[times.length >> 1] ?? Number.NaN);
  } finally {
    await sluice.stop();
  }
}

function printStart(sluice: RunningSluice, size: number, who: string): void {
  const timings = sluice.log.find((line) => line['type'] === 'applied')?.['timings'];
  console.log(`${who}, ${size} hosts, first generation (ms): ${JSON.stringify(timings)}`);
}

function hostName(index: number): string {
  return `host-${String(index).padStart(5, '0')}.example.com`;
}

/** All hosts share one Service, so that routing is what grows. */
function world(size: number): string {
  const hosts = Array.from({ length: size }, (_, index) =>
    ingress({
      name: `host-${index}`,
      rules: [
        {
          host: hostName(index),
          paths: [
            { path: '/', service: 'alpha' },
            { path: '/deep/path', service: 'alpha' },
          ],
        },
      ],
    }),
  );
  return yaml(...hosts, ...service('alpha', [backend.port]));
}

/** Microseconds. */
function timed(port: number, host: string, agent: Agent): Promise<number> {
  const started = process.hrtime.bigint();
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, path: '/deep/path/x', headers: { host } }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode ?? 0}`));
      response.resume().on('end', () => resolve(Number(process.hrtime.bigint() - started) / 1000));
    });
    sent.on('error', reject).end();
  });
}

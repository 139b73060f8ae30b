import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TranslateOptions } from '../../src/model/options.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { startBackend } from '../support/backend.ts';
import { runCase } from '../support/cases.ts';
import { echoOf, send } from '../support/client.ts';
import { freePort } from '../support/ports.ts';
import { waitFor } from '../support/wait.ts';
import type { Target } from './proxies.ts';
import { FUZZ_SETTINGS, NEIGHBOUR } from './world.ts';

export interface World {
  readonly options: TranslateOptions;
  /** With a neighbour that is served at this port. */
  readonly lastWorld: (port: number) => Snapshot;
}

/** The backend that answers for the neighbour when the proxy runs with a world. @throws Error when none does */
export async function answerOfNeighbour(target: Target, world: World): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'));
  const backend = await startBackend('neighbour');
  try {
    const httpsPort = await freePort();
    await writeBundle(target, world, { directory, httpsPort, backendPort: backend.port });
    return await withProxy(target, directory, () => ask(httpsPort));
  } finally {
    await backend.close();
    rmSync(directory, { recursive: true });
  }
}

interface Places {
  readonly directory: string;
  readonly httpsPort: number;
  readonly backendPort: number;
}

async function writeBundle({ render }: Target, { options, lastWorld }: World, places: Places): Promise<void> {
  const { directory, httpsPort, backendPort } = places;
  const settings = {
    ...FUZZ_SETTINGS,
    httpPort: await freePort(),
    httpsPort,
    runDirectory: directory,
    pidFile: join(directory, 'proxy.pid'),
    acknowledgeSocket: join(directory, 'acknowledge.sock'),
    accessLog: 'off',
    workerProcesses: '1',
    workerConnections: 64,
    workerOpenFiles: 1024,
  } as const;
  const { bundle } = runCase({ options, settings }, lastWorld(backendPort), render);
  for (const { path, text } of [...bundle.files.values(), ...bundle.stamp(1)]) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

async function withProxy<T>({ name, binary }: Target, directory: string, use: () => Promise<T>): Promise<T> {
  const args =
    name === 'nginx'
      ? ['-e', 'stderr', '-p', directory, '-c', join(directory, 'nginx.conf'), '-g', 'daemon off;']
      : [
          '-db',
          ...['haproxy.cfg', 'users.cfg', 'backends.cfg', 'generation.cfg'].flatMap((file) => [
            '-f',
            join(directory, file),
          ]),
        ];
  const child = spawn(binary, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    return await use();
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function ask(port: number): Promise<string> {
  const options = { port, host: NEIGHBOUR, servername: NEIGHBOUR, path: '/kept/here' };
  const answer = await waitFor('an answer of the proxy', () => send(options).catch(() => undefined));
  return echoOf(answer).backend;
}

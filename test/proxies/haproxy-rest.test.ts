import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oneAtATime } from '../../src/proxies/haproxy-rest.ts';

const { signal } = new AbortController();

/** What workers answer to `show info`, one after the other; the last one for ever. */
class Workers {
  asked = 0;
  readonly #server: Server;
  readonly #answers: readonly string[];

  constructor(answers: readonly (readonly [pid: number, ageS: number])[]) {
    this.#answers = answers.map(([pid, ageS]) => `Name: HAProxy\nPid: ${pid}\nUptime_sec: ${ageS}\n\n`);
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.end(this.#next()));
    });
  }

  #next(): string {
    const answer = this.#answers[this.asked] ?? this.#answers.at(-1) ?? '';
    this.asked += 1;
    return answer;
  }

  async listen(path: string): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  close(): void {
    this.#server.close();
  }
}

describe('telling HAProxy to reload by signals', () => {
  let folder: string;
  let workers: Workers | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-rest-'));
    workers = undefined;
  });
  afterEach(async () => {
    workers?.close();
    await rm(folder, { recursive: true });
  });

  const cases: readonly {
    readonly name: string;
    readonly answers: ConstructorParameters<typeof Workers>[0];
    /** How often workers had been asked when each signal was given. */
    readonly told: readonly number[];
  }[] = [
    { name: 'is done at once when its worker is old', answers: [[7, 30]], told: [2] },
    {
      name: 'waits while a worker that somebody else started is young',
      answers: [
        [7, 0],
        [7, 0],
        [7, 1],
      ],
      told: [4],
    },
    {
      name: 'waits until the signal before has brought another worker',
      answers: [
        [7, 30],
        [7, 30],
        [7, 30],
        [7, 30],
        [8, 0],
      ],
      told: [2, 6],
    },
  ];
  for (const { name, answers, told } of cases) {
    it(name, async () => {
      const admin = join(folder, 'admin.sock');
      const running = new Workers(answers);
      workers = running;
      await running.listen(admin);
      const seen: number[] = [];
      const tell = oneAtATime(admin, () => {
        seen.push(running.asked);
        return Promise.resolve();
      });
      while (seen.length < told.length) await tell(signal);
      assert.deepEqual(seen, told);
    });
  }

  it('waits for nobody where there is no runtime API', async () => {
    let count = 0;
    const tell = oneAtATime(join(folder, 'none.sock'), () => {
      count += 1;
      return Promise.resolve();
    });
    await tell(signal);
    await tell(signal);
    assert.equal(count, 2);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askGeneration, checkSocketPath, removeStaleSocket } from '../../src/proxies/unix-socket.ts';
import { forever } from '../apply/support/wait.ts';

describe('unix sockets', () => {
  let directory: string;
  let path: string;
  let server: Server | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-'));
    path = join(directory, 'ack.sock');
  });

  afterEach(async () => {
    server?.close();
    server = undefined;
    await rm(directory, { recursive: true });
  });

  async function listen(answer: RequestListener): Promise<void> {
    const http = createServer(answer).listen(path);
    server = http;
    await once(http, 'listening');
  }

  const answers: readonly { name: string; answer: RequestListener; want: number | undefined }[] = [
    { name: 'reads the number', answer: (_, response) => response.end('42\n'), want: 42 },
    { name: 'takes no text for a number', answer: (_, response) => response.end('4x\n'), want: undefined },
    { name: 'takes no error page', answer: (_, response) => response.writeHead(404).end('42\n'), want: undefined },
    {
      name: 'does not read an endless answer',
      answer: (_, response) => response.end('1'.repeat(1e6)),
      want: undefined,
    },
    { name: 'survives a broken connection', answer: (request) => request.socket.destroy(), want: undefined },
    { name: 'gives up on one that does not answer', answer: () => undefined, want: undefined },
  ];
  for (const { name, answer, want } of answers) {
    it(name, async () => {
      await listen(answer);
      assert.equal(await askGeneration(path, forever), want);
    });
  }

  it('has no generation when nobody listens', async () => {
    assert.equal(await askGeneration(path, forever), undefined);
  });

  it('rejects on abort', async () => {
    await listen(() => undefined);
    const abort = new AbortController();
    const asked = askGeneration(path, abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(asked, /enough/);
  });

  it('removes a socket that nobody listens on, and only once', async () => {
    await listen(() => undefined);
    await rename(path, `${path}.kept`);
    server?.close();
    await rename(`${path}.kept`, path);
    assert.equal(await removeStaleSocket(path), true);
    assert.equal(existsSync(path), false);
    assert.equal(await removeStaleSocket(path), false);
  });

  it('leaves a socket alone that somebody listens on', async () => {
    await listen(() => undefined);
    assert.equal(await removeStaleSocket(path), false);
    assert.equal(existsSync(path), true);
  });

  it('leaves alone what is no socket', async () => {
    await writeFile(path, '');
    assert.equal(await removeStaleSocket(path), false);
    assert.equal(existsSync(path), true);
  });

  it('refuses a path that the kernel would cut', () => {
    checkSocketPath(`/${'a'.repeat(106)}`);
    assert.throws(
      () => checkSocketPath(`/${'ä'.repeat(54)}`),
      /has 109 bytes; a unix socket can have 107 at most: choose a shorter/,
    );
  });
});

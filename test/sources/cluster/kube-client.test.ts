import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpApi } from '../../../src/sources/cluster/http-api.ts';
import { connect } from '../../../src/sources/cluster/kube-client.ts';
import { FakeApiServer } from '../../support/api-server/server.ts';
import { LIMITS } from './support.ts';

describe('the way to the API server', () => {
  const signal = new AbortController().signal;
  let folder: string;
  let api: FakeApiServer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-kubeconfig-'));
    api = await FakeApiServer.start({ tls: true, tokens: ['good'] });
  });
  after(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    api.tokens.clear();
    api.tokens.add('good');
  });

  /** Writes a kubeconfig and asks for a list with it. */
  async function ask(text: string, context?: string): Promise<{ status: number; again: () => Promise<number> }> {
    const kubeconfig = join(folder, 'config');
    await writeFile(kubeconfig, text);
    const client = new HttpApi(await connect({ kubeconfig, context }), LIMITS);
    const once = async () => (await client.request({ method: 'GET', path: '/api/v1/services' }, signal)).status;
    return { status: await once(), again: once };
  }

  it('is that of a kubeconfig, with its authority and token', async () => {
    assert.equal((await ask(api.kubeconfig({ token: 'good' }))).status, 200);
  });

  it('shows a wrong token and hears that it is wrong', async () => {
    assert.equal((await ask(api.kubeconfig({ token: 'bad' }))).status, 401);
  });

  it('takes a token from a file that may end in a newline, and reads it again when it is refused', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'good\n');
    const { status, again } = await ask(api.kubeconfig({ tokenFile: 'token' }));
    assert.equal(status, 200);
    api.tokens.clear();
    api.tokens.add('rotated');
    await writeFile(tokenFile, 'rotated\n');
    assert.equal(await again(), 200);
  });

  it('runs a plugin for credentials, and again when they are refused', async () => {
    const plugin = join(folder, 'plugin');
    const answer = (token: string) =>
      writeFile(
        plugin,
        `#!/bin/sh\necho '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token}"}}'\n`,
      );
    await answer('good');
    await chmod(plugin, 0o755);
    const { status, again } = await ask(api.kubeconfig({ exec: { command: plugin } }));
    assert.equal(status, 200);
    api.tokens.clear();
    api.tokens.add('fresh');
    await answer('fresh');
    assert.equal(await again(), 200);
  });

  it('does not trust a server of another authority', async () => {
    const other = await FakeApiServer.start({ tls: true });
    try {
      const text = other.kubeconfig({}).replaceAll(`:${other.port}`, `:${api.port}`);
      await assert.rejects(ask(text), /certificate/);
    } finally {
      await other.close();
    }
  });

  it('may be plain HTTP, as from kubectl proxy', async () => {
    const plain = await FakeApiServer.start();
    try {
      assert.equal((await ask(plain.kubeconfig({}))).status, 200);
    } finally {
      await plain.close();
    }
  });

  const wrong = [
    {
      name: 'no file',
      options: { kubeconfig: '/no/such/file', context: undefined },
      says: /cannot read \/no\/such\/file/,
    },
    { name: 'no such context', options: { context: 'prod' }, says: /has no context "prod"/ },
  ];
  for (const { name, options, says } of wrong) {
    it(`says what is wrong with ${name}`, async () => {
      const kubeconfig = join(folder, 'config');
      await writeFile(kubeconfig, api.kubeconfig({ token: 'good' }));
      await assert.rejects(connect({ kubeconfig, ...options }), says);
    });
  }
});

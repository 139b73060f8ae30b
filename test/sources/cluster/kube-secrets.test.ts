import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ApiError, describeFailure } from '../../../src/sources/cluster/api-error.ts';
import { HttpApi } from '../../../src/sources/cluster/http-api.ts';
import { connect } from '../../../src/sources/cluster/kube-client.ts';
import { listAll } from '../../../src/sources/cluster/list.ts';
import { openWatch } from '../../../src/sources/cluster/watch.ts';
import { kubeconfigText, type KubeconfigOptions } from '../../support/api-server/kubeconfig.ts';
import { LIMITS } from './support.ts';

const CANARY = 'c4n4ry.t0k3n-of.the_account';
const collection = { path: '/api/v1/secrets' };

describe('the credentials for the API server', () => {
  const { signal } = new AbortController();
  let folder = '';
  let server: Server;

  /** An answer that quotes the request, as those of gateways that are to be debugged. */
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-kube-secrets-'));
    server = createServer(({ headers }, response) => {
      response.statusCode = 502;
      response.end(JSON.stringify({ message: `upstream refused ${JSON.stringify(headers)}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  async function clientOf(text: string): Promise<HttpApi> {
    const kubeconfig = join(folder, 'config');
    await writeFile(kubeconfig, text);
    return new HttpApi(await connect({ kubeconfig, context: undefined }), LIMITS);
  }

  const configOf = (options: KubeconfigOptions) =>
    kubeconfigText(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, undefined, options);

  /** Everything that an error holds, down to its causes. */
  function assertSilent(error: unknown, says: RegExp): true {
    const all = inspect(error, { depth: 10, showHidden: true });
    assert.ok(!all.includes(CANARY), all);
    assert.match(describeFailure(error), says);
    return true;
  }

  it('are not told when an answer quotes them, to a list or to a watch', async () => {
    const api = await clientOf(configOf({ token: CANARY }));
    const says = /^HTTP 502: "upstream refused .*"authorization.*Bearer \[redacted\]/;
    const list = listAll(api, { collection, trim: (item) => item }, signal);
    await assert.rejects(list, (error) => error instanceof ApiError && assertSilent(error, says));
    const watch = openWatch(api, { collection, resourceVersion: '1', timeoutSeconds: 10 }, signal);
    await assert.rejects(watch, (error) => error instanceof ApiError && assertSilent(error, says));
  });

  const plugins: readonly [name: string, script: string, says: RegExp][] = [
    ['prints them to standard error and fails', `echo token ${CANARY} >&2; exit 1`, /plugin .* failed; run it by hand/],
    ['prints them as no JSON', `echo ${CANARY}`, /plugin .* failed; run it by hand/],
    ['prints them where they do not belong', `echo '{"token":"${CANARY}"}'`, /plugin .* failed; run it by hand/],
  ];
  for (const [name, script, says] of plugins) {
    it(`are not told when a plugin ${name}`, async () => {
      const plugin = join(folder, 'plugin');
      await writeFile(plugin, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const api = await clientOf(configOf({ exec: { command: plugin, env: [{ name: 'KEY', value: CANARY }] } }));
      const asked = api.request({ method: 'GET', path: '/api' }, signal);
      await assert.rejects(asked, (error) => assertSilent(error, says));
    });
  }

  it('say why there are none', async () => {
    const without = await clientOf(configOf({ exec: { command: '/no/such/plugin' } }));
    const asked = without.request({ method: 'GET', path: '/api' }, signal);
    await assert.rejects(asked, /the plugin for credentials "\/no\/such\/plugin" cannot be run \(.*ENOENT\)/);
    const file = await clientOf(configOf({ tokenFile: 'nowhere' }));
    await assert.rejects(file.request({ method: 'GET', path: '/api' }, signal), /for user "fake": ENOENT.*nowhere/);
  });

  it('are not told when the kubeconfig is not YAML', async () => {
    const broken = clientOf(`users:\n- user:\n    token: ${CANARY}\n  name: [\n`);
    await assert.rejects(broken, (error) => assertSilent(error, /config: line \d+ is not valid YAML$/));
  });
});

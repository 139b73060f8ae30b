import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { startBackend, type Backend } from '../support/backend.ts';
import { send } from '../support/client.ts';
import { ingress, service, yaml } from '../support/manifests.ts';
import { installedProxies } from '../support/proxies.ts';
import { RunningSluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait.ts';

const FORMAT =
  'ip=$remote_addr req="$request" status=$status ns=$namespace ing=$ingress_name svc=$service_name:$service_port up=$proxy_upstream_name alt=[$proxy_alternative_upstream_name] id=$req_id agent=$http_user_agent';

function settings(data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' }, data };
}

/** A syslog server on loopback, and what it was told. */
async function startSyslog(): Promise<{ readonly socket: Socket; readonly port: number; readonly lines: string[] }> {
  const socket = createSocket('udp4');
  const lines: string[] = [];
  socket.on('message', (message) => lines.push(message.toString()));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { socket, port: socket.address().port, lines };
}

describe('a live ConfigMap', function () {
  this.timeout(120_000);
  let web: Backend;
  before(async () => (web = await startBackend('web')));
  after(() => web.close());

  for (const { name, binary, version } of installedProxies()) {
    it(`changes logs and headers of ${name} ${version} while it runs`, async () => {
      const syslog = await startSyslog();
      const rules = [{ host: 'shop.example.com', paths: [{ path: '/', service: 'web' }] }];
      const logging = { 'enable-syslog': 'true', 'syslog-host': '127.0.0.1', 'syslog-port': String(syslog.port) };
      const said = { ...logging, 'log-format-upstream': FORMAT, 'skip-access-log-urls': '/quiet' };
      const manifests = {
        'web.yaml': yaml(ingress({ name: 'web', rules }), ...service('web', [web.port])),
        'settings.yaml': yaml(settings(said)),
      };
      const flags = ['--configmap', 'shop/settings', '--access-log', 'json'];
      const sluice = await RunningSluice.start({ manifests, proxy: name, binary, flags });
      try {
        const ask = (path: string) =>
          send({
            port: sluice.httpPort,
            host: 'shop.example.com',
            path,
            headers: { 'user-agent': 'a "b"', 'x-request-id': 'x1' },
          });
        await ask('/quiet');
        assert.equal((await ask('/loud?x=1')).status, 200);
        const line = await waitFor('a line of the log', () => syslog.lines.find((item) => item.includes('/loud')));
        assert.match(
          line,
          /ip=127\.0\.0\.1 req="GET \/loud\?x=1 HTTP\/1\.1" status=200 ns=shop ing=web svc=web:80 up=shop-web-80 alt=\[\] id=x1 agent=a /,
        );
        assert.doesNotMatch(line, /agent=a "b"/);
        assert.ok(!syslog.lines.some((item) => item.includes('/quiet')));
        const more = { ...said, 'use-proxy-protocol': 'false', 'add-headers': 'shop/answers', 'proxy-bodysize': '1' };
        const answers = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'answers', namespace: 'shop' },
          data: { 'X-New': 'yes' },
        };
        await sluice.change(() => sluice.write('settings.yaml', yaml(settings(more), answers)));
        assert.equal((await ask('/')).headers['x-new'], 'yes');
        await sluice.logged('the unknown key', ({ code }) => code === 'UnknownSetting');
        const closed = { ...more, 'whitelist-source-range': '1.1.1.1', 'error-log-level': 'debug' };
        await sluice.change(() => sluice.write('settings.yaml', yaml(settings(closed), answers)));
        assert.equal((await ask('/')).status, 403);
      } finally {
        await sluice.stop();
        syslog.socket.close();
      }
    });
  }
});

import { startBackends } from './backends.ts';
import { expectAnswer, heading, say } from './show.ts';
import { startDemo, type Demo } from './stage.ts';

/*
 * npm run demo [-- --keep]: the main job, for real. Two backends and nginx on loopback, sluice between them and the
 * manifests in docs/demo/manifests. Every line is a real request; the demo fails when an answer is not the expected one.
 */
const BROKEN = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: broken, namespace: demo }
spec:
  ingressClassName: sluice
  rules:
    - host: broken.example.com
      http:
        paths:
          - path: '/x; } location /y { return 200'
            pathType: Prefix
            backend: { service: { name: web, port: { number: 80 } } }
`;

const keep = process.argv.includes('--keep');
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

const backends = await startBackends();
const demo = await startDemo(backends);
try {
  await show(demo);
  if (keep) await waitForStop(demo);
} catch (error) {
  if (!stop.signal.aborted) say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await demo.end();
  await backends.close();
}

async function show(running: Demo): Promise<void> {
  heading(`nginx serves ${running.manifests}`);
  const { httpPort: port, httpsPort } = running;
  const preview = 'pr-7.preview.example.com';
  await expectAnswer({ port, host: preview, path: '/' }, { backend: 'web' });
  await expectAnswer({ port, host: `a.${preview}`, path: '/' }, { status: 404 });
  await expectAnswer({ port, host: 'shop.example.com', path: '/api' }, { status: 308 });
  const shop = { port: httpsPort, host: 'shop.example.com', servername: 'shop.example.com' };
  await expectAnswer({ ...shop, path: '/' }, { backend: 'web' });
  await expectAnswer({ ...shop, path: '/api/orders' }, { backend: 'api' });
  await expectAnswer({ ...shop, path: '/apiary' }, { backend: 'web' });

  heading('Someone changes preview.yaml: the backend is now "api"');
  await running.edit('preview.yaml', (text) => text.replace('name: web', 'name: api'));
  const took = await running.until({ port, host: preview, path: '/' }, 'api');
  await expectAnswer({ port, host: preview, path: '/' }, { backend: 'api' });
  say(`  ${took} ms from writing the file to the first answer of the new configuration`);

  heading('Someone adds broken.yaml: a path that would break nginx.conf');
  await running.edit('broken.yaml', () => BROKEN);
  say(`  ${await running.diagnostic('InvalidPath')}`);
  await expectAnswer({ port, host: preview, path: '/' }, { backend: 'api' });
  await expectAnswer({ ...shop, path: '/' }, { backend: 'web' });
}

async function waitForStop({ manifests, httpPort, httpsPort }: Demo): Promise<void> {
  heading('Left running (Ctrl-C ends everything). Try:');
  say(`  curl -i http://127.0.0.1:${httpPort}/ -H 'Host: pr-7.preview.example.com'`);
  const resolve = `--resolve shop.example.com:${httpsPort}:127.0.0.1`;
  say(`  curl -ik ${resolve} https://shop.example.com:${httpsPort}/api`);
  say(`  edit the files in ${manifests} and ask again`);
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
}

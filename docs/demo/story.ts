import { setTimeout as sleep } from 'node:timers/promises';
import { edit, firstAnswer, settled, type Stage } from './stage.ts';
import { expectAnswer, expectRefusedHandshake, heading, say } from './show.ts';

const PREVIEW = 'pr-7.preview.example.com';
const SHOP = 'shop.example.com';

/** A path that would break out of its location in nginx.conf. */
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

/** What the demo shows. Each line is a real request. @throws Error when an answer is not the expected one */
export async function tellStory(stage: Stage): Promise<void> {
  await showRouting(stage);
  await showTls(stage);
  await showLiveChange(stage);
  await showBadIngress(stage);
}

async function showRouting({ manifests, httpPort: port }: Stage): Promise<void> {
  heading(`nginx serves the manifests in ${manifests}`);
  await expectAnswer({ port, host: PREVIEW }, { backend: 'web' });
  await expectAnswer({ port, host: `a.${PREVIEW}` }, { status: 404 });
  await expectAnswer({ port, host: 'nobody.example.com' }, { status: 404 });
}

async function showTls({ httpPort, httpsPort: port, fingerprint }: Stage): Promise<void> {
  heading('TLS, by the name that the client asks for');
  const location = `https://${SHOP}:${port}/api?page=2`;
  await expectAnswer({ port: httpPort, host: SHOP, path: '/api?page=2' }, { status: 308, location });
  const shop = { port, host: SHOP, servername: SHOP };
  await expectAnswer({ ...shop, path: '/' }, { backend: 'web', fingerprint });
  await expectAnswer({ ...shop, path: '/api/orders' }, { backend: 'api', fingerprint });
  await expectAnswer({ ...shop, path: '/apiary' }, { backend: 'web', fingerprint });
  await expectRefusedHandshake({ port, host: PREVIEW, servername: PREVIEW });
}

async function showLiveChange(stage: Stage): Promise<void> {
  heading('preview.yaml is edited: its backend is now "api"');
  const preview = { port: stage.httpPort, host: PREVIEW };
  // Right after a reload, sluice leaves the proxy alone for as long as that took; a usual edit does not come so soon.
  await sleep(1_000);
  const written = await edit(stage, 'preview.yaml', (text) => text.replace('name: web', 'name: api'));
  say(
    `  ${await firstAnswer(preview, 'api', written)} ms from writing the file to the first answer by the new backend`,
  );
  await settled(stage);
  await expectAnswer(preview, { backend: 'api' });
}

async function showBadIngress(stage: Stage): Promise<void> {
  const { sluice, httpPort: port, httpsPort } = stage;
  heading('broken.yaml is added, with a path that would break nginx.conf; preview.yaml goes back to "web"');
  await edit(stage, 'broken.yaml', () => BROKEN);
  const written = await edit(stage, 'preview.yaml', (text) => text.replace('name: api', 'name: web'));
  const line = await sluice.logged('InvalidPath', ({ code }) => code === 'InvalidPath');
  say(`  refused: ${String(line['object'])} ${String(line['field'])}`);
  say(`           ${String(line['reason'])}`);
  await firstAnswer({ port, host: PREVIEW }, 'web', written);
  await settled(stage);
  await expectAnswer({ port, host: 'broken.example.com', path: '/y' }, { status: 404 });
  await expectAnswer({ port, host: PREVIEW }, { backend: 'web' });
  await expectAnswer({ port: httpsPort, host: SHOP, servername: SHOP, path: '/api' }, { backend: 'api' });
}

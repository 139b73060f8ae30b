import assert from 'node:assert/strict';
import { runProgram, type RunRequest } from '../../src/cli/program.ts';
import { COMPAT_TABLE } from '../../src/cli/compat/table.ts';
import { RUN_FLAGS } from '../../src/cli/flags.ts';

interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly request: RunRequest | undefined;
}

async function call(argv: readonly string[], environment: Record<string, string> = {}): Promise<Called> {
  let request: RunRequest | undefined;
  let [stdout, stderr] = ['', ''];
  const surroundings = {
    environment,
    stdout: (text: string) => (stdout += text),
    stderr: (text: string) => (stderr += text),
    signal: new AbortController().signal,
  };
  const other = () => Promise.resolve(0);
  const run = (given: RunRequest) => {
    request = given;
    return Promise.resolve(0);
  };
  const commands = { run, render: other, check: other, snapshot: other, pack: other, annotations: other, audit: other };
  const code = await runProgram(argv, commands, surroundings, '0');
  return { code, stdout, stderr, request };
}

/** https://github.com/kubernetes/ingress-nginx/blob/main/deploy/static/provider/cloud/deploy.yaml */
const MANIFEST = [
  '/nginx-ingress-controller',
  '--publish-service=$(POD_NAMESPACE)/ingress-nginx-controller',
  '--election-id=ingress-nginx-leader',
  '--controller-class=k8s.io/ingress-nginx',
  '--ingress-class=nginx',
  '--configmap=$(POD_NAMESPACE)/ingress-nginx-controller',
  '--validating-webhook=:8443',
  '--validating-webhook-certificate=/usr/local/certificates/cert',
  '--validating-webhook-key=/usr/local/certificates/key',
];
const POD = { POD_NAME: 'ingress-nginx-controller-5c', POD_NAMESPACE: 'ingress-nginx' };

describe('sluice in place of ingress-nginx', () => {
  for (const [name, argv] of [
    ['behind --compat', ['run', '--compat', 'ingress-nginx', ...MANIFEST]],
    ['by themselves', MANIFEST],
    ['behind --compat without the program', ['run', '--compat=ingress-nginx', ...MANIFEST.slice(1)]],
  ] as const) {
    it(`takes the arguments of the official manifest ${name}`, async () => {
      const { code, stderr, request } = await call(argv, POD);
      assert.equal(code, 0, stderr);
      const values = request?.values;
      assert.equal(values?.compat, 'ingress-nginx');
      assert.equal(values['controller-name'], 'k8s.io/ingress-nginx');
      assert.equal(values['ingress-class'], 'nginx');
      assert.equal(values['lease-name'], 'ingress-nginx-leader');
      const controller = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
      assert.deepEqual([values.configmap, values['publish-service']], [controller, controller]);
      assert.deepEqual([values['pod-name'], values['pod-namespace']], [POD.POD_NAME, POD.POD_NAMESPACE]);
      const flags = request?.notices?.map(({ flag }) => flag);
      assert.deepEqual(flags, ['--validating-webhook', '--validating-webhook-certificate', '--validating-webhook-key']);
    });
  }

  it('has the defaults of ingress-nginx where no flag says otherwise', async () => {
    const { request } = await call(['run', '--compat', 'ingress-nginx']);
    const { values } = request ?? assert.fail();
    assert.equal(values['ingress-class'], 'nginx');
    assert.equal(values['controller-name'], 'k8s.io/ingress-nginx');
    assert.equal(values['without-class'], 'false');
    assert.equal(values['allow-external-name'], true);
    assert.equal(values['lease-name'], 'ingress-controller-leader');
    assert.deepEqual([values['admin-address'], values['admin-port']], ['0.0.0.0', 10254]);
    assert.deepEqual(request?.notices, undefined);
  });

  it('lets flags and variables of sluice go before these defaults', async () => {
    const argv = ['run', '--compat', 'ingress-nginx', '--proxy', 'haproxy', '--lease-name', 'own', '-f', 'dir'];
    const { request } = await call(argv, { SLUICE_INGRESS_CLASS: 'edge' });
    const { values, directory } = request ?? assert.fail();
    assert.deepEqual([values.proxy, values['lease-name'], directory], ['haproxy', 'own', 'dir']);
    assert.equal(values['ingress-class'], 'edge');
  });

  it('is on by the environment, too', async () => {
    const { request } = await call(['run', '--watch-namespace=shop'], { SLUICE_COMPAT: 'ingress-nginx' });
    assert.deepEqual(request?.values.namespaces, ['shop']);
  });

  const mapped: readonly (readonly [readonly string[], Partial<RunRequest['values']>])[] = [
    [['--watch-ingress-without-class'], { 'without-class': 'true' }],
    [['--watch-ingress-without-class=1'], { 'without-class': 'true' }],
    [['--watch-ingress-without-class=F'], { 'without-class': 'false' }],
    [['--ingress-class-by-name'], { 'class-by-name': 'true' }],
    [['--watch-namespace', 'shop'], { namespaces: ['shop'] }],
    [['--watch-namespace', ''], { namespaces: [] }],
    [['--watch-namespace-selector=team=web'], { 'namespace-selector': 'team=web' }],
    [
      ['--default-backend-service=shop/web'],
      { 'default-backend': { namespace: 'shop', name: 'web', port: undefined } },
    ],
    [['--default-ssl-certificate=shop/tls'], { 'default-certificate': { namespace: 'shop', name: 'tls' } }],
    [['--publish-status-address=192.0.2.1'], { 'publish-address': ['192.0.2.1'] }],
    [['--report-node-internal-ip-address=true'], { 'publish-internal': true }],
    [['--update-status=false'], { 'update-status': false }],
    [['--update-status-on-shutdown=false'], { 'remove-status': false }],
    [['--disable-leader-election'], { 'leader-election': false }],
    [['--healthz-port=10300', '--healthz-host=127.0.0.1'], { 'admin-port': 10300, 'admin-address': '127.0.0.1' }],
    [['--http-port=8080', '--https-port', '8443'], { 'http-port': 8080, 'https-port': 8443 }],
    [['--disable-svc-external-name'], { 'allow-external-name': false }],
    [['--shutdown-grace-period=15'], { 'shutdown-delay': 15_000 }],
    [['--annotations-prefix=example.com'], { 'annotation-prefixes': ['example.com', 'sluice.dev'] }],
    [['-v=3', '--v', '2', '--logtostderr'], {}],
  ];
  for (const [argv, want] of mapped) {
    it(`understands ${argv.join(' ')}`, async () => {
      const { code, stderr, request } = await call(['run', '--compat', 'ingress-nginx', ...argv]);
      assert.equal(code, 0, stderr);
      for (const [name, value] of Object.entries(want)) {
        assert.deepEqual(request?.values[name as keyof RunRequest['values']], value, name);
      }
    });
  }

  it('refuses no flag that ingress-nginx has', async () => {
    for (const [name, { isSwitch, to }] of Object.entries(COMPAT_TABLE)) {
      if (isSwitch !== true && to !== undefined) continue;
      for (const argv of isSwitch === true
        ? [[`--${name}`], [`--${name}=false`]]
        : [[`--${name}=1`], [`--${name}`, '1']]) {
        const { code, stderr } = await call(['run', '--compat', 'ingress-nginx', ...argv]);
        assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`);
      }
    }
  });

  it('maps to flags that there are', () => {
    const names = Object.values(COMPAT_TABLE).flatMap(({ to }) => Object.keys(to?.('true') ?? {}));
    assert.deepEqual(
      names.filter((name) => !(name in RUN_FLAGS)),
      [],
    );
  });

  it('names the ConfigMap of ports that are not served', async () => {
    const { request } = await call(['run', '--compat', 'ingress-nginx', '--tcp-services-configmap=ns/tcp']);
    assert.equal(request?.notices?.[0]?.isLoss, true);
    assert.match(request.notices[0].message, /layer 4.*ns\/tcp/);
  });

  it('tells no value that may be a secret', async () => {
    const { request } = await call(['run', '--compat', 'ingress-nginx', '--maxmind-license-key=s3cret']);
    assert.deepEqual(
      request?.notices?.map(({ flag }) => flag),
      ['--maxmind-license-key'],
    );
    assert.doesNotMatch(JSON.stringify(request.notices), /s3cret/);
  });

  it('says what a switch takes', async () => {
    const { code, stderr } = await call(['run', '--compat', 'ingress-nginx', '--update-status=yes']);
    assert.equal(code, 2);
    assert.match(stderr, /--update-status: expected true or false, got "yes"/);
  });

  it('keeps flags of ingress-nginx an error without --compat, and says how to have them taken', async () => {
    const { code, stderr } = await call(['run', '--election-id=x']);
    assert.equal(code, 2);
    assert.match(stderr, /--election-id is a flag of ingress-nginx: add --compat ingress-nginx/);
    assert.doesNotMatch((await call(['run', '--http-prot=1'])).stderr, /compat/);
  });

  it('refuses what neither has', async () => {
    const { code, stderr } = await call(['run', '--compat', 'ingress-nginx', '--election-idd=x']);
    assert.equal(code, 2);
    assert.match(stderr, /unknown option/);
  });

  it('is told of by --help', async () => {
    assert.match((await call(['run', '--help'])).stdout, /--compat ingress-nginx/);
  });
});

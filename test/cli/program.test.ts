import assert from 'node:assert/strict';
import {
  runProgram,
  type CheckRequest,
  type PackRequest,
  type RenderRequest,
  type RunRequest,
  type SnapshotRequest,
} from '../../src/cli/program.ts';

type Request = RenderRequest | CheckRequest | RunRequest | SnapshotRequest;

interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly Request[];
  readonly packs: readonly PackRequest[];
}

async function call(argv: readonly string[], environment: Record<string, string> = {}): Promise<Called> {
  const requests: Request[] = [];
  const packs: PackRequest[] = [];
  let [stdout, stderr] = ['', ''];
  const take = (request: Request) => {
    requests.push(request);
    return Promise.resolve(0);
  };
  const surroundings = {
    environment,
    stdout: (text: string) => (stdout += text),
    stderr: (text: string) => (stderr += text),
    signal: new AbortController().signal,
  };
  const pack = (request: PackRequest) => {
    packs.push(request);
    return Promise.resolve(0);
  };
  const annotations = () => Promise.resolve(0);
  const audit = () => Promise.resolve(0);
  const commands = { run: take, render: take, check: take, snapshot: take, pack, annotations, audit };
  const code = await runProgram(argv, commands, surroundings, '1.2.3');
  return { code, stdout, stderr, requests, packs };
}

describe('the command line', () => {
  it('shows its version', async () => {
    assert.deepEqual(await call(['--version']), { code: 0, stdout: '1.2.3\n', stderr: '', requests: [], packs: [] });
  });

  for (const command of [
    [],
    ['run'],
    ['render'],
    ['check'],
    ['snapshot'],
    ['pack'],
    ['pack', 'init'],
    ['annotations'],
    ['audit'],
  ]) {
    it(`explains ${command.join(' ') || 'itself'}`, async () => {
      const { code, stdout } = await call([...command, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: sluice/);
    });
  }

  it('shows a switch that is on as the way to turn it off', async () => {
    const { stdout } = await call(['run', '--help']);
    assert.match(stdout, /--no-http2/);
    assert.doesNotMatch(stdout, / --http2/);
  });

  it('takes what to do with templates', async () => {
    const { packs } = await call(['pack', 'init', 'mine', '--proxy', 'nginx', '--partial', '404', 'server']);
    assert.deepEqual(packs, [{ action: 'init', directory: 'mine', proxy: 'nginx', partials: ['404', 'server'] }]);
    assert.equal((await call(['pack', 'lint'])).code, 2);
    assert.equal((await call(['pack', 'lint', 'mine', '--proxy', 'apache'])).code, 2);
  });

  it('takes flags, and defaults for the rest', async () => {
    const { requests } = await call(['run', '-f', 'dir', '--http-port', '8080', '--manage', '--no-http2']);
    const values = requests[0]?.values;
    assert.deepEqual([values?.['http-port'], values?.['https-port'], values?.http2], [8080, 443, false]);
  });

  it('follows a cluster when no directory is named', async () => {
    const { requests } = await call(['run', '--namespaces', 'a,b', '--publish-address', '192.0.2.1,lb.example.com']);
    const [request] = requests;
    const { values, ...rest } = request ?? { values: undefined };
    const { namespaces, 'publish-address': addresses } = { ...values } as Record<string, unknown>;
    assert.deepEqual(rest, { directory: undefined });
    assert.deepEqual(namespaces, ['a', 'b']);
    assert.deepEqual(addresses, ['192.0.2.1', 'lb.example.com']);
  });

  it('takes a switch with a value', async () => {
    const { requests } = await call(['run', '-f', 'dir', '--allow-external-name=false', '--http2', 'true']);
    assert.deepEqual([requests[0]?.values['allow-external-name'], requests[0]?.values.http2], [false, true]);
  });

  it('takes the environment where there is no flag', async () => {
    const environment = { SLUICE_HTTP_PORT: '81', SLUICE_HTTPS_PORT: '444', SLUICE_FILENAME: 'dir' };
    const { requests } = await call(['run', '--https-port', '445'], environment);
    const values = requests[0]?.values;
    assert.deepEqual([values?.['http-port'], values?.['https-port']], [81, 445]);
  });

  it('takes several files', async () => {
    const { requests } = await call(['render', '-f', 'a', 'b', '--out', 'c']);
    assert.deepEqual({ ...requests[0], values: undefined }, { filenames: ['a', 'b'], out: 'c', values: undefined });
  });

  it('reports everything that is wrong at once', async () => {
    const { code, stderr, requests } = await call(['check', '-f', 'a', '--http-port', 'x'], {
      SLUICE_WAIT: 'y',
      SLUICE_HTTP2: 'z',
    });
    assert.equal(code, 2);
    assert.match(stderr, /--http-port \(or SLUICE_HTTP_PORT\): expected a whole number from 1 to 65535, got "x"/);
    assert.match(stderr, /--http2 \(or SLUICE_HTTP2\): expected one of true, false, got "z"/);
    assert.deepEqual(requests, []);
  });

  const wrong: readonly { readonly name: string; readonly argv: readonly string[]; readonly says: RegExp }[] = [
    { name: 'an unknown command', argv: ['chek'], says: /Did you mean check/ },
    { name: 'an unknown flag', argv: ['run', '-f', 'a', '--http-prot', '1'], says: /Did you mean --http-port/ },
    { name: 'missing manifests', argv: ['render'], says: /-f, --filename/ },
    {
      name: 'two ways to choose namespaces',
      argv: ['run', '--namespaces', 'a,b', '--namespace-selector', 'team=web'],
      says: /--namespaces and --namespace-selector exclude each other/,
    },
  ];
  for (const { name, argv, says } of wrong) {
    it(`exits with 2 for ${name}`, async () => {
      const { code, stderr } = await call(argv);
      assert.equal(code, 2);
      assert.match(stderr, says);
    });
  }
});

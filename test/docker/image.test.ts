import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { bundle } from '../../docker/bundle.ts';
import { environmentName, parseFlags, RUN_FLAGS } from '../../src/cli/flags.ts';
import { haproxyArguments } from '../../src/proxies/haproxy.ts';
import { nginxArguments } from '../../src/proxies/nginx.ts';
import { layOut, readDockerfile, readIncluded } from './image.ts';
import { build } from './kustomize.ts';
import { containerNamed, podOf } from './objects.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCKER = join(ROOT, 'docker');
const PROXIES = [
  { proxy: 'nginx', uid: 101, version: 'NGINX_VERSION' },
  { proxy: 'haproxy', uid: 99, version: 'HAPROXY_VERSION' },
] as const;

function exec(text: string | undefined): readonly string[] {
  return JSON.parse(text ?? '[]') as readonly string[];
}

for (const { proxy, uid, version } of PROXIES) {
  describe(`the image of sluice for ${proxy}`, function () {
    this.timeout(120_000);
    const path = join(DOCKER, `${proxy}.Dockerfile`);
    let root = '';
    before(async () => {
      await bundle();
      root = await mkdtemp(join(tmpdir(), 'sluice-image-'));
      await layOut(await readDockerfile(path), ROOT, root);
    });
    after(() => rm(root, { recursive: true }));

    /** Runs the entrypoint with the files of the image alone. */
    async function run(...args: readonly string[]): Promise<string> {
      const [node, ...words] = exec((await readDockerfile(path)).last.get('ENTRYPOINT'));
      assert.equal(node, 'node');
      const inImage = words.map((word) => (word.startsWith('/') ? join(root, word) : word));
      const options = { cwd: root, env: { PATH: process.env['PATH'], SLUICE_PROXY: proxy } };
      return (await promisify(execFile)(process.execPath, [...inImage, ...args], options)).stdout;
    }

    it('holds all that sluice needs to run', async () => {
      const manifests = join(root, 'manifests');
      await cp(join(ROOT, 'docs', 'demo', 'manifests'), manifests, { recursive: true });
      assert.match(await run('--version'), /^\d+\.\d+\.\d+\n$/);
      const flags = ['render', '--proxy', proxy, '--proxy-version', proxy === 'nginx' ? '1.30.0' : '3.2.0'];
      const [inImage, { stdout }] = await Promise.all([
        run(...flags, '-f', 'manifests'),
        promisify(execFile)(process.execPath, [join(ROOT, 'src', 'cli', 'main.ts'), ...flags, '-f', 'manifests'], {
          cwd: root,
        }),
      ]);
      assert.equal(inImage, stdout);
    });

    it('is sent all that it copies, and nothing else', async () => {
      const { copies } = await readDockerfile(path);
      const included = await readIncluded(`${path}.dockerignore`);
      assert.deepEqual(copies.flatMap(({ sources }) => sources).sort(), [...included].sort());
    });

    it('runs as the user of its base, ends by SIGTERM, and follows a cluster unless told otherwise', async () => {
      const { last } = await readDockerfile(path);
      assert.equal(last.get('USER'), `${uid}:${uid}`);
      assert.equal(last.get('STOPSIGNAL'), 'SIGTERM');
      assert.equal(last.get('ENV'), `SLUICE_PROXY=${proxy}`);
      assert.deepEqual(exec(last.get('CMD')), ['run']);
    });

    it('names versions that agree with each other', async () => {
      const { arguments: given, stages } = await readDockerfile(path);
      const { objects } = await build(`${proxy}-sidecar`);
      const pod = podOf(objects);
      const { version: own } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
      assert.equal(given.get('SLUICE_VERSION'), own);
      assert.equal(containerNamed(pod, 'sluice').image, `sluice-${proxy}:${own}`);
      assert.equal(containerNamed(pod, 'proxy').image, `${proxy}:${given.get(version) ?? ''}`);
      assert.deepEqual(stages, ['node:${NODE_VERSION}-${DEBIAN}-slim AS node', `${proxy}:\${${version}}`]);
    });
  });
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly pid?: string;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

describe('the compose file', () => {
  let compose: Compose = { services: {}, volumes: {} };
  before(async () => {
    const text = await readFile(join(DOCKER, 'compose.yaml'), 'utf8');
    compose = load(text, { schema: CORE_SCHEMA.withTags(mergeTag) }) as Compose;
  });

  function service(name: string): ComposeService {
    const found = compose.services[name];
    assert.ok(found !== undefined, `a service ${name}`);
    return found;
  }

  for (const { proxy } of PROXIES) {
    it(`starts ${proxy} as sluice would, on the same volume`, () => {
      const run = '/var/lib/sluice/run';
      const nginx = nginxArguments('/var/lib/sluice', run);
      const haproxy = haproxyArguments('/var/lib/sluice', { runDirectory: run, pidFile: `${run}/haproxy.pid` });
      assert.deepEqual(service(proxy).command, [proxy, ...(proxy === 'nginx' ? nginx : haproxy)]);
      const volume = `${proxy}:/var/lib/sluice`;
      for (const name of [proxy, `sluice-${proxy}`]) assert.ok(service(name).volumes?.includes(volume));
      assert.ok(Object.hasOwn(compose.volumes, proxy));
      assert.deepEqual(Object.keys(service(proxy).depends_on ?? {}), [`sluice-${proxy}`]);
      assert.equal(service(proxy).pid, proxy === 'nginx' ? 'service:sluice-nginx' : undefined);
    });

    it(`has sluice serve the ports of ${proxy} that are published`, () => {
      const { environment = {}, command } = service(`sluice-${proxy}`);
      assert.deepEqual(command, ['run', '--filename=/manifests']);
      const given = Object.fromEntries(
        Object.keys(RUN_FLAGS).flatMap((flag) => {
          const value = environment[environmentName(flag)];
          return value === undefined ? [] : [[flag, value]];
        }),
      );
      assert.equal(Object.keys(given).length, Object.keys(environment).length);
      const parsed = parseFlags(RUN_FLAGS, given);
      assert.ok(parsed.ok);
      const { 'http-port': http, 'https-port': https } = parsed.values;
      assert.deepEqual(
        service(proxy).ports,
        [http, https].map((port) => `127.0.0.1:${port}:${port}`),
      );
    });

    it(`builds the image for ${proxy} that the Dockerfile is of`, async () => {
      const { build: built } = service(`sluice-${proxy}`);
      assert.deepEqual(built, { context: '..', dockerfile: `docker/${proxy}.Dockerfile` });
      const { arguments: given } = await readDockerfile(join(DOCKER, `${proxy}.Dockerfile`));
      assert.equal(service(proxy).image, `${proxy}:${given.get(`${proxy.toUpperCase()}_VERSION`) ?? ''}`);
    });
  }

  it('serves its manifests without a complaint', async () => {
    const args = [
      'check',
      '-f',
      join(DOCKER, 'manifests'),
      '--allow-external-name',
      '--resolver',
      '127.0.0.11',
      '--json',
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'src', 'cli', 'main.ts'), ...args]);
    assert.deepEqual((JSON.parse(stdout) as { readonly diagnostics: unknown }).diagnostics, []);
  });
});

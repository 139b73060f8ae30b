import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { licensesOf } from './licenses.ts';

/*
 * `npm run bundle`: sluice and what it imports as a few JavaScript files, so that the image needs no node_modules, and a
 * sidecar, which is paid for in every pod, starts sooner and in less memory.
 */

const ROOT = join(import.meta.dirname, '..');
const BUNDLE = join(ROOT, 'dist', 'bundle');

const require = createRequire(import.meta.url);

/** Some dependencies are CommonJS, and ask for built-in modules by `require`. */
const BANNER =
  "import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url);";

/** Writes `main.js` and its chunks; what was there before is removed. @returns size in bytes by the name of the file */
export async function bundle(directory = BUNDLE): Promise<ReadonlyMap<string, number>> {
  await rm(directory, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/main.ts'],
    outdir: directory,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    // What is imported only when it is needed stays a file of its own.
    splitting: true,
    chunkNames: '[name]-[hash]',
    banner: { js: BANNER },
    // Names stay as they are, which costs no memory: the stack trace of a bug report can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'external',
    metafile: true,
    logLevel: 'warning',
    plugins: [leanKubernetesClient, requiredHttp],
  });
  await writeFile(join(directory, 'LICENSES.txt'), await licensesOf(ROOT, Object.keys(metafile.inputs)));
  return sizes(directory);
}

async function sizes(directory: string): Promise<ReadonlyMap<string, number>> {
  const names = (await readdir(directory)).sort();
  const entries = names.map(async (name) => [name, (await stat(join(directory, name))).size] as const);
  return new Map(await Promise.all(entries));
}

interface Stub {
  /** What the bundle lacks without the module. */
  readonly lacks: string;
  /** The classes that the client imports from it. */
  readonly classes: readonly string[];
}

/**
 * What the official client imports for requests of its own. sluice has it read configuration and credentials only, and
 * sends requests by node:https (src/sources/cluster/kube-client.ts). With those read, a process has 62 MB (Node 24 with
 * TLS loaded: 51); without these stubs 76 MB, with the client imported whole 95 MB. Proxies (socks, hpagent) and OIDC
 * would be 2 MB more, and stay.
 */
const STUBS: Readonly<Record<string, Stub>> = {
  undici: { lacks: "the Kubernetes client's own requests (undici)", classes: ['Agent', 'ProxyAgent'] },
  './gen/index.js': {
    lacks: "the Kubernetes client's classes for each kind (gen)",
    classes: ['createConfiguration', 'ServerConfiguration'],
  },
};

const leanKubernetesClient: Plugin = {
  name: 'lean-kubernetes-client',
  setup(hooks) {
    const client = dirname(require.resolve('@kubernetes/client-node'));
    hooks.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: join(client, 'config.js') }));
    hooks.onResolve({ filter: /^(undici|\.\/gen\/index\.js)$/ }, ({ path, importer }) =>
      dirname(importer) === client ? { path, namespace: 'stub' } : undefined,
    );
    hooks.onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({ contents: stubText(STUBS[path]) }));
  },
};

/** Modules whose classes throw when they are used: also when called without `new`. */
function stubText(stub: Stub | undefined): string {
  if (stub === undefined) throw new Error('no such stub');
  const message = JSON.stringify(`the bundle of sluice is without ${stub.lacks}; its sources have all of it`);
  return stub.classes.map((name) => `export function ${name}() { throw new Error(${message}); }`).join('\n');
}

/**
 * Gets node:http by `require`: an `import` reads every property of the module, and two of them (http.WebSocket and its
 * kin) load an HTTP client and HTTP/2, which sluice has no use for: 3 MB.
 */
const requiredHttp: Plugin = {
  name: 'required-http',
  setup(hooks) {
    hooks.onResolve({ filter: /^(node:)?http$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    );
    hooks.onLoad({ filter: /.*/, namespace: 'required' }, () => ({
      contents: "module.exports = require('node:http');",
    }));
  },
};

if (import.meta.main) {
  for (const [name, size] of await bundle()) process.stdout.write(`${String(size).padStart(9)} ${name}\n`);
}

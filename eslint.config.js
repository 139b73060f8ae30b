import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Folders that a folder of src may not import; design: model ← translate, features, render ← edges ← cli. */
const forbidden = {
  model: ['translate', 'features', 'render', 'proxies', 'apply', 'sources', 'report', 'cli'],
  features: ['translate', 'render', 'proxies', 'apply', 'sources', 'report', 'cli'],
  translate: ['render', 'proxies', 'apply', 'sources', 'report', 'cli'],
  render: ['translate', 'features', 'proxies', 'apply', 'sources', 'report', 'cli'],
  proxies: ['translate', 'features', 'render', 'apply', 'sources', 'report', 'cli'],
  apply: ['translate', 'features', 'render', 'sources', 'report', 'cli'],
  sources: ['translate', 'features', 'render', 'proxies', 'apply', 'report', 'cli'],
  report: ['translate', 'features', 'render', 'proxies', 'apply', 'sources', 'cli'],
};

/** Each of these packages is imported by one file only, so that replacing it is one small edit. */
const soleImporter = {
  execa: 'src/proxies/process.ts',
  chokidar: 'src/sources/watch-files.ts',
  '@kubernetes/client-node': 'src/sources/cluster/kube-client.ts',
  'js-yaml': 'src/sources/manifests/manifest-file.ts',
  handlebars: 'src/render/handlebars.ts',
  pino: 'src/report/log.ts',
  'prom-client': 'src/report/metrics.ts',
  commander: 'src/cli/program.ts',
  diff: 'src/cli/packs/unified-diff.ts',
};

const pure = ['model', 'translate', 'features', 'render'];

function packagesClosedTo(file) {
  return Object.entries(soleImporter)
    .filter(([, only]) => only !== file)
    .map(([name, only]) => ({ group: [name, `${name}/*`], message: `Only ${only} imports ${name}.` }));
}

function importsOf(folder, file) {
  const patterns = [
    {
      group: (forbidden[folder] ?? []).map((other) => `**/${other}/**`),
      message: `src/${folder} may not import that folder: see "Folders" in docs/architecture.md.`,
    },
    ...packagesClosedTo(file),
  ];
  if (pure.includes(folder)) {
    patterns.push({
      group: ['node:*', '!node:crypto'],
      message: `src/${folder} is pure: no file system, no process, no clock.`,
    });
  }
  return { 'no-restricted-imports': ['error', { patterns: patterns.filter((p) => p.group.length > 0) }] };
}

const folders = Object.keys(forbidden).map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: importsOf(folder),
}));

const soleImporters = Object.values(soleImporter).map((file) => ({
  files: [file],
  rules: importsOf(file.split('/')[1], file),
}));

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', '.proxies', 'test/cases'] },
  js.configs.recommended,
  { files: ['**/*.ts'], extends: [tseslint.configs.strictTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Refusing control characters is what much of this code is for.
      'no-control-regex': 'off',
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  ...folders,
  {
    files: pure.map((folder) => `src/${folder}/**/*.ts`),
    rules: {
      'no-restricted-globals': ['error', 'process', 'console', 'setTimeout', 'setInterval', 'Date', 'performance'],
    },
  },
  ...soleImporters,
  { files: ['src/cli/**/*.ts'], ignores: Object.values(soleImporter), rules: importsOf('cli') },
  {
    files: ['test/**/*.ts', 'docs/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-floating-promises': 'error' },
  },
);

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as prettier from 'prettier';
import { catalogue, countsOf, type CatalogueEntry, type KeySupport } from '../src/features/catalogue.ts';
import { FAMILIES } from '../src/features/registry.ts';

/*
 * `npm run docs`: writes annotations.md from what src/features says of every key.
 */

const PAGE = join(import.meta.dirname, 'annotations.md');

export async function annotationsPage(): Promise<string> {
  const entries = catalogue();
  const families = FAMILIES.map(({ name, about }) => {
    const own = entries.filter((entry) => entry.family === name);
    return `## ${name}\n\n${about}\n\n${own.map(describe).join('\n')}`;
  });
  const text = [INTRODUCTION, totals(entries), overview(entries), ...families].join('\n\n');
  return prettier.format(text, { ...(await prettier.resolveConfig(PAGE)), parser: 'markdown' });
}

const INTRODUCTION = `# Annotations

Written by \`npm run docs\` from \`src/features\`: do not edit it. \`sluice annotations\` prints the same.

sluice reads the annotations of ingress-nginx under \`nginx.ingress.kubernetes.io/\` and under \`sluice.dev/\`; of the same key
under both, the latter counts (\`--annotation-prefixes\`). A key that is \`honoured\` does what it does in ingress-nginx v1.15;
\`differs\` states what is not the same; \`gated\` needs a version or a module of the proxy; \`unsupported\` says why. Each key that
is not unsupported has a test against the real proxy that names it (\`test/behaviour/\`).

A wrong value is told with the diagnostic \`InvalidAnnotation\`, and the default holds. An annotation that keeps requests out
(marked "guards") closes the routes of its Ingress instead: 503, never open.`;

function totals(entries: readonly CatalogueEntry[]): string {
  const rows = (['nginx', 'haproxy'] as const).map((proxy) => {
    const { honoured, differs, gated, unsupported } = countsOf(entries, proxy);
    return `| ${proxy} | ${honoured} | ${differs} | ${gated} | ${unsupported} | ${entries.length} |`;
  });
  return `| Proxy | honoured | differs | gated | unsupported | of |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function overview(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(
    ({ key, family, nginx, haproxy }) => `| [\`${key}\`](#${key}) | ${family} | ${short(nginx)} | ${short(haproxy)} |`,
  );
  return `| Key | Family | nginx | HAProxy |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function short({ status, since }: KeySupport): string {
  return since === undefined ? status : `${status} (${since})`;
}

function describe({ key, annotation, nginx, haproxy }: CatalogueEntry): string {
  const { syntax, fallback, scope, risk, about, guards } = annotation;
  const alias = key === annotation.key ? '' : `\nThe same as \`${annotation.key}\`.\n`;
  const facts = [
    `- **Takes:** ${syntax}. **Without it:** ${fallback}.`,
    `- **Acts on:** ${scope}. **Risk:** ${risk}${guards === true ? '. **Guards** its routes' : ''}.`,
    `- **nginx:** ${long(nginx)}`,
    `- **HAProxy:** ${long(haproxy)}`,
  ];
  return `### ${key}\n${alias}\n${about}\n\n${facts.join('\n')}\n`;
}

function long(support: KeySupport): string {
  return support.note === '' ? short(support) : `${short(support)}: ${support.note}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(PAGE, await annotationsPage());

import { catalogue, countsOf, type CatalogueEntry, type KeySupport } from '../features/catalogue.ts';
import type { AnnotationsRequest, Surroundings } from './program.ts';

const PROXIES = ['nginx', 'haproxy'] as const;

/** `sluice annotations`: what becomes of every annotation of ingress-nginx on both proxies. */
export function annotationsCommand({ json }: AnnotationsRequest, { stdout }: Surroundings): Promise<number> {
  const entries = catalogue();
  stdout(json ? `${JSON.stringify(toJson(entries), undefined, 2)}\n` : toText(entries));
  return Promise.resolve(0);
}

function toJson(entries: readonly CatalogueEntry[]): object {
  return {
    counts: Object.fromEntries(PROXIES.map((proxy) => [proxy, countsOf(entries, proxy)])),
    keys: entries.map(({ key, family, annotation, nginx, haproxy }) => {
      const { syntax, fallback, scope, risk, about } = annotation;
      return { key, family, about, syntax, default: fallback, scope, risk, nginx, haproxy };
    }),
  };
}

function toText(entries: readonly CatalogueEntry[]): string {
  const longest = Math.max(0, ...entries.map(({ key }) => key.length));
  const lines = entries.flatMap((entry) => [
    `${entry.key.padEnd(longest)}  ${cell(entry.nginx)}  ${cell(entry.haproxy)}`.trimEnd(),
    ...PROXIES.filter((proxy) => entry[proxy].note !== '').map((proxy) => `    ${proxy}: ${entry[proxy].note}`),
  ]);
  const head = `${'annotation'.padEnd(longest)}  ${'nginx'.padEnd(WIDTH)}  haproxy`;
  return [head, ...lines, '', ...PROXIES.map((proxy) => totals(entries, proxy)), ''].join('\n');
}

const WIDTH = 'unsupported'.length + 8;

function cell({ status, since }: KeySupport): string {
  return (since === undefined ? status : `${status} ${since}`).padEnd(WIDTH);
}

function totals(entries: readonly CatalogueEntry[], proxy: (typeof PROXIES)[number]): string {
  const counts = Object.entries(countsOf(entries, proxy)).map(([status, count]) => `${count} ${status}`);
  return `${proxy}: ${counts.join(', ')} of ${entries.length}`;
}

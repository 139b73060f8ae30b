import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerOf, type ConfigBundle } from '../model/bundle.ts';
import { formatDiagnostic } from '../model/diagnostics.ts';
import type { ProxySettings } from '../model/options.ts';
import { formatRef, type Source } from '../model/refs.ts';
import type { CheckResult, ConfigPlace } from '../proxies/driver.ts';
import { compileOffline } from './offline.ts';
import type { Compiled } from './loop/pipeline.ts';
import type { CheckRequest, Surroundings } from './program.ts';
import { readMachineFacts } from './proxy/machine.ts';
import { writeBundle } from './render.ts';
import { toProxySettings, type RenderValues } from './settings.ts';
import { createDriver, identify, kindOf } from './proxy/target.ts';
import { loadChosenPack } from './packs/packs.ts';

/** `sluice check`: diagnostics, and the verdict of the proxy's own checker. */
export async function checkCommand(request: CheckRequest, surroundings: Surroundings): Promise<number> {
  const report = await checkManifests(request, surroundings.signal);
  surroundings.stdout(request.json ? `${JSON.stringify(report, undefined, 2)}\n` : printReport(report));
  return report.ok ? 0 : 1;
}

/** @throws Error when manifests cannot be read or the proxy cannot be run */
export async function checkManifests(
  request: Pick<CheckRequest, 'filenames' | 'values'>,
  signal: AbortSignal,
): Promise<Report> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-check-'));
  try {
    const values = forChecking(request.values, directory);
    const settings = toProxySettings(values, await readMachineFacts());
    const driver = createDriver(values, settings, kindOf(values, await loadChosenPack(values)));
    const identity = await identify(values, driver, signal);
    const compiled = await compileOffline({
      filenames: request.filenames,
      values,
      settings,
      identity,
      fit: withoutLog,
    });
    await mkdir(settings.runDirectory);
    await writeBundle(compiled.bundle, directory);
    const verdict = await driver.check(directory, signal);
    return createReport(compiled, verdict, `${identity.name} ${identity.version}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const FIRST_FREE_PORT = 1024;
const OFFSET = 10_000;

/**
 * The checker opens sockets, logs and directories. Here they lie in a directory of their own, and without root the low
 * ports, which could not be opened, are checked as high ones.
 */
function forChecking(values: RenderValues, directory: string): RenderValues {
  const isRoot = process.getuid?.() === 0;
  const free = (port: number) => (port < FIRST_FREE_PORT && !isRoot ? port + OFFSET : port);
  return {
    ...values,
    'config-dir': directory,
    'access-log-path': '/dev/null',
    'http-port': free(values['http-port']),
    'https-port': free(values['https-port']),
    'public-http-port': values['public-http-port'] ?? values['http-port'],
    'public-https-port': values['public-https-port'] ?? values['https-port'],
  };
}

/** The checker opens the log of a ConfigMap, too, which is of another machine. */
function withoutLog(settings: ProxySettings): ProxySettings {
  return { ...settings, accessLogPath: '/dev/null' };
}

export interface Report extends Pick<Compiled, 'diagnostics' | 'ignored' | 'counts'> {
  readonly ok: boolean;
  readonly proxy: string;
  readonly accepted: boolean;
  /** The proxy's words, when it refused. */
  readonly message: string;
  /** The places that it names, and who wrote them. */
  readonly places: readonly (ConfigPlace & { readonly source: Source | undefined })[];
}

function createReport(compiled: Compiled, verdict: CheckResult, proxy: string): Report {
  const { bundle, diagnostics, ignored, counts } = compiled;
  const hasErrors = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  const places = verdict.accepted ? [] : verdict.places.map((place) => ({ ...place, source: sourceOf(place, bundle) }));
  const message = verdict.accepted ? '' : verdict.message;
  return {
    ok: verdict.accepted && !hasErrors,
    proxy,
    accepted: verdict.accepted,
    message,
    places,
    counts,
    diagnostics,
    ignored,
  };
}

function sourceOf({ path, line }: ConfigPlace, bundle: ConfigBundle): Source | undefined {
  const file = bundle.files.get(path);
  return file === undefined ? undefined : ownerOf(file, line);
}

export function printReport({ proxy, accepted, message, places, counts, diagnostics, ignored }: Report): string {
  const lines = diagnostics.map(formatDiagnostic);
  for (const { object, reason } of ignored) lines.push(`ignored ${formatRef(object)}: ${reason}`);
  if (!accepted) lines.push(`${proxy} refuses the configuration:`, message.trimEnd());
  for (const { path, line, source } of places) {
    if (source !== undefined) lines.push(`${path}:${line} was written for ${formatRef(source.object)} ${source.field}`);
  }
  const size = [plural(counts.hosts, 'host'), plural(counts.routes, 'route'), plural(counts.upstreams, 'upstream')];
  const found = (['error', 'warning'] as const).map((severity) => plural(count(diagnostics, severity), severity));
  lines.push(`${size.join(', ')}; ${found.join(', ')}; ${proxy} ${accepted ? 'accepts' : 'refuses'} the configuration`);
  return `${lines.join('\n')}\n`;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function count(diagnostics: Report['diagnostics'], severity: string): number {
  return diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
}

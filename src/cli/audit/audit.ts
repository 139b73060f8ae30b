import { writeFile } from 'node:fs/promises';
import type { ProxyIdentity, TranslateOptions } from '../../model/options.ts';
import { loadChosenPack } from '../packs/packs.ts';
import type { AuditRequest, Surroundings } from '../program.ts';
import { createDriver, identifyOrNewest, kindOf } from '../proxy/target.ts';
import { NO_MACHINE, toProxySettings, toTranslateOptions } from '../settings.ts';
import type { AuditValues } from './flags.ts';
import { toHtml } from './html.ts';
import { makeReport } from './make-report.ts';
import { readCluster, readFiles, type World } from './read-world.ts';
import { exitCodeOf, type AuditReport } from './report.ts';
import { toText } from './text.ts';

/** `sluice audit`: what becomes of Ingresses that were written for ingress-nginx. */
export async function auditCommand(request: AuditRequest, { stdout, signal }: Surroundings): Promise<number> {
  const report = await audit(request, signal);
  const text = FORMATS[request.format](report);
  if (request.out === undefined) stdout(text);
  else await writeFile(request.out, text);
  return exitCodeOf(report);
}

const FORMATS: Readonly<Record<AuditRequest['format'], (report: AuditReport) => string>> = {
  table: toText,
  json: (report) => `${JSON.stringify(report, undefined, 2)}\n`,
  html: toHtml,
};

/** @throws Error when manifests, or the cluster, cannot be read */
export async function audit(
  { filenames, values }: Pick<AuditRequest, 'filenames' | 'values'>,
  signal: AbortSignal,
): Promise<AuditReport> {
  const pack = await loadChosenPack(values);
  const driver = createDriver(values, toProxySettings(values, NO_MACHINE), kindOf(values, pack));
  const identity = await identifyOrNewest(values, driver, signal);
  const isCluster = filenames.length === 0;
  const options = optionsOf(values, identity, pack.manifest.features, isCluster);
  const world = isCluster ? await readCluster(values, () => options, signal) : await readFiles(filenames);
  return makeReport({ ...(world satisfies World), options, identity });
}

function optionsOf(
  values: AuditValues,
  identity: ProxyIdentity,
  families: readonly string[],
  isCluster: boolean,
): TranslateOptions {
  return toTranslateOptions(values, {
    target: { ...identity, families },
    // The machine that sluice will run on has one.
    hasResolver: true,
    isCluster,
    readsClasses: isCluster && values['watch-ingress-class'],
    now: Date.now(),
  });
}

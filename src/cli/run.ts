import { createApplier, type Applier } from '../apply/apply.ts';
import { refuseUntrusted } from '../apply/trusted-directory.ts';
import type { Logger } from '../model/logger.ts';
import type { Kind, Secret } from '../model/objects.ts';
import type { ProxyIdentity, ProxySettings, TranslateOptions } from '../model/options.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ProxyDriver } from '../proxies/driver.ts';
import { createLogger } from '../report/log.ts';
import { CollapseGuard } from '../sources/collapse/guard.ts';
import { HeldView } from '../sources/collapse/held-view.ts';
import { DirectorySource } from '../sources/manifests/directory.ts';
import { ObjectStore } from '../sources/object-store.ts';
import type { Source } from '../sources/source.ts';
import { ReferenceFinder } from '../translate/references.ts';
import { startAdmin, type Admin } from './admin.ts';
import { startReports, type ClusterReports } from './cluster-reports.ts';
import { realClock } from './loop/clock.ts';
import { DiagnosticLog } from './loop/diagnostic-log.ts';
import { Pace } from './loop/pace.ts';
import { createCompiler } from './loop/pipeline.ts';
import { follow } from './loop/reconcile.ts';
import { waitForSync } from './loop/sync.ts';
import { followTemplates, loadTemplates, type LoadedTemplates } from './loop/templates.ts';
import type { RunRequest, Surroundings } from './program.ts';
import { fitAccessLog, withUsableAccessLog } from './proxy/access-log.ts';
import { ownCertificateFor } from './own-certificate.ts';
import { readMachineFacts } from './proxy/machine.ts';
import { createReload } from './proxy/reload.ts';
import { createDriver, identify, kindOf } from './proxy/target.ts';
import { readWorkerGroup, type WorkerGroup } from './proxy/worker-group.ts';
import { toProxySettings, toTranslateOptions } from './settings.ts';
import { connectCluster, followCluster, type Cluster, type RunValues } from './sources.ts';
import { readVersion } from './version.ts';

/** `sluice run`: puts the parts together, then follows the cluster or the manifests until it is told to stop. */
export async function runCommand(request: RunRequest, surroundings: Surroundings): Promise<number> {
  const { values, directory } = request;
  const { signal } = surroundings;
  const format = values['log-format'] === 'auto' ? (process.stderr.isTTY ? 'pretty' : 'json') : values['log-format'];
  const logger = await createLogger({ level: values['log-level'], format });
  for (const { flag, message, isLoss } of request.notices ?? []) {
    logger[isLoss ? 'warn' : 'info']({ flag, what: message }, 'a flag of ingress-nginx does nothing here');
  }
  const facts = await readMachineFacts();
  const reach = { isChild: values.manage, canOpenStdout: facts.canOpenStdout };
  const settings = withUsableAccessLog(values.proxy, toProxySettings(values, facts), reach, logger);
  const loaded = await loadTemplates(values);
  const kind = kindOf(values, loaded.pack);
  const reload = createReload(values, settings, kind, logger);
  const driver = createDriver(values, settings, kind, reload.method);
  try {
    const cluster = directory === undefined ? await connectCluster(values, readVersion()) : undefined;
    const identity = await identify(values, driver, signal);
    const from = { directory, server: cluster?.connection.server };
    logger.info({ proxy: identity.name, version: identity.version, ...from }, 'starting');
    const ownCertificate = await ownCertificateFor(values.compat, Date.now());
    await serve({ values, directory, cluster, settings, loaded, driver, identity, ownCertificate, logger }, signal);
    return 0;
  } catch (error) {
    // Whatever was under way when we were told to stop.
    if (signal.aborted) return 0;
    throw error;
  } finally {
    await reload.stop();
    logger.info({}, 'stopped');
  }
}

interface Parts {
  readonly values: RunValues;
  readonly directory: string | undefined;
  readonly cluster: Cluster | undefined;
  readonly settings: ProxySettings;
  readonly loaded: LoadedTemplates;
  readonly driver: ProxyDriver;
  readonly identity: ProxyIdentity;
  readonly ownCertificate: Secret | undefined;
  readonly logger: Logger;
}

/** Once told to stop, probes hear of it at once; the proxy serves on until those who send it traffic have heard, too. */
async function serve(parts: Parts, signal: AbortSignal): Promise<void> {
  const { values, logger } = parts;
  const ending = new AbortController();
  const admin = await startAdmin(parts, ending.signal);
  signal.addEventListener('abort', () => admin.health.shutDown(), { once: true });
  try {
    await reconcile(parts, admin, signal);
  } finally {
    if (signal.aborted && values['shutdown-delay'] > 0) {
      logger.info({ ms: values['shutdown-delay'] }, 'not ready any more; the proxy serves on for a while');
      await realClock.sleep(values['shutdown-delay'], ending.signal);
    }
    ending.abort();
    await admin.stopped;
  }
}

async function reconcile(parts: Parts, admin: Admin, signal: AbortSignal): Promise<void> {
  const { values } = parts;
  await refuseUntrusted(values['config-dir'], values['file-owner']);
  const applier = applierOf(parts, await workersOf(parts, signal));
  const installed = await applier.start(signal);
  if (installed !== undefined) admin.health.observeResult(installed);
  const takesEndpoints = parts.driver.update !== undefined;
  const pace = new Pace({ wait: values.wait, reloadInterval: values['reload-interval'], takesEndpoints }, realClock);
  const store = new ObjectStore((kind) =>
    pace.note(kind !== undefined && OF_ENDPOINTS.has(kind) ? 'endpoints' : 'any'),
  );
  const options = () => optionsOf(parts);
  const hold = { store, holdMs: values['collapse-hold'], clock: realClock, wallNow: () => new Date() };
  const guard = new CollapseGuard(hold, signal);
  const context = { store, admin, options, guard, references: new ReferenceFinder() };
  const { source, reports } = openWorld(parts, context, signal);
  try {
    await followSource(
      parts,
      { ...context, isFirstStart: installed === undefined, applier, pace, source, reports },
      signal,
    );
  } finally {
    await reports?.stop();
  }
}

const OF_ENDPOINTS: ReadonlySet<Kind> = new Set(['EndpointSlice', 'Endpoints']);

interface Following extends SourceContext, World {
  readonly applier: Applier;
  /** No generation was installed. */
  readonly isFirstStart: boolean;
  readonly pace: Pace;
}

async function followSource(
  { values, settings, loaded, identity, logger }: Parts,
  { store, admin, options, guard, references, applier, isFirstStart, pace, source, reports }: Following,
  signal: AbortSignal,
): Promise<void> {
  const told = new DiagnosticLog(logger);
  await waitForSync({ source, store }, told, realClock, signal);
  logger.info({}, 'all objects read');
  const report = store.report.bind(store);
  const templates = followTemplates(loaded, { identity, report, onChange: () => pace.note(), logger }, signal);
  const compile = createCompiler(
    templates.render,
    settings,
    realClock.now,
    fitAccessLog(values.proxy, settings, logger),
  );
  const held = new HeldView(guard);
  await follow(
    {
      look: async () => {
        await source.settle?.(signal);
        const [snapshot, chosen] = [held.of(store.snapshot()), options()];
        return {
          snapshot,
          compile: (exclusions) => compile(snapshot, chosen, exclusions),
          mayBlame: () => !templates.onTrial(),
          templates: templates.proven(),
          referredBy: (ingress) => references.of(ingress, snapshot, chosen),
        };
      },
      templates: templates.proven,
      isFirstStart,
      told,
      applier,
      pace,
      clock: realClock,
      logger,
      watchdog: admin.watchdog,
      onOutcome: (outcome) => {
        templates.settle(outcome.result);
        admin.observe(outcome);
        reports?.observe(outcome);
      },
    },
    signal,
  );
  await Promise.all([source.stopped, templates.stopped]);
}

async function workersOf({ driver, values }: Parts, signal: AbortSignal): Promise<WorkerGroup> {
  const built = await driver.workerGroup?.(signal);
  return built === undefined ? () => undefined : readWorkerGroup(built, values['file-owner']);
}

function applierOf({ values, settings, loaded, driver, identity, logger }: Parts, workers: WorkerGroup): Applier {
  const { commands } = loaded.pack.manifest;
  if (commands !== undefined && commands.acknowledge === undefined) {
    logger.warn({ proxy: identity.name }, 'its pack has no "acknowledge": a reload that does not fail is believed');
  }
  return createApplier({
    driver,
    configDir: values['config-dir'],
    runDirectory: settings.runDirectory,
    owner: values['file-owner'],
    workers,
    keepGenerations: values['keep-generations'],
    acknowledgeTimeoutMs: values['acknowledge-timeout'],
    logger,
  });
}

function optionsOf({ values, cluster, settings, identity, loaded, ownCertificate }: Parts): TranslateOptions {
  return toTranslateOptions(values, {
    target: { ...identity, families: loaded.pack.manifest.features },
    hasResolver: settings.resolvers.length > 0,
    isCluster: cluster !== undefined,
    readsClasses: cluster !== undefined && values['watch-ingress-class'],
    ownCertificate,
    now: Date.now(),
  });
}

interface SourceContext {
  readonly store: ObjectStore;
  readonly admin: Admin;
  readonly options: () => TranslateOptions;
  readonly guard: CollapseGuard;
  readonly references: ReferenceFinder;
}

/** Where the objects come from, and where what became of them is told. */
interface World {
  readonly source: Source;
  readonly reports: ClusterReports | undefined;
}

function openWorld(parts: Parts, context: SourceContext, signal: AbortSignal): World {
  const { directory = '', cluster } = parts;
  if (cluster !== undefined) return openCluster({ ...parts, cluster }, context, signal);
  const { health } = context.admin;
  const { guard } = context;
  const source = new DirectorySource(context.store, { path: directory, guard }, signal);
  health.setWaiting('manifests', `the manifests in ${directory} to be read`);
  const done = () => health.setWaiting('manifests', undefined);
  void source.synced.then(done, done);
  return { source, reports: undefined };
}

function openCluster(
  { values, cluster, logger }: Parts & { readonly cluster: Cluster },
  { store, admin, options, guard, references }: SourceContext,
  signal: AbortSignal,
): World {
  const { health, metrics } = admin;
  const listener = {
    onWaiting: (what: string, reason: string | undefined) => health.setWaiting(what, reason),
    onRestart: metrics.watchRestarted.bind(metrics),
    onSynced: metrics.watchSynced.bind(metrics),
  };
  const wanted = (snapshot: Snapshot) => references.all(snapshot, options());
  const clock = realClock;
  const source = followCluster(values, cluster, { store, guard, listener, clock, references: wanted }, signal);
  const { loadBalancers } = source;
  return { source, reports: startReports({ values, cluster, store, loadBalancers, metrics, logger }) };
}

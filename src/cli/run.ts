import { createApplier } from '../apply/apply.ts';
import type { Logger } from '../model/logger.ts';
import type { ProxySettings } from '../model/options.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ProxyDriver } from '../proxies/driver.ts';
import { createLogger } from '../report/log.ts';
import { DirectorySource } from '../sources/manifests/directory.ts';
import { ObjectStore } from '../sources/object-store.ts';
import { withUsableAccessLog } from './proxy/access-log.ts';
import { realClock } from './loop/clock.ts';
import { DiagnosticLog } from './loop/diagnostic-log.ts';
import { readMachineFacts } from './proxy/machine.ts';
import { Pace } from './loop/pace.ts';
import { createCompiler } from './loop/pipeline.ts';
import type { RunRequest, Surroundings } from './program.ts';
import { follow } from './loop/reconcile.ts';
import { createReload } from './proxy/reload.ts';
import { toProxySettings, toTranslateOptions } from './settings.ts';
import { waitForSync } from './loop/sync.ts';
import { createDriver, identify, kindOf } from './proxy/target.ts';
import { followTemplates, loadTemplates, type LoadedTemplates } from './loop/templates.ts';

/** `sluice run`: puts the parts together, then follows the manifests until it is told to stop. */
export async function runCommand(request: RunRequest, surroundings: Surroundings): Promise<number> {
  const { values } = request;
  const { signal } = surroundings;
  const format = values['log-format'] === 'auto' ? (process.stderr.isTTY ? 'pretty' : 'json') : values['log-format'];
  const logger = await createLogger({ level: values['log-level'], format });
  const facts = await readMachineFacts();
  const isChild = values.manage;
  const { canOpenStdout } = facts;
  const reach = { isChild, canOpenStdout };
  const settings = withUsableAccessLog(values.proxy, toProxySettings(values, facts), reach, logger);
  const loaded = await loadTemplates(values);
  const kind = kindOf(values, loaded.pack);
  const reload = createReload(values, settings, kind, logger);
  const driver = createDriver(values, settings, kind, reload.method);
  try {
    await start({ request, settings, loaded, driver, logger, signal });
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
  readonly request: RunRequest;
  readonly settings: ProxySettings;
  readonly loaded: LoadedTemplates;
  readonly driver: ProxyDriver;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

async function start({ request, settings, loaded, driver, logger, signal }: Parts): Promise<void> {
  const { values, directory } = request;
  const identity = await identify(values, driver, signal);
  logger.info({ proxy: identity.name, version: identity.version, directory }, 'starting');
  const { commands } = loaded.pack.manifest;
  if (commands !== undefined && commands.acknowledge === undefined) {
    logger.warn({ proxy: identity.name }, 'its pack has no "acknowledge": a reload that does not fail is believed');
  }
  const applier = createApplier({
    driver,
    configDir: values['config-dir'],
    runDirectory: settings.runDirectory,
    owner: values['file-owner'],
    keepGenerations: values['keep-generations'],
    acknowledgeTimeoutMs: values['acknowledge-timeout'],
    logger,
  });
  await applier.start(signal);
  const pace = new Pace({ wait: values.wait, reloadInterval: values['reload-interval'] }, realClock);
  const store = new ObjectStore(() => pace.note());
  const source = new DirectorySource(store, { path: directory }, signal);
  const told = new DiagnosticLog(logger);
  await waitForSync({ source, store }, told, realClock, signal);
  logger.info({}, 'all manifests read');
  const onChange = () => pace.note();
  const report = store.report.bind(store);
  const templates = followTemplates(loaded, { identity, report, onChange, logger }, signal);
  const compile = createCompiler(templates.render, settings, realClock.now);
  const hasResolver = settings.resolvers.length > 0;
  const compiled = () => compile(store.snapshot(), toTranslateOptions(values, { hasResolver, now: Date.now() }));
  const onOutcome = ({ result }: Outcome) => templates.settle(result);
  await follow({ compile: compiled, told, applier, pace, clock: realClock, logger, onOutcome }, signal);
  await Promise.all([source.stopped, templates.stopped]);
}

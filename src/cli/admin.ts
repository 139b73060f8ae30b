import type { Logger } from '../model/logger.ts';
import type { ProxyIdentity } from '../model/options.ts';
import type { ApplyResult, Outcome } from '../model/outcome.ts';
import type { ProxyDriver } from '../proxies/driver.ts';
import { adminRoutes, startAdminServer } from '../report/admin-server.ts';
import { Health } from '../report/health.ts';
import { createMetrics, type Metrics } from '../report/metrics.ts';
import { realClock } from './loop/clock.ts';
import { LONGEST_PAUSE_MS, type Watchdog } from './loop/reconcile.ts';
import type { RunValues } from './sources.ts';
import { readVersion } from './version.ts';

export interface AdminParts {
  readonly values: RunValues;
  readonly identity: ProxyIdentity;
  readonly driver: ProxyDriver;
  readonly logger: Logger;
}

/** What sluice tells about itself. */
export interface Admin {
  readonly health: Health;
  readonly metrics: Metrics;
  readonly watchdog: Watchdog;
  readonly observe: (outcome: Outcome) => void;
  /** Resolves when the server has ended after the abort. */
  readonly stopped: Promise<void>;
}

/** Milliseconds on top of what the proxy may take for a pass: reading, rendering, writing. */
const OWN_WORK_MS = 60_000;
/** The longest that a driver waits for a proxy to be told to reload. */
const RELOAD_MS = 60_000;

/** Answers probes and scrapes until the signal aborts. @throws Error when the port cannot be had */
export async function startAdmin(
  { values, identity, driver, logger }: AdminParts,
  signal: AbortSignal,
): Promise<Admin> {
  const rest = values['reload-interval'] === 'auto' ? 0 : values['reload-interval'];
  const health = new Health({ now: realClock.now, beatLimitMs: LONGEST_PAUSE_MS + rest + OWN_WORK_MS });
  const drainingWorkers = async () => driver.drainingWorkers?.(signal);
  const metrics = createMetrics({ version: readVersion(), proxy: identity, drainingWorkers });
  const [address, port] = [values['admin-address'], values['admin-port']];
  const routes = adminRoutes({ health, metrics, compat: values.compat });
  const server = port === 'off' ? undefined : await startAdminServer({ address, port, routes, logger }, signal);
  // Twice, for a roll-back.
  const reloadMs = 2 * (RELOAD_MS + values['acknowledge-timeout']);
  const passLimitMs = values['check-timeout'] + reloadMs + OWN_WORK_MS;
  return {
    health,
    metrics,
    watchdog: {
      beat: () => health.beat(),
      passStarted: () => health.passStarted(passLimitMs),
      verified: (result: ApplyResult) => health.observeResult(result),
    },
    observe: (outcome) => {
      health.observe(outcome);
      metrics.observe(outcome);
    },
    stopped: server?.stopped ?? Promise.resolve(),
  };
}

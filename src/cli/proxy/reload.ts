import type { Logger } from '../../model/logger.ts';
import type { ProxySettings } from '../../model/options.ts';
import type { ReloadMethod } from '../../proxies/reload.ts';
import { Supervisor } from '../../proxies/supervisor.ts';
import type { RUN_FLAGS, ValuesOf } from '../flags.ts';
import type { ProxyKind } from './proxy-kinds.ts';
import { proxyBinary } from './target.ts';

type RunValues = ValuesOf<typeof RUN_FLAGS>;

export interface Reload {
  readonly method: ReloadMethod;
  /** Ends what was started for it. */
  readonly stop: () => Promise<void>;
}

const RELOAD_COMMAND_TIMEOUT_MS = 30_000;
const QUIT_TIMEOUT_MS = 10_000;

/** How the running proxy learns of a new generation: as our child, by a command, a signal, or a socket. */
export function createReload(values: RunValues, settings: ProxySettings, kind: ProxyKind, logger: Logger): Reload {
  if (values.manage) return manage(values, settings, kind, logger);
  const stop = () => Promise.resolve();
  const [file, ...args] = values['reload-command']?.split(/\s+/).filter((word) => word !== '') ?? [];
  if (file !== undefined) {
    return { method: { type: 'command', file, args, timeoutMs: RELOAD_COMMAND_TIMEOUT_MS }, stop };
  }
  const { 'pid-file': pidFile, 'master-socket': socket } = values;
  if (socket !== undefined) return { method: { type: 'master', socket }, stop };
  if (pidFile === undefined) return { method: kind.reloadMethod(settings), stop };
  const own = kind.reloadMethod({ ...settings, pidFile });
  if (own.type !== 'master') return { method: own, stop };
  return { method: { type: 'signal', pidFile, signal: kind.reloadSignal, program: values.proxy }, stop };
}

function manage(values: RunValues, settings: ProxySettings, kind: ProxyKind, logger: Logger): Reload {
  const { startArguments, workerTitle, reloadSignal, tellReload, quitSignal } = kind;
  const supervisor = new Supervisor({
    file: proxyBinary(values),
    args: startArguments(values['config-dir'], settings),
    identifiedBy: `${values['config-dir']}/current/`,
    workerTitle,
    pidFile: settings.pidFile,
    acknowledgeSocket: settings.acknowledgeSocket,
    reloadSignal,
    tellReload: tellReload && ((signal) => tellReload(settings, signal)),
    quitSignal,
    quitTimeoutMs: QUIT_TIMEOUT_MS,
    output: 'inherit',
    logger,
  });
  return { method: { type: 'manage', supervisor }, stop: () => supervisor.stop() };
}

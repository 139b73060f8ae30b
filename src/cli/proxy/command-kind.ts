import { basename } from 'node:path';
import type { ProxySettings } from '../../model/options.ts';
import type { Command, PackCommands, Placeholder } from '../../model/pack-commands.ts';
import { createCommandDriver, fillCommand, installedDirectory } from '../../proxies/command.ts';
import { reloadProxy, type ReloadMethod } from '../../proxies/reload.ts';
import type { ProxyKind } from './proxy-kinds.ts';

const RELOAD_TIMEOUT_MS = 30_000;

export interface CommandProxy {
  readonly name: string;
  readonly commands: PackCommands;
  readonly binary: string;
  readonly configDir: string;
}

/** A proxy that is known by its pack alone. */
export function commandKind({ name, commands, binary, configDir }: CommandProxy): ProxyKind {
  const { reload } = commands;
  const wordsOf = (settings: ProxySettings): Readonly<Record<Placeholder, string>> => ({
    binary,
    directory: installedDirectory(configDir),
    runDirectory: settings.runDirectory,
    pidFile: settings.pidFile,
    acknowledgeSocket: settings.acknowledgeSocket,
    acknowledgePort: String(settings.acknowledgePort),
  });
  const reloadCommand = (command: Command, settings: ProxySettings): ReloadMethod => {
    const [file, ...args] = fillCommand(command, wordsOf(settings));
    return { type: 'command', file, args, timeoutMs: RELOAD_TIMEOUT_MS };
  };
  const reloadSignal = 'signal' in reload ? reload.signal : 'SIGHUP';
  return {
    newestVersion: '0',
    reloadSignal,
    quitSignal: commands.quitSignal,
    workerTitle: undefined,
    startArguments: (_, settings) => fillCommand(commands.start, wordsOf(settings)).slice(1),
    reloadMethod: (settings) =>
      'command' in reload
        ? reloadCommand(reload.command, settings)
        : { type: 'signal', pidFile: settings.pidFile, signal: reloadSignal, program: basename(binary) },
    ...('command' in reload && {
      tellReload: (settings: ProxySettings, signal: AbortSignal) =>
        reloadProxy(reloadCommand(reload.command, settings), signal),
    }),
    createDriver: ({ settings, reload: method, checkTimeoutMs }) =>
      createCommandDriver({ name, commands, words: wordsOf(settings), reload: method, checkTimeoutMs }),
  };
}

import { join } from 'node:path';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { Logger } from '../../model/logger.ts';
import type { ProxyIdentity } from '../../model/options.ts';
import type { ApplyResult } from '../../model/outcome.ts';
import { unreadablePath } from '../../model/problems.ts';
import { PackError, type PackManifest } from '../../render/pack.ts';
import type { Renderer, TemplatePack } from '../../render/render.ts';
import { loadUserPack, type ShippedPack, type UserPack } from '../../render/user-pack.ts';
import { followPack, type PackTexts } from '../../sources/packs/pack-source.ts';
import { LivePack } from './live-pack.ts';
import { readChosenPack, type PackChoice } from '../packs/packs.ts';

export interface LoadedTemplates {
  readonly shipped: ShippedPack;
  readonly user: UserPack | undefined;
  readonly pack: TemplatePack;
}

/** @throws PackError with everything that is wrong with the user's pack */
export async function loadTemplates(choice: PackChoice): Promise<LoadedTemplates> {
  const { shipped, user } = await readChosenPack(choice);
  return { shipped, user, pack: loadUserPack(shipped, user) };
}

export interface TemplateParts {
  readonly identity: ProxyIdentity;
  /** Replaces what an origin has to complain of. */
  readonly report: (origin: string, diagnostics: readonly Diagnostic[]) => void;
  /** It is time to render again. */
  readonly onChange: () => void;
  readonly logger: Logger;
}

export interface FollowedTemplates {
  /** Renders with the templates in force. */
  readonly render: Renderer;
  /** Whether the last rendering was by templates that have not proven themselves: what the proxy refuses is then their fault. */
  readonly onTrial: () => boolean;
  /** The templates that have proven themselves: another value as soon as others have. */
  readonly proven: () => object;
  /** What became of what was rendered last. */
  readonly settle: (result: ApplyResult) => void;
  readonly stopped: Promise<void>;
}

/** Follows the user's templates until the signal aborts; those that come with sluice do not change. */
export function followTemplates(loaded: LoadedTemplates, parts: TemplateParts, signal: AbortSignal): FollowedTemplates {
  const { identity, report, onChange, logger } = parts;
  const first = loaded.pack.rendererFor(identity);
  const { shipped, user } = loaded;
  if (user === undefined) {
    return {
      render: first,
      onTrial: () => false,
      proven: () => first,
      settle: () => undefined,
      stopped: Promise.resolve(),
    };
  }
  const { directory, files } = user;
  const live = new LivePack(first, { directory, onChange, report: (found) => report('templates', found) });
  const offer = (changed: PackTexts) => {
    try {
      const pack = loadUserPack(shipped, { directory, files: changed });
      requireSameCommands(loaded.pack.manifest, pack.manifest, directory);
      live.offer(pack.rendererFor(identity));
      logger.info({ templates: directory }, 'templates changed');
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      live.refuse(error.problems);
    }
  };
  const unwatched = (reason: string) => [unreadablePath(directory, reason, 'changes are looked for every 10 s only')];
  const listener = {
    onFiles: offer,
    onUnreadable: (message: string) => live.refuse([{ file: directory, line: 1, column: 1, message }]),
    onUnwatched: (reason: string) => report('watch of templates', unwatched(reason)),
  };
  return {
    render: live.render,
    onTrial: () => live.isTried,
    proven: () => live.proven,
    settle: (result) => live.settle(result),
    stopped: followPack({ directory, known: files }, listener, signal),
  };
}

/** How a proxy is run was settled when sluice started. @throws PackError when the pack says otherwise now */
function requireSameCommands(before: PackManifest, now: PackManifest, directory: string): void {
  if (JSON.stringify(before.commands) === JSON.stringify(now.commands)) return;
  const message = '"commands" changed, which takes a restart of sluice';
  throw new PackError([{ file: join(directory, 'pack.json'), line: 1, column: 1, message }]);
}

import { readFile } from 'node:fs/promises';
import type { Owner } from '../../apply/layout.ts';
import type { ConfigBundle } from '../../model/bundle.ts';
import { NGINX_CONFIG } from '../../proxies/nginx.ts';

/** Id of the group that is to read what a pack marks with `workers`; `undefined`: nobody but the owner. */
export type WorkerGroup = (bundle: Pick<ConfigBundle, 'files'>) => number | undefined;

/** The process that writes the files. */
export interface Writer {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary ones, too. */
  readonly groups: readonly number[];
}

export interface WorkerFacts {
  /** As nginx was built: `--group`, or what it takes without. */
  readonly built: string;
  /** Text of /etc/group. */
  readonly groups: string;
  readonly writer: Writer;
  /** `--file-owner`. */
  readonly owner: Owner | undefined;
}

/** Looks at this machine. */
export async function readWorkerGroup(built: string, owner: Owner | undefined): Promise<WorkerGroup> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const { geteuid, getegid, getgroups } = process;
  const writer = { uid: geteuid?.() ?? 0, gid: getegid?.() ?? 0, groups: getgroups?.() ?? [] };
  return workerGroup({ built, groups, writer, owner });
}

/**
 * A master that root starts gives its workers to another user, who then reads files of users at each request. Files of an
 * owner that is not root need no group: nginx then runs as that owner, and cannot change to another user. Whoever is not
 * root may give files to groups that it is in only.
 */
export function workerGroup({ built, groups, writer, owner }: WorkerFacts): WorkerGroup {
  const mayGive = (gid: number) =>
    writer.uid === 0 || (gid !== writer.gid && owner === undefined && writer.groups.includes(gid));
  return ({ files }) => {
    if (owner !== undefined && owner.uid !== 0) return undefined;
    const named = groupDirective(files.get(NGINX_CONFIG)?.text ?? '') ?? built;
    const gid = groupId(named, groups) ?? (named === 'nobody' ? groupId('nogroup', groups) : undefined);
    return gid !== undefined && mayGive(gid) ? gid : undefined;
  };
}

/** The group of `user NAME [GROUP];`, which a partial of users may write. https://nginx.org/en/docs/ngx_core_module.html#user */
function groupDirective(text: string): string | undefined {
  const [, user, group] = /^[ \t]*user[ \t]+"?([\w.-]+)"?(?:[ \t]+"?([\w.-]+)"?)?[ \t]*;/m.exec(text) ?? [];
  return group ?? user;
}

function groupId(name: string, groups: string): number | undefined {
  for (const line of groups.split('\n')) {
    const [found, , gid = ''] = line.split(':');
    if (found === name && /^\d+$/.test(gid)) return Number(gid);
  }
  return undefined;
}

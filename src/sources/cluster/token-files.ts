import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { isRecord } from '../../model/record.ts';
import { parseManifests } from '../manifests/manifest-file.ts';

/** The files that a kubeconfig is made of, by the rules of kubectl. */
export function kubeconfigFiles(
  chosen: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (chosen !== undefined) return [chosen];
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return listed;
  const standard = join(homedir(), '.kube', 'config');
  return existsSync(standard) ? [standard] : [];
}

/**
 * Users whose token is in a file, by name: the path of that file. The official client leaves `tokenFile` out, and a token
 * that is in a file is one that will be replaced. https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo
 *
 * @throws Error when a file cannot be read
 */
export function tokenFiles(files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(files.flatMap((file) => tokenFilesOf(file)));
}

function tokenFilesOf(file: string): readonly [string, string][] {
  const parsed = parseManifests(file, readFileSync(file, 'utf8'));
  const [document] = parsed.ok ? parsed.documents : [];
  const users = isRecord(document?.value) ? document.value['users'] : undefined;
  if (!Array.isArray(users)) return [];
  return users.flatMap((entry: unknown): [string, string][] => {
    if (!isRecord(entry) || !isRecord(entry['user'])) return [];
    const { name, user } = entry;
    const path = user['tokenFile'];
    if (typeof name !== 'string' || typeof path !== 'string' || path === '') return [];
    return [[name, resolve(dirname(file), path)]];
  });
}

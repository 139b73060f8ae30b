import { service } from '../support/manifests.ts';
import type { CaseWorld, Reach } from './case.ts';

/* What cases share in which one of several endpoints answers. */

/** A Service with all three backends as its endpoints. */
export function three(world: CaseWorld): readonly object[] {
  const { alpha, beta, gamma } = world.backends;
  return service('three', [alpha.port, beta.port, gamma.port]);
}

export const THREE = [{ path: '/', service: 'three' }];

/** Names of the backends that answer some requests. */
export async function backendsOf(
  reach: Reach,
  requests: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answers = await Promise.all(Array.from({ length: requests }, () => reach.echo({ headers })));
  return [...new Set(answers.map(({ backend }) => backend))].sort().join(' ');
}

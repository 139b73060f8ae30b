import assert from 'node:assert/strict';
import type { Echo } from './backend.ts';
import { send } from './client.ts';
import { waitFor } from './wait.ts';

/** Whom a client reaches. */
export interface Destination {
  readonly port: number;
  readonly host: string;
  readonly path?: string;
}

/** Name of the backend that answers, or the status when none does; `undefined` when nothing answers. */
export async function reach(to: Destination): Promise<string | number | undefined> {
  const answer = await send(to).catch(() => undefined);
  if (answer?.status !== 200) return answer?.status;
  return (JSON.parse(answer.body) as Echo).backend;
}

/** Waits until that is what a client reaches. */
export async function untilReached(to: Destination, want: string | number): Promise<void> {
  let got: string | number | undefined;
  await waitFor(
    () => `${to.host}${to.path ?? '/'} to reach ${want}, got ${got}`,
    async () => (got = await reach(to)) === want,
  );
  assert.equal(got, want);
}

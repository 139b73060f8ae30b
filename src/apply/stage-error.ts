import type { ApplyResult } from '../model/outcome.ts';

/** A generation could not be written, checked or installed; nothing of it is left. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

export function stageError(what: string, error: unknown): StageError {
  return new StageError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** @throws StageError for whatever `work` throws */
export async function orStageError<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw stageError(what, error);
  }
}

/** A StageError as a result; others are defects, or mean that we were told to stop. */
export async function orFailed<T>(work: () => Promise<T>): Promise<T | Extract<ApplyResult, { type: 'failed' }>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return { type: 'failed', message: error.message };
  }
}

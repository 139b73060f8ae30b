import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** It is no file, so that reading it could wait for ever, or do something. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError';

  constructor() {
    super('is neither a file nor a directory');
  }
}

export interface ReadOptions {
  /** Bytes. */
  readonly limit: number;
  /** Take pipes and devices, too, and wait for them: for what somebody named for this purpose. */
  readonly anyKind?: boolean;
}

const CHUNK = 64 * 1024;

/**
 * Reads a whole file, however it grows or is replaced meanwhile. A pipe that nobody writes to does not stop it.
 *
 * @returns `undefined` when there is more than `limit`
 * @throws NotAFileError, and what the operating system says
 */
export async function readBounded(
  path: string,
  { limit, anyKind = false }: ReadOptions,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const file = await open(path, constants.O_RDONLY | (anyKind ? 0 : constants.O_NONBLOCK));
  try {
    if (!anyKind && !(await file.stat()).isFile()) throw new NotAFileError();
    return await readUpTo(file, limit);
  } finally {
    await file.close();
  }
}

async function readUpTo(file: FileHandle, limit: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer<ArrayBuffer>[] = [];
  for (let size = 0; size <= limit;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await file.read(chunk, 0, CHUNK);
    if (bytesRead === 0) return Buffer.concat(chunks);
    size += bytesRead;
    chunks.push(chunk.subarray(0, bytesRead));
  }
  return undefined;
}

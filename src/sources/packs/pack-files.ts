import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, errorCode } from '../manifests/list-files.ts';
import { NotAFileError, readBounded } from '../read-bounded.ts';

/**
 * Reads a template pack: every `.hbs` file and `pack.json` below a directory, by relative path with `/`, following
 * symbolic links. Names that start with a dot are passed over: the files of a ConfigMap volume are reached by the links
 * beside its dated directory.
 *
 * @throws Error that says which directory or file cannot be read
 */
export async function readPackFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  try {
    const files = new Map<string, string>();
    for (const path of (await listPack(directory, '', MAX_DEPTH)).sort()) {
      files.set(path, unixLines(await readTemplate(directory, path)));
    }
    return files;
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'no such file or directory' : describeError(error);
    throw new Error(`cannot read templates from ${directory}: ${reason}`, { cause: error });
  }
}

/** Bytes; those that come with sluice are a hundredth of it. */
const MAX_TEMPLATE_SIZE = 1024 * 1024;

async function readTemplate(directory: string, path: string): Promise<string> {
  const bytes = await readBounded(join(directory, path), { limit: MAX_TEMPLATE_SIZE }).catch((error: unknown) => {
    throw error instanceof NotAFileError ? new Error(`${path} ${error.message}`, { cause: error }) : error;
  });
  if (bytes === undefined) throw new Error(`${path} is larger than ${MAX_TEMPLATE_SIZE} bytes`);
  return bytes.toString('utf8');
}

/** A pack has two levels; a link to a directory above must not be followed for ever. */
const MAX_DEPTH = 5;

async function listPack(root: string, below: string, depth: number): Promise<string[]> {
  const names = (await readdir(join(root, below))).filter((name) => !name.startsWith('.'));
  const paths = names.map((name) => (below === '' ? name : `${below}/${name}`));
  const nested = await Promise.all(
    paths.map(async (path) => {
      if ((await stat(join(root, path))).isDirectory()) return depth > 0 ? listPack(root, path, depth - 1) : [];
      return path.endsWith('.hbs') || path === 'pack.json' ? [path] : [];
    }),
  );
  return nested.flat();
}

/** Carriage returns would end up in the configuration. */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** A call of a method of node:fs/promises, or of a file handle that it gave. */
export interface DiskCall {
  /** `rename`, `open`, `handle.sync` … */
  readonly name: string;
  readonly path: string;
  /** Whether it changes what is on disk. */
  readonly isChange: boolean;
  /** Does a part of it: writes half of the text, removes one of the entries. `undefined` when there are no parts. */
  readonly half: (() => Promise<void>) | undefined;
}

/** Comes before each call; what it throws is what the call rejects with. */
export type Fault = (call: DiskCall) => void | Promise<void>;

type Callable = (...args: readonly unknown[]) => unknown;

const CHANGES = ['rename', 'symlink', 'mkdir', 'rm', 'chmod', 'chown', 'lchown', 'link', 'unlink', 'writeFile'];
const READS = ['readFile', 'readdir', 'readlink', 'lstat', 'stat', 'open'];
const HANDLE_CHANGES = ['chmod', 'chown', 'writeFile', 'sync'];

/** Puts a fault before all calls below `root` that this process makes; returns what takes it away. */
export async function injectFaults(root: string, fault: Fault): Promise<() => void> {
  const undo: (() => void)[] = [];
  const paths = new WeakMap<object, string>();
  const isBelow = (path: unknown): path is string => typeof path === 'string' && path.startsWith(root);
  const replace = (target: object, name: string, wrap: (original: Callable) => Callable): void => {
    const original: unknown = Reflect.get(target, name);
    if (!isCallable(original)) throw new Error(`no ${name}`);
    Reflect.set(target, name, wrap(original));
    undo.push(() => Reflect.set(target, name, original));
  };
  for (const name of [...CHANGES, ...READS]) {
    replace(promises, name, (original) => async (...args) => {
      const path = args.find(isBelow);
      if (path === undefined) return original(...args);
      await fault(callOf(name, path, args[1]));
      const result = await original(...args);
      if (name === 'open' && isObject(result)) paths.set(result, path);
      return result;
    });
  }
  const prototype = await handlePrototype();
  for (const name of HANDLE_CHANGES) {
    replace(
      prototype,
      name,
      (original) =>
        async function (this: object, ...args: readonly unknown[]) {
          const path = paths.get(this);
          const half = name === 'writeFile' ? () => writeHalf(original.bind(this), args[0]) : undefined;
          if (path !== undefined) await fault({ name: `handle.${name}`, path, isChange: true, half });
          return Reflect.apply(original, this, args);
        },
    );
  }
  syncBuiltinESMExports();
  return () => {
    for (const step of undo) step();
    syncBuiltinESMExports();
  };
}

/** As the kernel would say it. */
export function diskError(code: string, { name, path }: DiskCall): Error {
  return Object.assign(new Error(`${code}: injected, ${name} '${path}'`), { code, syscall: name, path });
}

function callOf(name: string, path: string, options: unknown): DiskCall {
  const isChange = CHANGES.includes(name) || (name === 'open' && options !== 'r');
  const isTree = name === 'rm' && isObject(options) && 'recursive' in options;
  return { name, path, isChange, half: isTree ? () => removeOne(path) : undefined };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

async function handlePrototype(): Promise<object> {
  const handle = await promises.open('/dev/null');
  const prototype: unknown = Object.getPrototypeOf(handle);
  await handle.close();
  if (!isObject(prototype)) throw new Error('a file handle has no prototype');
  return prototype;
}

async function writeHalf(write: Callable, text: unknown): Promise<void> {
  const whole = String(text);
  await write(whole.slice(0, whole.length / 2));
}

async function removeOne(path: string): Promise<void> {
  const [first] = await promises.readdir(path).catch(() => []);
  if (first !== undefined) await promises.rm(`${path}/${first}`, { recursive: true });
}

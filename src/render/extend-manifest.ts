import { isRecord } from '../model/record.ts';
import { PackError } from './pack.ts';

/*
 * A `pack.json` with `"extends": "nginx"` changes the outputs of a shipped pack: an output with a path that the shipped
 * pack has replaces that one, others are added, `"omit"` lists paths to leave out.
 */

/** Whether the text of a `pack.json` extends a shipped pack. What is not JSON is for whoever reads it in earnest. */
export function isOverlayManifest(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && value['extends'] !== undefined;
  } catch {
    return false;
  }
}

/** The text of the `pack.json` that comes of the two. @throws PackError */
export function extendManifest(shippedText: string, ownText: string): string {
  const [shipped, own] = [record(shippedText), record(ownText)];
  const { extends: base, omit = [], outputs = [], ...rest } = own;
  if (base !== shipped['proxy']) {
    throw refuse(`"extends" must be ${JSON.stringify(shipped['proxy'])}, the pack of the chosen proxy`);
  }
  if (!isList(omit) || !isList(outputs)) throw refuse('"omit" and "outputs" must be lists');
  const kept = listOf(shipped['outputs']).filter((output) => !omit.includes(pathOf(output)));
  const known = new Set(listOf(shipped['outputs']).map(pathOf));
  const wrong = omit.find((path) => !known.has(path));
  if (wrong !== undefined) throw refuse(`"omit" names ${JSON.stringify(wrong)}, which the shipped pack does not write`);
  const replaced = new Map([...kept, ...outputs].map((output) => [pathOf(output) ?? output, output]));
  return JSON.stringify({ ...shipped, ...rest, outputs: [...replaced.values()] });
}

/** The templates that the outputs of a `pack.json` name. */
export function templatesOf(text: string | undefined): ReadonlySet<string> {
  try {
    const templates = listOf(record(text ?? '{}')['outputs']).map((output) => isRecord(output) && output['template']);
    return new Set(templates.filter((template) => typeof template === 'string'));
  } catch {
    return new Set();
  }
}

function pathOf(output: unknown): unknown {
  return isRecord(output) ? output['path'] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return isList(value) ? value : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function record(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value : {};
}

function refuse(message: string): PackError {
  return new PackError([{ file: 'pack.json', line: 1, column: 1, message }]);
}

import { HARMLESS } from '../features/snippets/read.ts';
import type { SnippetGrant, SnippetPolicy } from '../model/snippet-policy.ts';
import type { Parsed } from './values.ts';

const GRANT = /^(\*|[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)(?:=([a-z_]+(?:,[a-z_]+)*))?$/;

/** `shop;team=add_header,return`: namespaces, each with the directives that its snippets may use, or those that do no harm. */
export function snippetPolicy(text: string): Parsed<SnippetPolicy> {
  const grants: SnippetGrant[] = [];
  for (const item of text.split(';').map((part) => part.trim())) {
    if (item === '') continue;
    const [, namespace, list = ''] = GRANT.exec(item) ?? [];
    if (namespace === undefined) return wrong(item, 'expected NAMESPACE or NAMESPACE=directive,…');
    const directives = list === '' ? [] : list.split(',');
    const unknown = directives.find((name) => !HARMLESS.includes(name));
    if (unknown !== undefined) return wrong(unknown, `expected directives of ${HARMLESS.join(', ')}`);
    grants.push({ namespace, directives });
  }
  return { ok: true, value: grants };
}

function wrong(text: string, expected: string): Parsed<never> {
  return { ok: false, problem: `${expected}, got ${JSON.stringify(text)}` };
}

import { isHeaderSafe, isRequestVariable, piecesOf } from '../../model/request-variables.ts';
import type { Grammar } from '../annotation.ts';
import { bad, matching } from '../grammar.ts';

/** Variables of ingress-nginx that say where a request goes; they are known when the configuration is made. */
const OWN = ['namespace', 'ingress_name', 'service_name', 'service_port'];

const PLAIN = matching(/^[-._~a-zA-Z0-9:${}[\]]+$/, 'the name of a host, with or without a port and variables');

/** A host, as in `$service_name.$namespace.svc.cluster.local:$service_port`. */
export const upstreamHost: Grammar<string> = (text) => {
  const plain = PLAIN(text);
  if (!plain.ok) return plain;
  const pieces = piecesOf(plain.value);
  const stray = pieces?.some((piece) => 'text' in piece && /[{}]/.test(piece.text));
  if (pieces === undefined || stray === true) return bad('holds a $ or a brace that belongs to no variable');
  const unknown = pieces.find((piece) => 'variable' in piece && !isKnown(piece.variable));
  return unknown === undefined ? plain : bad('names a variable that says nothing about the request or its Service');
};

function isKnown(variable: string): boolean {
  return OWN.includes(variable) || (isRequestVariable(variable) && isHeaderSafe(variable));
}

/** Puts values in the place of the variables that are named; others stay. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  const pieces = piecesOf(text) ?? [];
  const texts = pieces.map((piece) => {
    if ('text' in piece) return piece.text;
    return values[piece.variable] ?? `\${${piece.variable}}`;
  });
  return texts.join('');
}

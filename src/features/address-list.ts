import type { AddressList } from '../model/route-features/access.ts';
import { compareText } from '../model/refs.ts';
import type { Annotation, Grammar } from './annotation.ts';
import { bad, cidrs, good } from './grammar.ts';

/** Of one annotation: more would make every request slow, and the configuration long. */
const MOST = 2000;

/**
 * IP addresses and CIDRs with commas between them. Empty items are passed over, a list of nothing else is refused: it would
 * say neither "nobody" nor "everybody". https://github.com/kubernetes/ingress-nginx/blob/main/internal/net/ipnet.go
 */
export const addressList: Grammar<AddressList> = (text) => {
  const parsed = cidrs(text);
  if (!parsed.ok) return parsed;
  if (parsed.value.length === 0) return bad('names no address');
  if (parsed.value.length > MOST) return bad(`holds more than ${MOST} addresses`);
  return good(toAddressList(parsed.value));
};

/** Of parsed addresses and CIDRs. */
export function toAddressList(items: readonly string[]): AddressList {
  const all = [...new Set(items)].sort(compareText);
  return { v4: all.filter((item) => !item.includes(':')), v6: all.filter((item) => item.includes(':')) };
}

export const ADDRESSES = {
  grammar: addressList,
  syntax: 'IP addresses and CIDRs, with commas between them',
} satisfies Pick<Annotation<AddressList>, 'grammar' | 'syntax'>;

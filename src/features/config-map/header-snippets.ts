import type { Snippets } from '../../model/route-features/snippets.ts';
import { differs, type Grammar } from '../annotation.ts';
import { bad, good } from '../grammar.ts';
import { readSnippet } from '../snippets/read.ts';
import { headerValue } from './grammars.ts';
import type { SettingReader } from './reader.ts';
import type { Setting } from './setting.ts';

type AddedHeaders = Snippets['addHeaders'];

/** What snippets of a ConfigMap say of headers, and nothing else: that much is the same on every proxy. */
interface HeaderSnippet {
  readonly headers: readonly Pick<AddedHeaders[number], 'name' | 'value'>[];
  readonly hidden: readonly string[];
}

const DIRECTIVES = ['more_set_headers', 'add_header', 'more_clear_headers', 'proxy_hide_header'];

const headerSnippet: Grammar<HeaderSnippet> = (text) => {
  const parsed = readSnippet(text, 'location', DIRECTIVES);
  if (!parsed.ok) return bad(`is more than ${DIRECTIVES.join(', ')}: put it into a partial of templates of your own`);
  const { addHeaders, hideHeaders } = parsed.value;
  const headers: HeaderSnippet['headers'][number][] = [];
  for (const { name, value } of addHeaders) {
    const taken = headerValue(value);
    if (!taken.ok) return bad(`has the header ${name}, which ${taken.problem}`);
    headers.push({ name, value: taken.value });
  }
  const set = new Set(headers.map(({ name }) => name.toLowerCase()));
  return good({ headers, hidden: hideHeaders.filter((name) => !set.has(name.toLowerCase())) });
};

const HEADERS_ONLY = differs(
  'headers of answers only (`more_set_headers`, `add_header`, `more_clear_headers`, `proxy_hide_header`), on answers of every status; anything else goes into templates of your own: sluice pack init, --templates',
);

export const HEADER_SNIPPETS: readonly Setting<HeaderSnippet>[] = ['http', 'server', 'location'].map((place) => ({
  key: `${place}-snippet`,
  grammar: headerSnippet,
  syntax: 'directives of nginx',
  fallback: '',
  about: `Configuration of nginx for its level ${place}.`,
  nginx: HEADERS_ONLY,
  haproxy: HEADERS_ONLY,
}));

/** Of the same name, that of the innermost level counts. */
export function readHeaderSnippets(values: SettingReader): HeaderSnippet {
  const found = HEADER_SNIPPETS.flatMap((setting) => values.get(setting) ?? []);
  return {
    headers: found.flatMap(({ headers }) => headers),
    hidden: found.flatMap(({ hidden }) => hidden),
  };
}

import { differs, type Annotation, type Grammar, type Parsed } from './annotation.ts';
import type { Family } from './family.ts';
import { bad, good, inOneWord, serverName } from './grammar.ts';
import { patternProblem } from './pcre.ts';
import { quoteText } from '../model/diagnostics.ts';

const LABEL = '[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);
const LONGEST_NAME = 253;

const names: Grammar<readonly string[]> = (text) => {
  const items = text.split(',').map((item) => item.trim());
  const parsed = items.filter((item) => item !== '').map(oneName);
  const wrong = parsed.find((item) => !item.ok);
  return wrong ?? good([...new Set(parsed.flatMap((item) => (item.ok ? [item.value] : [])))]);
};

const anyName = inOneWord(serverName);

function oneName(text: string): Parsed<string> {
  const parsed = anyName(text.startsWith('*.') ? text.slice(2) : text);
  if (!parsed.ok) return bad(`holds ${quoteText(text)}, which ${parsed.problem}`);
  if (text.startsWith('~')) {
    const problem = text === '~' ? 'is empty' : patternProblem(text.slice(1));
    return problem === undefined ? good(text) : bad(`holds ${quoteText(text)}, which ${problem}`);
  }
  const name = text.toLowerCase();
  if (NAME.test(name) && name.length <= LONGEST_NAME) return good(name);
  return bad(`holds ${quoteText(text)}, which is no host name, *.NAME or ~REGEX`);
}

const OTHER_FORMS = 'the forms .NAME and NAME.* are refused, and a name belongs to the oldest host that has it';

const SERVER_ALIAS: Annotation<readonly string[]> = {
  key: 'server-alias',
  grammar: names,
  syntax: 'host names, *.NAME or ~REGEX, with commas between them',
  fallback: 'no other name',
  scope: 'host',
  risk: 'High',
  about:
    'Other names of the host. A name that is a host of its own stays that; of several Ingresses of a host, the oldest that has the annotation counts.',
  nginx: differs(OTHER_FORMS),
  haproxy: differs(
    `${OTHER_FORMS}; over TLS, a name that only *.NAME or ~REGEX covers is served when the certificate of the host names it`,
  ),
};

export const HOSTS: Family = {
  name: 'hosts',
  about: 'Other names of a host.',
  annotations: [SERVER_ALIAS],
  read: (annotations) => {
    const aliases = annotations.get(SERVER_ALIAS) ?? [];
    return aliases.length === 0 ? {} : { host: { aliases } };
  },
};

import type { SnippetLine, Snippets } from '../../model/route-features/snippets.ts';
import { fillIn } from '../headers/upstream-vhost.ts';

/** Puts what is known when the configuration is made in the place of its variables, such as `$service_name`. */
export function fillSnippet(snippets: Snippets, values: Readonly<Record<string, string>>): Snippets {
  const fill = <T extends { readonly value: string }>(header: T): T => ({
    ...header,
    value: fillIn(header.value, values),
  });
  return {
    ...snippets,
    addHeaders: snippets.addHeaders.map(fill),
    requestHeaders: snippets.requestHeaders.map(fill),
    lines: snippets.lines.map((line) => fillLine(line, values)),
  };
}

function fillLine(line: SnippetLine, values: Readonly<Record<string, string>>): SnippetLine {
  switch (line.type) {
    case 'return':
      return line.text === undefined ? line : { ...line, text: fillIn(line.text, values) };
    case 'if':
      return {
        ...line,
        operand: line.isPattern ? line.operand : fillIn(line.operand, values),
        lines: line.lines.map((inner) => fillLine(inner, values)),
      };
    case 'rewrite':
    case 'words':
      return line;
  }
}

/** Headers of the snippet of a host, under those of a route: of the same name, that of the route counts. */
export function withHeadersOf(host: Snippets, route: Snippets | undefined): Snippets {
  const own = route ?? { addHeaders: [], hideHeaders: [], requestHeaders: [], lines: [] };
  const lower = (headers: readonly { readonly name: string }[]): readonly string[] =>
    headers.map(({ name }) => name.toLowerCase());
  const [answers, requests] = [lower(own.addHeaders), lower(own.requestHeaders)];
  const hidden = new Map([...host.hideHeaders, ...own.hideHeaders].map((name) => [name.toLowerCase(), name]));
  return {
    ...own,
    addHeaders: [...host.addHeaders.filter(({ name }) => !answers.includes(name.toLowerCase())), ...own.addHeaders],
    requestHeaders: [
      ...host.requestHeaders.filter(({ name }) => !requests.includes(name.toLowerCase())),
      ...own.requestHeaders,
    ],
    hideHeaders: [...hidden.values()],
  };
}

/** Whether there is something in it that locations have to say again, as nginx hands nothing down where they say more. */
export function hasHeaders({ addHeaders, hideHeaders, requestHeaders }: Snippets): boolean {
  return addHeaders.length + hideHeaders.length + requestHeaders.length > 0;
}

import { quoteText } from '../../model/diagnostics.ts';
import { isRequestVariable } from '../../model/request-variables.ts';
import { compareText } from '../../model/refs.ts';
import type { AuthCache } from '../../model/route-features/external-auth.ts';
import type { Grammar } from '../annotation.ts';
import { bad, good, headerNames, matching, nginxVariables, urlWithVariables } from '../grammar.ts';
import { urlProblem } from '../remote-url.ts';

export type Durations = AuthCache['durations'][number];

/** With braces, which a variable may have around its name. */
const withVariables: Grammar<string> = (text) => {
  const plain = urlWithVariables(text.replaceAll(/[{}]/g, ''));
  if (!plain.ok) return plain;
  const value = text.trim();
  const problem = urlProblem(value);
  return problem === undefined ? good(value) : bad(problem);
};

/** `https://host/start`, or a path of the own host; no other scheme, as that of a script. */
export const signinUrl: Grammar<string> = (text) => {
  const plain = withVariables(text);
  if (!plain.ok) return plain;
  const isUrl = /^(?:https?|\$scheme|\$pass_access_scheme):\/\/[^/?]|^\/(?!\/)/.test(plain.value);
  return isUrl ? plain : bad('is no URL with http:// or https://, and no path');
};

export const redirectParameter = matching(/^[-._~a-zA-Z0-9/:,]+$/, 'the name of a parameter of a URL');

export const requestRedirect: Grammar<string> = withVariables;

/** Headers that only the proxy can set, or sets itself. */
const OWN =
  /^(?:host|connection|keep-alive|te|trailer|transfer-encoding|content-length|upgrade|proxy|x-request-id|x-real-ip|x-scheme|x-original-forwarded-for|x-forwarded-(?:for|host|port|proto|scheme|prefix))$/i;

export const headerList: Grammar<readonly string[]> = (text) => {
  const plain = headerNames(text);
  if (!plain.ok) return plain;
  const names = plain.value.split(',').flatMap((name) => (name.trim() === '' ? [] : name.trim()));
  const wrong = names.find((name) => !/^[A-Za-z\d_-]{1,64}$/.test(name));
  if (wrong !== undefined) return bad(`holds ${quoteText(wrong)}, which is no name of a header`);
  const own = names.find((name) => OWN.test(name));
  if (own !== undefined) return bad(`holds ${own}, which the proxy sets itself`);
  const byVariable = new Map(names.map((name) => [name.toLowerCase().replaceAll('-', '_'), canonical(name)]));
  return byVariable.size > 50
    ? bad('holds more than 50 names')
    : good([...byVariable.values()].sort((left, right) => compareText(left, right)));
};

/** Upper and lower case mean the same; templates know this one by its usual name. */
function canonical(name: string): string {
  return name.toLowerCase() === 'authorization' ? 'Authorization' : name;
}

const isKeyVariable = (name: string): boolean => isRequestVariable(name) || name === 'remote_user';

export const cacheKey: Grammar<string> = (text) => {
  const plain = nginxVariables(text.replaceAll(' ', ''));
  if (!plain.ok) return plain;
  const problem = urlProblem(plain.value, isKeyVariable);
  return problem === undefined ? plain : bad(problem);
};

const CODE = /^(?:[1-5]\d\d|any)$/;
/** https://nginx.org/en/docs/syntax.html; no `ms`, which nginx refuses here. */
const TIME = /^\d{1,6}[smhdwMy]$/;
/** After a code, a number is one of seconds, as in nginx; alone it would look like a code. */
const SECONDS = /^\d{1,6}$/;

/** `200 202 10m, 401 5m` (ingress-nginx, annotations/authreq ParseStringToCacheDurations). */
export const cacheDurations: Grammar<readonly Durations[]> = (text) => {
  const items = text.split(',').flatMap((item) => (item.trim() === '' ? [] : item.trim()));
  const found = items.map(durationOf);
  const wrong = found.findIndex((item) => item === undefined);
  if (wrong !== -1) return bad(`holds ${quoteText(items[wrong] ?? '')}, which is not status codes and a time`);
  return found.length > 20 ? bad('holds more than 20 items') : good(found.filter((item) => item !== undefined));
};

function durationOf(text: string): Durations | undefined {
  const words = text.split(/ +/);
  const time = words.pop() ?? '';
  const isTime = TIME.test(time) || (words.length > 0 && SECONDS.test(time));
  return isTime && words.length <= 50 && words.every((word) => CODE.test(word)) ? { codes: words, time } : undefined;
}

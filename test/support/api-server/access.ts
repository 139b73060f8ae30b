import type { RequestRecord } from './route.ts';
import { Failure } from './status.ts';

/** Requests of which all that is given here is true. */
export interface RequestRule {
  readonly verb?: string;
  /** Plural; with subresource: `ingresses/status`. */
  readonly resource?: string;
  /** Empty: the core group. */
  readonly group?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export interface GrantRule {
  readonly apiGroups: readonly string[];
  /** With subresources: `ingresses/status`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
  /** Bound in these; left out: in all, and for cluster-scoped requests. */
  readonly namespaces?: readonly string[];
}

/** Who is let in, and to what. */
export class Access {
  /** Bearer tokens; none: anyone is let in. */
  readonly tokens: Set<string>;
  readonly #user: string;
  #denied: RequestRule[] = [];
  #granted: readonly GrantRule[] | undefined;

  constructor(user: string, tokens: Iterable<string>) {
    this.#user = user;
    this.tokens = new Set(tokens);
  }

  deny(rule: RequestRule): void {
    this.#denied.push(rule);
  }

  /** Nothing but this from now on. */
  grant(rules: readonly GrantRule[]): void {
    this.#granted = rules;
  }

  allowAll(): void {
    this.#denied = [];
    this.#granted = undefined;
  }

  /** @throws Failure 401 or 403 */
  check(request: RequestRecord, authorization: string | undefined): void {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    // Health and version are for anyone who shows no wrong token.
    const open = request.resource === '' && token === undefined;
    if (this.tokens.size > 0 && !open && !this.tokens.has(token ?? '')) throw new Failure(401, 'Unauthorized');
    this.authorize(request);
  }

  /** @throws Failure 403 */
  authorize(request: RequestRecord): void {
    if (request.resource === '' || this.#may(request)) return;
    throw forbidden(request, this.#user);
  }

  #may(request: RequestRecord): boolean {
    if (this.#denied.some((rule) => applies(rule, request))) return false;
    return this.#granted === undefined || this.#granted.some((rule) => grants(rule, request));
  }
}

export function applies(rule: RequestRule, request: RequestRecord): boolean {
  return (
    (rule.verb === undefined || rule.verb === request.verb) &&
    (rule.resource === undefined || rule.resource === fullResource(request)) &&
    (rule.group === undefined || rule.group === request.group) &&
    (rule.namespace === undefined || rule.namespace === request.namespace) &&
    (rule.name === undefined || rule.name === request.name)
  );
}

function grants(rule: GrantRule, request: RequestRecord): boolean {
  const names = rule.resourceNames ?? [];
  return (
    includes(rule.apiGroups, request.group) &&
    includes(rule.resources, fullResource(request)) &&
    includes(rule.verbs, request.verb) &&
    (names.length === 0 || (request.name !== undefined && names.includes(request.name))) &&
    (rule.namespaces === undefined || (request.namespace !== undefined && rule.namespaces.includes(request.namespace)))
  );
}

function includes(list: readonly string[], value: string): boolean {
  return list.includes(value) || list.includes('*');
}

function fullResource({ resource, subresource }: RequestRecord): string {
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

function forbidden(request: RequestRecord, user: string): Failure {
  const { verb, group, resource, namespace, name } = request;
  const id = group === '' ? resource : `${resource}.${group}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `cannot ${verb} resource "${fullResource(request)}" in API group "${group}" ${where}`;
  const subject = name === undefined ? id : `${id} "${name}"`;
  const details = {
    ...(name === undefined ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  };
  return new Failure(403, `${subject} is forbidden: User "${user}" ${what}`, { details });
}

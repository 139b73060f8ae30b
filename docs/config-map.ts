import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as prettier from 'prettier';
import { COMPAT_DEFAULTS, COMPAT_TABLE, type CompatFlag } from '../src/cli/compat/table.ts';
import type { Support } from '../src/features/annotation.ts';
import { SETTING_GROUPS } from '../src/features/config-map/registry.ts';
import type { Setting, SettingGroup } from '../src/features/config-map/setting.ts';

/*
 * `node docs/config-map.ts`: writes config-map.md from what src/features/config-map says of every key.
 */

const PAGE = join(import.meta.dirname, 'config-map.md');

export async function pageOfConfigMap(): Promise<string> {
  const text = `${INTRODUCTION}\n\n${SETTING_GROUPS.map(describeGroup).join('\n\n')}\n\n${describeFlags()}`;
  return prettier.format(text, { ...(await prettier.resolveConfig(PAGE)), parser: 'markdown' });
}

const INTRODUCTION = `# The ConfigMap

Written by \`node docs/config-map.ts\` from \`src/features/config-map\`: do not edit it.

\`--configmap NAMESPACE/NAME\` names a ConfigMap with the keys of ingress-nginx v1.15, for \`run\`, \`render\`, \`check\` and the
others. It is live: a change of it, or of what it names, becomes a new configuration like a change of an Ingress.

**What holds without a key.** The flags of sluice and its own defaults. With \`--compat ingress-nginx\`, the defaults of
ingress-nginx below hold instead, even when there is no ConfigMap at all: HSTS is on, answers are not buffered, redirects to https
lose a slash at the end, the access log has the format of ingress-nginx, annotations of the risk Critical are refused; hosts
without a certificate are served over TLS with one that \`sluice run\` makes at its start. Where sluice keeps its own default even
then, the table says why.

**What is wrong.** A value that its key does not take is told with the diagnostic \`InvalidSetting\`, and the default of
ingress-nginx holds for it; an unknown key is the warning \`UnknownSetting\`. A key that the proxy cannot honour is told with
\`SettingUnsupported\`, unless it says what is the case anyway. None of it stops anything else.

**Variables.** A value never reaches the proxy as configuration. In \`log-format-upstream\`, \`add-headers\` and
\`proxy-set-headers\`, variables of nginx that describe the request, and those of ingress-nginx (\`$req_id\`, \`$namespace\`,
\`$ingress_name\`, \`$service_name\`, \`$service_port\`, \`$location_path\`, \`$proxy_upstream_name\`,
\`$proxy_alternative_upstream_name\`), stand for their values on both proxies; any other one is refused.

A key is \`honoured\` when it does what it does in ingress-nginx.`;

const FLAGS = `## Flags of ingress-nginx

With \`--compat ingress-nginx\` (or \`SLUICE_COMPAT\`), \`sluice run\` takes the arguments of a Deployment of ingress-nginx as they are,
and its variables \`POD_NAME\` and \`POD_NAMESPACE\`; a command line that begins with \`/nginx-ingress-controller\` says so by itself.
Flags and variables of sluice (\`--proxy haproxy\`, \`SLUICE_MANAGE\`) may stand among them, and go before the defaults below. What a
flag cannot do here is logged at the start; a warning means that something is lost.

One difference shows without a flag: there is no certificate of ingress-nginx's own. Without \`--default-ssl-certificate\`, handshakes
for hosts without a certificate are refused.`;

function describeFlags(): string {
  const rows = Object.entries(COMPAT_TABLE).map(([name, flag]) => `| \`--${name}\` | ${cell(flagTold(flag))} |`);
  const defaults = Object.entries(COMPAT_DEFAULTS).map(([name, value]) => `\`--${name} ${value}\``);
  return `${FLAGS}\n\nDefaults: ${defaults.join(', ')}.\n\n| Flag | Here |\n| --- | --- |\n${rows.join('\n')}\n`;
}

function flagTold({ to, notice, isLoss }: CompatFlag): string {
  const names = Object.keys(to?.('true') ?? {}).map((name) => `\`--${name}\``);
  if (notice === undefined) return names.join(', ');
  return `${isLoss === true ? 'not supported' : 'nothing to do'}: ${notice}`;
}

function describeGroup({ name, settings }: SettingGroup): string {
  const rows = settings.map(row).join('\n');
  return `## ${name}\n\n| Key | Takes, and without it | nginx | HAProxy |\n| --- | --- | --- | --- |\n${rows}\n`;
}

function row({ key, about, syntax, fallback, keeps, nginx, haproxy }: Setting<unknown>): string {
  const usual = fallback === '' ? 'nothing' : `\`${fallback}\``;
  const kept = keeps === undefined ? '' : ` With --compat, too, sluice keeps its own default: ${keeps}.`;
  const takes = `${about} ${capital(syntax)}; ${usual}.${kept}`;
  return `| \`${key}\` | ${cell(takes)} | ${cell(told(nginx))} | ${cell(told(haproxy))} |`;
}

function told(support: Support): string {
  if (support.status === 'honoured') return 'honoured';
  if (support.status !== 'gated') return `${support.status}: ${support.note}`;
  const need = support.since === undefined ? `with the module ${support.module ?? ''}` : `since ${support.since}`;
  return `honoured ${need}; otherwise ${support.below}: ${support.note}`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(PAGE, await pageOfConfigMap());

import { STATUSES, VERDICTS, type AuditedIngress, type AuditReport, type Status } from './report.ts';

/**
 * One page that needs nothing else: no network, and no JavaScript but for the filter. All text goes through `escape`, the
 * only thing that makes HTML of it; a policy keeps the page from loading or sending anything all the same.
 */
export function toHtml(report: AuditReport): string {
  const { proxy, summary, ingresses } = report;
  const namespaces = [...new Set(ingresses.map(({ namespace }) => namespace))].sort();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>sluice audit</title>
<style>${STYLE}</style>
</head>
<body>
<h1>What a move to sluice on ${escape(proxy.name)} ${escape(proxy.version)} changes</h1>
<p class="sum">${summary.ingresses} ${summary.ingresses === 1 ? 'Ingress' : 'Ingresses'}: ${VERDICTS.map((verdict) => `${badge(verdict)} ${summary.verdicts[verdict]}`).join(' ')}</p>
${keySection(report)}
<h2>Ingresses</h2>
<p id="filter" hidden><label>Namespace <select><option value="">all</option>${namespaces.map((name) => `<option>${escape(name)}</option>`).join('')}</select></label>
<label>Text <input type="search"></label></p>
${ingresses.map(ingressSection).join('\n')}
${listSection(
  'Besides Ingresses',
  report.general.map(({ severity, code, object, field, note }) => `${severity} ${code} ${object} ${field}: ${note}`),
)}
${listSection('Secrets that were not read: what is in them is not judged', report.unread)}
${listSection(
  'Ingresses of others',
  report.ignored.map(({ namespace, name, reason }) => `${namespace}/${name}: ${reason}`),
)}
<h2>Words</h2>
<dl>${STATUSES.map((status) => `<dt>${badge(status)}</dt><dd>${escape(MEANING[status])}</dd>`).join('')}</dl>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const MEANING: Readonly<Record<Status, string>> = {
  closed: 'the routes answer 503: what guards them cannot be honoured',
  lost: 'not served, or without effect',
  wrong: 'the value is refused, and the default holds',
  differs: 'honoured, with the difference that is stated',
  unread: 'it depends on a Secret that was not read',
  unknown: 'no annotation of ingress-nginx; ignored',
  same: 'a fault, or a surprise, that ingress-nginx has, too',
  unused: 'it has no effect where it is',
  honoured: 'as with ingress-nginx',
};

function keySection({ keys }: AuditReport): string {
  if (keys.length === 0) return '';
  const rows = keys.map(
    ({ key, ingresses, status, since, note }) =>
      `<tr><td><code>${escape(key)}</code></td><td>${badge(status)}${escape(since === '' ? '' : ` from ${since}`)}</td><td>${ingresses}</td><td>${escape(note)}</td></tr>`,
  );
  const head = '<tr><th>Annotation</th><th>Status</th><th>Ingresses</th><th>Note</th></tr>';
  return `<h2>Annotations in use</h2>\n<table>${head}\n${rows.join('\n')}\n</table>`;
}

function ingressSection({ namespace, name, verdict, hosts, annotations, problems, quirks }: AuditedIngress): string {
  const rows = [
    ...annotations.map(({ key, status, since, note }) =>
      row(status, key, since === '' ? note : `from ${since}: ${note}`),
    ),
    ...problems.map(({ code, field, status, note }) => row(status, `${field} ${code}`, note)),
    ...quirks.map(({ id, status, note }) => row(status, id, note)),
  ];
  const open = verdict === 'honoured' || verdict === 'differs' ? '' : ' open';
  const title = `${badge(verdict)} <b>${escape(`${namespace}/${name}`)}</b> ${escape(hosts.join(' '))}`;
  const body = rows.length === 0 ? '<p>nothing to say</p>' : `<table>${rows.join('')}</table>`;
  return `<details${open} data-namespace="${escape(namespace)}"><summary>${title}</summary>${body}</details>`;
}

function row(status: Status, what: string, note: string): string {
  return `<tr><td>${badge(status)}</td><td><code>${escape(what)}</code></td><td>${escape(note)}</td></tr>`;
}

function listSection(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  return `<h2>${escape(title)}</h2>\n<ul>${items.map((item) => `<li>${escape(item)}</li>`).join('')}</ul>`;
}

function badge(status: Status): string {
  return `<span class="badge ${status}">${status}</span>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Also characters that show in another order or not at all. https://trojansource.codes */
function escape(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? '')
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

const STYLE = `
body{font:15px/1.45 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1rem}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #d8dee4}
td:first-child{white-space:nowrap}td:last-child{overflow-wrap:anywhere}summary{cursor:pointer;padding:.2rem 0}dt{float:left;clear:left;width:7rem}dd{margin:0 0 .3rem 7rem}
.badge{display:inline-block;border-radius:.6rem;padding:0 .5rem;font-size:.85em;background:#e6eaef;color:#1b1f24}
.closed{background:#8b0000;color:#fff}.lost{background:#c62f2f;color:#fff}.wrong{background:#b75501;color:#fff}.differs{background:#f2cf63}.unread,.unknown{background:#cfe2ff}.honoured{background:#bfe5c7}
`;

const SCRIPT = `
const bar=document.getElementById('filter');const [select,input]=[bar.querySelector('select'),bar.querySelector('input')];
const filter=()=>{const text=input.value.toLowerCase();for(const item of document.querySelectorAll('details'))
item.hidden=(select.value!==''&&item.dataset.namespace!==select.value)||!item.textContent.toLowerCase().includes(text)};
select.addEventListener('change',filter);input.addEventListener('input',filter);bar.hidden=false;
`;

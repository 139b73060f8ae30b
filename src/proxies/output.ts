const CUT = '…\n';

/** Keeps the last characters of a text that may be endless, in bounded memory. */
export class OutputTail {
  readonly #limit: number;
  #text = '';
  #cut = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(text: string): void {
    this.#text += text;
    if (this.#text.length <= 2 * this.#limit) return;
    this.#text = this.#text.slice(-this.#limit);
    this.#cut = true;
  }

  text(): string {
    const cut = this.#cut || this.#text.length > this.#limit;
    const plain = withoutKeys(plainText(this.#text.slice(-this.#limit))).trim();
    return cut ? CUT + plain : plain;
  }
}

/** Output of a program is untrusted: it loses terminal sequences and every control character except for the newline. */
export function plainText(text: string): string {
  return text.replace(TERMINAL_SEQUENCE, '').replace(CONTROL_CHARACTER, ' ');
}

const TERMINAL_SEQUENCE = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

/** What looks like the content of a PEM file, or of a list of users, is left out: a checker may quote what it cannot read. */
export function withoutKeys(text: string): string {
  return text
    .replace(PEM_BLOCK, REDACTED)
    .replace(PEM_END, REDACTED)
    .replace(BASE64_LINE, redactMixed)
    .replace(BASE64_RUN, redactMixed)
    .replace(PASSWORD, REDACTED);
}

const REDACTED = '[redacted]';

/** Up to its end, or to that of the text. */
const PEM_BLOCK = /-----BEGIN [A-Z0-9 ]+-----[^]*?(?:-----END [A-Z0-9 ]+-----|$)/g;

/** The rest of a block whose beginning was cut off. */
const PEM_END = /(?:^[A-Za-z0-9+/=]+\n)*-----END [A-Z0-9 ]+-----/gm;

/** A part of a block of which neither end is there. */
const BASE64_LINE = /^[A-Za-z0-9+/]{40,}={0,2}$/gm;

/** Not a path, which begins with a slash, nor a part of one. */
const BASE64_RUN = /(?<![\w+/.=-])(?!\/)[A-Za-z0-9+/]{60,}={0,2}/g;

/** A hash as crypt(3) or htpasswd writes it; what stands behind the words of HAProxy's userlist. */
const PASSWORD =
  /\$(?:apr1|1|2[abxy]|5|6|g?y)\$[./0-9A-Za-z$=,]{8,}|\{(?:S?SHA|PLAIN)\}\S+|(?<=\bpassword )'(?:[^'\n]|'\\'')*'?/g;

/** Hashes and lines that separate have letters of one case only. */
function redactMixed(run: string): string {
  return /[a-z]/.test(run) && /[A-Z]/.test(run) ? REDACTED : run;
}

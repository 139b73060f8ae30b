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
    const plain = plainText(this.#text.slice(-this.#limit)).trim();
    return cut ? CUT + plain : plain;
  }
}

/** Output of a program is untrusted: it loses terminal sequences and every control character except for the newline. */
export function plainText(text: string): string {
  return text.replace(TERMINAL_SEQUENCE, '').replace(CONTROL_CHARACTER, ' ');
}

const TERMINAL_SEQUENCE = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

import { createServer, type Socket } from 'node:net';

/** https://fastcgi-archives.github.io/FastCGI_Specification.html#S8 */
const [BEGIN, END, PARAMETERS, INPUT, OUTPUT] = [1, 3, 4, 5, 6] as const;

export interface FastCgiServer {
  readonly close: () => Promise<void>;
}

/** A FastCGI application on loopback that answers each request with its parameters, as JSON. */
export async function startFastCgi(port: number): Promise<FastCgiServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    answerRequests(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { close };
}

function answerRequests(socket: Socket): void {
  let rest = Buffer.alloc(0);
  let parameters = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const [, type = 0, , , , , padding = 0] = rest;
      const [id, length] = [rest.readUInt16BE(2), rest.readUInt16BE(4)];
      if (rest.length < 8 + length + padding) return;
      const content = rest.subarray(8, 8 + length);
      rest = rest.subarray(8 + length + padding);
      if (type === BEGIN) parameters = Buffer.alloc(0);
      if (type === PARAMETERS) parameters = Buffer.concat([parameters, content]);
      if (type === INPUT && length === 0) answer(socket, id, readParameters(parameters));
    }
  });
}

function answer(socket: Socket, id: number, parameters: Readonly<Record<string, string>>): void {
  const body = `Status: 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(parameters)}`;
  socket.write(Buffer.concat([record(OUTPUT, id, body), record(OUTPUT, id, ''), record(END, id, '\0'.repeat(8))]));
}

function record(type: number, id: number, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.from([1, type, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(id, 2);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function readParameters(bytes: Buffer): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let at = 0;
  const readLength = (): number => {
    const first = bytes[at] ?? 0;
    at += first < 0x80 ? 1 : 4;
    return first < 0x80 ? first : bytes.readUInt32BE(at - 4) & 0x7fffffff;
  };
  while (at < bytes.length) {
    const [name, value] = [readLength(), readLength()];
    found[bytes.toString('utf8', at, at + name)] = bytes.toString('utf8', at + name, at + name + value);
    at += name + value;
  }
  return found;
}

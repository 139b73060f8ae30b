import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createTcp, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { waitFor } from '../support/wait.ts';
import type { Reach } from './case.ts';

/* Endpoints that see when something arrives, and clients that say when something is sent. */

/** Less than what a case may take. */
const PATIENCE_MS = 20_000;
/** More than the kernel keeps for the connections on both sides of a proxy. */
const MORE_THAN_SOCKETS = 48 * 1024 ** 2;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function whileServing<T>(port: number, handler: Handler, use: () => Promise<T>): Promise<T> {
  return whileListening(createServer(handler), port, use);
}

async function whileListening<T>(server: Server, port: number, use: () => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use();
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** A client that has sent this and reads nothing; its socket is closed after `use`. */
async function whileSending<T>({ httpPort }: Reach, text: string, use: (socket: Socket) => Promise<T>): Promise<T> {
  const socket = connect(httpPort, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(text);
  try {
    return await use(socket);
  } finally {
    socket.destroy();
  }
}

/** Collects what comes from now on. */
function readAll(socket: Socket): () => Buffer {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  return () => Buffer.concat(chunks);
}

/** Sends the beginning of a body, and its end when `between` is over; `seen` tells what the endpoint has got of it. */
async function sendsInParts(reach: Reach, port: number, between: (seen: () => string) => Promise<void>): Promise<void> {
  let seen = '';
  const handler: Handler = (request, response) => {
    request.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    request.on('end', () => response.end('all of it'));
  };
  const head = `POST /parts HTTP/1.1\r\nhost: ${reach.host}\r\ncontent-length: 10\r\n\r\nfirst`;
  await whileServing(port, handler, () =>
    whileSending(reach, head, async (socket) => {
      await between(() => seen);
      const answer = readAll(socket);
      socket.write('after');
      await waitFor('the answer', () => answer().toString().includes('all of it'), PATIENCE_MS);
      assert.equal(seen, 'firstafter');
    }),
  );
}

/** The endpoint gets the beginning of a body before the client has sent the end. */
export async function passesBodiesOnAsTheyCome(reach: Reach, port: number): Promise<void> {
  await sendsInParts(reach, port, async (seen) => {
    await waitFor('the beginning of the body', () => seen() === 'first', PATIENCE_MS);
  });
}

/** The endpoint gets nothing of a body before the client has sent the end, though other requests come and go. */
export async function waitsForBodies(reach: Reach, port: number): Promise<void> {
  await sendsInParts(reach, port, async (seen) => {
    for (let turn = 0; turn < 5; turn += 1) assert.equal((await reach.send({})).body, 'all of it');
    assert.equal(seen(), '');
  });
}

/** The client gets the beginning of an answer before the endpoint has sent the end. */
export async function passesAnswersOnAsTheyCome(reach: Reach, port: number): Promise<void> {
  const waiting: ServerResponse[] = [];
  const handler: Handler = (_request, response) => {
    response.write('first');
    waiting.push(response);
  };
  await whileServing(port, handler, () =>
    whileSending(reach, `GET / HTTP/1.1\r\nhost: ${reach.host}\r\n\r\n`, async (socket) => {
      const answer = readAll(socket);
      await waitFor('the beginning', () => answer().toString().includes('first'), PATIENCE_MS);
      for (const response of waiting) response.end('after');
      await waitFor('the end', () => answer().toString().includes('after'), PATIENCE_MS);
    }),
  );
}

/** The endpoint is rid of a large answer of which the client has read nothing; then the client gets all of it. */
export async function takesAnswersInAdvance(reach: Reach, port: number): Promise<void> {
  let isRid = false;
  const handler: Handler = (_request, response) => {
    response.on('finish', () => (isRid = true));
    response.writeHead(200, { 'content-length': MORE_THAN_SOCKETS });
    response.end(Buffer.alloc(MORE_THAN_SOCKETS, 'x'));
  };
  await whileServing(port, handler, () =>
    whileSending(reach, `GET / HTTP/1.1\r\nhost: ${reach.host}\r\n\r\n`, async (socket) => {
      await waitFor('the endpoint to be rid of its answer', () => isRid, PATIENCE_MS);
      let length = 0;
      socket.on('data', (chunk: Buffer) => (length += chunk.length));
      socket.resume();
      await waitFor('all of the answer', () => length > MORE_THAN_SOCKETS, PATIENCE_MS);
    }),
  );
}

/** Runs something while an endpoint takes connections, and reads nothing of what comes. */
export async function whileNothingIsRead<T>(port: number, use: () => Promise<T>): Promise<T> {
  return whileListening(createTcp({ pauseOnConnect: true }), port, use);
}

/** Listens, and never accepts: its thread stands still. */
const NEVER_ACCEPTS = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { createServer } = require('node:net');
  createServer().listen({ ...workerData, host: '127.0.0.1' }, () => {
    parentPort.postMessage('listening');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/**
 * Runs something while connections to a port are neither made nor refused: Linux lets one more wait than the backlog
 * says, and throws away what asks for another.
 */
export async function whileConnectingHangs<T>(port: number, use: () => Promise<T>): Promise<T> {
  const backlog = 1;
  const worker = new Worker(NEVER_ACCEPTS, { eval: true, workerData: { port, backlog } });
  const waiting: Socket[] = [];
  try {
    await once(worker, 'message');
    while (waiting.length < backlog + 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      waiting.push(socket);
      await once(socket, 'connect');
    }
    return await use();
  } finally {
    for (const socket of waiting) socket.destroy();
    await worker.terminate();
  }
}

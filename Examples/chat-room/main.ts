// SPDX-License-Identifier: Apache-2.0
// Rooms in which everybody hears everybody: GET /ROOM?name=NAME as a WebSocket joins one, GET /ROOM tells who is there.

const NAME = /^[\p{L}\p{N} _-]{1,24}$/u;
const ROOM = /^\/([a-z0-9-]{1,32})$/;
const MOST_IN_A_ROOM = 50;
const LONGEST_MESSAGE = 2000;

// One isolate serves all, as long as this version is in service.
const rooms = new Map<string, Map<string, WebSocket>>();

function tell(room: Map<string, WebSocket>, message: object) {
  const text = JSON.stringify(message);
  for (const socket of room.values()) socket.send(text);
}

function join(roomName: string, name: string): WebSocket {
  const { 0: client, 1: server } = new WebSocketPair();
  const room = rooms.get(roomName) ?? new Map<string, WebSocket>();
  rooms.set(roomName, room);
  server.accept();
  room.set(name, server);
  tell(room, { joined: name, here: [...room.keys()] });

  server.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string' || data.length > LONGEST_MESSAGE) {
      server.close(1008, `messages are texts of at most ${LONGEST_MESSAGE} characters`);
    } else {
      tell(room, { from: name, says: data });
    }
  });
  server.addEventListener('close', () => {
    room.delete(name);
    if (room.size === 0) rooms.delete(roomName);
    else tell(room, { left: name });
  });
  return client;
}

export default {
  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    const roomName = ROOM.exec(pathname)?.[1];
    if (roomName === undefined) return new Response('rooms are /a-z0-9-\n', { status: 404 });
    const room = rooms.get(roomName);
    if (request.headers.get('upgrade') !== 'websocket') return Response.json({ here: [...(room?.keys() ?? [])] });

    const name = searchParams.get('name') ?? '';
    if (!NAME.test(name)) return new Response('?name= has 1 to 24 letters and digits\n', { status: 400 });
    if (room?.has(name)) return new Response(`somebody here is ${name} already\n`, { status: 409 });
    if (room !== undefined && room.size >= MOST_IN_A_ROOM) return new Response('the room is full\n', { status: 503 });
    return new Response(null, { status: 101, webSocket: join(roomName, name) });
  },
};

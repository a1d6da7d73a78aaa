// Socket.IO clients of the stock JavaScript library, driven by lines of JSON.
//
// Standard input:  {"call", "client", "do": "open", "url", "auth", "options"}
//                  {"call", "client", "do": "emit", "event", "args"}
//                  {"call", "client", "do": "transport"}, "session" (the Engine.IO id) and "close"
// Standard output: {"call", "result"} or {"call", "refused"} for each call, and
//                  {"client", "event", "args"} for all that a client hears.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const clients = new Map();

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

function open({ call, client: name, url, auth, options }) {
  const client = { socket: null, auth };
  // Asked again at every connection, so that the library's own reconnection brings the token.
  client.socket = io(url, { ...options, forceNew: true, auth: (give) => give(client.auth) });
  const { socket } = client;
  clients.set(name, client);
  let answered = false;
  const answer = (line) => {
    if (!answered) say({ call, ...line });
    answered = true;
  };
  socket.on("connect", () => {
    say({ client: name, event: "connect", args: [] });
    answer({ result: null });
  });
  socket.on("connect_error", (error) => answer({ refused: error.data ?? error.message }));
  socket.on("disconnect", (reason) => say({ client: name, event: "disconnect", args: [reason] }));
  socket.onAny((event, ...args) => say({ client: name, event, args }));
}

function emit({ call, client: name, event, args }) {
  const client = clients.get(name);
  client.socket.emit(event, ...args, (answer) => {
    if (event === "join" && answer.ok) client.auth = { token: answer.token };
    say({ call, result: answer });
  });
}

const actions = {
  open,
  emit,
  transport: ({ call, client }) =>
    say({ call, result: clients.get(client).socket.io.engine.transport.name }),
  session: ({ call, client }) => say({ call, result: clients.get(client).socket.io.engine.id }),
  close: ({ call, client }) => {
    clients.get(client).socket.disconnect();
    clients.delete(client);
    say({ call, result: null });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  actions[request.do](request);
}
process.exit(0);

// Node's socket.io: `node server.mjs PORT`; the messages come as JSON in the environment.
import { createServer } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { Server } from "socket.io";

const { ROOM, QUESTION, REPLY } = JSON.parse(process.env.BENCH_PROTOCOL);

const http = createServer();
const io = new Server(http, { serveClient: false });

io.on("connection", (socket) => {
  socket.join(ROOM);
  socket.on("answer", (_data, ack) => ack(REPLY));
  socket.on("broadcast", async (count, ack) => {
    for (let sent = 0; sent < count; sent += 1) {
      io.to(ROOM).emit("question", QUESTION);
      await turn();
    }
    ack(count);
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");

// What all servers of socket.io do; the messages come as JSON in the environment.
import { setImmediate as turn } from "node:timers/promises";

const { ROOM, QUESTION, REPLY } = JSON.parse(process.env.BENCH_PROTOCOL);

export function serve(io) {
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
}
